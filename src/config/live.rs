//! `live`: which sources are read, and what their channels are called elsewhere.

use super::field::{Field, listed};
use super::kind::{Kind, Refused, word};
use super::table::{Inside, Preset, Row};
use std::collections::BTreeMap;

/// Whether a source is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// As long as it is not refused; then it is tried again now and then.
    Auto,
    /// A refusal is a failure.
    On,
    Off,
}

const CHOICES: [(&str, Choice); 3] = [
    ("auto", Choice::Auto),
    ("on", Choice::On),
    ("off", Choice::Off),
];

pub(super) fn choice() -> Kind<Choice> {
    Kind::new(listed(CHOICES.map(|(word, _)| word)), |text| {
        let found = CHOICES.iter().find(|(word, _)| *word == text);
        // YAML of old takes the bare words for truth values, and people write them so.
        let found = found.map(|(_, choice)| *choice).or(match text {
            "true" => Some(Choice::On),
            "false" => Some(Choice::Off),
            _ => None,
        });
        found.ok_or_else(|| Refused::is(text))
    })
}

/// A mapping of texts to texts.
pub(super) fn channels(such_as: &'static str) -> Row<BTreeMap<String, String>> {
    let allowed = format!("a mapping of source ids to channels, such as `{such_as}`");
    let inside = Inside::Value {
        allowed: allowed.clone(),
        preset: Preset::Absent(such_as),
    };
    Row::new(inside, move |field: &Field<'_>| {
        if field.is_written() && !field.is_mapping() {
            field.refuse_kind(&allowed);
        }
        let of = |entry| {
            let channel = word().read(&field.of(entry))?;
            Some((entry.key.trim().to_owned(), channel))
        };
        Some(field.entries().iter().filter_map(of).collect())
    })
}
