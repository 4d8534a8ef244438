//! Reading and writing on a connection of SQLite's.

use super::error::{doing, reading};
use crate::store::StoreError;
use crate::store::sql::{Reader, Reading, Row, Value, Writing};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, Params, ToSql, params_from_iter};
use std::ops::Deref;
use std::sync::MutexGuard;

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(number) => ValueRef::Integer(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl Row for rusqlite::Row<'_> {
    fn is_null(&self, at: usize) -> bool {
        matches!(self.get_ref(at), Ok(ValueRef::Null))
    }

    fn int(&self, at: usize) -> Option<i64> {
        self.get_ref(at).ok()?.as_i64().ok()
    }

    fn text(&self, at: usize) -> Option<&str> {
        self.get_ref(at).ok()?.as_str().ok()
    }

    fn bytes(&self, at: usize) -> Option<&[u8]> {
        self.get_ref(at).ok()?.as_blob().ok()
    }
}

fn rows(
    what: &'static str,
    statement: &mut CachedStatement<'_>,
    values: impl Params,
    read: Reader<'_>,
) -> Result<(), StoreError> {
    let mut rows = statement.query(values).map_err(reading(what))?;
    while let Some(row) = rows.next().map_err(reading(what))? {
        read(row).ok_or(StoreError::Damaged { what })?;
    }
    Ok(())
}

fn rows_of(
    connection: &Connection,
    what: &'static str,
    sql: &str,
    values: &[Value<'_>],
    read: Reader<'_>,
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(reading(what))?;
    rows(what, &mut statement, params_from_iter(values), read)
}

fn rows_among(
    connection: &Connection,
    what: &'static str,
    (select, account, column): (&str, i64, &str),
    keys: &[[u8; 16]],
    read: Reader<'_>,
) -> Result<(), StoreError> {
    let sql = format!("{select} WHERE account = ?1 AND {column} = ?2");
    let mut statement = connection.prepare_cached(&sql).map_err(reading(what))?;
    for key in keys {
        rows(what, &mut statement, (account, key), read)?;
    }
    Ok(())
}

/// Whoever lends a connection.
impl<C: Deref<Target = Connection>> Reading for C {
    fn rows(
        &mut self,
        what: &'static str,
        sql: &str,
        values: &[Value<'_>],
        read: Reader<'_>,
    ) -> Result<(), StoreError> {
        rows_of(self, what, sql, values, read)
    }

    fn rows_among(
        &mut self,
        what: &'static str,
        select: &str,
        account: i64,
        column: &str,
        keys: &[[u8; 16]],
        read: Reader<'_>,
    ) -> Result<(), StoreError> {
        rows_among(self, what, (select, account, column), keys, read)
    }
}

/// A transaction of the one connection that writes; taken back where it does not commit.
pub(super) struct Write<'c> {
    connection: MutexGuard<'c, Connection>,
    committed: bool,
}

impl<'c> Write<'c> {
    pub(super) fn begin(connection: MutexGuard<'c, Connection>) -> Result<Write<'c>, StoreError> {
        connection
            .execute_batch("BEGIN IMMEDIATE")
            .map_err(doing("write to the database"))?;
        Ok(Write {
            connection,
            committed: false,
        })
    }
}

impl Reading for Write<'_> {
    fn rows(
        &mut self,
        what: &'static str,
        sql: &str,
        values: &[Value<'_>],
        read: Reader<'_>,
    ) -> Result<(), StoreError> {
        let rows = rows_of(&self.connection, what, sql, values, read);
        rows.map_err(StoreError::while_writing)
    }

    fn rows_among(
        &mut self,
        what: &'static str,
        select: &str,
        account: i64,
        column: &str,
        keys: &[[u8; 16]],
        read: Reader<'_>,
    ) -> Result<(), StoreError> {
        let asked = (select, account, column);
        let rows = rows_among(&self.connection, what, asked, keys, read);
        rows.map_err(StoreError::while_writing)
    }
}

impl Writing for Write<'_> {
    fn put(
        &mut self,
        sql: &str,
        rows: &mut dyn Iterator<Item = Vec<Value<'_>>>,
    ) -> Result<u64, StoreError> {
        let writing = doing("write to the database");
        let mut statement = self.connection.prepare_cached(sql).map_err(&writing)?;
        let mut changed = 0;
        for values in rows {
            changed += statement
                .execute(params_from_iter(values))
                .map_err(&writing)?;
        }
        Ok(changed as u64)
    }

    fn takes_long(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    fn claim(&mut self, _account: i64) -> Result<bool, StoreError> {
        Ok(true)
    }

    fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        self.connection
            .execute_batch("COMMIT")
            .map_err(doing("write to the database"))?;
        self.committed = true;
        Ok(())
    }
}

impl Drop for Write<'_> {
    fn drop(&mut self) {
        // Where SQLite has taken it back already there is nothing to take back.
        if !self.committed && !self.connection.is_autocommit() {
            self.connection.execute_batch("ROLLBACK").ok();
        }
    }
}
