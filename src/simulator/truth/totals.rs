//! What *Queue Performance* tells of a stretch of time: counted from what happened, by the start of the session.

use super::super::centre::{Channel, QUEUES};
use super::super::conversation::{Conversation, Destination, DestinationKind, Ending};
use super::super::http::{QueueCounts, Reading};
use super::super::world::World;
use super::Witness;
use super::case::left;
use std::collections::BTreeMap;

/// Of what a row counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dimension {
    pub(crate) queue: usize,
    pub(crate) channel: Channel,
    pub(crate) outbound: bool,
}

impl Dimension {
    pub fn queue(&self) -> &'static str {
        QUEUES[self.queue].name
    }

    /// In the word of *Call Details*.
    pub fn channel(&self) -> &'static str {
        self.channel.name()
    }

    pub fn direction(&self) -> &'static str {
        if self.outbound { "Outbound" } else { "Inbound" }
    }
}

/// What was counted of one queue, channel and direction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Total {
    pub conversations: u64,
    /// An agent took it; of mail as well without a reply.
    pub accepted: u64,
    /// The same, but of mail only once the agent has replied.
    pub answered: u64,
    /// Over, and was with an agent at the end.
    pub completed: u64,
    /// Of those, how many count as resolved.
    pub resolved: u64,
    /// Went on to another queue or agent.
    pub transferred: u64,
    pub abandoned: u64,
    pub no_agents: u64,
    pub line_lost: u64,
    pub ended_otherwise: u64,
    /// No longer waiting: taken, gone or moved on.
    pub decided: u64,
    /// Of inbound ones that were taken.
    pub waits_ms: Vec<i64>,
    /// Talk and after-call work, by agent.
    pub handles_ms: Vec<i64>,
}

impl Total {
    /// Taken within the target, and the part of what is decided that this is; `None` while nothing is.
    pub fn service_level(&self) -> Option<f64> {
        let target_ms = Witness::default().target.as_millis() as i64;
        let waits = self.waits_ms.iter();
        let within = waits.filter(|wait_ms| **wait_ms <= target_ms).count();
        (self.decided > 0).then(|| within as f64 / self.decided as f64)
    }

    pub(crate) fn add(&mut self, other: Total) {
        self.conversations += other.conversations;
        self.accepted += other.accepted;
        self.answered += other.answered;
        self.completed += other.completed;
        self.resolved += other.resolved;
        self.transferred += other.transferred;
        self.abandoned += other.abandoned;
        self.no_agents += other.no_agents;
        self.line_lost += other.line_lost;
        self.ended_otherwise += other.ended_otherwise;
        self.decided += other.decided;
        self.waits_ms.extend(other.waits_ms);
        self.handles_ms.extend(other.handles_ms);
    }

    /// Several stays of one conversation, as one: answered by the first that was, and then neither abandoned nor given up.
    fn once(mut self) -> Total {
        let stays = self.conversations;
        let answered_at_all = self.accepted > 0;
        for count in [
            &mut self.conversations,
            &mut self.accepted,
            &mut self.answered,
            &mut self.transferred,
        ] {
            *count = (*count).min(1);
        }
        self.decided = u64::from(self.decided > 0 && self.decided == stays);
        if answered_at_all {
            (self.abandoned, self.no_agents) = (0, 0);
            (self.line_lost, self.ended_otherwise) = (0, 0);
        }
        self.waits_ms.truncate(1);
        self
    }
}

/// By queue, channel and direction; those alone that have something to tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals(pub BTreeMap<Dimension, Total>);

