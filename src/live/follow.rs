//! Running conversations among the records that the poller reads anyway, followed until they end.
//!
//! Rule: a window that was read whole says all that runs of those that began in it, so what was followed there and is not
//! among them has ended. Before a stretch of recent time was read whole since the start, too little is known to be shown:
//! a few that wait must not look like all.

use super::Place;
use super::reading::Reading;
use super::sources::call_details;
use crate::ledger::Id;
use std::collections::BTreeMap;

/// As many are followed at most.
const MOST: usize = 20_000;
/// So much of the recent past must have been read before anything is told.
const KNOWN_S: i64 = 1_800;

/// One that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followed {
    pub start_s: i64,
    pub place: Place,
    /// UTC seconds; `None` with an agent.
    pub waits_since_s: Option<i64>,
    pub with_agent: bool,
}

/// An account's running conversations.
#[derive(Debug, Default)]
pub struct Following {
    running: BTreeMap<Id, Followed>,
    /// Stretches of time of which all that begins is known, in order, none touching another.
    known: Vec<(i64, i64)>,
    /// The API has listed a running conversation since the start.
    listed: bool,
    overflowed: bool,
}

impl Following {
    /// What runs of those that began in a window. `whole`: all of its rows were read.
    pub fn read(
        &mut self,
        (from_s, until_s): (i64, i64),
        whole: bool,
        running: impl IntoIterator<Item = (Id, Followed)>,
    ) {
        if whole {
            self.running
                .retain(|_, followed| !(from_s..until_s).contains(&followed.start_s));
            self.know(from_s, until_s);
        }
        for (id, followed) in running {
            self.listed = true;
            if self.running.len() < MOST || self.running.contains_key(&id) {
                self.running.insert(id, followed);
            } else {
                self.overflowed = true;
            }
        }
    }

    /// Forgets what began before the floor.
    pub fn forget(&mut self, floor_s: i64) {
        self.running
            .retain(|_, followed| followed.start_s >= floor_s);
        self.known.retain(|(_, until_s)| *until_s > floor_s);
        self.overflowed &= self.running.len() >= MOST;
    }

    /// What is told at a time of which the last was read up to `read_s`; `None` while nothing is known, or the API lists
    /// none that run.
    ///
    /// # Errors
    /// More run than are followed.
    pub fn reading(&self, now_s: i64, read_s: i64) -> Option<Result<Reading, String>> {
        let from_s = read_s - KNOWN_S;
        let known = self
            .known
            .iter()
            .any(|(from, until)| *from <= from_s && *until >= read_s);
        if !self.listed || !known {
            return None;
        }
        if self.overflowed {
            return Some(Err(format!("more than {MOST} conversations run at once")));
        }
        Some(Ok(call_details(self.running.values(), now_s)))
    }

    fn know(&mut self, from_s: i64, until_s: i64) {
        let (mut from, mut until) = (from_s, until_s);
        self.known.retain(|&(other_from, other_until)| {
            let apart = other_until < from || until < other_from;
            if !apart {
                (from, until) = (from.min(other_from), until.max(other_until));
            }
            apart
        });
        let place = self.known.partition_point(|(other, _)| *other < from);
        self.known.insert(place, (from, until));
    }
}
