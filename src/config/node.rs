//! YAML as written: every value with its place, nothing interpreted.
//!
//! Scalars keep the text of the file, so `0123` and `1e3` stay what was typed; meaning is the reader's business.

use super::problem::{Place, Problem};
use secrecy::zeroize::Zeroizing;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::options::{DuplicateKeyPolicy, NonFiniteFloatPolicy};
use serde_saphyr::{Location, Spanned};
use std::fmt;

/// Nesting the format needs is 6; more than this is no configuration.
const MAX_DEPTH: usize = 24;
/// Values, keys and brackets of one file, aliases replayed.
const MAX_EVENTS: usize = 200_000;

/// One value and where it was written.
#[derive(Clone)]
pub(super) struct Node {
    pub place: Place,
    pub value: Value,
}

#[derive(Clone)]
pub(super) enum Value {
    /// Nothing, as it is spelt: not at all, `~`, `null`.
    Null(String),
    /// Perhaps a secret: overwritten when it is dropped.
    Scalar(Zeroizing<String>),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A key of a mapping; keys may repeat, refusing that is the reader's business.
#[derive(Clone)]
pub(super) struct Entry {
    pub key: String,
    /// Otherwise the key is a list or a mapping, and `key` says which.
    pub is_text: bool,
    pub place: Place,
    pub node: Node,
}

impl Value {
    /// What it is, for messages; never what it says.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Value::Null(_) => "nothing",
            Value::Scalar(_) => "a single value",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }
}

/// Reads one document. The error names a line, a column and a cause, never the text found there.
pub(super) fn parse(source: &str) -> Result<Node, Problem> {
    if source.trim().is_empty() {
        return Ok(Node {
            place: Place::Unknown,
            value: Value::Null(String::new()),
        });
    }
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_depth: MAX_DEPTH, max_events: MAX_EVENTS },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: MAX_EVENTS },
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
        strict_booleans: true,
        with_snippet: false,
    };
    match serde_saphyr::from_str_with_options::<Spanned<Raw>>(source, options) {
        Ok(raw) => Ok(settle(raw, source)),
        Err(error) => Err(unreadable(&error)),
    }
}

/// The parser's own words are fixed texts; every other variant might quote the file, and the file holds secrets.
fn unreadable(error: &serde_saphyr::Error) -> Problem {
    use serde_saphyr::Error;
    let cause = match error.without_snippet() {
        Error::ExternalMessage { msg, .. } => msg.as_str(),
        Error::UnknownAnchor { .. } => "an alias refers to no anchor",
        Error::MultipleDocuments { .. } => "there is more than one document",
        Error::Budget { .. } => {
            "there is more of it, or it is nested deeper, than a configuration needs"
        }
        Error::Eof { .. } => "it ends too early",
        _ => "a value is not what its tag or place says",
    };
    let location = error.location().unwrap_or(Location::UNKNOWN);
    let at = match location.column() {
        0 => String::new(),
        column => format!(", at column {column}"),
    };
    Problem {
        place: Place::of(location),
        message: format!("this is not readable as YAML: {cause}{at}"),
        hint: Some("quote values that begin with one of `*&!%@` or a backtick, or hold `: ` or ` #`; indent with spaces".to_owned()),
    }
}

/// What serde shows; scalars that YAML takes for numbers or booleans have lost their spelling here.
enum Raw {
    Null,
    Text(Zeroizing<String>),
    Typed,
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<Raw>, Spanned<Raw>)>),
}

fn settle(raw: Spanned<Raw>, source: &str) -> Node {
    let place = Place::of(raw.referenced);
    let value = match raw.value {
        Raw::Null => Value::Null(spelling(raw.defined, source).to_owned()),
        Raw::Text(text) => Value::Scalar(text),
        Raw::Typed => Value::Scalar(spelling(raw.defined, source).to_owned().into()),
        Raw::List(items) => {
            Value::List(items.into_iter().map(|item| settle(item, source)).collect())
        }
        Raw::Map(entries) => Value::Map(
            entries
                .into_iter()
                .map(|(key, value)| entry(key, value, source))
                .collect(),
        ),
    };
    Node { place, value }
}

/// A key is its text, whatever YAML takes it for: a queue may be called `123`, `true` or `null`.
fn entry(key: Spanned<Raw>, value: Spanned<Raw>, source: &str) -> Entry {
    let key = settle(key, source);
    let (text, is_text) = match key.value {
        Value::Scalar(text) => (text.to_string(), true),
        Value::Null(text) => (text, true),
        other => (other.kind().to_owned(), false),
    };
    Entry {
        key: text,
        is_text,
        place: key.place,
        node: settle(value, source),
    }
}

/// The scalar as it stands in the file.
fn spelling(location: Location, source: &str) -> &str {
    let span = location.span();
    let range = span
        .byte_offset()
        .zip(span.byte_len())
        .and_then(|(from, length)| {
            let from = usize::try_from(from).ok()?;
            Some(from..from.checked_add(usize::try_from(length).ok()?)?)
        });
    range
        .and_then(|range| source.get(range))
        .map_or("", str::trim)
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_str<E>(self, text: &str) -> Result<Raw, E> {
        Ok(Raw::Text(text.to_owned().into()))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Raw::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Map(entries))
    }
}
