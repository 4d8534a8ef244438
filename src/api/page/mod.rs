//! One answer of the Call Details endpoint: its rows, each still raw, so that a bad one costs no other.

mod scan;
#[cfg(test)]
mod tests;

use super::walk::spells_nothing;
use scan::RowPlace;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_json::error::Category;
use serde_json::value::RawValue;
use std::fmt;
use std::ops::Range;

/// A body, and where in it the rows stand. Parsed once; everybody reads the same text.
pub struct Page {
    /// `numResults` where it is a whole number: total or page size, the vendor does not say. A hint at most.
    pub num_results: Option<u64>,
    /// There was no `data`, beside a `numResults` that tells of some.
    pub lacks_data: bool,
    text: String,
    rows: Vec<RowPlace>,
    /// See [`RowPlace`].
    containers: Vec<Range<usize>>,
}

/// The text of one JSON value of any type, its syntax checked.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    text: &'a str,
    containers: &'a [Range<usize>],
}

impl<'a> Row<'a> {
    /// The bytes as they were sent.
    pub fn text(self) -> &'a str {
        self.text
    }

    /// Where in them some of its members stand that are objects or arrays, in order: perhaps not all.
    pub(super) fn containers(self) -> &'a [Range<usize>] {
        self.containers
    }
}

impl<'a> From<&'a RawValue> for Row<'a> {
    fn from(checked: &'a RawValue) -> Self {
        Row {
            text: checked.get(),
            containers: &[],
        }
    }
}

/// Why a body is no page. Tells where, never what stood there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    #[error("the body is no JSON: syntax error at line {line}, column {column}")]
    Syntax { line: usize, column: usize },
    #[error("the body is cut off at line {line}, column {column}")]
    CutOff { line: usize, column: usize },
    #[error(
        "the body is no page: expected an object with an array `data`, found otherwise at line {line}, column {column}"
    )]
    Shape { line: usize, column: usize },
    #[error("the body is no page: it has no `data`")]
    NoData,
    #[error("the body is no page: it tells of an error, and has no rows")]
    Errors,
}

impl Page {
    /// Reads a body whose encoding is checked already (serde_json is a third faster on `&str`). It may begin with a
    /// byte order mark.
    ///
    /// # Errors
    /// The text is no JSON, ends early, or is no object with an array `data`. (`data` may be missing beside a
    /// `numResults`: that is an empty page.)
    pub fn parse(body: impl Into<String>) -> Result<Self, PageError> {
        let text = body.into();
        let ((num_results, data), containers) = places(&text)?;
        let lacks_data = data.is_none() && num_results != Some(0);
        let rows = data.unwrap_or_default();
        Ok(Page {
            num_results,
            lacks_data,
            text,
            rows,
            containers,
        })
    }

    /// `numResults`, and the rows where there is a list of them, of a body that somebody else keeps.
    ///
    /// # Errors
    /// As [`Page::parse`].
    pub fn rows_of(body: &str) -> Result<(Option<u64>, Option<Vec<&RawValue>>), PageError> {
        read(body)
    }

    /// The elements of `data`, of any JSON type, in their order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = Row<'_>> {
        self.rows.iter().map(|row| Row {
            text: self.text.get(row.text.clone()).unwrap_or_default(),
            containers: self
                .containers
                .get(row.containers.clone())
                .unwrap_or_default(),
        })
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// Tells how many rows, never what they hold.
impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page")
            .field("num_results", &self.num_results)
            .field("rows", &self.rows.len())
            .finish_non_exhaustive()
    }
}

/// `numResults`, and the rows where there is a list of them.
type Read<R> = (Option<u64>, Option<Vec<R>>);

