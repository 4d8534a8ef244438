//! What is remembered of a conversation until it falls below the floor.

use super::id::Id;
use super::seen::Seen;
use super::series::QueueSym;
use super::symbols::Sym;
use crate::fact::Outcome;
use rustc_hash::{FxHashMap, FxHashSet};

/// One tracked conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Of its `conversationId`; of its `sessionId` while no conversation has taken the entry over.
    pub id: Id,
    /// Its session, where `id` is not that already; `id` once more of a conversation that tells none.
    pub session: Option<Id>,
    /// The later of session start and end, UTC seconds: below the floor, the entry is forgotten.
    pub latest_s: i64,
    /// Of the record's bytes, once everything they say is counted.
    pub digest: Option<u64>,
    /// `None` while it is live or settling.
    pub counted: Option<Counted>,
    pub seen: Seen,
}

/// What was fixed when it was first counted, and what the recent windows need of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    pub channel: Sym,
    pub queue: QueueSym,
    pub direction: Sym,
    pub outcome: Outcome,
    pub offered: bool,
    pub within_target: bool,
    /// End of the conversation, UTC seconds. The one value here that may still grow.
    pub ended_s: i64,
    /// Wait of its first answered queue entry.
    pub wait_millis: Option<u64>,
    pub csat: Option<u8>,
    pub nps: Option<u8>,
}

/// The stored entries that a batch of records may touch.
#[derive(Debug, Default)]
pub struct Known {
    pub entries: FxHashMap<Id, Entry>,
    /// Sessions that some conversation's entry names.
    pub taken_sessions: FxHashSet<Id>,
}
