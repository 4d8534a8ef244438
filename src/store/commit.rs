//! One window's commit, in one transaction.
//!
//! An account's commits are numbered, and each says which number it follows: one that was written by somebody who lost the
//! account meanwhile, or whose own last commit was made although its answer was lost, follows another, and is refused.

use super::sql::{self, Value, Writing, nullable};
use super::{AccountKey, Store, StoreError, beginning, forms};
use crate::events::Forget;
use crate::ledger::{Commit, Forgotten, Ledger};

/// Entries forgotten by one commit at most: after a long stop the rest waits for the next ones,
/// since a record below the floor is left alone anyway.
const FORGET_MOST: i64 = 5_000;

/// What the poller keeps beside the counts.
#[derive(Debug, Clone, Copy, Default)]
pub struct Kept<'k> {
    pub progress: &'k [u8],
    /// The parts of the evidence that changed, by their numbers.
    pub evidence: &'k [(u32, Vec<u8>)],
    /// Counters and histograms are shown from this commit on: what they stand at is kept, see [`first_shown`](super::first_shown).
    pub first_shown: bool,
    /// Abandoned conversations that it counts, of which lines are to be written: when each ended, UTC seconds, and what is
    /// told of it.
    pub abandoned: &'k [(i64, Vec<u8>)],
    /// Which of those before are no longer needed.
    pub forget: Option<Forget>,
}

impl<'k> Kept<'k> {
    /// No part of the evidence changed.
    pub fn progress(progress: &'k [u8]) -> Kept<'k> {
        Kept {
            progress,
            ..Kept::default()
        }
    }
}

impl Store {
    /// Writes a commit and what the poller keeps, durably and whole. After an error nothing of it is stored; but where a
    /// database elsewhere was lost sight of meanwhile, it may be: then the next one is [`StoreError::Overtaken`].
    ///
    /// # Errors
    /// The database cannot be written, or the account was counted by somebody else since it was loaded.
    pub fn commit(
        &self,
        account: AccountKey,
        ledger: &Ledger,
        commit: &Commit,
        kept: Kept<'_>,
    ) -> Result<Forgotten, StoreError> {
        let mut writing = self.engine.writing()?;
        let number = ledger.commits + 1;
        follow(&mut *writing, account, ledger.commits, kept.progress)?;
        let mut rows = write(&mut *writing, account, ledger, commit)?;
        rows += writing.put(
            "INSERT INTO evidence (account, part, state) VALUES ($1, $2, $3)
             ON CONFLICT (account, part) DO UPDATE SET state = excluded.state",
            &mut kept
                .evidence
                .iter()
                .map(|(part, state)| vec![account.0.into(), (*part).into(), state[..].into()]),
        )?;
        if kept.first_shown {
            rows += beginning::keep(&mut *writing, account)?;
        }
        rows += abandoned(&mut *writing, account, number, kept)?;
        let forgotten = forget(&mut *writing, account, commit.floor_s)?;
        writing.commit()?;
        self.note(account, number);
        self.engine.wrote(rows + forgotten.entries + 1);
        Ok(forgotten)
    }

