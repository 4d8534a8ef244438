//! Which destination is which, from one version of a record to the next.
//!
//! A destination is known by its queue and when it was entered, an agent's segment by the agent and when it was
//! assigned, and equal ones by their order. It keeps the number that it was given when it was first seen, wherever it
//! stands later. What is not sent yet may be sent later, so an unknown part speaks against nothing; a queue is the same
//! while its id is, whatever it is called.
//!
//! The record's destinations find theirs by what is most alike first:
//! 1. those that are equal in every part;
//! 2. in an entry of the first version, which knew places alone, those whose facts read the same;
//! 3. those in which nothing differs, but for parts that one of both lacks: same time, then same queue or agent;
//! 4. those of the same queue or agent whose times lie quarters of an hour apart, to the second: all times of the account
//!    are shown on another clock since, and to count a week of conversations again would be the worst mistake;
//! 5. one of which nothing is known at all.
//!
//! Among equals those go together whose facts read the same, and then in their order. Whoever finds none is new.

use super::read::Mark;
use super::{Places, VANISHED, print, print_as};
use crate::fact::{Derived, DestinationKey, Fact, Kind, Queue, Timestamp, short_hash};

/// Destinations remembered of one conversation. A record has at most half as many.
const MOST: usize = 2_000;

/// So many are compared each with each, down to their facts: 32 of a record with 32 remembered. Beyond, a record that
/// means no good could ask for more work than a thousand others; then the order decides.
const MOST_COMPARED: usize = 1_024;

/// No two clocks on earth show times further apart.
const WIDEST_SHIFT_S: u32 = 26 * 3_600;
/// Every zone in use differs from every other by a multiple of this.
const SHIFT_STEP_S: u32 = 15 * 60;

/// What a destination is known by: hashes of its words, and its time as shown, in whole seconds (a fraction of one may
/// be told later).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Parts {
    pub(super) queue_id: Option<u32>,
    pub(super) queue_name: Option<u32>,
    pub(super) agent: Option<u32>,
    pub(super) time: Option<u32>,
}

/// By number. `None`: in the first version this was a place, and which destination stood there is not known yet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Destinations {
    pub(super) known: Vec<Option<Parts>>,
}

/// How the entries of queues can end, to try which one a print is of.
const ENDS: [&str; 5] = [
    "answered",
    "transferred",
    "abandoned",
    "terminated",
    "callback",
];

/// How much two are alike: the rule that says so, then the weight of the parts that agree.
type Likeness = (u8, u8);

impl Destinations {
    pub(super) fn meet(&mut self, derived: &Derived<'_>, counted: &[Mark], lead: bool) -> Places {
        let wanted: Vec<Parts> = derived.destinations.iter().map(Parts::of).collect();
        let mut matching = Matching {
            numbers: vec![None; wanted.len()],
            taken: vec![false; self.known.len()],
        };
        if wanted.len() * self.known.len() > MOST_COMPARED {
            matching.in_order(&wanted, &self.known);
        } else {
            matching.equal(&wanted, &self.known);
            if !matching.done() {
                matching.by_facts(derived, &self.known, counted);
                matching.alike(&wanted, derived, &self.known, counted);
                matching.by_place(derived, &self.known, counted);
            }
        }
        let mut changed = false;
        let mut taken_over = Vec::new();
        self.known
            .reserve_exact(wanted.len().saturating_sub(self.known.len()));
        for (place, (number, parts)) in matching.numbers.iter_mut().zip(wanted).enumerate() {
            match *number {
                Some(known) => {
                    let of_first_version = self.known.get(known).is_some_and(Option::is_none);
                    taken_over.extend(of_first_version.then_some((place, known)));
                    changed |= self.learn(known, parts, lead);
                }
                None if self.known.len() < MOST => {
                    *number = Some(self.known.len());
                    self.known.push(Some(parts));
                    changed = true;
                }
                None => {}
            }
        }
        Places {
            numbers: matching.numbers,
            changed,
            taken_over,
        }
    }

    /// Learns what is told of a destination now; true if it was not known.
    fn learn(&mut self, number: usize, told: Parts, lead: bool) -> bool {
        let Some(known) = self.known.get_mut(number) else {
            return false;
        };
        let before = *known;
        let old = known.unwrap_or_default();
        let (first, second) = if lead { (told, old) } else { (old, told) };
        *known = Some(Parts {
            queue_id: first.queue_id.or(second.queue_id),
            queue_name: first.queue_name.or(second.queue_name),
            agent: first.agent.or(second.agent),
            time: first.time.or(second.time),
        });
        before != *known
    }
}

impl Parts {
    fn of(key: &DestinationKey<'_>) -> Parts {
        // Modulo 2³² seconds, which are 136 years. Whether a zone was told with it makes no other destination.
        let time = |time: Timestamp| time.utc_ms(0).div_euclid(1000) as u32;
        Parts {
            queue_id: key.queue.id.map(short_hash),
            queue_name: key.queue.name.map(short_hash),
            agent: key.agent.map(short_hash),
            time: key.time.map(time),
        }
    }

