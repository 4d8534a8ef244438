//! Operations: how are we doing now, which queue first, what changed?

use super::now::{self, Now};
use super::panel::{
    AT_LEAST, AT_MOST, BLUE, Draw, FAR_OVER, GOOD, GREY, LILAC, Layout, NEUTRAL, OVER, PURPLE,
    Panel, TEAL, Table, UNKNOWN, ask, column, graded, graph, judged_tile, label, table, tile,
};
use super::query::{ACCOUNT, ANSWERED, ENOUGH_OFFERED, HURRIED, PLACE, Recent, fresh, or_none};
use super::spike;
use super::{
    ABANDONED_OF_ROW, Board, QUEUE_OF_ROW, apart, baseline, channel, exporter_url, filters, queue,
    window,
};
use serde_json::{Value, json};

pub const ALL: Recent = Recent {
    by: "",
    only: HURRIED,
    window: "window",
    offset: "",
};
const QUEUES: Recent = Recent {
    by: "account, queue",
    ..ALL
};
const CHANNELS: Recent = Recent {
    by: "account, channel",
    only: "",
    ..ALL
};

pub const ABANDONMENT: &str = "Abandoned ÷ offered. Abandoned: the user left before an agent answered. Offered: inbound, and answered, abandoned, left without an agent or called back.";
pub const SERVICE_LEVEL: &str = "Answered within the target ÷ offered. The wait runs from entering the queue to the agent's acceptance.";
pub const SPEED: &str =
    "Mean wait from entering the queue to the agent's acceptance, of answered conversations.";
const RECENTLY: &str = "Of conversations that ended in the last $window of the data read, without the channels set apart at the top (mail, which may wait).";
const COLOURS: &str = "✓ green: within target. ▲ orange: over. ▲▲ red: more than twice what the target allows. Grey: fewer than 20 offered, too few to judge. Violet: not read for 5 minutes, whatever it was. The target is that of each channel and queue, weighted by their conversations.";
const ORDER: &str = "Sorted by Excess: conversations lost over what the targets allow: abandoned, or not answered in time, whichever is more (below zero: room left; fewer than 20 offered: last).";

pub fn board() -> Value {
    let mut variables = filters();
    variables.extend([
        channel(),
        queue(),
        window("window", "Now", "15m"),
        baseline(),
        apart(),
        exporter_url(),
    ]);
    let panels = Layout::default()
        .panels(now::tiles(Now { only: HURRIED }, 5, ", without the channels set apart at the top"))
        .panels(headline((6, 6)))
        .panels(counts())
        .panels([queues()])
        .panels([now::by_queue((24, 8))])
        .panels(graphs())
        .row("By channel, alerts, and what changed")
        .panels([channels((24, 6)), firing((24, 7), "Firing alerts", "", "Alerts that fire now for the chosen accounts, worst first. One spike may fire for the account, a channel and a queue at once: the tile at the top counts it once. A click on the runbook opens it."), changes()])
        .finish();
    Board {
        uid: "smartassist-operations",
        title: "SmartAssist / Operations",
        description: "How are the queues doing now, and which first? Numbers are of conversations that ended in the chosen window; colours compare them with the targets in the exporter's configuration.",
        refresh: "30s",
        from: "now-6h",
        variables,
        panels,
    }
    .json()
}

/// The three numbers that have a target.
pub fn judged(size: (u64, u64), of: Recent, what: &str) -> [Panel; 3] {
    let one = |title: &str,
               text: &str,
               unit: &str,
               words: [&str; 3],
               suffix: &str,
               value: String,
               of_allowed: String,
               target: String| {
        let graded = graded(&format!("({value})"), &of.grade(&of_allowed), &target);
        judged_tile(
            size,
            title,
            &format!("{text} {what} {COLOURS}"),
            unit,
            words,
            suffix,
            vec![ask("A", "grade {{state}}", graded)],
        )
    };
    let percent = |target: String| format!("100 * ({target})");
    [
        one(
            "Abandonment",
            ABANDONMENT,
            "percentunit",
            AT_MOST,
            "%",
            of.abandonment(),
            of.abandonment_of_allowed(),
            percent(of.abandonment_target()),
        ),
        one(
            "Service level",
            SERVICE_LEVEL,
            "percentunit",
            AT_LEAST,
            "%",
            of.service_level(),
            of.missed_of_allowed(),
            percent(of.objective()),
        ),
        one(
            "Speed of answer",
            SPEED,
            "s",
            AT_MOST,
            "s",
            of.speed(),
            of.speed_of_target(),
            of.speed_target(),
        ),
    ]
}

