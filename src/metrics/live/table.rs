//! The table of what is shown of the queue as it is now, in the order of the page.
//!
//! A row is: what it is, which a scrape says as HELP; its name here, that of the metric, labels beside `account`, unit.

use crate::ledger::{Metric, MetricKind, Scope};

macro_rules! gauges {
    ($(
        $(#[doc = $help:literal])+
        $name:ident $metric:literal [$($label:ident)*] $unit:literal,
    )*) => {
        /// A gauge of what is now.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Gauge {
            $($(#[doc = $help])+ $name,)*
        }

        pub(in crate::metrics) const LIVE: &[Metric] = &[$(Metric {
            name: $metric,
            kind: MetricKind::Gauge,
            scope: Scope::Account,
            labels: &[$(stringify!($label)),*],
            unit: $unit,
            help: concat!($($help),+).trim_ascii_start(),
        },)*];

        impl Gauge {
            /// In the order of a page.
            pub const ALL: &[Gauge] = &[$(Gauge::$name,)*];
        }
    };
}

gauges! {
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
}