    /// `None` if they are two: in another queue or of another agent; or an entry and a segment.
    fn likeness(self, other: Parts) -> Option<Likeness> {
        let both = |one: Option<u32>, other: Option<u32>| Some(one? == other?);
        let queue =
            both(self.queue_id, other.queue_id).or_else(|| both(self.queue_name, other.queue_name));
        let agent = both(self.agent, other.agent);
        let time = both(self.time, other.time);
        let kinds = self.is_entry() && other.is_segment() || self.is_segment() && other.is_entry();
        if queue == Some(false) || agent == Some(false) || kinds {
            return None;
        }
        let agrees = |part: Option<bool>, weight| if part == Some(true) { weight } else { 0 };
        // Names may be changed and shared, ids may not.
        let agreeing = agrees(both(self.queue_id, other.queue_id), 2)
            + agrees(both(self.queue_name, other.queue_name), 1)
            + agrees(agent, 2);
        match time {
            _ if self == other => Some((5, agreeing)),
            Some(true) => Some((4, agreeing)),
            None if agreeing > 0 => Some((3, agreeing)),
            Some(false) if agreeing > 0 && self.shifted(other) => Some((2, agreeing)),
            None if self == Parts::default() || other == Parts::default() => Some((1, 0)),
            Some(false) | None => None,
        }
    }

    /// Whether the times may be one, shown on two clocks.
    fn shifted(self, other: Parts) -> bool {
        let (Some(one), Some(other)) = (self.time, other.time) else {
            return false;
        };
        let apart_s = one.abs_diff(other);
        apart_s <= WIDEST_SHIFT_S && apart_s.is_multiple_of(SHIFT_STEP_S)
    }

    fn is_entry(self) -> bool {
        self.agent.is_none() && (self.queue_id.is_some() || self.queue_name.is_some())
    }

    fn is_segment(self) -> bool {
        self.agent.is_some() && self.queue_id.is_none() && self.queue_name.is_none()
    }
}

/// Who has found whom so far.
struct Matching {
    /// By place in the record.
    numbers: Vec<Option<usize>>,
    /// By number.
    taken: Vec<bool>,
}

impl Matching {
    fn done(&self) -> bool {
        self.numbers.iter().all(Option::is_some) || self.taken.iter().all(|taken| *taken)
    }

    fn take(&mut self, place: usize, number: usize) {
        if let (Some(slot @ None), Some(taken @ false)) =
            (self.numbers.get_mut(place), self.taken.get_mut(number))
        {
            (*slot, *taken) = (Some(number), true);
        }
    }

    /// Those of which there is one on either side: nearly always all.
    fn equal(&mut self, wanted: &[Parts], known: &[Option<Parts>]) {
        for (place, parts) in wanted.iter().enumerate() {
            let equal = |other: &Option<Parts>| *other == Some(*parts);
            let alone = wanted.iter().filter(|other| *other == parts).count() == 1
                && known.iter().filter(|other| equal(other)).count() == 1;
            if let Some(number) = known.iter().position(equal).filter(|_| alone) {
                self.take(place, number);
            }
        }
    }

    /// Without a look at facts: equal ones, then places of the first version, then any that is alike, each in order.
    fn in_order(&mut self, wanted: &[Parts], known: &[Option<Parts>]) {
        let place_alone = |place: usize, number: usize| {
            place == number && known.get(number).is_some_and(Option::is_none)
        };
        let likeness = |place: usize, number: usize| -> Option<Likeness> {
            known.get(number)?.as_ref()?.likeness(*wanted.get(place)?)
        };
        let equal = |place, number| likeness(place, number).is_some_and(|(rule, _)| rule == 5);
        let alike = |place, number| likeness(place, number).is_some();
        self.first_that(known.len(), equal);
        self.first_that(known.len(), place_alone);
        self.first_that(known.len(), alike);
    }

    fn first_that(&mut self, known: usize, fits: impl Fn(usize, usize) -> bool) {
        for place in 0..self.numbers.len() {
            if self.numbers.get(place) == Some(&None) {
                let free = |number: &usize| self.taken.get(*number) == Some(&false);
                let found = (0..known).filter(free).find(|number| fits(place, *number));
                if let Some(number) = found {
                    self.take(place, number);
                }
            }
        }
    }

    /// Pairs up by likeness, the most alike first; among equals by the order of places and numbers.
    fn pair<L: Ord + Copy>(&mut self, known: usize, likeness: impl Fn(usize, usize) -> Option<L>) {
        let mut pairs = Vec::new();
        for place in (0..self.numbers.len()).filter(|place| self.numbers[*place].is_none()) {
            for number in (0..known).filter(|number| !self.taken[*number]) {
                if let Some(likeness) = likeness(place, number) {
                    pairs.push((std::cmp::Reverse(likeness), place, number));
                }
            }
        }
        pairs.sort_unstable();
        for (_, place, number) in pairs {
            self.take(place, number);
        }
    }

