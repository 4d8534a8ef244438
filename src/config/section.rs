//! A mapping being read: its keys are known, none is written twice, and none is left unread without a word.

use super::node::{Entry, Node, Value};
use super::problem::{Findings, Place};
use super::spelling;

/// A value that is there (a key without a value counts as absent), and what to call it.
#[derive(Clone)]
pub(super) struct Field<'n> {
    /// `accounts[0].auth.algorithm`; empty for the whole file.
    pub path: String,
    pub node: &'n Node,
}

impl Field<'_> {
    /// The variable it came from, else its path; for messages.
    pub fn name(&self) -> String {
        match (self.node.place, self.path.is_empty()) {
            (Place::Variable(variable), _) => format!("`{variable}`"),
            (_, true) => "the file".to_owned(),
            (_, false) => format!("`{}`", self.path),
        }
    }

    pub fn place(&self) -> Place {
        self.node.place
    }

    /// Refuses the value for what it is, not quoting what it says.
    pub fn refuse_kind(&self, allowed: &str, findings: &mut Findings) {
        let found = self.node.value.kind();
        findings.error(
            self.place(),
            format!("{} is {found}; allowed: {allowed}", self.name()),
            None,
        );
    }
}

/// A mapping whose keys are looked up by name.
pub(super) struct Section<'n> {
    path: String,
    place: Place,
    entries: &'n [Entry],
}

impl<'n> Section<'n> {
    /// An absent section is an empty one. Reports what is no mapping, unknown keys and repeated keys.
    pub fn open(
        path: &str,
        field: Option<&Field<'n>>,
        keys: &[&str],
        findings: &mut Findings,
    ) -> Self {
        let mut section = Section {
            path: path.to_owned(),
            place: Place::Unknown,
            entries: &[],
        };
        let Some(field) = field else { return section };
        section.place = field.place();
        match &field.node.value {
            Value::Null => {}
            Value::Map(entries) => section.entries = entries,
            _ => field.refuse_kind(&format!("a mapping of {}", listed(keys)), findings),
        }
        section.refuse_repeated(|entry| section.shown(entry), findings);
        section.refuse_unknown(keys, findings);
        section
    }

    /// A mapping with keys of the user's own, such as queue names: what differs in case or blanks alone is one name.
    pub fn open_free(field: &Field<'n>, allowed: &str, findings: &mut Findings) -> Self {
        let mut section = Section {
            path: field.path.clone(),
            place: field.place(),
            entries: &[],
        };
        match &field.node.value {
            Value::Map(entries) => section.entries = entries,
            _ => field.refuse_kind(allowed, findings),
        }
        for (at, entry) in section.entries.iter().enumerate() {
            let same = |earlier: &&Entry| folded(&earlier.key) == folded(&entry.key);
            let Some(earlier) = section.entries[..at].iter().find(same) else {
                continue;
            };
            let key = format!("`{}`", section.path_of(&entry.key));
            let hint = (earlier.key != entry.key)
                .then(|| format!("`{}` differs in case or blanks alone", earlier.key));
            findings.error(
                entry.place,
                format!("{key} is there twice; allowed: each key once"),
                hint,
            );
        }
        section
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    pub fn place(&self) -> Place {
        self.place
    }

    pub fn field(&self, key: &str) -> Option<Field<'n>> {
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        match entry.node.value {
            Value::Null => None,
            _ => Some(Field {
                path: self.path_of(key),
                node: &entry.node,
            }),
        }
    }

    /// Every key, whatever its value.
    pub fn fields(&self) -> impl Iterator<Item = (&'n Entry, Field<'n>)> + use<'n, '_> {
        self.entries.iter().map(|entry| {
            (
                entry,
                Field {
                    path: self.path_of(&entry.key),
                    node: &entry.node,
                },
            )
        })
    }

    pub fn path_of(&self, key: &str) -> String {
        match self.path.as_str() {
            "" => key.to_owned(),
            path => format!("{path}.{key}"),
        }
    }

    fn refuse_repeated(&self, shown: impl Fn(&Entry) -> String, findings: &mut Findings) {
        for (at, entry) in self.entries.iter().enumerate() {
            if self.entries[..at]
                .iter()
                .any(|earlier| earlier.key == entry.key)
            {
                let key = shown(entry);
                findings.error(
                    entry.place,
                    format!("{key} is there twice; allowed: each key once"),
                    None,
                );
            }
        }
    }

    fn refuse_unknown(&self, keys: &[&str], findings: &mut Findings) {
        for entry in self
            .entries
            .iter()
            .filter(|entry| !keys.contains(&entry.key.as_str()))
        {
            let message = format!(
                "{} is no known key; allowed: {}",
                self.shown(entry),
                listed(keys)
            );
            findings.error(entry.place, message, spelling::key_hint(&entry.key, keys));
        }
    }

    /// A key for messages. Without the space after its colon, a secret is part of the key.
    fn shown(&self, entry: &Entry) -> String {
        match (spelling::is_wordlike(&entry.key), self.path.as_str()) {
            (true, _) => format!("`{}`", self.path_of(&entry.key)),
            (false, "") => "text at the top level".to_owned(),
            (false, path) => format!("text in `{path}`"),
        }
    }
}

/// Names that are the same folded are the same to people.
pub(super) fn folded(name: &str) -> String {
    name.trim().to_lowercase()
}

/// `` `a`, `b`, `c` ``
pub(super) fn listed(words: &[&str]) -> String {
    words
        .iter()
        .map(|word| format!("`{word}`"))
        .collect::<Vec<_>>()
        .join(", ")
}
