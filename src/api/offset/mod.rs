//! The offset that zone-less times are in: what a record tells of its own, and what an account's records agree on.
//!
//! A session's id tells when it began in UTC, `sessionStartTime` shows the same instant on the account's clock: their
//! difference is the offset. Read record by record, so that one record from elsewhere moves no other, and that a change
//! of summer time between two records is no trouble at all.

mod changes;
mod table;
#[cfg(test)]
mod tests;

pub use changes::{Change, changes_between};

use super::{Record, Timestamp, session_time_s};
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

/// How far the start that is shown may lie from the one in the id: a record lags its id by seconds.
pub const RESIDUAL_S: i64 = 120;

/// So many records must agree before the account's offset moves.
const AGREEING: usize = 3;

/// The offset of a record's own zone-less times, local − UTC in seconds, east is positive. `None` unless the difference
/// between `sessionStartTime` and the time in the session id is one that some zone has or had since 2015, give or take
/// two minutes. A start that carries its own zone tells nothing.
pub fn own_offset(record: &Record, now_s: i64) -> Option<i32> {
    let began_s = session_time_s(record.session_id.value()?, now_s)?;
    let Timestamp::Local(shown_ms) = *record.session_start_time.value()? else {
        return None;
    };
    table::nearest(shown_ms.div_euclid(1000) - began_s)
}

/// The offset of those records of an account that tell none of their own (+19800 in the vendor's sample).
///
/// It is the one that most of a window's records tell, if at least three agree; else `previous` stays. What a session
/// tells counts once, however often the window brings it.
pub fn measure_offset<'r, 'a: 'r>(
    records: impl IntoIterator<Item = &'r Record<'a>>,
    now_s: i64,
    previous: Option<i32>,
) -> Option<i32> {
    let mut told: FxHashMap<i32, usize> = FxHashMap::default();
    let records = records.into_iter();
    let most = records.size_hint().1.unwrap_or_default();
    let mut sessions: FxHashSet<&str> = FxHashSet::with_capacity_and_hasher(most, FxBuildHasher);
    for record in records {
        if let Some(offset_s) = own_offset(record, now_s)
            && let Some(session) = record.session_id.value()
            && sessions.insert(session)
        {
            *told.entry(offset_s).or_default() += 1;
        }
    }
    let all: usize = told.values().sum();
    let agreed = |&(_, agreeing): &(i32, usize)| agreeing >= AGREEING && 2 * agreeing > all;
    told.into_iter()
        .find(agreed)
        .map(|(offset_s, _)| offset_s)
        .or(previous)
}
