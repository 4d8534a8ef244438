use super::*;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use proptest::prelude::*;

/// 2025-10-01T04:26:43 in UTC.
const MILLIS: i64 = 1_759_292_803_000;

#[test]
fn the_vendors_spellings_are_read() {
    for (text, time) in [
        ("2025-10-01T04:26:43", Timestamp::Local(MILLIS)),
        ("2025-10-01 04:26:43", Timestamp::Local(MILLIS)),
        ("2025-10-01 4:26:43", Timestamp::Local(MILLIS)),
        ("2025-10-01T04:26:43.5", Timestamp::Local(MILLIS + 500)),
        ("2025-10-01T04:26:43.780Z", Timestamp::Utc(MILLIS + 780)),
        (
            "2025-10-01T04:26:43.123456789z",
            Timestamp::Utc(MILLIS + 123),
        ),
        ("2025-10-01T09:56:43+05:30", Timestamp::Utc(MILLIS)),
        ("2025-09-30T23:26:43-0500", Timestamp::Utc(MILLIS)),
    ] {
        assert_eq!(Timestamp::parse(text), Some(time), "{text}");
    }
}

#[test]
fn every_spelling_that_a_person_reads_without_guessing_is_read() {
    let minute = MILLIS - 43_000;
    let midnight = 1_759_276_800_000;
    for (text, time) in [
        (" 2025-10-01T04:26:43\t", Timestamp::Local(MILLIS)),
        ("\u{feff}2025-10-01T04:26:43\r\n", Timestamp::Local(MILLIS)),
        ("2025-10-1  4:26:43", Timestamp::Local(MILLIS)),
        ("2025/10/01 04:26:43", Timestamp::Local(MILLIS)),
        ("2025.10.01 04:26:43", Timestamp::Local(MILLIS)),
        ("2025-10-01T04:26:43,5", Timestamp::Local(MILLIS + 500)),
        ("2025-10-01 4:26:43 AM", Timestamp::Local(MILLIS)),
        (
            "2025-10-01 4:26:43pm",
            Timestamp::Local(MILLIS + 43_200_000),
        ),
        (
            "2025-10-01 12:26:43 am",
            Timestamp::Local(MILLIS - 14_400_000),
        ),
        ("2025-10-01T04:26", Timestamp::Local(minute)),
        ("2025-10-01T04:26Z", Timestamp::Utc(minute)),
        ("2025-10-01", Timestamp::Local(midnight)),
        ("2025-09-30T24:00:00", Timestamp::Local(midnight)),
        ("2025-09-30T24:00", Timestamp::Local(midnight)),
        ("2025-09-30T23:59:60", Timestamp::Local(midnight)),
        ("2025-10-01 04:26:43 UTC", Timestamp::Utc(MILLIS)),
        ("2025-10-01 04:26:43 gmt", Timestamp::Utc(MILLIS)),
        ("2025-10-01 09:56:43 +05:30", Timestamp::Utc(MILLIS)),
        ("2025-10-01 09:56:43 GMT+0530", Timestamp::Utc(MILLIS)),
        ("2025-10-01T06:26:43+02", Timestamp::Utc(MILLIS)),
        ("1759292803", Timestamp::Utc(MILLIS)),
        ("1759292803.5", Timestamp::Utc(MILLIS + 500)),
        (" 1759292803123 ", Timestamp::Utc(MILLIS + 123)),
        ("Wed, 01 Oct 2025 04:26:43 GMT", Timestamp::Utc(MILLIS)),
        (
            "Wed Oct 01 2025 09:56:43 GMT+0530 (India Standard Time)",
            Timestamp::Utc(MILLIS),
        ),
        (
            "2025-10-01T09:56:43+05:30[Asia/Kolkata]",
            Timestamp::Utc(MILLIS),
        ),
        ("20251001T042643Z", Timestamp::Utc(MILLIS)),
        ("20251001T042643", Timestamp::Local(MILLIS)),
        ("2025-10-01T09:56:43+5:30", Timestamp::Utc(MILLIS)),
        ("1.759292803e9", Timestamp::Utc(MILLIS)),
        ("1 Oct 2025 04:26:43", Timestamp::Local(MILLIS)),
        ("01 Oct 2025 4:26:43 AM", Timestamp::Local(MILLIS)),
        ("Oct 1, 2025 04:26:43", Timestamp::Local(MILLIS)),
        ("Oct 1, 2025, 4:26:43 AM", Timestamp::Local(MILLIS)),
        ("Wed Oct 01 2025 04:26:43", Timestamp::Local(MILLIS)),
    ] {
        assert_eq!(Timestamp::parse(text), Some(time), "{text}");
    }
}

