//! The connection's settings, and which files this version may open.

use super::checkpoint::AT_LATEST;
use super::error::doing;
use super::migrate::{VERSION, migrate};
use crate::store::StoreError;
use rusqlite::Connection;
use std::path::Path;

/// Sets the connection up and brings the file to this version. The version that it had, 0 for a new one.
pub(super) fn prepare(connection: &mut Connection, path: &Path) -> Result<i64, StoreError> {
    let opening = doing("open the database");
    // WAL with FULL: a commit that returned survives a power loss, and costs one flush.
    connection
        .pragma_update(None, "journal_mode", "wal")
        .map_err(&opening)?;
    connection
        .pragma_update(None, "synchronous", "full")
        .map_err(&opening)?;
    // 16 MiB: the upper levels of a million conversations' tree.
    connection
        .pragma_update(None, "cache_size", -16_384)
        .map_err(&opening)?;
    connection
        .pragma_update(None, "wal_autocheckpoint", AT_LATEST)
        .map_err(&opening)?;
    // A backup may read while we write.
    connection
        .busy_timeout(std::time::Duration::from_secs(5))
        .map_err(&opening)?;
    let found: i64 = connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(&opening)?;
    if !(0..=VERSION).contains(&found) {
        return Err(StoreError::Newer {
            place: path.display().to_string(),
            found,
            known: VERSION,
        });
    }
    migrate(connection, found)?;
    Ok(found)
}
