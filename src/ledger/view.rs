//! What one account shows: committed numbers with their final label values.

use super::Measure;
use std::sync::Arc;

/// A snapshot of one account, ready to be rendered. Made from committed state only.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// The `account` label.
    pub account: Arc<str>,
    /// Whether counting has begun to show: the first read-through of `initial_lookback` is done.
    pub counting: bool,
    /// Counters and histograms; empty until [`View::counting`].
    pub sums: Vec<Sample>,
    /// Recent gauges, targets, queue names.
    pub gauges: Vec<Sample>,
    /// Label sets folded into `__overflow__` so far, per measure.
    pub overflowed: Vec<(Measure, u64)>,
}

/// One series. No two of a View share measure and labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    pub measure: Measure,
    /// Values in the order of the metrics table's labels, without `account`; unescaped.
    pub labels: Vec<Arc<str>>,
    pub value: Value,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Count(u64),
    /// Of a counter of time.
    Millis(u64),
    Gauge(f64),
    /// Observations per bucket (not cumulative; the last is +Inf), and their sum in milliseconds.
    Histogram {
        buckets: Vec<u64>,
        sum_millis: u64,
    },
}
