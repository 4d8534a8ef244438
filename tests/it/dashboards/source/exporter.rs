//! Exporter: can the others be trusted? Fresh, complete, within the request budget.

use super::compared::compared;
use super::operations::firing;
use super::panel::{
    Ask, BLUE, DEEP, Draw, FAR_OVER, GOOD, GREY, LIGHT, LILAC, Layout, NEUTRAL, OVER, PURPLE,
    Panel, TEAL, Table, UNKNOWN, VIOLET, ask, column, graph, label, steps, table, tile, words,
};
use super::query::{ACCOUNT, enough_observations, or_none};
use super::{Board, exporter_url, filters};
use serde_json::{Value, json};

const PROCESS: &str = r#"job=~"$job", instance=~"$instance""#;
const LAST_SUCCESS: &str = "smartassist_exporter_last_success_timestamp_seconds";
const UP: [(&str, &str, &str); 2] = [("0", "▲▲ down", FAR_OVER), ("1", "✓ up", GOOD)];
/// How many exporters poll an account, of those that share a database.
const POLLED_BY: [(&str, &str, &str); 3] = [
    ("0", "▲▲ nobody", FAR_OVER),
    ("1", "✓ one", GOOD),
    ("2", "▲ two", OVER),
];
const RELOADED: [(&str, &str, &str); 2] = [("0", "▲▲ failed", FAR_OVER), ("1", "✓ in force", GOOD)];
const CATCHING_UP: [(&str, &str, &str); 2] = [("0", "no", ""), ("1", "▲ yes", OVER)];

