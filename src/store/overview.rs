//! What an operator sees of a store from outside, and how an account of it is forgotten.

use super::sql::Reading;
use super::{AccountKey, EVERYBODY, Place, StoreError};
use std::iter::once;

/// Every table that has rows of an account, with its column.
const TABLES: [(&str, &str); 9] = [
    ("abandoned", "account"),
    ("conversation", "account"),
    ("first_shown", "account"),
    ("evidence", "account"),
    ("quarter", "account"),
    ("series", "account"),
    ("queue_name", "account"),
    ("symbol", "account"),
    ("account", "id"),
];

/// A store as it stands.
#[derive(Debug)]
pub struct Overview {
    /// Where it is.
    pub place: String,
    pub bytes: u64,
    /// Exporters that run on it.
    pub exporters: usize,
    pub accounts: Vec<Standing>,
}

/// One account in it.
#[derive(Debug)]
pub struct Standing {
    pub(super) key: AccountKey,
    pub account_id: String,
    pub stream_id: String,
    /// As the poller last wrote it; empty for an account that was never polled.
    pub progress: Vec<u8>,
    /// Conversations that are remembered, so that none is counted twice.
    pub conversations: u64,
    /// Of them, those that were counted.
    pub counted: u64,
    /// The newest time that any of them tells, UTC seconds.
    pub newest_s: Option<i64>,
    /// Series that have a sum.
    pub series: u64,
    /// What the exporter calls itself that counts it, where several may.
    pub holder: Option<String>,
}

/// What stands in the store.
///
/// # Errors
/// There is no store, it is of another version, or it cannot be read.
pub fn overview(place: &Place) -> Result<Overview, StoreError> {
    let mut accounts = standings(&mut *place.look()?)?;
    let (bytes, replicas) = place.size()?;
    for account in &mut accounts {
        let mut holders = replicas.iter().filter(|it| it.held.contains(&account.key));
        account.holder = holders.next().map(|it| it.name.to_string());
    }
    Ok(Overview {
        place: place.to_string(),
        bytes,
        exporters: replicas.len(),
        accounts,
    })
}

fn standings(reading: &mut dyn Reading) -> Result<Vec<Standing>, StoreError> {
    let mut standings = Vec::new();
    reading.rows(
        "accounts",
        "SELECT id, account_id, stream_id, progress,
             (SELECT COUNT(*) FROM conversation WHERE account = account.id),
             (SELECT COUNT(counted) FROM conversation WHERE account = account.id),
             (SELECT MAX(latest_s) FROM conversation WHERE account = account.id),
             (SELECT COUNT(*) FROM series WHERE account = account.id)
         FROM account ORDER BY id",
        &[],
        &mut |row| {
            let count = |at| row.int(at).map(i64::unsigned_abs);
            standings.push(Standing {
                key: AccountKey(row.int(0)?),
                account_id: row.text(1)?.to_owned(),
                stream_id: row.text(2)?.to_owned(),
                progress: row.bytes(3)?.to_vec(),
                conversations: count(4)?,
                counted: count(5)?,
                newest_s: row.int(6),
                series: count(7)?,
                holder: None,
            });
            Some(())
        },
    )?;
    Ok(standings)
}

/// Forgets an account of [`overview`] with everything that was counted of it.
///
/// # Errors
/// An exporter polls it, or the store cannot be written.
pub fn forget(place: &Place, standing: &Standing) -> Result<(), StoreError> {
    let engine = place.open()?;
    let mut writing = engine.writing()?;
    let account = standing.key.0;
    // Whoever runs would go on to take turns at an account that is another one by then.
    if !writing.claim(EVERYBODY)? {
        let (what, place) = ("the store", place.to_string());
        return Err(StoreError::Polled { what, place });
    }
    for (table, column) in TABLES {
        writing.put(
            &format!("DELETE FROM {table} WHERE {column} = $1"),
            &mut once(vec![account.into()]),
        )?;
    }
    writing.commit()
}
