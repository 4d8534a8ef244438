//! Conversations of the last quarter of an hour, in the order of their ends: they may still change.

use std::collections::{BTreeMap, HashMap};

/// So long conversations may still be put in, change, move, or be taken back.
pub(super) const OPEN_S: i64 = 900;
/// Twenty thousand an hour for four accounts in one; beyond it the oldest are settled sooner.
pub(super) const MOST: usize = 20_000;

/// Where in the order: by end, then by number.
pub(super) type At = (i64, u64);

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Entry {
    Conversation {
        /// Account, channel and queue, by their number.
        scopes: [u32; 3],
        abandoned: bool,
        target_millionths: u32,
    },
    /// Before this, time was not read.
    Unread,
}

/// No scope.
pub(super) const NOBODY: u32 = u32::MAX;

#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Tail {
    entries: BTreeMap<At, Entry>,
    ends: HashMap<u64, i64>,
}

impl Tail {
    pub(super) fn put(&mut self, at: At, entry: Entry) {
        self.entries.insert(at, entry);
        if matches!(entry, Entry::Conversation { .. }) {
            self.ends.insert(at.1, at.0);
        }
    }

    /// Whether it was there.
    pub(super) fn take(&mut self, id: u64) -> bool {
        let end = self.ends.remove(&id);
        end.is_some_and(|end| self.entries.remove(&(end, id)).is_some())
    }

    pub(super) fn of(&self, id: u64) -> Option<(At, Entry)> {
        let at = (*self.ends.get(&id)?, id);
        Some((at, *self.entries.get(&at)?))
    }

    pub(super) fn last(&self) -> Option<(At, Entry)> {
        let last = self.entries.last_key_value();
        last.map(|(at, entry)| (*at, *entry))
    }

    /// The oldest, if it ended at or before a time, or if there are too many.
    pub(super) fn settle(&mut self, until_s: i64) -> Option<(At, Entry)> {
        let (first, _) = self.entries.first_key_value()?;
        if first.0 > until_s && self.entries.len() <= MOST {
            return None;
        }
        let (at, entry) = self.entries.pop_first()?;
        if self.ends.get(&at.1) == Some(&at.0) {
            self.ends.remove(&at.1);
        }
        Some((at, entry))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (At, Entry)> + '_ {
        self.entries.iter().map(|(at, entry)| (*at, *entry))
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }
}
