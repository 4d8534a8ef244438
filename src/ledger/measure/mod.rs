//! The closed set of business measures: what each is called, how it is labelled, and what a reader must know of it.
//!
//! Invariant: a measure is one row of [`table`]; names, numbers and bounds that were released never change.
//! Not here: the values, and how they are written on a page. Used by the ledger and by the metrics table.

mod table;

pub use table::{BY_AGENT, COUNTERS, EVIDENCE, HISTOGRAMS, Measure, QUEUES, RECENT};

/// One family: what Prometheus needs to know, and what a person does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    pub name: &'static str,
    pub kind: MetricKind,
    pub scope: Scope,
    /// Beside `account`, in the order of a sample's values.
    pub labels: &'static [&'static str],
    /// Of the value; for histograms of what is observed.
    pub unit: &'static str,
    /// What is counted, when, and what a reader must know.
    pub help: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricKind {
    Counter,
    Gauge,
    Histogram,
}

impl MetricKind {
    /// The word of the text format.
    pub fn as_str(self) -> &'static str {
        match self {
            MetricKind::Counter => "counter",
            MetricKind::Gauge => "gauge",
            MetricKind::Histogram => "histogram",
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

/// Upper bounds of waits, pick-up, first response and callback wait, in seconds.
const WAIT_BOUNDS_S: [u64; 17] = [
    1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1200, 1800, 3600,
];

/// Upper bounds of session, interaction and after-call work, in seconds.
const DURATION_BOUNDS_S: [u64; 14] = [
    5, 10, 30, 60, 120, 180, 300, 600, 900, 1800, 3600, 5400, 7200, 14400,
];

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bounds {
    Waits,
    Durations,
}

/// Which labels a stored measure has beside `account`, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    pub channel: bool,
    pub queue: bool,
    /// Or a second word, in the place of the direction, which its measure then has not.
    pub direction: bool,
    /// Outcome, status, event, disposition, stage, score, response or fact: the one label that is the measure's alone.
    pub word: bool,
    pub agent: bool,
    /// From and to.
    pub change: bool,
}

impl Shape {
    const fn of(metric: &Metric) -> Shape {
        let mut shape = Shape {
            channel: false,
            queue: false,
            direction: false,
            word: false,
            agent: false,
            change: false,
        };
        let mut at = 0;
        while at < metric.labels.len() {
            match metric.labels[at].as_bytes() {
                b"channel" => shape.channel = true,
                b"queue" => shape.queue = true,
                b"direction" | b"smart_status" => shape.direction = true,
                b"agent" => shape.agent = true,
                b"from" | b"to" => shape.change = true,
                _ => shape.word = true,
            }
            at += 1;
        }
        shape
    }
}

impl Measure {
    /// Whether it is a counter or histogram: those are stored, gauges are computed at publication.
    pub fn is_sum(self) -> bool {
        self.metric().kind != MetricKind::Gauge
    }

    /// The stored measure of a number.
    pub fn from_u8(number: u8) -> Option<Measure> {
        let mut sums = Measure::ALL.iter().filter(|measure| measure.is_sum());
        sums.find(|measure| **measure as u8 == number).copied()
    }

    /// The histogram's upper bounds in seconds; `None` for counters and gauges. A change needs a migration of the store.
    pub fn bounds_s(self) -> Option<&'static [u64]> {
        Some(match self.bounds()? {
            Bounds::Waits => &WAIT_BOUNDS_S,
            Bounds::Durations => &DURATION_BOUNDS_S,
        })
    }
}
