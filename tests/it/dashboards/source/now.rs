//! The queue now: who waits at this moment, how long, who could answer. On the boards that speak of now, and read the same.
//!
//! These numbers are read apart from the counts and vanish when they are older than three readings: no value is not 0.

use super::panel::{
    AT_MOST, BLUE, DEEP, Draw, FAR_OVER, GOOD, GREY, LIGHT, NEUTRAL, OVER, Panel, Table, UNKNOWN,
    ask, column, fixed, graph, label, live_tile, steps, table, tile,
};
use super::query::{ACCOUNT, PLACE};
use serde_json::json;

/// Live numbers older than this, in seconds, are told as stale; the alert rules' limit, too.
const STALE_S: u32 = 120;
/// Conversations waiting below which a long wait is not judged; the alert rules' least, too.
const ENOUGH_WAITING: u32 = 3;

const SERIES: &str = "job, instance, account, channel, queue";
const QUEUE: &str = "job, instance, account, queue";
const READ: &str = "smartassist_exporter_live_timestamp_seconds";
const TARGET: &str = "smartassist_longest_wait_target_seconds";

/// What the sources tell, cut as the filters at the top choose.
#[derive(Clone, Copy)]
pub struct Now {
    /// Matchers beside the filters, with no comma around them.
    pub only: &'static str,
}

impl Now {
    fn place(&self, metric: &str) -> String {
        if self.only.is_empty() {
            format!("smartassist_queue_{metric}{{{PLACE}}}")
        } else {
            format!("smartassist_queue_{metric}{{{PLACE}, {}}}", self.only)
        }
    }

    fn waiting(&self) -> String {
        self.place("waiting")
    }

    fn longest(&self) -> String {
        self.place("longest_wait_seconds")
    }

