//! The offset that zone-less times are in: what a record tells of its own, and what an account's records agree on.
//!
//! A session's id tells when it began in UTC, `sessionStartTime` shows the same instant on the account's clock: their
//! difference is the offset. Read record by record, so that one record from elsewhere moves no other, and that a change
//! of summer time between two records is no trouble at all.

mod changes;
mod table;
#[cfg(test)]
mod tests;
mod told;

pub use changes::{Change, changes_between};
pub use told::{Offsets, Told};

use super::{Record, Timestamp, session_time_s};

/// How far the start that is shown may lie from the one in the id: a record lags its id by seconds.
pub const RESIDUAL_S: i64 = 120;

/// So many records must agree before the account's offset moves.
const AGREEING: usize = 3;

/// The offset of a record's own zone-less times, local − UTC in seconds, east is positive. `None` unless the difference
/// between `sessionStartTime` and the time in the session id is one that some zone has or had since 2015, give or take
/// two minutes. A start that carries its own zone tells nothing.
pub fn own_offset(record: &Record, now_s: i64) -> Option<i32> {
    told(record, now_s).map(|(_, _, offset_s)| offset_s)
}

/// The session that tells it, when that began, UTC seconds, and the offset.
fn told<'r>(record: &'r Record, now_s: i64) -> Option<(&'r str, i64, i32)> {
    let session = record.session_id.value()?;
    let began_s = session_time_s(session, now_s)?;
    let Timestamp::Local(shown_ms) = *record.session_start_time.value()? else {
        return None;
    };
    let offset_s = table::nearest(shown_ms.div_euclid(1000) - began_s)?;
    Some((session, began_s, offset_s))
}

/// The offset of those records of an account that tell none of their own (+19800 in the vendor's sample).
///
/// It is the one that most of a window's records tell, if at least three agree; else `previous` stays.
pub fn measure_offset<'r, 'a: 'r>(
    records: impl IntoIterator<Item = &'r Record<'a>>,
    now_s: i64,
    previous: Option<i32>,
) -> Option<i32> {
    Told::by(records, now_s).most().or(previous)
}
