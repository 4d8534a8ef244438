//! What SQLite says, and what to do about it.

use crate::store::{Cause, DAMAGED, StoreError};
use rusqlite::{Error, ErrorCode};

pub(super) fn doing(doing: &'static str) -> impl Fn(Error) -> StoreError {
    move |cause| StoreError::Database {
        doing: doing.into(),
        cause: Cause::Sqlite(cause),
    }
}

/// For rows of which the caller says what they are.
pub(super) fn reading(what: &'static str) -> impl Fn(Error) -> StoreError {
    move |cause| StoreError::Database {
        doing: format!("read the {what}").into(),
        cause: Cause::Sqlite(cause),
    }
}

/// Whether the file is none of SQLite's any more, or what stands in a row can't be what belongs there: another type, a
/// number out of range, text that is none.
pub(in crate::store) fn is_damage(error: &Error) -> bool {
    match error {
        Error::FromSqlConversionFailure(..)
        | Error::IntegralValueOutOfRange(..)
        | Error::InvalidColumnType(..)
        | Error::Utf8Error(..) => true,
        _ => matches!(
            error.sqlite_error_code(),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
        ),
    }
}

/// What to do about it, to stand behind the error.
pub(in crate::store) fn hint(error: &Error) -> String {
    if is_damage(error) {
        return format!("; {DAMAGED}");
    }
    let hint = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => {
            "make room on the disk of `storage.path`; counting goes on by itself"
        }
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            "`storage.path` and the files in it must be writable for this user"
        }
        Some(ErrorCode::SystemIoFailure) => {
            "look at the disk of `storage.path`: is it full, read-only or failing?"
        }
        _ => return String::new(),
    };
    format!("; hint: {hint}")
}
