//! One account's state, as loaded at start.

use super::sql::{self, Reading, Row, Value, nullable};
use super::{Store, StoreError, forms, quarters};
use crate::ledger::{Counted, Id, Key, Ledger, Names, Policy, QueueName, Recents, Sym, Symbols};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// An account in this database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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
    /// Abandoned conversations of which lines were asked for, each with the number of its commit, in their order.
    pub abandoned: Vec<(i64, Vec<u8>)>,
    /// Commits that were made and are not in the database any more.
    pub lost_commits: u64,
}

impl Store {
    /// Loads an account; makes it, with a hash key drawn by `new_key`, if there is none.
    /// Conversations that ended after `recent_from_s` are put into the recent windows. From now on nobody else's commits of
    /// the account are taken.
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
        let key = self.enlist(account_id, stream_id, new_key)?;
        let (commits, lost_commits) = self.begin(key)?;
        let mut reading = self.engine.reading()?;
        let (hash_key, progress) = sql::one(
            &mut *reading,
            "account",
            "SELECT hash_key, progress FROM account WHERE id = $1",
            &[key.0.into()],
            |row| Some((row.bytes(0)?.try_into().ok()?, row.bytes(1)?.to_vec())),
        )?
        .ok_or(StoreError::Damaged { what: "account" })?;
        let mut ledger = Ledger::new(Key(hash_key), policy);
        ledger.commits = commits;
        fill(&mut *reading, key, &mut ledger, recent_from_s(&progress))?;
        let evidence = evidence(&mut *reading, key)?;
        let abandoned = abandoned(&mut *reading, key)?;
        Ok(Loaded {
            key,
            ledger,
            progress,
            evidence,
            abandoned,
            lost_commits,
        })
    }

    /// The counted conversations that ended after `from_s`, UTC seconds.
    ///
    /// # Errors
    /// The database cannot be read, or what it holds is damaged.
    pub fn recents(&self, key: AccountKey, from_s: i64) -> Result<Recents, StoreError> {
        let mut recents = Vec::new();
        self.engine.reading()?.rows(
            "conversations",
            "SELECT id, counted FROM conversation WHERE account = $1",
            &[key.0.into()],
            &mut |row| {
                recents.extend(recent(row, 0, 1, from_s)?);
                Some(())
            },
        )?;
        Ok(recents.into_iter().collect())
    }

    /// The account's key. One that was never seen here gets one; that is logged, or whoever had counts before would learn it
    /// from a graph.
    ///
    /// # Errors
    /// The database cannot be read or written.
    pub fn enlist(
        &self,
        account_id: &str,
        stream_id: &str,
        new_key: impl FnOnce() -> [u8; 16],
    ) -> Result<AccountKey, StoreError> {
        let find = "SELECT id FROM account WHERE account_id = $1 AND stream_id = $2";
        let ids: [Value<'_>; 2] = [account_id.into(), stream_id.into()];
        let id = |row: &dyn Row| row.int(0).map(AccountKey);
        let known = sql::one(&mut *self.engine.reading()?, "account", find, &ids, id)?;
        if let Some(key) = known {
            return Ok(key);
        }
        let mut writing = self.engine.writing()?;
        let (hash_key, progress) = (new_key().into(), Vec::new().into());
        let row = vec![account_id.into(), stream_id.into(), hash_key, progress];
        let begun = writing.put(
            "INSERT INTO account (account_id, stream_id, hash_key, progress) VALUES ($1, $2, $3, $4)
             ON CONFLICT (account_id, stream_id) DO NOTHING",
            &mut std::iter::once(row),
        )?;
        let key = sql::one(&mut *writing, "account", find, &ids, id)?
            .ok_or(StoreError::Damaged { what: "account" })?;
        writing.commit()?;
        if begun == 0 {
            return Ok(key);
        }
        let place = self.engine.place();
        if self.engine.was_there() || self.settled.load(Ordering::Relaxed) {
            tracing::info!(path = %place, account_id, stream_id, "a new account: its counters begin at 0");
        } else {
            tracing::warn!(
                path = %place, account_id, stream_id,
                "a new database: the account's counters begin at 0; if it was counted before, its state is not here"
            );
        }
        // What is noted there is of another one, which was forgotten or is lost with its database.
        self.note(key, 0);
        Ok(key)
    }
}

