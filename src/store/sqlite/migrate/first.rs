//! Version 1: the tables as the first release made them.

use super::run;
use crate::store::StoreError;
use rusqlite::Transaction;

pub(super) fn step(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    run(transaction, TABLES)
}

const TABLES: &str = "
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
";
