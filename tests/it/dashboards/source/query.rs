//! The questions that boards ask, in PromQL, so that a measure is defined once and reads the same on every board.
//!
//! Three rules hold for all of them. What speaks of now vanishes or says "stale" when its account was last read more than
//! five minutes ago. What is too few to judge is shown but not judged. A channel of a queue is held to its own target where
//! it has one, else to the queue's.

/// Data older than this, in seconds, is no longer "now"; the alert rules' limit, too.
pub const STALE_S: u32 = 300;
/// Conversations offered below which a ratio is not judged; the alert rules' least, too.
pub const ENOUGH_OFFERED: u32 = 20;
/// Survey answers below which a score is not judged.
pub const ENOUGH_ANSWERS: u32 = 30;

/// What the filters at the top of every board choose.
pub const ACCOUNT: &str = r#"job=~"$job", instance=~"$instance", account=~"$account""#;
pub const PLACE: &str = r#"job=~"$job", instance=~"$instance", account=~"$account", channel=~"$channel", queue=~"$queue""#;
/// Channels that are not hurried, which a headline leaves out: mail that may wait for hours would hide callers who can't.
pub const HURRIED: &str = r#"channel!~"$apart""#;

const SERIES: &str = "job, instance, account, channel, queue";
const LAST_SUCCESS: &str = "smartassist_exporter_last_success_timestamp_seconds";
const ABANDONMENT_TARGET: &str = "smartassist_abandonment_target_ratio";
const OBJECTIVE: &str = "smartassist_service_level_target_ratio";
const SPEED_TARGET: &str = "smartassist_speed_of_answer_target_seconds";
/// Outcomes of conversations that an agent answered.
pub const ANSWERED: &str = r#"direction="inbound", outcome=~"answered|abandoned_with_agent""#;

/// Seconds since the account that is worst off was last read, once that is too long ago; all is stale without an exporter.
pub fn stale() -> String {
    format!(
        "max(time() - {LAST_SUCCESS}{{{ACCOUNT}}}) >= {STALE_S} or absent({LAST_SUCCESS}{{{ACCOUNT}}}) * 1e9"
    )
}

/// Seconds since each account was last read.
fn age() -> String {
    format!("time() - {LAST_SUCCESS}{{{ACCOUNT}}}")
}

/// A counter's growth in a step of the graph, in units per `per_s` seconds. Not while, nor over a time in which, the
/// account was stale or catching up: counters then hold conversations of the past.
pub fn pace(per_s: u32, by: &str, metric: &str, matchers: &str) -> String {
    format!(
        "{per_s} * {} (rate({metric}{{{matchers}}}[$__rate_interval]) {})",
        sum(by),
        steady()
    )
}

/// Keeps a range's accounts that were read all the while and had nothing to catch up.
pub fn steady() -> String {
    format!(
        "and on (job, instance, account) max_over_time(({} + {STALE_S} * smartassist_exporter_catching_up{{{ACCOUNT}}})[$__rate_interval:1m]) < {STALE_S}",
        age()
    )
}

/// The time that a share `quantile` of the observations did not exceed, where there are enough of them to tell.
pub fn percentile(quantile: f64, histogram: &str, matchers: &str) -> String {
    let enough = enough_observations(quantile);
    let steady = steady();
    format!(
        "histogram_quantile({quantile}, sum by (le) (rate({histogram}_bucket{{{matchers}}}[$__rate_interval]) {steady})) >= 0
and on () sum(increase({histogram}_count{{{matchers}}}[$__rate_interval])) >= {enough}"
    )
}

/// A 99th percentile wants 100 observations: with fewer it is the largest of them, by chance.
pub fn enough_observations(quantile: f64) -> u32 {
    match quantile {
        q if q >= 0.99 => 100,
        q if q >= 0.9 => 20,
        _ => 10,
    }
}

pub fn sum(by: &str) -> String {
    if by.is_empty() {
        "sum".to_owned()
    } else {
        format!("sum by ({by})")
    }
}

