//! The table of what is shown until it is too old: the queue as it is now, and the counts beside the vendor's own; in the
//! order of the page.
//!
//! A row is: what it is, which a scrape says as HELP; its name here, that of the metric, labels beside `account`, unit.

use crate::ledger::{Metric, MetricKind, Scope};

macro_rules! gauges {
    ($($group:ident {$(
        $(#[doc = $help:literal])+
        $name:ident $metric:literal [$($label:ident)*] $unit:literal,
    )*})*) => {
        /// A gauge that is shown until it is too old.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Gauge {
            $($($(#[doc = $help])+ $name,)*)*
        }

        $(pub(in crate::metrics) const $group: &[Metric] = &[$(Metric {
            name: $metric,
            kind: MetricKind::Gauge,
            scope: Scope::Account,
            labels: &[$(stringify!($label)),*],
            unit: $unit,
            help: concat!($($help),+).trim_ascii_start(),
        },)*];)*

        impl Gauge {
            /// In the order of a page.
            pub const ALL: &[Gauge] = &[$($(Gauge::$name,)*)*];
        }

        /// The rows of all gauges, in the order of [`Gauge::ALL`].
        pub(super) fn rows() -> impl Iterator<Item = &'static Metric> {
            [$($group),*].into_iter().flatten()
        }
    };
}

gauges! { LIVE {
    /// Conversations that wait for an agent now.
    Waiting "smartassist_queue_waiting" [channel queue] "conversations",
    /// How long the one that waits longest has waited by now; 0 where none waits.
    LongestWait "smartassist_queue_longest_wait_seconds" [channel queue] "seconds",
    /// Conversations that are with an agent now.
    WithAgent "smartassist_queue_with_agent" [channel queue] "conversations",
    /// Conversations that wait beyond the threshold that the vendor's own console has for the queue.
    Overdue "smartassist_queue_overdue" [channel queue] "conversations",
    /// Agents of the queue by state: available, busy, away, offline. An agent of two queues is among those of both, so
    /// they do not add up over queues.
    Agents "smartassist_queue_agents" [queue state] "agents",
    /// 1 while the last reading of the source succeeded, 0 while it failed or was refused. Only sources that were tried, or
    /// are on.
    Up "smartassist_exporter_live_up" [source] "0 or 1",
    /// When the source was last read, in Unix time. Moved by success alone; before the first there is none, and 0 of one that
    /// is on.
    Timestamp "smartassist_exporter_live_timestamp_seconds" [source] "seconds",
} COMPARED {
    /// Conversations that began in the stretch compared last: our counts and the vendor's own totals of it, side by side.
    /// `measure` is `entries` (came to a queue, each time anew), `answered` (without mail), `mail_answered`, `abandoned` and
    /// `terminated` (callers alone), `transferred`; a measure that the vendor does not tell has no series.
    Reconciled "smartassist_reconciliation_conversations" [queue channel direction measure side] "conversations",
    /// Ours less the vendor's, over all queues, as a part of the vendor's, without what is known to be no mistake: below 0, ours
    /// are too few. Mail is not judged: the vendor calls it answered once the agent has replied.
    ReconciliationDifference "smartassist_reconciliation_difference_ratio" [measure] "ratio",
    /// In how many comparisons running, the last one of them, ours and the vendor's differed by more than two and more than 1 %,
    /// without what is known to be no mistake; 0 where the last one agrees.
    DisagreeingComparisons "smartassist_reconciliation_disagreeing_comparisons" [measure] "comparisons",
    /// 1 while the last comparison had the vendor's totals from this source, 0 while it refuses or fails. Only sources that
    /// were tried.
    ReconciliationUp "smartassist_exporter_reconciliation_up" [source] "0 or 1",
    /// Conversations that began before it are compared, in Unix time.
    ReconciledTo "smartassist_exporter_reconciliation_timestamp_seconds" [] "seconds",
} }
