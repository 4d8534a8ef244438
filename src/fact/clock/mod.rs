//! When a record's times were, in UTC.
//!
//! Times without a zone are read in `accounts[].time_zone` if that is set; else with the offset that the record's own
//! session id tells; else with the account's. That is all there is to nearly every record.
//!
//! The rest is about the two nights of a year in which clocks are changed while a conversation runs. With a zone, the
//! hour that is shown twice leaves two readings; without one, nobody says that the clock was changed at all. Then a
//! record's times are taken as a [`puzzle`]: their order, the durations that the vendor sends beside them, the time in
//! the session id, and that nothing happened after now. Each way to read them is tried, and the one that contradicts
//! least is taken; a change that nothing speaks for is not assumed.
//!
//! Only changes that some zone really made are considered, so a wrong time on any other day stays a wrong time.

mod puzzle;
#[cfg(test)]
mod tests;
mod timeline;

use super::{Context, Field};
use crate::api::{Change, Offsets, RESIDUAL_S, Record, Timestamp, changes_between, own_offset};
use puzzle::Puzzle;
use rustc_hash::FxHashMap;
use timeline::Timeline;

/// The place of times that are no destination's.
pub(super) const WHOLE: u16 = u16::MAX;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// No clock was put forward or back by more since 2015, but for zones that changed the side of the date line before.
const WIDEST_CHANGE_MS: i64 = 3 * HOUR_MS;

/// Changes considered of one record: only one that runs for months meets more, and of those nothing is known anyway.
const MOST_CHANGES: usize = 8;

/// The readings of one record's times.
pub(super) struct Clock {
    offset_s: i32,
    /// Of a record during which a clock was, or may have been, changed: its times without a zone, by field and place.
    solved: FxHashMap<(Field, u16), i64>,
    /// The latest instant that the end of the session may be, where it may be several.
    latest_end_ms: Option<i64>,
}

impl Clock {
    pub(super) fn of(record: &Record<'_>, context: &Context<'_>) -> Clock {
        let own_s = own_offset(record, context.now_s);
        let plain = |offset_s| Clock {
            offset_s,
            solved: FxHashMap::default(),
            latest_end_ms: None,
        };
        let offset_s = own_s.unwrap_or(context.offset_s);
        let Some((first_ms, last_ms)) = local_span(record, context.now_s) else {
            return plain(offset_s);
        };
        if let Some(zone) = context.zone {
            let whole = Timeline::of_zone(zone, first_ms - DAY_MS, last_ms + DAY_MS);
            if let Some(offset_s) = whole.only_offset_s() {
                return plain(offset_s);
            }
            let puzzle = Puzzle::of(record, context.now_s);
            return Clock::solve(&puzzle, whole, Vec::new(), context);
        }
        let changes = changes(first_ms, last_ms, own_s, offset_s);
        if changes.is_empty() {
            return plain(offset_s);
        }
        let puzzle = Puzzle::of(record, context.now_s);
        let changed = changes.iter().map(|change| {
            (
                Timeline::of_change(change),
                own_s == Some(change.before_s) && is_made(change, context),
            )
        });
        Clock::solve(
            &puzzle,
            Timeline::of_offset(offset_s),
            changed.collect(),
            context,
        )
    }

    /// Takes the first timeline unless one of the others contradicts the record less, or no more and is vouched for.
    fn solve(
        puzzle: &Puzzle,
        first: Timeline,
        others: Vec<(Timeline, bool)>,
        context: &Context<'_>,
    ) -> Clock {
        let not_after_ms = (context.now_s + RESIDUAL_S) * 1000;
        let mut latest_end_ms = puzzle.latest_end_ms(&first, not_after_ms);
        let mut best = puzzle.solve(&first);
        let mut offset_s = first.first_offset_s();
        let mut changed = false;
        for (timeline, vouched) in &others {
            let solution = puzzle.solve(timeline);
            let as_good = *vouched && !changed && solution.broken == best.broken;
            if solution.broken < best.broken || as_good {
                offset_s = timeline.first_offset_s();
                best = solution;
                changed = true;
            }
            let end_ms = puzzle.latest_end_ms(timeline, not_after_ms);
            latest_end_ms = latest_end_ms.max(end_ms);
        }
        Clock {
            offset_s,
            solved: puzzle.readings(&best),
            latest_end_ms,
        }
    }

    /// UTC milliseconds of the time in a field.
    pub(super) fn utc_ms(&self, field: Field, place: u16, time: Timestamp) -> i64 {
        if self.solved.is_empty() {
            return time.utc_ms(self.offset_s);
        }
        self.solved
            .get(&(field, place))
            .copied()
            .unwrap_or_else(|| time.utc_ms(self.offset_s))
    }

    /// The latest that the session may have ended: what settles goes by it, so that a change of summer time makes no
    /// conversation settle early.
    pub(super) fn latest_end_ms(&self) -> Option<i64> {
        self.latest_end_ms
    }
}

/// Whether the account's other records told the time before the change until then and the one after it since; or tell
/// that one by now.
fn is_made(change: &Change, context: &Context<'_>) -> bool {
    let follow = |offsets: &Offsets| offsets.follow(change);
    context.offset_s == change.after_s || context.offsets.is_some_and(follow)
}

/// The first and the last of the record's times without a zone, as shown; but for those that are refused as too late.
fn local_span(record: &Record<'_>, now_s: i64) -> Option<(i64, i64)> {
    let most_ms = now_s.saturating_mul(1000).saturating_add(2 * DAY_MS);
    let mut span: Option<(i64, i64)> = None;
    puzzle::times(record, |_, _, time| {
        if let Timestamp::Local(shown_ms) = time
            && shown_ms <= most_ms
        {
            let (first, last) = span.unwrap_or((shown_ms, shown_ms));
            span = Some((first.min(shown_ms), last.max(shown_ms)));
        }
    });
    span
}

/// The changes that may have been made while the record ran. Its own offset is the one at its start; the account's may
/// be of before or of after.
fn changes(first_ms: i64, last_ms: i64, own_s: Option<i32>, offset_s: i32) -> Vec<Change> {
    let utc_s = |shown_ms: i64| (shown_ms - i64::from(offset_s) * 1000).div_euclid(1000);
    let from_s = utc_s(first_ms)
        - if own_s.is_some() {
            0
        } else {
            WIDEST_CHANGE_MS / 1000
        };
    let mut changes: Vec<Change> =
        changes_between(from_s, utc_s(last_ms) + WIDEST_CHANGE_MS / 1000)
            .iter()
            .filter(|change| {
                change.before_s == offset_s || own_s.is_none() && change.after_s == offset_s
            })
            .take(MOST_CHANGES)
            .copied()
            .collect();
    // Of two that explain a record equally well, the smaller: a station in Antarctica changes by two hours in the same
    // instant as Europe by one.
    changes.sort_by_key(|change| (change.after_s - change.before_s).abs());
    changes
}
