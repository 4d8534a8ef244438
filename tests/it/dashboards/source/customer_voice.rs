//! Customer voice: what do customers say, how many of them, and how did agents close it?

use super::panel::{
    Ask, BLUE, Column, Draw, FAR_OVER, GOOD, LIGHT, Layout, NEUTRAL, OVER, PURPLE, Panel, Table,
    ask, bars, column, graph, label, table, tile, words,
};
use super::query::{ENOUGH_ANSWERS, PLACE, pace, sum};
use super::{Board, QUEUE_OF_ROW, channel, filters, queue, window};
use serde_json::{Value, json};

const CSAT: &str = "smartassist_csat_responses_total";
const NPS: &str = "smartassist_nps_responses_total";
const LIKES: &str = "smartassist_like_dislike_responses_total";
const WHEN: &str = "In the time range, by the moment the answer was read.";
const FEW: &str = "Grey: fewer than 30 answers, too few to judge.";
const READ: &str = "Counted in steps of at least an hour; nothing while, nor over a time in which, the account was stale or catching up.";

/// A score of a survey, and from where it is fair and good.
struct Score {
    metric: &'static str,
    /// What one answer of each pattern of values adds.
    worth: &'static [(f64, &'static str)],
    /// Rounded to what is shown before it is coloured: what reads 0 is judged as 0.
    to: &'static str,
    unit: &'static str,
    decimals: u64,
    fair: f64,
    good: f64,
}

