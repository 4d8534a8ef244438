//! How a counted fact is kept: its place, its print, and what the first version kept of offers.

use super::*;

#[test]
fn a_counted_fact_is_there_however_it_reads() {
    let mut seen = Seen::default();
    let told = record(&[at(A, 1)], "answered");
    let places = seen.meet(&told, true);
    assert!(!seen.has(&told.facts[0], &places));
    seen.take(&told.facts[0], WORD, &told.facts, &places);
    assert!(seen.has(&told.facts[0], &places));
    let other = record(&[at(A, 1)], "abandoned");
    assert!(seen.has(&other.facts[0], &places));
}

#[test]
fn where_no_value_was_refused_nothing_is_kept() {
    let mut seen = Seen::default();
    assert_eq!(seen.take_refused(Field::CsatScore, 0), 0);
    assert_eq!(seen, Seen::default());
}

#[test]
fn no_number_reaches_into_the_kind_and_no_value_reads_like_a_vanished_one() {
    for kind in [0, Kind::QueueEntry as u8, REFUSED] {
        for number in [0, 1, 2_000, u16::MAX] {
            assert_eq!(slot(kind, number, 0).kind(), kind);
        }
    }
    for hash in [0, 1, 65_536] {
        assert_ne!(print::short(hash), VANISHED);
    }
}

fn offer(element: &'static str, place: u16, text: &'static str) -> Fact<'static> {
    Fact {
        kind: Kind::NonResponse,
        destination: place,
        element: Some(short_hash(element)),
        queue: Some(A),
        text,
        agent: None,
        millis: 0,
    }
}

#[test]
fn offers_of_the_first_version_are_known_by_what_they_read_and_where_they_stand() {
    let offered = |offers: [Fact<'static>; 4]| {
        let mut record = record(&[at(A, 1), at(A, 2)], "answered");
        record.facts.extend(offers);
        record
    };
    let before = offered([
        offer("as sent, ignored", 0, "Ignored"),
        offer("as sent, rejected", 0, "Rejected"),
        offer("as sent, ignored", 1, "Ignored"),
        offer("as sent, missed", 1, "Missed"),
    ]);
    let now = offered([
        offer("0 u-1 5", 0, "Ignored"),
        offer("1 u-2 6", 0, "Rejected"),
        offer("0 u-3 7", 1, "Ignored"),
        offer("1 u-4 8", 1, "Missed"),
    ]);
    let mut seen = of_first_version(&before);
    let places = seen.meet(&now, true);
    for fact in &now.facts {
        let take = seen.take(fact, WORD, &now.facts, &places);
        assert_eq!(take, Take::Known, "{fact:?}");
    }
    assert_eq!(seen.miss(&now.facts, &places, |_| WORD), []);
}

#[test]
fn what_reads_alike_decides_between_equals_until_there_are_too_many_to_compare() {
    for (destinations, compared) in [(2, true), (32, true), (33, false)] {
        let agents = |reversed: bool| {
            let mut record = record(&vec![untimed(A); destinations], "answered");
            for (place, fact) in record.facts.iter_mut().enumerate() {
                let after = destinations - 1 - place;
                fact.kind = Kind::AgentPickup;
                fact.millis = 1_000 * (if reversed { after } else { place }) as u64;
            }
            record
        };
        let mut seen = Seen::default();
        let first = count(&mut seen, &agents(false));
        let mut expected = first.clone();
        if compared {
            expected.reverse();
        }
        assert_eq!(count(&mut seen, &agents(true)), expected, "{destinations}");
    }
}

#[test]
fn what_is_learned_of_a_destination_is_a_change_and_what_was_known_is_none() {
    let mut seen = Seen::default();
    for (told, changed) in [
        (vec![untimed(A), at(B, 2)], true),
        (vec![untimed(A), at(B, 2)], false),
        (vec![at(A, 1), at(B, 2)], true),
        (vec![at(A, 1), at(B, 2)], false),
        (vec![at(A, 1), at(B, 2), at(B, 3)], true),
        (vec![at(B, 3)], false),
    ] {
        assert_eq!(
            seen.meet(&record(&told, "answered"), true).changed,
            changed,
            "{told:?}"
        );
    }
}

#[test]
fn facts_with_an_element_are_stored_with_it() {
    let mut told = record(&[at(A, 1)], "answered");
    told.facts.extend([
        offer("0 u-1 5", 0, "Ignored"),
        offer("1 u-2 6", 0, "Missed"),
    ]);
    for disposition in ["solved", "later"] {
        told.facts.push(Fact {
            kind: Kind::Disposition,
            queue: None,
            ..offer(disposition, 0, disposition)
        });
    }
    let mut seen = Seen::default();
    count(&mut seen, &told);
    let (facts, destinations) = (seen.to_bytes(), seen.destinations_to_bytes());
    assert_eq!(
        Seen::from_bytes(&facts, Some(&destinations), Some(&seen.reads_to_bytes())),
        Some(seen)
    );
}

#[test]
fn a_transfer_of_the_first_version_that_left_no_place_stays_where_it_is() {
    let place = (Kind::Transfer as u16) << NUMBER_BITS;
    let bytes = [place.to_le_bytes(), 7_u16.to_le_bytes()].concat();
    assert_eq!(
        Seen::from_bytes(&bytes, None, None).unwrap().to_bytes(),
        bytes
    );
}
