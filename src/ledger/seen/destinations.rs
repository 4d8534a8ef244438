//! Which destination is which, from one version of a record to the next.
//!
//! A destination is known by its queue and when it was entered, an agent's segment by the agent and when it was
//! assigned, and equal ones by their order. It keeps the number that it was given when it was first seen, wherever it
//! stands later. What is not sent yet may be sent later, so an unknown part speaks against nothing; a queue is the same
//! while its id is, whatever it is called.
//!
//! The record's destinations find theirs by what is most alike first:
//! 1. those that are equal in every part, in their order;
//! 2. in an entry of the first version, which knew places alone, those whose facts read the same;
//! 3. those in which nothing differs, but for parts that one of both lacks: same time, then same queue or agent;
//! 4. those of the same queue or agent at another time. Where one is gone and one has come, a time was corrected, or all
//!    times of an account are shown on another clock; to count its facts again would be the worse mistake;
//! 5. those of which nothing is known at all.
//!
//! Among equals those go together whose facts read the same. Whoever finds none is new.

use super::{Places, Slot, VANISHED, print, print_as};
use crate::fact::{Derived, DestinationKey, Fact, Kind, Queue, Timestamp};
use crate::ledger::id::element_hash;

/// Destinations remembered of one conversation. A record has at most half as many.
const MOST: usize = 2_000;

/// Hashes of what a destination is known by.
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
    pub(super) fn meet(
        &mut self,
        derived: &Derived<'_>,
        counted: &[(Slot, u16)],
        lead: bool,
    ) -> Places {
        let wanted: Vec<Parts> = derived.destinations.iter().map(Parts::of).collect();
        let mut matching = Matching {
            numbers: vec![None; wanted.len()],
            taken: vec![false; self.known.len()],
        };
        matching.equal(&wanted, &self.known);
        if !matching.done() {
            matching.by_facts(derived, &self.known, counted);
            matching.alike(&wanted, derived, &self.known, counted);
            matching.by_place(derived, &self.known, counted);
        }
        let mut changed = false;
        let mut taken_over = Vec::new();
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
        let number = |number: &Option<usize>| number.and_then(|it| u16::try_from(it).ok());
        Places {
            numbers: matching.numbers.iter().map(number).collect(),
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
        let time = |time: Timestamp| match time {
            Timestamp::Utc(millis) => element_hash(&format!("{millis} UTC")),
            Timestamp::Local(millis) => element_hash(&millis.to_string()),
        };
        Parts {
            queue_id: key.queue.id.map(element_hash),
            queue_name: key.queue.name.map(element_hash),
            agent: key.agent.map(element_hash),
            time: key.time.map(time),
        }
    }

    /// `None` if they are two.
    fn likeness(self, other: Parts) -> Option<Likeness> {
        let both = |one: Option<u32>, other: Option<u32>| Some(one? == other?);
        let queue =
            both(self.queue_id, other.queue_id).or_else(|| both(self.queue_name, other.queue_name));
        let agent = both(self.agent, other.agent);
        let time = both(self.time, other.time);
        if queue == Some(false) || agent == Some(false) {
            return None;
        }
        let agrees = |part: Option<bool>, weight| if part == Some(true) { weight } else { 0 };
        // Names may be changed and shared, ids may not.
        let agreeing = agrees(both(self.queue_id, other.queue_id), 2)
            + agrees(both(self.queue_name, other.queue_name), 1)
            + agrees(agent, 2);
        match time {
            Some(true) => Some((4, agreeing)),
            None if agreeing > 0 => Some((3, agreeing)),
            Some(false) if agreeing > 0 => Some((2, agreeing)),
            Some(false) => None,
            None => Some((1, 0)),
        }
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

    fn equal(&mut self, wanted: &[Parts], known: &[Option<Parts>]) {
        for (place, parts) in wanted.iter().enumerate() {
            let mut numbers = known.iter().zip(&self.taken);
            let equal = |(known, taken): (&Option<Parts>, &bool)| !taken && *known == Some(*parts);
            if let Some(number) = numbers.position(equal) {
                self.take(place, number);
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
        counted: &[(Slot, u16)],
    ) {
        self.pair(known.len(), |place, number| {
            let likeness = known.get(number)?.as_ref()?.likeness(*wanted.get(place)?)?;
            Some((likeness, facts_alike(derived, place, counted, number)))
        });
    }

    /// Places of the first version go to the destination whose facts read as theirs did.
    fn by_facts(
        &mut self,
        derived: &Derived<'_>,
        known: &[Option<Parts>],
        counted: &[(Slot, u16)],
    ) {
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
    fn by_place(
        &mut self,
        derived: &Derived<'_>,
        known: &[Option<Parts>],
        counted: &[(Slot, u16)],
    ) {
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

/// How many facts at a place of the record read like those counted of a destination. An entry that ended differently by
/// now still tells the queue; and an agent's segment, whose queue is that of whoever stands before it, is the same
/// before another.
fn facts_alike(
    derived: &Derived<'_>,
    place: usize,
    counted: &[(Slot, u16)],
    number: usize,
) -> usize {
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
            queues.any(|queue| same(print_as(fact, &fact.text, Some(queue))))
        };
        let alike = match fact.kind {
            Kind::QueueEntry => other_end(),
            _ => of_segment && other_queue(),
        };
        if same(print(fact)) {
            2
        } else {
            usize::from(alike)
        }
    })
    .sum()
}

fn entry_of<'d, 'r>(derived: &'d Derived<'r>, place: usize) -> Option<&'d Fact<'r>> {
    derived
        .facts
        .iter()
        .find(|fact| fact.kind == Kind::QueueEntry && usize::from(fact.destination) == place)
}

fn print_of(counted: &[(Slot, u16)], number: usize, kind: Kind) -> Option<u16> {
    counted_of(counted, number, kind).find(|print| *print != VANISHED)
}

fn has_print(counted: &[(Slot, u16)], number: usize, kind: Kind, print: u16) -> bool {
    counted_of(counted, number, kind).any(|counted| counted == print)
}

fn counted_of(
    counted: &[(Slot, u16)],
    number: usize,
    kind: Kind,
) -> impl Iterator<Item = u16> + '_ {
    counted.iter().filter_map(move |(slot, print)| {
        let here = slot.destination().map(usize::from) == Some(number);
        (here && slot.kind() == kind as u8).then_some(*print)
    })
}
