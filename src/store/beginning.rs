//! What an account's counters and histograms stood at when they were first shown: whoever writes the past before them joins
//! it there. Nothing is written by those who look, and an exporter may run on it meanwhile.

use super::sql::{self, Writing};
use super::{AccountKey, Place, StoreError, account, forms};
use crate::ledger::{Id, Key, Names, SeriesKey, Sum, Symbols};
use std::collections::BTreeSet;

/// How an account began.
#[derive(Debug)]
pub struct Beginning {
    key: AccountKey,
    /// Conversations are known by hashes with it.
    pub hash_key: Key,
    /// As the poller last wrote it; empty for an account that was never polled.
    pub progress: Vec<u8>,
    pub symbols: Symbols,
    pub names: Names,
    /// Empty for a state that was begun by a version that did not keep them.
    pub first_shown: Vec<(SeriesKey, Sum)>,
}

/// Keeps what the sums stand at now. How many rows it wrote.
pub(super) fn keep(writing: &mut dyn Writing, account: AccountKey) -> Result<u64, StoreError> {
    let here = || vec![account.0.into()];
    writing.put(
        "DELETE FROM first_shown WHERE account = $1",
        &mut std::iter::once(here()),
    )?;
    writing.put(
        "INSERT INTO first_shown (account, key, sum) SELECT account, key, sum FROM series WHERE account = $1",
        &mut std::iter::once(here()),
    )
}

/// How this account began; `None` where the store does not know it, or there is none.
///
/// # Errors
/// The store is of another version, cannot be read, or what it holds is damaged.
pub fn beginning(
    place: &Place,
    account_id: &str,
    stream_id: &str,
) -> Result<Option<Beginning>, StoreError> {
    let mut reading = match place.look() {
        Err(StoreError::Nothing { .. }) => return Ok(None),
        looking => looking?,
    };
    let found = sql::one(
        &mut *reading,
        "account",
        "SELECT id, hash_key, progress FROM account WHERE account_id = $1 AND stream_id = $2",
        &[account_id.into(), stream_id.into()],
        |row| {
            let hash_key = row.bytes(1)?.try_into().ok()?;
            Some((row.int(0)?, hash_key, row.bytes(2)?.to_vec()))
        },
    )?;
    let Some((key, hash_key, progress)) = found else {
        return Ok(None);
    };
    let key = AccountKey(key);
    let mut first_shown = Vec::new();
    reading.rows(
        "first sums shown",
        "SELECT key, sum FROM first_shown WHERE account = $1",
        &[key.0.into()],
        &mut |row| {
            let series = forms::series_key(row.bytes(0)?)?;
            first_shown.push((series, forms::sum(series.measure, row.bytes(1)?)?));
            Some(())
        },
    )?;
    Ok(Some(Beginning {
        key,
        hash_key: Key(hash_key),
        progress,
        symbols: account::symbols(&mut *reading, key)?,
        names: account::names(&mut *reading, key)?,
        first_shown,
    }))
}

/// Those of the conversations that the account has counted and still remembers; `None` where another state is in its place
/// by now.
///
/// # Errors
/// As [`beginning`].
pub fn counted_among(
    place: &Place,
    beginning: &Beginning,
    ids: &BTreeSet<Id>,
) -> Result<Option<BTreeSet<Id>>, StoreError> {
    let mut reading = place.look()?;
    let hash_key = sql::one(
        &mut *reading,
        "account",
        "SELECT hash_key FROM account WHERE id = $1",
        &[beginning.key.0.into()],
        |row| row.bytes(0)?.try_into().ok(),
    )?;
    if hash_key != Some(beginning.hash_key.0) {
        return Ok(None);
    }
    let mut counted = BTreeSet::new();
    let ids: Vec<_> = ids.iter().map(|id| forms::id_bytes(*id)).collect();
    reading.rows_among(
        "conversations",
        "SELECT id, CAST(counted IS NOT NULL AS INTEGER) FROM conversation",
        beginning.key.0,
        "id",
        &ids,
        &mut |row| {
            let id = forms::id(row.bytes(0)?)?;
            counted.extend((row.int(1)? == 1).then_some(id));
            Some(())
        },
    )?;
    Ok(Some(counted))
}
