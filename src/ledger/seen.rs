//! The facts of one conversation that were counted, and how each read last.

use super::id::element_hash;
use crate::fact::{Conversation, Fact, Field, Kind};
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Stands in the place of a fact's kind for a field's refused values, so that they too are counted once per
/// conversation; the print is how many were.
const REFUSED: u8 = 31;

/// A destination's place is kept in 11 bits; the parser refuses longer lists well before.
const PLACE_BITS: u16 = 11;

/// How a vanished fact reads.
const VANISHED: u16 = 0;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Slot {
    /// Kind in the upper 5 bits, destination in the lower 11.
    place: u16,
    element: u32,
}

/// A set of counted facts, sorted, each with a 16-bit print of its value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Seen(Vec<(Slot, u16)>);

/// What [`Seen::take`] found of a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Take {
    New,
    Known,
    /// Counted before, and it read differently then.
    Revised,
}

impl Seen {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a fact was counted, however it read.
    pub fn has(&self, fact: &Fact<'_>) -> bool {
        let place = slot_of(fact);
        self.0
            .binary_search_by_key(&place, |(slot, _)| *slot)
            .is_ok()
    }

    /// Marks a fact as counted.
    pub fn take(&mut self, fact: &Fact<'_>) -> Take {
        self.mark(slot_of(fact), print(fact))
    }

    /// Makes room for a record's facts at once.
    pub(super) fn reserve(&mut self, facts: usize) {
        self.0.reserve_exact(facts.saturating_sub(self.0.len()));
    }

    /// Marks the conversation itself as counted: its print is of all that is fixed with the first count.
    pub fn take_conversation(&mut self, conversation: &Conversation<'_>) -> Take {
        let queue = conversation
            .queue
            .id
            .or(conversation.queue.name)
            .unwrap_or_default();
        let parts = [
            conversation.channel,
            queue,
            &conversation.direction,
            conversation.outcome.as_str(),
        ];
        let hash = parts
            .iter()
            .fold(0, |hash, part| xxh3_64_with_seed(part.as_bytes(), hash));
        self.mark(slot(Kind::Conversation as u8, 0, 0), short(hash))
    }

    /// Marks a field's refused values as counted; gives how many of them were not before.
    pub fn take_refused(&mut self, field: Field, values: u32) -> u64 {
        let values = u16::try_from(values).unwrap_or(u16::MAX);
        let place = slot(REFUSED, field as u16, 0);
        let found = self.0.binary_search_by_key(&place, |(slot, _)| *slot);
        let counted = found.map_or(0, |at| self.0[at].1);
        if values > counted {
            self.mark(place, values);
        }
        values.saturating_sub(counted).into()
    }

    fn mark(&mut self, slot: Slot, print: u16) -> Take {
        match self.0.binary_search_by_key(&slot, |(slot, _)| *slot) {
            Err(at) => {
                self.0.insert(at, (slot, print));
                Take::New
            }
            Ok(at) if self.0[at].1 == print => Take::Known,
            Ok(at) => {
                self.0[at].1 = print;
                Take::Revised
            }
        }
    }

    /// Calls `gone` for each counted fact that is no longer among `facts`, once until it is back.
    pub fn miss(&mut self, facts: &[Fact<'_>], mut gone: impl FnMut(Kind)) {
        // Every fact of the record is in the set by now: equal numbers mean that none is missing.
        let standing = self
            .0
            .iter()
            .filter(|(slot, print)| slot.kind() != REFUSED && *print != VANISHED)
            .count();
        if standing == facts.len() {
            return;
        }
        let mut present: Vec<Slot> = facts.iter().map(slot_of).collect();
        present.sort_unstable();
        for (slot, print) in &mut self.0 {
            if slot.kind() == REFUSED || *print == VANISHED || present.binary_search(slot).is_ok() {
                continue;
            }
            *print = VANISHED;
            if let Some(kind) = Kind::ALL.get(usize::from(slot.kind())) {
                gone(*kind);
            }
        }
    }

    /// The stored form: place, element where the kind has elements, print; little-endian, sorted.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.0.len() * 5);
        for (slot, print) in &self.0 {
            bytes.extend(slot.place.to_le_bytes());
            if has_elements(slot.kind()) {
                bytes.extend(slot.element.to_le_bytes());
            }
            bytes.extend(print.to_le_bytes());
        }
        bytes
    }

    /// `None` if the bytes are not such a set.
    pub fn from_bytes(mut bytes: &[u8]) -> Option<Seen> {
        let mut seen = Vec::new();
        while !bytes.is_empty() {
            let place = u16::from_le_bytes(cut(&mut bytes)?);
            let mut slot = Slot { place, element: 0 };
            if has_elements(slot.kind()) {
                slot.element = u32::from_le_bytes(cut(&mut bytes)?);
            }
            seen.push((slot, u16::from_le_bytes(cut(&mut bytes)?)));
        }
        seen.is_sorted_by_key(|(slot, _)| *slot)
            .then_some(Seen(seen))
    }
}

impl Slot {
    fn kind(self) -> u8 {
        (self.place >> PLACE_BITS) as u8
    }
}

fn slot_of(fact: &Fact<'_>) -> Slot {
    let element = fact.element.as_deref().map_or(0, element_hash);
    slot(fact.kind as u8, fact.destination, element)
}

fn slot(kind: u8, destination: u16, element: u32) -> Slot {
    let last = (1 << PLACE_BITS) - 1;
    Slot {
        place: (u16::from(kind) << PLACE_BITS) | destination.min(last),
        element,
    }
}

fn has_elements(kind: u8) -> bool {
    kind == Kind::Disposition as u8 || kind == Kind::NonResponse as u8
}

fn cut<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = bytes.split_first_chunk::<N>()?;
    *bytes = tail;
    Some(*head)
}

/// 16 bits of a fact's value: enough to count revisions, of which one in 65,536 goes unnoticed.
/// A queue is told by its id, so that renaming one revises nothing.
fn print(fact: &Fact<'_>) -> u16 {
    let mut hash = xxh3_64_with_seed(fact.text.as_bytes(), fact.millis);
    if let Some(queue) = fact.queue {
        hash = xxh3_64_with_seed(queue.id.or(queue.name).unwrap_or_default().as_bytes(), hash);
    }
    if let Some(agent) = fact.agent {
        hash = xxh3_64_with_seed(agent.as_bytes(), hash);
    }
    short(hash)
}

fn short(hash: u64) -> u16 {
    (hash as u16).max(VANISHED + 1)
}