fn headline(size: (u64, u64)) -> Vec<Panel> {
    let mut tiles: Vec<Panel> = judged(size, ALL, RECENTLY).into();
    tiles.push(tile(
        size,
        "Offered",
        &format!("Conversations that wanted an agent: inbound, and answered, abandoned, left without an agent or called back. {RECENTLY} The count behind the ratios to the left."),
        "none",
        0,
        vec![ask("A", "offered", ALL.offered())],
    ));
    tiles
}

fn counts() -> Vec<Panel> {
    let size = (3, 4);
    let count = |title: &str, text: &str, expr: String| {
        tile(
            size,
            title,
            &format!("{text} {RECENTLY}"),
            "none",
            0,
            vec![ask("A", "", expr)],
        )
    };
    let before = Recent {
        only: r#"channel!~"$apart", queue="none""#,
        ..ALL
    };
    vec![
        count("Answered", "Inbound conversations that an agent answered.", ALL.ended(ANSWERED)),
        count("Abandoned", "Conversations whose user left before an agent answered, also those who left before any queue.", ALL.abandoned()),
        count(
            "Before queue",
            "Of the abandoned, those who left before they reached a queue: they are in the abandonment above and in no queue's own.",
            format!("{} or 0 * {}", before.abandoned(), ALL.offered()),
        ),
        count("No agent", "Conversations that wanted an agent and were ended by the system or a bot: nobody was there.", ALL.ended(r#"direction="inbound", outcome="terminated""#)),
        count("Callbacks", "Conversations whose user chose to be called back instead of waiting.", ALL.ended(r#"direction="inbound", outcome="callback""#)),
        tile(
            size,
            "ACR",
            &format!("The vendor's wallboard ratio: (abandoned + ended with no agent) ÷ offered. {RECENTLY}"),
            "percentunit",
            1,
            vec![ask("A", "", ALL.acr())],
        ),
        tile(
            size,
            "Alerts",
            "Incidents that fire now for the chosen accounts, by severity. What fires for an account, its channels and its queues at once is one incident.",
            "none",
            0,
            [("A", "critical", FAR_OVER), ("B", "warning", OVER), ("C", "info", BLUE)]
                .map(|(id, severity, colour)| ask(id, severity, incidents(severity)).coloured(colour))
                .into(),
        )
        .set("/fieldConfig/defaults/noValue", json!("none")),
        tile(
            size,
            "Data age",
            "Time since the exporter last read the account without a failure, of the account worst off. From 5 minutes on, what speaks of now is not shown.",
            "s",
            1,
            vec![ask("A", "", format!("time() - min(smartassist_exporter_last_success_timestamp_seconds{{{ACCOUNT}}} > 0)"))],
        )
        .set("/fieldConfig/defaults/noValue", json!("no exporter"))
        .set("/fieldConfig/defaults/color", json!({ "mode": "thresholds" }))
        .set("/fieldConfig/defaults/thresholds", super::panel::steps(NEUTRAL, &[(-60.0, GOOD), (120.0, OVER), (300.0, FAR_OVER)])),
    ]
}

/// Alerts of one severity, each once however many scopes it fires for.
fn incidents(severity: &str) -> String {
    let alerts = |account: &str| {
        format!(
            r#"ALERTS{{alertstate="firing", severity="{severity}", job=~"$job", instance=~"$instance", {account}}}"#
        )
    };
    format!(
        "count(count by (alertname, job, instance, account) ({} or {})) > 0",
        alerts(r#"account=~"$account""#),
        alerts(r#"account="""#)
    )
}

/// What every table of queues or channels says of a row.
pub const STATES: [(&str, &str, &str); 6] = [
    ("-3", "stale", UNKNOWN),
    ("-2", "no calls", NEUTRAL),
    ("-1", "few", NEUTRAL),
    ("0", "✓", GOOD),
    ("1", "▲ over", OVER),
    ("2", "▲▲ far over", FAR_OVER),
];

/// The columns that hold a row to its targets.
pub fn columns(of: Recent, rows: &str) -> Vec<super::panel::Column> {
    let state = format!(
        "{}\nor {rows} * 0 - 3",
        fresh(&format!("({} or {rows} * 0 - 2)", of.worst_grade()))
    );
    let excess = format!(
        "({} and {offered} >= {ENOUGH_OFFERED}) or ({offered} > 0) * 0 - 1e6\nor {rows} * 0 - 2e6",
        of.excess(),
        offered = of.offered()
    );
    vec![
        column("State", 88, "none", 0, state).blocks(&STATES),
        column("Excess", 66, "none", 1, excess).last_below(-1e5, "–"),
        column("Offered", 68, "none", 0, of.offered()),
        column("Abandoned", 88, "none", 0, of.abandoned()),
        column(
            "No agent",
            76,
            "none",
            0,
            of.ended(r#"direction="inbound", outcome="terminated""#),
        ),
        column("in %", 66, "percentunit", 1, of.abandonment()),
        column("at most", 64, "percentunit", 1, of.abandonment_target()),
        column(
            "× allowed",
            78,
            "none",
            2,
            of.judged(&of.abandonment_of_allowed()),
        )
        .times(),
        column("Service level", 100, "percentunit", 1, of.service_level()),
        column("at least", 64, "percentunit", 1, of.objective()),
        column(
            "× missed",
            76,
            "none",
            2,
            of.judged(&of.missed_of_allowed()),
        )
        .times(),
        column("Speed", 76, "s", 1, of.speed()),
        column("target", 68, "s", 0, of.speed_target()),
        column("× target", 72, "none", 2, of.judged(&of.speed_of_target())).times(),
    ]
}

/// Every row of the time range, so that none vanishes at night.
fn rows(by: &str, only: &str) -> String {
    format!("sum by ({by}) (increase(smartassist_offered_total{{{PLACE}{only}}}[$__range]))")
}

fn queues() -> Panel {
    let rows = rows(QUEUES.by, &format!(", {HURRIED}"));
    table(
        (24, 10),
        "Queues, worst first",
        &format!(
            "Each queue in the last $window, without the channels set apart at the top. {ORDER} In %: abandoned ÷ offered, beside the target. × allowed: the one ÷ the other. × missed: not answered in time ÷ what the objective allows. × target: speed of answer ÷ its target. Before any queue: those who left before they reached one. A click on a queue opens it, or the list of those that were abandoned there, where the exporter keeps one (`events.abandoned`)."
        ),
        Table {
            labels: vec![
                label("queue", "Queue", 0)
                    .link("Open this queue", QUEUE_OF_ROW)
                    .link_out("Which conversations were abandoned", ABANDONED_OF_ROW)
                    .with("custom.minWidth", json!(140)),
                label("account", "Account", 96),
            ],
            columns: columns(QUEUES, &rows),
            rows: Some(rows),
            sort: ("Excess", true),
            columns_first: false,
            hidden: &[],
        },
    )
}

fn channels(size: (u64, u64)) -> Panel {
    let rows = rows(CHANNELS.by, "");
    table(
        size,
        "Channels, worst first",
        &format!(
            "Each channel in the last $window over the chosen queues, held to its own targets where it has some: mail is judged as mail. {ORDER} Columns as in the table of queues."
        ),
        Table {
            labels: vec![
                label("channel", "Channel", 0).with("custom.minWidth", json!(140)),
                label("account", "Account", 96),
            ],
            columns: columns(CHANNELS, &rows),
            rows: Some(rows),
            sort: ("Excess", true),
            columns_first: false,
            hidden: &[],
        },
    )
}

fn graphs() -> Vec<Panel> {
    let size = (12, 9);
    let then = Recent {
        offset: "$baseline",
        ..ALL
    };
    let before = Recent {
        only: r#"channel!~"$apart", queue="none""#,
        ..ALL
    };
    let in_queues = Recent {
        only: r#"channel!~"$apart", queue!="none""#,
        ..QUEUES
    };
    let name = "{{queue}} · {{account}}";
    let compared = "${baseline:text}";
    let lines = "The eight queues that were worst at their worst moment of the time range; each point looks back over $window. White: all together. Grey: all together at the same time, $baseline before. Dashed: the target.";
    vec![
        graph(size, "Abandonment, by queue", &format!("{ABANDONMENT} {lines} Before any queue: those who left before they reached one ÷ all offered, a part of the white line. Green band: up to what is usual at this hour, as the exporter has learned it."), "percentunit", Draw::Lines, vec![
            ask("Z", compared, then.abandonment()).band(),
            spike::usual(),
            ask("A", name, in_queues.worst_eight(&in_queues.abandonment())),
            ask("N", "before any queue", format!("{} / ({} > 0)", before.abandoned(), ALL.offered())).coloured(LILAC),
            ask("W", "all", ALL.abandonment()).whole(),
            ask("T", "target", ALL.abandonment_target()).dashed(),
        ]).decimals(1),
        spike::evidence(size),
        graph(size, "Service level, by queue", &format!("{SERVICE_LEVEL} {lines}"), "percentunit", Draw::Lines, vec![
            ask("Z", compared, then.service_level()).band(),
            ask("A", name, in_queues.worst_eight(&in_queues.service_level())),
            ask("W", "all", ALL.service_level()).whole(),
            ask("T", "target", ALL.objective()).dashed(),
        ]).decimals(1).set("/fieldConfig/defaults/max", json!(1)).set("/options/legend/calcs", json!(["lastNotNull", "min"])).set("/options/legend/sortDesc", json!(false)),
        graph(size, "Speed of answer, by queue", &format!("{SPEED} {lines}"), "s", Draw::Lines, vec![
            ask("Z", compared, then.speed()).band(),
            ask("A", name, in_queues.worst_eight(&in_queues.speed())),
            ask("W", "all", ALL.speed()).whole(),
            ask("T", "target", ALL.speed_target()).dashed(),
        ]).decimals(1),
        graph(size, "Offered, answered, abandoned", "Conversations that ended in the last $window, at each moment, without the channels set apart. What is offered and none of the others was called back. Grey: offered at the same time, $baseline before.", "none", Draw::Lines, vec![
            ask("Z", compared, then.offered()).band(),
            ask("W", "offered", ALL.offered()).whole(),
            ask("A", "answered", ALL.ended(ANSWERED)).coloured(BLUE),
            ask("B", "abandoned", ALL.abandoned()).coloured(PURPLE),
            ask("C", "no agent", ALL.ended(r#"direction="inbound", outcome="terminated""#)).coloured(TEAL),
        ]).decimals(0),
        now::longest_over_time(size, false),
        now::waiting_by_queue((24, 9)),
    ]
}

fn changes() -> Panel {
    let then = Recent {
        offset: "$baseline",
        ..QUEUES
    };
    let all_then = Recent {
        offset: "$baseline",
        ..ALL
    };
    let enough =
        |ratio: String, offered: String| format!("{ratio} and {offered} >= {ENOUGH_OFFERED}");
    let now = enough(QUEUES.abandonment(), QUEUES.offered());
    let before = enough(then.abandonment(), then.offered());
    let share = |of: &Recent, all: &Recent| {
        format!(
            "{} / on () group_left () ({} > 0)",
            of.offered(),
            all.offered()
        )
    };
    table(
        (24, 8),
        "What changed, by queue",
        "The last $window beside the same time, $baseline before: the abandonment ratio, and the queue's share of all offered conversations (where the load moved to). Changes are in percentage points, the greatest rise of abandonment first; below zero is better. Nothing is compared with fewer than 20 offered on either side.",
        Table {
            labels: vec![
                label("queue", "Queue", 0)
                    .link("Open this queue", QUEUE_OF_ROW)
                    .link_out("Which conversations were abandoned", ABANDONED_OF_ROW)
                    .with("custom.minWidth", json!(140)),
                label("account", "Account", 180),
            ],
            columns: vec![
                column("Abandonment", 112, "percentunit", 1, now.clone()),
                column("before", 70, "percentunit", 1, before.clone()),
                column(
                    "change, points",
                    112,
                    "none",
                    1,
                    format!("round(100 * (({now}) - ({before})), 0.1)"),
                )
                .limits("text", &[(5.0, OVER), (10.0, FAR_OVER)]),
                column(
                    "Share of offered",
                    122,
                    "percentunit",
                    1,
                    share(&QUEUES, &ALL),
                ),
                column(
                    "share before",
                    100,
                    "percentunit",
                    1,
                    share(&then, &all_then),
                ),
            ],
            rows: Some(rows(QUEUES.by, &format!(", {HURRIED}"))),
            sort: ("change, points", true),
            columns_first: false,
            hidden: &[],
        },
    )
}

/// Where an alert is explained: on the exporter's own page.
const RUNBOOKS: &str = "${exporter_url}/runbooks#${__value.text}";

/// A table of alerts that fire. `category` is a matcher with a comma after it, or nothing.
pub fn firing(size: (u64, u64), title: &str, category: &str, text: &str) -> Panel {
    let alerts = |account: &str| {
        format!(
            r#"ALERTS{{alertstate="firing", {category}job=~"$job", instance=~"$instance", {account}}}"#
        )
    };
    let both = format!(
        "({} or {})",
        alerts(r#"account=~"$account""#),
        alerts(r#"account="""#)
    );
    let rank = |value: u8, severity: &str| {
        format!(r#"label_replace(vector({value}), "severity", "{severity}", "", "")"#)
    };
    let ranks = [rank(3, "critical"), rank(2, "warning"), rank(1, "info")].join(" or ");
    let ranked = format!("({both} * on (severity) group_left () ({ranks}) or {both})");
    let shown = "alertname, account, scope, channel, queue, pace, runbook";
    let fires = format!(
        r#"sum by ({shown}) (label_replace({ranked}, "runbook", "$1", "alertname", "(.*)"))"#
    );
    // Every column in its place, whatever the alerts that fire carry.
    let fires = shown.split(", ").fold(fires, |row, label| {
        let text = if label == "account" { "all" } else { "–" };
        format!(r#"label_replace({row}, "{label}", "{text}", "{label}", "")"#)
    });
    let labels: Vec<&str> = shown.split(", ").collect();
    let expr = or_none(&fires, &labels);
    let text_label = |name, title, width| label(name, title, width).with("mappings", json!([]));
    table(
        size,
        title,
        text,
        Table {
            labels: vec![
                text_label("alertname", "Alert", 0).with("custom.minWidth", json!(140)),
                text_label("account", "Account", 180),
                text_label("scope", "Scope", 90),
                text_label("channel", "Channel", 150),
                text_label("queue", "Queue", 180),
                text_label("pace", "Pace", 60),
                text_label("runbook", "Runbook", 176).with(
                    "links",
                    json!([{ "title": "Open the runbook", "url": RUNBOOKS, "targetBlank": true }]),
                ),
            ],
            columns: vec![column("Severity", 104, "none", 0, expr).blocks(&[
                ("3", "▲▲ critical", FAR_OVER),
                ("2", "▲ warning", OVER),
                ("1", "info", GREY),
                ("0", "✓ none", GOOD),
            ])],
            rows: None,
            sort: ("Severity", true),
            columns_first: true,
            hidden: &[],
        },
    )
}
