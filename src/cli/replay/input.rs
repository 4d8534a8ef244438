//! A history: one finished conversation a line, sorted or not, gzipped or not.

use crate::store::{self, StoreError};
use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

/// 2100; what is later is not in seconds.
const LATEST_S: i64 = 4_102_444_800;

/// Why a history can't be replayed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreadable {
    #[error("can't be read")]
    Read(#[from] io::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("holds no offered conversation yet")]
    NothingStored,
    #[error("holds no conversation\nhint: one a line, such as {EXAMPLE}")]
    Empty,
    #[error("line {line}: {why}\nhint: such as {EXAMPLE}")]
    Line { line: usize, why: String },
}

const EXAMPLE: &str =
    r#"{"started": 1700000000, "ended": 1700000300, "queue": "Billing", "abandoned": false}"#;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    started: i64,
    ended: i64,
    #[serde(borrow)]
    account: Option<Cow<'a, str>>,
    #[serde(borrow)]
    channel: Option<Cow<'a, str>>,
    #[serde(borrow)]
    queue: Cow<'a, str>,
    abandoned: bool,
}

/// One conversation; names stand in [`History::names`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Contact {
    pub ended_s: i64,
    pub length_s: u32,
    pub account: u32,
    pub channel: u32,
    pub queue: u32,
    pub abandoned: bool,
}

/// Conversations in the order of their ends.
#[derive(Debug, Default)]
pub(super) struct History {
    pub contacts: Vec<Contact>,
    names: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, u32>,
}

impl History {
    pub(super) fn name(&self, number: u32) -> &Arc<str> {
        &self.names[number as usize]
    }

    fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let (name, number): (Arc<str>, u32) = (name.into(), self.names.len() as u32);
        self.names.push(Arc::clone(&name));
        self.numbers.insert(name, number);
        number
    }

    fn take(&mut self, text: &str) -> Result<(), String> {
        let line: Line = serde_json::from_str(text).map_err(|error| wrong(text, &error))?;
        for (name, at_s) in [("started", line.started), ("ended", line.ended)] {
            if !(0..LATEST_S).contains(&at_s) {
                return Err(format!(
                    "`{name}` is {at_s}, allowed are seconds since 1970 in UTC, up to 2099"
                ));
            }
        }
        if line.ended < line.started {
            return Err(format!(
                "`ended` is {}, before `started`, {}",
                line.ended, line.started
            ));
        }
        let contact = Contact {
            ended_s: line.ended,
            length_s: u32::try_from(line.ended - line.started).unwrap_or(u32::MAX),
            account: self.number(line.account.as_deref().unwrap_or("replay")),
            channel: self.number(line.channel.as_deref().unwrap_or("Voice")),
            queue: self.number(&line.queue),
            abandoned: line.abandoned,
        };
        self.contacts.push(contact);
        Ok(())
    }
}

/// What an exporter's store holds.
pub(super) fn of_store(folder: &Path) -> Result<History, Unreadable> {
    let mut history = History::default();
    for offered in store::offered(&folder.into())? {
        let contact = Contact {
            ended_s: offered.ended_s,
            length_s: 0,
            account: history.number(&offered.account),
            channel: history.number(&offered.channel),
            queue: history.number(offered.queue.as_deref().unwrap_or("none")),
            abandoned: offered.abandoned,
        };
        history.contacts.push(contact);
    }
    if history.contacts.is_empty() {
        return Err(Unreadable::NothingStored);
    }
    finished(history)
}

/// Reads a history to its end.
pub(super) fn read(input: impl Read) -> Result<History, Unreadable> {
    let mut input = BufReader::with_capacity(1 << 16, input);
    let is_gzip = input.fill_buf()?.starts_with(&[0x1f, 0x8b]);
    if is_gzip {
        lines(BufReader::with_capacity(
            1 << 16,
            MultiGzDecoder::new(input),
        ))
    } else {
        lines(input)
    }
}

fn lines(mut input: impl BufRead) -> Result<History, Unreadable> {
    let mut history = History::default();
    let mut bytes = Vec::new();
    for line in 1.. {
        bytes.clear();
        if input.read_until(b'\n', &mut bytes)? == 0 {
            break;
        }
        let text = str::from_utf8(&bytes)
            .map_err(|_| "is not UTF-8".to_owned())
            .map(|text| text.trim_start_matches('\u{feff}').trim());
        let taken = text.and_then(|text| match text {
            "" => Ok(()),
            text => history.take(text),
        });
        taken.map_err(|why| Unreadable::Line { line, why })?;
    }
    finished(history)
}

fn finished(mut history: History) -> Result<History, Unreadable> {
    if history.contacts.is_empty() {
        return Err(Unreadable::Empty);
    }
    let order = |contact: &Contact| (contact.ended_s, contact.length_s, contact.abandoned);
    history.contacts.sort_by_key(order);
    Ok(history)
}

const FIELDS: [(&str, &str); 6] = [
    ("started", "whole seconds since 1970 in UTC"),
    ("ended", "whole seconds since 1970 in UTC"),
    ("queue", "a text, `none` for who left before any"),
    ("abandoned", "`true` or `false`"),
    ("account", "a text"),
    ("channel", "a text"),
];
const REQUIRED: usize = 4;

