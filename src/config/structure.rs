//! The shape of what is written: which keys stand where. A key that is misspelt or in the wrong place gets a hint.

use super::field::{Field, folded, join, listed};
use super::node::{Entry, Value};
use super::problem::{Findings, Place};
use super::table::{Inside, Key, mapping_of, names};

/// The longest key has 21 characters.
const LONGEST_WORD: usize = 24;

/// Reports what is no mapping or no list where there should be one, and unknown and repeated keys.
pub(super) fn check(root: &Field<'_>, keys: &[Key], findings: &mut Findings) {
    let mut known = Vec::new();
    collect("", keys, &mut known);
    Check { known, findings }.section(root, keys);
}

struct Check<'k, 'f> {
    /// Every section there is, as `accounts[].auth`, with the names of its keys.
    known: Vec<(String, Vec<&'k str>)>,
    findings: &'f mut Findings,
}

fn collect<'k>(path: &str, keys: &'k [Key], known: &mut Vec<(String, Vec<&'k str>)>) {
    known.push((path.to_owned(), names(keys).collect()));
    for key in keys {
        let path = join(path, &key.name);
        match &key.inside {
            Inside::Value { .. } => {}
            Inside::Section(keys) => collect(&path, keys, known),
            Inside::List { keys, .. } => collect(&format!("{path}[]"), keys, known),
            // Channels and queues have the same keys as `targets`, which stands before them.
            Inside::Named { .. } => {}
        }
    }
}

impl Check<'_, '_> {
    fn section(&mut self, field: &Field<'_>, keys: &[Key]) {
        if !matches!(field.node.value, Value::Map(_) | Value::Null(_)) {
            return field.refuse_kind(&mapping_of(keys), self.findings);
        }
        let entries = field.entries();
        for (at, entry) in entries.iter().enumerate() {
            if entries[..at].iter().any(|earlier| earlier.key == entry.key) {
                let shown = self.shown(field, entry);
                self.twice(entry.place, &shown, None);
            }
            match keys
                .iter()
                .find(|key| entry.is_text && key.name == entry.key)
            {
                Some(key) => self.key(&field.of(entry), key),
                None => self.unknown(field, entry, keys),
            }
        }
    }

    fn key(&mut self, field: &Field<'_>, key: &Key) {
        if let Value::Null(_) = field.node.value {
            return;
        }
        match &key.inside {
            Inside::Value { .. } => {}
            Inside::Section(keys) => self.section(field, keys),
            Inside::List { of, keys } => self.list(field, of, keys),
            Inside::Named { of, keys, .. } => self.named(field, of, keys),
        }
    }

    fn list(&mut self, field: &Field<'_>, of: &str, keys: &[Key]) {
        match &field.node.value {
            Value::List(items) if items.is_empty() => {
                let allowed = format!("a list of {of}");
                field.refuse("an empty list", &allowed, None, self.findings);
            }
            Value::List(_) => field.items().for_each(|item| self.section(&item, keys)),
            _ => field.refuse_kind(&format!("a list of {of}"), self.findings),
        }
    }

    fn named(&mut self, field: &Field<'_>, of: &str, keys: &[Key]) {
        let Value::Map(entries) = &field.node.value else {
            let allowed = format!("a mapping from {of} to {}", mapping_of(keys));
            return field.refuse_kind(&allowed, self.findings);
        };
        for (at, entry) in entries.iter().enumerate() {
            let inner = field.of(entry);
            let name = format!("`{}`", field.path);
            if !entry.is_text {
                let message = format!("a name in {name} is {}; allowed: {of}", entry.key);
                self.findings.error(entry.place, message, None);
            } else if entry.key.trim().is_empty() {
                let message = format!("a name in {name} is empty; allowed: {of}");
                self.findings.error(entry.place, message, None);
            }
            let same = |earlier: &&Entry| folded(&earlier.key) == folded(&entry.key);
            if let Some(earlier) = entries[..at].iter().find(same) {
                let hint = (earlier.key != entry.key)
                    .then(|| format!("`{}` differs in case or blanks alone", earlier.key));
                self.twice(entry.place, &format!("`{}`", inner.path), hint);
            }
            self.section(&inner, keys);
        }
    }

    fn twice(&mut self, place: Place, shown: &str, hint: Option<String>) {
        let message = format!("{shown} is there twice; allowed: each key once");
        self.findings.error(place, message, hint);
    }

    fn unknown(&mut self, field: &Field<'_>, entry: &Entry, keys: &[Key]) {
        let shown = self.shown(field, entry);
        let allowed = listed(names(keys));
        let message = format!("{shown} is not a known key; allowed: {allowed}");
        let hint = self.hint(&entry.key, keys);
        self.findings.error(entry.place, message, hint);
    }

    /// The key a misspelt one stands for, or the section it belongs to.
    fn hint(&self, found: &str, keys: &[Key]) -> Option<String> {
        if let Some(near) = nearest(found, names(keys)) {
            return Some(format!("did you mean `{near}`?"));
        }
        if !self.is_wordlike(found) {
            return Some("a key is followed by a colon and a space".to_owned());
        }
        let (home, _) = self.known.iter().find(|(_, keys)| keys.contains(&found))?;
        Some(match home.as_str() {
            "" => format!("`{found}` belongs at the top level of the file"),
            home => format!("`{found}` belongs in `{home}`"),
        })
    }

    /// A key for messages. Without the space after its colon, a secret is part of the key.
    fn shown(&self, field: &Field<'_>, entry: &Entry) -> String {
        let is_wordlike = entry.is_text && self.is_wordlike(&entry.key);
        match (is_wordlike, field.path.as_str()) {
            (true, path) => format!("`{}`", join(path, &entry.key)),
            (false, "") => "text at the top level".to_owned(),
            (false, path) => format!("text in `{path}`"),
        }
    }

    /// Whether text looks like a key that somebody meant, and not like a secret that became one by a slip.
    fn is_wordlike(&self, key: &str) -> bool {
        let letters = key
            .bytes()
            .all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
        let known = || {
            let mut sections = self.known.iter();
            sections.any(|(_, keys)| nearest(key, keys.iter().copied()).is_some())
        };
        !key.is_empty() && key.len() <= LONGEST_WORD && (letters || known())
    }
}

/// The closest word within a third of its length, without regard to case and to `-` for `_`.
pub(super) fn nearest<'w>(
    found: &str,
    words: impl IntoIterator<Item = &'w str>,
) -> Option<&'w str> {
    let found = found.to_ascii_lowercase().replace(['-', ' '], "_");
    // Longer texts cannot be close to any key, and comparing them costs their length.
    if found.len() > 64 {
        return None;
    }
    let distance = |word: &str| strsim::osa_distance(&found, &word.to_ascii_lowercase());
    let words = words.into_iter().map(|word| (distance(word), word));
    let (near, nearest) = words.min()?;
    (near <= nearest.len().div_ceil(3).min(3)).then_some(nearest)
}
