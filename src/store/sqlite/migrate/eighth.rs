//! Version 8: what the counters stood at when they were first shown, so that the past can be joined to them.

use super::run;
use crate::store::StoreError;
use rusqlite::Transaction;

pub(super) fn step(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    run(
        transaction,
        "CREATE TABLE first_shown (
             account INTEGER NOT NULL,
             key BLOB NOT NULL,
             sum BLOB NOT NULL,
             PRIMARY KEY (account, key)
         ) STRICT, WITHOUT ROWID;",
    )
}