/// What is wrong with a line that is no conversation: the field, what was found, what is allowed.
fn wrong(text: &str, error: &serde_json::Error) -> String {
    let fields = match serde_json::from_str(text) {
        Ok(Value::Object(fields)) => fields,
        Ok(other) => return format!("found {}, expected an object", shown(&other)),
        // Of a whole line that can be read for what it is: the other error might quote it.
        Err(error) => return format!("is no JSON object: {error}"),
    };
    let is_right = |name: &str, value: &Value| match name {
        "started" | "ended" => value.is_i64(),
        "abandoned" => value.is_boolean(),
        "account" | "channel" => value.is_string() || value.is_null(),
        _ => value.is_string(),
    };
    for (place, (name, allowed)) in FIELDS.iter().enumerate() {
        match fields.get(*name) {
            None if place < REQUIRED => return format!("`{name}` is missing, expected {allowed}"),
            Some(value) if !is_right(name, value) => {
                return format!("`{name}` is {}, allowed is {allowed}", shown(value));
            }
            _ => {}
        }
    }
    let known = |name: &String| FIELDS.iter().any(|(known, _)| known == name);
    match fields.keys().find(|name| !known(name)) {
        Some(name) => format!(
            "`{name}` is no field, allowed are {}",
            FIELDS.map(|(name, _)| format!("`{name}`")).join(", ")
        ),
        None => error.to_string(),
    }
}

/// What was found, as far as it is a number, a time or a truth value: anything else may be somebody's name.
fn shown(value: &Value) -> String {
    const LONGEST: usize = 40;
    let plain = |text: &str| {
        let sign = |sign: char| sign.is_ascii_digit() || "+-.:/, TZ".contains(sign);
        let word = ["true", "false", "yes", "no", ""];
        text.len() <= LONGEST && (text.chars().all(sign) || word.contains(&text))
    };
    match value {
        Value::String(text) if !plain(text) => "a text".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        value => format!("`{value}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write as _;

    const GOOD: &str = r#"{"started":1700000000,"ended":1700000300,"queue":"Billing","abandoned":false,"account":"acme","channel":"Chat"}
{"started":1700000000,"ended":1700000100,"queue":"none","abandoned":true}
"#;

    #[test]
    fn lines_are_sorted_by_their_ends_gzipped_or_not() {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(GOOD.as_bytes()).unwrap();
        let gzipped = gzip.finish().unwrap();
        for bytes in [
            GOOD.as_bytes(),
            &gzipped,
            format!("\u{feff}{GOOD}\r\n").as_bytes(),
        ] {
            let history = read(bytes).unwrap();
            let seen: Vec<_> = history
                .contacts
                .iter()
                .map(|contact| {
                    let name = |number| history.name(number).to_string();
                    let names = [contact.account, contact.channel, contact.queue].map(name);
                    (contact.ended_s, names.join(" "), contact.abandoned)
                })
                .collect();
            assert_eq!(
                seen,
                [
                    (1_700_000_100, "replay Voice none".to_owned(), true),
                    (1_700_000_300, "acme Chat Billing".to_owned(), false)
                ]
            );
        }
    }

    #[test]
    fn a_bad_line_is_told_by_its_number_field_and_what_is_allowed() {
        for (bad, told) in [
            ("[1]", "line 3: found a list, expected an object"),
            ("\"Ann\"", "line 3: found a text, expected an object"),
            (
                r#"{"started":"Ann", "queue": Bob"#,
                "line 3: is no JSON object: expected value at line 1 column 28",
            ),
            ("{", "line 3: is no JSON object"),
            (
                r#"{"started":1,"ended":2,"abandoned":true}"#,
                "line 3: `queue` is missing, expected a text",
            ),
            (
                r#"{"started":"1","ended":2,"queue":"a","abandoned":true}"#,
                "line 3: `started` is `\"1\"`, allowed is whole seconds",
            ),
            (
                r#"{"started":1,"ended":2.5,"queue":"a","abandoned":true}"#,
                "line 3: `ended` is `2.5`, allowed is whole seconds",
            ),
            (
                r#"{"started":1,"ended":2,"queue":"a","abandoned":1}"#,
                "line 3: `abandoned` is `1`, allowed is `true` or `false`",
            ),
            (
                r#"{"started":1,"ended":2,"queue":"a","abandoned":true,"wait":3}"#,
                "line 3: `wait` is no field, allowed are `started`",
            ),
            (
                r#"{"started":1700000000000,"ended":1700000300000,"queue":"a","abandoned":true}"#,
                "line 3: `started` is 1700000000000, allowed are seconds",
            ),
            (
                r#"{"started":3,"ended":2,"queue":"a","abandoned":true}"#,
                "line 3: `ended` is 2, before `started`, 3",
            ),
        ] {
            let error = read(format!("{GOOD}{bad}\n").as_bytes()).unwrap_err();
            let error = error.to_string();
            assert!(error.starts_with(told), "{error}");
        }
        assert!(matches!(read(&b"\n \n"[..]), Err(Unreadable::Empty)));
    }
}
