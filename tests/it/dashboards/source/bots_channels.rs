//! Bots and channels: what do bots keep, lose and hand over, and over which channels do people come?

use super::panel::{
    AT_MOST, BLUE, Column, DEEP, Draw, GOOD, LIGHT, Layout, NEUTRAL, PURPLE, Panel, Table, UNKNOWN,
    ask, column, graph, judged_tile, label, table, tile,
};
use super::query::{ENOUGH_OFFERED, PLACE, Recent, fresh, pace};
use super::queue::{OUTCOMES, session_duration};
use super::{Board, channel, filters, queue, window};
use serde_json::{Value, json};

const INBOUND: &str = r#"direction="inbound""#;
const CONTAINED: &str = r#"direction="inbound", outcome="contained""#;
const ESCALATED: &str = r#"direction="inbound", outcome=~"answered|abandoned|abandoned_with_agent|terminated|callback""#;
const LOST: &str = r#"direction="inbound", outcome="bot_dropped""#;
/// Lost in the bot: from here orange, and from twice of it red.
const LOST_LIMIT: f64 = 0.05;

const ALL: Recent = Recent {
    by: "",
    only: "",
    window: "bot_window",
    offset: "",
};
const CHANNELS: Recent = Recent {
    by: "account, channel",
    ..ALL
};

const CONTAINMENT: &str = "Containment: inbound conversations that the bot ended as resolved and that never reached an agent ÷ all inbound conversations. That the bot closed it does not prove that the customer was helped.";
const DROP: &str = "Bot drop: inbound conversations that ended in the bot without being resolved ÷ all inbound conversations.";
const RECENTLY: &str = "Of conversations that ended in the last $bot_window of the data read.";
const COUNTED: &str = "Counted in steps of at least 10 minutes; nothing while, nor over a time in which, the account was stale or catching up.";

impl Recent {
    fn inbound(&self) -> String {
        self.total_of("conversations", INBOUND)
    }

    /// Of all inbound conversations; 0 where there were some and none ended so.
    fn share(&self, outcome: &str) -> String {
        let some = self.total_of("conversations", outcome);
        format!(
            "({some} or 0 * {inbound}) / ({inbound} > 0)",
            inbound = self.inbound()
        )
    }
}

pub fn board() -> Value {
    let mut variables = filters();
    variables.extend([
        channel(),
        queue(),
        window("bot_window", "Bots of the last", "1h"),
    ]);
    let panels = Layout::default()
        .panels(headline())
        .panels([by_channel()])
        .panels(over_time())
        .row("Why they come to an agent")
        .panels(intents())
        .row("Messages left, and colleagues asked")
        .panels(of_v2())
        .row("Volume and ends")
        .panels(volume())
        .finish();
    Board {
        uid: "smartassist-bots-channels",
        title: "SmartAssist / Bots and channels",
        description: "What do bots keep, lose and hand over? Over which channels do people come?",
        refresh: "1m",
        from: "now-24h",
        variables,
        panels,
    }
    .json()
}

fn headline() -> Vec<Panel> {
    let size = (6, 5);
    let share = |title: &str, text: &str, outcome: &str| {
        tile(
            size,
            title,
            &format!("{text} {RECENTLY}"),
            "percentunit",
            1,
            vec![ask("A", "", ALL.share(outcome))],
        )
    };
    let lost = ALL.share(LOST);
    let grade = format!(
        "(clamp(ceil(round({lost} / {LOST_LIMIT}, 0.001)) - 1, 0, 2) and {inbound} >= {ENOUGH_OFFERED} or ({inbound} > 0) * 0 - 1)",
        inbound = ALL.inbound()
    );
    vec![
        share("Contained", CONTAINMENT, CONTAINED),
        share(
            "Handed to agents",
            "Escalation: inbound conversations that wanted an agent (offered) ÷ all inbound conversations.",
            ESCALATED,
        ),
        judged_tile(
            size,
            "Lost in the bot",
            &format!(
                "{DROP} {RECENTLY} ✓ green to 5 %, ▲ orange to 10 %, ▲▲ red beyond; grey with fewer than 20 inbound conversations; violet: not read for 5 minutes."
            ),
            "percentunit",
            AT_MOST,
            "%",
            vec![ask(
                "A",
                "grade {{state}}",
                format!(
                    "{lost}\n* on () group_left (state) count_values(\"state\", {grade})\n* on () group_left (target) count_values(\"target\", 100 * vector({LOST_LIMIT}))"
                ),
            )],
        ),
        tile(
            size,
            "Conversations",
            &format!("All conversations, by direction. {RECENTLY}"),
            "none",
            0,
            vec![
                ask("A", "inbound", ALL.inbound()),
                ask(
                    "B",
                    "outbound",
                    format!(
                        "{} or 0 * {}",
                        ALL.total_of("conversations", r#"direction="outbound""#),
                        ALL.inbound()
                    ),
                ),
            ],
        ),
    ]
}

fn by_channel() -> Panel {
    let by = CHANNELS.by;
    let rows = format!(
        "sum by ({by}) (increase(smartassist_conversations_total{{{PLACE}, {INBOUND}}}[$__range]))"
    );
    let state = format!(
        "{}\nor {rows} * 0 - 3",
        fresh(&format!(
            "(({0} > 0) * 0 or {rows} * 0 - 2)",
            CHANNELS.inbound()
        ))
    );
    let share = |name: &'static str, outcome: &str| -> Column {
        column(name, 220, "percentunit", 1, CHANNELS.share(outcome)).bar(json!(1))
    };
    table(
        (24, 6),
        "By channel",
        &format!(
            "Inbound conversations of each channel in the last $bot_window, and what became of them. {CONTAINMENT}"
        ),
        Table {
            labels: vec![
                label("channel", "Channel", 0)
                    .with("custom.minWidth", json!(150))
                    .with("mappings", json!([])),
                label("account", "Account", 100),
            ],
            columns: vec![
                column("State", 90, "none", 0, state).blocks(&[
                    ("-3", "stale", UNKNOWN),
                    ("-2", "no calls", NEUTRAL),
                    ("0", "✓ read", GOOD),
                ]),
                column("Conversations", 120, "none", 0, CHANNELS.inbound()),
                share("Contained", CONTAINED),
                share("Handed to agents", ESCALATED),
                share("Lost in the bot", LOST),
                column(
                    "lost × 5 %",
                    90,
                    "none",
                    1,
                    format!(
                        "round({} / {LOST_LIMIT}, 0.001) and {} >= {ENOUGH_OFFERED}",
                        CHANNELS.share(LOST),
                        CHANNELS.inbound()
                    ),
                )
                .times(),
            ],
            rows: Some(rows),
            sort: ("Conversations", true),
            columns_first: false,
            hidden: &[],
        },
    )
}

