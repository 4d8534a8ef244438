//! Version 7: a conversation remembers how its counted facts read, for corrections; what it has of them is called facts.
//!
//! How the facts of older versions read is not known, so nothing can be filled in here: the column stays null, and is
//! filled as records are read again.

use super::run;
use crate::store::StoreError;
use rusqlite::Transaction;

pub(super) fn step(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    run(
        transaction,
        "ALTER TABLE conversation RENAME COLUMN seen TO facts;
         ALTER TABLE conversation ADD COLUMN reads BLOB;",
    )
}
