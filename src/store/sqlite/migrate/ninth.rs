//! Version 9: abandoned conversations of which lines are to be written, by the commit that counted them.

use super::run;
use crate::store::StoreError;
use rusqlite::Transaction;

pub(super) fn step(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    run(
        transaction,
        "CREATE TABLE abandoned (
             account INTEGER NOT NULL,
             number INTEGER NOT NULL,
             place INTEGER NOT NULL,
             ended_s INTEGER NOT NULL,
             call BLOB NOT NULL,
             PRIMARY KEY (account, number, place)
         ) STRICT, WITHOUT ROWID;",
    )
}
