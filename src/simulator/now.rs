//! What goes on in the centre at one instant: who waits, who talks, which agents are there.

use super::centre::{Channel, QUEUES};
use super::conversation::{Conversation, DestinationKind};
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
}

/// `None`: it has not begun or is over, is with the bot or will be called back, rings at an agent's whom a colleague
/// chose, or is an outbound call that nobody took yet.
pub(super) fn doing(conversation: &Conversation, now_ms: i64) -> Option<Doing> {
    if conversation.start_ms > now_ms || conversation.ended(now_ms).is_some() {
        return None;
    }
    let last = conversation.destinations_by(now_ms).last()?;
    let queue = last.queue;
    // A record may show the agent late; who waits is known at once.
    let segment = last.segment.as_ref();
    match segment.filter(|segment| segment.accepted_ms <= now_ms) {
        Some(segment) if segment.interaction_end_ms > now_ms => Some(Doing::Talks { queue }),
        Some(_) => None,
        None => {
            let called_back = last.callback_ms.is_some_and(|at_ms| at_ms <= now_ms);
            (last.kind == DestinationKind::Queue && !called_back).then_some(Doing::Waits {
                queue,
                since_ms: last.enter_ms,
            })
        }
    }
}

/// The numbers of one channel in one queue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PlaceNow {
    pub waiting: u64,
    pub with_agent: u64,
    /// Waiting longer than [`OVERDUE_MS`].
    pub overdue: u64,
    /// Of those who wait, the earliest began then, UTC milliseconds.
    pub waits_since_ms: Option<i64>,
}

/// The vendor's own threshold of a queue, in this centre.
pub const OVERDUE_MS: i64 = 60_000;

/// Agents of a queue: available, busy, away, offline.
pub type StaffNow = [usize; 4];

/// All of the centre at one instant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Now {
    /// By channel and queue, in the words of *Call Details*; those alone in which somebody is.
    pub places: BTreeMap<(&'static str, &'static str), PlaceNow>,
    pub staff: BTreeMap<&'static str, StaffNow>,
}

impl Now {
    /// The world must have been advanced to `now_ms`.
    pub(super) fn of(world: &World, now_ms: i64) -> Now {
        let mut now = Now::default();
        for (place, queue) in QUEUES.iter().enumerate() {
            now.staff.insert(queue.name, world.staff(place));
        }
        for conversation in world.conversations() {
            let Some(doing) = doing(conversation, now_ms) else {
                continue;
            };
            let (Doing::Waits { queue, .. } | Doing::Talks { queue }) = doing;
            let key = (conversation.channel.name(), QUEUES[queue].name);
            now.places.entry(key).or_default().add(doing, now_ms);
        }
        now
    }
}

impl PlaceNow {
    pub(super) fn add(&mut self, doing: Doing, now_ms: i64) {
        match doing {
            Doing::Talks { .. } => self.with_agent += 1,
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
