//! What an operator does to a database's store from outside.

use super::claims::{Replica, replicas};
use super::error::doing;
use super::schema::{self, CLASS, SCHEMA};
use super::server::Server;
use super::session::Session;
use crate::store::StoreError;
use crate::store::sql::{self, Reading};

/// A connection that sees all as it stood at one instant.
pub(in crate::store) fn look(server: &Server) -> Result<Box<dyn Reading>, StoreError> {
    let opening = doing("open the database for reading");
    let mut session = Session::open(server).map_err(&opening)?;
    let begin = "SET idle_in_transaction_session_timeout = 0; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    session.batch(begin).map_err(&opening)?;
    let found = schema::version(&mut session)?.ok_or_else(|| StoreError::Nothing {
        place: server.to_string(),
    })?;
    schema::is_of_this_version(found, server)?;
    Ok(Box::new(session))
}

/// Bytes of all tables and indexes, and who runs on them.
pub(in crate::store) fn size(server: &Server) -> Result<(u64, Vec<Replica>), StoreError> {
    let mut session = Session::open(server).map_err(doing("open the database for reading"))?;
    let size = format!(
        "SELECT CAST(SUM(pg_total_relation_size(oid)) AS bigint) FROM pg_class WHERE relkind = 'r' AND relnamespace = CAST('{SCHEMA}' AS regnamespace)"
    );
    let found = sql::one(&mut session, "size", &size, &[], |row| row.int(0))?;
    let bytes = found.ok_or(StoreError::Damaged { what: "size" })?;
    let replicas = replicas(&mut session)?;
    Ok((bytes.unsigned_abs(), replicas.into_values().collect()))
}

/// Renames the schema, so that the next start makes another.
pub(in crate::store) fn set_aside(server: &Server, mark: &str) -> Result<String, StoreError> {
    let moving = doing("move the schema away");
    let session = Session::open(server).map_err(&moving)?;
    // Nobody who lives lets go of that lock.
    let alone = format!(
        "BEGIN;
         DO $$ BEGIN IF NOT pg_try_advisory_xact_lock({CLASS}, 0) THEN RAISE lock_not_available; END IF; END $$"
    );
    if session.batch(&alone).is_err() {
        let (what, place) = ("the database", server.to_string());
        return Err(StoreError::Polled { what, place });
    }
    let aside = format!("{SCHEMA}_{}", mark.replace('-', "_"));
    let rename = format!("ALTER SCHEMA {SCHEMA} RENAME TO {aside}; COMMIT");
    session.batch(&rename).map_err(&moving)?;
    Ok(aside)
}
