//! What the bot last understood before it handed over.
//!
//! Invariant: it follows from the seed and the conversation alone, apart from the world's chance, so that who calls and
//! waits is the same with it and without.

use super::centre::{Channel, QUEUES};
use super::conversation::Conversation;
use super::dice::mix;

/// A kind of chance, apart from those of ids and oddities.
const INTENT: u64 = 3_000;

/// What brings people to each queue, in the queues' order.
const OF_QUEUES: [[&str; 3]; QUEUES.len()] = [
    ["Pay Bill", "Dispute \"Charge\"", "ConnectToAgent"],
    ["Report Outage", "Reset Password", "ConnectToAgent"],
    ["Change Plan", "transfer money", "Pay Bill"],
    ["File Claim", "Sinistro não resolvido", "ConnectToAgent"],
];

/// `None`: no bot stood before it, or it hadn't understood anything yet.
pub(super) fn last_intent(seed: u64, conversation: &Conversation) -> Option<&'static str> {
    conversation.handover_ms?;
    if conversation.outbound || conversation.channel == Channel::Mail {
        return None;
    }
    let drawn = mix(seed, INTENT, u64::from(conversation.number)) as usize;
    let queue = conversation.destinations.first().map(|first| first.queue);
    let queue = queue.unwrap_or(drawn / 8 % QUEUES.len());
    OF_QUEUES[queue].get(drawn % 4).copied()
}
