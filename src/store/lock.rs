//! One process at a time: an advisory file lock, which the system drops when the process ends, however it ends.

use super::StoreError;
use std::fs::{File, TryLockError};
use std::path::Path;

/// Its name under `storage.path`; it stays when the process ends.
pub(super) const FILE: &str = "lock";

#[derive(Debug)]
pub(super) struct Lock(#[allow(dead_code, reason = "held, never read")] File);

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
}
