//! The table of the exporter's own metrics, in the order of the page.
//!
//! A row is: what it is, which a scrape says as HELP; who may touch it, field, type and how it begins; name, labels
//! beside `account`, unit. To add a metric, add a row here and touch its field where it happens.

use super::value::{Amount, Count, Counts, Level, Seconds, Timings, TimingsBy, Value};
use super::{PollResult, Vocabulary};
use crate::ledger::{Measure, Metric, MetricKind, Scope};

macro_rules! account_metrics {
    ($vocabulary:ident; $(
        $(#[doc = $help:literal])+
        $access:vis $field:ident: $type:ident = $begin:expr;
        $metric:literal [$($label:ident)?] $unit:literal,
    )*) => {
        /// One account's own metrics. Public fields are set, or added to, by whoever knows the value.
        #[derive(Debug)]
        pub struct AccountMetrics {
            $($(#[doc = $help])+ $access $field: $type,)*
        }

        const OF_ACCOUNTS: &[Metric] = &[$(
            Metric {
                name: $metric,
                kind: $type::KIND,
                scope: Scope::Account,
                labels: &[$(stringify!($label))?],
                unit: $unit,
                help: concat!($($help),+).trim_ascii_start(),
            },
        )*];

        impl AccountMetrics {
            pub(super) fn new($vocabulary: &Vocabulary) -> AccountMetrics {
                AccountMetrics { $($field: $begin,)* }
            }

            /// Each metric with its value.
            pub(super) fn values(&self) -> impl Iterator<Item = (&'static Metric, &dyn Value)> {
                let values: [&dyn Value; OF_ACCOUNTS.len()] = [$(&self.$field),*];
                OF_ACCOUNTS.iter().zip(values)
            }
        }
    };
}

/// From one request on the same machine to a poll that waits for its budget for minutes. A percentile is read within
/// one bucket, so there are buckets where polls are usual: a few requests of a tenth of a second to a second each.
const POLL_BOUNDS_S: [f64; 19] = [
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 0.75, 1.0, 1.5, 2.5, 5.0, 10.0, 30.0,
    60.0, 120.0, 300.0,
];

/// From a few milliseconds to beyond any sensible request timeout.
const REQUEST_BOUNDS_S: [f64; 18] = [
    0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.25, 0.375, 0.5, 0.75, 1.0, 2.5, 5.0,
    10.0, 30.0, 60.0,
];

/// A durable commit takes about half a millisecond on a good disk; a second means trouble.
const COMMIT_BOUNDS_S: [f64; 11] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5,
];

/// Around a poll and the time that a conversation may still change; beyond a quarter of an hour something stood still.
const END_TO_COUNT_BOUNDS_S: [f64; 15] = [
    5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0, 60.0, 75.0, 90.0, 120.0, 180.0, 300.0, 900.0,
];

pub(super) const RECORD_RESULTS: [&str; 3] = ["applied", "unchanged", "rejected"];

account_metrics! {
    vocabulary;
    /// 1 while the last poll of the account succeeded and its store can be written.
    pub(super) up: Level = Level::default();
        "smartassist_exporter_up" [] "0 or 1",
    /// Polls by result: ok, partial (some of what was planned could not be read), failed (nothing could), store_failed
    /// (read, but not to be committed). A window that fails while others answer is narrowed down over several polls, and
    /// fails none of them: what of it can't be read counts as truncated.
    pub(super) polls: Counts = Counts::new(PollResult::ALL.map(PollResult::as_str));
        "smartassist_exporter_polls_total" [result] "polls",
    /// How long a poll took, from planning to publication, waiting for the request budget included.
    pub(super) poll_duration: Timings = Timings::new(&POLL_BOUNDS_S);
        "smartassist_exporter_poll_duration_seconds" [] "seconds",
    /// When the last successful poll ended, in Unix time; 0 before the first. Moved by success alone.
    pub(super) last_success: Level = Level::default();
        "smartassist_exporter_last_success_timestamp_seconds" [] "seconds",
    /// Start of the newest conversation seen, in Unix time; 0 before the first.
    pub newest_conversation: Level = Level::default();
        "smartassist_exporter_newest_conversation_timestamp_seconds" [] "seconds",
    /// 1 while some part of the longest recent window was never read, as at first start and after an outage.
    pub catching_up: Level = Level::default();
        "smartassist_exporter_catching_up" [] "0 or 1",
    /// By how much the most overdue stretch of the past exceeds the time allowed since it was read. Growing means that
    /// the request budget does not suffice.
    pub coverage_overdue: Amount = Amount::default();
        "smartassist_exporter_coverage_overdue_seconds" [] "seconds",
    /// Requests sent to the API, every attempt, by result.
    pub(super) requests: Counts = Counts::new(vocabulary.requests.iter().copied());
        "smartassist_exporter_requests_total" [result] "requests",
    /// Requests beside the poll, sent for what the queue is now, by result. They come on top of
    /// smartassist_exporter_requests_total, out of the same budget.
    pub(super) live_requests: Counts = Counts::new(vocabulary.requests.iter().copied());
        "smartassist_exporter_live_requests_total" [result] "requests",
    /// How long an attempt took until its body was read or it failed.
    pub(super) request_duration: Timings = Timings::new(&REQUEST_BOUNDS_S);
        "smartassist_exporter_request_duration_seconds" [] "seconds",
    /// Requests a minute that the exporter allows itself now: as configured, less after a rate-limit answer.
    pub budget: Amount = Amount::default();
        "smartassist_exporter_requests_per_minute_budget" [] "requests per minute",
    /// Time spent waiting for the request budget or because a rate-limit answer asked for it.
    pub throttled: Seconds = Seconds::default();
        "smartassist_exporter_throttled_seconds_total" [] "seconds",
    /// Records received, by what they brought: applied (at least one new fact), unchanged (nothing new), rejected (no
    /// object, or no identity). Every record received is one of the three.
    pub(super) records: Counts = Counts::new(RECORD_RESULTS);
        "smartassist_exporter_records_total" [result] "records",
    /// From a conversation's end to its first count, as it is counted. The past that a first start reads is not among
    /// them; what was missed in an outage is.
    pub(super) end_to_count: TimingsBy = TimingsBy::new(&END_TO_COUNT_BOUNDS_S);
        "smartassist_exporter_end_to_count_seconds" [channel] "seconds",
    /// Conversations that evidence of a spike of abandonment leaves out, by reason: late (another that ended a quarter of
    /// an hour later was known first), no_room (its channel or queue is not among the scopes that are followed, as many as
    /// metrics.max_series_per_metric allows; its account has it). All of them are counted.
    pub(super) evidence_left_out: Counts = Counts::new(["late", "no_room"]);
        "smartassist_exporter_evidence_left_out_total" [reason] "conversations",
    /// Values refused because they cannot be (unreadable, negative, out of range), by field. The rest of the record
    /// counts; one read again is not counted again.
    pub(super) rejected_values: Counts = Counts::new(vocabulary.fields.iter().copied());
        "smartassist_exporter_rejected_values_total" [field] "values",
    /// Facts that read differently, or vanished, after they were counted. They are not counted again.
    pub(super) revised_facts: Counts = Counts::new(vocabulary.facts.iter().copied());
        "smartassist_exporter_revised_facts_total" [fact] "facts",
    /// Conversations that left max_lookback still live and so were never counted.
    pub never_ended: Count = Count::default();
        "smartassist_exporter_never_ended_total" [] "conversations",
    /// Time that was never read and passed out of reach, so that conversations of it were never counted: a stop longer
    /// than poll.max_lookback, or an API that failed as long.
    pub unread_seconds: Count = Count::default();
        "smartassist_exporter_unread_seconds_total" [] "seconds",
    /// Windows halved because they held more records than one window yields.
    pub windows_split: Count = Count::default();
        "smartassist_exporter_windows_split_total" [] "windows",
    /// Windows of which more was there than could be had: they overflowed and could not be halved further, could not be
    /// read while others could, or ended below a known total. The log says which; records of them may be missing.
    pub windows_truncated: Count = Count::default();
        "smartassist_exporter_windows_truncated_total" [] "windows",
    /// How far the API's zone-less times are ahead of UTC, as measured from session ids.
    pub response_utc_offset: Level = Level::default();
        "smartassist_exporter_response_utc_offset_seconds" [] "seconds",
    /// When counting of the account began, in Unix time; it stays over restarts, with the counts. 0 before.
    pub counting_since: Level = Level::default();
        "smartassist_exporter_counting_since_timestamp_seconds" [] "seconds",
    /// Conversations remembered, so that none is counted twice.
    pub tracked_conversations: Level = Level::default();
        "smartassist_exporter_tracked_conversations" [] "conversations",
    /// What was counted under __overflow__ because its metric had reached metrics.max_series_per_metric label sets.
    pub(super) series_overflow: Counts = Counts::new(Measure::ALL.iter().map(|measure| measure.metric().name));
        "smartassist_exporter_series_overflow_total" [metric] "increments",
    /// How long a durable commit took.
    pub(super) commit_duration: Timings = Timings::new(&COMMIT_BOUNDS_S);
        "smartassist_exporter_commit_duration_seconds" [] "seconds",
    /// Commits that failed. Nothing is lost: what was not committed is read again.
    pub(super) store_errors: Count = Count::default();
        "smartassist_exporter_store_errors_total" [] "errors",
    /// Commits that were made and that the database, as it was opened last, did not hold any more: an older copy was
    /// restored, or its write-ahead log was removed or cut. Counters stand lower by what was in them, until it is counted
    /// again.
    pub lost_commits: Level = Level::default();
        "smartassist_exporter_lost_commits" [] "commits",
    /// Lines of abandoned conversations, where events.abandoned asks for them, by what became of them: written, lost (they
    /// could not be written for so long that others needed their room; their counts are not lost).
    pub(super) event_lines: Counts = Counts::new(["written", "lost"]);
        "smartassist_exporter_event_lines_total" [result] "lines",
    /// Attempts to write such lines that failed. They wait in the store, and are tried again.
    pub event_write_errors: Count = Count::default();
        "smartassist_exporter_event_write_errors_total" [] "errors",
}

pub(super) const BUILD_INFO: Metric = Metric {
    name: "smartassist_exporter_build_info",
    kind: MetricKind::Gauge,
    scope: Scope::Process,
    labels: &["version", "revision"],
    unit: "always 1",
    help: "Which build runs: its version and source revision.",
};

/// The configuration in force, and the same of the web's.
pub(super) const RELOADS: [Metric; 4] = [
    Metric {
        name: "smartassist_exporter_config_last_reload_successful",
        kind: MetricKind::Gauge,
        scope: Scope::Process,
        labels: &[],
        unit: "0 or 1",
        help: "1 while the configuration that was read last is in force; 0 after a reload that failed and changed nothing.",
    },
    Metric {
        name: "smartassist_exporter_config_last_reload_success_timestamp_seconds",
        kind: MetricKind::Gauge,
        scope: Scope::Process,
        labels: &[],
        unit: "seconds",
        help: "When the configuration in force was taken over, in Unix time: at the start, or by the last reload that succeeded.",
    },
    Metric {
        name: "smartassist_exporter_web_config_last_reload_successful",
        kind: MetricKind::Gauge,
        scope: Scope::Process,
        labels: &[],
        unit: "0 or 1",
        help: "1 while the file of --web.config.file and the certificates that it names are in force as they are; 0 once they have changed and cannot be used, so that the last good ones stand. 1 without such a file.",
    },
    Metric {
        name: "smartassist_exporter_web_config_last_reload_success_timestamp_seconds",
        kind: MetricKind::Gauge,
        scope: Scope::Process,
        labels: &[],
        unit: "seconds",
        help: "When the web configuration in force was taken over, in Unix time: at the start, or at the last change of its files that could be used.",
    },
];

/// Deliveries to a collector.
pub(super) const PUSHES: Metric = Metric {
    name: "smartassist_exporter_otlp_pushes_total",
    kind: MetricKind::Counter,
    scope: Scope::Process,
    labels: &["result"],
    unit: "pushes",
    help: "Pushes of these metrics to an OTLP collector, where the environment asks for them, by result: ok, rejected (the collector refuses some or all of it), failed (nobody took it in time).",
};

/// Who counts an account, of several processes that may. Shown by all of them, unlike everything else of an account.
pub(super) const LEADER: Metric = Metric {
    name: "smartassist_exporter_leader",
    kind: MetricKind::Gauge,
    scope: Scope::Account,
    labels: &[],
    unit: "0 or 1",
    help: "1 where this process polls the account and shows what was counted of it, 0 where another one of those that share storage.url does, or none. Always 1 with storage.path.",
};

/// All of them.
pub(in crate::metrics) const EXPORTER: &[Metric] = &{
    let mut all = [BUILD_INFO; OF_ACCOUNTS.len() + RELOADS.len() + 3];
    all[RELOADS.len() + 1] = PUSHES;
    all[RELOADS.len() + 2] = LEADER;
    let mut place = 0;
    while place < RELOADS.len() {
        all[place + 1] = RELOADS[place];
        place += 1;
    }
    place = 0;
    while place < OF_ACCOUNTS.len() {
        all[place + RELOADS.len() + 3] = OF_ACCOUNTS[place];
        place += 1;
    }
    all
};
