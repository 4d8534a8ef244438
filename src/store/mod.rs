//! What outlives the process: one SQLite database, written in whole commits.
//!
//! Invariant: a commit's facts, sums, names and coverage become durable together or not at all; one process at a time.
//! Not here: what any of it means. Called by the poller, from threads that may block.

mod account;
mod checkpoint;
mod commit;
mod entries;
mod files;
mod forms;
mod history;
mod inspect;
mod lock;
mod migrate;
mod readers;
mod schema;
mod stranger;
#[cfg(test)]
mod tests;
mod upkeep;

pub use account::{AccountKey, Loaded};
pub use commit::Kept;
#[cfg(any(test, fuzzing))]
pub(crate) use forms::read_forms;
pub use history::{Offered, offered};
pub use inspect::{Checked, DamagedRow, check};
pub use upkeep::{Overview, Standing, backup, forget, overview, set_aside};

use checkpoint::Checkpoints;
use files::Found;
use lock::Lock;
use readers::{Readers, Reading};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The database's file name under `storage.path`.
pub const FILE: &str = "smartassist-exporter.db";

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error(
        "cannot create `{path}`: {cause}; hint: `storage.path` must be a folder that this user may write to"
    )]
    Create {
        path: PathBuf,
        cause: std::io::Error,
    },
    #[error(
        "`{path}` is in use by another process; hint: one exporter per `storage.path`: stop the other one or give this one its own folder"
    )]
    InUse { path: PathBuf },
    #[error(
        "cannot lock `{path}`: {cause}; hint: `storage.path` must be a folder that this user may write to"
    )]
    Lock {
        path: PathBuf,
        cause: std::io::Error,
    },
    #[error(
        "`{path}` was written by a newer version (format {found}, this one knows up to {known}); hint: run that version, or give this one an empty folder"
    )]
    Newer {
        path: PathBuf,
        found: i64,
        known: i64,
    },
    #[error(
        "`{path}` was written by an older version (format {found}, this one has {known}); hint: start this version's exporter on it once, which takes it over"
    )]
    Older {
        path: PathBuf,
        found: i64,
        known: i64,
    },
    #[error("`{path}` is there already; hint: name a file that is not, or move that one away")]
    Exists { path: PathBuf },
    #[error(
        "cannot write `{path}`: {cause}; hint: its folder must be there, writable, and have room"
    )]
    Copy {
        path: PathBuf,
        cause: std::io::Error,
    },
    #[error("there is no `{path}`; hint: name the folder that is the exporter's `storage.path`")]
    NoDatabase { path: PathBuf },
    #[error(
        "`{path}` is gone ({cause}), and what would be written now would be lost; hint: put it back, and counting goes on; or start the exporter again, and it begins anew"
    )]
    Gone {
        path: PathBuf,
        cause: std::io::Error,
    },
    #[error(
        "cannot start a thread for the database: {cause}; hint: raise the limit of tasks or memory (`TasksMax`, `ulimit -u`)"
    )]
    Thread { cause: std::io::Error },
    #[error("cannot write to `{path}`; hint: it and its folder must be writable for this user")]
    ReadOnly { path: PathBuf },
    #[error("cannot {doing}: {cause}{}", hint(.cause))]
    Database {
        doing: &'static str,
        cause: rusqlite::Error,
    },
    #[error("stored {what} cannot be read; {DAMAGED}")]
    Damaged { what: &'static str },
}

impl StoreError {
    /// Whether what is stored is at fault, rather than who may read it or where it is.
    pub fn is_damage(&self) -> bool {
        match self {
            StoreError::Damaged { .. } => true,
            StoreError::Database { cause, .. } => is_damage(cause),
            _ => false,
        }
    }
}

