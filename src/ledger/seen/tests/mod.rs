use super::*;

/// How facts read is no matter here.
const WORD: Sym = Sym(7);

use crate::fact::{DestinationKey, Identity, Queue, Stage, Timestamp, short_hash};

mod alike;
mod marks;
mod transfers;

const A: Queue<'static> = Queue {
    id: Some("qu-a"),
    name: Some("Alpha"),
};
const B: Queue<'static> = Queue {
    id: Some("qu-b"),
    name: Some("Beta"),
};
const NO_QUEUE: Queue<'static> = Queue {
    id: None,
    name: None,
};

fn at(queue: Queue<'static>, time: i64) -> DestinationKey<'static> {
    DestinationKey {
        queue,
        agent: None,
        time: Some(Timestamp::Local(time * 1000)),
    }
}

fn untimed(queue: Queue<'static>) -> DestinationKey<'static> {
    DestinationKey {
        queue,
        ..DestinationKey::default()
    }
}

fn segment(agent: &'static str, time: i64) -> DestinationKey<'static> {
    DestinationKey {
        agent: Some(agent),
        ..at(NO_QUEUE, time)
    }
}

/// A record of these destinations; each is an entry that ended so.
fn record(destinations: &[DestinationKey<'static>], end: &'static str) -> Derived<'static> {
    let entry = |(place, key): (usize, &DestinationKey<'static>)| Fact {
        kind: Kind::QueueEntry,
        destination: place as u16,
        element: None,
        queue: Some(key.queue),
        text: end,
        agent: None,
        millis: 0,
    };
    Derived {
        identity: Identity {
            conversation: Some("c-1"),
            session: None,
        },
        start_s: None,
        end_s: None,
        latest_s: 0,
        stage: Stage::Ended,
        running: None,
        waits_for: None,
        conversation: None,
        facts: destinations.iter().enumerate().map(entry).collect(),
        rejects: Vec::new(),
        destinations: destinations.to_vec(),
        names: Vec::new(),
    }
}

/// Counts a record; gives the numbers of its destinations.
fn count(seen: &mut Seen, record: &Derived<'_>) -> Vec<usize> {
    let places = seen.meet(record, true);
    for fact in &record.facts {
        seen.take(fact, WORD, &record.facts, &places);
    }
    places.numbers.into_iter().flatten().collect()
}

/// The numbers of the destinations of each record, one after the other.
fn numbers(records: &[&[DestinationKey<'static>]]) -> Vec<Vec<usize>> {
    let mut seen = Seen::default();
    let mut count = |keys: &&[DestinationKey<'static>]| count(&mut seen, &record(keys, "answered"));
    records.iter().map(&mut count).collect()
}

#[test]
fn a_destination_keeps_its_number_wherever_it_stands() {
    assert_eq!(
        numbers(&[
            &[at(A, 1), at(B, 2)],
            &[at(B, 2), at(A, 1)],
            &[at(A, 0), at(A, 1), at(B, 2)],
            &[segment("u-1", 3), at(B, 2)],
            &[segment("u-2", 3), segment("u-1", 3)],
        ]),
        [
            vec![0, 1],
            vec![1, 0],
            vec![2, 0, 1],
            vec![3, 1],
            vec![4, 3]
        ]
    );
}

#[test]
fn equal_destinations_are_told_apart_by_their_order() {
    assert_eq!(
        numbers(&[&[at(A, 1)], &[at(A, 1), at(A, 1)], &[at(A, 1); 3]]),
        [vec![0], vec![0, 1], vec![0, 1, 2]]
    );
}

#[test]
fn a_part_that_is_told_later_makes_no_other_destination() {
    let named = |name| Queue {
        id: None,
        name: Some(name),
    };
    let id_alone = Queue { name: None, ..A };
    for (first, later) in [
        (untimed(A), at(A, 1)),
        (at(NO_QUEUE, 1), at(A, 1)),
        (at(id_alone, 1), at(A, 1)),
        (at(named("Alpha"), 1), at(A, 1)),
        (at(NO_QUEUE, 3), segment("u-1", 3)),
        (
            DestinationKey {
                time: None,
                ..segment("u-1", 3)
            },
            segment("u-1", 3),
        ),
    ] {
        // Another stands in front of it when it is told.
        let met = numbers(&[&[first], &[at(B, 0), later], &[later]]);
        assert_eq!(met, [vec![0], vec![1, 0], vec![0]], "{first:?}");
    }
}

#[test]
fn a_queue_is_the_same_while_its_id_is() {
    let renamed = Queue {
        name: Some("Omega"),
        ..A
    };
    let other = Queue {
        id: Some("qu-o"),
        ..A
    };
    assert_eq!(
        numbers(&[&[at(A, 1)], &[at(B, 0), at(renamed, 1)]]),
        [vec![0], vec![1, 0]]
    );
    assert_eq!(numbers(&[&[at(A, 1)], &[at(other, 1)]]), [vec![0], vec![1]]);
}

#[test]
fn a_time_on_another_clock_makes_no_other_destination_but_another_time_does() {
    let one =
        |later: DestinationKey<'static>| numbers(&[&[at(A, 100_001)], &[later], &[at(A, 100_001)]]);
    let same = [vec![0], vec![0], vec![0]];
    let other = [vec![0], vec![1], vec![0]];
    for shift_s in [900, -900, 3_600, 19_800, 26 * 3_600] {
        assert_eq!(one(at(A, 100_001 + shift_s)), same, "{shift_s}");
        assert_eq!(one(at(B, 100_001 + shift_s)), other, "in another queue");
    }
    for shift_s in [1, 75, 899, 901, -60, 26 * 3_600 + 900] {
        assert_eq!(one(at(A, 100_001 + shift_s)), other, "{shift_s}");
    }
    let with_zone = DestinationKey {
        time: Some(Timestamp::Utc(100_001_250)),
        ..at(A, 1)
    };
    assert_eq!(one(with_zone), same, "a fraction, and a zone");
    assert_eq!(
        numbers(&[&[segment("u-1", 1)], &[segment("u-2", 1)]]),
        [vec![0], vec![1]]
    );
    // All of an account are shown on another clock, and one is new.
    let moved = [at(A, 5_400), at(B, 7_202), at(A, 7_201)];
    assert_eq!(
        numbers(&[&[at(A, 1), at(B, 2)], &moved]),
        [vec![0, 1], vec![2, 1, 0]]
    );
}

#[test]
fn what_is_known_by_more_finds_its_own_first() {
    let name_alone = Queue { id: None, ..A };
    // Both may be the one without an id; only one can be the one with it.
    let first = [untimed(name_alone), untimed(Queue { name: None, ..A })];
    let other = Queue {
        id: Some("qu-x"),
        ..A
    };
    assert_eq!(
        numbers(&[&first, &[at(A, 1), at(other, 2)]]),
        [vec![0, 1], vec![1, 0]]
    );
    let vague = [untimed(NO_QUEUE), at(A, 1)];
    assert_eq!(
        numbers(&[&vague, &[at(A, 901), at(B, 3)]]),
        [vec![0, 1], vec![1, 0]]
    );
}

#[test]
fn an_older_version_teaches_only_what_was_not_known() {
    let mut seen = Seen::default();
    count(&mut seen, &record(&[at(A, 901)], "answered"));
    let older = record(&[at(A, 1)], "answered");
    seen.meet(&older, false);
    assert_eq!(
        count(&mut seen, &record(&[at(A, 1), at(A, 901)], "answered")),
        [1, 0]
    );
}

#[test]
fn destinations_without_room_are_told() {
    let mut seen = Seen::default();
    let thousand = |from: i64| -> Vec<_> { (from..from + 1_000).map(|time| at(A, time)).collect() };
    for from in [0, 2_000] {
        let both = [thousand(from), vec![]].concat();
        assert!(!seen.meet(&record(&both, "answered"), true).full());
        // Those before are still there, so these are others.
        let two = [at(A, from), at(A, from + 1)];
        assert!(!seen.meet(&record(&two, "answered"), true).full());
    }
    let mut other = Seen::default();
    let many: Vec<_> = (0..2_001).map(|time| at(A, time)).collect();
    let crowded = record(&many, "answered");
    let places = other.meet(&crowded, true);
    assert!(places.full());
    let last = crowded.facts.last().unwrap();
    assert_eq!(
        other.take(last, WORD, &crowded.facts, &places),
        Take::NoRoom
    );
    assert!(!other.has(last, &places));
}

#[test]
fn what_is_stored_is_read_again() {
    let mut seen = Seen::default();
    count(
        &mut seen,
        &record(
            &[at(A, 1), untimed(B), segment("u-1", 3), untimed(NO_QUEUE)],
            "answered",
        ),
    );
    seen.take_refused(Field::CsatScore, 3);
    let (facts, destinations) = (seen.to_bytes(), seen.destinations_to_bytes());
    assert_eq!(
        Seen::from_bytes(&facts, Some(&destinations), Some(&seen.reads_to_bytes())),
        Some(seen.clone())
    );
    assert_eq!(
        Seen::from_bytes(&facts[1..], Some(&destinations), None),
        None
    );
    assert_eq!(
        Seen::from_bytes(&facts, Some(&destinations[..destinations.len() - 2]), None),
        None
    );
    let mut shuffled = facts[4..8].to_vec();
    shuffled.extend(&facts[..4]);
    assert_eq!(
        Seen::from_bytes(&shuffled, Some(&[]), None),
        None,
        "not sorted"
    );
    // Taken over, and stored before it was met again.
    let first = Seen::from_bytes(&facts, None, None).unwrap();
    let again = Seen::from_bytes(&facts, Some(&first.destinations_to_bytes()), None);
    assert_eq!(again, Some(first));
}

/// An entry as the first version stored it: facts by places.
fn of_first_version(record: &Derived<'_>) -> Seen {
    let mut seen = Seen::default();
    count(&mut seen, record);
    let mut facts = seen.to_bytes();
    for fact in facts.chunks_exact_mut(4) {
        let place = u16::from_le_bytes([fact[0], fact[1]]);
        if place >> NUMBER_BITS == Kind::Transfer as u16 {
            fact[..2].copy_from_slice(&(place + 1).to_le_bytes());
        }
    }
    Seen::from_bytes(&facts, None, None).unwrap()
}

#[test]
fn places_of_the_first_version_go_to_those_whose_facts_read_alike() {
    let before = record(&[at(A, 1), at(B, 2)], "answered");
    for (now, end, expected) in [
        (vec![at(A, 1), at(B, 2)], "answered", vec![0, 1]),
        (vec![at(B, 2), at(A, 1)], "answered", vec![1, 0]),
        (
            vec![at(B, 0), at(A, 1), at(B, 2)],
            "answered",
            vec![2, 0, 1],
        ),
        // The entry of another end is still one of its queue.
        (vec![at(B, 2), at(A, 1)], "terminated", vec![1, 0]),
        // One is gone, and comes back.
        (vec![at(B, 2)], "answered", vec![1]),
    ] {
        let mut seen = of_first_version(&before);
        if now.len() == 3 {
            // Of two of one queue, the place decides.
            assert_eq!(count(&mut seen, &record(&now, end)), [1, 0, 2]);
            continue;
        }
        assert_eq!(count(&mut seen, &record(&now, end)), expected);
        assert_eq!(count(&mut seen, &before), [0, 1]);
    }
}

#[test]
fn a_place_of_which_no_fact_reads_alike_goes_to_who_stands_there_unless_it_is_another_queue() {
    let before = record(&[at(A, 1), at(B, 2)], "answered");
    let mut seen = of_first_version(&before);
    let mut quiet = record(&[at(A, 1), at(B, 2)], "answered");
    quiet.facts.clear();
    assert_eq!(count(&mut seen, &quiet), [0, 1]);
    let mut seen = of_first_version(&before);
    let other = Queue {
        id: Some("qu-c"),
        name: None,
    };
    assert_eq!(
        count(
            &mut seen,
            &record(&[at(other, 0), at(A, 1), at(B, 2)], "answered")
        ),
        [2, 0, 1]
    );
    assert_eq!(
        count(
            &mut of_first_version(&before),
            &record(&[at(other, 0)], "answered")
        ),
        [2]
    );
}

#[test]
fn an_offer_of_which_more_is_told_later_is_the_same_and_a_further_one_is_not() {
    let offer = |element: &'static str, place: u16| Fact {
        kind: Kind::NonResponse,
        destination: place,
        element: Some(short_hash(element)),
        queue: Some(A),
        text: "Ignored",
        agent: None,
        millis: 0,
    };
    let mut seen = Seen::default();
    let mut takes = |offers: &[Fact<'static>]| -> Vec<Take> {
        let mut record = record(&[at(A, 1), at(A, 2)], "answered");
        record.facts.extend_from_slice(offers);
        let places = seen.meet(&record, true);
        let take = |fact: &Fact<'_>| seen.take(fact, WORD, &record.facts, &places);
        offers.iter().map(take).collect()
    };
    assert_eq!(takes(&[offer("0  ", 0)]), [Take::New]);
    assert_eq!(
        takes(&[offer("0 u-1 5", 0)]),
        [Take::NoRoom],
        "now it is known whose"
    );
    assert_eq!(
        takes(&[offer("0 u-1 5", 0), offer("0 u-2 6", 0)]),
        [Take::New, Take::NoRoom]
    );
    assert_eq!(
        takes(&[offer("0 u-1 5", 1)]),
        [Take::New],
        "another entry's"
    );
}
