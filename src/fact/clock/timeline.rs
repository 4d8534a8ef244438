//! Which offset held when, on one clock.

use crate::api::Change;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// From when on, in UTC milliseconds, and which: local − UTC in milliseconds.
type Stretch = (i64, i64);

/// Stretches in the order of time. The first holds for all the time before, too.
pub(super) struct Timeline(Vec<Stretch>);

/// What a time that is shown may have been, in UTC milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Readings {
    pub(super) first: i64,
    /// There is one where the clock was put back and showed the same hour again.
    pub(super) second: Option<i64>,
    /// Whether the clock never showed that time, since it was put forward over it.
    pub(super) skipped: bool,
}

impl Timeline {
    pub(super) fn of_offset(offset_s: i32) -> Timeline {
        Timeline(vec![(i64::MIN, i64::from(offset_s) * 1000)])
    }

    pub(super) fn of_change(change: &Change) -> Timeline {
        Timeline(vec![
            (i64::MIN, i64::from(change.before_s) * 1000),
            (change.at_s * 1000, i64::from(change.after_s) * 1000),
        ])
    }

    /// A zone's, as far as it matters to the time between two instants.
    pub(super) fn of_zone(zone: &TimeZone, from_ms: i64, to_ms: i64) -> Timeline {
        let Ok(from) = Timestamp::from_millisecond(from_ms) else {
            return Timeline::of_offset(0);
        };
        let mut stretches = vec![(i64::MIN, millis(zone.to_offset(from)))];
        for transition in zone.following(from).take(MOST_CHANGES) {
            let at_ms = transition.timestamp().as_millisecond();
            if at_ms > to_ms {
                break;
            }
            stretches.push((at_ms, millis(transition.offset())));
        }
        stretches.dedup_by_key(|(_, offset_ms)| *offset_ms);
        Timeline(stretches)
    }

    pub(super) fn first_offset_s(&self) -> i32 {
        let first_ms = self.0.first().map_or(0, |(_, offset_ms)| *offset_ms);
        (first_ms / 1000) as i32
    }

    /// The offset in seconds, if it is the same all the time.
    pub(super) fn only_offset_s(&self) -> Option<i32> {
        (self.0.len() == 1).then(|| self.first_offset_s())
    }

    /// What a clock that shows this may mean. A time that was skipped is read as if the clock had not been changed yet.
    pub(super) fn readings(&self, shown_ms: i64) -> Readings {
        let mut found: Vec<i64> = Vec::with_capacity(2);
        let mut before = None;
        let ends = self.0.iter().skip(1).map(|(at_ms, _)| *at_ms);
        for (&(from_ms, offset_ms), end_ms) in self.0.iter().zip(ends.chain([i64::MAX])) {
            let utc_ms = shown_ms - offset_ms;
            if (from_ms..end_ms).contains(&utc_ms) {
                found.push(utc_ms);
            } else if utc_ms >= end_ms {
                before = Some(utc_ms);
            }
        }
        match *found.as_slice() {
            [] => Readings {
                first: before.unwrap_or(shown_ms),
                second: None,
                skipped: true,
            },
            [first, ref later @ ..] => Readings {
                first,
                second: later.first().copied(),
                skipped: false,
            },
        }
    }
}

/// Enough for a conversation of ten years.
const MOST_CHANGES: usize = 24;

fn millis(offset: jiff::tz::Offset) -> i64 {
    i64::from(offset.seconds()) * 1000
}
