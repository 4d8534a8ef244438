//! Every row that a store holds, read as whoever needs it would read it; and which rows cannot be.
//!
//! Rows are named by their table and key. Neither says anything of a person: ids are hashed, and of names the number alone
//! is told.

use super::sql::{Reading, Row};
use super::{AccountKey, Place, StoreError, account, entries, forms};
use crate::events::Call;
use crate::ledger::Symbols;
use std::fmt;

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

/// Reads all that the store holds. `rest` judges what other rooms stored: an account's progress and its evidence.
///
/// # Errors
/// There is no store, it is of another version, or its pages cannot be read.
pub fn check(
    place: &Place,
    rest: impl Fn(&[u8], &[(u32, Vec<u8>)]) -> Result<(), &'static str>,
) -> Result<Checked, StoreError> {
    place.check_pages()?;
    let mut reading = place.look()?;
    let mut accounts = Vec::new();
    reading.rows(
        "accounts",
        "SELECT id, account_id, stream_id, hash_key, progress FROM account ORDER BY id",
        &[],
        &mut |row| {
            let name = format!("{}/{}", row.text(1)?, row.text(2)?);
            let has_key = row.bytes(3).is_some_and(|key| key.len() == 16);
            accounts.push((row.int(0)?, name, has_key, row.bytes(4)?.to_vec()));
            Some(())
        },
    )?;
    let mut checked = Checked::default();
    for (key, name, has_key, progress) in accounts {
        let mut account = Account {
            reading: &mut *reading,
            key,
            name,
            checked: &mut checked,
        };
        if !has_key {
            account.damaged("key of the hashes", "the account's own".to_owned());
        }
        account.read(&progress, &rest)?;
    }
    Ok(checked)
}

struct Account<'c> {
    reading: &'c mut dyn Reading,
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
        let evidence = account::evidence(self.reading, AccountKey(self.key))?;
        if let Err(what) = rest(progress, &evidence) {
            self.damaged(what, "the account's own".to_owned());
        }
        let symbols = self.symbols()?;
        // What stands in place of no text is known to all.
        let known = u32::try_from(Symbols::default().len()).unwrap_or(0) + symbols;
        self.names(known)?;
        self.sums(known)?;
        self.quarters(known)?;
        self.abandoned()?;
        self.conversations(known)
    }

    /// Numbered without a gap; how many there are.
    fn symbols(&mut self) -> Result<u32, StoreError> {
        let first = u32::try_from(Symbols::default().len()).unwrap_or(0);
        let mut next = first;
        let select = "SELECT sym, text FROM symbol WHERE account = $1 ORDER BY sym";
        self.each("label values", select, |row| {
            let sym: u32 = row.int(0)?.try_into().ok()?;
            let expected = std::mem::replace(&mut next, sym.saturating_add(1));
            (sym == expected && row.text(1).is_some()).then_some(())
        })?;
        Ok(next.saturating_sub(first))
    }

    fn names(&mut self, known: u32) -> Result<(), StoreError> {
        let select = "SELECT id, first, latest, latest_s FROM queue_name WHERE account = $1";
        self.each("queue names", select, |row| {
            let is_known = |at| (0..i64::from(known)).contains(&row.int(at).unwrap_or(-1));
            ([0, 1, 2].into_iter().all(is_known) && row.int(3).is_some()).then_some(())
        })
    }

    fn sums(&mut self, known: u32) -> Result<(), StoreError> {
        for (what, table) in [("sums", "series"), ("first sums shown", "first_shown")] {
            let select = format!("SELECT key, sum FROM {table} WHERE account = $1");
            self.each(what, &select, |row| {
                let (measure, syms) = forms::series_syms(row.bytes(0)?)?;
                forms::sum(measure, row.bytes(1)?)?;
                syms.iter().all(|sym| sym.0 < known).then_some(())
            })?;
        }
        Ok(())
    }

    fn quarters(&mut self, known: u32) -> Result<(), StoreError> {
        let select = "SELECT start_s, counts FROM quarter WHERE account = $1";
        self.each("quarters of an hour", select, |row| {
            row.int(0)?;
            let quarter = forms::quarter(row.bytes(1)?)?;
            let mut syms = quarter.iter().flat_map(|(began, _)| {
                let queue = began.queue;
                [began.channel, queue.id, queue.name, began.direction]
            });
            syms.all(|sym| sym.0 < known).then_some(())
        })
    }

    fn abandoned(&mut self) -> Result<(), StoreError> {
        let select = "SELECT number, call FROM abandoned WHERE account = $1";
        self.each("abandoned conversations", select, |row| {
            row.int(0)?;
            Call::from_bytes(row.bytes(1)?).map(drop)
        })
    }

    fn conversations(&mut self, known: u32) -> Result<(), StoreError> {
        let select = format!(
            "SELECT {} FROM conversation WHERE account = $1",
            entries::COLUMNS
        );
        let mut read = 0;
        self.each("conversations", &select, |row| {
            read += 1;
            let id = forms::id(row.bytes(0)?)?;
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
        mut read: impl FnMut(&dyn Row) -> Option<()>,
    ) -> Result<(), StoreError> {
        let mut damaged = Vec::new();
        let mut more = 0;
        self.reading
            .rows(what, select, &[self.key.into()], &mut |row| {
                if read(row).is_none() {
                    if damaged.len() < MOST_NAMED {
                        damaged.push(named(row));
                    } else {
                        more += 1;
                    }
                }
                Some(())
            })?;
        for row in damaged {
            self.damaged(what, row);
        }
        self.checked.more += more;
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
fn named(row: &dyn Row) -> String {
    if let Some(number) = row.int(0) {
        return format!("number {number}");
    }
    let Some(bytes) = row.bytes(0) else {
        return "without a key".to_owned();
    };
    let hex = bytes.iter().take(32).map(|byte| format!("{byte:02x}"));
    format!("key {}", hex.collect::<String>())
}
