//! From the text of a time to the time.

use super::Timestamp;
use jiff::civil::Date;
use jiff::fmt::{rfc2822, strtime};
use jiff::tz::Offset;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// No spelling of a time is longer; the slow ways are not tried on what is.
const LONGEST: usize = 80;

/// Reads a text without blanks around it.
pub(super) fn read(text: &str) -> Option<Timestamp> {
    if let Some(time) = Digits(text.as_bytes()).time() {
        return Some(time);
    }
    if text.len() > LONGEST {
        return None;
    }
    epoch(text).or_else(|| seldom(text))
}

fn epoch(text: &str) -> Option<Timestamp> {
    let plain = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+');
    text.as_bytes().iter().all(plain).then_some(())?;
    Timestamp::of_epoch(text.parse().ok()?)
}

/// What mail, browsers and other calendars write. Rare, so slow.
fn seldom(text: &str) -> Option<Timestamp> {
    let utc = |time: jiff::Timestamp| Timestamp::Utc(time.as_millisecond());
    let mail = rfc2822::DateTimeParser::new().relaxed_weekday(true);
    if let Ok(time) = mail.parse_timestamp(text) {
        return Some(utc(time));
    }
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return Some(utc(time));
    }
    // `Wed Oct 01 2025 04:26:43 GMT+0530 (India Standard Time)`
    let browser = text.split(" (").next().unwrap_or(text);
    if let Ok(parsed) = strtime::parse("%a %b %d %Y %H:%M:%S GMT%z", browser) {
        return parsed.to_timestamp().ok().map(utc);
    }
    let local = LOCAL
        .iter()
        .find_map(|format| strtime::parse(format, text).ok());
    let here = Offset::UTC.to_timestamp(local?.to_datetime().ok()?).ok()?;
    Some(Timestamp::Local(here.as_millisecond()))
}

/// Without separators, and as people and their programs write a day with the name of its month.
const LOCAL: [&str; 8] = [
    "%Y%m%dT%H%M%S",
    "%d %b %Y %H:%M:%S",
    "%b %d, %Y %H:%M:%S",
    "%b %d, %Y, %H:%M:%S",
    "%d %b %Y %I:%M:%S %p",
    "%b %d, %Y %I:%M:%S %p",
    "%b %d, %Y, %I:%M:%S %p",
    "%a %b %d %Y %H:%M:%S",
];

/// What is left of a time's text.
struct Digits<'a>(&'a [u8]);

impl Digits<'_> {
    /// `yyyy-mm-dd`, perhaps the time of the day, perhaps its offset.
    fn time(&mut self) -> Option<Timestamp> {
        let day_ms = self.day_ms()?;
        if self.0.is_empty() {
            return Some(Timestamp::Local(day_ms));
        }
        self.one_of(b"Tt ")?;
        self.blanks();
        let here = day_ms + self.time_of_day_ms()?;
        Some(match self.offset_ms()? {
            Some(offset_ms) => Timestamp::Utc(here - offset_ms),
            None => Timestamp::Local(here),
        })
    }

    /// Milliseconds from 1970 to the first instant of the day.
    fn day_ms(&mut self) -> Option<i64> {
        let year = self.number(4, 4)?;
        let separator = self.one_of(b"-/.")?;
        let month = self.number(1, 2)?;
        self.one_of(&[separator])?;
        let day = self.number(1, 2)?;
        let date = Date::new(year as i16, month as i8, day as i8).ok()?;
        let midnight = Offset::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()?;
        Some(midnight.as_millisecond())
    }

    /// `HH:mm`, perhaps seconds and a fraction of them. `24:00` is the end of the day; a second 60 is a leap second,
    /// which is the first of the next minute to everyone else.
    fn time_of_day_ms(&mut self) -> Option<i64> {
        let hour = self.number(1, 2)?;
        self.one_of(b":")?;
        let minute = self.number(2, 2)?;
        let (mut second, mut millis) = (0, 0);
        if self.one_of(b":").is_some() {
            second = self.number(2, 2)?;
            millis = self.fraction_ms()?;
        }
        let hour = self.on_the_clock(hour)?;
        let within = minute * MINUTE_MS + second * 1000 + millis;
        let end_of_day = hour == 24 && within == 0;
        (minute < 60 && second <= 60 && (hour < 24 || end_of_day))
            .then_some(hour * HOUR_MS + within)
    }

    /// The hour of the day, after `AM` or `PM` if one follows.
    fn on_the_clock(&mut self, hour: i64) -> Option<i64> {
        let before = self.0;
        self.blanks();
        let half = match self.one_of(b"AaPp") {
            Some(half) if self.one_of(b"Mm").is_some() => half.to_ascii_uppercase(),
            _ => {
                self.0 = before;
                return Some(hour);
            }
        };
        (1..=12)
            .contains(&hour)
            .then(|| hour % 12 + if half == b'P' { 12 } else { 0 })
    }

    fn blanks(&mut self) {
        while self.one_of(b" ").is_some() {}
    }

    fn one_of(&mut self, allowed: &[u8]) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        if !allowed.contains(&first) {
            return None;
        }
        self.0 = rest;
        Some(first)
    }

    /// A number of `least` to `most` digits.
    fn number(&mut self, least: usize, most: usize) -> Option<i64> {
        let mut value = 0;
        let mut taken = 0;
        while taken < most
            && let Some(digit) = self.digit()
        {
            value = value * 10 + digit;
            taken += 1;
        }
        (taken >= least).then_some(value)
    }

    fn digit(&mut self) -> Option<i64> {
        let (&first, rest) = self.0.split_first()?;
        if !first.is_ascii_digit() {
            return None;
        }
        self.0 = rest;
        Some(i64::from(first - b'0'))
    }

    /// A fraction of 1 to 9 digits, cut to milliseconds; 0 if there is none, `None` if it is broken.
    fn fraction_ms(&mut self) -> Option<i64> {
        if self.one_of(b".,").is_none() {
            return Some(0);
        }
        let (mut millis, mut weight, mut taken) = (0, 100, 0);
        while taken < 9
            && let Some(digit) = self.digit()
        {
            millis += digit * weight;
            weight /= 10;
            taken += 1;
        }
        (taken > 0).then_some(millis)
    }

    /// The offset that ends the text, in milliseconds east; `Some(None)` if the text just ends, `None` if it is broken.
    fn offset_ms(&mut self) -> Option<Option<i64>> {
        self.blanks();
        if self.0.is_empty() {
            return Some(None);
        }
        let named = self.one_of(b"Zz").is_some() || self.word(b"UTC") || self.word(b"GMT");
        let Some(sign) = self.one_of(b"+-") else {
            return (named && self.0.is_empty()).then_some(Some(0));
        };
        let hours = self.number(1, 2)?;
        let colon = self.one_of(b":").is_some();
        let minutes = if self.0.is_empty() && !colon {
            0
        } else {
            self.number(2, 2)?
        };
        if hours > 23 || minutes > 59 || !self.0.is_empty() {
            return None;
        }
        let east = hours * HOUR_MS + minutes * MINUTE_MS;
        Some(Some(if sign == b'-' { -east } else { east }))
    }

    fn word(&mut self, word: &[u8]) -> bool {
        let found = self
            .0
            .get(..word.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(word));
        if found {
            self.0 = self.0.get(word.len()..).unwrap_or_default();
        }
        found
    }
}