fn over_time() -> Vec<Panel> {
    let name = "{{channel}} · {{account}}";
    let back = "Each point looks back over $bot_window.";
    vec![
        graph((12, 8), "Containment, by channel", &format!("{CONTAINMENT} {back} White: all channels."), "percentunit", Draw::Lines, vec![
            ask("A", name, CHANNELS.share(CONTAINED)),
            ask("W", "all", ALL.share(CONTAINED)).whole(),
        ]).decimals(1).set("/fieldConfig/defaults/max", json!(1)),
        graph((12, 8), "Lost in the bot, by channel", &format!("{DROP} {back} White: all channels. Dashed: where orange begins."), "percentunit", Draw::Lines, vec![
            ask("A", name, CHANNELS.share(LOST)),
            ask("W", "all", ALL.share(LOST)).whole(),
            ask("T", "5 %", format!("vector({LOST_LIMIT}) and on () {}", ALL.inbound())).dashed(),
        ]).decimals(1),
        graph((12, 9), "Outcomes", "Inbound conversations that ended in the last $bot_window, by what became of them. Terminated: queued, but ended with no agent.", "none", Draw::Areas, vec![
            ask("A", "{{outcome}}", format!("sum by (outcome) ({}) > 0", ALL.selector("conversations", INBOUND))),
        ]).colours(&OUTCOMES).decimals(0),
        graph((12, 9), "Channel mix", "Share of each channel in all conversations that ended in the last $bot_window.", "none", Draw::Shares, vec![
            ask("A", name, format!("{} > 0", CHANNELS.total("conversations"))),
        ]).decimals(0),
    ]
}

/// What was counted in the time range.
fn range(metric: &str, by: &str, matchers: &str) -> String {
    format!("sum by ({by}) (increase({metric}{{{matchers}}}[$__range]))")
}

const INTENT: &str = "Intent: the last one that the bot understood before it handed over; none where none is told, as of mail and of calls out.";

/// What the bot hands over, and who of them waits in vain.
fn intents() -> Vec<Panel> {
    let requests = |by: &str| range("smartassist_agent_requests_total", by, PLACE);
    let by = "account, intent";
    let abandoned = format!(
        "({} or 0 * {all})",
        range("smartassist_abandoned_agent_requests_total", by, PLACE),
        all = requests(by)
    );
    vec![
        table(
            (14, 9),
            "Handed to agents, by intent",
            &format!(
                "Conversations that were meant for an agent, as they were counted in the time range. {INTENT} Abandoned: the user left before any agent answered; its share is shown from 20 conversations on."
            ),
            Table {
                labels: vec![
                    label("intent", "Intent", 0)
                        .with("custom.minWidth", json!(150))
                        .with("mappings", json!([])),
                    label("account", "Account", 90),
                ],
                columns: vec![
                    column("Handed over", 110, "none", 0, requests(by)),
                    column(
                        "Share",
                        80,
                        "percentunit",
                        1,
                        format!(
                            "{} / on (account) group_left () ({} > 0)",
                            requests(by),
                            requests("account")
                        ),
                    ),
                    column("Abandoned", 95, "none", 0, abandoned.clone()),
                    column(
                        "Share abandoned",
                        170,
                        "percentunit",
                        1,
                        format!(
                            "{abandoned} / ({all} > 0) and {all} >= {ENOUGH_OFFERED}",
                            all = requests(by)
                        ),
                    )
                    .bar(json!(1)),
                ],
                rows: None,
                sort: ("Handed over", true),
                columns_first: false,
                hidden: &[],
            },
        ),
        graph(
            (10, 9),
            "Handed over, by intent, per 10 minutes",
            &format!("The ten commonest intents of each moment. {INTENT} {COUNTED}"),
            "none",
            Draw::Bars,
            vec![ask(
                "A",
                "{{intent}}",
                format!(
                    "topk(10, {} > 0)",
                    pace(600, "intent", "smartassist_agent_requests_total", PLACE)
                ),
            )],
        )
        .every("10m")
        .decimals(0),
    ]
}

