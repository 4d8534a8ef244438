//! Tables, and how older files become newer ones.

use super::{StoreError, doing};
use rusqlite::Connection;
use std::path::Path;

/// Each step takes a file from the version of its place to the next. Steps are only ever added.
const MIGRATIONS: [&str; 1] = ["
    CREATE TABLE account (
        id INTEGER PRIMARY KEY,
        account_id TEXT NOT NULL,
        stream_id TEXT NOT NULL,
        hash_key BLOB NOT NULL,
        progress BLOB NOT NULL,
        UNIQUE (account_id, stream_id)
    ) STRICT;
    CREATE TABLE symbol (
        account INTEGER NOT NULL,
        sym INTEGER NOT NULL,
        text TEXT NOT NULL,
        PRIMARY KEY (account, sym)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE queue_name (
        account INTEGER NOT NULL,
        id INTEGER NOT NULL,
        first INTEGER NOT NULL,
        latest INTEGER NOT NULL,
        latest_s INTEGER NOT NULL,
        PRIMARY KEY (account, id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE series (
        account INTEGER NOT NULL,
        key BLOB NOT NULL,
        sum BLOB NOT NULL,
        PRIMARY KEY (account, key)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE conversation (
        account INTEGER NOT NULL,
        id BLOB NOT NULL,
        session BLOB,
        latest_s INTEGER NOT NULL,
        digest INTEGER,
        counted BLOB,
        seen BLOB NOT NULL,
        PRIMARY KEY (account, id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX conversation_session ON conversation (account, session) WHERE session IS NOT NULL;
    CREATE INDEX conversation_latest ON conversation (account, latest_s);
"];

const VERSION: i64 = MIGRATIONS.len() as i64;

/// Sets the connection up and brings the file to this version.
pub(super) fn prepare(connection: &Connection, path: &Path) -> Result<(), StoreError> {
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
    // A backup may read while we write.
    connection
        .busy_timeout(std::time::Duration::from_secs(5))
        .map_err(&opening)?;
    let found: i64 = connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(&opening)?;
    if !(0..=VERSION).contains(&found) {
        return Err(StoreError::Newer {
            path: path.to_owned(),
            found,
            known: VERSION,
        });
    }
    for (version, step) in (1..).zip(MIGRATIONS).skip(found as usize) {
        let step = format!("BEGIN IMMEDIATE; {step} PRAGMA user_version = {version}; COMMIT;");
        connection
            .execute_batch(&step)
            .map_err(doing("migrate the database"))?;
    }
    Ok(())
}
