//! Why the store could not do what it was asked.

use super::{postgres, sqlite};
use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error(
        "cannot create `{path}`: {cause}; hint: `storage.path` must be a folder that this user may write to"
    )]
    Create {
        path: PathBuf,
        cause: std::io::Error,
    },
    #[error(
        "`{path}` is in use by another process; hint: one exporter per `storage.path`: stop the other one or give this one its own folder"
    )]
    InUse { path: PathBuf },
    #[error(
        "cannot lock `{path}`: {cause}; hint: `storage.path` must be a folder that this user may write to"
    )]
    Lock {
        path: PathBuf,
        cause: std::io::Error,
    },
    #[error(
        "`{place}` was written by a newer version (format {found}, this one knows up to {known}); hint: run that version, or give this one an empty store"
    )]
    Newer {
        place: String,
        found: i64,
        known: i64,
    },
    #[error(
        "`{place}` was written by an older version (format {found}, this one has {known}); hint: start this version's exporter on it once, which takes it over"
    )]
    Older {
        place: String,
        found: i64,
        known: i64,
    },
    #[error("`{path}` is there already; hint: name a file that is not, or move that one away")]
    Exists { path: PathBuf },
    #[error(
        "cannot write `{path}`: {cause}; hint: its folder must be there, writable, and have room"
    )]
    Copy {
        path: PathBuf,
        cause: std::io::Error,
    },
    #[error(
        "there is no `{place}`; hint: name the folder that is the exporter's `storage.path`, or with `--config.file` the configuration that says where its store is"
    )]
    Nothing { place: String },
    #[error("{what} `{place}` is in use by an exporter; hint: stop it first")]
    Polled { what: &'static str, place: String },
    #[error("`{place}` holds accounts already; hint: name an empty store")]
    NotEmpty { place: String },
    #[error(
        "`{path}` is gone ({cause}), and what would be written now would be lost; hint: put it back, and counting goes on; or start the exporter again, and it begins anew"
    )]
    Gone {
        path: PathBuf,
        cause: std::io::Error,
    },
    #[error(
        "cannot start a thread for the database: {cause}; hint: raise the limit of tasks or memory (`TasksMax`, `ulimit -u`)"
    )]
    Thread { cause: std::io::Error },
    #[error("cannot write to `{path}`; hint: it and its folder must be writable for this user")]
    ReadOnly { path: PathBuf },
    /// Nothing of the commit was made. What is in memory is not what is stored: the account is to be loaded again, if it is
    /// still this process' to count.
    #[error(
        "the account was counted further by somebody else, or by a commit whose answer was lost"
    )]
    Overtaken,
    #[error("cannot {doing}: {cause}{}", .cause.hint())]
    Database {
        doing: Cow<'static, str>,
        cause: Cause,
    },
    #[error("stored {what} cannot be read; {DAMAGED}")]
    Damaged { what: &'static str },
}

impl StoreError {
    /// Of what goes wrong with a transaction it matters that it is one, and not which row was asked for.
    pub(super) fn while_writing(self) -> StoreError {
        match self {
            StoreError::Database { cause, .. } => StoreError::Database {
                doing: "write to the database".into(),
                cause,
            },
            other => other,
        }
    }

    /// Whether what is stored is at fault, rather than who may read it or where it is.
    pub fn is_damage(&self) -> bool {
        match self {
            StoreError::Damaged { .. } => true,
            StoreError::Database { cause, .. } => cause.is_damage(),
            _ => false,
        }
    }
}

/// What the engine said.
#[derive(Debug)]
pub enum Cause {
    Sqlite(rusqlite::Error),
    Postgres(postgres::Failure),
}

impl Cause {
    fn is_damage(&self) -> bool {
        match self {
            Cause::Sqlite(error) => sqlite::error::is_damage(error),
            Cause::Postgres(failure) => failure.is_damage(),
        }
    }

    fn hint(&self) -> String {
        match self {
            Cause::Sqlite(error) => sqlite::error::hint(error),
            Cause::Postgres(failure) => failure.hint(),
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause::Sqlite(error) => error.fmt(f),
            Cause::Postgres(failure) => failure.fmt(f),
        }
    }
}

/// What to do about a database that cannot be read, and what that costs.
pub(crate) const DAMAGED: &str = "hint: restore a backup, or start with `--storage.rebuild`, which moves `smartassist-exporter.db` \
    away with its `-wal` and `-shm`, or in a database the schema `smartassist_exporter`, and begins anew: that is harmless for everything but the counts so far. Counters then begin at 0, and what the API still holds \
    is counted again, back to `poll.initial_lookback`";
