//! Whose record it is: a conversation's, or its session's while it has none.

use crate::ledger::commit::{Before, Change};
use crate::ledger::entry::{Entry, Known};
use crate::ledger::id::{Id, Ids};
use crate::ledger::seen::Seen;
use rustc_hash::{FxBuildHasher, FxHashMap};

/// The conversations that a window tells of.
pub(super) struct Claims {
    /// What is stored of those that no record has claimed yet.
    known: Known,
    claimed: Vec<Claimed>,
    /// Where each stands among them.
    places: FxHashMap<Id, usize>,
}

/// One of them, as it is after the records so far.
pub(super) struct Claimed {
    pub(super) entry: Entry,
    /// What is stored of it.
    before: Option<Before>,
    /// Whether it must be written.
    pub(super) dirty: bool,
    /// Whether its leading version was counted from this window.
    pub(super) led: bool,
}

impl Claims {
    pub(super) fn new(mut known: Known, records: usize) -> Claims {
        known.taken_sessions.reserve(records);
        Claims {
            known,
            claimed: Vec::with_capacity(records),
            places: FxHashMap::with_capacity_and_hasher(records, FxBuildHasher),
        }
    }

    /// The one that a record's facts belong to; a new one where there is none. `None`: a bare record of a session that
    /// some conversation has.
    pub(super) fn claim(&mut self, ids: &Ids, latest_s: i64) -> Option<&mut Claimed> {
        let place = match (ids.conversation, ids.session) {
            (Some(id), session) => match self.find(id) {
                Some(place) => {
                    self.tell_session(place, session);
                    place
                }
                None => {
                    self.known.taken_sessions.extend(session);
                    // Its own id stands for the session that it does not tell: without any, an entry is a bare session's.
                    let told = session.or(Some(id));
                    self.take_over(session, id)
                        .unwrap_or_else(|| self.begin(id, told, latest_s))
                }
            },
            (None, Some(session)) if self.known.taken_sessions.contains(&session) => return None,
            (None, Some(session)) => self
                .find(session)
                .unwrap_or_else(|| self.begin(session, None, latest_s)),
            (None, None) => return None,
        };
        self.claimed.get_mut(place)
    }

    /// One that is claimed already, or stored.
    fn find(&mut self, id: Id) -> Option<usize> {
        if let Some(place) = self.places.get(&id) {
            return Some(*place);
        }
        let entry = self.known.entries.remove(&id)?;
        let before = Some(Before::of(&entry));
        Some(self.add(entry, before))
    }

    fn begin(&mut self, id: Id, session: Option<Id>, latest_s: i64) -> usize {
        let entry = Entry {
            id,
            session,
            latest_s,
            digest: None,
            counted: None,
            seen: Seen::default(),
        };
        self.add(entry, None)
    }

    fn add(&mut self, entry: Entry, before: Option<Before>) -> usize {
        let place = self.claimed.len();
        self.places.insert(entry.id, place);
        self.claimed.push(Claimed {
            entry,
            before,
            dirty: before.is_none(),
            led: false,
        });
        place
    }

    /// The session of a conversation may be told later.
    fn tell_session(&mut self, place: usize, session: Option<Id>) {
        if let Some(claimed) = self.claimed.get_mut(place)
            && claimed
                .entry
                .session
                .is_none_or(|own| own == claimed.entry.id)
            && session.is_some()
        {
            claimed.entry.session = session;
            claimed.dirty = true;
            self.known.taken_sessions.extend(session);
        }
    }

    /// The entry of a session becomes its conversation's.
    fn take_over(&mut self, session: Option<Id>, id: Id) -> Option<usize> {
        let place = self.find(session?)?;
        let claimed = self.claimed.get_mut(place)?;
        self.places.remove(&claimed.entry.id);
        self.places.insert(id, place);
        (claimed.entry.id, claimed.entry.session) = (id, session);
        // The bare record speaks for the conversation no longer, wherever it still stands.
        claimed.entry.digest = None;
        (claimed.dirty, claimed.led) = (true, false);
        Some(place)
    }

    /// What must be written, in the order of ids.
    pub(super) fn into_changes(self) -> Vec<Change> {
        let dirty = self.claimed.into_iter().filter(|claimed| claimed.dirty);
        let change = |Claimed { entry, before, .. }| Change { entry, before };
        let mut changes: Vec<Change> = dirty.map(change).collect();
        changes.sort_by_cached_key(|change| change.entry.id);
        changes
    }
}
