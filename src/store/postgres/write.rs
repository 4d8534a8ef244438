//! One transaction.

use super::error::doing;
use super::pool::Lent;
use super::schema::CLASS;
use crate::store::StoreError;
use crate::store::sql::{self, Reader, Reading, Value, Writing};

/// A transaction; the connection is given up where it does not commit, which takes it back.
pub(super) struct Write<'p> {
    session: Lent<'p>,
    committed: bool,
}

impl<'p> Write<'p> {
    pub(super) fn begin(mut session: Lent<'p>) -> Result<Write<'p>, StoreError> {
        // Said outright: what the role or the database takes where nothing is said is not ours to know.
        let begun = session.batch(
            "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL statement_timeout = '10s'",
        );
        let writing = Write {
            session,
            committed: false,
        };
        begun.map_err(doing("write to the database"))?;
        Ok(writing)
    }
}

impl Drop for Write<'_> {
    fn drop(&mut self) {
        self.session.broken |= !self.committed;
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
        let rows = self.session.rows(what, sql, values, read);
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
        let rows = self
            .session
            .rows_among(what, select, account, column, keys, read);
        rows.map_err(StoreError::while_writing)
    }
}

impl Writing for Write<'_> {
    fn put(
        &mut self,
        sql: &str,
        rows: &mut dyn Iterator<Item = Vec<Value<'_>>>,
    ) -> Result<u64, StoreError> {
        self.session.put(sql, rows)
    }

    fn takes_long(&mut self) -> Result<(), StoreError> {
        let unlimited =
            "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0";
        let set = self.session.batch(unlimited);
        set.map_err(doing("write to the database"))
    }

    fn claim(&mut self, account: i64) -> Result<bool, StoreError> {
        let claim = format!(
            "SELECT CASE WHEN pg_try_advisory_xact_lock({CLASS}, CAST($1 AS integer)) THEN 1 ELSE 0 END"
        );
        let got = sql::one(self, "locks", &claim, &[account.into()], |row| row.int(0))?;
        Ok(got == Some(1))
    }

    fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        let committed = self.session.batch("COMMIT");
        committed.map_err(doing("write to the database"))?;
        self.committed = true;
        Ok(())
    }
}
