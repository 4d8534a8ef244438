//! Whose record it is: a conversation's, or its session's while it has none.

use super::Draft;
use crate::ledger::commit::Before;
use crate::ledger::entry::Entry;
use crate::ledger::id::Ids;
use crate::ledger::seen::Seen;

impl Draft<'_> {
    /// The entry that a record's facts belong to, taken out of the known ones; a new one where there is none.
    /// `None`: a bare record of a session that some conversation has.
    pub(super) fn claim(&mut self, ids: &Ids, latest_s: i64) -> Option<(Entry, Option<Before>)> {
        let new = |id, session| {
            let entry = Entry {
                id,
                session,
                latest_s,
                digest: None,
                counted: None,
                seen: Seen::default(),
            };
            Some((entry, None))
        };
        match (ids.conversation, ids.session) {
            (Some(id), session) => {
                if let Some(mut entry) = self.known.entries.remove(&id) {
                    let before = Before::of(&entry);
                    if entry.session.is_none() && session.is_some() {
                        entry.session = session;
                        self.known.taken_sessions.extend(session);
                        self.changes.entry(id).or_insert(Some(before));
                    }
                    return Some((entry, Some(before)));
                }
                self.known.taken_sessions.extend(session);
                let bare = session.and_then(|session| self.known.entries.remove(&session));
                let Some(mut entry) = bare else {
                    return new(id, session);
                };
                // The entry moves: what was noted under its old id belongs to the new one.
                let noted = self.changes.remove(&entry.id);
                let before = noted.unwrap_or_else(|| Some(Before::of(&entry)));
                (entry.id, entry.session) = (id, session);
                // The bare record speaks for the conversation no longer, wherever it still stands.
                entry.digest = None;
                self.changes.insert(id, before);
                Some((entry, before))
            }
            (None, Some(session)) if self.known.taken_sessions.contains(&session) => None,
            (None, Some(session)) => match self.known.entries.remove(&session) {
                Some(entry) => {
                    let before = Before::of(&entry);
                    Some((entry, Some(before)))
                }
                None => new(session, None),
            },
            (None, None) => None,
        }
    }
}
