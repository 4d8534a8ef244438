//! How the interface reads what the vendor's page leaves open, and how it departs from the page.
//!
//! A reading is one field with its doc comment: the flag of `simulate`, its help, and its name on `/control/reading`
//! follow from it. All of them can be changed while the simulator runs.

use super::super::centre::QUEUES;
use super::super::conversation::Conversation;
use super::super::dice::mix;
use super::super::oddity::Odd;
use super::human;
use super::live::Face;
use super::renamed::Renamed;
use super::span::Span;
use super::zone::Zone;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Which time `startDate` and `endDate` select on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SelectsOn {
    #[default]
    Start,
    End,
}

/// What `offset` counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OffsetCounts {
    #[default]
    Pages,
    Rows,
}

/// What `numResults` says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NumResults {
    /// How many records the window holds.
    #[default]
    Total,
    /// How many records the page holds.
    Page,
    /// Nothing: it is left out.
    Missing,
    /// More than the window holds, even where it holds none.
    TooMany,
    /// Half of what the window holds.
    TooFew,
}

/// What stands for `data` on a page that holds no record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoData {
    #[default]
    List,
    Null,
    Missing,
}

/// How *Queue Performance* counts who was in a queue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum QueueCounts {
    /// Each stay in a queue, at that queue: who moves on or comes back counts again.
    #[default]
    Entries,
    /// Each conversation once, at its last queue.
    Conversations,
}

/// What a duration is told in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
pub enum Unit {
    /// Milliseconds, as the vendor's page has it.
    #[default]
    #[value(name = "ms")]
    #[serde(rename = "ms")]
    Milliseconds,
    /// Seconds, as its samples look.
    #[value(name = "s")]
    #[serde(rename = "s")]
    Seconds,
}

impl Unit {
    /// Rounded.
    pub(crate) fn of_ms(self, ms: f64) -> i64 {
        match self {
            Unit::Milliseconds => ms.round() as i64,
            Unit::Seconds => (ms / 1_000.0).round() as i64,
        }
    }
}

/// Whether there is a *Call Details* v2.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecondVersion {
    /// As the vendor's page has it.
    #[default]
    Open,
    /// 404, as a tenant on an older release.
    Missing,
    /// 401: the app lacks the scope.
    Unscoped,
}

/// The order in which *List of Conversations* goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ListOrder {
    /// By when it was created, the newest first.
    #[default]
    Newest,
    /// The same, the oldest first.
    Oldest,
    /// By its last change, the latest first: the oldest may stand anywhere.
    Changed,
}

