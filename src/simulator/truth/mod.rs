//! What must have been counted by some moment, told from what happened: the witness of end-to-end and crash tests.
//!
//! Invariant: no record is looked at, and none of the exporter's rules is called; who waited, who answered and how it
//! ended is taken from the simulated conversation. Series are spelled as on the exporter's page, without `account`.
//! Not here: targets, the exporter's own metrics, and `per_agent`.

mod beside;
mod bucket;
mod case;
mod recent;
mod totals;

use super::conversation::Conversation;
use super::http::Reading;
use super::oddity::Struck;
use super::world::World;
pub use bucket::bounds_s;
use case::Case;
pub use recent::{Recent, RecentWindow};
use std::collections::BTreeMap;
use std::time::Duration;
pub use totals::{Dimension, Total, Totals};

/// How the exporter under test is set up, as far as its counts depend on it.
#[derive(Debug, Clone)]
pub struct Witness {
    /// Unanswered conversations count only so long after their end.
    pub settle: Duration,
    /// Service level targets by queue name, of mail in all other queues, and of everything else.
    pub targets: BTreeMap<String, Duration>,
    pub mail_target: Duration,
    pub target: Duration,
    /// It reads *Call Details* v2, from the first conversation on.
    pub second: bool,
}

impl Default for Witness {
    /// No settling, and the exporter's default targets: 20 s, for mail 4 h.
    fn default() -> Self {
        Witness {
            settle: Duration::ZERO,
            targets: BTreeMap::new(),
            mail_target: Duration::from_hours(4),
            target: Duration::from_secs(20),
            second: false,
        }
    }
}

/// A metric and its labels in the order of the table, without `account`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Series {
    pub metric: &'static str,
    pub labels: Vec<(&'static str, String)>,
}

/// Number and sum of observations, and how many fell into each bucket: those of [`bounds_s`], and one above.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Observed {
    pub count: u64,
    pub sum_ms: u64,
    pub buckets: Vec<u64>,
}

/// The expected totals.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Truth {
    pub counters: BTreeMap<Series, u64>,
    pub histograms: BTreeMap<Series, Observed>,
    /// Conversations counted.
    pub counted: u64,
    /// Conversations begun, but live or settling.
    pub open: u64,
}

impl Truth {
    /// Of all conversations that began by `now_ms`, as an interface of this reading tells of them; the world must
    /// have been advanced to it.
    pub fn of(world: &World, now_ms: i64, reading: &Reading, witness: &Witness) -> Truth {
        Truth::where_ended(world, now_ms, reading, witness, |_| true)
    }

    /// The same of those alone that ended in (`from_s`, `to_s`].
    pub fn between(
        world: &World,
        now_ms: i64,
        reading: &Reading,
        witness: &Witness,
        (from_s, to_s): (i64, i64),
    ) -> Truth {
        Truth::where_ended(world, now_ms, reading, witness, |ended_s| {
            from_s < ended_s && ended_s <= to_s
        })
    }

    fn where_ended(
        world: &World,
        now_ms: i64,
        reading: &Reading,
        witness: &Witness,
        counts: impl Fn(i64) -> bool,
    ) -> Truth {
        let mut truth = Truth::default();
        for conversation in world
            .conversations()
            .iter()
            .take_while(|conversation| conversation.start_ms <= now_ms)
        {
            match case(world, conversation, now_ms, reading, witness) {
                Some(case) if !counts(case.glance(witness).ended_s) => {}
                Some(case) => {
                    truth.counted += 1;
                    case.count(&mut truth, witness);
                }
                None => truth.open += 1,
            }
        }
        truth
    }

    /// What the recent windows must show that end at `to_s`, of what is counted by `now_ms`.
    pub fn recent(
        world: &World,
        now_ms: i64,
        reading: &Reading,
        witness: &Witness,
        windows: &[RecentWindow],
        to_s: i64,
    ) -> Recent {
        let mut recent = Recent::default();
        for conversation in world.conversations() {
            if conversation.start_ms <= now_ms
                && let Some(case) = case(world, conversation, now_ms, reading, witness)
            {
                let glance = case.glance(witness);
                for window in windows
                    .iter()
                    .filter(|window| window.holds(glance.ended_s, to_s))
                {
                    recent.add(window.label, &glance);
                }
            }
        }
        recent
    }

    /// Sum of a counter over all series that carry the given label value; over all with an empty one.
    pub fn total(&self, metric: &str, label: (&str, &str)) -> u64 {
        let fits = |series: &Series| {
            series.metric == metric
                && (label.1.is_empty()
                    || series
                        .labels
                        .iter()
                        .any(|(name, value)| (*name, value.as_str()) == label))
        };
        self.counters
            .iter()
            .filter(|(series, _)| fits(series))
            .map(|(_, value)| value)
            .sum()
    }

    /// Abandoned ÷ offered, over everything; 0 when nothing was offered. Leaving an agent is no abandonment.
    pub fn abandonment_ratio(&self) -> f64 {
        let abandoned: u64 = self
            .counters
            .iter()
            .filter(|(series, _)| series.metric == "smartassist_conversations_total")
            .filter(|(series, _)| {
                series
                    .labels
                    .iter()
                    .any(|(name, value)| *name == "direction" && value == "inbound")
            })
            .filter(|(series, _)| {
                series
                    .labels
                    .iter()
                    .any(|(name, value)| *name == "outcome" && value == "abandoned")
            })
            .map(|(_, value)| value)
            .sum();
        abandoned as f64 / self.total("smartassist_offered_total", ("", "")).max(1) as f64
    }

    fn add(&mut self, metric: &'static str, labels: &[(&'static str, &str)]) {
        *self.counters.entry(series(metric, labels)).or_default() += 1;
    }

    fn observe(&mut self, metric: &'static str, labels: &[(&'static str, &str)], duration_ms: i64) {
        let observed = self.histograms.entry(series(metric, labels)).or_default();
        let duration_ms = duration_ms.max(0) as u64;
        observed.count += 1;
        observed.sum_ms += duration_ms;
        let bounds_s = bounds_s(metric);
        observed.buckets.resize(bounds_s.len() + 1, 0);
        let bucket = bounds_s.partition_point(|bound_s| bound_s * 1_000 < duration_ms);
        observed.buckets[bucket] += 1;
    }
}

/// `None` for what is not to be counted yet, or can't be had.
fn case<'c>(
    world: &World,
    conversation: &'c Conversation,
    now_ms: i64,
    reading: &'c Reading,
    witness: &Witness,
) -> Option<Case<'c>> {
    let struck = Struck::new(&reading.oddity, world.seed(), conversation);
    let hidden = reading.hides(conversation, now_ms);
    Case::of(conversation, now_ms, struck, witness).filter(|_| !hidden)
}

fn series(metric: &'static str, labels: &[(&'static str, &str)]) -> Series {
    Series {
        metric,
        labels: labels
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect(),
    }
}
