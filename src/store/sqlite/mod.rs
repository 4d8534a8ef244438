//! The embedded engine: one SQLite file in a folder, and one process that counts in it.
//!
//! Invariant: one process at a time, by a lock on a file beside it. Not here: what is stored.

mod checkpoint;
mod connection;
pub(super) mod error;
mod files;
mod lock;
mod migrate;
mod readers;
mod schema;
#[cfg(test)]
mod tests;
pub(super) mod upkeep;

use super::engine::Engine;
use super::sql::{Reading, Writing};
use super::{AccountKey, Claims, FILE, StoreError};
use checkpoint::Checkpoints;
use connection::Write;
use error::doing;
use files::Found;
use lock::Lock;
use readers::Readers;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// An open database. Its lock ends with it, and with the process.
#[derive(Debug)]
pub(super) struct Sqlite {
    path: PathBuf,
    /// Ends before the other connections: the last to be closed tidies up.
    checkpoints: Checkpoints,
    /// SQLite has one writer at a time.
    writing: Mutex<Connection>,
    reading: Readers,
    open: files::Open,
    found: Found,
    lock: Lock,
}

impl Sqlite {
    /// Opens the database under `folder`, creating and migrating it as needed.
    ///
    /// # Errors
    /// The folder or the database cannot be made, opened or migrated, or another process holds it.
    pub(super) fn open(folder: &Path) -> Result<Sqlite, StoreError> {
        std::fs::create_dir_all(folder).map_err(|cause| StoreError::Create {
            path: folder.to_owned(),
            cause,
        })?;
        let found = Found::at(folder);
        let lock = Lock::take(folder)?;
        let path = folder.join(FILE);
        if let Found::Remains(remains) = &found {
            tell_remains(folder, remains);
        }
        let mut connection = Connection::open(&path).map_err(doing("open the database"))?;
        // Without the right to write SQLite opens what it can, and says so at the first commit alone.
        if connection
            .is_readonly(rusqlite::MAIN_DB)
            .map_err(doing("open the database"))?
        {
            return Err(StoreError::ReadOnly { path });
        }
        let version = schema::prepare(&mut connection, &path)?;
        // An older one that took the place of a newer one lacks none of its own commits.
        if (1..migrate::COUNTS_COMMITS).contains(&version) {
            lock.forget_commits();
        }
        upkeep::is_sound(&connection, "quick_check")?;
        let checkpoints = Checkpoints::of(&path).map_err(|cause| StoreError::Thread { cause })?;
        Ok(Sqlite {
            checkpoints,
            writing: Mutex::new(connection),
            reading: Readers::default(),
            open: files::Open::note(&path),
            path,
            found,
            lock,
        })
    }
}

impl Engine for Sqlite {
    fn reading(&self) -> Result<Box<dyn Reading + '_>, StoreError> {
        self.open.still_there()?;
        Ok(Box::new(self.reading.take(&self.path)?))
    }

    fn looking(&self) -> Result<Box<dyn Reading>, StoreError> {
        self.open.still_there()?;
        upkeep::look_at(&self.path)
    }

    /// A poisoned lock is no reason to stop: what the panicking thread had begun was taken back.
    ///
    /// # Errors
    /// [`StoreError::Gone`]. Asked before a commit alone: one that has returned is in the file, wherever that is now.
    fn writing(&self) -> Result<Box<dyn Writing + '_>, StoreError> {
        let connection = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        self.open.still_there()?;
        Ok(Box::new(Write::begin(connection)?))
    }

    fn claims(&self) -> Option<Claims> {
        None
    }

    fn was_there(&self) -> bool {
        self.found == Found::Database
    }

    fn place(&self) -> String {
        self.path.display().to_string()
    }

    fn wrote(&self, rows: u64) {
        self.checkpoints.note(rows);
    }

    fn note(&self, account: AccountKey, commits: i64) {
        self.lock.note(account, commits);
    }

    fn noted(&self, account: AccountKey) -> i64 {
        self.lock.noted(account)
    }
}

/// Somebody lost a database here, or restored half of one.
fn tell_remains(folder: &Path, remains: &Path) {
    tracing::warn!(
        path = %folder.join(FILE).display(), remains = %remains.display(),
        "the database is missing or empty, yet an earlier one left something here: was it removed, or restored in part? \
         every account begins anew; hint: to go on where the counts were, stop, restore the database with its `-wal`, \
         and start again"
    );
    match files::keep_orphaned_wal(folder) {
        Ok(None) => {}
        Ok(Some(kept)) => {
            tracing::warn!(path = %kept.display(), "a write-ahead log without its database was kept under this name");
        }
        Err(error) => {
            tracing::warn!(%error, "a write-ahead log without its database cannot be kept");
        }
    }
}
