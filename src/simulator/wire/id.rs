//! Ids in the vendor's forms, made of the seed and a number: nothing needs to be remembered.

use super::super::conversation::Conversation;
use super::super::dice::mix;

/// Kinds of things that have ids.
const SESSION: u64 = 1;
const CONVERSATION: u64 = 2;
const QUEUE: u64 = 3;
const AGENT: u64 = 4;
pub(super) const USER: u64 = 5;
const BOT: u64 = 6;
const ORG: u64 = 7;
const START: u64 = 8;

/// An object id: 24 hexadecimal digits, of which the first 8 are the start in UTC seconds.
pub(super) fn session_id(seed: u64, conversation: &Conversation) -> String {
    let seconds = conversation.start_ms.div_euclid(1000) as u32;
    format!(
        "{seconds:08x}{:016x}",
        mix(seed, SESSION, u64::from(conversation.number))
    )
}

/// Of the start too: worlds of one seed that began at different times must not share conversations.
pub(super) fn conversation_id(seed: u64, conversation: &Conversation) -> String {
    let started = mix(seed, START, conversation.start_ms as u64);
    format!(
        "c-{}",
        short_guid(started, CONVERSATION, u64::from(conversation.number))
    )
}

pub(crate) fn queue_id(seed: u64, queue: usize) -> String {
    format!("qu-{}", short_guid(seed, QUEUE, queue as u64))
}

pub(super) fn agent_id(seed: u64, agent: usize) -> String {
    format!("u-{}", guid(seed, AGENT, agent as u64))
}

pub(super) fn bot_id(seed: u64) -> String {
    format!("st-{}", guid(seed, BOT, 0))
}

pub(crate) fn org_id(seed: u64) -> String {
    format!("o-{}", guid(seed, ORG, 0))
}

pub(super) fn guid(seed: u64, kind: u64, n: u64) -> String {
    let (high, low) = (mix(seed, kind, n), mix(!seed, kind, n));
    format!(
        "{:08x}-{:04x}-5{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        0x8000 | (low >> 50),
        low & 0xffff_ffff_ffff
    )
}

/// The vendor's own short form, which lacks the first digit.
fn short_guid(seed: u64, kind: u64, n: u64) -> String {
    guid(seed, kind, n)[1..].to_owned()
}
