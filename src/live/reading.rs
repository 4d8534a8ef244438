//! What a source told at one time.

use std::collections::BTreeMap;
use std::sync::Arc;

/// A queue, in one channel; both as they are shown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub channel: Arc<str>,
    pub queue: Arc<str>,
}

/// What is told of a place. `None`: not, or not to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Numbers {
    pub waiting: Option<u64>,
    pub with_agent: Option<u64>,
    pub overdue: Option<u64>,
    /// How long the one that waits longest has waited; 0 where none waits.
    pub longest_wait_s: Option<u64>,
}

/// Agents by state, in the order of [`STATES`].
pub(super) type Agents = [Option<u64>; 4];

pub(super) const STATES: [&str; 4] = ["available", "busy", "away", "offline"];

/// One reading of one source.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reading {
    pub places: BTreeMap<Place, Numbers>,
    /// What holds of a place that is not among them.
    pub elsewhere: Numbers,
    /// By queue.
    pub agents: BTreeMap<Arc<str>, Agents>,
    /// Values that were sent and can't be read; what they would have told is not shown.
    pub refused: u64,
    /// Names of queues that were told, by id.
    pub names: Vec<(String, Arc<str>)>,
}

impl Reading {
    pub(super) fn at(&self, place: &Place) -> Numbers {
        self.places.get(place).copied().unwrap_or(self.elsewhere)
    }
}

impl Numbers {
    /// What is still known of all other places once one row was read: of a number that could not be read nothing, and nothing
    /// at all where the row may stand for any of them.
    pub(super) fn known_with(self, row: Numbers, placed: bool) -> Numbers {
        let still =
            |known: Option<u64>, told: Option<u64>| known.filter(|_| placed && told.is_some());
        Numbers {
            waiting: still(self.waiting, row.waiting),
            with_agent: still(self.with_agent, row.with_agent),
            overdue: still(self.overdue, row.overdue),
            longest_wait_s: self.longest_wait_s,
        }
    }

    /// Of two places together.
    pub(super) fn and(self, other: Numbers) -> Numbers {
        let sum = |one: Option<u64>, other: Option<u64>| Some(one? + other?);
        let longer = |one: Option<u64>, other: Option<u64>| Some(one?.max(other?));
        Numbers {
            waiting: sum(self.waiting, other.waiting),
            with_agent: sum(self.with_agent, other.with_agent),
            overdue: sum(self.overdue, other.overdue),
            longest_wait_s: longer(self.longest_wait_s, other.longest_wait_s),
        }
    }
}