/// Recent conversations, cut as a tile, a column or a line needs them.
#[derive(Clone, Copy)]
pub struct Recent {
    /// Labels that make a row or a line; empty for one number.
    pub by: &'static str,
    /// Matchers beside the filters, with no comma around them.
    pub only: &'static str,
    /// Name of the variable that holds the window.
    pub window: &'static str,
    /// The same measure as it was then, as in `offset 1d`.
    pub offset: &'static str,
}

impl Recent {
    pub fn selector(&self, metric: &str, more: &str) -> String {
        let parts = [self.only, more]
            .into_iter()
            .filter(|part| !part.is_empty());
        let only: String = parts.map(|part| format!(", {part}")).collect();
        let offset = if self.offset.is_empty() {
            String::new()
        } else {
            format!(" offset {}", self.offset)
        };
        format!(
            "smartassist_recent_{metric}{{{PLACE}, window=\"${}\"{only}}}{offset}",
            self.window
        )
    }

    pub fn total(&self, metric: &str) -> String {
        self.total_of(metric, "")
    }

    pub fn total_of(&self, metric: &str, more: &str) -> String {
        format!("{} ({})", sum(self.by), self.selector(metric, more))
    }

    pub fn offered(&self) -> String {
        self.total("offered")
    }

    pub fn abandoned(&self) -> String {
        self.total("abandoned")
    }

    pub fn missed(&self) -> String {
        format!(
            "({} - {})",
            self.offered(),
            self.total("answered_within_target")
        )
    }

    /// Conversations with an outcome; 0 where some were offered and none ended so.
    pub fn ended(&self, outcome: &str) -> String {
        format!(
            "{} or 0 * {}",
            self.total_of("conversations", outcome),
            self.offered()
        )
    }

    pub fn abandonment(&self) -> String {
        format!("{} / ({} > 0)", self.abandoned(), self.offered())
    }

    pub fn service_level(&self) -> String {
        format!(
            "{} / ({} > 0)",
            self.total("answered_within_target"),
            self.offered()
        )
    }

