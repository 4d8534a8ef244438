//! What an operator does to a folder's store from outside: look, copy, move a damaged one away.
//!
//! Looking and copying may be done while an exporter runs; moving takes its lock.

use super::error::doing;
use super::lock::{self, Lock};
use super::{files, readers};
use crate::store::sql::Reading;
use crate::store::{FILE, StoreError};
use rusqlite::Connection;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

pub(in crate::store) fn look(folder: &Path) -> Result<Box<dyn Reading>, StoreError> {
    look_at(&folder.join(FILE))
}

/// Until it is dropped, what was committed when its first row was read.
pub(super) fn look_at(path: &Path) -> Result<Box<dyn Reading>, StoreError> {
    let connection = readers::of_this_version(path)?;
    let begun = connection.execute_batch("BEGIN");
    begun.map_err(doing("open the database for reading"))?;
    Ok(Box::new(Box::new(connection)))
}

/// Bytes of the database and its write-ahead log, and whether an exporter runs on it.
pub(in crate::store) fn size(folder: &Path) -> (u64, bool) {
    let database = folder.join(FILE);
    let size = |path: &Path| fs::metadata(path).map_or(0, |metadata| metadata.len());
    (
        size(&database) + size(&files::beside(&database, "-wal")),
        matches!(Lock::take(folder), Err(StoreError::InUse { .. })),
    )
}

pub(in crate::store) fn check_pages(folder: &Path) -> Result<(), StoreError> {
    is_sound(
        &readers::of_this_version(&folder.join(FILE))?,
        "integrity_check",
    )
}

/// Asks SQLite whether its file is sound. A start reads no index, and would leave a damaged one for a commit to find:
/// `quick_check` looks at every page, in about half a second for a million conversations; `integrity_check` compares what
/// indexes say as well, in ten times as long.
pub(super) fn is_sound(connection: &Connection, check: &str) -> Result<(), StoreError> {
    let said: String = connection
        .query_row(&format!("PRAGMA {check}(1)"), [], |row| row.get(0))
        .map_err(doing("check the database"))?;
    if said == "ok" {
        return Ok(());
    }
    tracing::debug!(said, check);
    Err(StoreError::Damaged { what: "pages" })
}

/// Writes one whole database to `to`, as it stood at the last commit. Returns its size in bytes.
///
/// # Errors
/// There is no database, it is of another version; or `to` is there already or cannot be written: then nothing is left
/// of it.
pub(in crate::store) fn backup(folder: &Path, to: &Path) -> Result<u64, StoreError> {
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

/// Moves the database away with what belongs to it, under a name with `mark` in it, which is returned.
///
/// # Errors
/// An exporter runs on the store, or the files cannot be moved.
pub(in crate::store) fn set_aside(folder: &Path, mark: &str) -> Result<PathBuf, StoreError> {
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
