//! The witness: the `prometheus` crate's own encoder on the same series.

use super::samples::labels_of;
use crate::ledger::{Sample, Value, View};
use crate::metrics::table::MetricKind;
use prometheus::{Encoder, TextEncoder, proto};
use std::collections::BTreeMap;

pub(super) fn encoded_by_the_crate(views: &[View]) -> String {
    let mut families: BTreeMap<&str, proto::MetricFamily> = BTreeMap::new();
    for view in views {
        for sample in view.sums.iter().chain(&view.gauges) {
            let metric = sample.measure.metric();
            let family = families.entry(metric.name).or_default();
            family.set_name(metric.name.to_owned());
            family.set_help(metric.help.to_owned());
            family.set_field_type(match metric.kind {
                MetricKind::Counter => proto::MetricType::COUNTER,
                MetricKind::Gauge => proto::MetricType::GAUGE,
                MetricKind::Histogram => proto::MetricType::HISTOGRAM,
            });
            family
                .mut_metric()
                .push(series_of_the_crate(&view.account, sample));
        }
    }
    let families: Vec<proto::MetricFamily> = families.into_values().collect();
    let mut page = Vec::new();
    TextEncoder::new().encode(&families, &mut page).unwrap();
    String::from_utf8(page).unwrap()
}

fn series_of_the_crate(account: &str, sample: &Sample) -> proto::Metric {
    let label = |(name, value): (String, String)| {
        let mut label = proto::LabelPair::default();
        label.set_name(name);
        label.set_value(value);
        label
    };
    let mut series =
        proto::Metric::from_label(labels_of(account, sample).into_iter().map(label).collect());
    match &sample.value {
        Value::Count(count) => {
            let mut counter = proto::Counter::default();
            counter.set_value(*count as f64);
            series.set_counter(counter);
        }
        Value::Millis(millis) => {
            let mut counter = proto::Counter::default();
            counter.set_value(*millis as f64 / 1000.0);
            series.set_counter(counter);
        }
        Value::Gauge(value) => {
            let mut gauge = proto::Gauge::default();
            gauge.set_value(*value);
            series.set_gauge(gauge);
        }
        Value::Histogram {
            buckets,
            sum_millis,
        } => {
            let mut up_to = 0;
            let bounds = sample.measure.bounds_s().unwrap();
            let bucket = |(bound, observations): (&u64, &u64)| {
                up_to += observations;
                let mut bucket = proto::Bucket::default();
                bucket.set_upper_bound(*bound as f64);
                bucket.set_cumulative_count(up_to);
                bucket
            };
            let mut histogram = proto::Histogram::default();
            histogram.set_bucket(bounds.iter().zip(buckets).map(bucket).collect());
            histogram.set_sample_count(buckets.iter().sum());
            histogram.set_sample_sum(*sum_millis as f64 / 1000.0);
            series.set_histogram(histogram);
        }
    }
    series
}
