//! The database's files on disk: what was there before it was opened, and whether they are still those that are open.
//!
//! SQLite writes on happily into files that nobody can find any more: without this check a deleted folder would show at
//! the next start only, when all that was counted since is gone.

use crate::store::{FILE, StoreError};
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// What stood at the place of the database before it was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// A database with something in it.
    Database,
    /// Nothing of an exporter.
    Nothing,
    /// No database, or an empty one, yet this is left of an earlier one.
    Remains(PathBuf),
}

impl Found {
    /// To be asked before the lock is taken, which makes its file.
    pub(super) fn at(folder: &Path) -> Found {
        let database = folder.join(FILE);
        let holds_something =
            |path: &Path| fs::metadata(path).is_ok_and(|metadata| metadata.len() > 0);
        if holds_something(&database) {
            return Found::Database;
        }
        let wal = beside(&database, "-wal");
        let lock = folder.join(super::lock::FILE);
        if holds_something(&wal) {
            Found::Remains(wal)
        } else if lock.exists() {
            Found::Remains(lock)
        } else if database.exists() {
            Found::Remains(database)
        } else {
            Found::Nothing
        }
    }
}

/// SQLite removes a `-wal` whose database is empty; whoever restored only half of a backup may still need it.
pub(super) fn keep_orphaned_wal(folder: &Path) -> io::Result<Option<PathBuf>> {
    let wal = beside(&folder.join(FILE), "-wal");
    let kept = beside(&wal, ".orphaned");
    match fs::rename(&wal, &kept) {
        Ok(()) => Ok(Some(kept)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The files that are open, by device and inode.
#[derive(Debug)]
pub(super) struct Open {
    files: Vec<(PathBuf, (u64, u64))>,
}

impl Open {
    /// Notes the database and its log, once both were made.
    pub(super) fn note(database: &Path) -> Open {
        let files = [database.to_owned(), beside(database, "-wal")];
        let note = |path: PathBuf| Some((path.clone(), identity(&path).ok()?));
        Open {
            files: files.into_iter().filter_map(note).collect(),
        }
    }

    /// # Errors
    /// [`StoreError::Gone`] where a file is no longer there, or another one stands in its place.
    pub(super) fn still_there(&self) -> Result<(), StoreError> {
        for (path, open) in &self.files {
            let cause = match identity(path) {
                Ok(found) if found == *open => continue,
                Ok(_) => io::Error::other("another file stands in its place"),
                Err(error) => error,
            };
            let path = path.clone();
            return Err(StoreError::Gone { path, cause });
        }
        Ok(())
    }
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    let metadata = fs::metadata(path)?;
    Ok((metadata.dev(), metadata.ino()))
}

/// The path with something behind its name.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
}