    /// The target that counts for each place where a longest wait is told: of its channel and queue, else of its queue.
    fn target(&self) -> String {
        let target =
            |own: &str| format!(r#"{TARGET}{{{ACCOUNT}, queue=~"$queue", channel{own}""}}"#);
        let places = format!("0 * {}", self.longest());
        format!(
            "({places} + on ({SERIES}) group_left () {} or {places} + on ({QUEUE}) group_left () {})",
            target("!="),
            target("=")
        )
    }

    fn of_target(&self) -> String {
        format!("round({} / {}, 0.001)", self.longest(), self.target())
    }

    /// 0 within the target, 1 over it, 2 at more than twice; a half where it is over it for fewer than enough to judge.
    fn grade(&self) -> String {
        let grade = format!("clamp(ceil({}) - 1, 0, 2)", self.of_target());
        format!(
            "({grade} and on ({SERIES}) {} >= {ENOUGH_WAITING} or clamp({grade}, 0, 0.5))",
            self.waiting()
        )
    }

    /// The place that is worst: by its grade, then by how much of its target was used.
    fn worst(&self) -> String {
        format!("topk(1, 1000 * {} + {})", self.grade(), self.of_target())
    }

    /// The worst grade as a label's value: a half is −1, and −2 where no longest wait is told.
    fn state(&self) -> String {
        let worst = format!("max({})", self.grade());
        format!("(({worst} != 0.5) or ({worst} == 0.5) * 0 - 1 or vector(-2))")
    }
}

/// Seconds since the account that is worst off was last read as it is now.
fn age() -> String {
    format!("max(time() - max by (account) ({READ}{{{ACCOUNT}}}))")
}

/// The same, once it is too much.
pub fn stale() -> String {
    format!("{} >= {STALE_S}", age())
}

fn agents(states: &str) -> String {
    format!(
        r#"sum by ({QUEUE}) (smartassist_queue_agents{{{ACCOUNT}, queue=~"$queue", state=~"{states}"}})"#
    )
}

/// A value with its state, and what stands beside it, as labels.
fn stated(value: &str, state: &str, beside: &str) -> String {
    format!(
        "{value}\n* on () group_left (state) count_values(\"state\", {state})\n* on () group_left (beside) count_values(\"beside\", round({beside}))"
    )
}

const COLOURS: &str = "✓ green: within target. ▲ orange: over. ▲▲ red: more than twice the target. Grey: fewer than 3 wait, too few to judge. Violet: not read for two minutes, whatever it was.";

/// The row that the operations board begins with.
pub fn tiles(now: Now, height: u64, without: &str) -> Vec<Panel> {
    vec![
        waiting(now, (5, height), without),
        longest(now, (6, height), without),
        with_agent(now, (4, height), without),
        available(now, (6, height)),
        read_ago((3, height)),
    ]
}

pub fn waiting(now: Now, size: (u64, u64), without: &str) -> Panel {
    let waiting = now.waiting();
    let over = format!(
        "(sum({waiting} and on ({SERIES}) {} >= 1) or vector(0))",
        now.grade()
    );
    let say = "${__field.labels.beside}";
    live_tile(
        size,
        "Waiting",
        &format!(
            "Conversations that wait for an agent at this moment{without}. Beside it how many of them wait where somebody has waited longer than the target. {COLOURS}"
        ),
        "none",
        &[
            ("0", GOOD, "✓ none over target"),
            ("1", OVER, &format!("▲ {say} where over")),
            ("2", FAR_OVER, &format!("▲▲ {say} where far over")),
            ("-1", NEUTRAL, "one or two over"),
            ("-2", NEUTRAL, "wait not told"),
        ],
        vec![ask(
            "A",
            "state {{state}}",
            stated(&format!("sum({waiting})"), &now.state(), &over),
        )],
    )
}

pub fn longest(now: Now, size: (u64, u64), without: &str) -> Panel {
    let worst = now.worst();
    let value = format!(
        "max by (queue, account) ({} and on ({SERIES}) {worst})",
        now.longest()
    );
    let target = format!("{} and on ({SERIES}) {worst}", now.target());
    let say = |mark: &str, word: &str| {
        format!("{mark} {word} ${{__field.labels.beside}} s, ${{__field.labels.queue}}")
    };
    live_tile(
        size,
        "Longest wait",
        &format!(
            "How long the one has waited by now who waits longest{without}: in the queue that is worst by its target, which stands beside it. {COLOURS}"
        ),
        "dthms",
        &[
            ("0", GOOD, &say("✓", AT_MOST[0])),
            ("1", OVER, &say("▲", AT_MOST[1])),
            ("2", FAR_OVER, &say("▲▲", AT_MOST[2])),
            ("-1", NEUTRAL, &say("one or two,", AT_MOST[1])),
        ],
        vec![ask(
            "A",
            "state {{state}}",
            stated(&value, &now.state(), &target),
        )],
    )
}

pub fn with_agent(now: Now, size: (u64, u64), without: &str) -> Panel {
    let with = now.place("with_agent");
    tile(
        size,
        "With agent",
        &format!("Conversations that are with an agent at this moment{without}, and at the same time, $baseline before. There is no target for it: the time before is the measure."),
        "none",
        0,
        vec![
            ask("A", "now", format!("sum({with})")),
            ask("B", "${baseline:text}", format!("sum({with} offset $baseline)")),
        ],
    )
    .set("/options/text", json!({ "titleSize": 14, "valueSize": 38 }))
    .set("/fieldConfig/defaults/noValue", json!("not told"))
}

/// Of one queue, for an agent of two is among those of both.
pub fn available(now: Now, size: (u64, u64)) -> Panel {
    let (free, here) = (agents("available"), agents("available|busy"));
    let waiting = format!(
        "(sum by ({QUEUE}) ({}) and on ({QUEUE}) {free} or 0 * {free})",
        now.waiting()
    );
    let nobody = format!("({here} == bool 0)");
    // Nobody there for those who wait counts most, then how many more wait than are free.
    let worst = format!("topk(1, 1000 * {nobody} * ({waiting} > bool 0) + {waiting} - {free})");
    let grade = format!(
        "(2 * {nobody} and {waiting} >= {ENOUGH_WAITING} or {nobody} * ({waiting} > bool 0))"
    );
    let value = format!("max by (queue, account) ({free} and on ({QUEUE}) {worst})");
    let say = |mark: &str, word: &str| format!("{mark} {word}, ${{__field.labels.queue}}");
    let here_text = "of ${__field.labels.beside} here";
    live_tile(
        size,
        "Agents available",
        "Agents who could take a conversation now, in the queue that is worst off: where nobody is there for those who wait, else where most wait for the fewest. Beside it how many are there, available or busy: the target is somebody. Agents of several queues are among those of each, so they are not added up. ✓ green: somebody is there. ▲ orange: one or two wait and nobody is there. ▲▲ red: three or more. Violet: not read for two minutes.",
        "none",
        &[
            ("0", GOOD, &say("✓", here_text)),
            ("1", OVER, &say("▲", "nobody here")),
            ("2", FAR_OVER, &say("▲▲", "nobody here")),
        ],
        vec![ask(
            "A",
            "state {{state}}",
            stated(
                &value,
                &format!("max({grade})"),
                &format!("{here} and on ({QUEUE}) {worst}"),
            ),
        )],
    )
}

pub fn read_ago(size: (u64, u64)) -> Panel {
    tile(
        size,
        "Live age",
        "Time since the queue was last read as it is now, by whichever source was quickest, of the account worst off. After three readings (45 s unless `live.interval` says otherwise) numbers are not shown.",
        "s",
        0,
        vec![ask("A", "", age())],
    )
    .set("/fieldConfig/defaults/noValue", json!("not read"))
    .set("/fieldConfig/defaults/color", json!({ "mode": "thresholds" }))
    .set(
        "/fieldConfig/defaults/thresholds",
        steps(NEUTRAL, &[(-60.0, GOOD), (60.0, OVER), (f64::from(STALE_S), FAR_OVER)]),
    )
}

/// What stands in each place, worst first.
pub fn by_queue(size: (u64, u64)) -> Panel {
    let now = Now { only: "" };
    let by = "account, queue, channel";
    let sum = |expr: &str| format!("sum by ({by}) ({expr})");
    let state = format!(
        "max by ({by}) ({grade}) or max by ({by}) ({}) * 0 - 1",
        now.waiting(),
        grade = now.grade()
    );
    let here = |states: &str| {
        format!(
            r#"0 * sum by ({by}) ({}) + on (account, queue) group_left () max by (account, queue) (smartassist_queue_agents{{{ACCOUNT}, queue=~"$queue", state="{states}"}})"#,
            now.waiting()
        )
    };
    table(
        size,
        "Waiting now, worst first",
        "Each channel of each queue at this moment. Longest: how long the one has waited by now who waits longest, beside the target of that channel in that queue. Overdue: waiting beyond the vendor's own threshold. Agents are the queue's, whatever the channel, and are not to be added up. Few: longer than the target, but fewer than 3. Empty when it was not read for three readings.",
        Table {
            labels: vec![
                label("queue", "Queue", 0).with("custom.minWidth", json!(110)),
                label("channel", "Channel", 130).with("mappings", json!([])),
                label("account", "Account", 90),
            ],
            columns: vec![
                column("State", 88, "none", 1, state).blocks(&[
                    ("-1", "not told", NEUTRAL),
                    ("0", "✓", GOOD),
                    ("0.5", "few", NEUTRAL),
                    ("1", "▲ over", OVER),
                    ("2", "▲▲ far over", FAR_OVER),
                ]),
                column("Waiting", 70, "none", 0, sum(&now.waiting())),
                column("Longest", 76, "dthms", 0, format!("max by ({by}) ({})", now.longest())),
                column("target", 76, "dthms", 0, format!("max by ({by}) ({})", now.target())),
                column("× target", 72, "none", 2, format!("max by ({by}) ({})", now.of_target())).times(),
                column("Overdue", 72, "none", 0, sum(&now.place("overdue"))),
                column("With agent", 84, "none", 0, sum(&now.place("with_agent"))),
                column("Available", 76, "none", 0, here("available")),
                column("Busy", 56, "none", 0, here("busy")),
                column("Away", 56, "none", 0, here("away")),
            ],
            rows: Some(format!("sum by ({by}) ({})", now.waiting())),
            sort: ("× target", true),
            columns_first: false,
            hidden: &[],
        },
    )
    .set("/fieldConfig/defaults/noValue", json!("not read"))
}

pub fn waiting_by_queue(size: (u64, u64)) -> Panel {
    let waiting = format!(
        "sum by (account, queue) ({})",
        Now {
            only: super::query::HURRIED
        }
        .waiting()
    );
    graph(
        size,
        "Waiting now, by queue",
        "Conversations that wait for an agent, at each moment, without the channels set apart at the top. The eight queues with the most at their worst moment. White: all together. A gap is a time that was not read.",
        "none",
        Draw::Lines,
        vec![
            ask("A", "{{queue}} · {{account}}", format!("{waiting} and on (account, queue) topk(8, max_over_time({waiting}[$__range:1m] @ end()))")),
            ask("W", "all", format!("sum({waiting})")).whole(),
        ],
    )
    .decimals(0)
}

pub fn waiting_over_time(size: (u64, u64)) -> Panel {
    let now = Now { only: "" };
    graph(
        size,
        "Waiting, by channel",
        "Conversations that wait for an agent, at each moment, as they were read. Dashed: those who wait beyond the vendor's own threshold. A gap is a time that was not read.",
        "none",
        Draw::Lines,
        vec![
            ask("A", "{{channel}} · {{queue}} · {{account}}", format!("sum by (account, queue, channel) ({})", now.waiting())),
            ask("T", "overdue", format!("sum({})", now.place("overdue"))).dashed(),
        ],
    )
    .decimals(0)
}

pub fn longest_over_time(size: (u64, u64), by_channel: bool) -> Panel {
    let now = Now {
        only: super::query::HURRIED,
    };
    let (title, by, name) = if by_channel {
        (
            "Longest wait, by channel",
            "account, queue, channel",
            "{{channel}} · {{queue}} · {{account}}",
        )
    } else {
        (
            "Longest wait now, by queue",
            "account, queue",
            "{{queue}} · {{account}}",
        )
    };
    let longest = format!("max by ({by}) ({})", now.longest());
    graph(
        size,
        title,
        "How long the one had waited who waited longest, at each moment, without the channels set apart at the top, whose hours would flatten all others. At most the eight lines that were longest. Dashed: the strictest target among them. A gap is a time that was not read.",
        "s",
        Draw::Lines,
        vec![
            ask("A", name, format!("{longest} and on ({by}) topk(8, max_over_time({longest}[$__range:1m] @ end()))")),
            ask("T", "target", format!("min({})", now.target())).dashed(),
        ],
    )
    .decimals(0)
}

pub fn agents_over_time(size: (u64, u64)) -> Panel {
    graph(
        size,
        "Agents, by state",
        "Agents of each chosen queue, at each moment, as the vendor counts them to it. Agents of several queues are among those of each. A gap is a time that was not read.",
        "none",
        Draw::Areas,
        vec![ask(
            "A",
            "{{state}} · {{queue}} · {{account}}",
            format!(r#"max by (account, queue, state) (smartassist_queue_agents{{{ACCOUNT}, queue=~"$queue"}})"#),
        )],
    )
    .by_name(&[
        ("/^available/", BLUE),
        ("/^busy/", DEEP),
        ("/^away/", LIGHT),
        ("/^offline/", GREY),
    ])
    .decimals(0)
}

/// Told of live numbers that are too old, beside what is known.
pub fn stale_ask() -> super::panel::Ask {
    ask("S", "stale", stale())
        .with("displayName", json!("not read for 2 minutes"))
        .with("mappings", json!([{ "type": "range", "options": { "from": STALE_S, "to": null, "result": { "text": "stale", "color": UNKNOWN, "index": 0 } } }]))
        .with("color", fixed(UNKNOWN))
}
