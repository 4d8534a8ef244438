//! The tables, in a schema of their own, and which version of them this program may use.

use super::error::{Failure, doing};
use super::server::Server;
use super::session::Session;
use crate::store::StoreError;
use crate::store::sql;

/// All that is stored is in this schema.
pub(super) const SCHEMA: &str = "smartassist_exporter";

/// The first key of every lock, which no other program's locks have: PostgreSQL's own number of a table.
pub(super) const CLASS: &str =
    "CAST(CAST('smartassist_exporter.account' AS regclass) AS oid)::integer";

/// The first form of what is stored that was on this engine.
const FIRST: i64 = 5;

/// What takes the tables of the first form to the second, and so on: steps that were shipped are never changed.
///
/// Exporters of the version before may still run when one of the next begins. So a step that changes what a row means
/// renames a column, too: their next commit is refused then, and nothing is mixed.
const STEPS: [&str; 4] = [QUARTERS, READS, FIRST_SHOWN, ABANDONED];

/// The form of what is stored, the same on both engines.
pub(super) const VERSION: i64 = FIRST + STEPS.len() as i64;

/// Of PostgreSQL, as it numbers itself. Those before cannot cut off who says nothing, or are not maintained any more.
const OLDEST: i64 = 150_000;

/// Two that start at once make it one after the other. Any number that no other program is likely to use.
const MAKING: &str = "SELECT pg_advisory_xact_lock(7030510915412839)";

/// Makes what is missing. Whether anything was there before.
pub(super) fn prepare(session: &mut Session, server: &Server) -> Result<bool, StoreError> {
    let making = doing("make the tables");
    server_version(session)?;
    session.batch("BEGIN").map_err(&making)?;
    session.batch(MAKING).map_err(&making)?;
    let found = version(session)?;
    if found.is_none() {
        // Asked first: who may use it may not be allowed to make it.
        let schema = "SELECT 1 FROM pg_namespace WHERE nspname = 'smartassist_exporter'";
        let has_schema = sql::one(session, "schemas", schema, &[], |row| row.int(0))?;
        if has_schema.is_none() {
            session
                .batch(&format!("CREATE SCHEMA {SCHEMA}"))
                .map_err(&making)?;
        }
        session.batch(TABLES).map_err(&making)?;
        let version = format!("INSERT INTO version (version) VALUES ({FIRST})");
        session.batch(&version).map_err(&making)?;
    }
    let is = found.unwrap_or(FIRST);
    for (version, step) in (FIRST + 1..).zip(STEPS) {
        if (FIRST..version).contains(&is) {
            session.batch(step).map_err(&making)?;
            let version = format!("UPDATE version SET version = {version}");
            session.batch(&version).map_err(&making)?;
        }
    }
    session.batch("COMMIT").map_err(&making)?;
    is_of_this_version(if is < FIRST { is } else { is.max(VERSION) }, server)?;
    Ok(found.is_some())
}

/// Of PostgreSQL itself.
///
/// # Errors
/// It is too old.
pub(super) fn server_version(session: &mut Session) -> Result<i64, StoreError> {
    let version = "SELECT CAST(current_setting('server_version_num') AS bigint)";
    let found = sql::one(session, "version", version, &[], |row| row.int(0))?.unwrap_or_default();
    if found < OLDEST {
        let (found, oldest) = (found / 10_000, OLDEST / 10_000);
        let old = format!("it is PostgreSQL {found}; allowed: {oldest} or later");
        return Err(doing("use the database")(Failure::Own(old)));
    }
    Ok(found)
}

/// The version of what is there; `None` where nothing is.
pub(super) fn version(session: &mut Session) -> Result<Option<i64>, StoreError> {
    let there = "SELECT 1 FROM pg_tables WHERE schemaname = 'smartassist_exporter' AND tablename = 'version'";
    if sql::one(session, "tables", there, &[], |row| row.int(0))?.is_none() {
        return Ok(None);
    }
    let version = "SELECT version FROM version";
    let found = sql::one(session, "version", version, &[], |row| row.int(0))?;
    found
        .map(Some)
        .ok_or(StoreError::Damaged { what: "version" })
}

