//! Which part of the past is read next: from the oldest on, as long as one window yields.

use crate::poller::coverage::{Why, Window};

/// While nothing is known of the density, and where a window held nothing.
const FIRST_S: i64 = 900;

/// A window is planned to this much of what it yields: density varies, and one that overflows is read twice.
const FILL: f64 = 0.75;

/// A day's worth at most, so that what is done is told, and is safe.
const LONGEST_S: i64 = 86_400;

/// What the window before held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Before {
    pub seconds: i64,
    pub rows: u32,
}

/// The next window from `at_s` on; `None` at the end.
pub(super) fn next(
    at_s: i64,
    end_s: i64,
    before: Option<Before>,
    window_rows: u32,
) -> Option<Window> {
    if at_s >= end_s {
        return None;
    }
    let length_s = before.map_or(FIRST_S, |before| {
        let rate = f64::from(before.rows) / before.seconds.max(1) as f64;
        let fits_s = FILL * f64::from(window_rows) / rate.max(1e-9);
        // At most twice the one before: a night tells nothing of the morning.
        (fits_s as i64).min(before.seconds.max(FIRST_S / 2).saturating_mul(2))
    });
    Some(Window {
        from_s: at_s,
        to_s: at_s.saturating_add(length_s.clamp(1, LONGEST_S)).min(end_s),
        why: Why::NeverRead,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn length_s(before: Option<(i64, u32)>) -> i64 {
        let before = before.map(|(seconds, rows)| Before { seconds, rows });
        let window = next(1_000, i64::MAX, before, 1_100).unwrap();
        assert_eq!(window.from_s, 1_000);
        window.to_s - window.from_s
    }

    #[test]
    fn windows_follow_the_density_and_grow_by_no_more_than_twice() {
        assert_eq!(length_s(None), 900);
        assert_eq!(length_s(Some((900, 250))), 1_800);
        // 1,000 an hour: 825 rows.
        assert_eq!(length_s(Some((2_970, 825))), 2_970);
        assert_eq!(length_s(Some((900, 0))), 1_800);
        assert_eq!(length_s(Some((80_000, 0))), 86_400);
        assert_eq!(length_s(Some((1, 1_100))), 1);
    }

    #[test]
    fn they_cover_a_stretch_without_a_gap_and_end_with_it() {
        let (mut at_s, mut before) = (0, None);
        while let Some(window) = next(at_s, 10_000, before, 1_100) {
            assert_eq!(window.from_s, at_s);
            assert!(window.to_s > at_s && window.to_s <= 10_000);
            at_s = window.to_s;
            before = Some(Before {
                seconds: window.to_s - window.from_s,
                rows: 40,
            });
        }
        assert_eq!(at_s, 10_000);
    }
}