/// Fills an empty ledger with all that is stored of its account.
fn fill(
    reading: &mut dyn Reading,
    key: AccountKey,
    ledger: &mut Ledger,
    recent_from_s: i64,
) -> Result<(), StoreError> {
    ledger.symbols = symbols(reading, key)?;
    ledger.names = names(reading, key)?;
    sums(reading, key, ledger)?;
    ledger.quarters = quarters::quarters(reading, key, i64::MIN..i64::MAX)?;
    conversations(reading, key, ledger, recent_from_s)
}

fn abandoned(
    reading: &mut dyn Reading,
    key: AccountKey,
) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
    let mut calls = Vec::new();
    reading.rows(
        "abandoned conversations",
        "SELECT number, call FROM abandoned WHERE account = $1 ORDER BY number, place",
        &[key.0.into()],
        &mut |row| {
            calls.push((row.int(0)?, row.bytes(1)?.to_vec()));
            Some(())
        },
    )?;
    Ok(calls)
}

pub(super) fn evidence(
    reading: &mut dyn Reading,
    key: AccountKey,
) -> Result<Vec<(u32, Vec<u8>)>, StoreError> {
    let mut parts = Vec::new();
    reading.rows(
        "evidence",
        "SELECT part, state FROM evidence WHERE account = $1 ORDER BY part",
        &[key.0.into()],
        &mut |row| {
            parts.push((row.int(0)?.try_into().ok()?, row.bytes(1)?.to_vec()));
            Some(())
        },
    )?;
    Ok(parts)
}

pub(super) fn symbols(reading: &mut dyn Reading, key: AccountKey) -> Result<Symbols, StoreError> {
    let first = Symbols::default().len();
    let mut texts: Vec<Arc<str>> = Vec::new();
    reading.rows(
        "label values",
        "SELECT sym, text FROM symbol WHERE account = $1 ORDER BY sym",
        &[key.0.into()],
        &mut |row| {
            let place = usize::try_from(row.int(0)?).ok()?;
            texts.push(row.text(1)?.into());
            (place == first + texts.len() - 1).then_some(())
        },
    )?;
    Ok(Symbols::from_texts(texts))
}

pub(super) fn names(reading: &mut dyn Reading, key: AccountKey) -> Result<Names, StoreError> {
    let mut names = Names::default();
    reading.rows(
        "queue names",
        "SELECT id, first, latest, latest_s FROM queue_name WHERE account = $1",
        &[key.0.into()],
        &mut |row| {
            let sym = |at| row.int(at)?.try_into().ok().map(Sym);
            let name = QueueName {
                first: sym(1)?,
                latest: sym(2)?,
                latest_s: row.int(3)?,
            };
            names.set(sym(0)?, name);
            Some(())
        },
    )?;
    Ok(names)
}

fn sums(reading: &mut dyn Reading, key: AccountKey, ledger: &mut Ledger) -> Result<(), StoreError> {
    reading.rows(
        "sums",
        "SELECT key, sum FROM series WHERE account = $1",
        &[key.0.into()],
        &mut |row| {
            let series = forms::series_key(row.bytes(0)?)?;
            let sum = forms::sum(series.measure, row.bytes(1)?)?;
            ledger.sums.set(series, sum);
            Some(())
        },
    )
}

/// Every conversation's digest; of the recent ones, what was counted.
fn conversations(
    reading: &mut dyn Reading,
    key: AccountKey,
    ledger: &mut Ledger,
    recent_from_s: i64,
) -> Result<(), StoreError> {
    // Gathered first: sets that are built at once need not grow, nor a tree search for every place.
    let (mut digests, mut recents) = (Vec::new(), Vec::new());
    reading.rows(
        "conversations",
        "SELECT id, digest, counted FROM conversation WHERE account = $1",
        &[key.0.into()],
        &mut |row| {
            ledger.tracked += 1;
            let digest = nullable(row, 1, |row, at| row.int(at))?;
            digests.extend(digest.map(i64::cast_unsigned));
            recents.extend(recent(row, 0, 2, recent_from_s)?);
            Some(())
        },
    )?;
    ledger.digests = digests.into_iter().collect();
    ledger.recents = recents.into_iter().collect();
    Ok(())
}

/// Of a conversation that was counted and ended after `from_s`: what was counted. The outer `None`: damaged.
fn recent(row: &dyn Row, id: usize, counted: usize, from_s: i64) -> Option<Option<(Id, Counted)>> {
    let Some(bytes) = nullable(row, counted, |row, at| row.bytes(at))? else {
        return Some(None);
    };
    if forms::ended_s(bytes)? <= from_s {
        return Some(None);
    }
    Some(Some((forms::id(row.bytes(id)?)?, forms::counted(bytes)?)))
}
