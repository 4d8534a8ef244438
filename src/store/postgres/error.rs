//! What goes wrong on the way to PostgreSQL, and what to do about it.

use crate::chain::chain;
use crate::store::{Cause, DAMAGED, StoreError};
use std::fmt;
use std::time::Duration;
use tokio_postgres::error::SqlState;

/// What went wrong.
#[derive(Debug)]
pub enum Failure {
    /// PostgreSQL said so, or the connection did.
    Said(tokio_postgres::Error),
    /// No answer came for so long.
    Silent(Duration),
    /// Every connection was in use for so long.
    Busy(Duration),
    /// What is needed to connect cannot be had.
    Own(String),
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Failure {
        Failure::Said(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // The message alone: its details tell values of rows.
            Failure::Said(error) => match error.as_db_error() {
                Some(said) => write!(f, "{} (SQLSTATE {})", said.message(), said.code().code()),
                None => f.write_str(&chain(error)),
            },
            Failure::Silent(limit) => write!(f, "no answer within {} s", limit.as_secs()),
            Failure::Busy(limit) => {
                write!(f, "all connections were in use for {} s", limit.as_secs())
            }
            Failure::Own(why) => f.write_str(why),
        }
    }
}

pub(super) fn doing(doing: &'static str) -> impl Fn(Failure) -> StoreError {
    move |cause| StoreError::Database {
        doing: doing.into(),
        cause: Cause::Postgres(cause),
    }
}

/// For rows of which the caller says what they are.
pub(super) fn reading(what: &'static str) -> impl Fn(Failure) -> StoreError {
    move |cause| StoreError::Database {
        doing: format!("read the {what}").into(),
        cause: Cause::Postgres(cause),
    }
}

impl Failure {
    fn code(&self) -> Option<&SqlState> {
        match self {
            Failure::Said(error) => error.code(),
            _ => None,
        }
    }

    /// Whether pages, indexes or tables are not what they were made as.
    pub(in crate::store) fn is_damage(&self) -> bool {
        let damage = [SqlState::DATA_CORRUPTED, SqlState::INDEX_CORRUPTED];
        self.code().is_some_and(|code| damage.contains(code))
    }

    /// What to do about it, to stand behind the error.
    pub(in crate::store) fn hint(&self) -> String {
        if self.is_damage() {
            return format!("; {DAMAGED}");
        }
        let hint = match self {
            Failure::Own(_) => return String::new(),
            Failure::Silent(_) | Failure::Busy(_) => AWAY,
            Failure::Said(error) => match error.code() {
                Some(code) => match hint_of(code) {
                    Some(hint) => hint,
                    None => return String::new(),
                },
                None if chain(error).contains("certificate") => {
                    "is its authority in `storage.ca_file`, or in the system's store, and is the host of `storage.url` one of \
                     the certificate's names?"
                }
                None => AWAY,
            },
        };
        format!("; hint: {hint}")
    }
}

const AWAY: &str = "is the server of `storage.url` up, and reachable from here? An exporter that runs counts on by itself once it is";

fn hint_of(code: &SqlState) -> Option<&'static str> {
    let hints: [(&[SqlState], &str); 8] = [
        (
            &[
                SqlState::INVALID_PASSWORD,
                SqlState::INVALID_AUTHORIZATION_SPECIFICATION,
            ],
            "the user of `storage.url` and its `storage.password_file` must be those that the server knows",
        ),
        (
            &[SqlState::UNDEFINED_DATABASE],
            "somebody who may has to create it first: CREATE DATABASE",
        ),
        (
            &[SqlState::INSUFFICIENT_PRIVILEGE],
            "the user of `storage.url` must own the database's schema `smartassist_exporter`, or may create it: \
             GRANT CREATE ON DATABASE",
        ),
        (
            &[SqlState::UNDEFINED_TABLE, SqlState::UNDEFINED_COLUMN],
            "the schema `smartassist_exporter` must be as the exporter made it, and this user must be allowed to use it; \
             `storage.url` must reach the server itself, and no pooler that lends its connections by the transaction",
        ),
        (
            &[
                SqlState::DUPLICATE_PSTATEMENT,
                SqlState::INVALID_SQL_STATEMENT_NAME,
            ],
            "`storage.url` must reach the server itself: behind a pooler that lends its connections by the transaction, \
             no lock is anybody's",
        ),
        (
            &[SqlState::DISK_FULL],
            "make room on the disk of the database's server; counting goes on by itself",
        ),
        (
            &[SqlState::READ_ONLY_SQL_TRANSACTION],
            "`storage.url` must reach the server that may be written to: with several hosts, add `target_session_attrs=read-write`",
        ),
        (
            &[
                SqlState::TOO_MANY_CONNECTIONS,
                SqlState::ADMIN_SHUTDOWN,
                SqlState::CRASH_SHUTDOWN,
                SqlState::CANNOT_CONNECT_NOW,
                SqlState::IDLE_SESSION_TIMEOUT,
                SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
                SqlState::QUERY_CANCELED,
                SqlState::LOCK_NOT_AVAILABLE,
            ],
            "counting goes on by itself once the server has time and room for it",
        ),
    ];
    let found = hints.iter().find(|(codes, _)| codes.contains(code));
    found.map(|(_, hint)| *hint)
}
