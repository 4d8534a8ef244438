//! What an operator does to a store from outside: look, copy, forget an account, move a damaged one away.
//!
//! Looking and copying may be done while an exporter runs; the others take its lock.

use super::lock::{self, Lock};
use super::{AccountKey, FILE, Store, StoreError, doing, files, readers};
use rusqlite::{Connection, TransactionBehavior};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Every table that has rows of an account, with its column.
const TABLES: [(&str, &str); 6] = [
    ("conversation", "account"),
    ("evidence", "account"),
    ("series", "account"),
    ("queue_name", "account"),
    ("symbol", "account"),
    ("account", "id"),
];

/// A store as it stands on disk.
#[derive(Debug)]
pub struct Overview {
    pub database: PathBuf,
    /// Of the database and its write-ahead log.
    pub bytes: u64,
    /// Whether an exporter runs on it.
    pub in_use: bool,
    pub accounts: Vec<Standing>,
}

/// One account in it.
#[derive(Debug)]
pub struct Standing {
    key: AccountKey,
    pub account_id: String,
    pub stream_id: String,
    /// As the poller last wrote it; empty for an account that was never polled.
    pub progress: Vec<u8>,
    /// Conversations that are remembered, so that none is counted twice.
    pub conversations: u64,
    /// Of them, those that were counted.
    pub counted: u64,
    /// The newest time that any of them tells, UTC seconds.
    pub newest_s: Option<i64>,
    /// Series that have a sum.
    pub series: u64,
}

/// What stands in the store under `folder`.
///
/// # Errors
/// There is no database, it is of another version, or it cannot be read.
pub fn overview(folder: &Path) -> Result<Overview, StoreError> {
    let database = folder.join(FILE);
    let connection = readers::of_this_version(&database)?;
    let size = |path: &Path| fs::metadata(path).map_or(0, |metadata| metadata.len());
    Ok(Overview {
        bytes: size(&database) + size(&files::beside(&database, "-wal")),
        in_use: matches!(Lock::take(folder), Err(StoreError::InUse { .. })),
        accounts: standings(&connection)?,
        database,
    })
}

fn standings(connection: &Connection) -> Result<Vec<Standing>, StoreError> {
    let reading = doing("read the accounts");
    let mut statement = connection
        .prepare(
            "SELECT id, account_id, stream_id, progress,
                 (SELECT COUNT(*) FROM conversation WHERE account = account.id),
                 (SELECT COUNT(counted) FROM conversation WHERE account = account.id),
                 (SELECT MAX(latest_s) FROM conversation WHERE account = account.id),
                 (SELECT COUNT(*) FROM series WHERE account = account.id)
             FROM account ORDER BY id",
        )
        .map_err(&reading)?;
    let count = |row: &rusqlite::Row<'_>, at| row.get::<_, i64>(at).map(i64::unsigned_abs);
    let rows = statement.query_map([], |row| {
        Ok(Standing {
            key: AccountKey(row.get(0)?),
            account_id: row.get(1)?,
            stream_id: row.get(2)?,
            progress: row.get(3)?,
            conversations: count(row, 4)?,
            counted: count(row, 5)?,
            newest_s: row.get(6)?,
            series: count(row, 7)?,
        })
    });
    rows.and_then(Iterator::collect::<rusqlite::Result<_>>)
        .map_err(&reading)
}

/// Writes one whole database to `to`, as it stood at the last commit. Returns its size in bytes.
///
/// # Errors
/// There is no database, it is of another version; or `to` is there already or cannot be written: then nothing is left
/// of it.
pub fn backup(folder: &Path, to: &Path) -> Result<u64, StoreError> {
    let source = readers::of_this_version(&folder.join(FILE))?;
    if to.exists() {
        return Err(StoreError::Exists { path: to.into() });
    }
    let part = files::beside(to, ".part");
    let copied = copy(&source, &part).and_then(|bytes| {
        fs::rename(&part, to)
            .and_then(|()| flush_folder(to))
            .map_err(|cause| StoreError::Copy {
                path: to.into(),
                cause,
            })?;
        Ok(bytes)
    });
    if copied.is_err() {
        fs::remove_file(&part).ok();
    }
    copied
}

fn copy(source: &Connection, to: &Path) -> Result<u64, StoreError> {
    let failed = |cause: io::Error| StoreError::Copy {
        path: to.into(),
        cause,
    };
    // SQLite says `unable to open database file` of whatever ails the place; the system says what. Left of a copy that
    // was cut off, it is written anew.
    File::create(to).map_err(failed)?;
    let copying = doing("copy the database");
    // The copy is another database, which `query_only` would forbid to write as well.
    source
        .pragma_update(None, "query_only", false)
        .map_err(&copying)?;
    source
        .execute("VACUUM INTO ?1", [to.to_string_lossy()])
        .map_err(&copying)?;
    let file = File::open(to).map_err(failed)?;
    file.sync_all().map_err(failed)?;
    file.metadata()
        .map(|metadata| metadata.len())
        .map_err(failed)
}

/// A new name is on disk when its folder is.
fn flush_folder(of: &Path) -> io::Result<()> {
    let folder = of.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// Forgets an account of [`overview`] with everything that was counted of it.
///
/// # Errors
/// An exporter runs on the store, or it cannot be written.
pub fn forget(folder: &Path, standing: &Standing) -> Result<(), StoreError> {
    let store = Store::open(folder)?;
    let writing = doing("forget the account");
    let mut connection = store.writing()?;
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(&writing)?;
    for (table, column) in TABLES {
        transaction
            .execute(
                &format!("DELETE FROM {table} WHERE {column} = ?1"),
                [standing.key.0],
            )
            .map_err(&writing)?;
    }
    transaction.commit().map_err(&writing)
}

/// Moves the database away with what belongs to it, under a name with `mark` in it, which is returned.
///
/// # Errors
/// An exporter runs on the store, or the files cannot be moved.
pub fn set_aside(folder: &Path, mark: &str) -> Result<PathBuf, StoreError> {
    let _lock = Lock::take(folder)?;
    let database = folder.join(FILE);
    let aside = files::beside(&database, &format!(".{mark}"));
    for ending in ["-wal", "-shm", ""] {
        let (from, to) = (
            files::beside(&database, ending),
            files::beside(&aside, ending),
        );
        match fs::rename(&from, &to) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            moved => moved.map_err(|cause| StoreError::Copy { path: to, cause })?,
        }
    }
    // What is left of a lock tells the next start that a database was lost here, and this one was not.
    fs::remove_file(folder.join(lock::FILE)).ok();
    Ok(aside)
}
