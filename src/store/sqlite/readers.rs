//! Connections to read on: an account that looks up its conversations waits for no other account's commit.
//!
//! In WAL mode a reader sees the last commit that was whole when it began, and neither waits for the writer nor holds
//! it up.

use super::error::doing;
use super::migrate::VERSION;
use crate::store::StoreError;
use rusqlite::{Connection, OpenFlags};
use std::cmp::Ordering;
use std::ops::Deref;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// As many as can be of use at once; what is open beyond them is closed after its use.
const KEPT: usize = 4;
/// 4 MiB: lookups touch few pages, and the upper levels of the tree stay in the system's cache anyway.
const CACHE_KIB: i64 = 4096;
/// A checkpoint holds readers up for moments only.
const PATIENCE: Duration = Duration::from_secs(5);

/// Those that nobody reads on now.
#[derive(Debug, Default)]
pub(super) struct Readers(Mutex<Vec<Connection>>);

impl Readers {
    pub(super) fn take(&self, path: &Path) -> Result<Lent<'_>, StoreError> {
        let idle = self.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => open(path).map_err(doing("open the database for reading"))?,
        };
        Ok(Lent {
            connection: Some(connection),
            readers: self,
        })
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn open(path: &Path) -> rusqlite::Result<Connection> {
    // Not read-only by its flags: such a connection cannot take part in a WAL whose index is to be made first.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.busy_timeout(PATIENCE)?;
    Ok(connection)
}

/// A connection for whoever looks from outside, while an exporter may run on the database.
///
/// # Errors
/// There is no database, or it is of another version.
pub(super) fn of_this_version(path: &Path) -> Result<Connection, StoreError> {
    let (place, known) = (path.display().to_string(), VERSION);
    if !path.exists() {
        return Err(StoreError::Nothing { place });
    }
    let opening = doing("open the database for reading");
    let connection = open(path).map_err(&opening)?;
    let found: i64 = connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(&opening)?;
    match found.cmp(&known) {
        Ordering::Greater => Err(StoreError::Newer {
            place,
            found,
            known,
        }),
        Ordering::Less => Err(StoreError::Older {
            place,
            found,
            known,
        }),
        Ordering::Equal => Ok(connection),
    }
}

/// A connection on loan.
pub(super) struct Lent<'r> {
    /// `None` only while it is given back.
    connection: Option<Connection>,
    readers: &'r Readers,
}

impl Deref for Lent<'_> {
    type Target = Connection;

    #[allow(clippy::expect_used, reason = "it is taken by `drop` alone")]
    fn deref(&self) -> &Connection {
        self.connection
            .as_ref()
            .expect("a loan holds its connection")
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let mut idle = self.readers.idle();
        if idle.len() < KEPT {
            idle.extend(self.connection.take());
        }
    }
}
