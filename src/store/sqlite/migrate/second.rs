//! Version 2: a conversation remembers its destinations by what they are, no longer by their place in the list.
//!
//! What the first version knew of destinations is their places alone, so nothing can be filled in here: the column
//! stays null, and the ledger finds out which destination stood in which place when it next reads the record.

use super::run;
use crate::store::StoreError;
use rusqlite::Transaction;

pub(super) fn step(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    run(
        transaction,
        "ALTER TABLE conversation ADD COLUMN destinations BLOB;",
    )
}
