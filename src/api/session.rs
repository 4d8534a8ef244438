//! What session ids tell: when the session began, and with it the offset that the account's zone-less times are in.

use super::{Record, Timestamp};

/// 2015-01-01T00:00:00Z. The vendor's platform is younger: an earlier time is no time, only hexadecimal by chance.
const EARLIEST_S: i64 = 1_420_070_400;
const DAY_S: i64 = 86_400;

/// Every zone in use differs from UTC by a multiple of this, and records lag their id by seconds only.
const STEP_S: i64 = 15 * 60;
/// ± 14 h: the widest offset of any zone.
const MOST_STEPS: i64 = 14 * 4;
const CHOICES: usize = 2 * MOST_STEPS as usize + 1;

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
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let time_s = i64::from_str_radix(session_id.get(..8)?, 16).ok()?;
    (EARLIEST_S..=now_s.saturating_add(DAY_S))
        .contains(&time_s)
        .then_some(time_s)
}

/// The offset of zone-less times: local − UTC in seconds, east is positive (+19800 in the vendor's sample).
///
/// It is the most frequent difference between `sessionStartTime` and the time in the session id, rounded to
/// 15 minutes, within ± 14 h. Where several are equally frequent: `previous` if it is among them, else the one
/// nearest to UTC, else the eastern one. `None` if no record tells.
pub fn measure_offset<'r, 'a: 'r>(
    records: impl IntoIterator<Item = &'r Record<'a>>,
    now_s: i64,
    previous: Option<i32>,
) -> Option<i32> {
    let mut counts = [0_u32; CHOICES];
    for steps in records
        .into_iter()
        .filter_map(|record| offset_steps(record, now_s))
    {
        if let Some(count) = usize::try_from(steps + MOST_STEPS)
            .ok()
            .and_then(|index| counts.get_mut(index))
        {
            *count += 1;
        }
    }
    (-MOST_STEPS..=MOST_STEPS)
        .zip(counts)
        .filter(|&(_, count)| count > 0)
        .map(|(steps, count)| (count, (steps * STEP_S) as i32))
        .max_by_key(|&(count, offset_s)| {
            (count, Some(offset_s) == previous, -offset_s.abs(), offset_s)
        })
        .map(|(_, offset_s)| offset_s)
}

/// The offset that one record tells, in quarter hours. A start that carries its own zone tells nothing.
fn offset_steps(record: &Record, now_s: i64) -> Option<i64> {
    let began_s = session_time_s(record.session_id.value()?, now_s)?;
    let Timestamp::Local(shown_ms) = Timestamp::parse(record.session_start_time.value()?)? else {
        return None;
    };
    let difference_s = shown_ms.div_euclid(1000) - began_s;
    Some((difference_s + STEP_S / 2).div_euclid(STEP_S))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use serde_json::value::RawValue;

    /// 2026-09-21T14:13:20Z.
    const NOW_S: i64 = 1_790_000_000;
    /// 2025-09-30T22:56:43Z.
    const ID: &str = "68dc602b4afb07c72ac5xxxx";

    fn records(starts: &[(&str, &str)]) -> Vec<Record<'static>> {
        let record = |(id, start): &(&str, &str)| {
            let json = json!({"sessionId": id, "sessionStartTime": start}).to_string();
            let raw: &'static RawValue = Box::leak(RawValue::from_string(json).unwrap());
            Record::read(raw).unwrap()
        };
        starts.iter().map(record).collect()
    }

    fn offset(starts: &[&str], previous: Option<i32>) -> Option<i32> {
        let starts: Vec<_> = starts.iter().map(|start| (ID, *start)).collect();
        measure_offset(&records(&starts), NOW_S, previous)
    }

    #[test]
    fn a_session_id_tells_its_start_if_it_is_plausible() {
        assert_eq!(session_time_s(ID, NOW_S), Some(1_759_273_003));
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

    #[test]
    fn the_offset_is_local_less_utc_and_east_is_positive() {
        assert_eq!(offset(&["2025-10-01T04:26:43"], None), Some(19_800));
        assert_eq!(offset(&["2025-09-30T17:56:43"], None), Some(-18_000));
        assert_eq!(offset(&["2025-09-30T22:56:43"], Some(19_800)), Some(0));
    }

    #[test]
    fn seconds_between_id_and_start_are_rounded_away() {
        assert_eq!(offset(&["2025-10-01T04:26:40"], None), Some(19_800));
        assert_eq!(offset(&["2025-10-01T04:33:00"], None), Some(19_800));
        assert_eq!(offset(&["2025-10-01T04:35:00"], None), Some(20_700));
    }

    #[test]
    fn the_most_frequent_offset_wins() {
        let starts = [
            "2025-10-01T04:26:43",
            "2025-09-30T22:56:43",
            "2025-10-01T04:26:44",
        ];
        assert_eq!(offset(&starts, Some(0)), Some(19_800));
    }

    #[test]
    fn equally_frequent_offsets_fall_to_the_previous_then_to_the_nearest() {
        let starts = [
            "2025-10-01T04:26:43",
            "2025-09-30T23:56:43",
            "2025-09-30T21:56:43",
        ];
        assert_eq!(offset(&starts, Some(19_800)), Some(19_800));
        assert_eq!(offset(&starts, Some(-3_600)), Some(-3_600));
        assert_eq!(offset(&starts, Some(7_200)), Some(3_600));
        assert_eq!(offset(&starts, None), Some(3_600));
    }

    #[test]
    fn what_tells_no_offset_is_left_out() {
        let day_away = "2025-10-01T22:56:43";
        assert_eq!(
            offset(&[day_away, "2025-10-01T04:26:43Z", "", "soon"], Some(0)),
            None
        );
        assert_eq!(offset(&["2025-10-01T12:56:43"], None), Some(14 * 3600));
        assert_eq!(
            measure_offset(&records(&[("c0ffee", "2025-10-01T04:26:43")]), NOW_S, None),
            None
        );
        assert_eq!(measure_offset(&[], NOW_S, Some(0)), None);
    }
}
