//! What outlives the process: one SQLite database, written in whole commits.
//!
//! Invariant: a commit's facts, sums, names and coverage become durable together or not at all; one process at a time.
//! Not here: what any of it means. Called by the poller, from threads that may block.

mod account;
mod commit;
mod entries;
mod forms;
mod lock;
mod schema;

pub use account::{AccountKey, Loaded};

use lock::Lock;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The database's file name under `storage.path`.
pub const FILE: &str = "smartassist-exporter.db";

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error(
        "cannot create `{path}`; hint: `storage.path` must be a folder that this user may write to"
    )]
    Create {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error(
        "`{path}` is in use by another process; hint: one exporter per `storage.path`: stop the other one or give this one its own folder"
    )]
    InUse { path: PathBuf },
    #[error("cannot lock `{path}`")]
    Lock {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error(
        "`{path}` was written by a newer version (format {found}, this one knows up to {known}); hint: run that version, or give this one an empty folder"
    )]
    Newer {
        path: PathBuf,
        found: i64,
        known: i64,
    },
    #[error("cannot {doing}")]
    Database {
        doing: &'static str,
        source: rusqlite::Error,
    },
    #[error(
        "stored {what} cannot be read; hint: restore a backup, or move the file away to start anew"
    )]
    Damaged { what: &'static str },
}

/// An open store. Its lock ends with it, and with the process.
#[derive(Debug)]
pub struct Store {
    connection: Mutex<Connection>,
    _lock: Lock,
}

impl Store {
    /// Opens the database under `folder`, creating and migrating it as needed.
    pub fn open(folder: &Path) -> Result<Store, StoreError> {
        std::fs::create_dir_all(folder).map_err(|source| StoreError::Create {
            path: folder.to_owned(),
            source,
        })?;
        let lock = Lock::take(folder)?;
        let path = folder.join(FILE);
        let connection = Connection::open(&path).map_err(doing("open the database"))?;
        schema::prepare(&connection, &path)?;
        Ok(Store {
            connection: Mutex::new(connection),
            _lock: lock,
        })
    }

    /// A poisoned lock is no reason to stop: SQLite rolled back what the panicking thread had begun.
    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn doing(doing: &'static str) -> impl Fn(rusqlite::Error) -> StoreError {
    move |source| StoreError::Database { doing, source }
}
