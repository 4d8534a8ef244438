//! One answer of the Call Details endpoint: its rows, each still raw, so that a bad one costs no other.

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
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
    rows: Vec<Range<usize>>,
}

/// The text of one JSON value of any type, its syntax checked.
#[derive(Clone, Copy)]
pub struct Row<'a>(&'a str);

impl<'a> Row<'a> {
    /// The bytes as they were sent.
    pub fn text(self) -> &'a str {
        self.0
    }
}

impl<'a> From<&'a RawValue> for Row<'a> {
    fn from(checked: &'a RawValue) -> Self {
        Row(checked.get())
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
    #[error("the body is no page: it tells of `errors`, and has no rows")]
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
        let (num_results, data) = read(&text)?;
        let lacks_data = data.is_none() && num_results != Some(0);
        let rows = data.unwrap_or_default();
        // The rows are parts of the text: where each begins is the distance of the two addresses.
        let place = |row: &&RawValue| {
            let from = row.get().as_ptr() as usize - text.as_ptr() as usize;
            from..from + row.get().len()
        };
        let rows = rows.iter().map(place).collect();
        Ok(Page {
            num_results,
            lacks_data,
            text,
            rows,
        })
    }

    /// The rows of a body that somebody else keeps.
    ///
    /// # Errors
    /// As [`Page::parse`].
    pub fn rows_of(body: &str) -> Result<Vec<&RawValue>, PageError> {
        read(body).map(|(_, rows)| rows.unwrap_or_default())
    }

    /// The elements of `data`, of any JSON type, in their order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = Row<'_>> {
        self.rows
            .iter()
            .map(|place| Row(self.text.get(place.clone()).unwrap_or_default()))
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
type Read<'a> = (Option<u64>, Option<Vec<&'a RawValue>>);

fn read(body: &str) -> Result<Read<'_>, PageError> {
    let json = body.strip_prefix('\u{feff}').unwrap_or(body);
    let envelope: Envelope = serde_json::from_str(json).map_err(|error| PageError::from(&error))?;
    let num_results = envelope.num_results.and_then(|raw| whole(raw.get()));
    // A failure told with a success's status must not look like an empty window.
    if envelope.errors && envelope.data.as_ref().is_none_or(Vec::is_empty) {
        return Err(PageError::Errors);
    }
    if envelope.data.is_none() && num_results.is_none() {
        return Err(PageError::NoData);
    }
    Ok((num_results, envelope.data))
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

/// Whether a value is more than a way to write nothing.
fn says_something(raw: &RawValue) -> bool {
    let inside = |ch: char| !ch.is_whitespace() && !matches!(ch, '[' | ']' | '{' | '}' | '"');
    !matches!(raw.get(), "null" | "false" | "0") && raw.get().contains(inside)
}

#[derive(Default)]
struct Envelope<'a> {
    num_results: Option<&'a RawValue>,
    data: Option<Vec<&'a RawValue>>,
    /// Whether `errors` holds anything.
    errors: bool,
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
                "errors" => envelope.errors = says_something(members.next_value()?),
                _ => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(envelope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(body: &str) -> Result<Vec<String>, PageError> {
        Page::parse(body).map(|page| page.rows().map(|row| row.text().to_owned()).collect())
    }

    #[allow(clippy::unnecessary_wraps, reason = "compared with what was read")]
    fn no_rows() -> Result<Vec<String>, PageError> {
        Ok(Vec::new())
    }

    fn num_results(value: &str) -> Option<u64> {
        let body = format!("{{\"data\":[],\"numResults\":{value}}}");
        Page::parse(&body).unwrap().num_results
    }

    #[test]
    fn elements_of_any_type_are_rows() {
        let body = r#"{"data":[{"a":1e999},[],null,"\ud800",7,true],"more":{"data":1}}"#;
        let expected = [r#"{"a":1e999}"#, "[]", "null", r#""\ud800""#, "7", "true"];
        assert_eq!(rows(body).unwrap(), expected);
        assert_eq!(rows(r#"{"data":[]}"#), no_rows());
        assert_eq!(rows(r#"{"data":[1],"data":[2]}"#), Ok(vec!["2".to_owned()]));
    }

    #[test]
    fn the_number_of_results_is_a_hint_of_any_type() {
        assert_eq!(num_results("14"), Some(14));
        assert_eq!(num_results("14.0"), Some(14));
        assert_eq!(num_results("\" 14 \""), Some(14));
        for no_hint in [
            "null", "-1", "1.5", "1e999", "\"\"", "\"many\"", "\"inf\"", "[14]", "{}", "true",
        ] {
            assert_eq!(num_results(no_hint), None, "{no_hint}");
        }
        assert_eq!(Page::parse(r#"{"data":[]}"#).unwrap().num_results, None);
    }

    #[test]
    fn a_page_that_says_itself_that_there_is_nothing_needs_no_rows() {
        assert_eq!(rows(r#"{"numResults":0}"#), no_rows());
        assert_eq!(rows(r#"{"numResults":0,"data":null}"#), no_rows());
        assert_eq!(rows(r#"{"numResults":50,"data":null}"#), no_rows());
    }

    #[test]
    fn a_failure_that_is_told_as_a_success_is_no_empty_page() {
        for body in [
            r#"{"errors":[{"msg":"x","code":5000}]}"#,
            r#"{"numResults":0,"data":[],"errors":[{"msg":"x"}]}"#,
            r#"{"numResults":0,"data":null,"errors":"x"}"#,
        ] {
            assert_eq!(rows(body), Err(PageError::Errors), "{body}");
        }
        for nothing in ["[]", "null", "{ }", "\"\"", "false", "0", "[{}]"] {
            let body = format!(r#"{{"numResults":0,"data":[],"errors":{nothing}}}"#);
            assert_eq!(rows(&body), no_rows(), "{nothing}");
        }
        assert_eq!(rows(r#"{"data":[7],"errors":["x"]}"#).unwrap(), ["7"]);
    }

    #[test]
    fn a_byte_order_mark_before_the_body_is_no_part_of_it() {
        assert_eq!(
            rows("\u{feff}{\"data\":[\"a\", 7]}"),
            Ok(vec!["\"a\"".to_owned(), "7".to_owned()])
        );
        assert_eq!(rows("\u{feff}{\"numResults\":0}"), no_rows());
    }

    #[test]
    fn a_body_that_is_no_page_is_told_by_place_and_never_by_value() {
        for (body, error) in [
            ("", PageError::CutOff { line: 1, column: 0 }),
            (
                "{\"data\":[{\"secret\":1},",
                PageError::CutOff {
                    line: 1,
                    column: 22,
                },
            ),
            ("<html>", PageError::Syntax { line: 1, column: 1 }),
            (
                "{\"data\":[secret]}",
                PageError::Syntax {
                    line: 1,
                    column: 10,
                },
            ),
            ("{}", PageError::NoData),
            ("{\"data\":null}", PageError::NoData),
            (
                "{\"data\":\n\"secret\"}",
                PageError::Shape { line: 2, column: 8 },
            ),
            ("{\"data\":{}}", PageError::Shape { line: 1, column: 8 }),
            ("[]", PageError::Shape { line: 1, column: 0 }),
        ] {
            let found = Page::parse(body).map(|_| ()).unwrap_err();
            assert_eq!(found, error, "{body}");
            assert!(!found.to_string().contains("secret"));
        }
    }
}
