//! Queue: one queue in depth. How long people wait and are ready to wait, what agents do, where conversations go.

use super::now::{self, Now};
use super::operations::{ABANDONMENT, SERVICE_LEVEL, SPEED, columns, judged};
use super::panel::{
    BLUE, DEEP, Draw, GREY, LIGHT, LILAC, Layout, PURPLE, Panel, TEAL, Table, VIOLET, ask, column,
    graph, heatmap, label, table, tile,
};
use super::query::{self, HURRIED, PLACE, Recent, pace, percentile, steady};
use super::{Board, apart, baseline, channel, exporter_url, filters, variable, window};
use serde_json::{Value, json};

const ALL: Recent = Recent {
    by: "",
    only: "",
    window: "window",
    offset: "",
};
const HEADLINE: Recent = Recent {
    only: HURRIED,
    ..ALL
};
const CHANNELS: Recent = Recent {
    by: "account, channel",
    ..ALL
};
const LINES: Recent = Recent {
    by: "account, queue, channel",
    ..ALL
};

/// Outcomes of conversations and of queue entries, each in one colour on every graph.
pub const OUTCOMES: [(&str, &str); 9] = [
    ("answered", BLUE),
    ("abandoned", PURPLE),
    ("abandoned_with_agent", LILAC),
    ("terminated", TEAL),
    ("callback", LIGHT),
    ("transferred", DEEP),
    ("contained", "#D0D4DC"),
    ("bot_dropped", VIOLET),
    ("other", GREY),
];

/// The exporter's list of abandoned conversations, for a line of a graph.
const ABANDONED: &str = "${exporter_url}/abandoned?account=${__field.labels.account:percentencode}&channel=${__field.labels.channel:percentencode}&queue=${__field.labels.queue:percentencode}&since=${window}";

const THIRD: (u64, u64) = (8, 8);
const IN_RANGE: &str = "In the time range.";
const COUNTED: &str = "Counted in steps of at least 10 minutes; nothing while, nor over a time in which, the account was stale or catching up.";
const ENOUGH: &str = "Each line only where there are enough to tell: 10 for the half (over 10 minutes), 20 for 90 % (20 minutes), 100 for 99 % (an hour). Interpolated within the histogram's buckets.";

pub fn board() -> Value {
    let mut variables = filters();
    variables.extend([
        channel(),
        busiest_queue(),
        window("window", "Now", "15m"),
        baseline(),
        apart(),
        exporter_url(),
    ]);
    let panels = Layout::default()
        .panels(live())
        .panels(headline())
        .panels([by_channel()])
        .panels(by_channel_over_time())
        .row("Now, over time")
        .panels([
            now::waiting_over_time(THIRD),
            now::longest_over_time(THIRD, true),
            now::agents_over_time(THIRD),
        ])
        .row("Waiting")
        .panels(waiting())
        .row("Agents")
        .panels(agents())
        .panels(agents_over_time())
        .row("Where they go")
        .panels(elsewhere())
        .folded("Agents by id (with metrics.per_agent)", [by_agent()])
        .finish();
    Board {
        uid: "smartassist-queue",
        title: "SmartAssist / Queue",
        description: "One queue in depth: waits, agents, ends. Opens on the queue with the most offered conversations in the time range; choose another at the top.",
        refresh: "30s",
        from: "now-6h",
        variables,
        panels,
    }
    .json()
}

