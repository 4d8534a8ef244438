//! Version 6: what was counted of the conversations that began in each quarter of an hour.

use super::run;
use crate::store::StoreError;
use rusqlite::Transaction;

pub(super) fn step(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    run(
        transaction,
        "CREATE TABLE quarter (
             account INTEGER NOT NULL,
             start_s INTEGER NOT NULL,
             counts BLOB NOT NULL,
             PRIMARY KEY (account, start_s)
         ) STRICT, WITHOUT ROWID;",
    )
}