    /// The vendor's wallboard ratio: those who left and those whom nobody answered.
    pub fn acr(&self) -> String {
        let terminated = self.ended(r#"direction="inbound", outcome="terminated""#);
        format!(
            "({} + ({terminated})) / ({} > 0)",
            self.abandoned(),
            self.offered()
        )
    }

    /// Each series beside the target that counts for it: of its channel and queue, else of its queue.
    fn held_to(&self, of: &str, target: &str) -> String {
        let target =
            |own: &str| format!(r#"{target}{{{ACCOUNT}, queue=~"$queue", channel{own}""}}"#);
        format!(
            "({of} * on ({SERIES}) group_left () {} or {of} * on (job, instance, account, queue) group_left () {})",
            target("!="),
            target("=")
        )
    }

    /// The mean of the targets, weighted by what they are held against. What has no target, as those who left before any
    /// queue, is held to the mean of the others.
    fn mean_target(&self, of: &str, target: &str) -> String {
        format!(
            "{sum} {held} / ({sum} ({of} and on (job, instance, account, queue) {target}{{{ACCOUNT}, queue=~\"$queue\", channel=\"\"}}) > 0)",
            sum = sum(self.by),
            held = self.held_to(of, target),
        )
    }

    pub fn abandonment_target(&self) -> String {
        self.mean_target(&self.selector("offered", ""), ABANDONMENT_TARGET)
    }

    pub fn objective(&self) -> String {
        self.mean_target(&self.selector("offered", ""), OBJECTIVE)
    }

    pub fn speed_target(&self) -> String {
        self.mean_target(&self.timed_answers(), SPEED_TARGET)
    }

    /// Abandoned, of what was allowed: 1 is at the target. Rounded as it is shown: what reads 5.0 % is held to 5 % as 5.0 %.
    pub fn abandonment_of_allowed(&self) -> String {
        format!(
            "round({}, 0.001) / ({})",
            self.abandonment(),
            self.abandonment_target()
        )
    }

    /// Not answered in time, of what was allowed.
    pub fn missed_of_allowed(&self) -> String {
        format!(
            "(1 - round({}, 0.001)) / (1 - ({}))",
            self.service_level(),
            self.objective()
        )
    }

    pub fn speed_of_target(&self) -> String {
        format!("round({}, 0.1) / ({})", self.speed(), self.speed_target())
    }

    fn answers(&self) -> String {
        format!(
            "sum by ({SERIES}) ({})",
            self.selector("conversations", ANSWERED)
        )
    }

    /// Answered conversations of the series that tell a speed of answer.
    fn timed_answers(&self) -> String {
        format!(
            "({} and on ({SERIES}) {})",
            self.answers(),
            self.selector("speed_of_answer_seconds", "")
        )
    }

    /// Mean wait, each series weighted by what was answered in it.
    pub fn speed(&self) -> String {
        format!(
            "{sum} ({} * on ({SERIES}) {}) / ({sum} {} > 0)",
            self.selector("speed_of_answer_seconds", ""),
            self.answers(),
            self.timed_answers(),
            sum = sum(self.by),
        )
    }

    /// Conversations lost over what the targets allow: abandoned, or not answered in time, whichever is more.
    pub fn excess(&self) -> String {
        let offered = self.offered();
        let left = format!(
            "({} - {offered} * ({}))",
            self.abandoned(),
            self.abandonment_target()
        );
        let late = format!(
            "({} - {offered} * (1 - {}))",
            self.missed(),
            self.objective()
        );
        format!("({left} >= {late} or {late})")
    }

    /// 0 within what is allowed, 1 over it, 2 at more than twice, −1 with too few conversations to judge. Rounded first, so
    /// that what stands exactly on a target is within it.
    pub fn grade(&self, of_allowed: &str) -> String {
        format!(
            "(clamp(ceil(round({of_allowed}, 0.001)) - 1, 0, 2) and {offered} >= {ENOUGH_OFFERED} or ({offered} > 0) * 0 - 1)",
            offered = self.offered()
        )
    }

    /// The worst of the three grades.
    pub fn worst_grade(&self) -> String {
        let grades = [
            ("abandonment", self.abandonment_of_allowed()),
            ("service level", self.missed_of_allowed()),
            ("speed", self.speed_of_target()),
        ];
        let named = grades.map(|(name, of_allowed)| {
            format!(
                r#"label_replace({}, "measure", "{name}", "", "")"#,
                self.grade(&of_allowed)
            )
        });
        format!("max by ({}) ({})", self.by, named.join(" or "))
    }

    /// Only where enough was offered to judge.
    pub fn judged(&self, of_allowed: &str) -> String {
        format!(
            "round({of_allowed}, 0.001) and {} >= {ENOUGH_OFFERED}",
            self.offered()
        )
    }

    /// Only of those eight rows that were worst at their worst moment of the time range: more lines are a carpet.
    pub fn worst_eight(&self, of: &str) -> String {
        format!(
            "{of} and on ({}) topk(8, max_over_time({}[$__range:5m] @ end()))",
            self.by,
            self.excess()
        )
    }
}

/// The accounts of a table's rows that were read within the last five minutes.
pub fn fresh(expr: &str) -> String {
    format!(
        "{expr} and on (account) max by (account) ({LAST_SUCCESS}{{{ACCOUNT}}}) > time() - {STALE_S}"
    )
}

/// A table's rows, or one that says "none": a table without rows looks like one that could not be asked.
pub fn or_none(rows: &str, labels: &[&str]) -> String {
    let mut none = format!("vector(0) unless on () ({rows})");
    for (place, label) in labels.iter().enumerate() {
        let text = if place == 0 { "none" } else { "–" };
        none = format!(r#"label_replace({none}, "{label}", "{text}", "", "")"#);
    }
    format!("{rows}\nor {none}")
}
