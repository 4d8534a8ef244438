//! What only *Call Details* v2 tells of a conversation: voicemails, consults, a summary.
//!
//! Invariant: as with intents, it follows from the seed and the conversation alone, apart from the world's chance.

use super::centre::Channel;
use super::conversation::{Conversation, Ending, Segment};
use super::dice::mix;

/// Kinds of chance, apart from those of ids, oddities and intents.
const VOICEMAIL: u64 = 3_100;
const CONSULTS: u64 = 3_200;

/// Somebody whom an agent asked while the customer waited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Consult {
    pub assigned_ms: i64,
    pub accepted_ms: i64,
    pub end_ms: i64,
}

/// Whether the caller left a message: some of those do whom nobody answered.
pub(super) fn is_voicemail(seed: u64, conversation: &Conversation, now_ms: i64) -> bool {
    let Some(end) = conversation.ended(now_ms) else {
        return false;
    };
    let unanswered = matches!(
        end.how,
        Ending::LeftBeforeQueue | Ending::LeftQueue | Ending::GivenUp
    );
    let alone = conversation
        .destinations
        .iter()
        .all(|destination| destination.segment.is_none());
    let drawn = mix(seed, VOICEMAIL, u64::from(conversation.number));
    conversation.channel == Channel::Voice && unanswered && alone && drawn.is_multiple_of(5)
}

/// Whom the agent of a destination has consulted by now: in one talk of six, once or twice.
pub(super) fn consults(
    seed: u64,
    conversation: &Conversation,
    (place, segment): (usize, &Segment),
    now_ms: i64,
) -> Vec<Consult> {
    let drawn = mix(
        seed,
        CONSULTS + place as u64,
        u64::from(conversation.number),
    );
    let times = match drawn % 12 {
        0 => 1,
        1 => 2,
        _ => 0,
    };
    let third_ms = (segment.interaction_end_ms - segment.accepted_ms) / 3;
    let consult = |at| {
        let assigned_ms = segment.accepted_ms + at * third_ms + third_ms / 4;
        Consult {
            assigned_ms,
            accepted_ms: assigned_ms + third_ms / 8,
            end_ms: assigned_ms + third_ms / 2,
        }
    };
    let all = (0..times).map(consult);
    all.filter(|consult| segment.reached(consult.assigned_ms, now_ms))
        .collect()
}

/// The vendor's `smartStatus` of what is over.
pub(super) fn summary(conversation: &Conversation, how: Ending) -> &'static str {
    let mut destinations = conversation.destinations.iter();
    let answered = destinations.any(|destination| destination.segment.is_some());
    let mut destinations = conversation.destinations.iter();
    let called_back = destinations.any(|destination| destination.callback_ms.is_some());
    match how {
        Ending::Contained | Ending::BotDropped | Ending::BotClosed => "CLOSED AT BOT",
        Ending::LeftQueue | Ending::LeftAgent if answered => "ABANDONED WITH AGENT",
        // Nothing shows how the vendor sums up a callback that came to nothing.
        _ if answered || called_back => "CLOSED",
        Ending::NobodyAnswered => "CLOSED",
        Ending::LeftBeforeQueue | Ending::LeftQueue | Ending::LeftAgent | Ending::ClosedByUser => {
            "ABANDONED IN QUEUE"
        }
        _ => "TERMINATED",
    }
}

/// One that fits the outcome of no conversation that is summed up as above, and the label of it.
pub(super) fn wrong_summary(summary: &str) -> &'static str {
    match summary {
        "CLOSED AT BOT" => "ABANDONED WITH AGENT",
        _ => "CLOSED AT BOT",
    }
}
