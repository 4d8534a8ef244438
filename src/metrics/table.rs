//! The one table of all metrics, in groups, in the order in which pages and documentation show them.
//!
//! Invariant: a metric is one row: a measure of the ledger's table, an own metric of `own::table`, or one of the process.
//! Nothing else spells a metric's name or label.

pub use crate::ledger::{Metric, MetricKind, Scope};

use super::{live, own};
use crate::ledger::{self, Measure};

/// The label that changes when the name of a queue is learned.
pub const QUEUE: &str = "queue";

/// The first label of every metric of [`Scope::Account`].
pub const ACCOUNT: &str = "account";

/// Metrics that belong together in the documentation.
#[derive(Debug, Clone, Copy)]
pub struct Group {
    pub title: &'static str,
    /// What holds for all of them.
    pub note: &'static str,
    pub metrics: &'static [Metric],
}

/// The table.
pub const GROUPS: [Group; 10] = [
    Group {
        title: "Counters",
        note: "How much since. They go on over restarts and never fall; read them with `rate()` or `increase()`. \
               A series that appears later stands at 0 for `metrics.zero_first`, so that its first increments are not lost. \
               None is shown before `initial_lookback` was read through once.",
        metrics: ledger::COUNTERS,
    },
    Group {
        title: "Histograms",
        note: "As counters, with buckets. `_sum` is exact to the millisecond.",
        metrics: ledger::HISTOGRAMS,
    },
    Group {
        title: "Agents",
        note: "Only with `metrics.per_agent`, which changes nothing else; they begin when it is switched on, and go on \
               where they stood when it is switched on again. What names no agent is not among them.",
        metrics: ledger::BY_AGENT,
    },
    Group {
        title: "Recent gauges",
        note: "How is it now, on the conversations' own time: a conversation belongs to the window in which it ended, \
               whenever it was read, so that catching up after an outage never looks like a spike. \
               A window ends at the newest instant read and is shown once all of it was read, and no longer than five \
               minutes after its end. \
               Parts add up over queues, ratios and means do not. No value rather than 0/0; no ratio for queue `none`.",
        metrics: ledger::RECENT,
    },
    Group {
        title: "Evidence of a spike",
        note: "Every offered conversation is asked how much likelier its end were in a spike of abandonment than at this hour \
               of a usual day, in the order in which they ended, those that may still change included. `scope` is `account` \
               (all of it), `channel` (one over all queues) or `queue` (a named one over all channels); labels that it does \
               not name are empty. Shown once the first reading is done, and no longer than five minutes after the newest \
               instant read.",
        metrics: ledger::EVIDENCE,
    },
    Group {
        title: "Queues and their targets",
        note: "From the configuration, field by field: what is set for the queue, else for the channel, else for the account; \
               `System Mail` has 4 h to answer unless something else is set for it. Every queue has a series with \
               `channel=\"\"`, and one for each channel that is held to another target there. Rules join those of the channel \
               first, `on(job, instance, account, channel, queue) group_left` with `{channel!=\"\"}`, and for the rest the \
               queue's, `on(job, instance, account, queue) group_left` with `{channel=\"\"}`.",
        metrics: ledger::QUEUES,
    },
    Group {
        title: "The queue now",
        note: "What is going on at this moment, from up to three sources (`live`), each read by itself. Where sources overlap, \
               one of them tells a number for all of an account: who waits and who is with an agent *Queue Performance*, else \
               *List of Conversations*, else running records; the longest wait *List of Conversations*, else running \
               records. What is older than three readings is not shown: no value is not 0.",
        metrics: live::LIVE,
    },
    Group {
        title: "Beside the vendor's own numbers",
        note: "Unless `reconcile.interval` is `off`. Of each stretch of time, once it ended an hour ago and is read whole: what was \
               counted of the conversations that began in it, and what *Queue Performance*, else *Contact Volume*, tells of \
               them. A comparison is shown for three intervals.",
        metrics: live::COMPARED,
    },
    Group {
        title: "The exporter itself",
        note: "All there, at 0, from the first scrape; these start anew with the process.",
        metrics: own::table::EXPORTER,
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

/// Where on the page a measure is shown.
pub(super) fn place(measure: Measure) -> usize {
    PLACES[measure as usize]
}

/// By the numbers of the measures.
const PLACES: [usize; 256] = {
    let mut places = [0; 256];
    let mut place = 0;
    while place < Measure::ALL.len() {
        places[Measure::ALL[place] as usize] = place;
        place += 1;
    }
    places
};

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_page_begins_with_the_measures_in_their_order() {
        let shown: Vec<&str> = all().map(|metric| metric.name).collect();
        for (place, measure) in Measure::ALL.iter().enumerate() {
            assert_eq!(shown[place], measure.metric().name);
            assert_eq!(super::place(*measure), place);
        }
    }

    #[test]
    fn names_are_distinct_and_say_kind_and_unit() {
        let mut names = BTreeSet::new();
        for metric in all() {
            assert!(names.insert(metric.name), "`{}` stands twice", metric.name);
            let total = metric.name.ends_with("_total");
            assert_eq!(
                total,
                metric.kind == MetricKind::Counter,
                "`{}`",
                metric.name
            );
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
}
