//! Version 5: an account's commits are numbered, so that a database that lost some is told from one that did not.

use super::run;
use crate::store::StoreError;
use rusqlite::Transaction;

pub(super) fn step(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    run(
        transaction,
        "ALTER TABLE account ADD COLUMN commits INTEGER NOT NULL DEFAULT 0;",
    )
}
