//! One account's own metrics. What happens to it is one call each; what stands at a level is a gauge to set.

use super::Vocabulary;
use crate::ledger::Measure;
use crate::metrics::table::{Metric, own};
use prometheus::core::Collector;
use prometheus::{
    Counter, Gauge, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, Opts, Registry,
    Result,
};
use std::time::Duration;

/// How a poll ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PollResult {
    Ok,
    /// Some of what was planned could not be read.
    Partial,
    /// Nothing could be read.
    Failed,
    /// Read, but not to be committed.
    StoreFailed,
}

impl PollResult {
    pub const ALL: [PollResult; 4] = [
        PollResult::Ok,
        PollResult::Partial,
        PollResult::Failed,
        PollResult::StoreFailed,
    ];

    /// The label.
    pub fn as_str(self) -> &'static str {
        match self {
            PollResult::Ok => "ok",
            PollResult::Partial => "partial",
            PollResult::Failed => "failed",
            PollResult::StoreFailed => "store_failed",
        }
    }
}

const RECORD_RESULTS: [&str; 3] = ["applied", "unchanged", "rejected"];

/// From one request on the same machine to a poll that waits for its budget for minutes. A percentile is read within
/// one bucket, so there are buckets where polls are usual: a few requests of a tenth of a second to a second each.
const POLL_BOUNDS_S: [f64; 19] = [
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 0.75, 1.0, 1.5, 2.5, 5.0, 10.0, 30.0,
    60.0, 120.0, 300.0,
];

/// From a few milliseconds to beyond any sensible request timeout.
const REQUEST_BOUNDS_S: [f64; 18] = [
    0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.25, 0.375, 0.5, 0.75, 1.0, 2.5, 5.0,
    10.0, 30.0, 60.0,
];

/// A durable commit takes about half a millisecond on a good disk; a second means trouble.
const COMMIT_BOUNDS_S: [f64; 11] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5,
];

/// Public fields are set, or added to, by whoever knows the value; see the metrics table for what each means.
#[derive(Debug)]
pub struct AccountMetrics {
    registry: Registry,
    up: IntGauge,
    polls: IntCounterVec,
    poll_duration: Histogram,
    last_success: IntGauge,
    requests: IntCounterVec,
    request_duration: Histogram,
    records: IntCounterVec,
    rejected_values: IntCounterVec,
    revised_facts: IntCounterVec,
    series_overflow: IntCounterVec,
    commit_duration: Histogram,
    store_errors: IntCounter,
    /// UTC seconds.
    pub newest_conversation: IntGauge,
    /// 0 or 1.
    pub catching_up: IntGauge,
    /// Seconds.
    pub coverage_overdue: Gauge,
    /// Requests per minute.
    pub budget: Gauge,
    /// Seconds.
    pub throttled: Counter,
    pub never_ended: IntCounter,
    /// Seconds of the past that nobody will read any more.
    pub unread_seconds: IntCounter,
    pub windows_split: IntCounter,
    pub windows_truncated: IntCounter,
    /// Seconds ahead of UTC.
    pub response_utc_offset: IntGauge,
    pub tracked_conversations: IntGauge,
}

impl AccountMetrics {
    pub(super) fn new(vocabulary: &Vocabulary) -> Result<AccountMetrics> {
        let to = &Registry::new();
        let overflowing = Measure::ALL.iter().map(|measure| measure.metric().name);
        Ok(AccountMetrics {
            up: gauge(to, &own::UP)?,
            polls: counters(to, &own::POLLS, PollResult::ALL.map(PollResult::as_str))?,
            poll_duration: histogram(to, &own::POLL_DURATION, &POLL_BOUNDS_S)?,
            last_success: gauge(to, &own::LAST_SUCCESS)?,
            requests: counters(to, &own::REQUESTS, vocabulary.requests.iter().copied())?,
            request_duration: histogram(to, &own::REQUEST_DURATION, &REQUEST_BOUNDS_S)?,
            records: counters(to, &own::RECORDS, RECORD_RESULTS)?,
            rejected_values: counters(
                to,
                &own::REJECTED_VALUES,
                vocabulary.fields.iter().copied(),
            )?,
            revised_facts: counters(to, &own::REVISED_FACTS, vocabulary.facts.iter().copied())?,
            series_overflow: counters(to, &own::SERIES_OVERFLOW, overflowing)?,
            commit_duration: histogram(to, &own::COMMIT_DURATION, &COMMIT_BOUNDS_S)?,
            store_errors: counter(to, &own::STORE_ERRORS)?,
            newest_conversation: gauge(to, &own::NEWEST_CONVERSATION)?,
            catching_up: gauge(to, &own::CATCHING_UP)?,
            coverage_overdue: registered(to, Gauge::with_opts(opts(&own::COVERAGE_OVERDUE))?)?,
            budget: registered(to, Gauge::with_opts(opts(&own::BUDGET))?)?,
            throttled: registered(to, Counter::with_opts(opts(&own::THROTTLED))?)?,
            never_ended: counter(to, &own::NEVER_ENDED)?,
            unread_seconds: counter(to, &own::UNREAD_SECONDS)?,
            windows_split: counter(to, &own::WINDOWS_SPLIT)?,
            windows_truncated: counter(to, &own::WINDOWS_TRUNCATED)?,
            response_utc_offset: gauge(to, &own::RESPONSE_UTC_OFFSET)?,
            tracked_conversations: gauge(to, &own::TRACKED_CONVERSATIONS)?,
            registry: to.clone(),
        })
    }

