//! One account's state, as loaded at start.

use super::files::Found;
use super::{Store, StoreError, doing, forms};
use crate::ledger::{Counted, Id, Key, Ledger, Names, Policy, QueueName, Recents, Sym, Symbols};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// An account in this database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountKey(pub(super) i64);

/// What an account stood at when the process before ended.
#[derive(Debug)]
pub struct Loaded {
    pub key: AccountKey,
    pub ledger: Ledger,
    /// As the poller last wrote it; empty for a new account.
    pub progress: Vec<u8>,
    /// The same of the evidence, in the order of its parts.
    pub evidence: Vec<(u32, Vec<u8>)>,
    /// Commits that were made and are not in the database any more.
    pub lost_commits: u64,
}

impl Store {
    /// Loads an account; makes it, with a hash key drawn by `new_key`, if there is none.
    /// Conversations that ended after `recent_from_s` are put into the recent windows.
    ///
    /// # Errors
    /// The database cannot be read or written, or what it holds of the account is damaged.
    pub fn load(
        &self,
        account_id: &str,
        stream_id: &str,
        policy: Policy,
        recent_from_s: impl FnOnce(&[u8]) -> i64,
        new_key: impl FnOnce() -> [u8; 16],
    ) -> Result<Loaded, StoreError> {
        let connection = self.reading()?;
        let (key, hash_key, progress, commits) = match found(&connection, account_id, stream_id)? {
            Some(found) => found,
            None => self.begin(account_id, stream_id, new_key())?,
        };
        let lost_commits = self.lock.noted(key).saturating_sub(commits).max(0);
        self.lock.note(key, commits);
        let mut ledger = Ledger::new(Key(hash_key), policy);
        fill(&connection, key, &mut ledger, recent_from_s(&progress))?;
        let evidence = evidence(&connection, key)?;
        Ok(Loaded {
            key,
            ledger,
            progress,
            evidence,
            lost_commits: lost_commits.unsigned_abs(),
        })
    }

    /// The counted conversations that ended after `from_s`, UTC seconds.
    ///
    /// # Errors
    /// The database cannot be read, or what it holds is damaged.
    pub fn recents(&self, key: AccountKey, from_s: i64) -> Result<Recents, StoreError> {
        let connection = self.reading()?;
        let reading = doing("read the recent conversations");
        let mut statement = connection
            .prepare("SELECT id, counted FROM conversation WHERE account = ?1")
            .map_err(&reading)?;
        let mut rows = statement.query([key.0]).map_err(&reading)?;
        let mut recents = Vec::new();
        while let Some(row) = rows.next().map_err(&reading)? {
            let what = "conversations";
            let found = recent(row, 0, 1, from_s).map_err(&reading)?;
            recents.extend(found.ok_or(StoreError::Damaged { what })?);
        }
        Ok(recents.into_iter().collect())
    }

    /// An account that was never seen here. Logged, or whoever had counts before would
    /// learn it from a graph.
    fn begin(
        &self,
        account_id: &str,
        stream_id: &str,
        hash_key: [u8; 16],
    ) -> Result<Account, StoreError> {
        let connection = self.writing()?;
        connection
            .execute(
                "INSERT INTO account (account_id, stream_id, hash_key, progress) VALUES (?1, ?2, ?3, x'')",
                params![account_id, stream_id, hash_key],
            )
            .map_err(doing("add the account"))?;
        let path = self.path.display();
        if self.found == Found::Database || self.settled.load(Ordering::Relaxed) {
            tracing::info!(%path, account_id, stream_id, "a new account: its counters begin at 0");
        } else {
            tracing::warn!(
                %path, account_id, stream_id,
                "a new database: the account's counters begin at 0; if it was counted before, its state is not here"
            );
        }
        let key = AccountKey(connection.last_insert_rowid());
        // What is noted there is of another one, which was forgotten or is lost with its database.
        self.lock.note(key, 0);
        Ok((key, hash_key, Vec::new(), 0))
    }
}

/// Fills an empty ledger with all that is stored of its account.
fn fill(
    connection: &Connection,
    key: AccountKey,
    ledger: &mut Ledger,
    recent_from_s: i64,
) -> Result<(), StoreError> {
    ledger.symbols = symbols(connection, key)?;
    ledger.names = names(connection, key)?;
    sums(connection, key, ledger)?;
    conversations(connection, key, ledger, recent_from_s)
}

/// With its hash key, its progress, and how many commits were made of it.
type Account = (AccountKey, [u8; 16], Vec<u8>, i64);

fn found(
    connection: &Connection,
    account_id: &str,
    stream_id: &str,
) -> Result<Option<Account>, StoreError> {
    connection
        .query_row(
            "SELECT id, hash_key, progress, commits FROM account WHERE account_id = ?1 AND stream_id = ?2",
            params![account_id, stream_id],
            |row| Ok((AccountKey(row.get(0)?), row.get(1)?, row.get(2)?, row.get(3)?)),
        )
        .optional()
        .map_err(doing("read the account"))
}

