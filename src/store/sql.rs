//! What both engines can do: the statements that both understand, and the rows that come of them.
//!
//! A statement names its parameters `$1`, `$2` … in the order in which it first mentions them. Whole numbers have 64 bits.
//! A row that changes is put by `INSERT … ON CONFLICT … DO UPDATE`.

use super::StoreError;
use std::borrow::Cow;

/// A parameter.
#[derive(Debug, Clone)]
pub(super) enum Value<'v> {
    Null,
    Int(i64),
    Text(Cow<'v, str>),
    Bytes(Cow<'v, [u8]>),
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Value::Int(number)
    }
}

impl From<u32> for Value<'_> {
    fn from(number: u32) -> Self {
        Value::Int(number.into())
    }
}

impl<'v> From<&'v str> for Value<'v> {
    fn from(text: &'v str) -> Self {
        Value::Text(text.into())
    }
}

impl<'v> From<&'v [u8]> for Value<'v> {
    fn from(bytes: &'v [u8]) -> Self {
        Value::Bytes(bytes.into())
    }
}

impl From<Vec<u8>> for Value<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Value::Bytes(bytes.into())
    }
}

impl From<[u8; 16]> for Value<'_> {
    fn from(bytes: [u8; 16]) -> Self {
        Value::Bytes(bytes.to_vec().into())
    }
}

impl<'v, T: Into<Value<'v>>> From<Option<T>> for Value<'v> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

/// One row. What is null, or no value of that kind, is `None`.
pub(super) trait Row {
    fn is_null(&self, at: usize) -> bool;
    fn int(&self, at: usize) -> Option<i64>;
    fn text(&self, at: usize) -> Option<&str>;
    fn bytes(&self, at: usize) -> Option<&[u8]>;
}

/// A value that may be null; the outer `None` stands for one that cannot be read.
pub(super) fn nullable<'r, T>(
    row: &'r dyn Row,
    at: usize,
    read: impl FnOnce(&'r dyn Row, usize) -> Option<T>,
) -> Option<Option<T>> {
    if row.is_null(at) {
        return Some(None);
    }
    read(row, at).map(Some)
}

/// Makes something of a row; `None` where the row is damaged.
pub(super) type Reader<'r> = &'r mut dyn FnMut(&dyn Row) -> Option<()>;

/// Rows that are stored.
pub(super) trait Reading {
    /// Hands each row that the statement finds to `read`. `what` is what the rows are, as errors say it.
    ///
    /// # Errors
    /// The database does not answer, or a row is damaged: then the rest is not read.
    fn rows(
        &mut self,
        what: &'static str,
        sql: &str,
        values: &[Value<'_>],
        read: Reader<'_>,
    ) -> Result<(), StoreError>;

    /// The same for a statement that ends where its condition on `column` belongs, which is to be one of `keys`.
    ///
    /// # Errors
    /// As [`rows`](Reading::rows).
    fn rows_among(
        &mut self,
        what: &'static str,
        select: &str,
        account: i64,
        column: &str,
        keys: &[[u8; 16]],
        read: Reader<'_>,
    ) -> Result<(), StoreError>;
}

/// One transaction: all of it becomes durable with its commit, or nothing.
pub(super) trait Writing: Reading {
    /// Runs the statement once for each row of parameters. How many rows it changed in all.
    ///
    /// # Errors
    /// The database does not answer, or refuses.
    fn put(
        &mut self,
        sql: &str,
        rows: &mut dyn Iterator<Item = Vec<Value<'_>>>,
    ) -> Result<u64, StoreError>;

    /// This one is not a poller's, and may take as long as it takes.
    ///
    /// # Errors
    /// The database does not answer.
    fn takes_long(&mut self) -> Result<(), StoreError>;

    /// Whether nobody polls the account; then nobody begins to before the transaction ends.
    ///
    /// # Errors
    /// The database does not answer.
    fn claim(&mut self, account: i64) -> Result<bool, StoreError>;

    /// # Errors
    /// The database does not answer, or refuses. It may have committed all the same where the answer was lost.
    fn commit(self: Box<Self>) -> Result<(), StoreError>;
}

/// One row that a statement finds, made into something; `None` where there is none.
pub(super) fn one<T>(
    reading: &mut (impl Reading + ?Sized),
    what: &'static str,
    sql: &str,
    values: &[Value<'_>],
    mut read: impl FnMut(&dyn Row) -> Option<T>,
) -> Result<Option<T>, StoreError> {
    let mut found = None;
    reading.rows(what, sql, values, &mut |row| {
        found = Some(read(row)?);
        Some(())
    })?;
    Ok(found)
}