const MEAN: Score = Score {
    metric: CSAT,
    worth: &[
        (1.0, r#"score="1""#),
        (2.0, r#"score="2""#),
        (3.0, r#"score="3""#),
        (4.0, r#"score="4""#),
        (5.0, r#"score="5""#),
    ],
    to: "0.01",
    unit: "none",
    decimals: 2,
    fair: 3.0,
    good: 4.0,
};
const SATISFIED: Score = Score {
    metric: CSAT,
    worth: &[(1.0, r#"score=~"4|5""#), (0.0, r#"score=~"1|2|3""#)],
    to: "0.001",
    unit: "percentunit",
    decimals: 1,
    fair: 0.6,
    good: 0.8,
};
const PROMOTERS: Score = Score {
    metric: NPS,
    worth: &[
        (100.0, r#"score=~"9|10""#),
        (0.0, r#"score=~"7|8""#),
        (-100.0, r#"score=~"[0-6]""#),
    ],
    to: "1",
    unit: "none",
    decimals: 0,
    fair: 0.0,
    good: 30.0,
};
const LIKED: Score = Score {
    metric: LIKES,
    worth: &[(1.0, r#"response="like""#), (0.0, r#"response="dislike""#)],
    to: "0.001",
    unit: "percentunit",
    decimals: 1,
    fair: 0.6,
    good: 0.8,
};

fn answers(by: &str, metric: &str, more: &str) -> String {
    format!(
        "{} (increase({metric}{{{PLACE}{more}}}[$__range]))",
        sum(by)
    )
}

impl Score {
    fn expr(&self, by: &str) -> String {
        let worth: Vec<String> = self
            .worth
            .iter()
            .map(|(worth, of)| {
                format!(
                    "{worth} * increase({}{{{PLACE}, {of}}}[$__range])",
                    self.metric
                )
            })
            .collect();
        format!(
            "round({} ({}) / ({} > 0), {})",
            sum(by),
            worth.join(" or "),
            self.answers(by),
            self.to
        )
    }

    fn answers(&self, by: &str) -> String {
        answers(by, self.metric, "")
    }

    fn enough(&self, by: &str) -> String {
        format!(
            "{} and {} >= {ENOUGH_ANSWERS}",
            self.expr(by),
            self.answers(by)
        )
    }

    fn few(&self) -> String {
        format!(
            "{} and {} < {ENOUGH_ANSWERS}",
            self.expr(""),
            self.answers("")
        )
    }

    /// ✓ ▲ ▲▲ in words beneath, for the eye that does not tell green from red.
    fn tile(&self, title: &str, text: &str) -> Panel {
        let judged = |id, name: &str, above: &str, colour: &str| {
            ask(id, name, format!("({}) {above}", self.enough(""))).coloured(colour)
        };
        let (fair, good) = (self.fair, self.good);
        let percent = |value: f64| {
            if self.unit == "percentunit" {
                format!("{} %", value * 100.0)
            } else {
                format!("{value}")
            }
        };
        tile((6, 6), title, &format!("{text} {WHEN} With the count of answers it rests on. ✓ green from {}; ▲ orange from {}; ▲▲ red below. {FEW}", percent(good), percent(fair)), self.unit, self.decimals, vec![
            judged("A", &format!("✓ good: {} or more", percent(good)), &format!(">= {good}"), GOOD),
            judged("B", &format!("▲ fair: below {}", percent(good)), &format!("< {good} >= {fair}"), OVER),
            judged("C", &format!("▲▲ poor: below {}", percent(fair)), &format!("< {fair}"), FAR_OVER),
            ask("D", "too few to judge", self.few()).coloured(NEUTRAL),
            ask("E", "answers", self.answers("")).with("unit", json!("none")).with("decimals", json!(0)),
        ])
        .set("/fieldConfig/defaults/noValue", json!("no answers"))
    }

    fn column(&self, name: &'static str, by: &str) -> Column {
        column(name, 78, self.unit, self.decimals, self.enough(by))
            .limits(FAR_OVER, &[(self.fair, OVER), (self.good, GOOD)])
    }
}

pub fn board() -> Value {
    let mut variables = filters();
    variables.extend([
        channel(),
        queue(),
        window("survey_window", "Surveys of the last", "24h"),
    ]);
    let panels = Layout::default()
        .panels([
            MEAN.tile("CSAT", "Mean of customer satisfaction scores from 1 to 5."),
            SATISFIED.tile("Satisfied", "Share of customer satisfaction scores of 4 or 5 (top two)."),
            PROMOTERS.tile("NPS", "Net promoter score: share of promoters (9–10) minus share of detractors (0–6), from −100 to 100."),
            LIKED.tile("Likes", "Share of likes among likes and dislikes."),
        ])
        .panels([by_queue(), by_channel()])
        .panels(over_time())
        .panels(answering())
        .row("How conversations were closed")
        .panels(dispositions())
        .finish();
    Board {
        uid: "smartassist-customer-voice",
        title: "SmartAssist / Customer voice",
        description: "What do customers say, how many of them, and how did agents close it? Surveys are answered late: the last hours always grow.",
        refresh: "1m",
        from: "now-24h",
        variables,
        panels,
    }
    .json()
}

fn columns(by: &str) -> Vec<Column> {
    vec![
        MEAN.column("CSAT", by),
        SATISFIED.column("Satisfied", by),
        column("CSAT answers", 114, "none", 0, MEAN.answers(by)),
        PROMOTERS.column("NPS", by),
        column("NPS answers", 108, "none", 0, PROMOTERS.answers(by)),
    ]
}

fn by_queue() -> Panel {
    let by = "account, queue";
    table(
        (12, 9),
        "By queue, lowest satisfaction first",
        &format!(
            "Scores per queue, and the count behind each. {WHEN} Scores with fewer than 30 answers are not shown: a few answers make them jump."
        ),
        Table {
            labels: vec![
                label("queue", "Queue", 0)
                    .with("mappings", json!([words(&[("none", "no queue", "")])]))
                    .link(
                        "Open this queue",
                        &QUEUE_OF_ROW.replace(
                            "&${window:queryparam}&${baseline:queryparam}&${apart:queryparam}&${exporter_url:queryparam}",
                            "",
                        ),
                    ),
                label("account", "Account", 90),
            ],
            columns: columns(by),
            rows: Some(MEAN.answers(by)),
            sort: ("CSAT", false),
            columns_first: false,
            hidden: &[],
        },
    )
}

fn by_channel() -> Panel {
    let by = "account, channel";
    table(
        (12, 9),
        "By channel, lowest satisfaction first",
        &format!(
            "Scores per channel, and the count behind each. {WHEN} Scores with fewer than 30 answers are not shown."
        ),
        Table {
            labels: vec![
                label("channel", "Channel", 0).with("mappings", json!([])),
                label("account", "Account", 80),
            ],
            columns: columns(by),
            rows: Some(MEAN.answers(by)),
            sort: ("CSAT", false),
            columns_first: false,
            hidden: &[],
        },
    )
}

fn over_time() -> Vec<Panel> {
    let size = (8, 8);
    // The eight queues and channels with the most conversations: the exporter does not tell how many answered.
    let line = |metric: &str| {
        format!(
            r#"smartassist_recent_{metric}{{{PLACE}, window="$survey_window"}} and on (job, instance, account, channel, queue) topk(8, max_over_time(smartassist_recent_offered{{{PLACE}, window="$survey_window", queue!="none"}}[$__range] @ end()))"#
        )
    };
    let name = "{{channel}} · {{queue}} · {{account}}";
    let text = "as the exporter computes it, of conversations that ended in the last $survey_window, for the eight busiest. How many answered stands below: few answers make a line jump.";
    vec![
        graph(
            size,
            "CSAT, by queue and channel",
            &format!("Mean of customer satisfaction scores from 1 to 5, {text}"),
            "none",
            Draw::Lines,
            vec![ask("A", name, line("csat_mean"))],
        )
        .decimals(2)
        .set("/fieldConfig/defaults/min", json!(1))
        .set("/fieldConfig/defaults/max", json!(5)),
        graph(
            size,
            "Satisfied, by queue and channel",
            &format!("Share of scores of 4 or 5, {text}"),
            "percentunit",
            Draw::Lines,
            vec![ask("A", name, line("csat_ratio"))],
        )
        .decimals(1)
        .set("/fieldConfig/defaults/max", json!(1)),
        graph(
            size,
            "NPS, by queue and channel",
            &format!("Net promoter score, from −100 to 100, {text}"),
            "none",
            Draw::Lines,
            vec![ask("A", name, line("nps"))],
        )
        .decimals(0)
        .set("/fieldConfig/defaults/min", json!(-100))
        .set("/fieldConfig/defaults/max", json!(100)),
    ]
}

fn answering() -> Vec<Panel> {
    let read = |id, name: &str, metric: &str, more: &str, colour: &str| -> Ask {
        ask(id, name, pace(3600, "", metric, &format!("{PLACE}{more}"))).coloured(colour)
    };
    let answered = answers(
        "",
        "smartassist_conversations_total",
        r#", queue!="none", outcome=~"answered|abandoned_with_agent""#,
    );
    let rate = |id, name: &str, metric: &str| {
        ask(
            id,
            name,
            format!(
                "{} / ({answered} > 0)",
                answers("", metric, r#", queue!="none""#)
            ),
        )
    };
    let scored = |id, score: u8| {
        let of = answers("", CSAT, &format!(r#", score="{score}""#));
        ask(
            id,
            &score.to_string(),
            format!("{of} or 0 * {}", answers("", CSAT, "")),
        )
    };
    vec![
        graph(
            (8, 8),
            "Answers, per hour",
            &format!("Survey answers as they were read, by kind of survey. {READ}"),
            "none",
            Draw::Bars,
            vec![
                read("A", "CSAT", CSAT, "", BLUE),
                read("B", "NPS", NPS, "", PURPLE),
                read("C", "like or dislike", LIKES, "", LIGHT),
            ],
        )
        .every("1h")
        .decimals(0),
        tile(
            (4, 8),
            "Response rate",
            "Survey answers of each kind ÷ conversations that an agent answered, in the time range. Both of conversations that came to a queue: surveys after the bot's own conversations are left out. An answer counts when it is read, which may be hours after its conversation.",
            "percentunit",
            1,
            vec![
                rate("A", "CSAT", CSAT),
                rate("B", "NPS", NPS),
                rate("C", "like or dislike", LIKES),
            ],
        ),
        bars(
            (4, 8),
            "CSAT scores",
            &format!("How many answered each score from 1 to 5. {WHEN}"),
            vec![
                scored("A", 5),
                scored("B", 4),
                scored("C", 3),
                scored("D", 2),
                scored("E", 1),
            ],
        ),
        graph(
            (8, 8),
            "Promoters, passives, detractors, per hour",
            &format!("NPS answers: promoters 9–10, passives 7–8, detractors 0–6. {READ}"),
            "none",
            Draw::Bars,
            vec![
                read("A", "promoters", NPS, r#", score=~"9|10""#, BLUE),
                read("B", "passives", NPS, r#", score=~"7|8""#, LIGHT),
                read("C", "detractors", NPS, r#", score=~"[0-6]""#, PURPLE),
            ],
        )
        .every("1h")
        .decimals(0),
    ]
}

fn dispositions() -> Vec<Panel> {
    let metric = "smartassist_dispositions_total";
    vec![
        table((10, 10), "Dispositions", "What agents and supervisors noted as the result, most frequent first, in the time range. A conversation counts once for each distinct disposition.", Table {
            labels: vec![label("disposition", "Disposition", 0).with("mappings", json!([])), label("account", "Account", 90)],
            columns: vec![
                column("Conversations", 160, "none", 0, answers("account, disposition", metric, "")).bar(Value::Null),
                column("Share of account", 136, "percentunit", 1, format!(
                    "{} / on (account) group_left () ({} > 0)",
                    answers("account, disposition", metric, ""),
                    answers("account", metric, "")
                )),
            ],
            rows: None,
            sort: ("Conversations", true),
            columns_first: false,
            hidden: &[],
        }),
        graph((14, 10), "Dispositions, per hour", &format!("Dispositions as they were read, the eight most frequent of the time range. A rise of DROP-OFF means that people left a queue with no agent. {READ}"), "none", Draw::Bars, vec![
            ask("A", "{{disposition}} · {{account}}", format!(
                "{} and on (account, disposition) topk(8, sum by (account, disposition) (increase({metric}{{{PLACE}}}[$__range] @ end())))",
                pace(3600, "account, disposition", metric, PLACE)
            )),
        ]).every("1h").decimals(0),
    ]
}
