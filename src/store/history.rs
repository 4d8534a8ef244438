//! The offered conversations that a store holds, for whoever looks back. Nothing is written, and an exporter may run on it
//! meanwhile.

use super::sql::Reading;
use super::{AccountKey, Place, StoreError, account, forms};
use crate::fact::Outcome;
use crate::ledger::NO_QUEUE;
use std::sync::Arc;

/// A finished conversation that wanted an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// The vendor's `accountId`: the store knows no labels. With the stream's id where several streams of it are there.
    pub account: Arc<str>,
    pub channel: Arc<str>,
    /// Its queue, if it reached a named one.
    pub queue: Option<Arc<str>>,
    /// UTC seconds.
    pub ended_s: i64,
    pub abandoned: bool,
}

/// Those that the store remembers: as far back as `poll.max_lookback` reaches, in no order.
///
/// # Errors
/// There is no store, it is of another version, or what it holds is damaged.
pub fn offered(place: &Place) -> Result<Vec<Offered>, StoreError> {
    let mut reading = place.look()?;
    let mut all = Vec::new();
    for (key, name) in accounts(&mut *reading)? {
        of_account(&mut *reading, key, &name, &mut all)?;
    }
    Ok(all)
}

fn accounts(reading: &mut dyn Reading) -> Result<Vec<(AccountKey, Arc<str>)>, StoreError> {
    let mut accounts = Vec::new();
    reading.rows(
        "accounts",
        "SELECT id, CASE WHEN count(*) OVER (PARTITION BY account_id) > 1
             THEN account_id || ' ' || stream_id ELSE account_id END
         FROM account ORDER BY id",
        &[],
        &mut |row| {
            accounts.push((AccountKey(row.int(0)?), row.text(1)?.into()));
            Some(())
        },
    )?;
    Ok(accounts)
}

fn of_account(
    reading: &mut dyn Reading,
    key: AccountKey,
    name: &Arc<str>,
    all: &mut Vec<Offered>,
) -> Result<(), StoreError> {
    let symbols = account::symbols(reading, key)?;
    let names = account::names(reading, key)?;
    reading.rows(
        "conversations",
        "SELECT counted FROM conversation WHERE account = $1 AND counted IS NOT NULL",
        &[key.0.into()],
        &mut |row| {
            let counted = forms::counted(row.bytes(0)?)?;
            if counted.offered {
                let queue = names.shown(counted.queue);
                let queue = queue.map(|queue| symbols.text(queue).clone());
                all.push(Offered {
                    account: name.clone(),
                    channel: symbols.text(counted.channel).clone(),
                    queue: queue.filter(|queue| **queue != *NO_QUEUE),
                    ended_s: counted.ended_s,
                    abandoned: counted.outcome == Outcome::Abandoned,
                });
            }
            Some(())
        },
    )
}
