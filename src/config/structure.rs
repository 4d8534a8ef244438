//! The shape of what is written: which keys stand where. A key that is misspelt or in the wrong place gets a hint.

use super::auth;
use super::field::{Field, folded, join, listed};
use super::node::{Entry, Value};
use super::spelling::{did_you_mean, nearest};
use super::table::{Inside, Key, mapping_of, names};

const TWICE: &str = "is there twice; allowed: each key once";
/// The longest key has 21 characters.
const LONGEST_WORD: usize = 24;

/// Reports what is no mapping or no list where there should be one, and unknown and repeated keys.
pub(super) fn check(root: &Field<'_>, keys: &[Key]) {
    let mut known = Vec::new();
    collect("", keys, &mut known);
    Check { known }.section(root, keys);
}

struct Check<'k> {
    /// Every section there is, as `accounts[].auth`, with the names of its keys.
    known: Vec<(String, Vec<&'k str>)>,
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

impl Check<'_> {
    fn section(&self, field: &Field<'_>, keys: &[Key]) {
        if field.is_written() && !field.is_mapping() {
            return field.refuse_kind(&mapping_of(keys));
        }
        let entries = field.entries();
        for (at, entry) in entries.iter().enumerate() {
            let key = field.key(entry);
            let shown = self.shown(field, entry);
            if entries[..at].iter().any(|earlier| earlier.key == entry.key) {
                key.error(format!("{shown} {TWICE}"), None);
            }
            if let Some(key) = keys
                .iter()
                .find(|key| entry.is_text && key.name == entry.key)
            {
                self.key(&field.of(entry), key);
            } else {
                let allowed = listed(names(keys));
                let hint = self.hint(&entry.key, keys);
                let message = format!("{shown} is not a known key; allowed: {allowed}");
                key.error(message, hint);
            }
        }
    }

    fn key(&self, field: &Field<'_>, key: &Key) {
        match &key.inside {
            _ if !field.is_written() => {}
            Inside::Value { .. } => {}
            Inside::Section(keys) => self.section(field, keys),
            Inside::List { of, keys } => self.list(field, of, keys),
            Inside::Named { of, keys, .. } => self.named(field, of, keys),
        }
    }

    fn list(&self, field: &Field<'_>, of: &str, keys: &[Key]) {
        let allowed = format!("a list of {of}");
        match field.value() {
            Some(Value::List(items)) if items.is_empty() => {
                field.refuse("is an empty list", &allowed, None);
            }
            Some(Value::List(_)) => field.items().for_each(|item| self.section(&item, keys)),
            _ => field.refuse_kind(&allowed),
        }
    }

    fn named(&self, field: &Field<'_>, of: &str, keys: &[Key]) {
        if !field.is_mapping() {
            return field.refuse_kind(&format!("a mapping from {of} to {}", mapping_of(keys)));
        }
        let entries = field.entries();
        for (at, entry) in entries.iter().enumerate() {
            let key = field.key(entry);
            let named = format!("a name in `{}`", field.path);
            if !entry.is_text {
                key.error(format!("{named} is {}; allowed: {of}", entry.key), None);
            } else if entry.key.trim().is_empty() {
                key.error(format!("{named} is empty; allowed: {of}"), None);
            }
            let same = |earlier: &&Entry| folded(&earlier.key) == folded(&entry.key);
            if let Some(earlier) = entries[..at].iter().find(same) {
                let hint = format!("`{}` differs in case or blanks alone", earlier.key);
                let hint = (earlier.key != entry.key).then_some(hint);
                key.error(format!("`{}` {TWICE}", key.path), hint);
            }
            self.section(&field.of(entry), keys);
        }
    }

    /// The key a misspelt one stands for, or the section it belongs to.
    fn hint(&self, found: &str, keys: &[Key]) -> Option<String> {
        if let Some(hint) = auth::unsupported_key(found) {
            return Some(hint.to_owned());
        }
        if let Some(hint) = did_you_mean(found, names(keys)) {
            return Some(hint);
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
