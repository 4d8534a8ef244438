//! What outlives the process: one database, written in whole commits. Embedded, that is a SQLite file of one process; a
//! PostgreSQL database may be shared by many.
//!
//! Invariant: a commit's facts, sums, names and coverage become durable together or not at all; of one account at most one
//! process commits at a time, and a late commit of another is refused. Not here: what any of it means. Called by the poller,
//! from threads that may block.

mod account;
mod beginning;
mod commit;
mod engine;
mod entries;
mod error;
mod forms;
mod history;
mod inspect;
mod overview;
mod place;
mod postgres;
mod quarters;
mod sql;
mod sqlite;
mod stranger;
#[cfg(test)]
mod tests;
mod transfer;

pub use account::{AccountKey, Loaded};
pub use beginning::{Beginning, beginning, counted_among};
pub use commit::Kept;
pub(crate) use error::DAMAGED;
pub use error::{Cause, StoreError};
#[cfg(any(test, fuzzing))]
pub(crate) use forms::read_forms;
pub use history::{Offered, offered};
pub use inspect::{Checked, DamagedRow, check};
pub use overview::{Overview, Standing, forget, overview};
pub use place::{Place, Reached};
pub use postgres::{Claims, Failure, Picture, Replica, Server};
pub use quarters::{Recounted, Wanted, recounted};
pub use transfer::{Transferred, transfer};

use engine::Engine;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The database's file name under `storage.path`.
pub const FILE: &str = "smartassist-exporter.db";

/// No account has this number; who runs on a shared store holds it together with all others who do.
const EVERYBODY: i64 = 0;

/// An open store.
#[derive(Debug)]
pub struct Store {
    engine: Box<dyn Engine>,
    /// The number of each account's last commit, as this process knows it.
    commits: Mutex<BTreeMap<AccountKey, i64>>,
    /// All who are configured at the start have been loaded.
    settled: AtomicBool,
}

impl Store {
    /// Opens the store, creating and migrating it as needed.
    ///
    /// # Errors
    /// It cannot be made, reached, opened or migrated, or, where only one process may, another one holds it.
    pub fn open(place: impl Into<Place>) -> Result<Store, StoreError> {
        Ok(Store {
            engine: place.into().open()?,
            commits: Mutex::default(),
            settled: AtomicBool::new(false),
        })
    }

    /// Who holds which account, where several processes share the store; `None` where all are this one's.
    pub fn claims(&self) -> Option<Claims> {
        self.engine.claims()
    }

    /// Who begins from now on is new here, and not lost with a database that was.
    pub fn settled(&self) {
        self.settled.store(true, Ordering::Relaxed);
    }

    fn note(&self, account: AccountKey, commits: i64) {
        self.commits().insert(account, commits);
        self.engine.note(account, commits);
    }

    /// The number of the account's last commit that is known of, by this process or by those before it.
    fn noted(&self, account: AccountKey) -> i64 {
        let known = self.commits().get(&account).copied();
        known.unwrap_or_else(|| self.engine.noted(account))
    }

    fn commits(&self) -> MutexGuard<'_, BTreeMap<AccountKey, i64>> {
        self.commits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
