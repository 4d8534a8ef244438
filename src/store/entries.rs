//! The stored entries that a window's records may touch.

use super::{AccountKey, Store, StoreError, doing, forms};
use crate::ledger::{Entry, Id, Ids, Known, Seen};
use rusqlite::{OptionalExtension, Row};

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
        let connection = self.reading()?;
        let reading = doing("read the conversations");
        let mut by_id = connection
            .prepare_cached(&format!(
                "SELECT {COLUMNS} FROM conversation WHERE account = ?1 AND id = ?2"
            ))
            .map_err(&reading)?;
        let mut by_session = connection
            .prepare_cached(
                "SELECT 1 FROM conversation WHERE account = ?1 AND session = ?2 LIMIT 1",
            )
            .map_err(&reading)?;
        let mut known = Known::default();
        for Ids {
            conversation,
            session,
        } in ids
        {
            for id in [conversation, session].into_iter().flatten() {
                if known.entries.contains_key(&id) {
                    continue;
                }
                let found = by_id
                    .query_row((account.0, forms::id_bytes(id)), |row| Ok(entry(row, id)))
                    .optional()
                    .map_err(&reading)?;
                if let Some(entry) = found {
                    known.entries.insert(
                        id,
                        entry.ok_or(StoreError::Damaged {
                            what: "conversations",
                        })?,
                    );
                }
            }
            let Some(session) = session.filter(|_| conversation.is_none()) else {
                continue;
            };
            if by_session
                .exists((account.0, forms::id_bytes(session)))
                .map_err(&reading)?
            {
                known.taken_sessions.insert(session);
            }
        }
        Ok(known)
    }
}

/// What [`entry`] reads, in its order.
pub(super) const COLUMNS: &str = "id, session, latest_s, digest, counted, seen, destinations";

pub(super) fn entry(row: &Row<'_>, id: Id) -> Option<Entry> {
    let blob = |at| row.get_ref(at).ok()?.as_blob_or_null().ok();
    let session = match blob(1)? {
        None => None,
        Some(bytes) => Some(forms::id(bytes)?),
    };
    let counted = match blob(4)? {
        None => None,
        Some(bytes) => Some(forms::counted(bytes)?),
    };
    Some(Entry {
        id,
        session,
        latest_s: row.get(2).ok()?,
        digest: row.get::<_, Option<i64>>(3).ok()?.map(i64::cast_unsigned),
        counted,
        seen: Seen::from_bytes(blob(5)??, blob(6)?)?,
    })
}
