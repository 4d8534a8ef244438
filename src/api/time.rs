//! The vendor's times: `2025-10-01T04:26:43`, `2023-01-10 2:25:54`, `2025-10-01T02:10:57.780Z`.

const MINUTE_S: i64 = 60;
const DAY_S: i64 = 86_400;

/// A time as sent: with its own offset, or local to an offset that the text does not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timestamp {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    Utc(i64),
    /// Milliseconds since 1970-01-01T00:00:00 where the text was written.
    Local(i64),
}

impl Timestamp {
    /// Reads `yyyy-mm-dd`, `T` or a space, `HH:mm:ss` (the hour may have one digit), perhaps a fraction, perhaps `Z`
    /// or `+05:30`. `None` for anything else, and for days and hours that no calendar has.
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest = Digits(text.as_bytes());
        let year = rest.number(4, 4)?;
        rest.one_of(b"-")?;
        let month = rest.number(2, 2)?;
        rest.one_of(b"-")?;
        let day = rest.number(2, 2)?;
        rest.one_of(b"Tt ")?;
        let hour = rest.number(1, 2)?;
        rest.one_of(b":")?;
        let minute = rest.number(2, 2)?;
        rest.one_of(b":")?;
        let second = rest.number(2, 2)?;
        let millis = rest.fraction_ms()?;
        if !(1..=12).contains(&month) || !(1..=days_in(year, month)).contains(&day) {
            return None;
        }
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let seconds =
            days_from_epoch(year, month, day) * DAY_S + (hour * 60 + minute) * MINUTE_S + second;
        let here = seconds * 1000 + millis;
        match rest.offset_s()? {
            Some(offset_s) => Some(Timestamp::Utc(here - offset_s * 1000)),
            None => Some(Timestamp::Local(here)),
        }
    }

    /// Milliseconds since 1970-01-01T00:00:00Z; `offset_s` (local − UTC, east is positive) is used for local times only.
    pub fn utc_ms(self, offset_s: i32) -> i64 {
        match self {
            Timestamp::Utc(millis) => millis,
            Timestamp::Local(millis) => millis - i64::from(offset_s) * 1000,
        }
    }
}

/// `yyyy-mm-dd HH:mm:ss` of UTC epoch seconds, as request bodies want it; clamped to the years 0000 to 9999.
pub fn format_utc(epoch_s: i64) -> String {
    // 0000-01-01T00:00:00Z and 9999-12-31T23:59:59Z.
    let clamped = epoch_s.clamp(-62_167_219_200, 253_402_300_799);
    let (year, month, day) = date_from_epoch(clamped.div_euclid(DAY_S));
    let second = clamped.rem_euclid(DAY_S);
    let (hour, minute) = (second / 3600, second / MINUTE_S % 60);
    format!(
        "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{:02}",
        second % MINUTE_S
    )
}

/// Days from 1970-01-01 in the Gregorian calendar. Counts years from March, so that the leap day is the last of its year.
fn days_from_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The inverse of [`days_from_epoch`].
fn date_from_epoch(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// What is left of a time's text.
struct Digits<'a>(&'a [u8]);

impl Digits<'_> {
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
        if self.one_of(b".").is_none() {
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

    /// The offset that ends the text, in seconds east; `Some(None)` if the text just ends, `None` if it is broken.
    fn offset_s(&mut self) -> Option<Option<i64>> {
        if self.0.is_empty() {
            return Some(None);
        }
        let offset_s = match self.one_of(b"Zz+-")? {
            sign @ (b'+' | b'-') => {
                let hours = self.number(2, 2)?;
                self.one_of(b":");
                let minutes = self.number(2, 2)?;
                if hours > 23 || minutes > 59 {
                    return None;
                }
                let seconds = (hours * 60 + minutes) * MINUTE_S;
                if sign == b'-' { -seconds } else { seconds }
            }
            _ => 0,
        };
        self.0.is_empty().then_some(Some(offset_s))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::DateTime;
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    #[test]
    fn the_vendors_spellings_are_read() {
        // 2025-10-01T04:26:43 in UTC.
        let millis = 1_759_292_803_000;
        for (text, time) in [
            ("2025-10-01T04:26:43", Timestamp::Local(millis)),
            ("2025-10-01 04:26:43", Timestamp::Local(millis)),
            ("2025-10-01 4:26:43", Timestamp::Local(millis)),
            ("2025-10-01T04:26:43.5", Timestamp::Local(millis + 500)),
            ("2025-10-01T04:26:43.780Z", Timestamp::Utc(millis + 780)),
            (
                "2025-10-01T04:26:43.123456789z",
                Timestamp::Utc(millis + 123),
            ),
            ("2025-10-01T09:56:43+05:30", Timestamp::Utc(millis)),
            ("2025-09-30T23:26:43-0500", Timestamp::Utc(millis)),
        ] {
            assert_eq!(Timestamp::parse(text), Some(time), "{text}");
        }
    }

    #[test]
    fn what_no_calendar_has_is_not_read() {
        for text in [
            "",
            "2025-10-01",
            "2025-10-01T04:26",
            "2025-10-01T04:26:43 ",
            "2025-10-01T04:26:43.",
            "2025-10-01T04:26:43.1234567890",
            "2025-10-01T04:26:43+5:30",
            "2025-10-01T04:26:43Z!",
            "2025-10-01T24:00:00",
            "2025-10-01T04:60:00",
            "2025-10-01T04:26:60",
            "2025-13-01T04:26:43",
            "2025-00-01T04:26:43",
            "2025-02-29T04:26:43",
            "2100-02-29T04:26:43",
            "2025-04-31T04:26:43",
            "1759292803",
            "２025-10-01T04:26:43",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_local_time_is_read_with_the_offset_and_an_absolute_one_without() {
        assert_eq!(Timestamp::Local(19_800_000).utc_ms(19_800), 0);
        assert_eq!(Timestamp::Utc(19_800_000).utc_ms(19_800), 19_800_000);
    }

    #[test]
    fn times_out_of_all_years_are_clamped_when_written() {
        assert_eq!(format_utc(i64::MIN), "0000-01-01 00:00:00");
        assert_eq!(format_utc(i64::MAX), "9999-12-31 23:59:59");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(epoch_s in -62_167_219_200..253_402_300_800_i64) {
            let text = format_utc(epoch_s);
            prop_assert_eq!(Timestamp::parse(&text), Some(Timestamp::Local(epoch_s * 1000)));
        }

        #[test]
        fn times_are_those_of_another_calendar(epoch_s in -62_167_219_200..253_402_200_000_i64) {
            let other: DateTime = format_utc(epoch_s).parse().unwrap();
            let other = TimeZone::UTC.to_timestamp(other).unwrap();
            prop_assert_eq!(other.as_second(), epoch_s);
        }

        #[test]
        fn any_text_is_survived(text: String, digits in "[0-9TZ:+. -]{0,32}") {
            let _ = (Timestamp::parse(&text), Timestamp::parse(&digits));
        }
    }
}
