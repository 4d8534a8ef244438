//! Views to render: one of everything, and any of hostile values.

use crate::ledger::{Measure, Sample, Value, View};
use crate::metrics::table::{ACCOUNT, MetricKind};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A View that shows every metric.
pub(super) fn full_view(account: &str) -> View {
    let samples: Vec<Sample> = Measure::ALL
        .iter()
        .map(|measure| Sample {
            measure: *measure,
            labels: measure
                .metric()
                .labels
                .iter()
                .map(|label| Arc::from(format!("some {label}")))
                .collect(),
            value: some_value(*measure, 7),
        })
        .collect();
    let (gauges, sums) = samples
        .into_iter()
        .partition(|sample| matches!(sample.value, Value::Gauge(_)));
    View {
        account: account.into(),
        counting: true,
        sums,
        gauges,
        overflowed: Vec::new(),
    }
}

fn some_value(measure: Measure, seed: u64) -> Value {
    match (measure.metric().kind, measure.bounds_s()) {
        (MetricKind::Histogram, Some(bounds)) => {
            let buckets: Vec<u64> = (0..=bounds.len() as u64)
                .map(|bucket| (seed * bucket) % 5)
                .collect();
            Value::Histogram {
                buckets,
                sum_millis: seed * 1_234_567,
            }
        }
        (MetricKind::Gauge, _) => Value::Gauge(seed as f64 / 8.0),
        _ if measure.counts_time() => Value::Millis(seed),
        _ => Value::Count(seed),
    }
}

/// Values that break encoders: quotes, escapes, line ends, braces, other scripts, nothing at all.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("\\".to_owned()),
        Just("\\n".to_owned()),
        Just("a\nb\"c\\d".to_owned()),
        Just("} 1\n# TYPE x counter".to_owned()),
        Just("\r\t\u{0}\u{2028}".to_owned()),
        "[a-z\"\\\\\n{},= é通]{0,8}",
        any::<String>(),
    ]
}

fn sample() -> impl Strategy<Value = Sample> {
    (
        prop::sample::select(Measure::ALL),
        prop::collection::vec(hostile(), 6),
        0u64..1_000_000,
    )
        .prop_map(|(measure, texts, seed)| Sample {
            measure,
            labels: texts
                .into_iter()
                .take(measure.metric().labels.len())
                .map(Arc::from)
                .collect(),
            value: some_value(measure, seed),
        })
}

/// Views of two accounts, no two series of one alike.
pub(super) fn views() -> impl Strategy<Value = Vec<View>> {
    let view = |account: &'static str| {
        prop::collection::vec(sample(), 0..16).prop_map(move |samples| {
            let mut seen = BTreeSet::new();
            let distinct = samples
                .into_iter()
                .filter(|sample| seen.insert((sample.measure, labels_of("", sample))));
            let (gauges, sums) =
                distinct.partition(|sample| matches!(sample.value, Value::Gauge(_)));
            View {
                account: account.into(),
                counting: true,
                sums,
                gauges,
                overflowed: Vec::new(),
            }
        })
    };
    (view("acme \"north\""), view("other")).prop_map(|(one, other)| vec![one, other])
}

pub(super) fn labels_of(account: &str, sample: &Sample) -> BTreeMap<String, String> {
    let labels = sample.measure.metric().labels;
    let names = [ACCOUNT].into_iter().chain(labels.iter().copied());
    let values = [account]
        .into_iter()
        .chain(sample.labels.iter().map(|value| &**value));
    names
        .zip(values)
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}
