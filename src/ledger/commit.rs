//! One window's effect on the ledger, as a value: written whole in one transaction, or not at all.

use super::entry::{Counted, Entry};
use super::id::Id;
use super::names::QueueName;
use super::quarters::Quarter;
use super::series::{SeriesKey, Sum};
use super::symbols::Sym;
use crate::fact::{Field, Kind};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What changes. Empty of changes when every record was unchanged.
#[derive(Debug, Default, PartialEq)]
pub struct Commit {
    pub entries: Vec<Change>,
    /// New totals, not differences: writing them twice does no harm.
    pub sums: Vec<(SeriesKey, Sum)>,
    /// New label values; their numbers go on from the ones there are.
    pub symbols: Vec<Arc<str>>,
    /// Queue id → names, where something was learned.
    pub names: Vec<(Sym, QueueName)>,
    /// Quarters of an hour that changed, each as it is now, by when it begins, UTC seconds.
    pub quarters: Vec<(i64, Quarter)>,
    /// Those that begin before it are forgotten; `None` where none changed.
    pub quarters_from_s: Option<i64>,
    /// Entries whose latest time is below it are forgotten.
    pub floor_s: i64,
    pub tally: Tally,
}

impl Commit {
    /// The conversations that it counts for the first time.
    pub fn first_counts(&self) -> impl Iterator<Item = (Id, &Counted)> {
        self.entries.iter().filter_map(|Change { entry, before }| {
            let first = before.is_none_or(|before| before.ended_s.is_none());
            let counted = entry.counted.as_ref().filter(|_| first)?;
            Some((entry.id, counted))
        })
    }
}

/// A new or changed entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    pub entry: Entry,
    /// `None` for a new entry.
    pub before: Option<Before>,
}

/// What of the entry's former state must make room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Before {
    /// Differs from the entry's id where a conversation took over its session's entry.
    pub id: Id,
    pub digest: Option<u64>,
    pub ended_s: Option<i64>,
}

impl Before {
    pub(super) fn of(entry: &Entry) -> Before {
        Before {
            id: entry.id,
            digest: entry.digest,
            ended_s: entry.counted.as_ref().map(|counted| counted.ended_s),
        }
    }
}

/// How a window's records were classified. received = applied + unchanged + rejected, always.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    pub received: u64,
    pub applied: u64,
    pub unchanged: u64,
    pub rejected: u64,
    /// Values refused for the first time.
    pub refused: BTreeMap<Field, u64>,
    /// Counted facts that now read differently or are gone.
    pub revised: BTreeMap<Kind, u64>,
}

/// What the store forgot while it wrote a commit.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    pub entries: u64,
    /// Those among them that were never seen to end.
    pub never_ended: u64,
    pub digests: Vec<u64>,
}