/// Queues by how busy they were, the busiest chosen first. The same filter as on other boards, without All: this board is
/// about one queue, and what comes as All from elsewhere opens on the busiest.
fn busiest_queue() -> Value {
    let query = r#"query_result(sort_desc(sum by (queue) (increase(smartassist_offered_total{job=~"$job", instance=~"$instance", account=~"$account", channel=~"$channel"}[$__range]))))"#;
    let mut queue = variable("queue", "Queue", query);
    queue["regex"] = json!(r#"/queue="([^"]*)"/"#);
    queue["multi"] = json!(true);
    queue["allValue"] = json!(".*");
    queue["current"] = json!({});
    queue
}

/// Without the channels set apart, unless the queue has no others.
fn live() -> Vec<Panel> {
    let without = ", without the channels set apart at the top, unless the queue has no others";
    let hurried = now::tiles(Now { only: HURRIED }, 5, without);
    let all = now::tiles(Now { only: "" }, 5, without);
    let only_apart = format!("unless on () count(smartassist_queue_waiting{{{PLACE}, {HURRIED}}})");
    hurried
        .into_iter()
        .zip(all)
        .enumerate()
        .map(|(place, (tile, all))| match place {
            // Waiting, and the longest wait.
            0 | 1 => tile.or_else(all, &only_apart),
            _ => tile,
        })
        .collect()
}

fn headline() -> Vec<Panel> {
    let recently = "Of conversations that ended in the last $window of the data read, without the channels set apart at the top, unless the queue has no others.";
    let size = (4, 5);
    // A queue of mail alone is shown as mail.
    let only_apart = format!("unless on () ({} > 0)", HEADLINE.offered());
    let mut tiles: Vec<Panel> = judged(size, HEADLINE, recently)
        .into_iter()
        .zip(judged(size, ALL, recently))
        .map(|(tile, all)| tile.or_else(all, &only_apart))
        .collect();
    let range =
        |metric: &str, more: &str| format!("sum(increase({metric}{{{PLACE}{more}}}[$__range]))");
    let wait = "smartassist_queue_wait_seconds";
    tiles.extend([
        tile((3, 5), "Offered", "Conversations that wanted an agent, of all chosen channels. Of conversations that ended in the last $window of the data read.", "none", 0, vec![ask("A", "offered", ALL.offered())]),
        tile(
            (3, 5),
            "Handle time",
            &format!("Mean time an agent spends on a conversation: interaction plus after-call work, per interaction, with the count of interactions. {IN_RANGE}"),
            "dthms",
            0,
            vec![
                // As the recording has it: work without its interaction is no part of another's.
                ask("A", "mean", format!(
                    "{} / ({interactions} > 0) + ({} / ({} > {interactions} or {interactions} > 0) or vector(0))",
                    range("smartassist_interaction_duration_seconds_sum", ""),
                    range("smartassist_after_call_work_duration_seconds_sum", ""),
                    range("smartassist_after_call_work_duration_seconds_count", ""),
                    interactions = range("smartassist_interaction_duration_seconds_count", "")
                )),
                ask("B", "interactions", range("smartassist_interaction_duration_seconds_count", "")).with("unit", json!("none")),
            ],
        ),
        tile(
            (3, 5),
            "Gone in 10 s",
            &format!("Queue entries abandoned within 10 seconds (many centres count these apart: nobody can answer so fast), and their share of all abandoned. {IN_RANGE}"),
            "none",
            0,
            vec![
                ask("A", "short", range(&format!("{wait}_bucket"), r#", outcome="abandoned", le="10.0""#)),
                ask("B", "of abandoned", format!(
                    "{} / ({} > 0)",
                    range(&format!("{wait}_bucket"), r#", outcome="abandoned", le="10.0""#),
                    range(&format!("{wait}_count"), r#", outcome="abandoned""#)
                )).with("unit", json!("percentunit")),
            ],
        ),
        tile(
            (3, 5),
            "No agent",
            "Conversations that wanted an agent and were ended by the system or a bot: nobody was there. Of conversations that ended in the last $window of the data read.",
            "none",
            0,
            vec![ask("A", "ended with no agent", ALL.ended(r#"direction="inbound", outcome="terminated""#))],
        ),
    ]);
    tiles
}

fn by_channel() -> Panel {
    let rows = format!(
        "sum by (account, channel) (increase(smartassist_offered_total{{{PLACE}}}[$__range]))"
    );
    table(
        (24, 6),
        "By channel",
        "The queue's channels in the last $window, each held to its own target where it has one. Columns as on the operations board: × allowed is what happened ÷ what the target allows; grey or empty with fewer than 20 offered.",
        Table {
            labels: vec![
                label("channel", "Channel", 0)
                    .with("custom.minWidth", json!(120))
                    .with("mappings", json!([])),
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

fn by_channel_over_time() -> Vec<Panel> {
    let name = "{{channel}} · {{queue}} · {{account}}";
    let lines = "Each point looks back over $window; at most the eight lines that were worst at their worst moment of the time range. Dashed: the target, weighted over the chosen channels.";
    let line = |metric: &str| {
        LINES.worst_eight(&format!(
            "sum by ({}) ({})",
            LINES.by,
            LINES.selector(metric, "")
        ))
    };
    vec![
        graph(THIRD, "Abandonment, by channel", &format!("{ABANDONMENT} {lines}"), "percentunit", Draw::Lines, vec![
            ask("A", name, line("abandonment_ratio"))
                .with("links", json!([{ "title": "Which conversations were abandoned", "url": ABANDONED, "targetBlank": true }])),
            ask("T", "target", HEADLINE.abandonment_target()).dashed(),
        ]).decimals(1),
        graph(THIRD, "Service level, by channel", &format!("{SERVICE_LEVEL} {lines}"), "percentunit", Draw::Lines, vec![
            ask("A", name, line("service_level_ratio")),
            ask("T", "target", HEADLINE.objective()).dashed(),
        ]).decimals(1).set("/fieldConfig/defaults/max", json!(1)),
        graph(THIRD, "Speed of answer, by channel", &format!("{SPEED} Without the channels set apart at the top, whose hours would flatten all others. {lines}"), "s", Draw::Lines, vec![
            ask("A", name, {
                let hurried = Recent { only: HURRIED, ..LINES };
                hurried.worst_eight(&format!("sum by ({}) ({})", hurried.by, hurried.selector("speed_of_answer_seconds", "")))
            }),
            ask("T", "target", HEADLINE.speed_target()).dashed(),
        ]).decimals(1),
    ]
}

/// Half, 90 % and 99 %, each with the step of its line: the rarer, the longer the time that each point looks back over, which
/// is four steps.
fn percentiles(
    histogram: &str,
    matchers: &str,
    quantiles: &[(f64, &'static str)],
) -> Vec<super::panel::Ask> {
    const SHARES: [(&str, &str, &str); 3] = [
        ("A", "half", LIGHT),
        ("B", "90 %", BLUE),
        ("C", "99 %", PURPLE),
    ];
    SHARES
        .iter()
        .zip(quantiles)
        .map(|((id, name, colour), (quantile, every))| {
            ask(id, name, percentile(*quantile, histogram, matchers))
                .coloured(colour)
                .every(every)
        })
        .collect()
}

const OFTEN: [(f64, &str); 3] = [(0.5, "150s"), (0.9, "5m"), (0.99, "15m")];
const SELDOM: [(f64, &str); 2] = [(0.5, "5m"), (0.9, "10m")];

fn waiting() -> Vec<Panel> {
    let wait = "smartassist_queue_wait_seconds";
    let within: String = r#"le=~"5.0|10.0|20.0|30.0|60.0|120.0|300.0|600.0|1800.0""#.to_owned();
    let by_wait = |outcome: &str| {
        format!(
            r#"sum by (le) (increase({wait}_bucket{{{PLACE}, outcome="{outcome}", {within}}}[$__range]))"#
        )
    };
    let all = |more: &str| {
        format!(
            "/ on () group_left () (sum(increase({wait}_count{{{PLACE}{more}}}[$__range])) > 0)"
        )
    };
    let mut until_answered = percentiles(wait, &format!(r#"{PLACE}, outcome="answered""#), &OFTEN);
    until_answered.push(
        ask("T", "target", format!(r#"min(smartassist_service_level_target_seconds{{{}, queue=~"$queue", channel=""}})"#, query::ACCOUNT)).dashed(),
    );
    let entries = |more: &str| {
        pace(
            600,
            "outcome",
            "smartassist_queue_entries_total",
            &format!("{PLACE}{more}"),
        )
    };
    vec![
        heatmap((8, 9), "Waits", "Queue entries by how long they waited, whatever became of them: the further a cell's colour is from the background, the more. A wait runs from entering the queue to the agent's acceptance, the transfer or the end.",
            format!("sum by (le) (increase({wait}_bucket{{{PLACE}}}[$__rate_interval]) {})", steady())).every("10m"),
        graph((8, 9), "Wait until answered", &format!("From entering the queue to the agent's acceptance: half, 90 % and 99 % waited no longer. {ENOUGH} Dashed: the limit of the service level (the strictest of the chosen queues, for all channels)."), "s", Draw::Lines, until_answered).decimals(1),
        graph((8, 9), "Wait of those who left", "From entering the queue until the user gave up: half and 90 % had left by then. A line only where there are enough to tell: 10 for the half (over 20 minutes), 20 for 90 % (40 minutes).", "s", Draw::Lines,
            percentiles(wait, &format!(r#"{PLACE}, outcome="abandoned""#), &SELDOM)).set("/fieldConfig/defaults/noValue", json!("too few to tell")).decimals(1),
        table((12, 11), "Answered and gone, by wait", "For each wait, in the time range: the share of all queue entries answered within it (the service level, had this been the limit), the share abandoned within it, and of those who abandon, the share gone by then (how long people are ready to wait).", Table {
            labels: vec![label("le", "Within, seconds", 130).with("unit", json!("none")).with("mappings", json!([]))],
            columns: vec![
                column("Answered within", 0, "percentunit", 1, format!("{} {}", by_wait("answered"), all(""))).bar(json!(1)),
                column("Abandoned within", 140, "percentunit", 1, format!("{} {}", by_wait("abandoned"), all(""))),
                column("Of the abandoned, gone", 0, "percentunit", 1, format!("{} {}", by_wait("abandoned"), all(r#", outcome="abandoned""#))).bar(json!(1)),
            ],
            rows: Some(format!("sum by (le) (increase({wait}_bucket{{{PLACE}, {within}}}[$__range]))")),
            sort: ("Within, seconds", false),
            columns_first: false,
            hidden: &[],
        }).number_first("le"),
        graph((12, 11), "Where entries end, per 10 minutes", &format!("Queue entries by outcome. Transferred: went on to another queue or agent before being answered. Terminated: ended by the system, with no agent. {COUNTED}"), "none", Draw::Bars, vec![
            ask("A", "{{outcome}}", entries("")),
        ]).every("10m").colours(&OUTCOMES).decimals(0),
    ]
}

/// Offers that agents took, by whatever tells most of them in a queue, as the rule has it.
fn taken() -> String {
    let by = "job, instance, account, queue";
    let told = [
        ("entries", "smartassist_queue_entries_total", r#", outcome="answered""#),
        ("pickups", "smartassist_agent_pickup_seconds_count", ""),
        ("interactions", "smartassist_interaction_duration_seconds_count", ""),
    ]
    .map(|(name, metric, more)| {
        format!(
            r#"label_replace(sum by ({by}) (increase({metric}{{{PLACE}{more}}}[$__range])), "told_by", "{name}", "", "")"#
        )
    });
    format!("sum(max by ({by}) ({}))", told.join(" or "))
}

fn agents() -> Vec<Panel> {
    let size = (4, 4);
    let range = |metric: &str| format!("sum(increase({metric}{{{PLACE}}}[$__range]))");
    let mean = |title: &str, text: &str, metric: &str| {
        tile(
            size,
            title,
            &format!("{text} Mean and count. {IN_RANGE}"),
            "dthms",
            0,
            vec![
                ask(
                    "A",
                    "mean",
                    format!(
                        "{} / ({} > 0)",
                        range(&format!("{metric}_sum")),
                        range(&format!("{metric}_count"))
                    ),
                ),
                ask("B", "count", range(&format!("{metric}_count"))).with("unit", json!("none")),
            ],
        )
    };
    let refused = range("smartassist_agent_nonresponses_total");
    let taken = taken();
    vec![
        mean(
            "Pick-up",
            "From the offer to an agent until the agent accepts.",
            "smartassist_agent_pickup_seconds",
        ),
        mean(
            "First response",
            "From acceptance to the agent's first message.",
            "smartassist_first_response_duration_seconds",
        ),
        mean(
            "Interaction",
            "From acceptance to the end of the interaction with the agent.",
            "smartassist_interaction_duration_seconds",
        ),
        mean(
            "After-call work",
            "From the end of the interaction to the end of the work after it.",
            "smartassist_after_call_work_duration_seconds",
        ),
        tile(
            size,
            "Non-response rate",
            &format!(
                "Offers that an agent did not take ÷ all offers (taken or not), with the count of those not taken. Taken are answered entries, pick-ups or interactions of a queue, whichever are most: each of them leaves something out. {IN_RANGE}"
            ),
            "percentunit",
            1,
            vec![
                ask(
                    "A",
                    "rate",
                    format!(
                        "({refused} or vector(0)) / (({refused} or vector(0)) + ({taken} or vector(0)) > 0)"
                    ),
                ),
                ask("B", "not taken", refused.clone())
                    .with("unit", json!("none"))
                    .with("decimals", json!(0)),
            ],
        ),
        tile(
            size,
            "Transfers",
            &format!(
                "Destinations after the first that conversations left this queue or its agents for, and how many of them there are for each entry: more than one where conversations go from agent to agent. {IN_RANGE}"
            ),
            "none",
            0,
            vec![
                ask("A", "transfers", range("smartassist_transfers_total")),
                ask(
                    "B",
                    "for each entry",
                    format!(
                        "{} / ({} > 0)",
                        range("smartassist_transfers_total"),
                        range("smartassist_queue_entries_total")
                    ),
                )
                .with("decimals", json!(2)),
            ],
        ),
    ]
}

fn agents_over_time() -> Vec<Panel> {
    let times = |title: &str, text: &str, metric: &str| {
        graph(
            THIRD,
            title,
            &format!("{text}: half, 90 % and 99 % took no longer. {ENOUGH}"),
            "s",
            Draw::Lines,
            percentiles(metric, PLACE, &OFTEN),
        )
        .set("/fieldConfig/defaults/noValue", json!("too few to tell"))
        .decimals(1)
    };
    vec![
        times(
            "Pick-up",
            "From the offer to an agent until acceptance",
            "smartassist_agent_pickup_seconds",
        ),
        times(
            "First response",
            "From acceptance to the agent's first message",
            "smartassist_first_response_duration_seconds",
        ),
        graph(
            THIRD,
            "Non-responses, per 10 minutes",
            &format!("Offers that an agent did not take, by what happened. {COUNTED}"),
            "none",
            Draw::Bars,
            vec![ask(
                "A",
                "{{event}}",
                pace(600, "event", "smartassist_agent_nonresponses_total", PLACE),
            )],
        )
        .every("10m")
        .decimals(0),
        times(
            "Interaction",
            "Time with the agent",
            "smartassist_interaction_duration_seconds",
        ),
        times(
            "After-call work",
            "Work after the interaction, counted when it ends, which may be an hour later",
            "smartassist_after_call_work_duration_seconds",
        ),
        session_duration(
            THIRD,
            "Mean time from the start of a session to its end, by what became of the conversation.",
        ),
    ]
}

fn by_agent() -> Panel {
    let by = "account, agent";
    let range = |metric: &str, part: &str| {
        format!(
            "sum by ({by}) (increase(smartassist_by_agent_{metric}{part}{{{PLACE}}}[$__range]))"
        )
    };
    let mean = |metric: &str| {
        format!(
            "{} / ({} > 0)",
            range(metric, "_seconds_sum"),
            range(metric, "_seconds_count")
        )
    };
    let interactions = range("interaction_duration", "_seconds_count");
    table((24, 9), "By agent", &format!("What each agent did in the chosen queues, by the vendor's id of the agent: the mean times, interactions and offers not taken. {IN_RANGE} Empty unless the exporter runs with `metrics.per_agent: true`."), Table {
        labels: vec![label("agent", "Agent", 0).with("mappings", json!([])), label("account", "Account", 90)],
        columns: vec![
            column("Interactions", 120, "none", 0, interactions.clone()),
            column("Pick-up", 120, "s", 1, mean("pickup")),
            column("First response", 120, "s", 1, mean("first_response_duration")),
            column("Interaction", 120, "dthms", 0, mean("interaction_duration")),
            column("After-call work", 130, "dthms", 0, mean("after_call_work_duration")),
            column("Not taken", 100, "none", 0, range("nonresponses", "_total")),
        ],
        rows: Some(interactions),
        sort: ("Interactions", true),
        columns_first: false,
            hidden: &[],
    })
    .set("/fieldConfig/defaults/noValue", json!("needs metrics.per_agent: true"))
}

pub fn session_duration(size: (u64, u64), text: &str) -> Panel {
    let metric = "smartassist_session_duration_seconds";
    let mean = |part: &str| {
        format!(
            "sum by (outcome) (rate({metric}_{part}{{{PLACE}}}[$__rate_interval]) {})",
            steady()
        )
    };
    graph(
        size,
        "Session duration, by outcome",
        text,
        "s",
        Draw::Lines,
        vec![
            ask(
                "A",
                "{{outcome}}",
                format!("{} / ({} > 0)", mean("sum"), mean("count")),
            )
            .every("5m"),
        ],
    )
    .colours(&OUTCOMES)
    .decimals(1)
}

fn elsewhere() -> Vec<Panel> {
    vec![
        graph(THIRD, "Transfers, per 10 minutes", &format!("Destinations after the first, by the queue that was left. {COUNTED}"), "none", Draw::Bars, vec![
            ask("A", "{{queue}} · {{account}}", pace(600, "account, queue", "smartassist_transfers_total", PLACE)),
        ]).every("10m").decimals(0),
        graph(THIRD, "Callbacks, per 10 minutes", &format!("Callbacks requested instead of waiting, and callbacks accepted (the user took the call). {COUNTED}"), "none", Draw::Lines, vec![
            ask("A", "{{stage}}", pace(600, "stage", "smartassist_callbacks_total", PLACE)).every("150s"),
        ]).colours(&[("requested", PURPLE), ("accepted", BLUE)]).decimals(0),
        graph(THIRD, "Callback wait", "From asking for a callback until the user takes the call: half and 90 % waited no longer. A line only where there are enough to tell: 10 for the half (over 20 minutes), 20 for 90 % (40 minutes).", "s", Draw::Lines, percentiles("smartassist_callback_wait_seconds", PLACE, &SELDOM)).set("/fieldConfig/defaults/noValue", json!("too few to tell")).decimals(1),
        graph((12, 8), "Who hangs up, per 10 minutes", &format!("Disconnecting events of this queue's conversations. More bot or system hang-ups than usual mean that people are cut off. {COUNTED}"), "none", Draw::Bars, vec![
            ask("A", "{{event}}", pace(600, "event", "smartassist_disconnects_total", PLACE)),
        ]).every("10m").decimals(0),
        table((12, 8), "Queue names", "The ids behind the chosen names. A renamed queue starts new series.", Table {
            labels: vec![label("queue", "Queue", 160), label("queue_id", "Id", 0), label("account", "Account", 100)],
            columns: vec![column("", 0, "none", 0, format!(r#"smartassist_queue_info{{{}, queue=~"$queue"}}"#, query::ACCOUNT))],
            rows: None,
            sort: ("Queue", false),
            columns_first: false,
            hidden: &["__name__", "job", "instance"],
        }),
    ]
}
