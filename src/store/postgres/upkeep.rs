//! What an operator does to a database's store from outside.

use super::claims::{self, Replica};
use super::error::doing;
use super::schema::{self, CLASS, SCHEMA};
use super::server::Server;
use super::session::Session;
use crate::store::sql::{self, Reading};
use crate::store::{Reached, StoreError};
use std::time::Duration;

/// Nobody else waits for whoever looks from outside, and what is counted there may be much.
const PATIENCE: Duration = Duration::from_mins(2);

/// A connection that sees all as it stood at one instant.
pub(in crate::store) fn look(server: &Server) -> Result<Box<dyn Reading>, StoreError> {
    let opening = doing("open the database for reading");
    let mut session = Session::open_for(server, PATIENCE).map_err(&opening)?;
    let begin = "SET idle_in_transaction_session_timeout = 0; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    session.batch(begin).map_err(&opening)?;
    let found = schema::version(&mut session)?.ok_or_else(|| StoreError::Nothing {
        place: server.to_string(),
    })?;
    schema::is_of_this_version(found, server)?;
    Ok(Box::new(session))
}

/// What there is, without making anything.
pub(in crate::store) fn reach(server: &Server) -> Result<Reached, StoreError> {
    let opening = doing("open the database");
    let mut session = Session::open_for(server, PATIENCE).map_err(&opening)?;
    let version = schema::server_version(&mut session)?;
    let found = schema::version(&mut session)?;
    let may = format!(
        "SELECT CASE WHEN has_database_privilege(current_database(), 'CREATE') OR EXISTS (
             SELECT 1 FROM pg_namespace WHERE nspname = '{SCHEMA}' AND has_schema_privilege(oid, 'CREATE')
         ) THEN 1 ELSE 0 END"
    );
    let may = sql::one(&mut session, "privileges", &may, &[], |row| row.int(0))?;
    let mut replicas = 0;
    if let Some(found) = found {
        schema::is_of_this_version(found, server)?;
        replicas = claims::replicas(&mut session)?.len();
    }
    Ok(Reached {
        version,
        has_store: found.is_some(),
        may_make: may == Some(1),
        replicas,
    })
}

/// Bytes of all tables and indexes, and who runs on them.
pub(in crate::store) fn size(server: &Server) -> Result<(u64, Vec<Replica>), StoreError> {
    let mut session =
        Session::open_for(server, PATIENCE).map_err(doing("open the database for reading"))?;
    let size = format!(
        "SELECT CAST(SUM(pg_total_relation_size(oid)) AS bigint) FROM pg_class WHERE relkind = 'r' AND relnamespace = CAST('{SCHEMA}' AS regnamespace)"
    );
    let found = sql::one(&mut session, "size", &size, &[], |row| row.int(0))?;
    let bytes = found.ok_or(StoreError::Damaged { what: "size" })?;
    let replicas = claims::replicas(&mut session)?;
    Ok((bytes.unsigned_abs(), replicas.into_values().collect()))
}

/// Renames the schema, so that the next start makes another.
pub(in crate::store) fn set_aside(server: &Server, mark: &str) -> Result<String, StoreError> {
    let moving = doing("move the schema away");
    let mut session = Session::open_for(server, PATIENCE).map_err(&moving)?;
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
