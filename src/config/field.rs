//! Values with their names, asked for by key. Every problem of a value is reported where the value stands.

use super::node::{Entry, Node, Value};
use super::problem::{Findings, Place};

/// Of a refused value, what a message shows.
const SHOWN_CHARS: usize = 60;

/// What stands at a key, if anything, and what to call it.
#[derive(Clone)]
pub(super) struct Field<'n> {
    /// `accounts[0].auth.algorithm`; empty for the whole file.
    pub path: String,
    /// Where it was written; of what is missing, where the mapping is that lacks it.
    pub place: Place,
    pub node: Option<&'n Node>,
    findings: &'n Findings,
}

impl<'n> Field<'n> {
    pub(super) fn root(node: &'n Node, findings: &'n Findings) -> Self {
        Field {
            path: String::new(),
            place: node.place,
            node: Some(node),
            findings,
        }
    }

    fn inside(&self, path: String, node: &'n Node) -> Self {
        Field {
            path,
            place: node.place,
            node: Some(node),
            findings: self.findings,
        }
    }

    /// What stands at a key of this mapping, or, as `service_level.within`, of a mapping inside.
    pub(super) fn at(&self, path: &str) -> Field<'n> {
        let (key, rest) = match path.split_once('.') {
            Some((key, rest)) => (key, Some(rest)),
            None => (path, None),
        };
        let entry = self.entries().iter().find(|entry| entry.key == key);
        let field = match entry {
            Some(entry) => self.of(entry),
            None => Field {
                path: join(&self.path, key),
                node: None,
                ..self.clone()
            },
        };
        match rest {
            Some(rest) => field.at(rest),
            None => field,
        }
    }

    pub(super) fn of(&self, entry: &'n Entry) -> Field<'n> {
        self.inside(join(&self.path, &entry.key), &entry.node)
    }

    /// The key itself, to report what is wrong with it.
    pub(super) fn key(&self, entry: &'n Entry) -> Field<'n> {
        Field {
            place: entry.place,
            ..self.of(entry)
        }
    }

    /// A list's items; none where it is no list.
    pub(super) fn items(&self) -> impl Iterator<Item = Field<'n>> {
        let items: &[Node] = match self.value() {
            Some(Value::List(items)) => items,
            _ => &[],
        };
        let items = items.iter().enumerate();
        items.map(|(at, node)| self.inside(format!("{}[{at}]", self.path), node))
    }

    /// A mapping's entries; none where it is no mapping.
    pub(super) fn entries(&self) -> &'n [Entry] {
        match self.value() {
            Some(Value::Map(entries)) => entries,
            _ => &[],
        }
    }

    /// A key without a value counts as absent.
    pub(super) fn value(&self) -> Option<&'n Value> {
        match &self.node?.value {
            Value::Null(_) => None,
            value => Some(value),
        }
    }

    pub(super) fn is_written(&self) -> bool {
        self.value().is_some()
    }

    pub(super) fn is_mapping(&self) -> bool {
        matches!(self.value(), Some(Value::Map(_)))
    }

    pub(super) fn scalar(&self) -> Option<&'n str> {
        match self.value()? {
            Value::Scalar(text) => Some(text),
            _ => None,
        }
    }

    /// The variable it came from, else its path; for messages.
    pub(super) fn name(&self) -> String {
        match (self.place, self.path.is_empty()) {
            (Place::Variable(variable), _) => format!("`{variable}`"),
            (_, true) => "the file".to_owned(),
            (_, false) => format!("`{}`", self.path),
        }
    }

    /// The value as messages show it; not for secrets.
    pub(super) fn found(&self) -> String {
        match self.value() {
            Some(Value::Scalar(text)) => quoted(text),
            Some(other) => other.kind().to_owned(),
            None => "nothing".to_owned(),
        }
    }

    /// Says what was found (`is a list`; fit to be shown) and what is allowed.
    pub(super) fn refuse(&self, found: &str, allowed: &str, hint: Option<String>) {
        self.error(format!("{} {found}; allowed: {allowed}", self.name()), hint);
    }

    /// Refuses the value for what it is, not quoting what it says.
    pub(super) fn refuse_kind(&self, allowed: &str) {
        let kind = self.value().map_or("nothing", Value::kind);
        self.refuse(&format!("is {kind}"), allowed, None);
    }

    /// Says that something without which nothing works is not there.
    pub(super) fn missing(&self, allowed: &str) {
        match self.node.map(|node| &node.value) {
            None => self.refuse("is missing", allowed, None),
            Some(Value::Null(text)) if !text.is_empty() => {
                let hint = format!("as text it is written `\"{text}\"`");
                let found = format!("is `{text}`, which YAML takes for nothing");
                self.refuse(&found, allowed, Some(hint));
            }
            Some(_) => self.refuse("has no value", allowed, None),
        }
    }

    pub(super) fn error(&self, message: String, hint: Option<String>) {
        self.findings.error(self.place, message, hint);
    }

    pub(super) fn warning(&self, message: String, hint: Option<&str>) {
        // Of a default there is no place to point at.
        let place = self.node.map_or(Place::Unknown, |_| self.place);
        let hint = hint.map(str::to_owned);
        self.findings.warning(place, message, hint);
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
    let shown = text.chars().take(SHOWN_CHARS);
    let shown: String = shown.flat_map(char::escape_debug).collect();
    match text.chars().nth(SHOWN_CHARS) {
        Some(_) => format!("`{shown}…`"),
        None => format!("`{shown}`"),
    }
}

/// `` `a`, `b`, `c` ``
pub(super) fn listed<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    let words: Vec<_> = words.into_iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}

/// A value, secrets too, without what editors, shells and copying leave around it: blanks, line ends, byte order marks
/// and spaces of no width.
pub(crate) fn trimmed(text: &str) -> &str {
    text.trim_matches(|sign: char| sign.is_whitespace() || matches!(sign, '\u{feff}' | '\u{200b}'))
}

/// Names that are the same folded are the same to people.
pub(super) fn folded(name: &str) -> String {
    name.trim().to_lowercase()
}
