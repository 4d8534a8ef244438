//! The encoder against witnesses: the `prometheus` crate's encoder, a parser of its own, and promtool.

mod oracle;
mod samples;

use super::own::{Build, Own, Vocabulary};
use super::parse::{Line, Parsed, parse};
use super::publish::{Encoding, Publisher};
use super::render::render;
use super::table;
use crate::ledger::{Measure, Sample, Value, View};
use crate::metrics::{Gauge, LiveSample};
use bytes::Bytes;
use oracle::encoded_by_the_crate;
use proptest::prelude::*;
use samples::{full_view, labels_of, views};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Name and labels → value.
type Lines = BTreeMap<(String, BTreeMap<String, String>), f64>;

/// What a page of these Views must say, line by line, worked out without the encoder.
fn expected(views: &[View]) -> Lines {
    let mut lines = BTreeMap::new();
    for view in views {
        for sample in view.sums.iter().chain(&view.gauges) {
            let name = sample.measure.metric().name;
            let labels = labels_of(&view.account, sample);
            match &sample.value {
                Value::Count(count) => drop(lines.insert((name.to_owned(), labels), *count as f64)),
                Value::Millis(millis) => {
                    lines.insert((name.to_owned(), labels), *millis as f64 / 1000.0);
                }
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

fn lines(page: &Parsed) -> Lines {
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
fn with_plain_bounds(page: &Parsed) -> Lines {
    let plain = |((name, mut labels), value): ((String, BTreeMap<String, String>), f64)| {
        if let Some(bound) = labels.get_mut("le") {
            *bound = bound.parse::<f64>().unwrap().to_string();
        }
        ((name, labels), value)
    };
    lines(page).into_iter().map(plain).collect()
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
            requests: vec!["ok"],
            fields: vec!["csatScore"],
            facts: vec!["disposition"],
        },
    );
    // Of an open set of channels there are none before the first.
    own.leads(vec![("acme".to_owned(), true)]);
    own.account("acme").counted_after("Voice", 1.0);
    let now = Instant::now();
    let publisher = Publisher::new(Arc::new(own), Duration::ZERO);
    publisher.publish(full_view("acme"), now);
    let live = |gauge: &Gauge| LiveSample {
        gauge: *gauge,
        labels: vec!["Voice".into(), "Billing".into()],
        value: 1.0,
        until: None,
    };
    publisher.show_live(&"acme".into(), Gauge::ALL.iter().map(live).collect());
    let page: Vec<Bytes> = publisher.page(Encoding::Plain, now).collect();
    page.concat()
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
