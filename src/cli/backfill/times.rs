//! What can be said for a time.

use crate::api::Timestamp;
use crate::backfill::Wanted;

/// From when to when.
///
/// # Errors
/// Which flag is wrong, what it is, and what is allowed.
pub(super) fn wanted(from: &str, to: &str, now_s: i64) -> Result<Wanted, String> {
    let wanted = Wanted {
        from_s: time("--from", from, now_s)?,
        to_s: time("--to", to, now_s)?,
    };
    if wanted.from_s >= wanted.to_s {
        return Err(format!(
            "`--from` is `{from}`, which is not before `--to`, `{to}`"
        ));
    }
    if wanted.from_s >= now_s {
        return Err(format!("`--from` is `{from}`, which is not past yet"));
    }
    Ok(wanted)
}

fn time(flag: &str, text: &str, now_s: i64) -> Result<i64, String> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("now") {
        return Ok(now_s);
    }
    if let Ok(ago) = humantime::parse_duration(text.trim_start_matches('-')) {
        let ago_s = i64::try_from(ago.as_secs()).unwrap_or(i64::MAX);
        return Ok(now_s.saturating_sub(ago_s));
    }
    match Timestamp::parse(text) {
        Some(Timestamp::Utc(ms) | Timestamp::Local(ms)) => Ok(ms.div_euclid(1_000)),
        None => Err(format!(
            "`{flag}` is `{text}`; allowed are `now`, a time before now such as `7d`, a day or a time of UTC such as \
             `2026-11-20` or `2026-11-20T14:30:00Z`, or seconds since 1970"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_S: i64 = 1_790_000_000;

    #[test]
    fn every_spelling_is_read() {
        for (text, expected_s) in [
            ("now", NOW_S),
            ("7d", NOW_S - 7 * 86_400),
            ("-36h", NOW_S - 36 * 3_600),
            ("1789000000", 1_789_000_000),
            ("2026-09-20", 1_789_862_400),
            ("2026-09-20T14:30:00Z", 1_789_914_600),
            ("2026-09-20 14:30:00", 1_789_914_600),
            ("2026-09-20T14:30:00+02:00", 1_789_907_400),
        ] {
            assert_eq!(time("--from", text, NOW_S), Ok(expected_s), "{text}");
        }
        let error = time("--to", "yesterday", NOW_S).unwrap_err();
        assert!(
            error.starts_with("`--to` is `yesterday`; allowed are `now`"),
            "{error}"
        );
    }

    #[test]
    fn a_beginning_that_is_none_is_refused() {
        for (from, to) in [("1d", "2d"), ("1d", "1d"), ("2027-01-01", "2027-01-02")] {
            assert!(wanted(from, to, NOW_S).is_err(), "{from} {to}");
        }
        assert!(wanted("2d", "now", NOW_S).is_ok());
    }
}