#[test]
fn what_no_calendar_has_or_what_needs_a_guess_is_not_read() {
    for text in [
        "",
        " ",
        "soon",
        "2025",
        "2025-10",
        "2025-10/01",
        "01/10/2025",
        "10-01-2025 04:26:43",
        "2025-10-01T",
        "2025-10-01T04",
        "2025-10-01T04:26:43.",
        "2025-10-01T04:26:43.1234567890",
        "2025-10-01T04:26:43+530",
        "2025-10-01T04:26:43+05:",
        "2025-10-01T04:26:43+26:00",
        "2025-10-01T04:26:43+05:60",
        "2025-10-01T04:26:43+05:300",
        "2025-10-01T04:26:43Z!",
        "2025-10-01T04:26:43 EST",
        "2025-10-01T24:00:01",
        "2025-10-01T24:01:00",
        "2025-10-01T25:00:00",
        "2025-10-01T04:60:00",
        "2025-10-01T04:26:61",
        "2025-10-01T13:26:43 PM",
        "2025-10-01T0:26:43 AM",
        "2025-10-01T04:26:43 XM",
        "2025-13-01T04:26:43",
        "2025-00-01T04:26:43",
        "2025-02-29T04:26:43",
        "2100-02-29T04:26:43",
        "2025-04-31T04:26:43",
        "0",
        "999999999",
        "10000000000",
        "999999999999",
        "10000000000000",
        "20251001042643",
        "-1759292803",
        "1759292803.5.5",
        "2001-09-09T01:46:39",
        "1985-10-01T04:26:43",
        "２025-10-01T04:26:43",
    ] {
        assert_eq!(Timestamp::parse(text), None, "{text}");
    }
    let endless = format!("Wed, 01 Oct 2025 04:26:43 GMT{}", " (x)".repeat(30));
    assert_eq!(Timestamp::parse(&endless), None);
}

#[test]
fn a_number_is_seconds_or_milliseconds_by_its_size() {
    assert_eq!(
        Timestamp::of_epoch(1_759_292_803.0),
        Some(Timestamp::Utc(MILLIS))
    );
    assert_eq!(
        Timestamp::of_epoch(1_759_292_803_123.0),
        Some(Timestamp::Utc(MILLIS + 123))
    );
    for none in [0.0, -1.0, 7.0, 1e11, 1e13, f64::NAN, f64::INFINITY] {
        assert_eq!(Timestamp::of_epoch(none), None, "{none}");
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
    assert_eq!(format_utc(i64::MAX), "9999-12-30 22:00:00");
}

#[test]
fn a_programs_zero_is_no_time() {
    for zero in [
        "0",
        "0.0",
        "-1",
        "-62135596800000",
        "0000-00-00",
        "0000-00-00 00:00:00",
        "0000-00-00T00:00:00.000Z",
        "1970-01-01",
        "1970-01-01T00:00:00Z",
        "1970-01-01T05:30:00",
        "1969-12-31 19:00:00",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "0001-01-01T00:00:00",
        "0001-01-01T00:00:00.000Z",
        "1899-12-30T00:00:00",
        "1900-01-01T00:00:00",
    ] {
        assert!(Timestamp::is_zero(zero), "{zero}");
        assert_eq!(Timestamp::parse(zero), None, "{zero}");
    }
    for other in [
        "",
        "soon",
        "1",
        "1759292803",
        "2025-10-01T04:26:43",
        "1985-10-01T04:26:43",
        "Wed, 01 Oct 2025 04:26:43 GMT",
    ] {
        assert!(!Timestamp::is_zero(other), "{other}");
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(epoch_s in 1_000_000_000..253_402_200_000_i64) {
        let text = format_utc(epoch_s);
        prop_assert_eq!(Timestamp::parse(&text), Some(Timestamp::Local(epoch_s * 1000)));
        let other: DateTime = text.parse().unwrap();
        let other = TimeZone::UTC.to_timestamp(other).unwrap();
        prop_assert_eq!(other.as_second(), epoch_s);
    }

    #[test]
    fn any_text_is_survived(text: String, digits in "[0-9TZ:+. -]{0,32}") {
        let _ = (Timestamp::parse(&text), Timestamp::parse(&digits));
    }
}