pub(super) fn is_of_this_version(found: i64, server: &Server) -> Result<(), StoreError> {
    let (place, known) = (server.to_string(), VERSION);
    match found {
        VERSION => Ok(()),
        _ if found > VERSION => Err(StoreError::Newer {
            place,
            found,
            known,
        }),
        _ => Err(StoreError::Older {
            place,
            found,
            known,
        }),
    }
}

/// Form 6: what was counted of the conversations that began in each quarter of an hour.
const QUARTERS: &str = "
    CREATE TABLE quarter (
        account BIGINT NOT NULL,
        start_s BIGINT NOT NULL,
        counts BYTEA NOT NULL,
        PRIMARY KEY (account, start_s)
    ) WITH (fillfactor = 50);
";

/// Form 7: how counted facts read.
const READS: &str = "
    ALTER TABLE conversation RENAME COLUMN seen TO facts;
    ALTER TABLE conversation ADD COLUMN reads BYTEA;
";

/// Form 8: what the counters stood at when they were first shown.
const FIRST_SHOWN: &str = "
    CREATE TABLE first_shown (
        account BIGINT NOT NULL,
        key BYTEA NOT NULL,
        sum BYTEA NOT NULL,
        PRIMARY KEY (account, key)
    );
";

/// Form 9: abandoned conversations of which lines are to be written, by the commit that counted them.
const ABANDONED: &str = "
    CREATE TABLE abandoned (
        account BIGINT NOT NULL,
        number BIGINT NOT NULL,
        place BIGINT NOT NULL,
        ended_s BIGINT NOT NULL,
        call BYTEA NOT NULL,
        PRIMARY KEY (account, number, place)
    );
";

/// Form 5. Label values are bytes: one may hold a zero byte, which no text of PostgreSQL's may. What changes with every commit
/// leaves room in its pages, so that no index changes with it.
const TABLES: &str = "
    CREATE TABLE version (version BIGINT NOT NULL);
    CREATE TABLE account (
        id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
        account_id TEXT NOT NULL,
        stream_id TEXT NOT NULL,
        hash_key BYTEA NOT NULL,
        progress BYTEA NOT NULL,
        commits BIGINT NOT NULL DEFAULT 0,
        UNIQUE (account_id, stream_id)
    ) WITH (fillfactor = 50);
    CREATE TABLE symbol (
        account BIGINT NOT NULL,
        sym BIGINT NOT NULL,
        text BYTEA NOT NULL,
        PRIMARY KEY (account, sym)
    );
    CREATE TABLE queue_name (
        account BIGINT NOT NULL,
        id BIGINT NOT NULL,
        first BIGINT NOT NULL,
        latest BIGINT NOT NULL,
        latest_s BIGINT NOT NULL,
        PRIMARY KEY (account, id)
    );
    CREATE TABLE series (
        account BIGINT NOT NULL,
        key BYTEA NOT NULL,
        sum BYTEA NOT NULL,
        PRIMARY KEY (account, key)
    ) WITH (fillfactor = 50);
    CREATE TABLE conversation (
        account BIGINT NOT NULL,
        id BYTEA NOT NULL,
        session BYTEA,
        latest_s BIGINT NOT NULL,
        digest BIGINT,
        counted BYTEA,
        seen BYTEA NOT NULL,
        destinations BYTEA,
        PRIMARY KEY (account, id)
    );
    CREATE INDEX conversation_session ON conversation (account, session) WHERE session IS NOT NULL;
    CREATE INDEX conversation_latest ON conversation (account, latest_s);
    CREATE TABLE evidence (
        account BIGINT NOT NULL,
        part BIGINT NOT NULL,
        state BYTEA NOT NULL,
        PRIMARY KEY (account, part)
    ) WITH (fillfactor = 50);
";
