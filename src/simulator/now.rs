//! What goes on in the centre at one instant: who waits, who talks, which agents are there.

use super::centre::{Channel, QUEUES, Queue};
use super::conversation::{Conversation, DestinationKind};
use super::http::Reading;
use super::world::World;
use std::collections::BTreeMap;

/// What a conversation does at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doing {
    /// Waits in a queue since then.
    Waits {
        queue: usize,
        since_ms: i64,
    },
    Talks {
        queue: usize,
    },
    /// Nobody speaks and nobody waits: it will be called back, is being closed, rings at an agent's whom a colleague
    /// chose, or is an outbound call that nobody took yet.
    Rests {
        queue: usize,
    },
}

impl Doing {
    pub(super) fn queue(self) -> usize {
        let (Doing::Waits { queue, .. } | Doing::Talks { queue } | Doing::Rests { queue }) = self;
        queue
    }
}

/// `None`: it has not begun or is over, or is in no queue yet.
pub(super) fn doing(conversation: &Conversation, now_ms: i64) -> Option<Doing> {
    if conversation.start_ms > now_ms || conversation.ended(now_ms).is_some() {
        return None;
    }
    let last = conversation.destinations_by(now_ms).last()?;
    let queue = last.queue;
    // A record may show the agent late; who waits is known at once.
    let segment = last.segment.as_ref();
    let accepted = segment.filter(|segment| segment.accepted_ms <= now_ms);
    let called_back = last.callback_ms.is_some_and(|at_ms| at_ms <= now_ms);
    Some(match accepted {
        Some(segment) if segment.interaction_end_ms > now_ms => Doing::Talks { queue },
        None if last.kind == DestinationKind::Queue && !called_back => Doing::Waits {
            queue,
            since_ms: last.enter_ms,
        },
        _ => Doing::Rests { queue },
    })
}

/// The numbers of one channel in one queue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PlaceNow {
    pub waiting: u64,
    pub with_agent: u64,
    /// Waiting longer than [`OVERDUE_MS`].
    pub overdue: u64,
    /// Neither waiting nor in conversation, and not over.
    pub resting: u64,
    /// Of those who wait, the earliest began then, UTC milliseconds.
    pub waits_since_ms: Option<i64>,
}

/// The vendor's own threshold of a queue, in this centre.
pub const OVERDUE_MS: i64 = 60_000;

/// What an agent may be.
pub const STATES: [&str; 4] = ["available", "busy", "away", "offline"];

/// Agents of a queue, by [`STATES`].
pub type StaffNow = [usize; 4];

/// All of the centre at one instant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Now {
    /// UTC milliseconds.
    pub at_ms: i64,
    /// By channel and queue, in the words of *Call Details*; those alone in which somebody is.
    pub places: Places,
    pub staff: BTreeMap<&'static str, StaffNow>,
}

/// By channel and queue.
pub type Places = BTreeMap<(&'static str, &'static str), PlaceNow>;

impl Now {
    /// The world must have been advanced to `now_ms`, and no further: what agents do is known of now alone.
    pub(super) fn of(world: &World, now_ms: i64, reading: &Reading) -> Now {
        let staff = |(place, queue): (usize, &Queue)| (queue.name, staff(world, place, reading));
        Now {
            at_ms: now_ms,
            places: places(world.conversations(), now_ms),
            staff: QUEUES.iter().enumerate().map(staff).collect(),
        }
    }
}

/// Where people wait and talk at an instant, which may be past.
fn places<'c>(conversations: impl IntoIterator<Item = &'c Conversation>, at_ms: i64) -> Places {
    let mut places = Places::new();
    for conversation in conversations {
        if let Some(doing) = doing(conversation, at_ms) {
            let key = (conversation.channel.name(), QUEUES[doing.queue()].name);
            places.entry(key).or_default().add(doing, at_ms);
        }
    }
    places
}

/// Each state between two instants, and since when it stood; all of it must have happened.
pub(super) fn states(
    conversations: &[Conversation],
    from_ms: i64,
    to_ms: i64,
) -> Vec<(i64, Places)> {
    let there = |one: &&Conversation| {
        let ended = one.end.is_some_and(|end| end.at_ms < from_ms);
        one.start_ms <= to_ms && !ended
    };
    let there: Vec<&Conversation> = conversations.iter().filter(there).collect();
    let changes = there.iter().flat_map(|one| {
        let stays = one.destinations.iter().flat_map(|stay| {
            let overdue_ms = stay.enter_ms + OVERDUE_MS + 1;
            let taken = stay.segment.as_ref();
            let taken = taken.map(|it| [it.accepted_ms, it.interaction_end_ms]);
            let own = [Some(stay.enter_ms), Some(overdue_ms), stay.callback_ms];
            own.into_iter().flatten().chain(taken.into_iter().flatten())
        });
        stays.chain(one.end.map(|end| end.at_ms))
    });
    let mut instants: Vec<i64> = changes
        .filter(|at_ms| (from_ms..=to_ms).contains(at_ms))
        .chain([from_ms])
        .collect();
    instants.sort_unstable();
    instants.dedup();
    let state = |at_ms| (at_ms, places(there.iter().copied(), at_ms));
    instants.into_iter().map(state).collect()
}

/// The agents of a queue, as they are shown: with those who opted out of it and look as if they could be routed to.
pub(super) fn staff(world: &World, queue: usize, reading: &Reading) -> StaffNow {
    let [available, busy, away, offline] = world.staff(queue);
    let opted_out = (offline as f64 * reading.off_queue) as usize;
    [available + opted_out, busy, away, offline - opted_out]
}

impl PlaceNow {
    pub(super) fn add(&mut self, doing: Doing, now_ms: i64) {
        match doing {
            Doing::Talks { .. } => self.with_agent += 1,
            Doing::Rests { .. } => self.resting += 1,
            Doing::Waits { since_ms, .. } => {
                self.waiting += 1;
                self.overdue += u64::from(now_ms - since_ms > OVERDUE_MS);
                let earlier = self.waits_since_ms.unwrap_or(since_ms).min(since_ms);
                self.waits_since_ms = Some(earlier);
            }
        }
    }
}

/// What the live interfaces call a channel, which is not what *Call Details* calls it.
pub(super) fn source(channel: Channel) -> &'static str {
    match channel {
        Channel::Voice | Channel::Campaign => "Voice",
        Channel::Web => "rtm",
        Channel::Mail => "emailInst-5e17ab1e",
    }
}
