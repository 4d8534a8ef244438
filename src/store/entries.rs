//! The stored entries that a window's records may touch.

use super::sql::{Row, nullable};
use super::{AccountKey, Store, StoreError, forms};
use crate::ledger::{Entry, Id, Ids, Known, Seen};
use std::collections::BTreeSet;

impl Store {
    /// What is stored of these ids: entries by id, and which of the sessions some conversation has.
    ///
    /// # Errors
    /// The database cannot be read, or what it holds is damaged.
    pub fn known(
        &self,
        account: AccountKey,
        ids: impl IntoIterator<Item = Ids>,
    ) -> Result<Known, StoreError> {
        let (mut all, mut sessions) = (BTreeSet::new(), BTreeSet::new());
        for Ids {
            conversation,
            session,
        } in ids
        {
            all.extend([conversation, session].into_iter().flatten());
            sessions.extend(session.filter(|_| conversation.is_none()));
        }
        let bytes = |ids: BTreeSet<Id>| ids.into_iter().map(forms::id_bytes).collect::<Vec<_>>();
        let mut reading = self.engine.reading()?;
        let mut known = Known::default();
        reading.rows_among(
            "conversations",
            &format!("SELECT {COLUMNS} FROM conversation"),
            account.0,
            "id",
            &bytes(all),
            &mut |row| {
                let id = forms::id(row.bytes(0)?)?;
                known.entries.insert(id, entry(row, id)?);
                Some(())
            },
        )?;
        reading.rows_among(
            "conversations",
            "SELECT session FROM conversation",
            account.0,
            "session",
            &bytes(sessions),
            &mut |row| {
                known.taken_sessions.insert(forms::id(row.bytes(0)?)?);
                Some(())
            },
        )?;
        Ok(known)
    }
}

/// What [`entry`] reads, in its order.
pub(super) const COLUMNS: &str =
    "id, session, latest_s, digest, counted, facts, destinations, reads";

pub(super) fn entry(row: &dyn Row, id: Id) -> Option<Entry> {
    let session = match nullable(row, 1, |row, at| row.bytes(at))? {
        None => None,
        Some(bytes) => Some(forms::id(bytes)?),
    };
    let counted = match nullable(row, 4, |row, at| row.bytes(at))? {
        None => None,
        Some(bytes) => Some(forms::counted(bytes)?),
    };
    let destinations = nullable(row, 6, |row, at| row.bytes(at))?;
    let reads = nullable(row, 7, |row, at| row.bytes(at))?;
    Some(Entry {
        id,
        session,
        latest_s: row.int(2)?,
        digest: nullable(row, 3, |row, at| row.int(at))?.map(i64::cast_unsigned),
        counted,
        seen: Seen::from_bytes(row.bytes(5)?, destinations, reads)?,
    })
}