pub(super) fn evidence(
    connection: &Connection,
    key: AccountKey,
) -> Result<Vec<(u32, Vec<u8>)>, StoreError> {
    let reading = doing("read the evidence");
    let mut statement = connection
        .prepare("SELECT part, state FROM evidence WHERE account = ?1 ORDER BY part")
        .map_err(&reading)?;
    let parts = statement.query_map([key.0], |row| Ok((row.get(0)?, row.get(1)?)));
    parts
        .and_then(Iterator::collect::<rusqlite::Result<_>>)
        .map_err(&reading)
}

pub(super) fn symbols(connection: &Connection, key: AccountKey) -> Result<Symbols, StoreError> {
    let reading = doing("read the label values");
    let mut statement = connection
        .prepare("SELECT sym, text FROM symbol WHERE account = ?1 ORDER BY sym")
        .map_err(&reading)?;
    let mut rows = statement.query([key.0]).map_err(&reading)?;
    let mut texts: Vec<Arc<str>> = Vec::new();
    let first = Symbols::default().len();
    while let Some(row) = rows.next().map_err(&reading)? {
        let sym: u32 = row.get(0).map_err(&reading)?;
        if sym as usize != first + texts.len() {
            return Err(StoreError::Damaged {
                what: "label values",
            });
        }
        texts.push(row.get::<_, String>(1).map_err(&reading)?.into());
    }
    Ok(Symbols::from_texts(texts))
}

pub(super) fn names(connection: &Connection, key: AccountKey) -> Result<Names, StoreError> {
    let reading = doing("read the queue names");
    let mut statement = connection
        .prepare("SELECT id, first, latest, latest_s FROM queue_name WHERE account = ?1")
        .map_err(&reading)?;
    let mut names = Names::default();
    let mut rows = statement.query([key.0]).map_err(&reading)?;
    while let Some(row) = rows.next().map_err(&reading)? {
        let sym = |at| row.get(at).map(Sym).map_err(&reading);
        let latest_s = row.get(3).map_err(&reading)?;
        names.set(
            sym(0)?,
            QueueName {
                first: sym(1)?,
                latest: sym(2)?,
                latest_s,
            },
        );
    }
    Ok(names)
}

fn sums(connection: &Connection, key: AccountKey, ledger: &mut Ledger) -> Result<(), StoreError> {
    let reading = doing("read the sums");
    let mut statement = connection
        .prepare("SELECT key, sum FROM series WHERE account = ?1")
        .map_err(&reading)?;
    let mut rows = statement.query([key.0]).map_err(&reading)?;
    while let Some(row) = rows.next().map_err(&reading)? {
        let damaged = || StoreError::Damaged { what: "sums" };
        let blob = |at| {
            row.get_ref(at)
                .and_then(|value| Ok(value.as_blob()?))
                .map_err(&reading)
        };
        let series = forms::series_key(blob(0)?).ok_or_else(damaged)?;
        ledger.sums.set(
            series,
            forms::sum(series.measure, blob(1)?).ok_or_else(damaged)?,
        );
    }
    Ok(())
}

/// Every conversation's digest; of the recent ones, what was counted.
fn conversations(
    connection: &Connection,
    key: AccountKey,
    ledger: &mut Ledger,
    recent_from_s: i64,
) -> Result<(), StoreError> {
    let reading = doing("read the conversations");
    let mut statement = connection
        .prepare("SELECT id, digest, counted FROM conversation WHERE account = ?1")
        .map_err(&reading)?;
    let mut rows = statement.query([key.0]).map_err(&reading)?;
    // Gathered first: sets that are built at once need not grow, nor a tree search for every place.
    let (mut digests, mut recents) = (Vec::new(), Vec::new());
    while let Some(row) = rows.next().map_err(&reading)? {
        let damaged = || StoreError::Damaged {
            what: "conversations",
        };
        ledger.tracked += 1;
        if let Some(digest) = row.get::<_, Option<i64>>(1).map_err(&reading)? {
            digests.push(digest.cast_unsigned());
        }
        recents.extend(
            recent(row, 0, 2, recent_from_s)
                .map_err(&reading)?
                .ok_or_else(damaged)?,
        );
    }
    ledger.digests = digests.into_iter().collect();
    ledger.recents = recents.into_iter().collect();
    Ok(())
}

/// Of a conversation that was counted and ended after `from_s`: what was counted. The outer `None`: damaged.
fn recent(
    row: &Row<'_>,
    id: usize,
    counted: usize,
    from_s: i64,
) -> rusqlite::Result<Option<Option<(Id, Counted)>>> {
    let (id, counted) = (row.get_ref(id)?, row.get_ref(counted)?);
    Ok((|| {
        let Some(bytes) = counted.as_blob_or_null().ok()? else {
            return Some(None);
        };
        if forms::ended_s(bytes)? <= from_s {
            return Some(None);
        }
        let id = id.as_blob().ok().and_then(forms::id)?;
        Some(Some((id, forms::counted(bytes)?)))
    })())
}
