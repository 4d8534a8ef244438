//! First increments are not lost to `rate()`: a series that appears later stands at 0 for a while before it shows
//! its value, since Prometheus counts an increase only from one sample to the next.
//!
//! Invariant: what was shown is never held again, so no counter falls. Not here: the clock, rendering.

use super::table;
use crate::ledger::{Measure, Sample};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

type Labels = Vec<Arc<str>>;

/// One account's series that stand at 0. Bounded by the series that appeared within one `zero_first`.
#[derive(Debug, Default)]
pub(super) struct Held {
    until: HashMap<Measure, HashMap<Labels, Instant>>,
}

impl Held {
    /// Takes note of what appears in `current` and was not in `previous`, both one account's counters and histograms.
    pub(super) fn note(
        &mut self,
        previous: &[Sample],
        current: &[Sample],
        now: Instant,
        zero_first: Duration,
    ) {
        let appeared = without(current, previous);
        if zero_first.is_zero() || appeared.is_empty() {
            return;
        }
        let vanished = self.vanished(previous, current);
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

    /// The places in which a series is there no more, because the name of its queue was learned, and until when it
    /// stood at 0. The series that takes over brings its counts along: from 0 they would count as a second increase.
    fn vanished<'s>(
        &self,
        previous: &'s [Sample],
        current: &[Sample],
    ) -> HashMap<Place<'s>, Option<Instant>> {
        let mut places = HashMap::new();
        for sample in without(previous, current) {
            let until = self.held_until(sample);
            places
                .entry(beside_queue(sample))
                .and_modify(|earliest| *earliest = until.min(*earliest))
                .or_insert(until);
        }
        places
    }

    /// Forgets the series whose time has come; true if there were any.
    pub(super) fn release(&mut self, now: Instant) -> bool {
        let before = self.len();
        self.until.retain(|_, series| {
            series.retain(|_, until| *until > now);
            !series.is_empty()
        });
        self.len() < before
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

    /// When the next series shows its value.
    pub(super) fn next_change(&self) -> Option<Instant> {
        self.until.values().flat_map(HashMap::values).min().copied()
    }

    fn len(&self) -> usize {
        self.until.values().map(HashMap::len).sum()
    }
}

/// A series but for its queue.
type Place<'s> = (Measure, Vec<&'s Arc<str>>);

fn beside_queue(sample: &Sample) -> Place<'_> {
    let names = sample.measure.metric().labels;
    let queue = names.iter().position(|name| *name == table::QUEUE);
    let labels = sample.labels.iter().enumerate();
    let rest = labels.filter(|(place, _)| Some(*place) != queue);
    (sample.measure, rest.map(|(_, label)| label).collect())
}

/// Those of `samples` whose series is not among `others`.
fn without<'s>(samples: &'s [Sample], others: &[Sample]) -> Vec<&'s Sample> {
    let others: HashSet<(Measure, &[Arc<str>])> = others
        .iter()
        .map(|sample| (sample.measure, sample.labels.as_slice()))
        .collect();
    let missing = |sample: &&Sample| !others.contains(&(sample.measure, sample.labels.as_slice()));
    samples.iter().filter(missing).collect()
}
