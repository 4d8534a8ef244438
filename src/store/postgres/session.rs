//! One connection, set up, with the statements that it knows.

use super::error::{Failure, doing, reading};
use super::schema::SCHEMA;
use super::server::Server;
use crate::store::StoreError;
use crate::store::sql::{Reader, Reading, Value};
use futures_util::TryStreamExt;
use futures_util::future::try_join_all;
use rustc_hash::FxHashMap;
use std::pin::pin;
use std::time::Duration;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Statement};
use tokio_util::sync::CancellationToken;

/// As long as a server may take that is busy, and no longer than whoever stops the exporter waits.
const SILENCE: Duration = Duration::from_secs(10);
/// Statements that are under way at once: enough to hide the way there and back.
const AT_ONCE: usize = 256;

/// A connection. It is dropped, and with it whatever it had begun, where anything went wrong on it.
#[derive(Debug)]
pub(super) struct Session {
    server: Server,
    client: Client,
    statements: FxHashMap<String, Statement>,
    /// No single answer takes longer, nor the way from one row to the next.
    silence: Duration,
    /// Nobody may go on with it.
    pub(super) broken: bool,
    /// Cancelled once the connection has ended, also where nobody uses it.
    ended: CancellationToken,
}

impl Session {
    /// Connects, and sets limits for what may wait on the other side: a process that is halted in the middle of a commit is
    /// cut off, for others wait for it.
    pub(super) fn open(server: &Server) -> Result<Session, Failure> {
        Session::open_for(server, SILENCE)
    }

    /// The same, for who has no more patience than that.
    pub(super) fn open_for(server: &Server, silence: Duration) -> Result<Session, Failure> {
        let ended = CancellationToken::new();
        let mut session = Session {
            server: server.clone(),
            client: server.connect(ended.clone())?,
            statements: FxHashMap::default(),
            silence,
            broken: false,
            ended,
        };
        session.batch(&format!(
            "SET search_path = {SCHEMA}; SET statement_timeout = 0; SET lock_timeout = '8s';
             SET idle_in_transaction_session_timeout = '5s'; SET client_min_messages = warning;
             SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 2;
             SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
        ))?;
        Ok(session)
    }

    /// Cancelled once the connection has ended, also where nobody uses it.
    pub(super) fn ended(&self) -> &CancellationToken {
        &self.ended
    }

    pub(super) fn is_usable(&self) -> bool {
        !self.broken && !self.client.is_closed()
    }

    /// Statements that give nothing back.
    pub(super) fn batch(&mut self, sql: &str) -> Result<(), Failure> {
        let done = self.client.batch_execute(sql);
        let done = self.server.driver().wait(self.silence, done);
        self.broken |= done.is_err();
        done
    }

    fn statement(&mut self, sql: &str) -> Result<Statement, Failure> {
        if let Some(known) = self.statements.get(sql) {
            return Ok(known.clone());
        }
        let prepared = self.client.prepare(sql);
        let prepared = self.server.driver().wait(self.silence, prepared);
        self.broken |= prepared.is_err();
        let prepared = prepared?;
        self.statements.insert(sql.to_owned(), prepared.clone());
        Ok(prepared)
    }

    fn query(
        &mut self,
        what: &'static str,
        sql: &str,
        values: &[&(dyn ToSql + Sync)],
        read: Reader<'_>,
    ) -> Result<(), StoreError> {
        let statement = self.statement(sql).map_err(reading(what))?;
        let silence = self.silence;
        let rows = async {
            let rows = self.client.query_raw(&statement, values.iter().copied());
            let rows = tokio::time::timeout(silence, rows).await;
            let mut rows = pin!(rows.map_err(|_| Failure::Silent(silence))??);
            loop {
                let next = tokio::time::timeout(silence, rows.try_next()).await;
                let next = next.map_err(|_| Failure::Silent(silence))??;
                match next.map(|row| read(&row)) {
                    None => return Ok::<bool, Failure>(true),
                    Some(Some(())) => {}
                    Some(None) => return Ok(false),
                }
            }
        };
        // Each answer has its limit; all rows together may take as long as they are many.
        match self.server.driver().wait(Duration::MAX, rows) {
            Ok(true) => Ok(()),
            Ok(false) => {
                self.broken = true;
                Err(StoreError::Damaged { what })
            }
            Err(failure) => {
                self.broken = true;
                Err(reading(what)(failure))
            }
        }
    }

    /// Runs a statement once for each row of parameters, many at once; how many rows they changed.
    pub(super) fn put(
        &mut self,
        sql: &str,
        rows: &mut dyn Iterator<Item = Vec<Value<'_>>>,
    ) -> Result<u64, StoreError> {
        let mut rows = rows.peekable();
        if rows.peek().is_none() {
            return Ok(0);
        }
        let put = self.statement(sql).and_then(|statement| {
            let mut changed = 0;
            while rows.peek().is_some() {
                let some = rows.by_ref().take(AT_ONCE);
                let all = some.map(|values| self.client.execute_raw(&statement, values));
                let done = self.server.driver().wait(self.silence, try_join_all(all))?;
                changed += done.iter().sum::<u64>();
            }
            Ok(changed)
        });
        self.broken |= put.is_err();
        put.map_err(doing("write to the database"))
    }
}

impl Reading for Session {
    fn rows(
        &mut self,
        what: &'static str,
        sql: &str,
        values: &[Value<'_>],
        read: Reader<'_>,
    ) -> Result<(), StoreError> {
        let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|it| it as _).collect();
        self.query(what, sql, &values, read)
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
        if keys.is_empty() {
            return Ok(());
        }
        let sql = format!("{select} WHERE account = $1 AND {column} = ANY($2)");
        let keys: Vec<&[u8]> = keys.iter().map(|key| &key[..]).collect();
        self.query(what, &sql, &[&account, &keys], read)
    }
}
