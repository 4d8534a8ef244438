//! 16 bits that stand for how a fact reads.

use crate::fact::{Fact, Queue};
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

/// What a queue is told by, so that renaming one revises nothing.
pub(super) fn queue_word(queue: Queue<'_>) -> &str {
    queue.id.or(queue.name).unwrap_or_default()
}

pub(super) fn short(hash: u64) -> u16 {
    (hash as u16).max(VANISHED + 1)
}