    /// From now on no commit counts that somebody else has under way. The number of the last one, and how many are missing
    /// that were made.
    pub(super) fn begin(&self, account: AccountKey) -> Result<(i64, u64), StoreError> {
        let here = [account.0.into()];
        let int = |row: &dyn sql::Row| row.int(0);
        let (found, now) = if self.engine.claims().is_some() {
            let mut writing = self.engine.writing()?;
            let next = "UPDATE account SET commits = commits + 1 WHERE id = $1 RETURNING commits";
            let now = sql::one(&mut *writing, "account", next, &here, int)?;
            writing.commit()?;
            (now.map(|now| now - 1), now)
        } else {
            let find = "SELECT commits FROM account WHERE id = $1";
            let found = sql::one(&mut *self.engine.reading()?, "account", find, &here, int)?;
            (found, found)
        };
        let missing = || StoreError::Damaged { what: "account" };
        let (found, now) = (found.ok_or_else(missing)?, now.ok_or_else(missing)?);
        let lost = self.noted(account) - found;
        self.note(account, now);
        Ok((now, lost.max(0).unsigned_abs()))
    }
}

/// Writes the progress with the commit's number. First of all: who has lost the account waits here for whoever has it now,
/// and learns it.
fn follow(
    writing: &mut dyn Writing,
    account: AccountKey,
    follows: i64,
    progress: &[u8],
) -> Result<(), StoreError> {
    let number = sql::one(
        writing,
        "account",
        "UPDATE account SET progress = $1, commits = commits + 1 WHERE id = $2 AND commits = $3 RETURNING commits",
        &[progress.into(), account.0.into(), follows.into()],
        |row| row.int(0),
    )?;
    number.map(drop).ok_or(StoreError::Overtaken)
}

/// How many rows it wrote.
fn write(
    writing: &mut dyn Writing,
    account: AccountKey,
    ledger: &Ledger,
    commit: &Commit,
) -> Result<u64, StoreError> {
    let account = account.0;
    let symbols = (ledger.symbols.len() as u32..).zip(&commit.symbols);
    let mut rows = writing.put(
        "INSERT INTO symbol (account, sym, text) VALUES ($1, $2, $3)",
        &mut symbols.map(|(sym, text)| vec![account.into(), sym.into(), text[..].into()]),
    )?;
    rows += writing.put(
        "INSERT INTO queue_name (account, id, first, latest, latest_s) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (account, id) DO UPDATE SET first = excluded.first, latest = excluded.latest, latest_s = excluded.latest_s",
        &mut commit.names.iter().map(|(id, name)| {
            let (first, latest) = (name.first.0.into(), name.latest.0.into());
            vec![account.into(), id.0.into(), first, latest, name.latest_s.into()]
        }),
    )?;
    rows += writing.put(
        "INSERT INTO series (account, key, sum) VALUES ($1, $2, $3)
         ON CONFLICT (account, key) DO UPDATE SET sum = excluded.sum",
        &mut commit.sums.iter().map(|(key, sum)| {
            let (key, sum) = (forms::series_key_bytes(key), forms::sum_bytes(sum));
            vec![account.into(), key.into(), sum.into()]
        }),
    )?;
    rows += quarters(writing, account, commit)?;
    Ok(rows + conversations(writing, account, commit)?)
}

fn quarters(writing: &mut dyn Writing, account: i64, commit: &Commit) -> Result<u64, StoreError> {
    let Some(from_s) = commit.quarters_from_s else {
        return Ok(0);
    };
    writing.put(
        "DELETE FROM quarter WHERE account = $1 AND start_s < $2",
        &mut std::iter::once(vec![account.into(), from_s.into()]),
    )?;
    writing.put(
        "INSERT INTO quarter (account, start_s, counts) VALUES ($1, $2, $3)
         ON CONFLICT (account, start_s) DO UPDATE SET counts = excluded.counts",
        &mut commit.quarters.iter().map(|(start_s, quarter)| {
            let counts = forms::quarter_bytes(quarter);
            vec![account.into(), (*start_s).into(), counts.into()]
        }),
    )
}

/// An entry that got another id leaves its old place first: another one may take it.
fn conversations(
    writing: &mut dyn Writing,
    account: i64,
    commit: &Commit,
) -> Result<u64, StoreError> {
    let left = commit.entries.iter().filter_map(|change| {
        let before = change
            .before
            .filter(|before| before.id != change.entry.id)?;
        Some(vec![account.into(), forms::id_bytes(before.id).into()])
    });
    let rows = writing.put(
        "DELETE FROM conversation WHERE account = $1 AND id = $2",
        &mut { left },
    )?;
    let put = writing.put(
        "INSERT INTO conversation (account, id, session, latest_s, digest, counted, facts, destinations, reads)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (account, id) DO UPDATE SET session = excluded.session, latest_s = excluded.latest_s,
             digest = excluded.digest, counted = excluded.counted, facts = excluded.facts,
             destinations = excluded.destinations, reads = excluded.reads",
        &mut commit.entries.iter().map(|change| {
            let entry = &change.entry;
            let digest: Option<i64> = entry.digest.map(u64::cast_signed);
            vec![
                account.into(),
                forms::id_bytes(entry.id).into(),
                entry.session.map(forms::id_bytes).into(),
                entry.latest_s.into(),
                digest.into(),
                entry.counted.as_ref().map(forms::counted_bytes).into(),
                entry.seen.to_bytes().into(),
                entry.seen.destinations_to_bytes().into(),
                entry.seen.reads_to_bytes().into(),
            ]
        }),
    )?;
    Ok(rows + put)
}

fn abandoned(
    writing: &mut dyn Writing,
    account: AccountKey,
    number: i64,
    kept: Kept<'_>,
) -> Result<u64, StoreError> {
    let account = account.0;
    let mut rows = 0;
    if !kept.abandoned.is_empty() {
        let calls = (0_u32..).zip(kept.abandoned);
        rows += writing.put(
            "INSERT INTO abandoned (account, number, place, ended_s, call) VALUES ($1, $2, $3, $4, $5)",
            &mut calls.map(|(place, (ended_s, call))| {
                vec![account.into(), number.into(), place.into(), (*ended_s).into(), call[..].into()]
            }),
        )?;
    }
    if let Some(forget) = kept.forget {
        let (written, before, lost) = (forget.written, forget.before_s, forget.lost_before_s);
        rows += writing.put(
            "DELETE FROM abandoned WHERE account = $1 AND (ended_s < $2 OR (number <= $3 AND ended_s < $4))",
            &mut std::iter::once(vec![account.into(), lost.into(), written.into(), before.into()]),
        )?;
    }
    Ok(rows)
}

fn forget(
    writing: &mut dyn Writing,
    account: AccountKey,
    floor_s: i64,
) -> Result<Forgotten, StoreError> {
    let mut forgotten = Forgotten::default();
    let values: [Value<'_>; 3] = [account.0.into(), floor_s.into(), FORGET_MOST.into()];
    writing.rows(
        "conversations",
        "DELETE FROM conversation WHERE account = $1 AND id IN
         (SELECT id FROM conversation WHERE account = $1 AND latest_s < $2 LIMIT $3)
         RETURNING digest, CAST(counted IS NULL AS INTEGER)",
        &values,
        &mut |row| {
            let digest = nullable(row, 0, |row, at| row.int(at))?;
            forgotten.entries += 1;
            forgotten.never_ended += row.int(1)?.unsigned_abs();
            forgotten.digests.extend(digest.map(i64::cast_unsigned));
            Some(())
        },
    )?;
    Ok(forgotten)
}
