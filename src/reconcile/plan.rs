//! Which stretch of time can be compared now.

use crate::ledger::{KEPT_S, QUARTER_S, quarter_of};
use crate::poller::Proof;
use std::ops::Range;

/// What ended so long ago is compared: both sides have settled by then.
pub const AGE_S: i64 = 3_600;

/// The vendor's longest range.
pub const LONGEST_S: i64 = 86_400;

/// What began in it was read at least so long after its end: records are listed a little late.
const SETTLED_S: i64 = 300;

/// Why nothing is compared now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waits {
    /// All that may be was compared; the next stretch may be from then on, UTC seconds.
    Until(i64),
    /// Some of it is not read, or was read too early.
    NotRead,
}

/// What to compare at `now_s`: all that was not compared before, up to an hour ago, a day at most; at first as much as one
/// interval. All in UTC seconds.
///
/// # Errors
/// Nothing is to be compared now: why, and until when.
pub fn due(
    now_s: i64,
    interval_s: i64,
    done_to_s: Option<i64>,
    proof: &Proof,
) -> Result<Range<i64>, Waits> {
    if let Some(at_s) = not_before(now_s, interval_s, done_to_s) {
        return Err(Waits::Until(at_s));
    }
    let newest_s = quarter_of(now_s - AGE_S);
    let since_s = from_whole_quarter(proof.since_s);
    if newest_s <= since_s {
        return Err(Waits::Until(since_s + QUARTER_S + AGE_S));
    }
    let from_s = done_to_s.filter(|done_to_s| *done_to_s < newest_s);
    let from_s = from_s.unwrap_or(newest_s - in_quarters(interval_s));
    let range = from_s.max(newest_s - LONGEST_S).max(since_s)..newest_s;
    if is_proven(&range, proof) {
        Ok(range)
    } else {
        Err(Waits::NotRead)
    }
}

/// When the next stretch may be compared, while that is not now. What a clock compared that ran ahead does not count.
pub(super) fn not_before(now_s: i64, interval_s: i64, done_to_s: Option<i64>) -> Option<i64> {
    let interval_s = in_quarters(interval_s);
    let newest_s = quarter_of(now_s - AGE_S);
    let next_s = done_to_s? + interval_s;
    (newest_s < next_s && next_s <= newest_s + 2 * interval_s).then_some(next_s + AGE_S)
}

/// Why a stretch of the past can't be compared; `None` where it can.
pub fn missing(range: &Range<i64>, now_s: i64, proof: &Proof) -> Option<&'static str> {
    if range.end > now_s - AGE_S {
        return Some("it did not end an hour ago");
    }
    if range.start < quarter_of(now_s) - KEPT_S {
        return Some("it is more than eight days ago: what began when is remembered for so long");
    }
    if range.start < proof.since_s {
        return Some("it began before this exporter counted, or before it noted what began when");
    }
    (!is_proven(range, proof)).then_some("some of it is not read yet, or was read too early")
}

fn is_proven(range: &Range<i64>, proof: &Proof) -> bool {
    let read_s = proof.oldest_reading_s(range.start, range.end);
    read_s.is_some_and(|read_s| read_s >= range.end + SETTLED_S)
}

fn in_quarters(interval_s: i64) -> i64 {
    from_whole_quarter(interval_s).max(QUARTER_S)
}

/// The first quarter that begins then or later.
fn from_whole_quarter(at_s: i64) -> i64 {
    quarter_of(at_s.saturating_add(QUARTER_S - 1))
}
