//! Families → the message of OTLP: pure.

use super::page::{Family, Series};
use crate::metrics::COUNTING_SINCE;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as AnyValue;
use opentelemetry_proto::tonic::common::v1::{AnyValue as Wrapped, InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value;
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, Gauge, Histogram, HistogramDataPoint, Metric, NumberDataPoint,
    ResourceMetrics, ScopeMetrics, Sum,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use rustc_hash::FxHashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// The exporter's own counters count from where the process does.
const PROCESS_START: &str = "process_start_time_seconds";
const OWN: [&str; 2] = ["smartassist_exporter_", "process_"];

/// When each sum that was pushed last began, and what it stood at.
#[derive(Debug, Default)]
pub(super) struct Starts {
    known: FxHashMap<u64, Known>,
    /// When the last push was made.
    last_ns: Option<u64>,
    first_ns: Option<u64>,
}

#[derive(Debug, Clone, Copy)]
struct Known {
    start_ns: u64,
    stood_at: f64,
}

/// When the sums of a page began by what the page itself says.
struct Begun {
    process_ns: u64,
    accounts: FxHashMap<String, u64>,
}

pub(super) fn request(
    families: &[Family<'_>],
    resource: &[KeyValue],
    now_ms: i64,
    starts: &mut Starts,
) -> ExportMetricsServiceRequest {
    let now_ns = u64::try_from(now_ms).unwrap_or(0).saturating_mul(1_000_000);
    let first_ns = *starts.first_ns.get_or_insert(now_ns);
    let begun = begun(families, first_ns);
    let mut known = FxHashMap::default();
    let mut metrics = Vec::with_capacity(families.len());
    for family in families {
        let mut start_ns = |series: &Series| {
            let key = key(family.name, series);
            let began = of_series(family.name, series, &begun).min(now_ns);
            let at = observed(series);
            let next = starts.next(key, began, at, now_ns);
            known.insert(key, next);
            next.start_ns
        };
        let data = match family.kind {
            "counter" => Data::Sum(Sum {
                data_points: (family.series.iter())
                    .map(|series| number(series, start_ns(series), now_ns))
                    .collect(),
                aggregation_temporality: AggregationTemporality::Cumulative.into(),
                is_monotonic: true,
            }),
            "histogram" => Data::Histogram(Histogram {
                data_points: (family.series.iter())
                    .filter_map(|series| histogram(series, start_ns(series), now_ns))
                    .collect(),
                aggregation_temporality: AggregationTemporality::Cumulative.into(),
            }),
            _ => Data::Gauge(Gauge {
                data_points: (family.series.iter())
                    .map(|series| number(series, 0, now_ns))
                    .collect(),
            }),
        };
        metrics.push(Metric {
            name: family.name.to_owned(),
            description: family.help.clone(),
            data: Some(data),
            ..Metric::default()
        });
    }
    // What is shown no more is forgotten: there is no more to remember than a page holds.
    starts.known = known;
    starts.last_ns = Some(now_ns);
    ExportMetricsServiceRequest {
        resource_metrics: vec![ResourceMetrics {
            resource: Some(Resource {
                attributes: resource.to_vec(),
                ..Resource::default()
            }),
            scope_metrics: vec![ScopeMetrics {
                scope: Some(InstrumentationScope {
                    name: env!("CARGO_PKG_NAME").to_owned(),
                    version: env!("CARGO_PKG_VERSION").to_owned(),
                    ..InstrumentationScope::default()
                }),
                metrics,
                ..ScopeMetrics::default()
            }],
            ..ResourceMetrics::default()
        }],
    }
}

impl Starts {
    /// A start stays while the sum goes on. One that fell began anew after the push before.
    fn next(&self, key: u64, began_ns: u64, at: f64, now_ns: u64) -> Known {
        let start_ns = match self.known.get(&key) {
            Some(before) if at >= before.stood_at => before.start_ns,
            Some(_) => self.last_ns.unwrap_or(now_ns).max(began_ns),
            None => began_ns,
        };
        Known {
            // A clock that was set back takes starts with it: none lies behind its point.
            start_ns: start_ns.min(now_ns),
            stood_at: at,
        }
    }
}

fn begun(families: &[Family<'_>], first_ns: u64) -> Begun {
    let find = |name| families.iter().find(|family| family.name == name);
    let ns = |seconds: f64| (seconds * 1e3).round().max(0.0) as u64 * 1_000_000;
    let process = find(PROCESS_START).and_then(|family| family.series.first());
    let accounts = find(COUNTING_SINCE).map_or(&[][..], |family| &family.series);
    Begun {
        process_ns: process.map_or(first_ns, |series| ns(series.value)),
        accounts: (accounts.iter())
            .filter(|series| series.value > 0.0)
            .filter_map(|series| Some((series.label("account")?.to_owned(), ns(series.value))))
            .collect(),
    }
}

fn of_series(name: &str, series: &Series, begun: &Begun) -> u64 {
    let own = OWN.iter().any(|prefix| name.starts_with(prefix));
    let account = series.label("account").filter(|_| !own);
    let of_account = account.and_then(|account| begun.accounts.get(account));
    of_account.copied().unwrap_or(begun.process_ns)
}

/// What never falls while a sum goes on.
fn observed(series: &Series) -> f64 {
    match &series.buckets {
        Some((_, counts)) => counts.iter().sum::<u64>() as f64,
        None => series.value,
    }
}

fn key(name: &str, series: &Series) -> u64 {
    let mut hasher = DefaultHasher::new();
    (name, &series.labels).hash(&mut hasher);
    hasher.finish()
}

fn number(series: &Series, start_ns: u64, now_ns: u64) -> NumberDataPoint {
    NumberDataPoint {
        attributes: attributes(series),
        start_time_unix_nano: start_ns,
        time_unix_nano: now_ns,
        value: Some(Value::AsDouble(series.value)),
        ..NumberDataPoint::default()
    }
}

fn histogram(series: &Series, start_ns: u64, now_ns: u64) -> Option<HistogramDataPoint> {
    let (bounds, counts) = series.buckets.clone()?;
    Some(HistogramDataPoint {
        attributes: attributes(series),
        start_time_unix_nano: start_ns,
        time_unix_nano: now_ns,
        count: counts.iter().sum(),
        sum: Some(series.value),
        bucket_counts: counts,
        explicit_bounds: bounds,
        ..HistogramDataPoint::default()
    })
}

fn attributes(series: &Series) -> Vec<KeyValue> {
    let labels = series.labels.iter();
    labels.map(|(name, value)| attribute(name, value)).collect()
}

pub(super) fn attribute(name: &str, value: &str) -> KeyValue {
    KeyValue {
        key: name.to_owned(),
        value: Some(Wrapped {
            value: Some(AnyValue::StringValue(value.to_owned())),
        }),
        ..KeyValue::default()
    }
}