    fn alike(
        &mut self,
        wanted: &[Parts],
        derived: &Derived<'_>,
        known: &[Option<Parts>],
        counted: &[Mark],
    ) {
        self.pair(known.len(), |place, number| {
            let likeness = known.get(number)?.as_ref()?.likeness(*wanted.get(place)?)?;
            let facts = facts_alike(derived, place, counted, number);
            Some((
                likeness,
                facts + kinds_alike(derived, place, counted, number),
            ))
        });
    }

    /// Places of the first version go to the destination whose facts read as theirs did.
    fn by_facts(&mut self, derived: &Derived<'_>, known: &[Option<Parts>], counted: &[Mark]) {
        if known.iter().all(Option::is_some) {
            return;
        }
        self.pair(known.len(), |place, number| {
            let of_first_version = known.get(number)?.is_none();
            let alike = facts_alike(derived, place, counted, number);
            // The place counts among equals only.
            (of_first_version && alike > 0).then_some((alike, place == number))
        });
    }

    /// What is left of the first version's places goes to who stands there now, unless that is another queue.
    fn by_place(&mut self, derived: &Derived<'_>, known: &[Option<Parts>], counted: &[Mark]) {
        let other_queue = |place| {
            let entry = entry_of(derived, place);
            let print = print_of(counted, place, Kind::QueueEntry);
            entry.zip(print).is_some_and(|(entry, _)| {
                facts_alike(derived, usize::from(entry.destination), counted, place) == 0
            })
        };
        for (place, known) in known.iter().enumerate() {
            if known.is_none() && !other_queue(place) {
                self.take(place, place);
            }
        }
    }
}

/// How far the facts at a place of the record read like those counted of a destination. An entry that ended differently by
/// now still tells the queue; and an agent's segment, whose queue is that of whoever stands before it, is the same
/// before another.
fn facts_alike(derived: &Derived<'_>, place: usize, counted: &[Mark], number: usize) -> usize {
    let here = derived
        .facts
        .iter()
        .filter(|fact| fact.queue.is_some() && usize::from(fact.destination) == place);
    here.map(|fact| {
        let same = |print| has_print(counted, number, fact.kind, print);
        let other_end = || ENDS.iter().any(|end| same(print_as(fact, end, fact.queue)));
        let of_segment = derived
            .destinations
            .get(place)
            .is_some_and(|key| key.queue == Queue::default());
        let other_queue = || {
            let queues = derived.destinations.iter().map(|key| key.queue);
            let mut queues = queues.chain([Queue::default()]);
            queues.any(|queue| same(print_as(fact, fact.text, Some(queue))))
        };
        let alike = match fact.kind {
            Kind::QueueEntry => other_end(),
            _ => of_segment && other_queue(),
        };
        // Every one in a queue was entered and left; what an agent did or a callback was is its own.
        let common = matches!(fact.kind, Kind::QueueEntry | Kind::Transfer);
        match (same(print(fact)), common) {
            (true, true) => 2,
            (true, false) => 8,
            (false, _) => usize::from(alike),
        }
    })
    .sum()
}

/// The same for facts that were counted there, however they read: whose offer it was may be told later, how long an
/// agent worked may be corrected.
fn kinds_alike(derived: &Derived<'_>, place: usize, counted: &[Mark], number: usize) -> usize {
    let told = |fact: &&Fact<'_>| {
        let common = matches!(fact.kind, Kind::QueueEntry | Kind::Transfer);
        let here = fact.queue.is_some() && usize::from(fact.destination) == place;
        here && !common && counted_of(counted, number, fact.kind).next().is_some()
    };
    4 * derived.facts.iter().filter(told).count()
}

fn entry_of<'d, 'r>(derived: &'d Derived<'r>, place: usize) -> Option<&'d Fact<'r>> {
    derived
        .facts
        .iter()
        .find(|fact| fact.kind == Kind::QueueEntry && usize::from(fact.destination) == place)
}

fn print_of(counted: &[Mark], number: usize, kind: Kind) -> Option<u16> {
    counted_of(counted, number, kind).find(|print| *print != VANISHED)
}

fn has_print(counted: &[Mark], number: usize, kind: Kind, print: u16) -> bool {
    counted_of(counted, number, kind).any(|counted| counted == print)
}

fn counted_of(counted: &[Mark], number: usize, kind: Kind) -> impl Iterator<Item = u16> + '_ {
    counted.iter().filter_map(move |Mark { slot, print, .. }| {
        let here = slot.destination().map(usize::from) == Some(number);
        (here && slot.kind() == kind as u8).then_some(*print)
    })
}
