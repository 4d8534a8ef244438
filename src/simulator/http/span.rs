//! A stretch of time, as a flag and `/control` write it.

use super::super::named::by_text;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// UTC seconds, both inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Span {
    pub from_s: i64,
    pub to_s: i64,
}

impl Span {
    /// Whether any second of it lies between two instants, both inclusive.
    pub fn touches(&self, from_s: i64, to_s: i64) -> bool {
        self.from_s <= to_s && from_s <= self.to_s
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let from = Timestamp::from_second(self.from_s).unwrap_or_default();
        write!(f, "{from}+{}s", self.to_s - self.from_s + 1)
    }
}

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (from, length) = text.split_once("Z+").ok_or_else(|| {
            "it is not a time in UTC and a duration, as in `2026-09-21T14:13:20Z+1s`".to_owned()
        })?;
        let from: Timestamp = format!("{from}Z")
            .parse()
            .map_err(|_| format!("`{from}Z` is no time"))?;
        let length = humantime::parse_duration(length)
            .map_err(|error| format!("`{length}` is no duration: {error}"))?;
        if length < Duration::from_secs(1) {
            return Err("a stretch lasts at least `1s`".to_owned());
        }
        let length_s = i64::try_from(length.as_secs()).map_err(|_| "it is too long".to_owned())?;
        let from_s = from.as_second();
        Ok(Span {
            from_s,
            to_s: from_s.saturating_add(length_s - 1),
        })
    }
}

by_text!(Span);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_is_read_as_it_is_written() {
        for text in ["2026-09-21T14:13:20Z+1s", "2026-09-21T14:13:20Z+60s"] {
            assert_eq!(text.parse::<Span>().map(String::from), Ok(text.to_owned()));
        }
        for bad in [
            "",
            "2026-09-21T14:13:20Z",
            "noonZ+1s",
            "2026-09-21T14:13:20Z+0s",
        ] {
            assert!(bad.parse::<Span>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_window_touches_a_stretch_by_any_common_second() {
        let second = Span {
            from_s: 10,
            to_s: 10,
        };
        assert!(second.touches(9, 10) && second.touches(10, 11) && second.touches(10, 10));
        assert!(!second.touches(8, 9) && !second.touches(11, 12));
    }
}
