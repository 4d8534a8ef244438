//! One window's commit, in one transaction.

use super::{AccountKey, Store, StoreError, doing, forms};
use crate::ledger::{Commit, Forgotten, Ledger};
use rusqlite::{Transaction, TransactionBehavior};

/// Entries forgotten by one commit at most: after a long stop the rest waits for the next ones,
/// since a record below the floor is left alone anyway.
const FORGET_MOST: i64 = 5_000;

/// What the poller keeps beside the counts.
#[derive(Debug, Clone, Copy, Default)]
pub struct Kept<'k> {
    pub progress: &'k [u8],
    /// The parts of the evidence that changed, by their numbers.
    pub evidence: &'k [(u32, Vec<u8>)],
}

impl<'k> Kept<'k> {
    /// No part of the evidence changed.
    pub fn progress(progress: &'k [u8]) -> Kept<'k> {
        Kept {
            progress,
            evidence: &[],
        }
    }
}

impl Store {
    /// Writes a commit and what the poller keeps, durably and whole. After an error nothing of it is stored.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn commit(
        &self,
        account: AccountKey,
        ledger: &Ledger,
        commit: &Commit,
        kept: Kept<'_>,
    ) -> Result<Forgotten, StoreError> {
        let writing = doing("write to the database");
        let mut connection = self.writing()?;
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(&writing)?;
        let forgotten = write(&transaction, account, ledger, commit, kept).map_err(&writing)?;
        let number = number(&transaction, account, kept.progress).map_err(&writing)?;
        transaction.commit().map_err(&writing)?;
        self.lock.note(account, number);
        drop(connection);
        let rows =
            commit.symbols.len() + commit.names.len() + commit.sums.len() + kept.evidence.len();
        let entries = commit.entries.len() + forgotten.digests.len();
        self.checkpoints.note(rows + entries + 1);
        Ok(forgotten)
    }
}

fn write(
    transaction: &Transaction<'_>,
    account: AccountKey,
    ledger: &Ledger,
    commit: &Commit,
    kept: Kept<'_>,
) -> rusqlite::Result<Forgotten> {
    let mut add = transaction
        .prepare_cached("INSERT INTO symbol (account, sym, text) VALUES (?1, ?2, ?3)")?;
    for (sym, text) in (ledger.symbols.len() as u32..).zip(&commit.symbols) {
        add.execute((account.0, sym, &**text))?;
    }
    let mut name = transaction.prepare_cached(
        "INSERT OR REPLACE INTO queue_name (account, id, first, latest, latest_s) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for (id, names) in &commit.names {
        name.execute((
            account.0,
            id.0,
            names.first.0,
            names.latest.0,
            names.latest_s,
        ))?;
    }
    let mut series = transaction
        .prepare_cached("INSERT OR REPLACE INTO series (account, key, sum) VALUES (?1, ?2, ?3)")?;
    for (key, sum) in &commit.sums {
        series.execute((
            account.0,
            forms::series_key_bytes(key),
            forms::sum_bytes(sum),
        ))?;
    }
    conversations(transaction, account, commit)?;
    let mut part = transaction.prepare_cached(
        "INSERT OR REPLACE INTO evidence (account, part, state) VALUES (?1, ?2, ?3)",
    )?;
    for (number, state) in kept.evidence {
        part.execute((account.0, number, state))?;
    }
    forget(transaction, account, commit.floor_s)
}

/// Writes the progress, and says the how manieth commit of the account this is.
fn number(
    transaction: &Transaction<'_>,
    account: AccountKey,
    progress: &[u8],
) -> rusqlite::Result<i64> {
    transaction
        .prepare_cached(
            "UPDATE account SET progress = ?2, commits = commits + 1 WHERE id = ?1 RETURNING commits",
        )?
        .query_row((account.0, progress), |row| row.get(0))
}

fn conversations(
    transaction: &Transaction<'_>,
    account: AccountKey,
    commit: &Commit,
) -> rusqlite::Result<()> {
    let mut remove =
        transaction.prepare_cached("DELETE FROM conversation WHERE account = ?1 AND id = ?2")?;
    let mut put = transaction.prepare_cached(
        "INSERT OR REPLACE INTO conversation (account, id, session, latest_s, digest, counted, seen, destinations)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    for change in &commit.entries {
        let entry = &change.entry;
        if let Some(before) = change.before.filter(|before| before.id != entry.id) {
            remove.execute((account.0, forms::id_bytes(before.id)))?;
        }
        put.execute((
            account.0,
            forms::id_bytes(entry.id),
            entry.session.map(forms::id_bytes),
            entry.latest_s,
            entry.digest.map(u64::cast_signed),
            entry.counted.as_ref().map(forms::counted_bytes),
            entry.seen.to_bytes(),
            entry.seen.destinations_to_bytes(),
        ))?;
    }
    Ok(())
}

fn forget(
    transaction: &Transaction<'_>,
    account: AccountKey,
    floor_s: i64,
) -> rusqlite::Result<Forgotten> {
    let mut delete = transaction.prepare_cached(
        "DELETE FROM conversation WHERE account = ?1 AND id IN
         (SELECT id FROM conversation WHERE account = ?1 AND latest_s < ?2 LIMIT ?3)
         RETURNING digest, counted IS NULL",
    )?;
    let mut rows = delete.query((account.0, floor_s, FORGET_MOST))?;
    let mut forgotten = Forgotten::default();
    while let Some(row) = rows.next()? {
        forgotten.entries += 1;
        forgotten.never_ended += u64::from(row.get::<_, bool>(1)?);
        forgotten
            .digests
            .extend(row.get::<_, Option<i64>>(0)?.map(i64::cast_unsigned));
    }
    Ok(forgotten)
}
