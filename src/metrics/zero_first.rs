//! First increments are not lost to `rate()`: a series that appears later stands at 0 for a while before it shows
//! its value, since Prometheus counts an increase only from one sample to the next.
//!
//! Invariant: what was shown is never held again, so no counter falls. Not here: the clock, rendering.

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
        if zero_first.is_zero() {
            return;
        }
        let known: HashSet<(Measure, &[Arc<str>])> = previous
            .iter()
            .map(|sample| (sample.measure, sample.labels.as_slice()))
            .collect();
        for sample in current {
            if !known.contains(&(sample.measure, sample.labels.as_slice())) {
                self.until
                    .entry(sample.measure)
                    .or_default()
                    .entry(sample.labels.clone())
                    .or_insert(now + zero_first);
            }
        }
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
        self.until
            .get(&sample.measure)
            .is_some_and(|series| series.contains_key(sample.labels.as_slice()))
    }

    /// When the next series shows its value.
    pub(super) fn next_change(&self) -> Option<Instant> {
        self.until.values().flat_map(HashMap::values).min().copied()
    }

    fn len(&self) -> usize {
        self.until.values().map(HashMap::len).sum()
    }
}
