//! The facts of one conversation that were counted, and how each read last.
//!
//! A fact is known by its kind, its destination and its element. A destination is known by what it is, not by where it
//! stands ([`destinations`]): the facts of one that moved, or that another was put in front of, stay its own.
//!
//! Some facts are counted by how many there are: a record with n destinations has n − 1 transfers, whichever of them
//! were left, and an offer of which the agent is told later is still one offer. Of these no more are counted than the
//! record has: one that finds no room takes the place of one that is gone.

mod destinations;
mod older;
mod print;
mod read;
mod stored;
#[cfg(test)]
mod tests;

pub(super) use read::{Fixed, Read, Was, has_word, is_duration};

use super::symbols::Sym;
use crate::fact::{Conversation, Derived, Fact, Field, Kind};
use destinations::Destinations;
pub(super) use print::print_of_all;
use print::{VANISHED, print, print_as};
use read::Mark;

/// Stands in the place of a fact's kind for a field's refused values, so that they too are counted once per
/// conversation; the print is how many were.
const REFUSED: u8 = 31;

/// A destination's number is kept in 11 bits; [`destinations`] gives no more of them.
const NUMBER_BITS: u16 = 11;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Slot {
    /// Kind in the upper 5 bits, the destination's number in the lower 11.
    place: u16,
    element: u32,
}

/// A set of counted facts, sorted; and the destinations that they are facts of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Seen {
    facts: Vec<Mark>,
    destinations: Destinations,
}

/// What [`Seen::take`] found of a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Take {
    New,
    Known,
    /// Counted before, and it read differently then.
    Revised(Was),
    /// Not counted before, but as many of its kind were as the record has; or its destination found no room.
    NoRoom,
}

/// A counted fact that a record lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missed {
    pub kind: Kind,
    pub was: Was,
    /// Of the one that took its place.
    pub now: Option<Read>,
}

/// Which of the conversation's destinations stands where in a record, by place.
#[derive(Debug)]
pub struct Places {
    /// `None` for one that found no room.
    numbers: Vec<Option<usize>>,
    /// Whether anything was learned of a destination.
    pub changed: bool,
    /// Places whose destination is known since now, and was a place of the first version before; with its number.
    taken_over: Vec<(usize, usize)>,
}

impl Places {
    /// The number of the destination in a place; 0 for facts of the whole conversation.
    fn number(&self, fact: &Fact<'_>) -> Option<u16> {
        match fact.queue {
            None => Some(0),
            Some(_) => {
                let number = self.numbers.get(usize::from(fact.destination))?;
                u16::try_from((*number)?).ok()
            }
        }
    }

    fn slot(&self, fact: &Fact<'_>) -> Option<Slot> {
        let element = fact.element.unwrap_or(0);
        Some(slot(fact.kind as u8, self.number(fact)?, element))
    }

    /// Whether a destination of the record found no room among those that are remembered.
    pub fn full(&self) -> bool {
        self.numbers.contains(&None)
    }
}

impl Seen {
    /// Finds the record's destinations among those seen before, and remembers the others. A record that does not
    /// `lead` (see `apply`) only adds to what is known of a destination.
    pub fn meet(&mut self, derived: &Derived<'_>, lead: bool) -> Places {
        let places = self.destinations.meet(derived, &self.facts, lead);
        for (place, number) in &places.taken_over {
            self.take_offers_over(derived, *place, *number);
        }
        places
    }

