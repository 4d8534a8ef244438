//! What is stored of a conversation's facts and destinations: fixed little-endian layouts.
//!
//! The first version knew destinations by their place in the list and stored nothing else of them. Its entries are
//! those without destinations; a place is a destination's number, until it is known which destination stood there.

use super::destinations::{Destinations, Parts};
use super::read::{Mark, Read, has_word, is_duration};
use super::{REFUSED, Seen, Slot, VANISHED};
use crate::fact::Kind;
use crate::ledger::symbols::Sym;

/// A part that is there, each followed by its hash.
const QUEUE_ID: u8 = 1;
const QUEUE_NAME: u8 = 2;
const AGENT: u8 = 4;
const TIME: u8 = 8;
/// Taken over from the first version, and not met since.
const PLACE_ALONE: u8 = 128;

impl Seen {
    /// The facts: place, element where the kind has elements, print; sorted.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.facts.len() * 5);
        for Mark { slot, print, .. } in &self.facts {
            bytes.extend(slot.place.to_le_bytes());
            if has_elements(slot.kind()) {
                bytes.extend(slot.element.to_le_bytes());
            }
            bytes.extend(print.to_le_bytes());
        }
        bytes
    }

    /// How each fact that is not gone read, in their order: its word where it has one, its duration where it is one; each
    /// one more than it is, and 0 where it is not known.
    pub fn reads_to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.facts.len() * 2);
        for mark in &self.facts {
            let (has_word, is_duration) = told(mark);
            let read = mark.read.unwrap_or_default();
            let number = |value: u64| mark.read.map_or(0, |_| value.saturating_add(1));
            if has_word {
                put(number(read.word.0.into()), &mut bytes);
            }
            if is_duration {
                put(number(read.millis), &mut bytes);
            }
        }
        bytes
    }

    /// The destinations by their numbers: which parts are known of each, then the hashes of these.
    pub fn destinations_to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.destinations.known.len() * 13);
        for known in &self.destinations.known {
            let Some(parts) = known else {
                bytes.push(PLACE_ALONE);
                continue;
            };
            let there = |part: Option<u32>, bit| if part.is_some() { bit } else { 0 };
            bytes.push(
                there(parts.queue_id, QUEUE_ID)
                    | there(parts.queue_name, QUEUE_NAME)
                    | there(parts.agent, AGENT)
                    | there(parts.time, TIME),
            );
            for part in [parts.queue_id, parts.queue_name, parts.agent, parts.time] {
                bytes.extend(part.iter().flat_map(|hash| hash.to_le_bytes()));
            }
        }
        bytes
    }

    /// `None` if the bytes are not such sets. Without `destinations`, an entry of the first version is read; without
    /// `reads`, one of a version that did not keep how facts read.
    pub fn from_bytes(
        mut facts: &[u8],
        destinations: Option<&[u8]>,
        reads: Option<&[u8]>,
    ) -> Option<Seen> {
        let mut seen = Vec::new();
        while !facts.is_empty() {
            let place = u16::from_le_bytes(cut(&mut facts)?);
            let mut slot = Slot { place, element: 0 };
            if has_elements(slot.kind()) {
                slot.element = u32::from_le_bytes(cut(&mut facts)?);
            }
            let print = u16::from_le_bytes(cut(&mut facts)?);
            let read = None;
            seen.push(Mark { slot, print, read });
        }
        let sorted = seen.is_sorted_by_key(|mark| mark.slot);
        if let Some(reads) = reads {
            fill(&mut seen, reads)?;
        }
        let known = match destinations {
            Some(bytes) => destinations_from(bytes)?,
            None => take_over(&mut seen),
        };
        let destinations = Destinations { known };
        sorted.then_some(Seen {
            facts: seen,
            destinations,
        })
    }
}

/// Whether a word and a duration are kept of it.
fn told(mark: &Mark) -> (bool, bool) {
    let kind = Kind::ALL.get(usize::from(mark.slot.kind()));
    match kind.filter(|_| mark.print != VANISHED) {
        Some(kind) => (has_word(*kind), is_duration(*kind)),
        None => (false, false),
    }
}

fn fill(seen: &mut [Mark], mut reads: &[u8]) -> Option<()> {
    for mark in seen {
        let (has_word, is_duration) = told(mark);
        let mut next = |has: bool| if has { take(&mut reads) } else { Some(1) };
        let (word, millis) = (next(has_word)?, next(is_duration)?);
        let is_fact = mark.print != VANISHED && mark.slot.kind() != REFUSED;
        let known = word.checked_sub(1).zip(millis.checked_sub(1));
        if let Some((word, millis)) = known.filter(|_| is_fact) {
            let word = Sym(word.try_into().ok()?);
            mark.read = Some(Read { word, millis });
        }
    }
    reads.is_empty().then_some(())
}

/// Seven bits a byte, the lowest first; the highest bit says that more follow.
fn put(mut number: u64, bytes: &mut Vec<u8>) {
    while number > 0x7f {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn take(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let [byte] = cut(bytes)?;
        number |= u64::from(byte & 0x7f) << shift;
        if byte <= 0x7f {
            return Some(number);
        }
    }
    None
}

fn destinations_from(mut bytes: &[u8]) -> Option<Vec<Option<Parts>>> {
    let mut known = Vec::new();
    while !bytes.is_empty() {
        let [there] = cut(&mut bytes)?;
        if there == PLACE_ALONE {
            known.push(None);
            continue;
        }
        let mut part = |bit| -> Option<Option<u32>> {
            if there & bit == 0 {
                return Some(None);
            }
            cut(&mut bytes).map(|hash| Some(u32::from_le_bytes(hash)))
        };
        known.push(Some(Parts {
            queue_id: part(QUEUE_ID)?,
            queue_name: part(QUEUE_NAME)?,
            agent: part(AGENT)?,
            time: part(TIME)?,
        }));
    }
    Some(known)
}

/// The destinations of an entry of the first version: one for each place up to the last. It told a transfer as the fact
/// of the destination that was gone to; it is that of the one that was left, which is the place before.
fn take_over(facts: &mut [Mark]) -> Vec<Option<Parts>> {
    let mut places = 0;
    for Mark { slot, .. } in facts.iter_mut() {
        let Some(place) = slot.destination() else {
            continue;
        };
        places = places.max(usize::from(place) + 1);
        if slot.kind() == Kind::Transfer as u8 && place > 0 {
            slot.place -= 1;
        }
    }
    vec![None; places]
}

fn has_elements(kind: u8) -> bool {
    [Kind::Disposition, Kind::NonResponse, Kind::Consult]
        .iter()
        .any(|it| *it as u8 == kind)
}

fn cut<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = bytes.split_first_chunk::<N>()?;
    *bytes = tail;
    Some(*head)
}
