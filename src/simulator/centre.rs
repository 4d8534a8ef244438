//! The house: channels, queues, opening hours, how busy which hour is, and how many agents that takes.

/// How the customer and the centre talk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    Voice,
    Web,
    Mail,
    Campaign,
}

impl Channel {
    /// The word of the record.
    pub fn name(self) -> &'static str {
        match self {
            Channel::Voice => "Voice",
            Channel::Web => "Web/Mobile Client",
            Channel::Mail => "System Mail",
            Channel::Campaign => "campaign",
        }
    }

    /// The word of the request, which differs; an unknown one selects nothing.
    pub fn from_request(word: &str) -> Option<Self> {
        match word {
            "voice" => Some(Channel::Voice),
            "rtm" => Some(Channel::Web),
            "email" => Some(Channel::Mail),
            "campaign" => Some(Channel::Campaign),
            _ => None,
        }
    }
}

/// Why a conversation starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Occasion {
    /// A customer calls or writes and meets the bot first.
    Bot(Channel),
    /// A mail goes to its queue at once.
    Mail,
    /// An agent calls a customer.
    AgentCalls,
    /// The bot calls customers of a campaign.
    Campaign,
}

pub(super) const OCCASIONS: [(Occasion, f64); 5] = [
    (Occasion::Bot(Channel::Voice), 0.50),
    (Occasion::Bot(Channel::Web), 0.31),
    (Occasion::Mail, 0.05),
    (Occasion::AgentCalls, 0.08),
    (Occasion::Campaign, 0.06),
];

/// Of those who meet the bot, the share that goes on to a queue. Used to plan the staff; see `world::bot`.
pub(super) const BOT_TRANSFERS: f64 = 0.50;

/// One queue and the work in it.
#[derive(Debug)]
pub(super) struct Queue {
    pub name: &'static str,
    /// Its part of the conversations that reach a queue.
    pub share: f64,
    /// Local hours in which it has a staff.
    pub open: std::ops::Range<u32>,
    pub talk_median_s: f64,
    pub talk_sigma: f64,
    pub patience_median_s: f64,
    /// Where its callers go when they have waited too long.
    pub overflow: Option<usize>,
}

pub(super) const QUEUES: [Queue; 4] = [
    Queue {
        name: "Billing",
        share: 0.30,
        open: 0..24,
        talk_median_s: 200.0,
        talk_sigma: 0.6,
        patience_median_s: 150.0,
        overflow: Some(1),
    },
    Queue {
        name: "Support",
        share: 0.40,
        open: 0..24,
        talk_median_s: 280.0,
        talk_sigma: 0.7,
        patience_median_s: 180.0,
        overflow: None,
    },
    Queue {
        name: "Sales",
        share: 0.18,
        open: 6..22,
        talk_median_s: 230.0,
        talk_sigma: 0.6,
        patience_median_s: 120.0,
        overflow: Some(1),
    },
    Queue {
        name: "Claims",
        share: 0.12,
        open: 0..24,
        talk_median_s: 330.0,
        talk_sigma: 0.6,
        patience_median_s: 240.0,
        overflow: None,
    },
];

/// Customers type more slowly than they speak.
pub(super) const WRITING_FACTOR: f64 = 1.3;

/// Patience differs more between people than the length of their talks.
pub(super) const PATIENCE_SIGMA: f64 = 0.9;

/// After-call work.
pub(super) const WRAP_UP_MEDIAN_S: f64 = 25.0;
pub(super) const WRAP_UP_SIGMA: f64 = 0.8;

/// Arrivals by local hour, relative to the day's mean: quiet nights, a peak before and one after lunch.
const HOURS: [f64; 24] = [
    0.25, 0.22, 0.20, 0.20, 0.25, 0.35, 0.55, 0.85, 1.30, 1.75, 1.90, 1.80, 1.50, 1.55, 1.75, 1.70,
    1.55, 1.35, 1.15, 0.95, 0.80, 0.65, 0.50, 0.35,
];

/// The greatest of [`HOURS`].
pub(super) const BUSIEST: f64 = 1.90;

const HOUR_MS: i64 = 3_600_000;

/// The local hour of an instant, 0–23.
pub(super) fn local_hour(at_ms: i64, local_offset_minutes: i32) -> usize {
    let local_ms = at_ms + i64::from(local_offset_minutes) * 60_000;
    (local_ms.div_euclid(HOUR_MS).rem_euclid(24)) as usize
}

/// How busy an instant is, relative to the day's mean; linear between the middles of the hours.
pub(super) fn busyness(at_ms: i64, local_offset_minutes: i32) -> f64 {
    let shifted_ms = at_ms - HOUR_MS / 2;
    let hour = local_hour(shifted_ms, local_offset_minutes);
    let into_hour = (shifted_ms + i64::from(local_offset_minutes) * 60_000).rem_euclid(HOUR_MS)
        as f64
        / HOUR_MS as f64;
    HOURS[hour] * (1.0 - into_hour) + HOURS[(hour + 1) % 24] * into_hour
}

/// Agents planned for a queue at an instant: the work expected, and a margin that grows with its square root,
/// as staffing tables have it. 0 when the queue is closed.
pub(super) fn planned_staff(
    queue: &Queue,
    at_ms: i64,
    local_offset_minutes: i32,
    rate_per_hour: f64,
) -> usize {
    let hour = local_hour(at_ms, local_offset_minutes);
    if !queue.open.contains(&(hour as u32)) {
        return 0;
    }
    let busiest_of_hour = HOURS[hour].max(busyness(at_ms, local_offset_minutes));
    let work =
        queue.share * rate_per_hour * busiest_of_hour * hours_of_work_per_conversation(queue);
    (work + MARGIN * work.sqrt()).ceil() as usize + 1
}

/// How far the staff exceeds the work expected, in square roots of it.
const MARGIN: f64 = 1.2;

/// The greatest number of agents a queue ever needs.
pub(super) fn greatest_staff(queue: &Queue, rate_per_hour: f64) -> usize {
    let work = queue.share * rate_per_hour * BUSIEST * hours_of_work_per_conversation(queue);
    (work + MARGIN * work.sqrt()).ceil() as usize + 1
}

/// Agent hours that one arrival of any occasion costs a queue on average, if it were the only queue.
fn hours_of_work_per_conversation(queue: &Queue) -> f64 {
    // Ringing, and what an agent needs between two conversations.
    const OVERHEAD_S: f64 = 12.0;
    // Transfers make a second stay in a queue of some conversations.
    const STAYS: f64 = 1.05;
    let lognormal_mean = |median: f64, sigma: f64| median * (sigma * sigma / 2.0).exp();
    let talk_s = lognormal_mean(queue.talk_median_s, queue.talk_sigma);
    let around_s = lognormal_mean(WRAP_UP_MEDIAN_S, WRAP_UP_SIGMA) + OVERHEAD_S;
    let seconds: f64 = OCCASIONS
        .iter()
        .map(|(occasion, share)| match occasion {
            Occasion::Bot(Channel::Voice) => share * BOT_TRANSFERS * (talk_s + around_s),
            Occasion::Bot(_) => share * BOT_TRANSFERS * (talk_s * WRITING_FACTOR + around_s),
            Occasion::Mail => share * (talk_s * WRITING_FACTOR + around_s),
            // Agents call out only when they are free, so half of that work finds idle hands.
            Occasion::AgentCalls => share * 0.5 * (talk_s + around_s),
            Occasion::Campaign => 0.0,
        })
        .sum();
    seconds * STAYS / 3600.0
}
