//! From a new fact to the quarter of an hour in which its conversation began.

use super::Draft;
use crate::fact::Fact;
use crate::ledger::entry::Counted;
use crate::ledger::quarters::{Began, Place, Quarter, oldest_kept_s, quarter_of};
use crate::ledger::seen::Was;

impl<'a> Draft<'a> {
    /// A conversation of which nobody knows when it began is in no quarter, as it is in none of the vendor's totals.
    pub(super) fn began(&mut self, start_s: Option<i64>, counted: &Counted, fact: &Fact<'a>) {
        let Some(place) = Place::of(fact.kind, fact.text) else {
            return;
        };
        let began = self.place(counted, fact);
        if let Some(quarter) = self.quarter(start_s) {
            quarter.count(began, place);
        }
    }

    /// The same of one that was counted and reads otherwise now.
    pub(super) fn began_otherwise(
        &mut self,
        start_s: Option<i64>,
        counted: &Counted,
        fact: &Fact<'a>,
        was: Was,
    ) {
        let Was::Read(before) = was else {
            return;
        };
        let from = Place::of(fact.kind, self.interner.text(before.word));
        let Some((from, to)) = from.zip(Place::of(fact.kind, fact.text)) else {
            return;
        };
        let began = self.place(counted, fact);
        if let Some(quarter) = self.quarter(start_s) {
            quarter.correct(began, from, to);
        }
    }

    fn place(&mut self, counted: &Counted, fact: &Fact<'a>) -> Began {
        Began {
            channel: counted.channel,
            queue: fact.queue.map_or(counted.queue, |queue| self.queue(queue)),
            direction: counted.direction,
        }
    }

    fn quarter(&mut self, start_s: Option<i64>) -> Option<&mut Quarter> {
        let start_s = quarter_of(start_s?);
        let base = self.ledger.quarters.get(start_s);
        let quarter = self.quarters.entry(start_s);
        Some(quarter.or_insert_with(|| base.cloned().unwrap_or_default()))
    }

    /// Those that changed and are not too old, and from when on they are remembered.
    pub(super) fn quarters(&mut self) -> (Vec<(i64, Quarter)>, Option<i64>) {
        let drafted = std::mem::take(&mut self.quarters);
        let newest_s = drafted.last_key_value().map(|(start_s, _)| *start_s);
        let newest_s = newest_s.max(self.ledger.quarters.newest_s());
        let from_s = newest_s.map(oldest_kept_s);
        let kept = |(start_s, quarter): &(i64, Quarter)| {
            from_s.is_none_or(|from_s| *start_s >= from_s)
                && self.ledger.quarters.get(*start_s) != Some(quarter)
        };
        let changed: Vec<_> = drafted.into_iter().filter(kept).collect();
        let from_s = from_s.filter(|_| !changed.is_empty());
        (changed, from_s)
    }
}
