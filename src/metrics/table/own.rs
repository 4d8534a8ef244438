use super::{Metric, MetricKind, Scope};

const fn own(
    kind: MetricKind,
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
        unit,
        help,
    }
}

const fn process(
    kind: MetricKind,
    name: &'static str,
    unit: &'static str,
    help: &'static str,
) -> Metric {
    Metric {
        scope: Scope::Process,
        ..own(kind, name, &[], unit, help)
    }
}

pub const BUILD_INFO: Metric = Metric {
    scope: Scope::Process,
    ..own(
        MetricKind::Gauge,
        "smartassist_exporter_build_info",
        &["version", "revision"],
        "always 1",
        "Which build runs: its version and source revision.",
    )
};
pub const UP: Metric = own(
    MetricKind::Gauge,
    "smartassist_exporter_up",
    &[],
    "0 or 1",
    "1 while the last poll of the account succeeded and its store can be written.",
);
pub const POLLS: Metric = own(
    MetricKind::Counter,
    "smartassist_exporter_polls_total",
    &["result"],
    "polls",
    "Polls by result: ok, partial (some of what was planned could not be read), failed (nothing could), \
     store_failed (read, but not to be committed).",
);
pub const POLL_DURATION: Metric = own(
    MetricKind::Histogram,
    "smartassist_exporter_poll_duration_seconds",
    &[],
    "seconds",
    "How long a poll took, from planning to publication, waiting for the request budget included.",
);
pub const LAST_SUCCESS: Metric = own(
    MetricKind::Gauge,
    "smartassist_exporter_last_success_timestamp_seconds",
    &[],
    "seconds",
    "When the last successful poll ended, in Unix time; 0 before the first. Moved by success alone.",
);
pub const NEWEST_CONVERSATION: Metric = own(
    MetricKind::Gauge,
    "smartassist_exporter_newest_conversation_timestamp_seconds",
    &[],
    "seconds",
    "Start of the newest conversation seen, in Unix time; 0 before the first.",
);
pub const CATCHING_UP: Metric = own(
    MetricKind::Gauge,
    "smartassist_exporter_catching_up",
    &[],
    "0 or 1",
    "1 while some part of the longest recent window was never read, as at first start and after an outage.",
);
pub const COVERAGE_OVERDUE: Metric = own(
    MetricKind::Gauge,
    "smartassist_exporter_coverage_overdue_seconds",
    &[],
    "seconds",
    "By how much the most overdue stretch of the past exceeds the time allowed since it was read. \
     Growing means that the request budget does not suffice.",
);
pub const REQUESTS: Metric = own(
    MetricKind::Counter,
    "smartassist_exporter_requests_total",
    &["result"],
    "requests",
    "Requests sent to the API, every attempt, by result.",
);
pub const REQUEST_DURATION: Metric = own(
    MetricKind::Histogram,
    "smartassist_exporter_request_duration_seconds",
    &[],
    "seconds",
    "How long an attempt took until its body was read or it failed.",
);
pub const BUDGET: Metric = own(
    MetricKind::Gauge,
    "smartassist_exporter_requests_per_minute_budget",
    &[],
    "requests per minute",
    "Requests a minute that the exporter allows itself now: as configured, less after a rate-limit answer.",
);
pub const THROTTLED: Metric = own(
    MetricKind::Counter,
    "smartassist_exporter_throttled_seconds_total",
    &[],
    "seconds",
    "Time spent waiting for the request budget or because a rate-limit answer asked for it.",
);
pub const RECORDS: Metric = own(
    MetricKind::Counter,
    "smartassist_exporter_records_total",
    &["result"],
    "records",
    "Records received, by what they brought: applied (at least one new fact), unchanged (nothing new), \
     rejected (no object, or no identity). Every record received is one of the three.",
);
pub const REJECTED_VALUES: Metric = own(
    MetricKind::Counter,
    "smartassist_exporter_rejected_values_total",
    &["field"],
    "values",
    "Values refused because they cannot be (unreadable, negative, out of range), by field. \
     The rest of the record counts; one read again is not counted again.",
);
pub const REVISED_FACTS: Metric = own(
    MetricKind::Counter,
    "smartassist_exporter_revised_facts_total",
    &["fact"],
    "facts",
    "Facts that read differently, or vanished, after they were counted. They are not counted again.",
);
pub const NEVER_ENDED: Metric = own(
    MetricKind::Counter,
    "smartassist_exporter_never_ended_total",
    &[],
    "conversations",
    "Conversations that left max_lookback still live and so were never counted.",
);
pub const UNREAD_SECONDS: Metric = own(
    MetricKind::Counter,
    "smartassist_exporter_unread_seconds_total",
    &[],
    "seconds",
    "Time that was never read and passed out of reach, so that conversations of it were never counted: \
     a stop longer than poll.max_lookback, or an API that failed as long.",
);
pub const WINDOWS_SPLIT: Metric = own(
    MetricKind::Counter,
    "smartassist_exporter_windows_split_total",
    &[],
    "windows",
    "Windows halved because they held more records than one window yields.",
);
pub const WINDOWS_TRUNCATED: Metric = own(
    MetricKind::Counter,
    "smartassist_exporter_windows_truncated_total",
    &[],
    "windows",
    "Windows that overflowed and could not be halved further: records of them may be missing.",
);
pub const RESPONSE_UTC_OFFSET: Metric = own(
    MetricKind::Gauge,
    "smartassist_exporter_response_utc_offset_seconds",
    &[],
    "seconds",
    "How far the API's zone-less times are ahead of UTC, as measured from session ids.",
);
pub const TRACKED_CONVERSATIONS: Metric = own(
    MetricKind::Gauge,
    "smartassist_exporter_tracked_conversations",
    &[],
    "conversations",
    "Conversations remembered, so that none is counted twice.",
);
pub const SERIES_OVERFLOW: Metric = own(
    MetricKind::Counter,
    "smartassist_exporter_series_overflow_total",
    &["metric"],
    "increments",
    "What was counted under __overflow__ because its metric had reached metrics.max_series_per_metric label sets.",
);
pub const COMMIT_DURATION: Metric = own(
    MetricKind::Histogram,
    "smartassist_exporter_commit_duration_seconds",
    &[],
    "seconds",
    "How long a durable commit took.",
);
pub const STORE_ERRORS: Metric = own(
    MetricKind::Counter,
    "smartassist_exporter_store_errors_total",
    &[],
    "errors",
    "Commits that failed. Nothing is lost: what was not committed is read again.",
);

