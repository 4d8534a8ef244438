//! The vendor's times, and every other spelling of a time that a person can read without guessing.
//!
//! Read: `2025-10-01T04:26:43`, with a blank for the `T`, digits left out (`2025-1-5 4:26`), a fraction, `24:00:00`,
//! second 60, `AM` and `PM`, `Z`, `UTC` or an offset behind it, blanks around it; a day alone, which is its first
//! instant; seconds or milliseconds since 1970 as a number or as text; without separators (`20251001T042643`); and what
//! mail, browsers and people write (`Wed, 01 Oct 2025 04:26:43 GMT`, `Oct 1, 2025 4:26:43 AM`).
//! Not read: what needs a guess, such as `01/10/2025`, which is one day in Paris and another in Chicago; and what lies
//! before [`EARLIEST_MS`], by any calendar a mistake. Programs' zeros are no times ([`Timestamp::is_zero`]).
//!
//! The calendar itself is `jiff`'s.

#[cfg(test)]
mod tests;
mod text;

use jiff::tz::Offset;

/// A time as sent: with its own offset, or local to an offset that the text does not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Timestamp {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    Utc(i64),
    /// Milliseconds since 1970-01-01T00:00:00 where the text was written.
    Local(i64),
}

/// 2001-09-09T01:46:40Z, from when on seconds since 1970 have ten digits. The vendor's platform is younger by far.
const EARLIEST_MS: i64 = 1_000_000_000_000;
const DAY_MS: i64 = 86_400_000;

/// Where programs' clocks begin: 1970 in most, the year 1 in some, the last days of 1899 in spreadsheets.
const ZEROS_MS: [i64; 4] = [
    0,
    -62_135_596_800_000,
    -2_209_161_600_000,
    -2_208_988_800_000,
];

impl Timestamp {
    /// Whether a text without blanks around it, or a number, is how a program writes that it knows no time: a number that
    /// is not above 0, a date of zeros, or the instant where its clock begins, on a clock of any zone. Taken for a time, it
    /// would say that something happened of which the record means that it did not.
    pub(super) fn is_zero(text: &str) -> bool {
        // Nearly every time says otherwise by its first digit.
        if text.starts_with('2') {
            return false;
        }
        if text.parse().is_ok_and(|number: f64| number <= 0.0) {
            return true;
        }
        let zeros =
            |byte: u8| matches!(byte, b'0' | b'-' | b'/' | b'.' | b':' | b' ' | b'T' | b'Z');
        if text.starts_with('0') && text.bytes().all(zeros) {
            return true;
        }
        let begins = |millis: i64| {
            let mut zeros = ZEROS_MS.iter();
            zeros.any(|zero| (millis - zero).abs() <= DAY_MS)
        };
        text::read(text).is_some_and(|time| begins(time.utc_ms(0)))
    }

    /// Reads any spelling that this room names; `None` for anything else, and for days and hours that no calendar has.
    pub fn parse(text: &str) -> Option<Self> {
        text::read(super::walk::trimmed(text)).filter(|time| time.utc_ms(0) >= EARLIEST_MS)
    }

    /// Seconds or milliseconds since 1970. Between 2001 and 2286 a number can be only one of the two, by its size;
    /// any other number is no time.
    pub fn of_epoch(number: f64) -> Option<Self> {
        let millis = if (1e9..1e10).contains(&number) {
            number * 1000.0
        } else if (1e12..1e13).contains(&number) {
            number
        } else {
            return None;
        };
        Some(Timestamp::Utc(millis.round() as i64))
    }

    /// Milliseconds since 1970-01-01T00:00:00Z; `offset_s` (local − UTC, east is positive) is used for local times only.
    pub fn utc_ms(self, offset_s: i32) -> i64 {
        match self {
            Timestamp::Utc(millis) => millis,
            Timestamp::Local(millis) => millis - i64::from(offset_s) * 1000,
        }
    }
}

/// `2026-11-26T10:00:00.000Z` of UTC epoch seconds.
pub fn format_iso(epoch_s: i64) -> String {
    let instant = jiff::Timestamp::from_second(epoch_s).unwrap_or_default();
    format!("{instant:.3}")
}

/// `yyyy-mm-dd HH:mm:ss` of UTC epoch seconds, as request bodies want it; clamped to the years 0000 to 9999.
pub fn format_utc(epoch_s: i64) -> String {
    // 0000-01-01T00:00:00Z, and the last instant that `jiff` has.
    let clamped = epoch_s.clamp(-62_167_219_200, jiff::Timestamp::MAX.as_second());
    let instant = jiff::Timestamp::from_second(clamped).unwrap_or_default();
    let shown = Offset::UTC.to_datetime(instant);
    format!(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
        shown.year(),
        shown.month(),
        shown.day(),
        shown.hour(),
        shown.minute(),
        shown.second()
    )
}
