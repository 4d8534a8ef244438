//! Version 4: what is known for the detection of spikes, an account's in parts that are written as they change.

use super::run;
use crate::store::StoreError;
use rusqlite::Transaction;

pub(super) fn step(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    run(
        transaction,
        "CREATE TABLE evidence (
             account INTEGER NOT NULL,
             part INTEGER NOT NULL,
             state BLOB NOT NULL,
             PRIMARY KEY (account, part)
         ) STRICT, WITHOUT ROWID;",
    )
}