/// In the order of the page.
pub const EXPORTER: &[Metric] = &[
    BUILD_INFO,
    UP,
    POLLS,
    POLL_DURATION,
    LAST_SUCCESS,
    NEWEST_CONVERSATION,
    CATCHING_UP,
    COVERAGE_OVERDUE,
    REQUESTS,
    REQUEST_DURATION,
    BUDGET,
    THROTTLED,
    RECORDS,
    REJECTED_VALUES,
    REVISED_FACTS,
    NEVER_ENDED,
    UNREAD_SECONDS,
    WINDOWS_SPLIT,
    WINDOWS_TRUNCATED,
    RESPONSE_UTC_OFFSET,
    TRACKED_CONVERSATIONS,
    SERIES_OVERFLOW,
    COMMIT_DURATION,
    STORE_ERRORS,
];

pub const CPU_SECONDS: Metric = process(
    MetricKind::Counter,
    "process_cpu_seconds_total",
    "seconds",
    "CPU time spent, user and system.",
);
pub const OPEN_FDS: Metric = process(
    MetricKind::Gauge,
    "process_open_fds",
    "file descriptors",
    "Open file descriptors.",
);
pub const MAX_FDS: Metric = process(
    MetricKind::Gauge,
    "process_max_fds",
    "file descriptors",
    "File descriptors that may be open at most.",
);
pub const VIRTUAL_MEMORY: Metric = process(
    MetricKind::Gauge,
    "process_virtual_memory_bytes",
    "bytes",
    "Size of the virtual memory.",
);
pub const RESIDENT_MEMORY: Metric = process(
    MetricKind::Gauge,
    "process_resident_memory_bytes",
    "bytes",
    "Size of the memory that is resident.",
);
pub const START_TIME: Metric = process(
    MetricKind::Gauge,
    "process_start_time_seconds",
    "seconds",
    "When the process started, in Unix time.",
);
pub const THREADS: Metric = process(
    MetricKind::Gauge,
    "process_threads",
    "threads",
    "Threads of the operating system.",
);

pub const PROCESS: &[Metric] = &[
    CPU_SECONDS,
    OPEN_FDS,
    MAX_FDS,
    VIRTUAL_MEMORY,
    RESIDENT_MEMORY,
    START_TIME,
    THREADS,
];
