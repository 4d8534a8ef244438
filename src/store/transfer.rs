//! All of one store written into another that is empty, from either engine to either.

use super::sql::{self, Reading, Row, Value, Writing, nullable};
use super::{EVERYBODY, Place, StoreError};
use std::iter::once;

/// How a column is read: of what stands in it, or that nothing does. `None` where it is damaged.
type Column = fn(&dyn Row, usize) -> Option<Value<'static>>;

/// A table: what its rows are, as errors say it; its name; its columns beside the account.
type Table = (
    &'static str,
    &'static str,
    &'static [(&'static str, Column)],
);

/// Every table that has rows of an account, beside the accounts themselves.
const TABLES: [Table; 8] = [
    ("label values", "symbol", &[("sym", int), ("text", text)]),
    (
        "queue names",
        "queue_name",
        &[
            ("id", int),
            ("first", int),
            ("latest", int),
            ("latest_s", int),
        ],
    ),
    ("sums", "series", &[("key", bytes), ("sum", bytes)]),
    (
        "first sums shown",
        "first_shown",
        &[("key", bytes), ("sum", bytes)],
    ),
    ("evidence", "evidence", &[("part", int), ("state", bytes)]),
    (
        "quarters of an hour",
        "quarter",
        &[("start_s", int), ("counts", bytes)],
    ),
    (
        "abandoned conversations",
        "abandoned",
        &[
            ("number", int),
            ("place", int),
            ("ended_s", int),
            ("call", bytes),
        ],
    ),
    (
        "conversations",
        "conversation",
        &[
            ("id", bytes),
            ("session", bytes),
            ("latest_s", int),
            ("digest", int),
            ("counted", bytes),
            ("facts", bytes),
            ("destinations", bytes),
            ("reads", bytes),
        ],
    ),
];

/// Rows that are held in memory at once.
const AT_ONCE: usize = 1_000;

/// What was written.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Transferred {
    pub accounts: u64,
    /// Rows of all their tables.
    pub rows: u64,
}

/// Writes all that `from` holds into `to`, which holds nothing; both stay as they are should that fail.
///
/// # Errors
/// An exporter runs on one of them, `to` holds something, what `from` holds is damaged, or one of them does not answer.
pub fn transfer(from: &Place, to: &Place) -> Result<Transferred, StoreError> {
    if let Err(nothing @ StoreError::Nothing { .. }) = from.look() {
        return Err(nothing);
    }
    // Opened as an exporter opens it: an older one is taken over first, and no exporter begins meanwhile.
    let (source, target) = (from.open()?, to.open()?);
    let mut reading = source.writing()?;
    let mut writing = target.writing()?;
    for (transaction, place) in [(&mut reading, from), (&mut writing, to)] {
        transaction.takes_long()?;
        if !transaction.claim(EVERYBODY)? {
            let (what, place) = ("the store", place.to_string());
            return Err(StoreError::Polled { what, place });
        }
    }
    let any = "SELECT id FROM account LIMIT 1";
    if sql::one(&mut *writing, "accounts", any, &[], |row| row.int(0))?.is_some() {
        let place = to.to_string();
        return Err(StoreError::NotEmpty { place });
    }
    let transferred = copy(&mut *reading, &mut *writing)?;
    writing.commit()?;
    Ok(transferred)
}

pub(super) fn copy(
    reading: &mut dyn Reading,
    writing: &mut dyn Writing,
) -> Result<Transferred, StoreError> {
    let mut transferred = Transferred::default();
    let mut accounts = Vec::new();
    reading.rows(
        "accounts",
        "SELECT id, account_id, stream_id, hash_key, progress, commits FROM account ORDER BY id",
        &[],
        &mut |row| {
            let (ids, own) = (
                [text(row, 1)?, text(row, 2)?],
                [bytes(row, 3)?, bytes(row, 4)?],
            );
            accounts.push((row.int(0)?, ids, own, int(row, 5)?));
            Some(())
        },
    )?;
    for (from, ids, own, commits) in accounts {
        let [hash_key, progress] = own;
        let mut row = ids.to_vec();
        row.extend([hash_key, progress, commits]);
        writing.put(
            "INSERT INTO account (account_id, stream_id, hash_key, progress, commits) VALUES ($1, $2, $3, $4, $5)",
            &mut once(row),
        )?;
        let find = "SELECT id FROM account WHERE account_id = $1 AND stream_id = $2";
        let to = sql::one(writing, "accounts", find, &ids, |row| row.int(0))?
            .ok_or(StoreError::Damaged { what: "accounts" })?;
        transferred.accounts += 1;
        for table in &TABLES {
            transferred.rows += copy_table(reading, writing, table, from, to)?;
        }
    }
    Ok(transferred)
}

fn copy_table(
    reading: &mut dyn Reading,
    writing: &mut dyn Writing,
    (what, table, columns): &Table,
    from: i64,
    to: i64,
) -> Result<u64, StoreError> {
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let places: Vec<String> = (2..columns.len() + 2).map(|at| format!("${at}")).collect();
    let (names, places) = (names.join(", "), places.join(", "));
    let insert = format!("INSERT INTO {table} (account, {names}) VALUES ($1, {places})");
    let select = format!("SELECT {names} FROM {table} WHERE account = $1");
    let mut rows: Vec<Vec<Value<'static>>> = Vec::new();
    let mut written = Ok(0);
    reading.rows(what, &select, &[from.into()], &mut |row| {
        let mut values = vec![to.into()];
        for (at, (_, read)) in columns.iter().enumerate() {
            values.push(read(row, at)?);
        }
        rows.push(values);
        if rows.len() == AT_ONCE
            && let Ok(before) = written
        {
            written = writing
                .put(&insert, &mut rows.drain(..))
                .map(|now| before + now);
        }
        Some(())
    })?;
    Ok(written? + writing.put(&insert, &mut rows.drain(..))?)
}

fn int(row: &dyn Row, at: usize) -> Option<Value<'static>> {
    nullable(row, at, |row, at| row.int(at)).map(Value::from)
}

fn text(row: &dyn Row, at: usize) -> Option<Value<'static>> {
    let owned = |row: &dyn Row, at| row.text(at).map(str::to_owned);
    Some(nullable(row, at, owned)?.map_or(Value::Null, |text| Value::Text(text.into())))
}

fn bytes(row: &dyn Row, at: usize) -> Option<Value<'static>> {
    nullable(row, at, |row, at| row.bytes(at).map(<[u8]>::to_vec)).map(Value::from)
}
