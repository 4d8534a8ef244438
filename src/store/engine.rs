//! The seam between what is stored and who stores it: a file of SQLite, or a database of PostgreSQL.

use super::sql::{Reading, Writing};
use super::{AccountKey, Claims, StoreError};
use std::fmt::Debug;

/// A database that is open.
pub(super) trait Engine: Debug + Send + Sync {
    /// To read on: waits for nobody's commit, and sees every one that has returned.
    fn reading(&self) -> Result<Box<dyn Reading + '_>, StoreError>;

    /// To read several rows that belong together, as they stand at one instant.
    fn looking(&self) -> Result<Box<dyn Reading>, StoreError>;

    fn writing(&self) -> Result<Box<dyn Writing + '_>, StoreError>;

    /// Who holds which account, where other processes may count in it at the same time.
    fn claims(&self) -> Option<Claims>;

    /// Whether it held something before it was opened.
    fn was_there(&self) -> bool;

    /// Where it is, for people.
    fn place(&self) -> String;

    /// So many rows were written.
    fn wrote(&self, _rows: u64) {}

    /// So many commits of the account are in the database. Kept beside it, if there is such a place.
    fn note(&self, _account: AccountKey, _commits: i64) {}

    /// As many as were noted; 0 where nothing was.
    fn noted(&self, _account: AccountKey) -> i64 {
        0
    }
}