/// One field for each open question, and for each way in which real servers were seen to differ.
#[derive(Debug, Clone, PartialEq, clap::Args, Serialize, Deserialize)]
#[command(next_help_heading = "What the vendor's page leaves open")]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Reading {
    /// Zone in which times are shown: that of the request, or one of the account: `+05:30`, `Europe/Berlin`, or a POSIX
    /// rule such as `CET-1CEST,M3.5.0,M10.5.0/3`.
    #[arg(
        long,
        value_name = "request|ZONE",
        default_value = "request",
        allow_hyphen_values = true
    )]
    pub zone: Zone,

    /// The time of a conversation that the dates of a request select on.
    #[arg(long, value_name = "TIME", value_enum, default_value_t)]
    pub select: SelectsOn,

    /// What `offset` counts.
    #[arg(long, value_name = "UNIT", value_enum, default_value_t)]
    pub offset: OffsetCounts,

    /// What `numResults` says.
    #[arg(long, value_name = "WHAT", value_enum, default_value_t)]
    pub num_results: NumResults,

    /// Read every window as the whole days it touches.
    #[arg(long)]
    pub ignore_time_of_day: bool,

    /// Merge a page of bot sessions and a page of agent conversations: it may hold up to twice `limit`.
    #[arg(long)]
    pub page_overfull: bool,

    /// Part of the rows that is taken away after paging: pages are short although more follow.
    #[arg(long, value_name = "PART", default_value_t = 0.0, value_parser = filtered)]
    pub filter_after_paging: f64,

    /// Rows a page holds at most, whatever `limit` asks for; `offset` counts such pages.
    #[arg(long, value_name = "ROWS", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub page_cap: Option<u32>,

    /// Rows of a page that are sent at most; `offset` counts pages of `limit`, so the rest of each is on no page.
    #[arg(long, value_name = "ROWS", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub page_cut: Option<u32>,

    /// Count pages from 1: page 0 is empty, whatever `numResults` says.
    #[arg(long)]
    pub empty_first_page: bool,

    /// Page each store by itself: a short page of bot sessions, and agent conversations from the next page on.
    #[arg(long)]
    pub two_stores: bool,

    /// What stands for `data` where the window holds no record.
    #[arg(long, value_name = "WHAT", value_enum, default_value_t)]
    pub no_data: NoData,

    /// Begin every page with a byte order mark.
    #[arg(long)]
    pub byte_order_mark: bool,

    /// List conversations only once they have ended.
    #[arg(long)]
    pub hide_live: bool,

    /// List conversations only so long after their end.
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = humantime::parse_duration)]
    #[serde(with = "human")]
    pub lag: Duration,

    /// Let every request wait so long for its answer.
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = humantime::parse_duration)]
    #[serde(with = "human")]
    pub latency: Duration,

    /// How *Call Details* v2 answers.
    #[arg(long, value_name = "HOW", value_enum, default_value_t)]
    pub call_details_v2: SecondVersion,

    /// How *Queue Performance* answers.
    #[arg(long, value_name = "HOW", value_enum, default_value_t)]
    pub queue_performance: Face,

    /// How *List of Conversations* answers.
    #[arg(long, value_name = "HOW", value_enum, default_value_t)]
    pub conversations: Face,

    /// How *Contact Volume* answers.
    #[arg(long, value_name = "HOW", value_enum, default_value_t)]
    pub contact_volume: Face,

    /// Part of the conversations that *Call Details* never lists, although they were there.
    #[arg(long, value_name = "PART", default_value_t = 0.0, value_parser = whole)]
    pub lost: f64,

    /// Rows that a live interface hands out at once, whatever it is asked for.
    #[arg(long, value_name = "ROWS", value_parser = clap::value_parser!(u32).range(1..))]
    pub live_page: Option<u32>,

    /// How *Queue Performance* counts who was in a queue.
    #[arg(long, value_name = "WHAT", value_enum, default_value_t)]
    pub queue_counts: QueueCounts,

    /// Let the counts of *Queue Performance* be so late; what it tells of now is not.
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = humantime::parse_duration)]
    #[serde(with = "human")]
    pub totals_lag: Duration,

    /// Unit of `ASA` and `AHT`.
    #[arg(long, value_name = "UNIT", value_enum, default_value_t)]
    pub queue_times: Unit,

    /// Unit of `waitTime`.
    #[arg(long, value_name = "UNIT", value_enum, default_value_t)]
    pub wait_time: Unit,

    /// The order of *List of Conversations*.
    #[arg(long, value_name = "ORDER", value_enum, default_value_t)]
    pub list_order: ListOrder,

    /// List who waits beyond a queue's threshold as `OVERDUE`, and no longer as `OPEN`.
    #[arg(long)]
    pub overdue_apart: bool,

    /// Part of the agents who are off that are shown as available: they opted out of the queue, and nothing is routed to
    /// them.
    #[arg(long, value_name = "PART", default_value_t = 0.0, value_parser = whole)]
    pub off_queue: f64,

    /// Another name for a queue, of the same id, on the live interfaces; may be repeated.
    #[arg(long, value_name = "QUEUE=NAME")]
    pub renamed: Vec<Renamed>,

    /// An oddity, and the part of the conversations whose records show it; may be repeated.
    #[arg(long, value_name = "NAME=PART")]
    pub oddity: Vec<Odd>,

    /// A stretch that can't be read, such as `2026-09-21T14:13:20Z+1s`: every window that touches it fails with status
    /// 500; may be repeated.
    #[arg(long, value_name = "TIME+DURATION")]
    pub unreadable: Vec<Span>,
}

