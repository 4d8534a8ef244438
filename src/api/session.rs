//! What session ids tell: when the session began.

/// 2015-01-01T00:00:00Z. The vendor's platform is younger: an earlier time is no time, only hexadecimal by chance.
const EARLIEST_S: i64 = 1_420_070_400;
const DAY_S: i64 = 86_400;

/// The start of a session in UTC epoch seconds, which the first 8 digits of its id spell in hexadecimal
/// (proven on all of the vendor's sample records). `None` unless they do, and between 2015 and a day from now.
///
/// ```
/// use smartassist_exporter::api::{format_utc, session_time_s};
///
/// let now_s = 1_790_000_000;
/// let start_s = session_time_s("68dc602b4afb07c72ac5xxxx", now_s).unwrap();
/// assert_eq!(format_utc(start_s), "2025-09-30 22:56:43");
/// assert_eq!(session_time_s("not an object id", now_s), None);
/// ```
pub fn session_time_s(session_id: &str, now_s: i64) -> Option<i64> {
    let digits = session_id.as_bytes().first_chunk::<8>()?;
    let time_s = digits.iter().try_fold(0, |time_s, digit| {
        let digit = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            b'A'..=b'F' => digit - b'A' + 10,
            _ => return None,
        };
        Some(time_s << 4 | i64::from(digit))
    })?;
    (EARLIEST_S..=now_s.saturating_add(DAY_S))
        .contains(&time_s)
        .then_some(time_s)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-09-21T14:13:20Z.
    const NOW_S: i64 = 1_790_000_000;

    #[test]
    fn a_session_id_tells_its_start_if_it_is_plausible() {
        assert_eq!(
            session_time_s("68dc602b4afb07c72ac5xxxx", NOW_S),
            Some(1_759_273_003)
        );
        assert_eq!(session_time_s("68DC602B", NOW_S), Some(1_759_273_003));
        for implausible in [
            "",
            "68dc602",
            "68dc602g0000",
            "+8dc602b",
            "00000001",
            "ffffffff",
            "é8dc602b",
        ] {
            assert_eq!(session_time_s(implausible, NOW_S), None, "{implausible}");
        }
        let in_a_day = |more: i64| format!("{:08x}", NOW_S + DAY_S + more);
        assert!(session_time_s(&in_a_day(0), NOW_S).is_some());
        assert_eq!(session_time_s(&in_a_day(1), NOW_S), None);
    }
}