impl Totals {
    /// Of conversations that began between two instants, both inclusive, as far as the interface knows by `now_ms`; the
    /// world must have been advanced to it.
    pub fn of(world: &World, now_ms: i64, reading: &Reading, (from_ms, to_ms): (i64, i64)) -> Self {
        let known_ms = now_ms - reading.totals_lag.as_millis() as i64;
        let all = world.conversations();
        let before = |at_ms: i64| all.partition_point(|it| it.start_ms < at_ms);
        let from = before(from_ms);
        let until = before(to_ms.min(known_ms).saturating_add(1)).max(from);
        let mut totals = Totals::default();
        for conversation in &all[from..until] {
            match reading.queue_counts {
                QueueCounts::Entries => {
                    for (queue, stay) in stays(conversation, known_ms) {
                        totals.add(conversation, queue, stay);
                    }
                }
                QueueCounts::Conversations => totals.add_once(conversation, known_ms),
            }
        }
        totals
    }

    fn add_once(&mut self, conversation: &Conversation, known_ms: i64) {
        let mut all = Total::default();
        let mut last = None;
        for (queue, stay) in stays(conversation, known_ms) {
            all.add(stay);
            last = Some(queue);
        }
        if let Some(queue) = last {
            self.add(conversation, queue, all.once());
        }
    }

    fn add(&mut self, conversation: &Conversation, queue: usize, total: Total) {
        let dimension = Dimension {
            queue,
            channel: conversation.channel,
            outbound: conversation.outbound,
        };
        self.0.entry(dimension).or_default().add(total);
    }
}

/// What each stay of a conversation counts for, by an instant, with the queue it counts at. The part of an agent whom a
/// colleague chose is no stay, and only adds to what was counted.
fn stays(conversation: &Conversation, known_ms: i64) -> impl Iterator<Item = (usize, Total)> {
    let mut destinations = conversation.destinations_by(known_ms).peekable();
    std::iter::from_fn(move || {
        let here = destinations.next()?;
        let moved_on = destinations.peek().is_some();
        Some((here.queue, stay(conversation, here, moved_on, known_ms)))
    })
}

fn stay(conversation: &Conversation, here: &Destination, moved_on: bool, known_ms: i64) -> Total {
    let passed = |at_ms: Option<i64>| at_ms.filter(|at_ms| *at_ms <= known_ms);
    let entered = here.kind != DestinationKind::Agent;
    let inbound = here.kind == DestinationKind::Queue;
    let segment = here.segment.as_ref();
    let segment = segment.filter(|segment| segment.accepted_ms <= known_ms);
    let end = conversation.ended(known_ms).filter(|_| !moved_on);
    let mut total = Total {
        conversations: u64::from(entered),
        transferred: u64::from(moved_on),
        ..Total::default()
    };
    let called_back = passed(here.callback_ms).is_some();
    let decided = segment.is_some() || moved_on || called_back || end.is_some();
    total.decided = u64::from(entered && decided);
    let Some(segment) = segment else {
        match end.map(|end| end.how).filter(|_| entered) {
            Some(Ending::GivenUp) => total.no_agents = 1,
            Some(Ending::LineLost) => total.line_lost = 1,
            Some(Ending::CallbackFailed) => total.ended_otherwise = 1,
            Some(how) if left(how) && !called_back => total.abandoned = 1,
            _ => {}
        }
        return total;
    };
    let replied =
        conversation.channel != Channel::Mail || passed(segment.first_response_ms).is_some();
    total.accepted = u64::from(entered);
    total.answered = u64::from(entered && replied);
    if inbound {
        total.waits_ms.push(segment.accepted_ms - here.enter_ms);
    }
    if let Some(talk_end_ms) = passed(Some(segment.interaction_end_ms)) {
        let wrapped_up_ms = passed(segment.wrap_up_end_ms).unwrap_or(talk_end_ms);
        total.handles_ms.push(wrapped_up_ms - segment.accepted_ms);
    }
    if end.is_some() {
        total.completed = 1;
        let stands =
            |from_ms: i64, until_ms: Option<i64>| from_ms <= known_ms && passed(until_ms).is_none();
        let resolved = conversation.dispositions.iter().any(|disposition| {
            disposition.text == "Resolved" && stands(disposition.from_ms, disposition.until_ms)
        });
        total.resolved = u64::from(resolved);
    }
    total
}
