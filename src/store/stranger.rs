//! Accounts that are stored but no longer configured: nobody commits for them, so nobody forgets for them.

use super::{AccountKey, Store, StoreError, doing};
use rusqlite::TransactionBehavior;

/// What is stored of accounts, told apart by whether they are configured.
#[derive(Debug, Default)]
pub struct Strangers {
    /// Each with its progress.
    pub accounts: Vec<(AccountKey, Vec<u8>)>,
    /// The newest time that a conversation of a configured account tells, UTC seconds: the clock alone does not make
    /// time pass, since it may be wrong.
    pub newest_s: Option<i64>,
}

impl Store {
    /// Those that `is_configured` knows neither by account nor by stream id.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn strangers(
        &self,
        is_configured: impl Fn(&str, &str) -> bool,
    ) -> Result<Strangers, StoreError> {
        let reading = doing("read the accounts");
        let connection = self.reading()?;
        let mut accounts = connection
            .prepare("SELECT id, account_id, stream_id, progress FROM account")
            .map_err(&reading)?;
        let mut newest = connection
            .prepare("SELECT MAX(latest_s) FROM conversation WHERE account = ?1")
            .map_err(&reading)?;
        let mut rows = accounts.query([]).map_err(&reading)?;
        let mut strangers = Strangers::default();
        while let Some(row) = rows.next().map_err(&reading)? {
            let key: i64 = row.get(0).map_err(&reading)?;
            let text = |at| row.get::<_, String>(at).map_err(&reading);
            if is_configured(&text(1)?, &text(2)?) {
                let newest_s = newest
                    .query_row([key], |row| row.get(0))
                    .map_err(&reading)?;
                strangers.newest_s = strangers.newest_s.max(newest_s);
            } else {
                let progress = row.get(3).map_err(&reading)?;
                strangers.accounts.push((AccountKey(key), progress));
            }
        }
        Ok(strangers)
    }

    /// Forgets an account's conversations below a floor, which its progress tells as well; its counts stay. Returns how
    /// many there were.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn retire(
        &self,
        account: AccountKey,
        floor_s: i64,
        progress: &[u8],
    ) -> Result<usize, StoreError> {
        let writing = doing("write to the database");
        let mut connection = self.writing()?;
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(&writing)?;
        transaction
            .execute(
                "UPDATE account SET progress = ?2 WHERE id = ?1",
                (account.0, progress),
            )
            .map_err(&writing)?;
        let forgotten = transaction
            .execute(
                "DELETE FROM conversation WHERE account = ?1 AND latest_s < ?2",
                (account.0, floor_s),
            )
            .map_err(&writing)?;
        transaction.commit().map_err(&writing)?;
        Ok(forgotten)
    }
}
