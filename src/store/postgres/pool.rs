//! Connections on loan: accounts commit side by side, and no more of them than a server gladly holds.

use super::error::Failure;
use super::server::Server;
use super::session::Session;
use crate::store::StoreError;
use crate::store::sql::{Reader, Reading, Value};
use std::ops::{Deref, DerefMut};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// At most so many, beside the one that holds the accounts.
const MOST: usize = 8;
/// Nobody waits longer for one.
const PATIENCE: Duration = Duration::from_secs(15);

#[derive(Debug)]
pub(super) struct Pool {
    server: Server,
    state: Mutex<State>,
    given_back: Condvar,
}

#[derive(Debug, Default)]
struct State {
    idle: Vec<Session>,
    on_loan: usize,
}

impl Pool {
    /// Nothing is connected yet.
    pub(super) fn new(server: Server) -> Pool {
        Pool {
            server,
            state: Mutex::default(),
            given_back: Condvar::new(),
        }
    }

    /// One that nobody else uses; waits for it, and connects where there is none.
    pub(super) fn take(&self) -> Result<Lent<'_>, Failure> {
        let waiting = self
            .given_back
            .wait_timeout_while(self.state(), PATIENCE, |state| state.on_loan >= MOST);
        let (mut state, waited) = waiting.unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() && state.on_loan >= MOST {
            return Err(Failure::Busy(PATIENCE));
        }
        state.idle.retain(Session::is_usable);
        let idle = state.idle.pop();
        state.on_loan += 1;
        drop(state);
        let mut lent = Lent {
            session: idle,
            pool: self,
        };
        if lent.session.is_none() {
            lent.session = Some(Session::open(&self.server)?);
        }
        Ok(lent)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection on loan.
#[derive(Debug)]
pub(super) struct Lent<'p> {
    /// `None` only before it is connected, and while it is given back.
    session: Option<Session>,
    pool: &'p Pool,
}

impl Deref for Lent<'_> {
    type Target = Session;

    #[allow(
        clippy::expect_used,
        reason = "a loan is handed out with its connection"
    )]
    fn deref(&self) -> &Session {
        self.session.as_ref().expect("a loan holds its connection")
    }
}

impl DerefMut for Lent<'_> {
    #[allow(
        clippy::expect_used,
        reason = "a loan is handed out with its connection"
    )]
    fn deref_mut(&mut self) -> &mut Session {
        self.session.as_mut().expect("a loan holds its connection")
    }
}

impl Reading for Lent<'_> {
    fn rows(
        &mut self,
        what: &'static str,
        sql: &str,
        values: &[Value<'_>],
        read: Reader<'_>,
    ) -> Result<(), StoreError> {
        (**self).rows(what, sql, values, read)
    }

    fn rows_among(
        &mut self,
        what: &'static str,
        select: &str,
        account: i64,
        column: &str,
        keys: &[[u8; 16]],
        read: Reader<'_>,
    ) -> Result<(), StoreError> {
        (**self).rows_among(what, select, account, column, keys, read)
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let mut state = self.pool.state();
        state.on_loan -= 1;
        state
            .idle
            .extend(self.session.take().filter(Session::is_usable));
        drop(state);
        self.pool.given_back.notify_one();
    }
}
