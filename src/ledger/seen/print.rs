//! 16 bits that stand for how a fact reads.

use crate::fact::{Conversation, Fact, Queue};
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// How a vanished fact reads.
pub(super) const VANISHED: u16 = 0;

/// 16 bits of a fact's value: where they are equal, what is kept of the reading tells the rest.
pub(super) fn print(fact: &Fact<'_>) -> u16 {
    print_as(fact, fact.text, fact.queue)
}

/// The print that a fact would have with another text, or in another queue.
pub(super) fn print_as(fact: &Fact<'_>, text: &str, queue: Option<Queue<'_>>) -> u16 {
    let mut hash = xxh3_64_with_seed(text.as_bytes(), fact.millis);
    if let Some(queue) = queue {
        hash = xxh3_64_with_seed(queue_word(queue).as_bytes(), hash);
    }
    if let Some(agent) = fact.agent {
        hash = xxh3_64_with_seed(agent.as_bytes(), hash);
    }
    short(hash)
}

/// The print of all that is fixed with a conversation's first count. Where it is equal, words tell the rest.
pub(in crate::ledger) fn print_of_all(conversation: &Conversation<'_>) -> u16 {
    let parts = [
        conversation.channel,
        queue_word(conversation.queue),
        &conversation.direction,
        conversation.outcome.as_str(),
    ];
    let hash = parts
        .iter()
        .fold(0, |hash, part| xxh3_64_with_seed(part.as_bytes(), hash));
    short(hash)
}

/// What a queue is told by, so that renaming one revises nothing.
pub(super) fn queue_word(queue: Queue<'_>) -> &str {
    queue.id.or(queue.name).unwrap_or_default()
}

pub(super) fn short(hash: u64) -> u16 {
    (hash as u16).max(VANISHED + 1)
}
