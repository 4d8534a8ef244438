//! Accounts that are stored but no longer configured: nobody commits for them, so nobody forgets for them.

use super::{AccountKey, Store, StoreError, sql};
use std::iter::once;

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
        let mut reading = self.engine.reading()?;
        let (mut strangers, mut configured) = (Strangers::default(), Vec::new());
        reading.rows(
            "accounts",
            "SELECT id, account_id, stream_id, progress FROM account",
            &[],
            &mut |row| {
                let key = row.int(0)?;
                if is_configured(row.text(1)?, row.text(2)?) {
                    configured.push(key);
                } else {
                    let progress = row.bytes(3)?.to_vec();
                    strangers.accounts.push((AccountKey(key), progress));
                }
                Some(())
            },
        )?;
        for key in configured {
            let newest = "SELECT MAX(latest_s) FROM conversation WHERE account = $1";
            let newest_s = sql::one(
                &mut *reading,
                "conversations",
                newest,
                &[key.into()],
                |row| Some(row.int(0)),
            )?;
            strangers.newest_s = strangers.newest_s.max(newest_s.flatten());
        }
        Ok(strangers)
    }

    /// Forgets an account's conversations below a floor, which its progress tells as well, in place of what it told
    /// `before`; its counts stay. Returns how many there were; none of an account that another process polls or polled
    /// meanwhile, which forgets by itself.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn retire(
        &self,
        account: AccountKey,
        floor_s: i64,
        before: &[u8],
        progress: &[u8],
    ) -> Result<u64, StoreError> {
        let mut writing = self.engine.writing()?;
        if !writing.claim(account.0)? {
            return Ok(0);
        }
        // A commit like any other: whoever polled it and is late comes after it.
        let moved = writing.put(
            "UPDATE account SET progress = $1, commits = commits + 1 WHERE id = $2 AND progress = $3",
            &mut once(vec![progress.into(), account.0.into(), before.into()]),
        )?;
        if moved == 0 {
            return Ok(0);
        }
        let forgotten = writing.put(
            "DELETE FROM conversation WHERE account = $1 AND latest_s < $2",
            &mut once(vec![account.0.into(), floor_s.into()]),
        )?;
        writing.put(
            "DELETE FROM abandoned WHERE account = $1 AND ended_s < $2",
            &mut once(vec![account.0.into(), floor_s.into()]),
        )?;
        writing.commit()?;
        Ok(forgotten)
    }
}
