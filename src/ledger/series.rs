//! Sums: what the counters and histograms stand at.

use super::measure::Measure;
use super::symbols::Sym;
use rustc_hash::FxHashMap;

/// One stored sum. Queues stand as the record has them, by id and name; names are resolved when published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesKey {
    pub measure: Measure,
    pub channel: Sym,
    pub queue: QueueSym,
    /// The measure's own labels, in the metrics table's order: direction, outcome, event and the like.
    pub own: [Sym; 2],
    pub agent: Sym,
}

/// A queue by its symbols. Both absent: `none`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct QueueSym {
    pub id: Sym,
    pub name: Sym,
}

impl QueueSym {
    pub const OVERFLOW: QueueSym = QueueSym {
        id: Sym::ABSENT,
        name: Sym::OVERFLOW,
    };

    pub fn is_none(self) -> bool {
        self.id.is_absent() && self.name.is_absent()
    }
}

impl SeriesKey {
    /// The one series that takes what `max_series_per_metric` leaves no room for.
    pub fn overflow(measure: Measure) -> SeriesKey {
        SeriesKey {
            measure,
            channel: Sym::OVERFLOW,
            queue: QueueSym::OVERFLOW,
            own: [Sym::OVERFLOW; 2],
            agent: Sym::ABSENT,
        }
    }
}

/// Sums are integers, so that no order of additions changes them: counts, and observations in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sum {
    Count(u64),
    Histogram { buckets: Vec<u64>, sum_millis: u64 },
}

impl Sum {
    pub fn zero(measure: Measure) -> Sum {
        match measure.bounds_s() {
            None => Sum::Count(0),
            Some(bounds) => Sum::Histogram {
                buckets: vec![0; bounds.len() + 1],
                sum_millis: 0,
            },
        }
    }

    /// Counts one; of a histogram, one observation of `millis`.
    pub fn observe(&mut self, measure: Measure, millis: u64) {
        match self {
            Sum::Count(count) => *count = count.saturating_add(1),
            Sum::Histogram {
                buckets,
                sum_millis,
            } => {
                let bounds = measure.bounds_s().unwrap_or_default();
                let at = bounds.partition_point(|bound| bound * 1000 < millis);
                buckets[at] = buckets[at].saturating_add(1);
                *sum_millis = sum_millis.saturating_add(millis);
            }
        }
    }

    pub fn add(&mut self, other: &Sum) {
        match (self, other) {
            (Sum::Count(count), Sum::Count(more)) => *count = count.saturating_add(*more),
            (
                Sum::Histogram {
                    buckets,
                    sum_millis,
                },
                Sum::Histogram {
                    buckets: more,
                    sum_millis: more_millis,
                },
            ) => {
                for (count, more) in buckets.iter_mut().zip(more) {
                    *count = count.saturating_add(*more);
                }
                *sum_millis = sum_millis.saturating_add(*more_millis);
            }
            // One key is one measure is one kind: the two never meet.
            _ => {}
        }
    }

    /// How many increments or observations it holds.
    pub fn count(&self) -> u64 {
        match self {
            Sum::Count(count) => *count,
            Sum::Histogram { buckets, .. } => buckets.iter().sum(),
        }
    }
}

/// All sums of one account, and how many label sets each measure has.
#[derive(Debug, Clone, Default)]
pub struct Sums {
    sums: FxHashMap<SeriesKey, Sum>,
    sets: FxHashMap<Measure, usize>,
}

impl Sums {
    pub fn get(&self, key: &SeriesKey) -> Option<&Sum> {
        self.sums.get(key)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&SeriesKey, &Sum)> {
        self.sums.iter()
    }

    /// Label sets of a measure, the overflow series not among them.
    pub fn sets(&self, measure: Measure) -> usize {
        self.sets.get(&measure).copied().unwrap_or(0)
    }

    /// Puts a committed sum in the place of the one before.
    pub fn set(&mut self, key: SeriesKey, sum: Sum) {
        if self.sums.insert(key, sum).is_none() && key != SeriesKey::overflow(key.measure) {
            *self.sets.entry(key.measure).or_default() += 1;
        }
    }
}
