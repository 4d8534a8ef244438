//! The quarters of an hour of an account, for the ledger and for whoever holds them against the vendor's totals.

use super::sql::{self, Reading, Value};
use super::{AccountKey, Place, Store, StoreError, account, forms};
use crate::ledger::{Names, Quarters, Symbols};
use std::ops::Range;

/// What was counted of an account's conversations that began in a stretch of time, and what must be known beside it.
#[derive(Debug)]
pub struct Recounted {
    /// As the poller last wrote it, at the same instant as all else.
    pub progress: Vec<u8>,
    pub symbols: Symbols,
    pub names: Names,
    pub quarters: Quarters,
    /// Conversations that began then and are not counted yet: they go on, or may still change. Sessions that are none so far
    /// came to no queue.
    pub open: u64,
}

/// Which account, by the vendor's ids, and of which time: UTC seconds, the end not in it.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'w> {
    pub account_id: &'w str,
    pub stream_id: &'w str,
    pub from_s: i64,
    pub to_s: i64,
}

impl Store {
    /// What stands in the store; `None` for an account that is not in it.
    ///
    /// # Errors
    /// The database cannot be read, or what it holds is damaged.
    pub fn recounted(&self, wanted: Wanted<'_>) -> Result<Option<Recounted>, StoreError> {
        recounted_by(&mut *self.engine.looking()?, wanted)
    }
}

/// The same from outside, while an exporter may run on it. Nothing is written.
///
/// # Errors
/// There is no store, it is of another version, or what it holds is damaged.
pub fn recounted(place: &Place, wanted: Wanted<'_>) -> Result<Option<Recounted>, StoreError> {
    recounted_by(&mut *place.look()?, wanted)
}

fn recounted_by(
    reading: &mut dyn Reading,
    wanted: Wanted<'_>,
) -> Result<Option<Recounted>, StoreError> {
    let found = sql::one(
        reading,
        "account",
        "SELECT id, progress FROM account WHERE account_id = $1 AND stream_id = $2",
        &[wanted.account_id.into(), wanted.stream_id.into()],
        |row| Some((AccountKey(row.int(0)?), row.bytes(1)?.to_vec())),
    )?;
    let Some((key, progress)) = found else {
        return Ok(None);
    };
    let range = wanted.from_s..wanted.to_s;
    let quarters = quarters(reading, key, range.clone())?;
    let open = open(reading, key, &range)?;
    Ok(Some(Recounted {
        progress,
        quarters,
        open,
        names: account::names(reading, key)?,
        symbols: account::symbols(reading, key)?,
    }))
}

/// Those that begin in the range.
pub(super) fn quarters(
    reading: &mut dyn Reading,
    key: AccountKey,
    range: Range<i64>,
) -> Result<Quarters, StoreError> {
    let mut quarters = Quarters::default();
    let values: [Value<'_>; 3] = [key.0.into(), range.start.into(), range.end.into()];
    reading.rows(
        "quarters of an hour",
        "SELECT start_s, counts FROM quarter WHERE account = $1 AND start_s >= $2 AND start_s < $3",
        &values,
        &mut |row| {
            quarters.set(row.int(0)?, forms::quarter(row.bytes(1)?)?);
            Some(())
        },
    )?;
    Ok(quarters)
}

/// Of one that goes on, the latest that is known is when it began.
fn open(reading: &mut dyn Reading, key: AccountKey, range: &Range<i64>) -> Result<u64, StoreError> {
    let values: [Value<'_>; 3] = [key.0.into(), range.start.into(), range.end.into()];
    let counted = sql::one(
        reading,
        "conversations",
        "SELECT COUNT(*) FROM conversation WHERE account = $1 AND latest_s >= $2 AND latest_s < $3 AND counted IS NULL
         AND session IS NOT NULL",
        &values,
        |row| row.int(0),
    )?;
    Ok(counted.unwrap_or_default().unsigned_abs())
}
