//! Who counts which account: a lock on each, held by a connection that is there for nothing else.
//!
//! PostgreSQL drops the locks when the connection ends: at once where the process died, and after [`CUT_OFF`] where nothing
//! was heard of it, be it that the process sleeps or that the network between is gone. Whoever holds the locks asks who holds
//! which every few seconds, which is also how it is heard of; one that could not for [`LEASE`] takes itself for cut off, and
//! does so well before anybody else may take its accounts.

use super::error::{Failure, doing, reading};
use super::schema::CLASS;
use super::server::Server;
use super::session::Session;
use crate::store::sql::{self, Reading};
use crate::store::{AccountKey, StoreError};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// A connection that says nothing for so long is cut off by the server.
const CUT_OFF: Duration = Duration::from_secs(15);
/// What was asked last holds for so long, from when it was asked.
pub(super) const LEASE: Duration = Duration::from_secs(10);
/// The second key of the lock that all hold together; accounts begin at 1.
const LIVES: i64 = 0;

/// What this process holds of the accounts that several share.
#[derive(Debug)]
pub struct Claims {
    server: Server,
    session: Option<Session>,
    me: i64,
}

/// Who lives, and who holds what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Picture {
    /// Of this process.
    pub me: i64,
    /// Accounts of each that lives, by the number of its connection.
    pub replicas: BTreeMap<i64, BTreeSet<AccountKey>>,
}

impl Picture {
    pub fn mine(&self) -> BTreeSet<AccountKey> {
        self.replicas.get(&self.me).cloned().unwrap_or_default()
    }

    pub fn is_held(&self, account: AccountKey) -> bool {
        self.replicas.values().any(|held| held.contains(&account))
    }
}

impl Claims {
    /// Nothing is held yet.
    pub(super) fn new(server: Server) -> Claims {
        Claims {
            server,
            session: None,
            me: 0,
        }
    }

    /// For how long what was asked last holds.
    pub fn lease() -> Duration {
        LEASE
    }

    /// Who holds what now. Connects where there is no connection; then nothing is held, whatever was.
    ///
    /// # Errors
    /// The database does not answer.
    pub fn look(&mut self) -> Result<Picture, StoreError> {
        let session = self.connected()?;
        let locks = format!(
            "SELECT pid, CAST(objid AS bigint) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2
             AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
             AND CAST(classid AS integer) = {CLASS}"
        );
        let mut replicas: BTreeMap<i64, BTreeSet<AccountKey>> = BTreeMap::new();
        let looked = session.rows("locks", &locks, &[], &mut |row| {
            let held = replicas.entry(row.int(0)?).or_default();
            held.extend(Some(row.int(1)?).filter(|key| *key != LIVES).map(AccountKey));
            Some(())
        });
        if let Err(error) = looked {
            self.session = None;
            return Err(error);
        }
        let me = self.me;
        Ok(Picture { me, replicas })
    }

    /// Takes an account, if nobody has it.
    ///
    /// # Errors
    /// The database does not answer.
    pub fn take(&mut self, account: AccountKey) -> Result<bool, StoreError> {
        self.ask("pg_try_advisory_lock", account)
    }

    /// Others may take it. It is theirs as well where this fails: then the connection is given up.
    ///
    /// # Errors
    /// The database does not answer.
    pub fn give_up(&mut self, account: AccountKey) -> Result<(), StoreError> {
        self.ask("pg_advisory_unlock", account).map(drop)
    }

    fn ask(&mut self, function: &str, account: AccountKey) -> Result<bool, StoreError> {
        let session = self.connected()?;
        let ask =
            format!("SELECT CASE WHEN {function}({CLASS}, CAST($1 AS integer)) THEN 1 ELSE 0 END");
        let said = sql::one(session, "locks", &ask, &[account.0.into()], |row| row.int(0));
        if said.is_err() {
            self.session = None;
        }
        Ok(said? == Some(1))
    }

    fn connected(&mut self) -> Result<&mut Session, StoreError> {
        let session = match self.session.take().filter(Session::is_usable) {
            Some(session) => session,
            None => {
                let (session, me) = open(&self.server)?;
                self.me = me;
                session
            }
        };
        Ok(self.session.insert(session))
    }
}

/// A connection that tells others that this process lives, and the number under which it does.
fn open(server: &Server) -> Result<(Session, i64), StoreError> {
    let opening = |failure: Failure| doing("connect to the database")(failure);
    let mut session = Session::open(server).map_err(opening)?;
    let limits = format!(
        "SET idle_session_timeout = {}; SET statement_timeout = '5s'; SET lock_timeout = '5s';
         SELECT pg_advisory_lock_shared({CLASS}, {LIVES})",
        CUT_OFF.as_millis()
    );
    session.batch(&limits).map_err(reading("locks"))?;
    let me = sql::one(&mut session, "locks", "SELECT pg_backend_pid()", &[], |row| row.int(0))?;
    Ok((session, me.unwrap_or_default()))
}