/// What *Call Details* v2 alone tells.
fn of_v2() -> Vec<Panel> {
    const ALONE: &str = "Of accounts with `call_details: v2` alone.";
    let paces = |by: &str, metric: &str| format!("{} > 0", pace(600, by, metric, PLACE));
    vec![
        graph((12, 7), "Voicemails, by outcome, per 10 minutes", &format!("Callers who left a message: those who did not wait for an agent count as abandoned or terminated. {ALONE} {COUNTED}"), "none", Draw::Bars, vec![
            ask("A", "{{outcome}}", paces("outcome", "smartassist_voicemails_total")),
        ]).every("10m").colours(&OUTCOMES).decimals(0).set("/fieldConfig/defaults/noValue", json!("none told")),
        graph((12, 7), "Consults, by queue, per 10 minutes", &format!("Times that an agent asked somebody while the customer waited. {ALONE} {COUNTED}"), "none", Draw::Bars, vec![
            ask("A", "{{queue}} · {{account}}", paces("account, queue", "smartassist_consults_total")),
        ]).every("10m").decimals(0).set("/fieldConfig/defaults/noValue", json!("none told")),
    ]
}

fn volume() -> Vec<Panel> {
    let size = (8, 8);
    let disconnects = |by: &str| range("smartassist_disconnects_total", by, PLACE);
    let channel_only = PLACE.replace(r#", queue=~"$queue""#, "");
    let statuses = |by: &str| range("smartassist_final_status_total", by, &channel_only);
    vec![
        graph(size, "Conversations, per 10 minutes", &format!("Ended conversations as they were counted, by direction. {COUNTED}"), "none", Draw::Bars, vec![
            ask("A", "{{direction}}", pace(600, "direction", "smartassist_conversations_total", PLACE)),
        ]).every("10m").colours(&[("inbound", BLUE), ("outbound", PURPLE)]).decimals(0),
        graph(size, "Offered and in time, per 10 minutes", &format!("Conversations that wanted an agent, and those answered within their target, as they were counted. {COUNTED}"), "none", Draw::Lines, vec![
            ask("A", "offered", pace(600, "", "smartassist_offered_total", PLACE)).coloured(DEEP).every("150s"),
            ask("B", "answered in time", pace(600, "", "smartassist_answered_within_target_total", PLACE)).coloured(LIGHT).every("150s"),
        ]).decimals(0),
        session_duration(size, "Mean time from the start of a session to its end. Very short contained sessions deserve a look: were they resolved, or did people give up?"),
        graph((12, 8), "Who hangs up, per 10 minutes", &format!("Disconnecting events. More bot or system hang-ups than usual mean that people are cut off. {COUNTED}"), "none", Draw::Bars, vec![
            ask("A", "{{event}}", pace(600, "event", "smartassist_disconnects_total", PLACE)),
        ]).every("10m").decimals(0),
        table((12, 8), "Final status", "The vendor's own final status of ended conversations, in the time range.", Table {
            labels: vec![label("status", "Status", 0).with("mappings", json!([])), label("account", "Account", 80)],
            columns: vec![
                column("Conversations", 105, "none", 0, statuses("account, status")),
                column("Share", 70, "percentunit", 1, format!("{} / on (account) group_left () ({} > 0)", statuses("account, status"), statuses("account"))),
            ],
            rows: None,
            sort: ("Conversations", true),
            columns_first: false,
            hidden: &[],
        }),
        table((24, 8), "Disconnects, by channel", "Share of each disconnecting event in the channel's conversations that name one, in the time range.", Table {
            labels: vec![
                label("channel", "Channel", 0).with("mappings", json!([])),
                label("event", "Event", 200).with("mappings", json!([])),
                label("account", "Account", 160),
            ],
            columns: vec![
                column("Conversations", 160, "none", 0, disconnects("account, channel, event")),
                column("Share of channel", 300, "percentunit", 1, format!("{} / on (account, channel) group_left () ({} > 0)", disconnects("account, channel, event"), disconnects("account, channel"))).bar(json!(1)),
            ],
            rows: None,
            sort: ("Conversations", true),
            columns_first: false,
            hidden: &[],
        }),
    ]
}
