//! The page beside what the simulated centre tells of what happened, and not of any record.

use super::{Labels, Page, wait};
use smartassist_exporter::simulator::truth::{RecentWindow, Series, bounds_s};
use smartassist_exporter::simulator::{Simulator, Truth, Witness};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The windows of an exporter that is configured by its defaults.
pub const WINDOWS: [RecentWindow; 3] = [
    RecentWindow {
        label: "15m",
        length_s: 900,
    },
    RecentWindow {
        label: "1h",
        length_s: 3_600,
    },
    RecentWindow {
        label: "24h",
        length_s: 86_400,
    },
];

/// How long ago the newest instant may have been read that the page's recent windows end at, seconds.
const BEHIND_S: i64 = 10;

/// Of the exporter's own metrics the one that the witness counts, too.
const DISAGREEMENTS: &str = "smartassist_exporter_outcome_disagreements_total";

type Samples = BTreeMap<(String, Labels), f64>;

/// Everything in which the page of an exporter with the default windows differs from what the witness tells by now.
pub fn all_differences(page: &Page, simulator: &Simulator, witness: &Witness) -> Vec<String> {
    let now_s = smartassist_exporter::clock::now_ms() / 1_000;
    all_differences_at(page, simulator, witness, now_s)
}

/// The same, of an exporter whose clock shows `now_s`.
pub fn all_differences_at(
    page: &Page,
    simulator: &Simulator,
    witness: &Witness,
    now_s: i64,
) -> Vec<String> {
    let mut all = differences(page, &simulator.truth(witness));
    let recent = recent_differences(page, simulator, witness, &WINDOWS, now_s);
    all.extend(recent);
    all
}

/// Where the page's counters and histograms are not what the witness counted, either way.
pub fn differences(page: &Page, truth: &Truth) -> Vec<String> {
    let mut expected = Samples::new();
    for (series, count) in &truth.counters {
        expected.insert((series.metric.to_owned(), labels(series)), *count as f64);
    }
    for (series, observed) in &truth.histograms {
        let mut expect = |part: &str, bound: Option<String>, value: f64| {
            let mut labels = labels(series);
            labels.extend(bound.map(|bound| ("le".to_owned(), bound)));
            expected.insert((format!("{}_{part}", series.metric), labels), value);
        };
        expect("count", None, observed.count as f64);
        expect("sum", None, observed.sum_ms as f64 / 1000.0);
        let bounds = bounds_s(series.metric)
            .iter()
            .map(|bound| format!("{bound}.0"));
        let mut below = 0;
        for (bound, count) in bounds.chain(["+Inf".to_owned()]).zip(&observed.buckets) {
            below += count;
            expect("bucket", Some(bound), below as f64);
        }
    }
    compare(&shown(page, counts), &expected)
}

/// Where the page's recent gauges are not what the witness tells, either way. The page does not say at which second its
/// windows end, so that of the last few that fits best counts; for an exporter whose clock shows `now_s`.
pub fn recent_differences(
    page: &Page,
    simulator: &Simulator,
    witness: &Witness,
    windows: &[RecentWindow],
    now_s: i64,
) -> Vec<String> {
    let shown = shown(page, |name| name.starts_with("smartassist_recent_"));
    (now_s - BEHIND_S..=now_s)
        .rev()
        .map(|to_s| {
            let recent = simulator.recent(witness, windows, to_s);
            let gauges = recent.gauges().into_iter();
            let gauge = |(series, value): (Series, f64)| {
                ((series.metric.to_owned(), labels(&series)), value)
            };
            compare(&shown, &gauges.map(gauge).collect())
        })
        .min_by_key(Vec::len)
        .unwrap_or_default()
}

/// Counters and histograms of conversations: no gauge is called like one.
pub fn counts(name: &str) -> bool {
    let ends = ["_total", "_count", "_sum", "_bucket"];
    let ours = !name.starts_with("smartassist_exporter_") || name == DISAGREEMENTS;
    ours && ends.iter().any(|end| name.ends_with(end))
}

fn shown(page: &Page, wanted: impl Fn(&str) -> bool) -> Samples {
    let ours = page
        .samples
        .iter()
        .filter(|((name, _), _)| name.starts_with("smartassist_") && wanted(name));
    ours.map(|((name, labels), value)| {
        let mut labels = labels.clone();
        labels.remove("account");
        ((name.clone(), labels), *value)
    })
    .collect()
}

fn labels(series: &Series) -> Labels {
    let labels = series.labels.iter();
    labels
        .map(|(label, value)| ((*label).to_owned(), value.clone()))
        .collect()
}

fn compare(shown: &Samples, expected: &Samples) -> Vec<String> {
    let mut differences = Vec::new();
    for (key @ (metric, labels), value) in expected {
        match shown.get(key) {
            Some(shown) if (shown - value).abs() <= 1e-6 => {}
            Some(shown) => differences.push(format!(
                "{metric}{labels:?}: shown {shown}, {value} by the witness"
            )),
            None => differences.push(format!(
                "{metric}{labels:?}: not shown, {value} by the witness"
            )),
        }
    }
    let unknown = shown.iter().filter(|(key, _)| !expected.contains_key(key));
    differences.extend(unknown.map(|((metric, labels), value)| {
        format!("{metric}{labels:?}: shown {value}, unknown to the witness")
    }));
    // A wrong count shows in most of its buckets.
    differences.sort_by_key(|difference| difference.contains("_bucket{"));
    differences
}

/// Looks until nothing differs any more; what still differs after `within` is the error.
pub fn until_nothing_differs(
    within: Duration,
    mut differences: impl FnMut() -> Vec<String>,
) -> Result<(), String> {
    let ended = wait::until(within, || {
        let left = differences();
        if left.is_empty() { Ok(()) } else { Err(left) }
    });
    ended.map_err(|left| {
        let some = left[..left.len().min(30)].join("\n");
        format!("{} differences after {within:?}:\n{some}", left.len())
    })
}

/// No count of conversations falls or vanishes, whatever the account is called.
pub fn nothing_falls(before: &Page, after: &Page) {
    let stays = |name: &&str| {
        name.starts_with("smartassist_") && counts(name) && !name.contains("_by_agent_")
    };
    let names = before.samples.keys().map(|(name, _)| name.as_str());
    for name in names.filter(stays).collect::<BTreeSet<_>>() {
        let now = after.family(name);
        for (labels, value) in before.family(name) {
            let now = now.get(&labels).copied();
            assert!(
                now.is_some_and(|now| now >= value - 1e-6),
                "{name} {labels:?} fell from {value} to {now:?}"
            );
        }
    }
}
