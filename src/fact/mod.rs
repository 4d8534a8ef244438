//! One record → what it says: facts, and what was refused and why.
//!
//! Invariant: [`derive`] is pure and total; no record can make it fail.
//! Not here: what was counted before (that is the ledger's), metric names, labels' spelling on the page.

use std::borrow::Cow;

/// What can be counted of a conversation. Each is counted once per (conversation, kind, destination, element).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Kind {
    Conversation = 0,
    SessionDuration = 1,
    FinalStatus = 2,
    Disconnect = 3,
    Disposition = 4,
    Csat = 5,
    Nps = 6,
    LikeDislike = 7,
    QueueEntry = 8,
    QueueWait = 9,
    Transfer = 10,
    AgentPickup = 11,
    FirstResponse = 12,
    Interaction = 13,
    AfterCallWork = 14,
    NonResponse = 15,
    CallbackRequested = 16,
    CallbackAccepted = 17,
    CallbackWait = 18,
}

/// A queue as the record has it. Neither id nor name: `none`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Queue<'r> {
    pub id: Option<&'r str>,
    pub name: Option<&'r str>,
}

/// One countable statement of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact<'r> {
    pub kind: Kind,
    /// Place of the destination in the record, from 0; 0 for facts of the whole conversation.
    pub destination: u16,
    /// What tells several facts of one kind at one destination apart (a disposition; a non-responding agent's offer).
    pub element: Option<Cow<'r, str>>,
    /// The destination's queue; `None` for facts of the whole conversation, which carry the conversation's queue.
    pub queue: Option<Queue<'r>>,
    /// The fact's own label value: status, event, disposition, score, outcome of a queue entry. Empty where there is none.
    pub text: Cow<'r, str>,
    /// Only for pick-up, first response, interaction, after-call work, non-response.
    pub agent: Option<&'r str>,
    /// The observation in milliseconds, for facts that are durations; else 0.
    pub millis: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Outcome {
    Answered = 0,
    Abandoned = 1,
    AbandonedWithAgent = 2,
    Terminated = 3,
    Callback = 4,
    Contained = 5,
    BotDropped = 6,
    Other = 7,
}

/// How far a record has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// No readable end, no final status, or a live one: nothing of it counts.
    Live,
    /// Ended, answered by nobody, and so short ago that an agent's segment may still appear: nothing counts yet.
    Settling,
    /// Ended: everything it says counts.
    Ended,
}

/// What is fixed when a conversation is first counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation<'r> {
    /// `unknown` where the record has none.
    pub channel: &'r str,
    /// That of the last destination that has one.
    pub queue: Queue<'r>,
    /// `inbound`, `outbound`, or the vendor's other words in lower case.
    pub direction: Cow<'r, str>,
    pub outcome: Outcome,
    /// Inbound, and answered, abandoned (also with an agent), terminated or callback.
    pub offered: bool,
    /// The first answered queue entry: its queue and, where both times are there, its wait.
    pub first_answer: Option<(Queue<'r>, Option<u64>)>,
    /// End of the conversation, UTC seconds: the later of `sessionEndTime` and the last `interactionEndTime`.
    pub ended_s: i64,
}

/// Who a record is about. At least one of the two is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity<'r> {
    pub conversation: Option<&'r str>,
    pub session: Option<&'r str>,
}

/// Everything one record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derived<'r> {
    pub identity: Identity<'r>,
    /// `sessionStartTime`, UTC seconds; else the time in the session id; `None` if neither can be read.
    pub start_s: Option<i64>,
    /// `sessionEndTime`, UTC seconds.
    pub end_s: Option<i64>,
    pub stage: Stage,
    /// `Some` exactly in [`Stage::Ended`].
    pub conversation: Option<Conversation<'r>>,
    /// Empty before [`Stage::Ended`].
    pub facts: Vec<Fact<'r>>,
    /// Values refused one by one, in any stage, at most once per field and record.
    pub rejects: Vec<Reject>,
    /// (queue id, queue name) pairs that the record teaches, in any stage.
    pub names: Vec<(&'r str, &'r str)>,
}

/// A value that cannot be, refused without losing the rest of its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reject {
    pub field: Field,
    pub reason: Reason,
}

/// The fields that can be refused, spelled as the vendor spells them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Field {
    SessionEndTime = 0,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    WrongType,
    Unreadable,
    Negative,
    OutOfRange,
    NotWhole,
}