    /// A poll ended. `now_s` is UTC seconds.
    pub fn polled(&self, result: PollResult, took: Duration, now_s: i64) {
        self.polls.with_label_values(&[result.as_str()]).inc();
        self.poll_duration.observe(took.as_secs_f64());
        self.up.set(i64::from(result == PollResult::Ok));
        if result == PollResult::Ok {
            self.last_success.set(now_s);
        }
    }

    /// An attempt at a request ended, with one of [`Vocabulary::requests`].
    pub fn requested(&self, result: &'static str, took: Duration) {
        self.requests.with_label_values(&[result]).inc();
        self.request_duration.observe(took.as_secs_f64());
    }

    /// Records were received.
    pub fn received(&self, applied: u64, unchanged: u64, rejected: u64) {
        for (result, records) in RECORD_RESULTS.iter().zip([applied, unchanged, rejected]) {
            self.records.with_label_values(&[result]).inc_by(records);
        }
    }

    /// Values of a field were refused.
    pub fn rejected_values(&self, field: &'static str, values: u64) {
        self.rejected_values
            .with_label_values(&[field])
            .inc_by(values);
    }

    /// Counted facts of a kind read differently now, or vanished.
    pub fn revised(&self, fact: &'static str, facts: u64) {
        self.revised_facts.with_label_values(&[fact]).inc_by(facts);
    }

    /// A commit is on disk.
    pub fn committed(&self, took: Duration) {
        self.commit_duration.observe(took.as_secs_f64());
    }

    /// A commit failed: down until a poll succeeds.
    pub fn store_failed(&self) {
        self.store_errors.inc();
        self.up.set(0);
    }

    /// 1 while the last poll succeeded and the store can be written.
    pub fn is_up(&self) -> bool {
        self.up.get() == 1
    }

    /// UTC seconds of the last success; `None` before the first.
    pub fn last_success_s(&self) -> Option<i64> {
        Some(self.last_success.get()).filter(|seconds| *seconds != 0)
    }

    /// Totals of what was counted under `__overflow__`, of a View.
    pub(in crate::metrics) fn overflowed(&self, totals: &[(Measure, u64)]) {
        for (measure, total) in totals {
            let name = measure.metric().name;
            let shown = self.series_overflow.with_label_values(&[name]);
            shown.inc_by(total.saturating_sub(shown.get()));
        }
    }

    pub(super) fn gather(&self) -> Vec<prometheus::proto::MetricFamily> {
        self.registry.gather()
    }
}

fn opts(metric: &Metric) -> Opts {
    Opts::new(metric.name, metric.help)
}

fn registered<C: Collector + Clone + 'static>(to: &Registry, collector: C) -> Result<C> {
    to.register(Box::new(collector.clone()))?;
    Ok(collector)
}

fn gauge(to: &Registry, metric: &Metric) -> Result<IntGauge> {
    registered(to, IntGauge::with_opts(opts(metric))?)
}

fn counter(to: &Registry, metric: &Metric) -> Result<IntCounter> {
    registered(to, IntCounter::with_opts(opts(metric))?)
}

/// One counter for each of the label's values, at 0.
fn counters<'v>(
    to: &Registry,
    metric: &Metric,
    values: impl IntoIterator<Item = &'v str>,
) -> Result<IntCounterVec> {
    let counters = IntCounterVec::new(opts(metric), metric.labels)?;
    for value in values {
        counters.get_metric_with_label_values(&[value])?;
    }
    registered(to, counters)
}

fn histogram(to: &Registry, metric: &Metric, bounds_s: &[f64]) -> Result<Histogram> {
    let opts = HistogramOpts::new(metric.name, metric.help).buckets(bounds_s.to_vec());
    registered(to, Histogram::with_opts(opts)?)
}