impl Default for Reading {
    /// The likeliest readings, and no departure.
    fn default() -> Self {
        Reading {
            zone: Zone::Request,
            select: SelectsOn::default(),
            offset: OffsetCounts::default(),
            num_results: NumResults::default(),
            ignore_time_of_day: false,
            page_overfull: false,
            filter_after_paging: 0.0,
            page_cap: None,
            page_cut: None,
            empty_first_page: false,
            two_stores: false,
            no_data: NoData::default(),
            byte_order_mark: false,
            hide_live: false,
            lag: Duration::ZERO,
            latency: Duration::ZERO,
            call_details_v2: SecondVersion::default(),
            queue_performance: Face::default(),
            conversations: Face::default(),
            contact_volume: Face::default(),
            lost: 0.0,
            live_page: None,
            queue_counts: QueueCounts::default(),
            totals_lag: Duration::ZERO,
            queue_times: Unit::default(),
            wait_time: Unit::default(),
            list_order: ListOrder::default(),
            overdue_apart: false,
            off_queue: 0.0,
            renamed: Vec::new(),
            oddity: Vec::new(),
            unreadable: Vec::new(),
        }
    }
}

impl Reading {
    /// Whether it is one that the flags allow.
    ///
    /// # Errors
    /// Names the first field that is not, and what is allowed.
    pub(super) fn check(&self) -> Result<(), String> {
        for (name, value, most) in [
            (
                "filter-after-paging",
                self.filter_after_paging,
                MOST_FILTERED,
            ),
            ("off-queue", self.off_queue, 1.0),
            ("lost", self.lost, 1.0),
        ] {
            if !(0.0..=most).contains(&value) {
                return Err(format!("`{name}` is `{value}`; allowed are 0 to {most}"));
            }
        }
        for (name, rows) in [("page-cap", self.page_cap), ("page-cut", self.page_cut)] {
            if rows.is_some_and(|rows| !(1..=100).contains(&rows)) {
                return Err(format!("`{name}`: allowed are 1 to 100"));
            }
        }
        if self.live_page == Some(0) {
            return Err("`live-page`: a page holds at least 1 row".to_owned());
        }
        let (lag, latency, totals) = (self.lag, self.latency, self.totals_lag);
        for (name, length) in [("lag", lag), ("latency", latency), ("totals-lag", totals)] {
            if length > LONGEST {
                return Err(format!("`{name}` is longer than a year"));
            }
        }
        Ok(())
    }

    /// What a queue is called on the live interfaces.
    pub(crate) fn queue_name(&self, queue: usize) -> &str {
        let name = QUEUES[queue].name;
        let renamed = self.renamed.iter().find(|renamed| renamed.queue == queue);
        renamed.map_or(name, |renamed| &renamed.name)
    }

    /// The interface lists this conversation by now, if a window asks for it.
    pub fn lists(&self, conversation: &Conversation, now_ms: i64) -> bool {
        if self.loses(conversation) {
            return false;
        }
        match conversation.ended(now_ms) {
            None => !self.hide_live && self.lag.is_zero(),
            Some(end) => end.at_ms + self.lag.as_millis() as i64 <= now_ms,
        }
    }

    /// Always the same ones, and more of them where more are lost.
    fn loses(&self, conversation: &Conversation) -> bool {
        const LOST: u64 = 0x105e;
        let drawn = mix(LOST, 0, u64::from(conversation.number)) >> 32;
        (drawn as f64) < self.lost * f64::from(u32::MAX)
    }

    /// No window brings this ended conversation: it is not listed yet, or began in a second that can't be read.
    pub fn hides(&self, conversation: &Conversation, now_ms: i64) -> bool {
        let start_s = conversation.start_ms.div_euclid(1_000);
        let mut unreadable = self.unreadable.iter();
        !self.lists(conversation, now_ms) || unreadable.any(|span| span.touches(start_s, start_s))
    }
}

/// Nothing is later than that: beyond it lies a slip of the hand, and at last the end of numbers.
pub(super) const LONGEST: Duration = Duration::from_hours(24 * 365);

/// The greatest part that may be taken away: beyond it, pages in the middle would be empty by chance.
const MOST_FILTERED: f64 = 0.5;

fn filtered(text: &str) -> Result<f64, String> {
    part(text, MOST_FILTERED)
}

fn whole(text: &str) -> Result<f64, String> {
    part(text, 1.0)
}

fn part(text: &str, most: f64) -> Result<f64, String> {
    let part: f64 = text.parse().map_err(|_| "it is not a number".to_owned())?;
    if (0.0..=most).contains(&part) {
        Ok(part)
    } else {
        Err(format!("allowed are 0 to {most}"))
    }
}
