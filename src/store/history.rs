//! The offered conversations that a store holds, for whoever looks back. Nothing is written, and an exporter may run on it
//! meanwhile.

use super::{AccountKey, FILE, StoreError, account, doing, forms, readers};
use crate::fact::Outcome;
use crate::ledger::NO_QUEUE;
use rusqlite::Connection;
use std::path::Path;
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

/// Those that the store under `folder` remembers: as far back as `poll.max_lookback` reaches, in no order.
///
/// # Errors
/// There is no database, it is of another version, or what it holds is damaged.
pub fn offered(folder: &Path) -> Result<Vec<Offered>, StoreError> {
    let connection = readers::of_this_version(&folder.join(FILE))?;
    let mut all = Vec::new();
    for (key, name) in accounts(&connection)? {
        of_account(&connection, key, &name, &mut all)?;
    }
    Ok(all)
}

fn accounts(connection: &Connection) -> Result<Vec<(AccountKey, Arc<str>)>, StoreError> {
    let reading = doing("read the accounts");
    let mut statement = connection
        .prepare(
            "SELECT id, CASE WHEN count(*) OVER (PARTITION BY account_id) > 1
                 THEN account_id || ' ' || stream_id ELSE account_id END
             FROM account ORDER BY id",
        )
        .map_err(&reading)?;
    let rows = statement.query_map([], |row| {
        Ok((AccountKey(row.get(0)?), row.get::<_, String>(1)?.into()))
    });
    rows.and_then(Iterator::collect::<rusqlite::Result<_>>)
        .map_err(&reading)
}

fn of_account(
    connection: &Connection,
    key: AccountKey,
    name: &Arc<str>,
    all: &mut Vec<Offered>,
) -> Result<(), StoreError> {
    let symbols = account::symbols(connection, key)?;
    let names = account::names(connection, key)?;
    let reading = doing("read the conversations");
    let mut statement = connection
        .prepare("SELECT counted FROM conversation WHERE account = ?1 AND counted IS NOT NULL")
        .map_err(&reading)?;
    let mut rows = statement.query([key.0]).map_err(&reading)?;
    while let Some(row) = rows.next().map_err(&reading)? {
        let bytes = row.get_ref(0).map_err(&reading)?;
        let counted = bytes.as_blob().ok().and_then(forms::counted);
        let counted = counted.ok_or(StoreError::Damaged {
            what: "conversations",
        })?;
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
    }
    Ok(())
}
