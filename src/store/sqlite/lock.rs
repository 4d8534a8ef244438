//! One process at a time: an advisory file lock, which the system drops when the process ends, however it ends.
//!
//! The locked file says how many commits were made of each account, beside the database that says it as well: a database
//! that knows of fewer was cut, or is an older copy.

use crate::store::{AccountKey, StoreError};
use std::fs::{File, TryLockError};
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Its name under `storage.path`; it stays when the process ends.
pub(super) const FILE: &str = "lock";

#[derive(Debug)]
pub(super) struct Lock(File);

impl Lock {
    pub(super) fn take(folder: &Path) -> Result<Lock, StoreError> {
        let path = folder.join(FILE);
        let failed = |cause| StoreError::Lock {
            path: path.clone(),
            cause,
        };
        let file = File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Lock(file)),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse {
                path: folder.to_owned(),
            }),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }

    /// So many commits of the account are in the database. It is neither flushed nor insisted on: what is missing here is
    /// never taken for a loss there.
    pub(super) fn note(&self, account: AccountKey, commits: i64) {
        if let Some(place) = place(account) {
            self.0.write_all_at(&commits.to_le_bytes(), place).ok();
        }
    }

    /// What was noted is of another database.
    pub(super) fn forget_commits(&self) {
        self.0.set_len(0).ok();
    }

    /// As many as were noted; 0 where nothing was.
    pub(super) fn noted(&self, account: AccountKey) -> i64 {
        let mut bytes = [0; 8];
        let read = place(account).map(|place| self.0.read_exact_at(&mut bytes, place));
        match read {
            Some(Ok(())) => i64::from_le_bytes(bytes),
            _ => 0,
        }
    }
}

fn place(account: AccountKey) -> Option<u64> {
    u64::try_from(account.0).ok()?.checked_mul(8)
}
