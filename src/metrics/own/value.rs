//! Values that threads count together, and how each is written on a page.

use crate::ledger::{MetricKind, OVERFLOW};
use crate::metrics::text::{self, Encoder};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::sync::{PoisonError, RwLock};

/// One account's value of one own metric.
pub(super) trait Value {
    /// Its series; `label` is the metric's own label, empty where it has none.
    fn render(&self, page: &mut Encoder, account: (&str, &str), label: &str);
}

/// Counts whole things. Never falls.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

/// Adds up seconds. Never falls.
#[derive(Debug, Default)]
pub struct Seconds(Real);

/// A whole number that goes up and down.
#[derive(Debug, Default)]
pub struct Level(AtomicI64);

/// A number that goes up and down.
#[derive(Debug, Default)]
pub struct Amount(Real);

/// A [`Count`] for each of a closed set of label values.
#[derive(Debug)]
pub struct Counts(Vec<(&'static str, Count)>);

/// How long things took, in buckets.
#[derive(Debug)]
pub struct Timings {
    bounds_s: &'static [f64],
    /// As printed; the last is `+Inf`.
    printed: Vec<String>,
    buckets: Vec<AtomicU64>,
    sum_s: Real,
}

/// [`Timings`] for each of an open set of label values.
#[derive(Debug)]
pub struct TimingsBy {
    bounds_s: &'static [f64],
    by: RwLock<BTreeMap<String, Timings>>,
}

/// Label values that have timings of their own; what comes beyond is timed together.
const MOST_TIMED: usize = 100;

impl Count {
    pub const KIND: MetricKind = MetricKind::Counter;

    pub(super) fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }

    pub fn inc(&self) {
        self.inc_by(1);
    }

    pub fn inc_by(&self, more: u64) {
        self.0.fetch_add(more, Relaxed);
    }

    /// For totals that are counted elsewhere.
    pub fn raise_to(&self, total: u64) {
        self.0.fetch_max(total, Relaxed);
    }
}

impl Seconds {
    pub const KIND: MetricKind = MetricKind::Counter;

    pub fn inc_by(&self, more: f64) {
        self.0.add(more);
    }
}

impl Level {
    pub const KIND: MetricKind = MetricKind::Gauge;

    pub fn set(&self, value: i64) {
        self.0.store(value, Relaxed);
    }

    pub(super) fn get(&self) -> i64 {
        self.0.load(Relaxed)
    }
}

impl Amount {
    pub const KIND: MetricKind = MetricKind::Gauge;

    pub fn set(&self, value: f64) {
        self.0.set(value);
    }
}

impl Counts {
    pub const KIND: MetricKind = MetricKind::Counter;

    pub(super) fn new(values: impl IntoIterator<Item = &'static str>) -> Counts {
        Counts(
            values
                .into_iter()
                .map(|value| (value, Count::default()))
                .collect(),
        )
    }

    /// The count of a label value. One that is not of the set has none, and no series.
    pub fn of(&self, value: &str) -> Option<&Count> {
        let mut counts = self.0.iter();
        counts
            .find(|(known, _)| *known == value)
            .map(|(_, count)| count)
    }

    pub fn inc_by(&self, value: &str, more: u64) {
        if let Some(count) = self.of(value) {
            count.inc_by(more);
        }
    }
}

impl Timings {
    pub const KIND: MetricKind = MetricKind::Histogram;

    pub(super) fn new(bounds_s: &'static [f64]) -> Timings {
        let bounds = bounds_s.iter().copied().chain([f64::INFINITY]);
        Timings {
            bounds_s,
            printed: bounds.clone().map(text::bound).collect(),
            buckets: bounds.map(|_| AtomicU64::new(0)).collect(),
            sum_s: Real::default(),
        }
    }

    pub fn observe(&self, seconds: f64) {
        let bucket = self.bounds_s.partition_point(|bound| *bound < seconds);
        self.buckets[bucket].fetch_add(1, Relaxed);
        self.sum_s.add(seconds);
    }
}

impl TimingsBy {
    pub const KIND: MetricKind = MetricKind::Histogram;

    pub(super) fn new(bounds_s: &'static [f64]) -> TimingsBy {
        let by = RwLock::default();
        TimingsBy { bounds_s, by }
    }

    pub fn observe(&self, label: &str, seconds: f64) {
        let known = self.by.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(timings) = known.get(label) {
            return timings.observe(seconds);
        }
        drop(known);
        let mut by = self.by.write().unwrap_or_else(PoisonError::into_inner);
        let label = if by.len() < MOST_TIMED {
            label
        } else {
            OVERFLOW
        };
        by.entry(label.to_owned())
            .or_insert_with(|| Timings::new(self.bounds_s))
            .observe(seconds);
    }
}

/// An `f64` in the bits of an atomic integer.
#[derive(Debug, Default)]
struct Real(AtomicU64);

impl Real {
    fn get(&self) -> f64 {
        f64::from_bits(self.0.load(Relaxed))
    }

    fn set(&self, value: f64) {
        self.0.store(value.to_bits(), Relaxed);
    }

    fn add(&self, more: f64) {
        let sum = |bits| Some((f64::from_bits(bits) + more).to_bits());
        // The closure always gives a value, so it cannot fail.
        let _ = self.0.fetch_update(Relaxed, Relaxed, sum);
    }
}

impl Value for Count {
    fn render(&self, page: &mut Encoder, account: (&str, &str), _: &str) {
        page.labels([account]);
        page.count(self.0.load(Relaxed));
    }
}

impl Value for Level {
    fn render(&self, page: &mut Encoder, account: (&str, &str), _: &str) {
        page.labels([account]);
        page.number(self.get() as f64);
    }
}

impl Value for Seconds {
    fn render(&self, page: &mut Encoder, account: (&str, &str), _: &str) {
        page.labels([account]);
        page.number(self.0.get());
    }
}

impl Value for Amount {
    fn render(&self, page: &mut Encoder, account: (&str, &str), _: &str) {
        page.labels([account]);
        page.number(self.0.get());
    }
}

impl Value for Counts {
    fn render(&self, page: &mut Encoder, account: (&str, &str), label: &str) {
        for (value, count) in &self.0 {
            page.labels([account, (label, value)]);
            page.count(count.0.load(Relaxed));
        }
    }
}

impl Value for TimingsBy {
    fn render(&self, page: &mut Encoder, account: (&str, &str), label: &str) {
        let by = self.by.read().unwrap_or_else(PoisonError::into_inner);
        for (value, timings) in by.iter() {
            page.labels([account, (label, value)]);
            timings.render_values(page);
        }
    }
}

impl Value for Timings {
    fn render(&self, page: &mut Encoder, account: (&str, &str), _: &str) {
        page.labels([account]);
        self.render_values(page);
    }
}

impl Timings {
    fn render_values(&self, page: &mut Encoder) {
        let mut observations = 0;
        let buckets = self.printed.iter().zip(&self.buckets);
        page.buckets(buckets.map(|(bound, bucket)| {
            observations += bucket.load(Relaxed);
            (bound.as_str(), observations)
        }));
        page.sum_seconds(self.sum_s.get());
        page.observations(observations);
    }
}
