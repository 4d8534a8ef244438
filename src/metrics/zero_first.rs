//! First increments are not lost to `rate()`.
//!
//! Prometheus counts an increase from one sample to the next. A series that appears with the value 3 was never seen at
//! 0, so its first three increments would be lost. So a series that appears later than its account's first publication
//! stands at 0 for a while, and shows its value from then on.
//!
//! Invariant: what was shown is never held again, so no counter falls. Not here: the clock, rendering.

use super::table::{self, QUEUE};
use crate::ledger::{Measure, Sample};
use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

type Labels = Vec<Arc<str>>;

/// One account's series that stand at 0. Bounded by the series that appeared within one `zero_first`.
#[derive(Debug, Default)]
pub(super) struct Held {
    until: HashMap<Measure, HashMap<Labels, Instant>>,
}

impl Held {
    /// Takes note of what appears in `current` and was not in `previous`: one account's counters and histograms, sorted
    /// by [`order`].
    pub(super) fn note(
        &mut self,
        previous: &[Sample],
        current: &[Sample],
        now: Instant,
        zero_first: Duration,
    ) {
        let (vanished, appeared) = differences(previous, current);
        if zero_first.is_zero() || appeared.is_empty() {
            return;
        }
        let vanished = self.places(&vanished);
        for sample in appeared {
            let until = match vanished.get(&beside_queue(sample)) {
                Some(until) => *until,
                None => Some(now + zero_first),
            };
            if let Some(until) = until {
                let held = self.until.entry(sample.measure).or_default();
                held.insert(sample.labels.clone(), until);
            }
        }
    }

    /// Where series vanished, and until when they stood at 0, if they did.
    ///
    /// A queue is shown by its id until its name is learned. Then the series of the id vanishes, and one of the name
    /// appears that brings the counts along. Shown at 0 first, they would count as a second increase. So a series that
    /// appears where one vanished that differs from it in the queue alone goes on as that one was: shown, or held for
    /// what was left of its time.
    fn places<'s>(&self, vanished: &[&'s Sample]) -> HashMap<Place<'s>, Option<Instant>> {
        let mut places = HashMap::new();
        for sample in vanished {
            let until = self.held_until(sample);
            places
                .entry(beside_queue(sample))
                .and_modify(|earliest| *earliest = until.min(*earliest))
                .or_insert(until);
        }
        places
    }

    /// Forgets the series whose time has come, and tells of which measures they are.
    pub(super) fn release(&mut self, now: Instant) -> BTreeSet<Measure> {
        let mut released = BTreeSet::new();
        self.until.retain(|measure, series| {
            let before = series.len();
            series.retain(|_, until| *until > now);
            if series.len() < before {
                released.insert(*measure);
            }
            !series.is_empty()
        });
        released
    }

    pub(super) fn holds(&self, sample: &Sample) -> bool {
        self.held_until(sample).is_some()
    }

    fn held_until(&self, sample: &Sample) -> Option<Instant> {
        self.until
            .get(&sample.measure)?
            .get(sample.labels.as_slice())
            .copied()
    }
}

/// The order of a page: by measure, then by labels.
pub(super) fn order(one: &Sample, other: &Sample) -> Ordering {
    let place = |sample: &Sample| table::place(sample.measure);
    place(one)
        .cmp(&place(other))
        .then_with(|| one.labels.cmp(&other.labels))
}

/// What is in the first list alone, and what in the second alone; both are sorted.
fn differences<'s>(
    first: &'s [Sample],
    second: &'s [Sample],
) -> (Vec<&'s Sample>, Vec<&'s Sample>) {
    let (mut only_first, mut only_second) = (Vec::new(), Vec::new());
    let (mut first, mut second) = (first.iter().peekable(), second.iter().peekable());
    loop {
        let ordering = match (first.peek(), second.peek()) {
            (None, None) => return (only_first, only_second),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(one), Some(other)) => order(one, other),
        };
        if ordering.is_eq() {
            first.next();
            second.next();
        } else if ordering.is_lt() {
            only_first.extend(first.next());
        } else {
            only_second.extend(second.next());
        }
    }
}

/// A series but for its queue.
type Place<'s> = (Measure, Vec<&'s Arc<str>>);

fn beside_queue(sample: &Sample) -> Place<'_> {
    let names = sample.measure.metric().labels.iter();
    let labels = names
        .zip(&sample.labels)
        .filter(|(name, _)| **name != QUEUE);
    (sample.measure, labels.map(|(_, label)| label).collect())
}
