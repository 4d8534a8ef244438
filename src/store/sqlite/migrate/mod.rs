//! How a file of an older version becomes one of this version: one step a version, in one transaction each.
//!
//! Invariant: a step is never changed once it was shipped, only added to the end; whatever a step does, nothing that
//! was counted is counted again, and no counter falls. A process that dies within a step leaves the file as it was.
//! Not here: opening, settings of the connection. Called by `schema`.

mod eighth;
mod fifth;
mod first;
mod fourth;
mod ninth;
mod second;
mod seventh;
mod sixth;
mod third;

use super::error::doing;
use crate::store::StoreError;
use rusqlite::{Connection, Transaction, TransactionBehavior};

/// What takes a file from one version to the next.
type Step = fn(&Transaction<'_>) -> Result<(), StoreError>;

/// The step in place n takes a file from version n to version n + 1; an empty file has version 0.
const STEPS: [Step; 9] = [
    first::step,
    second::step,
    third::step,
    fourth::step,
    fifth::step,
    sixth::step,
    seventh::step,
    eighth::step,
    ninth::step,
];

/// The version that this program writes.
pub(super) const VERSION: i64 = STEPS.len() as i64;

/// Files of this version and later say how many commits they hold.
pub(super) const COUNTS_COMMITS: i64 = 5;

/// Takes a file that has version `found` to this version.
pub(super) fn migrate(connection: &mut Connection, found: i64) -> Result<(), StoreError> {
    steps(connection, found, VERSION)
}

/// An empty file as an older version made it.
#[cfg(test)]
fn migrate_to(connection: &mut Connection, version: i64) -> Result<(), StoreError> {
    steps(connection, 0, version)
}

fn steps(connection: &mut Connection, found: i64, wanted: i64) -> Result<(), StoreError> {
    let migrating = doing("migrate the database");
    for (version, step) in (1_i64..=wanted).zip(STEPS) {
        if version <= found {
            continue;
        }
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(&migrating)?;
        step(&transaction)?;
        transaction
            .pragma_update(None, "user_version", version)
            .map_err(&migrating)?;
        transaction.commit().map_err(&migrating)?;
    }
    Ok(())
}

/// A step that is nothing but SQL.
fn run(transaction: &Transaction<'_>, sql: &str) -> Result<(), StoreError> {
    transaction
        .execute_batch(sql)
        .map_err(doing("migrate the database"))
}