pub fn board() -> Value {
    let panels = Layout::default()
        .panels(headline())
        .panels([accounts(), firing((24, 6), "The exporter's own alerts", r#"category="exporter", "#, "Alerts about the exporter itself that fire now: while one of them does, read the other boards with care. A click on the runbook opens it.")])
        .row("Freshness")
        .panels(freshness())
        .row("The queue now")
        .panels(live())
        .row("The vendor's API")
        .panels(api())
        .row("What was read")
        .panels(reading())
        .row("Beside the vendor's own numbers")
        .panels(compared())
        .row("The process")
        .panels(process())
        .finish();
    let mut variables = filters();
    variables.push(exporter_url());
    Board {
        uid: "smartassist-exporter",
        title: "SmartAssist / Exporter",
        description: "Can the other boards be trusted? Fresh, complete, within the request budget.",
        refresh: "30s",
        from: "now-3h",
        variables,
        panels,
    }
    .json()
}

fn own(name: &str) -> String {
    format!("smartassist_exporter_{name}{{{ACCOUNT}}}")
}

fn range(name: &str) -> String {
    format!("sum(increase({}[$__range]))", own(name))
}

/// What is not there has the first colour: it must not be that of what is well.
fn age_limits() -> Value {
    steps(NEUTRAL, &[(-60.0, GOOD), (120.0, OVER), (300.0, FAR_OVER)])
}

fn headline() -> Vec<Panel> {
    let size = (4, 4);
    let one = |title: &str, text: &str, unit: &str, expr: String| {
        tile(size, title, text, unit, 0, vec![ask("A", "", expr)])
    };
    let faults = |title: &str, text: &str, name: &str| {
        one(title, text, "none", format!("round({})", range(name)))
            .set(
                "/fieldConfig/defaults/color",
                json!({ "mode": "thresholds" }),
            )
            .set(
                "/fieldConfig/defaults/thresholds",
                steps(GOOD, &[(0.5, FAR_OVER)]),
            )
    };
    vec![
        one("State", "Whether the last poll of every chosen account was read and stored without a failure.", "none", format!("min({})", own("up")))
            .set("/fieldConfig/defaults/mappings", json!([words(&UP)]))
            .set("/fieldConfig/defaults/noValue", json!("no exporter"))
            .set("/fieldConfig/defaults/color", super::panel::fixed(UNKNOWN))
            .set("/options/colorMode", json!("background")),
        one("Data age", "Time since the last poll without a failure, of the account worst off. From 5 minutes on, what speaks of now is not shown on the other boards.", "s", format!("time() - min({LAST_SUCCESS}{{{ACCOUNT}}} > 0)"))
            .set("/fieldConfig/defaults/noValue", json!("no exporter"))
            .set("/fieldConfig/defaults/color", json!({ "mode": "thresholds" }))
            .set("/fieldConfig/defaults/thresholds", age_limits()),
        one("Catching up", "Whether a stretch of the longest recent window was never read yet: at first start, or after an outage. Business alerts are held back meanwhile.", "none", format!("max({})", own("catching_up")))
            .set("/fieldConfig/defaults/mappings", json!([words(&CATCHING_UP)])),
        tile(size, "Budget used", "Requests a minute, over 10 minutes, ÷ the budget now allowed, of the account that uses most. What the plan leaves is spent on reading the last hour again, so a high share is no fault; too small a budget shows as a plan that stays overdue.", "percentunit", 0, vec![
            ask("A", "", format!("max(60 * sum by (account) (rate({}[$__rate_interval])) / sum by (account) ({}))", own("requests_total"), own("requests_per_minute_budget"))),
        ]).every("10m"),
        faults("Truncated windows", "Windows of which not every record could be read, in the time range: those conversations are missing from all counts.", "windows_truncated_total"),
        faults("Store errors", "Failed commits in the time range. While the store fails, the last committed numbers stay up and nothing is lost.", "store_errors_total"),
    ]
}

fn accounts() -> Panel {
    let max = |expr: String| format!("max by (account) ({expr})");
    table(
        (24, 5),
        "Accounts",
        "Each account: whether its last poll succeeded, by how many exporters it is polled (nobody is shown where none of those that share a database has it), how old its data is, the newest conversation seen, how far the reading plan is behind, time that passed out of reach unread (in the time range), commits that were missing from the database as it was opened last, since when it is counted, and the zone its times were measured in.",
        Table {
            labels: vec![label("account", "Account", 0).with("mappings", json!([]))],
            columns: vec![
                column("Up", 90, "none", 0, max(own("up"))).words(&UP),
                column(
                    "Polled by",
                    110,
                    "none",
                    0,
                    format!("sum by (account) ({})", own("leader")),
                )
                .words(&POLLED_BY),
                column(
                    "Data age",
                    110,
                    "s",
                    0,
                    max(format!(
                        "time() - ({} > 0)",
                        own("last_success_timestamp_seconds")
                    )),
                )
                .limits(GOOD, &[(120.0, OVER), (300.0, FAR_OVER)]),
                column(
                    "Newest conversation",
                    190,
                    "dateTimeAsIso",
                    0,
                    format!(
                        "({} > 0) * 1000",
                        max(own("newest_conversation_timestamp_seconds"))
                    ),
                ),
                column("Overdue", 110, "s", 1, max(own("coverage_overdue_seconds"))),
                column("Catching up", 110, "none", 0, max(own("catching_up"))).words(&CATCHING_UP),
                column(
                    "Never read",
                    110,
                    "s",
                    0,
                    format!(
                        "sum by (account) (increase({}[$__range]))",
                        own("unread_seconds_total")
                    ),
                )
                .limits("text", &[(0.5, FAR_OVER)]),
                column("Commits lost", 110, "none", 0, max(own("lost_commits")))
                    .limits("text", &[(0.5, FAR_OVER)]),
                column(
                    "Conversations tracked",
                    180,
                    "short",
                    1,
                    max(own("tracked_conversations")),
                ),
                column(
                    "Counting since",
                    190,
                    "dateTimeAsIso",
                    0,
                    max(own("counting_since_timestamp_seconds")) + " * 1000",
                ),
                column(
                    "UTC offset",
                    110,
                    "s",
                    0,
                    max(own("response_utc_offset_seconds")),
                ),
            ],
            rows: Some(max(own("leader"))),
            sort: ("Account", false),
            columns_first: false,
            hidden: &[],
        },
    )
}

fn results(
    size: (u64, u64),
    title: &str,
    text: &str,
    name: &str,
    colours: &[(&str, &str)],
) -> Panel {
    // A series at 0 would draw the upper edge of the stack in its colour, as if there were something.
    graph(
        size,
        title,
        text,
        "none",
        Draw::Areas,
        vec![ask(
            "A",
            "{{result}}",
            format!(
                "60 * sum by (result) (rate({}[$__rate_interval])) > 0",
                own(name)
            ),
        )],
    )
    .colours(colours)
    .decimals(1)
}

fn freshness() -> Vec<Panel> {
    let size = (6, 8);
    vec![
        graph(size, "Data age", "Time since the last poll without a failure. Dashed: from here on, what speaks of now is not shown.", "s", Draw::Lines, vec![
            ask("A", "{{account}}", format!("time() - (max by (account) ({}) > 0)", own("last_success_timestamp_seconds"))),
            ask("T", "stale", "vector(300)").dashed(),
        ]).decimals(0),
        graph(size, "Plan overdue", "How far the reading plan is behind: the greatest time since a stretch of the past was read, minus the time it may go unread. Above zero for long: the budget is too small.", "s", Draw::Lines, vec![
            ask("A", "{{account}}", format!("max by (account) ({})", own("coverage_overdue_seconds"))),
        ]).decimals(1).set("/fieldConfig/defaults/min", Value::Null),
        results(size, "Polls, per minute", "Polls by result. Partial: some windows were read. Store failed: read, but not counted.", "polls_total",
            &[("ok", BLUE), ("partial", LILAC), ("failed", PURPLE), ("store_failed", TEAL)]),
        graph(size, "From end to count", "How long it takes from a conversation's end to its first count, over all channels. Long ones are found when the time in which they began is read again, so they take longest.", "s", Draw::Lines, percentiles("end_to_count_seconds")).decimals(0),
    ]
}

/// As on the queue board, for what the exporter measures of itself.
fn percentiles(name: &str) -> Vec<Ask> {
    [
        ("A", "half", 0.5, LIGHT),
        ("B", "90 %", 0.9, BLUE),
        ("C", "99 %", 0.99, PURPLE),
    ]
    .into_iter()
    .map(|(id, called, quantile, colour)| {
        let of = |part: &str, function: &str| {
            format!(
                "{function}({}[$__rate_interval])",
                own(&format!("{name}_{part}"))
            )
        };
        ask(
            id,
            called,
            format!(
                "histogram_quantile({quantile}, sum by (le) ({})) >= 0\nand on () sum({}) >= {}",
                of("bucket", "rate"),
                of("count", "increase"),
                enough_observations(quantile)
            ),
        )
        .coloured(colour)
        .every("150s")
    })
    .collect()
}

/// What is read beside the counts.
fn live() -> Vec<Panel> {
    let by = "account, source";
    // One that was tried and never to be had has no time.
    let read = own("live_timestamp_seconds");
    let up = format!(
        "min by ({by}) ({} and on (job, instance, {by}) {read})",
        own("live_up")
    );
    let age = format!("time() - max by ({by}) ({read})");
    vec![
        table((8, 8), "Sources of the queue now", "Each source that is to be read or has answered once: whether it answered last, and how long ago. One that was never to be had and need not be is not here.", Table {
            labels: vec![label("source", "Source", 0).with("mappings", json!([])), label("account", "Account", 76)],
            columns: vec![
                column("Answers", 76, "none", 0, up.clone()).words(&[("0", "▲ no", OVER), ("1", "✓ yes", GOOD)]),
                column("Read ago", 76, "s", 0, age.clone()).limits(GOOD, &[(60.0, OVER), (120.0, FAR_OVER)]),
            ],
            rows: Some(up),
            sort: ("Source", false),
            columns_first: false,
            hidden: &[],
        }),
        graph((8, 8), "Age of the queue now", "Time since each source was read. After three readings its numbers are not shown, and after two minutes it is told as stale (dashed).", "s", Draw::Lines, vec![
            ask("A", "{{source}} · {{account}}", age),
            ask("T", "stale", "vector(120)").dashed(),
        ]).decimals(0),
        results((8, 8), "Requests for it, per minute", "Attempts by result, on top of those for counts and out of the same budget, of which they have at most a quarter. A source that is refused is tried again every hour.", "live_requests_total",
            &[("ok", BLUE), ("rate_limited", PURPLE), ("unauthorized", LILAC), ("invalid", VIOLET), ("not_found", LIGHT), ("server_error", TEAL),
            ("timeout", DEEP), ("connection", "#D0D4DC"), ("bad_body", GREY), ("redirect", "#B0A5D6")]),
    ]
}

fn api() -> Vec<Panel> {
    vec![
        graph((12, 8), "Requests, per minute", "Every attempt at the API by result, with the budget now allowed (it shrinks after a rate-limit answer and recovers).", "none", Draw::Areas, vec![
            ask("A", "{{result}}", format!("60 * sum by (result) (rate({}[$__rate_interval])) > 0", own("requests_total"))),
            ask("T", "budget", format!("sum({})", own("requests_per_minute_budget"))).dashed(),
        ]).colours(&[
            ("ok", BLUE), ("rate_limited", PURPLE), ("unauthorized", LILAC), ("invalid", VIOLET), ("not_found", LIGHT), ("server_error", TEAL),
            ("timeout", DEEP), ("connection", "#D0D4DC"), ("bad_body", GREY), ("redirect", "#B0A5D6"),
        ]).decimals(1),
        graph((6, 8), "Request duration", "Time of one request to the API: half, 90 % and 99 % took no longer. A line only where there are enough: 10, 20 and 100 requests.", "s", Draw::Lines, percentiles("request_duration_seconds")).decimals(2),
        graph((6, 8), "Held back", "Share of time in which requests waited for the budget.", "percentunit", Draw::Lines, vec![
            ask("A", "{{account}}", format!("sum by (account) (rate({}[$__rate_interval]))", own("throttled_seconds_total"))),
        ]).every("10m").decimals(1),
    ]
}

fn reading() -> Vec<Panel> {
    let size = (8, 8);
    let plain = |name: &'static str, shown: &'static str, width| {
        label(name, shown, width).with("mappings", json!([]))
    };
    let by = |label_name: &'static str,
              name: &'static str,
              column_name: &'static str,
              metric: &str| Table {
        labels: vec![
            label(label_name, name, 0).with("mappings", json!([])),
            label("account", "Account", 90),
        ],
        columns: vec![
            column(
                column_name,
                170,
                "none",
                0,
                or_none(
                    &format!(
                        "sum by (account, {label_name}) (increase({}[$__range])) > 0",
                        own(metric)
                    ),
                    &[label_name, "account"],
                ),
            )
            .bar(Value::Null),
        ],
        rows: None,
        sort: (column_name, true),
        columns_first: false,
        hidden: &[],
    };
    let limit = |id, name: &str, metric: &str, colour: &str| {
        ask(
            id,
            name,
            format!("sum(increase({}[$__rate_interval])) > 0", own(metric)),
        )
        .coloured(colour)
    };
    vec![
        results(size, "Records, per minute", "Records read by what they brought: applied (new facts), unchanged (read again, nothing new) or rejected (no identity, or no object).", "records_total",
            &[("applied", BLUE), ("unchanged", LIGHT), ("rejected", PURPLE)]),
        table(size, "Refused values", "Values that cannot be (negative durations, scores out of range, unreadable times), by field, in the time range; the rest of the record is counted.", by("field", "Field", "Refused", "rejected_values_total")),
        table(size, "Revised facts", "Facts that read differently, or vanished, after they were counted, by kind, in the time range. They are not counted again.", by("fact", "Fact", "Revised", "revised_facts_total")),
        table((16, 8), "Corrections", "Counted facts that read differently later, from what to what, in the time range. Counts stay as they were: take from and add to, and they are what the records say now. An empty From or To: the fact was gone; `counted`: facts without a word of their own.", Table {
            labels: vec![plain("fact", "Fact", 150), plain("from", "From", 0), plain("to", "To", 0), label("account", "Account", 90)],
            columns: vec![column("Facts", 120, "none", 0, or_none(
                &format!("sum by (account, fact, from, to) (increase(smartassist_corrections_total{{{ACCOUNT}}}[$__range])) > 0"),
                &["fact", "from", "to", "account"],
            ))],
            rows: None,
            sort: ("Facts", true),
            columns_first: false,
            hidden: &[],
        }),
        table((8, 8), "Corrected durations", "Seconds by which durations that were counted read longer or shorter later, in the time range: what a histogram's sum lacks, and what it has too much.", Table {
            labels: vec![plain("fact", "Fact", 150), plain("direction", "Longer or shorter", 0)],
            columns: vec![column("Time", 110, "s", 0, or_none(
                &format!("sum by (fact, direction) (increase(smartassist_correction_seconds_total{{{ACCOUNT}}}[$__range])) > 0"),
                &["fact", "direction"],
            ))],
            rows: None,
            sort: ("Time", true),
            columns_first: false,
            hidden: &[],
        }),
        table((24, 6), "Outcomes that the vendor sums up otherwise", "Conversations whose outcome, by the rules here, does not fit the vendor's `smartStatus`, in the time range: of accounts with `call_details: v2`. Some of one pair and no more are a rule that differs; many of many, a rule that is wrong.", Table {
            labels: vec![
                label("outcome", "Outcome here", 0).with("mappings", json!([])),
                label("smart_status", "Vendor's summary", 220).with("mappings", json!([])),
                label("account", "Account", 160),
            ],
            columns: vec![column("Conversations", 160, "none", 0, format!("sum by (account, outcome, smart_status) (increase(smartassist_exporter_outcome_disagreements_total{{{ACCOUNT}}}[$__range])) > 0"))],
            rows: None,
            sort: ("Conversations", true),
            columns_first: false,
            hidden: &[],
        }),
        graph((12, 8), "Limits met, in 10 minutes", "Split: windows of time halved because they held more records than one answer yields (normal while catching up). Truncated: windows too full even for one second, their rest is missing. Never ended: conversations that left the look-back still live. Over the label limit: what was counted under `__overflow__`. Not in evidence: conversations known too late, or of too many queues, to be weighed for a spike; they count. Nothing is drawn where nothing was met.", "none", Draw::Bars, vec![
            limit("A", "windows split", "windows_split_total", BLUE),
            limit("B", "windows truncated", "windows_truncated_total", PURPLE),
            limit("C", "never ended", "never_ended_total", TEAL),
            limit("D", "over the label limit", "series_overflow_total", LIGHT),
            limit("E", "not in evidence", "evidence_left_out_total", GREY),
        ]).every("10m").decimals(0).set("/fieldConfig/defaults/noValue", json!("none met")),
        graph((6, 8), "Conversations tracked", "Conversations remembered so that none is counted twice.", "short", Draw::Lines, vec![
            ask("A", "{{account}}", format!("sum by (account) ({})", own("tracked_conversations"))),
        ]),
        graph((6, 8), "Lines of the abandoned, in 10 minutes", "Lines that `events.abandoned` asks for: written; lost, since they could not be written for so long that others needed their room; and attempts that failed. All at 0 where it asks for none.", "none", Draw::Bars, vec![
            ask("A", "{{result}}", format!("sum by (result) (increase({}[$__rate_interval]))", own("event_lines_total"))),
            ask("B", "failed attempts", format!("sum(increase({}[$__rate_interval]))", own("event_write_errors_total"))).coloured(VIOLET),
        ]).colours(&[("written", BLUE), ("lost", PURPLE)]).every("10m").decimals(0),
    ]
}

/// A gauge of the process, by the version that runs.
fn with_version(gauge: &str) -> String {
    format!(
        "{gauge}{{{PROCESS}}} * on (job, instance) group_left (version) smartassist_exporter_build_info{{{PROCESS}}}"
    )
}

fn process() -> Vec<Panel> {
    let size = (6, 8);
    let times =
        "half, 90 % and 99 % took no longer. A line only where there are enough: 10, 20 and 100.";
    vec![
        graph(
            size,
            "Poll duration",
            &format!("Time of one whole poll: {times}"),
            "s",
            Draw::Lines,
            percentiles("poll_duration_seconds"),
        )
        .decimals(2),
        graph(
            size,
            "Commit duration",
            &format!("Time of one durable commit to the store: {times}"),
            "s",
            Draw::Lines,
            percentiles("commit_duration_seconds"),
        )
        .decimals(3),
        graph(
            size,
            "Memory",
            "Resident memory of the exporter.",
            "bytes",
            Draw::Lines,
            vec![ask(
                "A",
                "{{instance}}",
                format!("process_resident_memory_bytes{{{PROCESS}}}"),
            )],
        ),
        graph(
            size,
            "CPU",
            "Processor time used per second; 100 % is one core.",
            "percentunit",
            Draw::Lines,
            vec![ask(
                "A",
                "{{instance}}",
                format!("rate(process_cpu_seconds_total{{{PROCESS}}}[$__rate_interval])"),
            )],
        )
        .decimals(1),
        table(
            (16, 5),
            "Running",
            "Version of each exporter, since when it runs, since when its configuration is in force, and whether the last reload of it failed and changed nothing; the same of the web configuration; and pushes over OTLP that no collector took, in the time range.",
            Table {
                labels: vec![
                    label("instance", "Instance", 0).with("mappings", json!([])),
                    label("job", "Job", 200).with("mappings", json!([])),
                    label("version", "Version", 120).with("mappings", json!([])),
                ],
                columns: vec![
                    column(
                        "Since",
                        190,
                        "dateTimeAsIso",
                        0,
                        with_version("process_start_time_seconds") + " * 1000",
                    ),
                    column(
                        "Configured",
                        190,
                        "dateTimeAsIso",
                        0,
                        with_version(
                            "smartassist_exporter_config_last_reload_success_timestamp_seconds",
                        ) + " * 1000",
                    ),
                    column(
                        "Last reload",
                        120,
                        "none",
                        0,
                        with_version("smartassist_exporter_config_last_reload_successful"),
                    )
                    .words(&RELOADED),
                    column(
                        "Web since",
                        190,
                        "dateTimeAsIso",
                        0,
                        with_version(
                            "smartassist_exporter_web_config_last_reload_success_timestamp_seconds",
                        ) + " * 1000",
                    ),
                    column(
                        "Web",
                        120,
                        "none",
                        0,
                        with_version("smartassist_exporter_web_config_last_reload_successful"),
                    )
                    .words(&RELOADED),
                    column(
                        "Pushes lost",
                        120,
                        "none",
                        0,
                        format!(
                            "sum by (job, instance) (increase(smartassist_exporter_otlp_pushes_total{{{PROCESS}, result!=\"ok\"}}[$__range])) * on (job, instance) group_left (version) smartassist_exporter_build_info{{{PROCESS}}}"
                        ),
                    ),
                ],
                rows: None,
                sort: ("Instance", false),
                columns_first: false,
                hidden: &["__name__"],
            },
        ),
        graph(
            (8, 5),
            "Open files",
            "File descriptors in use.",
            "none",
            Draw::Lines,
            vec![ask(
                "A",
                "{{instance}}",
                format!("process_open_fds{{{PROCESS}}}"),
            )],
        )
        .decimals(0),
    ]
}
