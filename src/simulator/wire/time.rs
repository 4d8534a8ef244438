//! How the vendor writes times: without a zone, in some zone; or in UTC with a `Z` and milliseconds.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// `2025-10-01T07:40:36`, in the zone; whole seconds, cut off.
pub(super) fn shown(at_ms: i64, zone: &TimeZone) -> String {
    let whole = Timestamp::from_second(at_ms.div_euclid(1000)).unwrap_or_default();
    zone.to_datetime(whole).to_string()
}

/// `2025-10-01T02:10:57.780Z`.
pub(super) fn universal(at_ms: i64) -> String {
    format!(
        "{:.3}",
        Timestamp::from_millisecond(at_ms).unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both from one record of the vendor's sample, whose session began at 0x68dc8d9c.
    #[test]
    fn times_are_written_as_in_the_vendors_sample() {
        let india =
            TimeZone::fixed(jiff::tz::offset(5).saturating_add(jiff::Span::new().minutes(30)));
        assert_eq!(
            shown(0x68dc_8d9c * 1000 + 999, &india),
            "2025-10-01T07:40:36"
        );
        assert_eq!(universal(1_759_284_657_780), "2025-10-01T02:10:57.780Z");
        assert_eq!(universal(1_759_284_657_000), "2025-10-01T02:10:57.000Z");
    }
}
