//! What deriving a record gives.

use super::destination::Stop;
use super::{Field, Kind, Outcome, Reason, Rule, Timestamp};
use crate::api::Record;
use std::borrow::Cow;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// A queue as the record has it. Neither id nor name: `none`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Queue<'r> {
    pub id: Option<&'r str>,
    pub name: Option<&'r str>,
}

/// One countable statement of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fact<'r> {
    pub kind: Kind,
    /// Place of the destination in the record, from 0; 0 for facts of the whole conversation. Where the destination
    /// stands may change: what it is known by is its [`DestinationKey`].
    pub destination: u16,
    /// What tells several facts of one kind at one destination apart (a disposition; a non-responding agent's offer), by
    /// its [`short_hash`].
    pub element: Option<u32>,
    /// The destination's queue; `None` for facts of the whole conversation, which carry the conversation's queue.
    pub queue: Option<Queue<'r>>,
    /// The fact's own label value: status, event, disposition, score, outcome of a queue entry. Empty where there is none.
    pub text: &'r str,
    /// Only for pick-up, first response, interaction, after-call work, non-response.
    pub agent: Option<&'r str>,
    /// The observation in milliseconds, for facts that are durations; else 0.
    pub millis: u64,
}

impl<'r> Fact<'r> {
    /// A fact of the whole conversation, without an element or a duration.
    pub(super) fn of_conversation(kind: Kind, text: &'r str) -> Self {
        Fact {
            kind,
            destination: 0,
            element: None,
            queue: None,
            text,
            agent: None,
            millis: 0,
        }
    }

    /// A fact of one destination, without a text or a duration.
    pub(super) fn at(stop: &Stop<'r>, kind: Kind) -> Self {
        let queue = Some(stop.queue.unwrap_or_default());
        Fact {
            destination: stop.place,
            queue,
            ..Fact::of_conversation(kind, "")
        }
    }
}

/// 32 bits that tell the texts of one conversation apart. Not secret, but stored, so it is the same in every version.
pub fn short_hash(text: &str) -> u32 {
    (xxh3_64_with_seed(text.as_bytes(), 0) >> 32) as u32
}

/// What a destination is known by, wherever it stands in the list: its queue and when it was entered; an agent's
/// segment by the agent and when it was assigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DestinationKey<'r> {
    /// Its own, none where neither id nor name is sent.
    pub queue: Queue<'r>,
    /// Of a segment.
    pub agent: Option<&'r str>,
    /// As it was sent, so that another offset measured makes no other destination.
    pub time: Option<Timestamp>,
}

/// How far a record has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// No readable end, no final status, or a live one; or what decides its outcome can't be read. Nothing of it counts.
    Live,
    /// Ended, answered by nobody, and so short ago that an agent's segment may still appear: nothing counts yet.
    Settling,
    /// Ended: everything it says counts.
    Ended,
}

/// A conversation that waits for an agent, or is with one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Running<'r> {
    /// UTC seconds.
    pub start_s: i64,
    pub channel: &'r str,
    pub queue: Queue<'r>,
    /// Since when it waits in that queue, UTC seconds; `None` with an agent.
    pub waits_since_s: Option<i64>,
    pub with_agent: bool,
}

/// The first queue entry of a conversation that an agent answered.
pub type FirstAnswer<'r> = (Queue<'r>, Option<u64>);

/// What is fixed when a conversation is first counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation<'r> {
    /// `unknown` where the record has none.
    pub channel: &'r str,
    /// That of the last destination that has one.
    pub queue: Queue<'r>,
    /// `inbound`, `outbound`, or the vendor's other words in lower case.
    pub direction: Cow<'r, str>,
    /// False where nothing tells it, so that it is assumed: another reading may have told another.
    pub direction_told: bool,
    pub outcome: Outcome,
    /// The rule that decided the outcome.
    pub rule: Rule,
    /// Inbound, and answered, abandoned (also with an agent), terminated or callback.
    pub offered: bool,
    /// The first answered queue entry: its queue and, where both times are there, its wait in milliseconds.
    pub first_answer: Option<FirstAnswer<'r>>,
    /// End of the conversation, UTC seconds: the later of `sessionEndTime` and the last `interactionEndTime`.
    pub ended_s: i64,
}

/// Who a record is about. At least one of the two is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity<'r> {
    pub conversation: Option<&'r str>,
    pub session: Option<&'r str>,
}

impl<'r> Identity<'r> {
    /// `None` of a record that says of nobody.
    pub fn of(record: &'r Record<'_>) -> Option<Identity<'r>> {
        let identity = Identity {
            conversation: record.conversation_id.value().map(AsRef::as_ref),
            session: record.session_id.value().map(AsRef::as_ref),
        };
        (identity.conversation.is_some() || identity.session.is_some()).then_some(identity)
    }
}

/// Everything one record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derived<'r> {
    pub identity: Identity<'r>,
    /// `sessionStartTime`, UTC seconds; else the time in the session id; `None` if neither can be read.
    pub start_s: Option<i64>,
    /// `sessionEndTime`, UTC seconds.
    pub end_s: Option<i64>,
    /// The later of both; the time of reading where there is neither, so that such a record, too, can be remembered
    /// and forgotten.
    pub latest_s: i64,
    pub stage: Stage,
    /// While it runs.
    pub running: Option<Running<'r>>,
    /// The value that decides its outcome and can't be read. While there is one, the stage is [`Stage::Live`].
    pub waits_for: Option<Field>,
    /// `Some` once it has ended: of one that is [`Stage::Settling`], as it would be counted by what is known now.
    pub conversation: Option<Conversation<'r>>,
    /// Empty before [`Stage::Ended`].
    pub facts: Vec<Fact<'r>>,
    /// Values refused one by one, in any stage; one entry for each field and reason.
    pub rejects: Vec<Reject>,
    /// What each destination is known by, in the order of the record.
    pub destinations: Vec<DestinationKey<'r>>,
    /// (queue id, queue name) pairs that the record teaches, in any stage.
    pub names: Vec<(&'r str, &'r str)>,
}

/// Values that cannot be, refused without losing the rest of their record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reject {
    pub field: Field,
    pub reason: Reason,
    /// How many values; at least 1.
    pub values: u32,
}

/// Why a row is refused as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RejectedRecord {
    /// Not even an object.
    NotAnObject,
    /// Neither `conversationId` nor `sessionId`; with the refusals, which tell whether one was there but unusable.
    NoIdentity { rejects: Vec<Reject> },
}