/// With the rows as places in the body, and the containers that were noted in them.
fn places(body: &str) -> Result<(Read<RowPlace>, Vec<Range<usize>>), PageError> {
    let mark = body.len() - without_mark(body).len();
    if let Some(places) = scan::scan(body, mark) {
        let raw = |place| body.get(place).unwrap_or_default();
        let errors = [places.errors, places.error].map(|errors| errors.map(raw));
        let read = page(places.num_results.map(raw), places.rows, errors)?;
        return Ok((read, places.containers));
    }
    let (num_results, data) = read(body)?;
    // The rows are parts of the text: where each begins is the distance of the two addresses.
    let place = |row: &RawValue| {
        let from = row.get().as_ptr() as usize - body.as_ptr() as usize;
        RowPlace {
            text: from..from + row.get().len(),
            containers: 0..0,
        }
    };
    let rows = data.map(|rows| rows.into_iter().map(place).collect());
    Ok(((num_results, rows), Vec::new()))
}

fn read(body: &str) -> Result<Read<&RawValue>, PageError> {
    let json = without_mark(body);
    let envelope: Envelope = serde_json::from_str(json).map_err(|error| PageError::from(&error))?;
    page(
        envelope.num_results.map(RawValue::get),
        envelope.data,
        [envelope.errors, envelope.error].map(|errors| errors.map(RawValue::get)),
    )
}

fn without_mark(body: &str) -> &str {
    body.strip_prefix('\u{feff}').unwrap_or(body)
}

/// Whether an envelope is a page's.
fn page<R>(
    num_results: Option<&str>,
    data: Option<Vec<R>>,
    errors: [Option<&str>; 2],
) -> Result<Read<R>, PageError> {
    let num_results = num_results.and_then(whole);
    // A failure told with a success's status must not look like an empty window.
    if errors.into_iter().flatten().any(says_something) && data.as_ref().is_none_or(Vec::is_empty) {
        return Err(PageError::Errors);
    }
    if data.is_none() && num_results.is_none() {
        return Err(PageError::NoData);
    }
    Ok((num_results, data))
}

impl From<&serde_json::Error> for PageError {
    fn from(error: &serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        match error.classify() {
            Category::Eof => PageError::CutOff { line, column },
            Category::Data => PageError::Shape { line, column },
            Category::Syntax | Category::Io => PageError::Syntax { line, column },
        }
    }
}

/// `14` and `14.0`, perhaps in quotes, but no other JSON value.
fn whole(raw: &str) -> Option<u64> {
    let quoted = raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"'));
    let raw = quoted.unwrap_or(raw).trim();
    raw.parse().ok().or_else(|| {
        let number: f64 = raw.parse().ok()?;
        // Past 2^53 the nearest number is no longer the one that was sent.
        (number.fract() == 0.0 && (0.0..=9_007_199_254_740_992.0).contains(&number))
            .then_some(number as u64)
    })
}

/// Whether anything in a value is more than a way to write nothing.
fn says_something(raw: &str) -> bool {
    fn says(value: &Value) -> bool {
        match value {
            Value::Null | Value::Bool(false) => false,
            Value::Bool(true) => true,
            Value::Number(number) => number.as_f64() != Some(0.0),
            Value::String(text) => !spells_nothing(text) && !matches!(text.trim(), "0" | "false"),
            Value::Array(items) => items.iter().any(says),
            Value::Object(members) => members.values().any(says),
        }
    }
    serde_json::from_str(raw).map_or(true, |value: Value| says(&value))
}

#[derive(Default)]
struct Envelope<'a> {
    num_results: Option<&'a RawValue>,
    data: Option<Vec<&'a RawValue>>,
    errors: Option<&'a RawValue>,
    error: Option<&'a RawValue>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Envelope<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EnvelopeVisitor)
    }
}

/// By hand, because a derived one fails on a key that comes twice; here the last counts, as in JavaScript.
struct EnvelopeVisitor;

impl<'de> Visitor<'de> for EnvelopeVisitor {
    type Value = Envelope<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut envelope = Envelope::default();
        while let Some(key) = members.next_key::<String>()? {
            match key.as_str() {
                "numResults" => envelope.num_results = Some(members.next_value()?),
                "data" => envelope.data = members.next_value()?,
                "errors" => envelope.errors = Some(members.next_value()?),
                "error" => envelope.error = Some(members.next_value()?),
                _ => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(envelope)
    }
}
