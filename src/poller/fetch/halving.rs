//! Windows cut in two: because they hold more than their pages, or because they can't be read.

use super::super::coverage::Window;
use crate::api::{Timestamp, measure_offset, own_offset, session_time_s};
use crate::client::Effort;
use crate::poller::ingest::Arrival;

/// Halvings in one poll, at most: 64 of them reach from a week to 64 parts, or to a single second three times over.
const MOST_SPLITS: u32 = 64;

/// How far outside of its half a row must lie to prove anything: the times that a server may select on differ by this
/// much, seconds in the vendor's samples.
const SLACK_S: i64 = 120;

/// What one poll has learned of how far halving helps. Make one per poll.
#[derive(Debug, Default)]
pub struct Splits {
    /// Windows halved so far.
    pub made: u32,
    pub(super) time_ignored: bool,
    pub(super) totals_refuted: bool,
}

/// How a part came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// As it was planned.
    Plan,
    /// Half of one that held too much.
    Overflow,
    /// Half of one that could not be read.
    Failure,
    /// A single second, asked for without the one after it: bounds are inclusive, and that one may be what fails.
    Second,
    /// Found unreadable in an earlier poll, and planned again.
    Retry,
    /// Half of such a one: it shrinks no further before it is planned again.
    RetryHalf,
}

/// A window to be fetched.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub window: Window,
    origin: Origin,
}

impl Part {
    pub(super) fn whole(window: Window, unreadable: bool) -> Part {
        let origin = if unreadable {
            Origin::Retry
        } else {
            Origin::Plan
        };
        Part { window, origin }
    }

    /// Half of a window that held too much.
    pub(super) fn is_half(self) -> bool {
        self.origin == Origin::Overflow
    }

    /// What is asked for: up to the second in which the next window begins. Where that one is `avoided`, and of what
    /// could not be read, no second more than its own.
    pub(super) fn asked(self, avoided_s: Option<i64>) -> Window {
        let own = match self.origin {
            Origin::Plan | Origin::Overflow | Origin::Failure => {
                Some(self.window.to_s) == avoided_s
            }
            Origin::Second | Origin::Retry | Origin::RetryHalf => true,
        };
        Window {
            to_s: self.window.to_s - i64::from(own),
            ..self.window
        }
    }

    /// A half of what failed will probably fail as well, so it is tried once. That is enough: a second is given up only
    /// after every half on the way down to it has failed.
    pub(super) fn effort(self) -> Effort {
        match self.origin {
            Origin::Plan | Origin::Overflow => Effort::Full,
            Origin::Failure | Origin::Second | Origin::Retry | Origin::RetryHalf => Effort::Once,
        }
    }

    /// Whether less of it may be tried where it can't be read itself.
    pub(super) fn may_shrink(self) -> bool {
        match self.origin {
            Origin::Plan | Origin::Overflow | Origin::Failure => true,
            Origin::Retry => !self.is_second(),
            Origin::Second | Origin::RetryHalf => false,
        }
    }

    fn is_second(self) -> bool {
        self.window.to_s - self.window.from_s < 2
    }

    /// Both halves, the newer one last.
    fn halves(self, origin: Origin) -> [Part; 2] {
        let Window { from_s, to_s, .. } = self.window;
        let middle_s = from_s + (to_s - from_s) / 2;
        let half = |from_s, to_s| Part {
            window: Window {
                from_s,
                to_s,
                ..self.window
            },
            origin,
        };
        [half(from_s, middle_s), half(middle_s, to_s)]
    }
}

impl Splits {
    pub(super) fn is_exhausted(&self) -> bool {
        self.made >= MOST_SPLITS
    }

    /// Whether this poll may halve at least as often as it has.
    pub(super) fn are_few(&self) -> bool {
        self.made * 2 < MOST_SPLITS
    }

    /// The halves of a part that holds too much; `None` where halving can't help.
    pub(super) fn halve(&mut self, part: Part) -> Option<[Part; 2]> {
        if part.is_second() || self.time_ignored || self.is_exhausted() {
            return None;
        }
        self.made += 1;
        Some(part.halves(match part.origin {
            Origin::Plan | Origin::Overflow => Origin::Overflow,
            failed => failed,
        }))
    }

    /// What to try of a part that can't be read; `None` once the poll has halved enough.
    pub(super) fn shrink(&mut self, part: Part) -> Option<Vec<Part>> {
        if self.is_exhausted() {
            return None;
        }
        if part.is_second() {
            let origin = Origin::Second;
            return Some(vec![Part { origin, ..part }]);
        }
        self.made += 1;
        let origin = match part.origin {
            Origin::Retry | Origin::RetryHalf => Origin::RetryHalf,
            _ => Origin::Failure,
        };
        Some(part.halves(origin).to_vec())
    }
}

/// Whether more rows than not began and ended outside of the window: then the server did not look at the time of day.
/// Most, since a single row may be wrong by itself.
pub(super) fn mostly_outside(window: Window, rows: &[Arrival], now_s: i64) -> bool {
    let records: Vec<_> = rows.iter().filter_map(Arrival::read_anyway).collect();
    let told = measure_offset(records.iter().map(|record| &**record), now_s, None);
    let account_s = told.unwrap_or(0);
    let (mut inside, mut outside) = (0_u32, 0_u32);
    for record in &records {
        let offset_s = own_offset(record, now_s).unwrap_or(account_s);
        let time_s = |time: &Timestamp| time.utc_ms(offset_s).div_euclid(1_000);
        let id_s = record
            .session_id
            .value()
            .and_then(|id| session_time_s(id, now_s));
        let start_s = id_s.or_else(|| record.session_start_time.value().map(time_s));
        let end_s = record.session_end_time.value().map(time_s);
        let (Some(first_s), Some(last_s)) = (start_s.or(end_s), end_s.or(start_s)) else {
            continue;
        };
        if last_s < window.from_s - SLACK_S || first_s > window.to_s + SLACK_S {
            outside += 1;
        } else {
            inside += 1;
        }
    }
    outside > inside
}
