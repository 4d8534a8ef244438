//! What was counted of the conversations that began in each quarter of an hour: the same facts as in the sums, moved by
//! the same hand, so that they can be held against the vendor's own totals of that time.
//!
//! The sums know no time of their own; a vendor's total is of a stretch of it. A quarter is the finest that any of the
//! vendor's totals tells. Quarters that lie [`KEPT_S`] behind the newest are forgotten.

use super::series::QueueSym;
use super::symbols::Sym;
use crate::fact::{Kind, Outcome};
use std::collections::BTreeMap;

/// The length of a quarter, in seconds.
pub const QUARTER_S: i64 = 900;

/// So far behind the newest, a quarter is forgotten: as long as changes of a conversation are followed by default, and a
/// day to look back from it.
pub const KEPT_S: i64 = 8 * 86_400;

/// Places of one quarter; what comes beyond counts in one place of its own. Far above what any centre has.
const MOST_PLACES: usize = 2_000;

/// Of each outcome a conversation, then of each an entry, then entries that were left for another destination, and how
/// often one was.
const COUNTS: usize = 2 * OUTCOMES + 2;
const OUTCOMES: usize = Outcome::ALL.len();
const MOVED_ON: usize = 2 * OUTCOMES;
const TRANSFERS: usize = MOVED_ON + 1;

/// A queue as records have it, a channel, and the direction of the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Began {
    pub channel: Sym,
    /// A conversation stands at its last queue.
    pub queue: QueueSym,
    pub direction: Sym,
}

/// What was counted in one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts([u32; COUNTS]);

impl Default for Counts {
    fn default() -> Self {
        Counts([0; COUNTS])
    }
}

impl Counts {
    /// Conversations that came to this outcome, at their last queue.
    pub fn conversations(&self, outcome: Outcome) -> u64 {
        u64::from(self.0[outcome as usize])
    }

    /// Entries of a queue that came to this outcome.
    pub fn entries_of(&self, outcome: Outcome) -> u64 {
        u64::from(self.0[OUTCOMES + outcome as usize])
    }

    /// Entries of a queue, however they ended.
    pub fn entries(&self) -> u64 {
        let all = self.0[OUTCOMES..=MOVED_ON].iter();
        all.map(|count| u64::from(*count)).sum()
    }

    /// How often one went on from here to another destination.
    pub fn transfers(&self) -> u64 {
        u64::from(self.0[TRANSFERS])
    }

    pub fn add(&mut self, other: &Counts) {
        for (count, more) in self.0.iter_mut().zip(other.0) {
            *count = count.saturating_add(more);
        }
    }

    /// Those above 0, by their places.
    pub fn told(&self) -> impl Iterator<Item = (u8, u32)> {
        let all = (0_u8..).zip(self.0);
        all.filter(|(_, count)| *count > 0)
    }

    /// From what [`told`](Self::told) gives; `None` for a place that is none.
    pub fn from_told(told: impl IntoIterator<Item = (u8, u32)>) -> Option<Counts> {
        let mut counts = Counts::default();
        for (place, count) in told {
            *counts.0.get_mut(usize::from(place))? = count;
        }
        Some(counts)
    }
}

/// Which of a quarter's counts a fact moves.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place(usize);

impl Place {
    /// `None` for a fact that no total of a queue tells of.
    pub(super) fn of(kind: Kind, text: &str) -> Option<Place> {
        let named = || {
            let mut outcomes = Outcome::ALL.iter();
            outcomes.find(|outcome| outcome.as_str() == text).copied()
        };
        let at = match kind {
            Kind::Conversation => named()? as usize,
            Kind::QueueEntry => named().map_or(MOVED_ON, |it| OUTCOMES + it as usize),
            Kind::Transfer => TRANSFERS,
            _ => return None,
        };
        Some(Place(at))
    }
}

/// One quarter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Quarter(BTreeMap<Began, Counts>);

impl Quarter {
    pub fn iter(&self) -> impl Iterator<Item = (&Began, &Counts)> {
        self.0.iter()
    }

    pub(super) fn count(&mut self, began: Began, Place(place): Place) {
        let full = self.0.len() >= MOST_PLACES && !self.0.contains_key(&began);
        let began = if full { OVERFLOWED } else { began };
        let count = &mut self.0.entry(began).or_default().0[place];
        *count = count.saturating_add(1);
    }

    /// A fact that was counted here reads otherwise now. Counts of the page never fall; these are held against what the
    /// vendor says now, and follow.
    pub(super) fn correct(&mut self, began: Began, Place(from): Place, Place(to): Place) {
        if let Some(counts) = self.0.get_mut(&began)
            && counts.0[from] > 0
        {
            counts.0[from] -= 1;
            counts.0[to] = counts.0[to].saturating_add(1);
        }
    }
}

const OVERFLOWED: Began = Began {
    channel: Sym::OVERFLOW,
    queue: QueueSym::OVERFLOW,
    direction: Sym::OVERFLOW,
};

impl FromIterator<(Began, Counts)> for Quarter {
    fn from_iter<T: IntoIterator<Item = (Began, Counts)>>(places: T) -> Quarter {
        Quarter(places.into_iter().collect())
    }
}

/// All quarters that are remembered, by when each begins, UTC seconds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Quarters(BTreeMap<i64, Quarter>);

impl Quarters {
    pub fn get(&self, start_s: i64) -> Option<&Quarter> {
        self.0.get(&start_s)
    }

    pub fn set(&mut self, start_s: i64, quarter: Quarter) {
        self.0.insert(start_s, quarter);
    }

    pub fn iter(&self) -> impl Iterator<Item = (i64, &Quarter)> {
        self.0.iter().map(|(start_s, quarter)| (*start_s, quarter))
    }

    /// Forgets what is too old beside the newest.
    pub(super) fn prune(&mut self) {
        if let Some(newest_s) = self.newest_s() {
            self.0 = self.0.split_off(&oldest_kept_s(newest_s));
        }
    }

    pub(super) fn newest_s(&self) -> Option<i64> {
        self.0.last_key_value().map(|(start_s, _)| *start_s)
    }
}

/// When the quarter begins in which an instant lies.
pub fn quarter_of(at_s: i64) -> i64 {
    at_s - at_s.rem_euclid(QUARTER_S)
}

/// Beside a newest quarter, none that begins before this is remembered.
pub(super) fn oldest_kept_s(newest_s: i64) -> i64 {
    newest_s - KEPT_S
}
