//! Every row that a store holds, read as whoever needs it would read it; and which rows cannot be.
//!
//! Rows are named by their table and key. Neither says anything of a person: ids are hashed, and of names the number alone
//! is told.

use super::{AccountKey, FILE, StoreError, account, doing, entries, forms, is_sound, readers};
use crate::ledger::Symbols;
use rusqlite::{Connection, Row};
use std::fmt;
use std::path::Path;

/// More are counted, and not named.
const MOST_NAMED: usize = 20;

/// What a check found.
#[derive(Debug, Default)]
pub struct Checked {
    /// Conversations that were read.
    pub conversations: u64,
    /// The first of those that cannot be read.
    pub damaged: Vec<DamagedRow>,
    /// How many there are beside them.
    pub more: u64,
}

/// A row that cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub struct DamagedRow {
    /// `account_id/stream_id`.
    pub account: String,
    /// What it is part of, as errors say it.
    pub what: &'static str,
    /// Which one it is.
    pub row: String,
}

impl fmt::Display for DamagedRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let DamagedRow { account, what, row } = self;
        write!(f, "account `{account}`: {what}: {row}")
    }
}

/// Reads all that the store under `folder` holds. `rest` judges what other rooms stored: an account's progress and its
/// evidence.
///
/// # Errors
/// There is no database, it is of another version, or SQLite cannot read its pages.
pub fn check(
    folder: &Path,
    rest: impl Fn(&[u8], &[(u32, Vec<u8>)]) -> Result<(), &'static str>,
) -> Result<Checked, StoreError> {
    let connection = readers::of_this_version(&folder.join(FILE))?;
    is_sound(&connection, "integrity_check")?;
    let reading = doing("read the accounts");
    let mut accounts = connection
        .prepare("SELECT id, account_id, stream_id, hash_key, progress FROM account ORDER BY id")
        .map_err(&reading)?;
    let mut rows = accounts.query([]).map_err(&reading)?;
    let mut checked = Checked::default();
    while let Some(row) = rows.next().map_err(&reading)? {
        let text = |at| row.get::<_, String>(at).map_err(&reading);
        let mut account = Account {
            connection: &connection,
            key: row.get(0).map_err(&reading)?,
            name: format!("{}/{}", text(1)?, text(2)?),
            checked: &mut checked,
        };
        if row.get::<_, [u8; 16]>(3).is_err() {
            account.damaged("key of the hashes", "the account's own".to_owned());
        }
        let progress: Vec<u8> = row.get(4).map_err(&reading)?;
        account.read(&progress, &rest)?;
    }
    Ok(checked)
}

struct Account<'c> {
    connection: &'c Connection,
    key: i64,
    name: String,
    checked: &'c mut Checked,
}

impl Account<'_> {
    fn read(
        &mut self,
        progress: &[u8],
        rest: impl Fn(&[u8], &[(u32, Vec<u8>)]) -> Result<(), &'static str>,
    ) -> Result<(), StoreError> {
        let evidence = account::evidence(self.connection, AccountKey(self.key))?;
        if let Err(what) = rest(progress, &evidence) {
            self.damaged(what, "the account's own".to_owned());
        }
        let symbols = self.symbols()?;
        // What stands in place of no text is known to all.
        let known = u32::try_from(Symbols::default().len()).unwrap_or(0) + symbols;
        self.names(known)?;
        self.sums(known)?;
        self.conversations(known)
    }

    /// Numbered without a gap; how many there are.
    fn symbols(&mut self) -> Result<u32, StoreError> {
        let first = u32::try_from(Symbols::default().len()).unwrap_or(0);
        let mut next = first;
        let select = "SELECT sym, text FROM symbol WHERE account = ?1 ORDER BY sym";
        self.each("label values", select, |row| {
            let sym: u32 = row.get(0).ok()?;
            let expected = std::mem::replace(&mut next, sym.saturating_add(1));
            (sym == expected && row.get_ref(1).ok()?.as_str().is_ok()).then_some(())
        })?;
        Ok(next.saturating_sub(first))
    }

    fn names(&mut self, known: u32) -> Result<(), StoreError> {
        let select = "SELECT id, first, latest, latest_s FROM queue_name WHERE account = ?1";
        self.each("queue names", select, |row| {
            let syms = [0, 1, 2].map(|at| row.get::<_, u32>(at).ok());
            let all_known = syms.iter().all(|sym| sym.is_some_and(|sym| sym < known));
            (all_known && row.get::<_, i64>(3).is_ok()).then_some(())
        })
    }

    fn sums(&mut self, known: u32) -> Result<(), StoreError> {
        let select = "SELECT key, sum FROM series WHERE account = ?1";
        self.each("sums", select, |row| {
            let blob = |at| row.get_ref(at).ok()?.as_blob().ok();
            let (measure, syms) = forms::series_syms(blob(0)?)?;
            forms::sum(measure, blob(1)?)?;
            syms.iter().all(|sym| sym.0 < known).then_some(())
        })
    }

    fn conversations(&mut self, known: u32) -> Result<(), StoreError> {
        let select = format!(
            "SELECT {} FROM conversation WHERE account = ?1",
            entries::COLUMNS
        );
        let mut read = 0;
        self.each("conversations", &select, |row| {
            read += 1;
            let id = forms::id(row.get_ref(0).ok()?.as_blob().ok()?)?;
            let entry = entries::entry(row, id)?;
            let syms = entry.counted.map(|counted| {
                let queue = counted.queue;
                [counted.channel, queue.id, queue.name, counted.direction]
            });
            let mut syms = syms.into_iter().flatten();
            syms.all(|sym| sym.0 < known).then_some(())
        })?;
        self.checked.conversations += read;
        Ok(())
    }

    /// Reads each row of the account's; one of which `read` makes nothing is damaged. It is named by its first column.
    fn each(
        &mut self,
        what: &'static str,
        select: &str,
        mut read: impl FnMut(&Row<'_>) -> Option<()>,
    ) -> Result<(), StoreError> {
        let reading = doing("read the database");
        let connection = self.connection;
        let mut statement = connection.prepare(select).map_err(&reading)?;
        let mut rows = statement.query([self.key]).map_err(&reading)?;
        while let Some(row) = rows.next().map_err(&reading)? {
            if read(row).is_none() {
                let named = named(row).map_err(&reading)?;
                self.damaged(what, named);
            }
        }
        Ok(())
    }

    fn damaged(&mut self, what: &'static str, row: String) {
        if self.checked.damaged.len() == MOST_NAMED {
            self.checked.more += 1;
            return;
        }
        let account = self.name.clone();
        self.checked.damaged.push(DamagedRow { account, what, row });
    }
}

/// A number as it is, bytes in hexadecimal.
fn named(row: &Row<'_>) -> rusqlite::Result<String> {
    use rusqlite::types::ValueRef;
    Ok(match row.get_ref(0)? {
        ValueRef::Integer(number) => format!("number {number}"),
        ValueRef::Blob(bytes) => {
            let hex = bytes.iter().take(32).map(|byte| format!("{byte:02x}"));
            format!("key {}", hex.collect::<String>())
        }
        _ => "without a key".to_owned(),
    })
}