/// What to do about a database that cannot be read, and what that costs.
pub(crate) const DAMAGED: &str = "hint: restore a backup, or start with `--storage.rebuild`, which moves `smartassist-exporter.db` \
    away with its `-wal` and `-shm` and begins anew: that is harmless for everything but the counts so far. Counters then begin at 0, and what the API still holds \
    is counted again, back to `poll.initial_lookback`";

/// Whether the file is none of SQLite's any more, or what stands in a row can't be what belongs there: another type, a number
/// out of range, text that is none.
fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::{Error, ErrorCode};
    match error {
        Error::FromSqlConversionFailure(..)
        | Error::IntegralValueOutOfRange(..)
        | Error::InvalidColumnType(..)
        | Error::Utf8Error(..) => true,
        _ => matches!(
            error.sqlite_error_code(),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
        ),
    }
}

/// What to do about what SQLite says.
fn hint(error: &rusqlite::Error) -> String {
    use rusqlite::ErrorCode;
    if is_damage(error) {
        return format!("; {DAMAGED}");
    }
    let hint = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => {
            "make room on the disk of `storage.path`; counting goes on by itself"
        }
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            "`storage.path` and the files in it must be writable for this user"
        }
        Some(ErrorCode::SystemIoFailure) => {
            "look at the disk of `storage.path`: is it full, read-only or failing?"
        }
        _ => return String::new(),
    };
    format!("; hint: {hint}")
}

/// An open store. Its lock ends with it, and with the process.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    /// Ends before the other connections: the last to be closed tidies up.
    checkpoints: Checkpoints,
    /// SQLite has one writer at a time.
    writing: Mutex<Connection>,
    reading: Readers,
    open: files::Open,
    found: Found,
    /// All who are configured at the start have been loaded.
    settled: AtomicBool,
    lock: Lock,
}

impl Store {
    /// Opens the database under `folder`, creating and migrating it as needed.
    ///
    /// # Errors
    /// The folder or the database cannot be made, opened or migrated, or another process holds it.
    pub fn open(folder: &Path) -> Result<Store, StoreError> {
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
        is_sound(&connection, "quick_check")?;
        let checkpoints = Checkpoints::of(&path).map_err(|cause| StoreError::Thread { cause })?;
        Ok(Store {
            checkpoints,
            writing: Mutex::new(connection),
            reading: Readers::default(),
            open: files::Open::note(&path),
            path,
            found,
            settled: AtomicBool::new(false),
            lock,
        })
    }

    /// Who begins from now on is new here, and not lost with a database that was.
    pub fn settled(&self) {
        self.settled.store(true, Ordering::Relaxed);
    }

    /// The connection that writes. A poisoned lock is no reason to stop: SQLite rolled back what the panicking thread
    /// had begun.
    ///
    /// # Errors
    /// [`StoreError::Gone`]. Asked before a commit alone: one that has returned is in the file, wherever that is now.
    fn writing(&self) -> Result<MutexGuard<'_, Connection>, StoreError> {
        let connection = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        self.open.still_there()?;
        Ok(connection)
    }

    /// A connection to read on, which waits for no other account's commit and sees every one that has returned.
    fn reading(&self) -> Result<Reading<'_>, StoreError> {
        self.open.still_there()?;
        self.reading.take(&self.path)
    }
}

/// Asks SQLite whether its file is sound. A start reads no index, and would leave a damaged one for a commit to find:
/// `quick_check` looks at every page, in about half a second for a million conversations; `integrity_check` compares what
/// indexes say as well, in ten times as long.
fn is_sound(connection: &Connection, check: &str) -> Result<(), StoreError> {
    let said: String = connection
        .query_row(&format!("PRAGMA {check}(1)"), [], |row| row.get(0))
        .map_err(doing("check the database"))?;
    if said == "ok" {
        return Ok(());
    }
    tracing::debug!(said, check);
    Err(StoreError::Damaged { what: "pages" })
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

fn doing(doing: &'static str) -> impl Fn(rusqlite::Error) -> StoreError {
    move |cause| StoreError::Database { doing, cause }
}
