//! The encoder against witnesses: the `prometheus` crate's encoder, a parser of its own, and promtool.

use super::own::{Build, Own, Vocabulary};
use super::parse::{Line, Parsed, parse};
use super::publish::Publisher;
use super::render::render;
use super::table::{self, ACCOUNT, AGENT, Kind, Metric};
use crate::ledger::{Measure, Sample, Value, View};
use prometheus::{Encoder, TextEncoder, proto};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A View that shows every metric.
fn full_view(account: &str) -> View {
    let samples: Vec<Sample> = table::all()
        .filter_map(|metric| {
            let measure = metric.measure?;
            let labels = metric
                .labels
                .iter()
                .map(|label| Arc::from(format!("some {label}")))
                .collect();
            Some(Sample {
                measure,
                labels,
                value: some_value(metric, 7),
            })
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

fn some_value(metric: &Metric, seed: u64) -> Value {
    match (metric.kind, metric.measure.and_then(Measure::bounds_s)) {
        (Kind::Histogram, Some(bounds)) => {
            let buckets: Vec<u64> = (0..=bounds.len() as u64)
                .map(|bucket| (seed * bucket) % 5)
                .collect();
            Value::Histogram {
                buckets,
                sum_millis: seed * 1_234_567,
            }
        }
        (Kind::Gauge, _) => Value::Gauge(seed as f64 / 8.0),
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
    let measures: Vec<&'static Metric> = table::all()
        .filter(|metric| metric.measure.is_some())
        .collect();
    (
        prop::sample::select(measures),
        prop::collection::vec(hostile(), 6),
        0u64..1_000_000,
        any::<bool>(),
    )
        .prop_map(|(metric, texts, seed, per_agent)| {
            let agent = usize::from(metric.per_agent && per_agent);
            let labels = texts
                .into_iter()
                .take(metric.labels.len() + agent)
                .map(Arc::from)
                .collect();
            Sample {
                measure: metric.measure.unwrap(),
                labels,
                value: some_value(metric, seed),
            }
        })
}

/// Views of two accounts, no two series of one alike.
fn views() -> impl Strategy<Value = Vec<View>> {
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

fn labels_of(account: &str, sample: &Sample) -> BTreeMap<String, String> {
    let metric = table::metric(sample.measure).unwrap();
    let names = [ACCOUNT]
        .into_iter()
        .chain(metric.labels.iter().copied())
        .chain([AGENT]);
    let values = [account]
        .into_iter()
        .chain(sample.labels.iter().map(|value| &**value));
    names
        .zip(values)
        .filter(|(name, value)| *name != AGENT || !value.is_empty())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// What a page of these Views must say, line by line, worked out without the encoder.
fn expected(views: &[View]) -> BTreeMap<(String, BTreeMap<String, String>), f64> {
    let mut lines = BTreeMap::new();
    for view in views {
        for sample in view.sums.iter().chain(&view.gauges) {
            let name = table::metric(sample.measure).unwrap().name;
            let labels = labels_of(&view.account, sample);
            match &sample.value {
                Value::Count(count) => drop(lines.insert((name.to_owned(), labels), *count as f64)),
                Value::Gauge(value) => drop(lines.insert((name.to_owned(), labels), *value)),
                Value::Histogram {
                    buckets,
                    sum_millis,
                } => {
                    let bounds = sample.measure.bounds_s().unwrap();
                    for (place, _) in buckets.iter().enumerate() {
                        let mut labels = labels.clone();
                        let bound = bounds
                            .get(place)
                            .map_or("+Inf".to_owned(), |bound| format!("{bound}.0"));
                        labels.insert("le".to_owned(), bound);
                        let up_to: u64 = buckets[..=place].iter().sum();
                        lines.insert((format!("{name}_bucket"), labels), up_to as f64);
                    }
                    let count: u64 = buckets.iter().sum();
                    lines.insert(
                        (format!("{name}_sum"), labels.clone()),
                        *sum_millis as f64 / 1000.0,
                    );
                    lines.insert((format!("{name}_count"), labels), count as f64);
                }
            }
        }
    }
    lines
}

fn lines(page: &Parsed) -> BTreeMap<(String, BTreeMap<String, String>), f64> {
    let samples = page.families.iter().flat_map(|family| &family.samples);
    samples
        .map(
            |Line {
                 name,
                 labels,
                 value,
             }| ((name.clone(), labels.clone()), *value),
        )
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_rendered_page_reads_back_as_the_same_samples(views in views()) {
        let page = parse(&render(&views));
        prop_assert_eq!(lines(&page), expected(&views));
    }

    #[test]
    fn any_order_of_views_and_samples_gives_the_same_bytes(views in views()) {
        let page = render(&views);
        let mut other = views;
        other.reverse();
        for view in &mut other {
            view.sums.reverse();
            view.gauges.reverse();
        }
        prop_assert_eq!(render(&other), page);
    }

    #[test]
    fn the_prometheus_crate_says_the_same(views in views()) {
        let ours = parse(&render(&views));
        let theirs = parse(&encoded_by_the_crate(&views));
        prop_assert_eq!(with_plain_bounds(&ours), with_plain_bounds(&theirs));
        let heads = |page: &Parsed| -> BTreeSet<(String, String, String)> {
            let head = |family: &super::parse::Family| (family.name.clone(), family.kind.clone(), family.help.clone());
            page.families.iter().map(head).collect()
        };
        prop_assert_eq!(heads(&ours), heads(&theirs));
    }
}

/// The crate prints `le="30"`; read as numbers, both are one.
fn with_plain_bounds(page: &Parsed) -> BTreeMap<(String, BTreeMap<String, String>), f64> {
    let plain = |((name, mut labels), value): ((String, BTreeMap<String, String>), f64)| {
        if let Some(bound) = labels.get_mut("le") {
            *bound = bound.parse::<f64>().unwrap().to_string();
        }
        ((name, labels), value)
    };
    lines(page).into_iter().map(plain).collect()
}

fn encoded_by_the_crate(views: &[View]) -> String {
    let mut families: BTreeMap<&str, proto::MetricFamily> = BTreeMap::new();
    for view in views {
        for sample in view.sums.iter().chain(&view.gauges) {
            let metric = table::metric(sample.measure).unwrap();
            let family = families.entry(metric.name).or_default();
            family.set_name(metric.name.to_owned());
            family.set_help(metric.help.to_owned());
            family.set_field_type(match metric.kind {
                Kind::Counter => proto::MetricType::COUNTER,
                Kind::Gauge => proto::MetricType::GAUGE,
                Kind::Histogram => proto::MetricType::HISTOGRAM,
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

/// A page with every metric of the table, own ones included.
fn full_page() -> Vec<u8> {
    let build = Build {
        version: "1.2.3".to_owned(),
        revision: "abc".to_owned(),
    };
    let own = Own::new(
        build,
        Vocabulary {
            fields: vec!["csatScore"],
            facts: vec!["disposition"],
        },
    );
    let now = Instant::now();
    let publisher = Publisher::new(Arc::new(own), Duration::ZERO, now);
    publisher.publish(Arc::new(full_view("acme")), now);
    publisher.page(now).text.to_vec()
}

#[test]
fn promtool_finds_nothing_to_say() {
    let hint = "hint: `make test` installs it, on Debian as part of the package `prometheus`";
    let spawned = Command::new("promtool")
        .args(["check", "metrics", "--extended"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut promtool =
        spawned.unwrap_or_else(|error| panic!("cannot run `promtool`: {error}\n{hint}"));
    promtool
        .stdin
        .take()
        .unwrap()
        .write_all(&full_page())
        .unwrap();
    let output = promtool.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.trim().is_empty(), "{said}");
    let counted = String::from_utf8_lossy(&output.stdout);
    let unseen: Vec<&str> = table::all()
        .map(|metric| metric.name)
        .filter(|name| !counted.contains(name))
        .collect();
    assert!(
        unseen.is_empty(),
        "promtool did not see {unseen:?} in\n{counted}"
    );
}

#[test]
fn families_come_in_the_tables_order_and_each_once() {
    let page = parse(std::str::from_utf8(&full_page()).unwrap());
    let shown: Vec<&str> = page
        .families
        .iter()
        .map(|family| family.name.as_str())
        .collect();
    let table: Vec<&str> = table::all().map(|metric| metric.name).collect();
    assert_eq!(shown, table);
}

#[test]
fn a_page_reads_as_prometheus_expects_it() {
    let labels = |values: &[&str]| values.iter().map(|value| Arc::from(*value)).collect();
    let view = View {
        account: "acme".into(),
        counting: true,
        sums: vec![
            Sample {
                measure: Measure::CallbackWait,
                labels: labels(&["Voice", "Say \"hi\""]),
                value: Value::Histogram {
                    buckets: vec![0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2],
                    sum_millis: 9_012_345,
                },
            },
            Sample {
                measure: Measure::Offered,
                labels: labels(&["Voice", "none"]),
                value: Value::Count(3),
            },
        ],
        gauges: Vec::new(),
        overflowed: Vec::new(),
    };
    insta::assert_snapshot!(render([&view]));
}

#[test]
fn an_agent_is_a_label_only_where_there_is_one() {
    let sample = |agent: &str| Sample {
        measure: Measure::AgentNonresponses,
        labels: vec![
            "Voice".into(),
            "Billing".into(),
            "Ignored".into(),
            agent.into(),
        ],
        value: Value::Count(1),
    };
    let view = View {
        sums: vec![sample(""), sample("a-1")],
        ..full_view("acme")
    };
    let page = render([&view]);
    assert!(page.contains("queue=\"Billing\",event=\"Ignored\"} 1\n"));
    assert!(page.contains("queue=\"Billing\",event=\"Ignored\",agent=\"a-1\"} 1\n"));
}
