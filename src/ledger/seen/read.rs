//! How a counted fact read when it was last read: what a correction starts from.

use super::{Slot, VANISHED};
use crate::fact::{Fact, Kind};
use crate::ledger::symbols::Sym;

/// A fact's own label value, and how long it was. Kinds without the one or the other have [`Sym::ABSENT`], and 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Read {
    pub word: Sym,
    pub millis: u64,
}

/// What was known of a counted fact that reads differently now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Was {
    Read(Read),
    /// It had gone from the record.
    Gone,
    /// It was counted by a version that did not keep how it read.
    Unknown,
}

/// A counted fact: a 16-bit print of its value, and the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) slot: Slot,
    pub(super) print: u16,
    /// `None` while it is gone, and where it is not known.
    pub(super) read: Option<Read>,
}

/// What is fixed with a conversation's first count, beside its outcome. How it reads is kept only once it differed. Which wait
/// was within its target is not among them: by targets of another day it would read otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fixed {
    Channel = 1,
    Queue = 2,
    Direction = 3,
    Offered = 4,
}

impl Fixed {
    pub const ALL: [Fixed; 4] = [
        Fixed::Channel,
        Fixed::Queue,
        Fixed::Direction,
        Fixed::Offered,
    ];

    /// As a value of the label `fact`.
    pub fn as_str(self) -> &'static str {
        match self {
            Fixed::Channel => "channel",
            Fixed::Queue => "queue",
            Fixed::Direction => "direction",
            Fixed::Offered => "offered",
        }
    }
}

impl Mark {
    pub(super) fn was(&self) -> Was {
        match self.read {
            _ if self.print == VANISHED => Was::Gone,
            Some(read) => Was::Read(read),
            None => Was::Unknown,
        }
    }
}

impl Read {
    pub fn of(fact: &Fact<'_>, word: Sym) -> Read {
        let millis = fact.millis;
        Read { word, millis }
    }

    pub(super) fn word(word: Sym) -> Read {
        Read { word, millis: 0 }
    }
}

/// Kinds whose facts have a word of their own.
pub(in crate::ledger) fn has_word(kind: Kind) -> bool {
    !is_duration(kind) && !is_bare(kind) || kind == Kind::QueueWait
}

/// Kinds whose facts are durations.
pub(in crate::ledger) fn is_duration(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::SessionDuration
            | Kind::QueueWait
            | Kind::AgentPickup
            | Kind::FirstResponse
            | Kind::Interaction
            | Kind::AfterCallWork
            | Kind::CallbackWait
    )
}

/// Kinds of which there is nothing to tell but that they are.
fn is_bare(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Transfer
            | Kind::CallbackRequested
            | Kind::CallbackAccepted
            | Kind::Voicemail
            | Kind::Consult
    )
}
