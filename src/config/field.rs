//! Values with their names, and mappings whose keys are asked for by name.

use super::node::{Entry, Node, Value};
use super::problem::{Findings, Place};

/// Of a refused value, what a message shows.
const SHOWN_CHARS: usize = 60;

/// A value that is there (a key without a value counts as absent), and what to call it.
#[derive(Clone)]
pub(super) struct Field<'n> {
    /// `accounts[0].auth.algorithm`; empty for the whole file.
    pub path: String,
    pub node: &'n Node,
}

impl<'n> Field<'n> {
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

    /// The value as messages show it; not for secrets.
    pub fn found(&self) -> String {
        match &self.node.value {
            Value::Scalar(text) => quoted(text),
            other => other.kind().to_owned(),
        }
    }

    /// Refuses the value for what it is, not quoting what it says.
    pub fn refuse_kind(&self, allowed: &str, findings: &mut Findings) {
        self.refuse(self.node.value.kind(), allowed, None, findings);
    }

    /// Says what was found (already fit to be shown) and what is allowed.
    pub fn refuse(
        &self,
        found: &str,
        allowed: &str,
        hint: Option<String>,
        findings: &mut Findings,
    ) {
        let message = format!("{} is {found}; allowed: {allowed}", self.name());
        findings.error(self.place(), message, hint);
    }

    pub fn is_mapping(&self) -> bool {
        matches!(self.node.value, Value::Map(_))
    }

    /// A list's items; none where it is no list.
    pub fn items(&self) -> impl Iterator<Item = Field<'n>> + use<'n> {
        let items: &[Node] = match &self.node.value {
            Value::List(items) => items,
            _ => &[],
        };
        let path = self.path.clone();
        let items = items.iter().enumerate();
        items.map(move |(at, node)| Field {
            path: format!("{path}[{at}]"),
            node,
        })
    }

    /// A mapping's entries; none where it is no mapping.
    pub fn entries(&self) -> &'n [Entry] {
        match &self.node.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// What stands at one of its keys, whatever it is.
    pub fn of(&self, entry: &'n Entry) -> Field<'n> {
        Field {
            path: join(&self.path, &entry.key),
            node: &entry.node,
        }
    }
}

/// A mapping, or nothing at all, whose keys are asked for by name. That it is one, that its keys are known and none is
/// written twice, was said before (`structure`).
pub(super) struct Section<'n> {
    pub path: String,
    pub field: Option<Field<'n>>,
}

impl<'n> Section<'n> {
    pub fn place(&self) -> Place {
        self.field.as_ref().map_or(Place::Unknown, Field::place)
    }

    /// The value of a key, or, as `service_level.within`, of a key of a mapping inside.
    pub fn field(&self, key: &str) -> Option<Field<'n>> {
        let mut field = self.field.clone()?;
        for key in key.split('.') {
            let entry = field.entries().iter().find(|entry| entry.key == key)?;
            field = field.of(entry);
        }
        (!matches!(field.node.value, Value::Null(_))).then_some(field)
    }

    pub fn section(&self, key: &str) -> Section<'n> {
        Section {
            path: self.path_of(key),
            field: self.field(key),
        }
    }

    pub fn path_of(&self, key: &str) -> String {
        join(&self.path, key)
    }

    /// Says that a key without which nothing works is not there.
    pub fn missing(&self, key: &str, allowed: &str, findings: &mut Findings) {
        let path = self.path_of(key);
        let written = self.field.iter().flat_map(|field| field.entries());
        let (place, found, hint) = match written.into_iter().find(|entry| entry.key == key) {
            Some(entry) => match &entry.node.value {
                Value::Null(text) if !text.is_empty() => (
                    entry.place,
                    format!("is `{text}`, which YAML takes for nothing"),
                    Some(format!("as text it is written `\"{text}\"`")),
                ),
                _ => (entry.place, "has no value".to_owned(), None),
            },
            None => (self.place(), "is missing".to_owned(), None),
        };
        findings.error(place, format!("`{path}` {found}; allowed: {allowed}"), hint);
    }
}

pub(super) fn join(path: &str, key: &str) -> String {
    match path {
        "" => key.to_owned(),
        path => format!("{path}.{key}"),
    }
}

/// A value as messages show it: on one line, and not all of a long one.
pub(super) fn quoted(text: &str) -> String {
    let mut shown: String = text
        .chars()
        .take(SHOWN_CHARS)
        .flat_map(char::escape_debug)
        .collect();
    if text.chars().nth(SHOWN_CHARS).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

/// `` `a`, `b`, `c` ``
pub(super) fn listed<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    let words: Vec<_> = words.into_iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}

/// Names that are the same folded are the same to people.
pub(super) fn folded(name: &str) -> String {
    name.trim().to_lowercase()
}