    /// The first version told offers apart by their texts as sent. Each takes the element that it has now from one that
    /// reads the same.
    fn take_offers_over(&mut self, derived: &Derived<'_>, place: usize, number: usize) {
        let of_place = |fact: &&Fact<'_>| {
            fact.kind == Kind::NonResponse && usize::from(fact.destination) == place
        };
        let mut told: Vec<(u16, u32)> = derived
            .facts
            .iter()
            .filter(of_place)
            .map(|fact| (print(fact), fact.element.unwrap_or(0)))
            .collect();
        for Mark { slot, print, .. } in &mut self.facts {
            let here = slot.kind() == Kind::NonResponse as u8
                && slot.destination().map(usize::from) == Some(number);
            if !here {
                continue;
            }
            if let Some(at) = told.iter().position(|(told, _)| told == print) {
                slot.element = told.swap_remove(at).1;
            }
        }
        self.sort();
    }

    /// Whether the conversation was counted from *Call Details* v2, which has a summary of each.
    pub fn is_of_v2(&self) -> bool {
        self.find(slot(Kind::SmartStatus as u8, 0, 0)).is_ok()
    }

    /// Whether a fact was counted, however it read.
    pub fn has(&self, fact: &Fact<'_>, places: &Places) -> bool {
        let slot = places.slot(fact);
        slot.is_some_and(|slot| self.find(slot).is_ok())
    }

    /// Marks a fact as counted, with its word. `among` are all facts of its record.
    pub fn take(
        &mut self,
        fact: &Fact<'_>,
        word: Sym,
        among: &[Fact<'_>],
        places: &Places,
    ) -> Take {
        let Some(slot) = places.slot(fact) else {
            return Take::NoRoom;
        };
        let found = self.find(slot);
        if found.is_err() && !self.has_room(slot, fact, among) {
            return Take::NoRoom;
        }
        self.mark(found, slot, print(fact), Some(Read::of(fact, word)))
    }

    /// Whether the record has more facts of this kind than were counted: of transfers in all of the conversation, of
    /// non-responses at one destination. All other kinds are told apart by what they are.
    fn has_room(&self, slot: Slot, fact: &Fact<'_>, among: &[Fact<'_>]) -> bool {
        let of_kind = |kind: Kind, all: bool| {
            let counted = self.facts.iter().filter(|Mark { slot: other, .. }| {
                other.kind() == kind as u8 && (all || other.place == slot.place)
            });
            let told = among.iter().filter(|other| {
                other.kind == kind && (all || other.destination == fact.destination)
            });
            counted.count() < told.count()
        };
        match fact.kind {
            Kind::Transfer => of_kind(Kind::Transfer, true),
            Kind::NonResponse | Kind::Consult => of_kind(fact.kind, false),
            _ => true,
        }
    }

    /// Makes room for a record's facts at once.
    pub(super) fn reserve(&mut self, facts: usize) {
        self.facts
            .reserve_exact(facts.saturating_sub(self.facts.len()));
    }

    /// Marks the conversation itself as counted, with its outcome: its print is of all that is fixed with the first count.
    pub fn take_conversation(&mut self, conversation: &Conversation<'_>, outcome: Sym) -> Take {
        let slot = slot(Kind::Conversation as u8, 0, 0);
        let read = Some(Read::word(outcome));
        self.mark(self.find(slot), slot, print_of_all(conversation), read)
    }

    /// How something that is fixed with the first count read last, `at_first` then.
    pub fn fixed(&self, what: Fixed, at_first: Sym) -> Sym {
        let found = self.find(slot(Kind::Conversation as u8, what as u16, 0));
        let read = found.ok().and_then(|at| self.facts[at].read);
        read.map_or(at_first, |read| read.word)
    }

    /// Something that is fixed with the first count reads like this now.
    pub fn reread(&mut self, what: Fixed, now: Sym) {
        let slot = slot(Kind::Conversation as u8, what as u16, 0);
        // Whether it differs is told by the word.
        self.mark(self.find(slot), slot, VANISHED + 1, Some(Read::word(now)));
    }

    /// Marks a field's refused values as counted; gives how many of them were not before.
    pub fn take_refused(&mut self, field: Field, values: u32) -> u64 {
        let values = u16::try_from(values).unwrap_or(u16::MAX);
        let place = slot(REFUSED, field as u16, 0);
        let found = self.find(place);
        let counted = found.map_or(0, |at| self.facts[at].print);
        if values > counted {
            self.mark(found, place, values, None);
        }
        values.saturating_sub(counted).into()
    }

    fn find(&self, slot: Slot) -> Result<usize, usize> {
        self.facts.binary_search_by_key(&slot, |mark| mark.slot)
    }

    fn sort(&mut self) {
        self.facts.sort_unstable_by_key(|mark| mark.slot);
    }

    /// Marks a fact, where it was found or where it belongs.
    fn mark(
        &mut self,
        found: Result<usize, usize>,
        slot: Slot,
        print: u16,
        read: Option<Read>,
    ) -> Take {
        match found {
            Err(at) => {
                self.facts.insert(at, Mark { slot, print, read });
                Take::New
            }
            Ok(at) => {
                let before = std::mem::replace(&mut self.facts[at], Mark { slot, print, read });
                let differs = |read| before.read.is_some_and(|before| before != read);
                if before.print == print && !read.is_some_and(differs) {
                    Take::Known
                } else {
                    Take::Revised(before.was())
                }
            }
        }
    }

    /// The counted facts that are no longer among `facts`, once until they are back. Where one of `facts` found no room, it
    /// takes the place of one of them.
    /// `word` gives a fact's word.
    pub fn miss(
        &mut self,
        facts: &[Fact<'_>],
        places: &Places,
        mut word: impl FnMut(&Fact<'_>) -> Sym,
    ) -> Vec<Missed> {
        let mut present: Vec<Slot> = Vec::with_capacity(facts.len());
        let mut without: Vec<(Slot, &Fact<'_>)> = Vec::new();
        for fact in facts {
            let Some(slot) = places.slot(fact) else {
                continue;
            };
            match self.find(slot) {
                Ok(_) => present.push(slot),
                Err(_) => without.push((slot, fact)),
            }
        }
        // Facts come nearly sorted: by destination, not by kind.
        present.sort_unstable();
        let (mut missed, mut moved) = (Vec::new(), false);
        for mark in &mut self.facts {
            let Some(kind) = mark
                .slot
                .fact()
                // That is not gone where v1 is read again.
                .filter(|kind| !kind.is_of_v2())
                .filter(|_| present.binary_search(&mark.slot).is_err())
            else {
                continue;
            };
            let fits = |(slot, fact): &(Slot, &Fact<'_>)| {
                fact.kind == kind && (kind == Kind::Transfer || slot.place == mark.slot.place)
            };
            let instead = without
                .iter()
                .position(fits)
                .map(|at| without.swap_remove(at));
            if instead.is_none() && mark.print == VANISHED {
                continue;
            }
            let (was, now) = (
                mark.was(),
                instead.map(|(_, fact)| Read::of(fact, word(fact))),
            );
            match instead {
                Some((slot, fact)) => {
                    let print = print(fact);
                    *mark = Mark {
                        slot,
                        print,
                        read: now,
                    };
                    moved = true;
                }
                None => (mark.print, mark.read) = (VANISHED, None),
            }
            missed.push(Missed { kind, was, now });
        }
        if moved {
            self.sort();
        }
        missed
    }
}

impl Slot {
    fn kind(self) -> u8 {
        (self.place >> NUMBER_BITS) as u8
    }

    /// Which kind of facts it is of; `None` for refused values, and for what is fixed with the first count.
    fn fact(self) -> Option<Kind> {
        let is_fixed = self.kind() == Kind::Conversation as u8 && self.place != 0;
        let kind = Kind::ALL.get(usize::from(self.kind())).copied();
        kind.filter(|_| !is_fixed)
    }

    /// The destination's number, where it is a fact of one.
    fn destination(self) -> Option<u16> {
        let of_destinations = Kind::QueueEntry as u8..=Kind::CallbackWait as u8;
        let of_destination =
            of_destinations.contains(&self.kind()) || self.kind() == Kind::Consult as u8;
        of_destination.then_some(self.place & ((1 << NUMBER_BITS) - 1))
    }
}

fn slot(kind: u8, number: u16, element: u32) -> Slot {
    let last = (1 << NUMBER_BITS) - 1;
    Slot {
        place: (u16::from(kind) << NUMBER_BITS) | number.min(last),
        element,
    }
}
