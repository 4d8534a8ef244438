//! One answer of the Call Details endpoint: its rows, each still raw, so that a bad one costs no other.

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::error::Category;
use serde_json::value::RawValue;
use std::fmt;

pub struct Page<'a> {
    /// `numResults` where it is a whole number: total or page size, the vendor does not say. A hint at most.
    pub num_results: Option<u64>,
    /// The elements of `data`, of any JSON type.
    pub rows: Vec<&'a RawValue>,
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
}

impl<'a> Page<'a> {
    /// Reads a body whose encoding is checked already (serde_json is a third faster on `&str`).
    ///
    /// # Errors
    /// The text is no JSON, ends early, or is no object with an array `data`.
    pub fn parse(body: &'a str) -> Result<Self, PageError> {
        let envelope: Envelope<'a> =
            serde_json::from_str(body).map_err(|error| PageError::from(&error))?;
        let num_results = envelope.num_results.and_then(|raw| whole(raw.get()));
        let rows = match envelope.data {
            Some(rows) => rows,
            // Says itself that there is nothing: an empty window must not look like a broken answer.
            None if num_results == Some(0) => Vec::new(),
            None => return Err(PageError::NoData),
        };
        Ok(Page { num_results, rows })
    }
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

/// `14` and `14.0`, but no other JSON value.
fn whole(raw: &str) -> Option<u64> {
    raw.parse().ok().or_else(|| {
        let number: f64 = raw.parse().ok()?;
        // Past 2^53 the nearest number is no longer the one that was sent.
        (number.fract() == 0.0 && (0.0..=9_007_199_254_740_992.0).contains(&number))
            .then_some(number as u64)
    })
}

#[derive(Default)]
struct Envelope<'a> {
    num_results: Option<&'a RawValue>,
    data: Option<Vec<&'a RawValue>>,
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

    fn rows(body: &str) -> Result<Vec<&str>, PageError> {
        Page::parse(body).map(|page| page.rows.iter().map(|row| row.get()).collect())
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
        assert_eq!(rows(r#"{"data":[]}"#), Ok(vec![]));
        assert_eq!(rows(r#"{"data":[1],"data":[2]}"#), Ok(vec!["2"]));
    }

    #[test]
    fn the_number_of_results_is_a_hint_of_any_type() {
        assert_eq!(num_results("14"), Some(14));
        assert_eq!(num_results("14.0"), Some(14));
        for no_hint in ["null", "-1", "1.5", "1e999", "\"14\"", "[14]", "{}", "true"] {
            assert_eq!(num_results(no_hint), None, "{no_hint}");
        }
        assert_eq!(Page::parse(r#"{"data":[]}"#).unwrap().num_results, None);
    }

    #[test]
    fn a_page_that_says_itself_that_there_is_nothing_needs_no_rows() {
        assert_eq!(rows(r#"{"numResults":0}"#), Ok(vec![]));
        assert_eq!(rows(r#"{"numResults":0,"data":null}"#), Ok(vec![]));
        assert_eq!(rows(r#"{"numResults":1}"#), Err(PageError::NoData));
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
