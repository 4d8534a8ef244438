//! The one table of all metrics.
//!
//! Invariant: every [`Measure`] and every own metric stands here once, in the order in which pages and documentation
//! show them. Nothing else spells a metric's name or label.

mod counters;
mod gauges;
mod histograms;
pub(super) mod own;

use crate::ledger::Measure;
use std::sync::LazyLock;

/// One family: what Prometheus needs to know, and what a person does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    pub name: &'static str,
    pub kind: Kind,
    pub scope: Scope,
    /// Beside `account`, in the order of a sample's values.
    pub labels: &'static [&'static str],
    /// Whether `metrics.per_agent` adds [`AGENT`] as the last label.
    pub per_agent: bool,
    /// Of the value; for histograms of what is observed.
    pub unit: &'static str,
    /// What is counted, when, and what a reader must know.
    pub help: &'static str,
    /// What of a View it shows; `None` for the exporter's own.
    pub measure: Option<Measure>,
}

/// The last label of the metrics that `metrics.per_agent` splits.
pub const AGENT: &str = "agent";

/// The label that changes when the name of a queue is learned.
pub const QUEUE: &str = "queue";

/// The first label of every metric of [`Scope::Account`].
pub const ACCOUNT: &str = "account";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Counter,
    Gauge,
    Histogram,
}

impl Kind {
    /// The word of the text format.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        }
    }
}

/// What a series is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// One account; carries the label `account`.
    Account,
    /// The running process.
    Process,
}

/// Metrics that belong together in the documentation.
#[derive(Debug, Clone, Copy)]
pub struct Group {
    pub title: &'static str,
    /// What holds for all of them.
    pub note: &'static str,
    pub metrics: &'static [Metric],
}

/// The table.
pub const GROUPS: [Group; 6] = [
    Group {
        title: "Counters",
        note: "How much since. They go on over restarts and never fall; read them with `rate()` or `increase()`. \
               A series that appears later stands at 0 for `metrics.zero_first`, so that its first increments are not lost. \
               None is shown before `initial_lookback` was read through once.",
        metrics: counters::COUNTERS,
    },
    Group {
        title: "Histograms",
        note: "As counters, with buckets. `_sum` is exact to the millisecond.",
        metrics: histograms::HISTOGRAMS,
    },
    Group {
        title: "Recent gauges",
        note: "How is it now, on the conversations' own time: a conversation belongs to the window in which it ended, \
               whenever it was read, so that catching up after an outage never looks like a spike. \
               A window ends at the newest instant read and is shown once all of it was read. \
               Parts add up over queues, ratios and means do not. No value rather than 0/0; no ratio for queue `none`.",
        metrics: gauges::RECENT,
    },
    Group {
        title: "Queues and their targets",
        note: "From the configuration, so that rules can compare with \
               `on(job, instance, account, queue) group_left`.",
        metrics: gauges::QUEUES,
    },
    Group {
        title: "The exporter itself",
        note: "All there, at 0, from the first scrape; these start anew with the process.",
        metrics: own::EXPORTER,
    },
    Group {
        title: "The process",
        note: "As other exporters have them; on Linux only.",
        metrics: own::PROCESS,
    },
];

/// Every metric, in the order of a page.
pub fn all() -> impl Iterator<Item = &'static Metric> {
    GROUPS.iter().flat_map(|group| group.metrics)
}

/// The metric that shows a measure.
pub fn metric(measure: Measure) -> Option<&'static Metric> {
    place(measure).map(|(_, metric)| metric)
}

/// The metric that shows a measure, and its place on the page.
pub(super) fn place(measure: Measure) -> Option<(u16, &'static Metric)> {
    static BY_MEASURE: LazyLock<Vec<Option<(u16, &'static Metric)>>> = LazyLock::new(|| {
        let mut places = vec![None; usize::from(u8::MAX) + 1];
        for (place, metric) in (0..).zip(all()) {
            if let Some(measure) = metric.measure {
                places[measure as usize] = Some((place, metric));
            }
        }
        places
    });
    BY_MEASURE[measure as usize]
}

const fn business(
    measure: Measure,
    kind: Kind,
    name: &'static str,
    labels: &'static [&'static str],
    unit: &'static str,
    help: &'static str,
) -> Metric {
    Metric {
        name,
        kind,
        scope: Scope::Account,
        labels,
        per_agent: false,
        unit,
        help,
        measure: Some(measure),
    }
}

impl Metric {
    const fn per_agent(mut self) -> Metric {
        self.per_agent = true;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_measure_stands_in_the_table_once() {
        let mut shown: Vec<Measure> = all().filter_map(|metric| metric.measure).collect();
        shown.sort();
        let distinct: BTreeSet<Measure> = shown.iter().copied().collect();
        assert_eq!(shown.len(), distinct.len());
        // The numbers of measures are the stored ones: counters and histograms 0–19, gauges from 64 and 80.
        let numbers: Vec<u8> = shown.iter().map(|measure| *measure as u8).collect();
        let expected: Vec<u8> = (0..20).chain(64..69).chain(80..90).collect();
        assert_eq!(numbers, expected);
    }

    #[test]
    fn names_are_distinct_and_say_kind_and_unit() {
        let mut names = BTreeSet::new();
        for metric in all() {
            assert!(names.insert(metric.name), "`{}` stands twice", metric.name);
            let total = metric.name.ends_with("_total");
            assert_eq!(total, metric.kind == Kind::Counter, "`{}`", metric.name);
            assert_eq!(
                metric.unit == "seconds",
                metric.name.contains("_seconds"),
                "`{}`",
                metric.name
            );
            assert!(
                metric.help.ends_with('.') && metric.help.len() > 20,
                "`{}`",
                metric.name
            );
        }
    }

    #[test]
    fn histograms_are_those_measures_that_have_bounds() {
        for metric in all() {
            if let Some(measure) = metric.measure {
                assert_eq!(
                    metric.kind == Kind::Histogram,
                    measure.bounds_s().is_some(),
                    "`{}`",
                    metric.name
                );
            }
        }
    }

    #[test]
    fn labels_are_as_many_as_the_ledger_gives_values() {
        for metric in all() {
            let Some(measure) = metric
                .measure
                .filter(|measure| Measure::SUMS.contains(measure))
            else {
                continue;
            };
            let shape = measure.shape();
            assert_eq!(metric.labels[0], "channel", "`{}`", metric.name);
            assert_eq!(
                metric.labels.get(1) == Some(&"queue"),
                shape.queue,
                "`{}`",
                metric.name
            );
            let values = 1 + usize::from(shape.queue) + shape.own;
            assert_eq!(metric.labels.len(), values, "`{}`", metric.name);
            assert_eq!(metric.per_agent, shape.agent, "`{}`", metric.name);
        }
    }

    #[test]
    fn a_measure_finds_its_metric() {
        let found = metric(Measure::Callbacks).map(|metric| metric.name);
        assert_eq!(found, Some("smartassist_callbacks_total"));
    }
}
