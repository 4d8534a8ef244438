//! Which destination is taken for which: by its parts, by its facts, by its place.

use super::*;

#[test]
fn an_entry_and_a_segment_are_two_though_they_began_in_the_same_second() {
    let id_alone = Queue { name: None, ..A };
    let name_alone = Queue { id: None, ..A };
    for queue in [A, id_alone, name_alone] {
        let (entry, segment) = (at(queue, 3), segment("u-1", 3));
        assert_eq!(numbers(&[&[entry], &[segment]]), [[0], [1]]);
        assert_eq!(numbers(&[&[segment], &[entry]]), [[0], [1]]);
    }
}

#[test]
fn where_nothing_agrees_a_time_that_is_missing_or_shown_otherwise_makes_no_pair() {
    assert_eq!(numbers(&[&[at(NO_QUEUE, 1)], &[at(A, 901)]]), [[0], [1]]);
    assert_eq!(numbers(&[&[at(NO_QUEUE, 1)], &[untimed(A)]]), [[0], [1]]);
    assert_eq!(numbers(&[&[untimed(A)], &[at(NO_QUEUE, 1)]]), [[0], [1]]);
    // One of which nothing is known may be any.
    for known in [untimed(A), at(A, 1), segment("u-1", 1)] {
        let nothing = untimed(NO_QUEUE);
        assert_eq!(numbers(&[&[known], &[nothing]]), [[0], [0]]);
        assert_eq!(numbers(&[&[nothing], &[known]]), [[0], [0]]);
    }
}

#[test]
fn those_that_are_equal_go_together_before_those_that_are_alike() {
    let (told, untold) = (at(A, 1), untimed(A));
    let met = numbers(&[&[told, untold, untold], &[untold, untold]]);
    assert_eq!(met, [vec![0, 1, 2], vec![1, 2]]);
    // So many that they are not compared each with each.
    let many: Vec<_> = (2..35).map(|time| at(B, time)).collect();
    let first = [vec![untold, told], many.clone()].concat();
    let second = [vec![told], many].concat();
    let expected: Vec<usize> = (1..35).collect();
    assert_eq!(numbers(&[&first, &second])[1], expected);
}

/// A record of these destinations, each picked up after so many seconds.
fn picked_up(stops: &[(DestinationKey<'static>, u64)]) -> Derived<'static> {
    let keys: Vec<_> = stops.iter().map(|(key, _)| *key).collect();
    let mut record = record(&keys, "answered");
    for (fact, (_, seconds)) in record.facts.iter_mut().zip(stops) {
        fact.kind = Kind::AgentPickup;
        fact.millis = seconds * 1_000;
    }
    record
}

#[test]
fn of_equal_ones_that_goes_with_another_whose_facts_read_the_same() {
    let met = |records: &[&[(DestinationKey<'static>, u64)]]| -> Vec<Vec<usize>> {
        let mut seen = Seen::default();
        let mut count = |stops: &&[_]| count(&mut seen, &picked_up(stops));
        records.iter().map(&mut count).collect()
    };
    let a = |seconds| (at(A, 1), seconds);
    let other = (at(B, 2), 9);
    assert_eq!(met(&[&[a(5)], &[a(7), a(5), other]])[1], [1, 0, 2]);
    assert_eq!(met(&[&[a(5), a(7)], &[a(7)]])[1], [1]);
    assert_eq!(met(&[&[a(5), a(7), other], &[other, a(7)]])[1], [2, 1]);
}

#[test]
fn of_equal_entries_that_goes_with_another_which_ended_the_same() {
    let ended = |ends: [&'static str; 2]| {
        let mut record = record(&[at(A, 1), at(A, 1)], "");
        for (fact, end) in record.facts.iter_mut().zip(ends) {
            fact.text = end;
        }
        record
    };
    let mut seen = Seen::default();
    assert_eq!(count(&mut seen, &ended(["answered", "abandoned"])), [0, 1]);
    assert_eq!(count(&mut seen, &ended(["abandoned", "answered"])), [1, 0]);
}

#[test]
fn a_destination_that_is_known_is_not_taken_for_a_place_of_the_first_version() {
    let mut seen = of_first_version(&record(&[at(A, 1), at(A, 2)], "answered"));
    let first = record(&[at(A, 1)], "answered");
    assert_eq!(count(&mut seen, &first), [0]);
    assert_eq!(count(&mut seen, &first), [0]);
}

#[test]
fn places_of_the_first_version_go_to_who_stands_there_where_there_are_too_many_to_compare() {
    let stops = |from: i64, many: i64| -> Vec<_> {
        let keys = (from..from + many).map(|time| at(A, time));
        keys.collect()
    };
    let mut seen = of_first_version(&record(&stops(0, 40), "answered"));
    let known: Vec<usize> = (0..33).collect();
    assert_eq!(count(&mut seen, &record(&stops(0, 33), "answered")), known);
    // Of those that are not known yet, the last seven stand where seven were; the others are new.
    let next = record(&stops(5_000, 40), "answered");
    let expected: Vec<usize> = (40..73).chain(33..40).collect();
    assert_eq!(count(&mut seen, &next), expected);
}

#[test]
fn what_an_agent_did_tells_more_than_how_an_entry_ended_though_it_is_corrected_later() {
    let told = |stops: [(&'static str, Option<u64>); 2]| {
        let mut record = record(&[at(A, 1), at(A, 1)], "");
        for (place, (end, seconds)) in stops.into_iter().enumerate() {
            record.facts[place].text = end;
            record.facts.extend(seconds.map(|seconds| Fact {
                kind: Kind::AfterCallWork,
                destination: place as u16,
                text: "",
                millis: seconds * 1_000,
                ..record.facts[place]
            }));
        }
        record
    };
    let mut seen = Seen::default();
    let first = told([("answered", Some(5)), ("abandoned", None)]);
    assert_eq!(count(&mut seen, &first), [0, 1]);
    let corrected = told([("answered", None), ("abandoned", Some(6))]);
    assert_eq!(count(&mut seen, &corrected), [1, 0]);
}

#[test]
fn a_segment_is_the_same_behind_another_queue() {
    let behind = |queue, seconds: [u64; 2]| {
        let keys = [segment("u-1", 3), segment("u-1", 3), at(A, 1), at(B, 2)];
        let mut record = record(&keys, "");
        record.facts.truncate(2);
        for (fact, seconds) in record.facts.iter_mut().zip(seconds) {
            fact.kind = Kind::AgentPickup;
            fact.queue = Some(queue);
            fact.millis = seconds * 1_000;
        }
        record
    };
    let mut seen = Seen::default();
    assert_eq!(count(&mut seen, &behind(A, [5, 7])), [0, 1, 2, 3]);
    assert_eq!(count(&mut seen, &behind(B, [7, 5])), [1, 0, 2, 3]);
}

#[test]
fn a_place_of_which_no_entry_was_counted_or_none_is_told_goes_to_who_stands_there() {
    let mut seen = of_first_version(&picked_up(&[(at(A, 1), 5)]));
    assert_eq!(count(&mut seen, &record(&[at(A, 1)], "answered")), [0]);
    let mut seen = of_first_version(&record(&[at(A, 1)], "answered"));
    let mut quiet = record(&[at(A, 1), at(B, 2)], "answered");
    quiet.facts.remove(0);
    assert_eq!(count(&mut seen, &quiet), [0, 1]);
}
