//! Who counts which account: a lock on each, held by a connection that is there for nothing else.
//!
//! PostgreSQL drops the locks when the connection ends: at once where the process died or the network said so, and after
//! [`CUT_OFF`] where nothing was heard of it, be it that the process sleeps or that the network between is gone. So whoever
//! holds locks asks every few seconds who holds which: that shows it the others, and shows the server that it lives. One that
//! had no answer for [`LEASE`] asks the vendor nothing any more, well before anybody else may take its accounts.

use super::error::{Failure, doing};
use super::schema::CLASS;
use super::server::Server;
use super::session::Session;
use crate::store::sql::{self, Reading};
use crate::store::{AccountKey, StoreError};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// A connection that says nothing for so long is cut off by the server.
pub(super) const CUT_OFF: Duration = Duration::from_secs(15);
/// What was asked last holds for so long, from when it was asked.
const LEASE: Duration = Duration::from_secs(10);
/// No answer takes longer.
const SILENCE: Duration = Duration::from_secs(4);
/// The second key of the lock that all hold together; accounts begin at 1.
const LIVES: i64 = 0;

/// What this process holds of the accounts that several share.
#[derive(Debug)]
pub struct Claims {
    server: Server,
    session: Option<Session>,
    /// The number of the connection, or of the last one.
    me: Option<i64>,
    held: BTreeSet<AccountKey>,
    connections: u64,
}

/// Who lives, and who holds what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Picture {
    /// Of this process.
    pub me: i64,
    /// All that live, by the numbers of their connections.
    pub replicas: BTreeMap<i64, Replica>,
}

/// One that lives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Replica {
    /// What it calls itself: program, process and machine.
    pub name: Arc<str>,
    pub held: BTreeSet<AccountKey>,
}

impl Picture {
    /// Who has the account.
    pub fn holder(&self, account: AccountKey) -> Option<&Replica> {
        let mut replicas = self.replicas.values();
        replicas.find(|replica| replica.held.contains(&account))
    }
}

impl Claims {
    /// For how long what was asked last holds.
    pub const LEASE: Duration = LEASE;
    /// Whoever was not heard of for so long hides what others may take a moment later.
    pub const HIDE: Duration = CUT_OFF.saturating_sub(Duration::from_secs(2));

    /// Nothing is held yet.
    pub(super) fn new(server: Server) -> Claims {
        Claims {
            server,
            session: None,
            me: None,
            held: BTreeSet::new(),
            connections: 0,
        }
    }

    /// What was taken, on the connection that there is.
    pub fn held(&self) -> &BTreeSet<AccountKey> {
        &self.held
    }

    /// How many connections there were. What was taken on an earlier one is not held any more.
    pub fn connections(&self) -> u64 {
        self.connections
    }

    /// Cancelled once the connection has ended: others may take at once what was held on it. Without one it is already.
    pub fn ended(&self) -> CancellationToken {
        let none = || {
            let none = CancellationToken::new();
            none.cancel();
            none
        };
        let session = self.session.as_ref();
        session.map_or_else(none, |session| session.ended().clone())
    }

    /// Who holds what now. Connects where there is no connection; then nothing is held, whatever was.
    ///
    /// # Errors
    /// The database does not answer.
    pub fn look(&mut self) -> Result<Picture, StoreError> {
        let replicas = self.asking(replicas)?;
        Ok(Picture {
            me: self.me.unwrap_or_default(),
            replicas,
        })
    }

    /// Takes an account, if nobody else has it.
    ///
    /// # Errors
    /// The database does not answer.
    pub fn take(&mut self, account: AccountKey) -> Result<bool, StoreError> {
        // A lock that is taken twice is held until it is given up twice.
        let taken = self.held.contains(&account) || self.ask("pg_try_advisory_lock", account)?;
        if taken {
            self.held.insert(account);
        }
        Ok(taken)
    }

    /// Others may take it.
    ///
    /// # Errors
    /// The database does not answer; it gives the account up by itself then.
    pub fn give_up(&mut self, account: AccountKey) -> Result<(), StoreError> {
        if self.held.remove(&account) {
            self.ask("pg_advisory_unlock", account)?;
        }
        Ok(())
    }

    /// Whether there is a connection. Without one nothing is held.
    pub fn is_connected(&self) -> bool {
        self.session.as_ref().is_some_and(Session::is_usable)
    }

    /// Gives everything up, and the connection.
    pub fn leave(&mut self) {
        self.session = None;
        self.held.clear();
    }

    fn ask(&mut self, function: &str, account: AccountKey) -> Result<bool, StoreError> {
        let ask =
            format!("SELECT CASE WHEN {function}({CLASS}, CAST($1 AS integer)) THEN 1 ELSE 0 END");
        let values = [account.0.into()];
        let said =
            self.asking(|session| sql::one(session, "locks", &ask, &values, |row| row.int(0)));
        Ok(said? == Some(1))
    }

    /// A connection on which anything went wrong is given up, and with it all that was held.
    fn asking<T>(
        &mut self,
        ask: impl FnOnce(&mut Session) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut session = match self.session.take().filter(Session::is_usable) {
            Some(session) => session,
            None => {
                self.held.clear();
                let (session, me) = open(&self.server, self.me)?;
                self.me = Some(me);
                self.connections += 1;
                session
            }
        };
        let said = ask(&mut session);
        if said.is_ok() {
            self.session = Some(session);
        } else {
            self.held.clear();
        }
        said
    }
}

/// All that live, by the numbers of their connections.
pub(super) fn replicas(session: &mut Session) -> Result<BTreeMap<i64, Replica>, StoreError> {
    let locks = format!(
        "SELECT pid, CAST(objid AS bigint), COALESCE(application_name, '') FROM pg_locks
         LEFT JOIN pg_stat_activity USING (pid)
         WHERE locktype = 'advisory' AND granted AND objsubid = 2
         AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
         AND CAST(classid AS integer) = {CLASS}"
    );
    let mut replicas: BTreeMap<i64, Replica> = BTreeMap::new();
    session.rows("locks", &locks, &[], &mut |row| {
        let replica = replicas.entry(row.int(0)?).or_default();
        replica.name = row.text(2)?.into();
        let account = Some(row.int(1)?).filter(|key| *key != LIVES);
        replica.held.extend(account.map(AccountKey));
        Some(())
    })?;
    Ok(replicas)
}

/// A connection that tells others that this process lives, and the number under which it does. The one before it, should the
/// server not know yet that it ended, would hold on to this process' own accounts.
fn open(server: &Server, before: Option<i64>) -> Result<(Session, i64), StoreError> {
    let connecting = doing("connect to the database");
    let session = Session::open_for(server, SILENCE);
    let mut session = session.map_err(&connecting)?;
    let limits = format!(
        "SET idle_session_timeout = {}; SET statement_timeout = '4s'; SET lock_timeout = '4s';
         SELECT pg_advisory_lock_shared({CLASS}, {LIVES})",
        CUT_OFF.as_millis()
    );
    session.batch(&limits).map_err(&connecting)?;
    if let Some(before) = before {
        let end = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid = $1
             AND pid <> pg_backend_pid() AND usename = current_user AND application_name = current_setting('application_name')";
        sql::one(&mut session, "connections", end, &[before.into()], |row| {
            row.int(0)
        })?;
    }
    let me = "SELECT pg_backend_pid()";
    let me = sql::one(&mut session, "connections", me, &[], |row| row.int(0))?;
    let me = me.ok_or_else(|| connecting(Failure::Own("it has no number".into())))?;
    Ok((session, me))
}
