//! The zone that times without one are shown in.

use super::super::named::by_text;
use jiff::tz::{Offset, TimeZone};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Zone {
    /// That of the request's `timeZoneOffset`.
    Request,
    /// The account's own, whatever the request says: minutes east of UTC.
    Fixed(i32),
    /// The account's own, with its summer time. By an IANA name, or by a POSIX rule, which may change its offset
    /// whenever a test needs it to.
    Rules(String, TimeZone),
}

impl Zone {
    /// The zone of an answer to a request whose `timeZoneOffset` is so many minutes *west* of UTC.
    pub fn of_answer(&self, west_minutes: i32) -> TimeZone {
        match self {
            Zone::Request => fixed(-west_minutes),
            Zone::Fixed(minutes) => fixed(*minutes),
            Zone::Rules(_, zone) => zone.clone(),
        }
    }
}

/// A zone without summer time.
pub fn fixed(east_minutes: i32) -> TimeZone {
    Offset::from_seconds(east_minutes * 60).map_or(TimeZone::UTC, TimeZone::fixed)
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Zone::Request => f.write_str("request"),
            Zone::Fixed(minutes) => {
                let sign = if *minutes < 0 { '-' } else { '+' };
                write!(
                    f,
                    "{sign}{:02}:{:02}",
                    minutes.abs() / 60,
                    minutes.abs() % 60
                )
            }
            Zone::Rules(name, _) => f.write_str(name),
        }
    }
}

impl FromStr for Zone {
    type Err = String;

    /// `request`, `+05:30`, `Europe/Berlin`, or `CET-1CEST,M3.5.0,M10.5.0/3`.
    fn from_str(text: &str) -> Result<Self, String> {
        let (sign, rest) = match text.as_bytes().first() {
            _ if text == "request" => return Ok(Zone::Request),
            Some(b'+') => (1, &text[1..]),
            Some(b'-') => (-1, &text[1..]),
            // A POSIX rule has a comma, or ends in digits; a name of the database has neither.
            _ => {
                return TimeZone::get(text)
                    .or_else(|_| TimeZone::posix(text))
                    .map(|zone| Zone::Rules(text.to_owned(), zone))
                    .map_err(|_| {
                        "it is neither `request`, nor an offset such as `+05:30`, nor a zone such as `Europe/Berlin`"
                            .to_owned()
                    });
            }
        };
        let east = jiff::civil::Time::strptime("%H:%M", rest)
            .map_err(|_| "it is not an offset such as `+05:30`".to_owned())?;
        let minutes = i32::from(east.hour()) * 60 + i32::from(east.minute());
        if minutes > 14 * 60 {
            Err("offsets reach to `±14:00`".to_owned())
        } else {
            Ok(Zone::Fixed(sign * minutes))
        }
    }
}

by_text!(Zone);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_that_of_the_request_or_fixed_or_a_rule() {
        for (text, zone) in [
            ("request", Zone::Request),
            ("+05:30", Zone::Fixed(330)),
            ("-03:00", Zone::Fixed(-180)),
        ] {
            assert_eq!(text.parse(), Ok(zone.clone()), "{text}");
            assert_eq!(zone.to_string(), text);
        }
        assert!(matches!(
            "CET-1CEST,M3.5.0,M10.5.0/3".parse(),
            Ok(Zone::Rules(..))
        ));
        for bad in ["", "+15:00", "+5", "Mars/Olympus"] {
            assert!(bad.parse::<Zone>().is_err(), "{bad}");
        }
    }
}
