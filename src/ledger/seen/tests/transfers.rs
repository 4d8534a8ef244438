//! Transfers, of what is known by what it is.

use super::*;

/// A record of these destinations with its transfers.
fn passed_on(destinations: &[DestinationKey<'static>]) -> Derived<'static> {
    let mut record = record(destinations, "answered");
    let left = destinations.len().saturating_sub(1);
    let transfers: Vec<_> = record.facts[..left]
        .iter()
        .map(|entry| Fact {
            kind: Kind::Transfer,
            text: "",
            ..*entry
        })
        .collect();
    record.facts.extend(transfers);
    record
}

/// The queues whose transfers were counted, one record after the other.
fn transfers(records: &[&[DestinationKey<'static>]]) -> Vec<&'static str> {
    let mut seen = Seen::default();
    let mut left = Vec::new();
    for keys in records {
        let record = passed_on(keys);
        let places = seen.meet(&record, true);
        for fact in &record.facts {
            let take = seen.take(fact, WORD, &record.facts, &places);
            if fact.kind == Kind::Transfer && take == Take::New {
                left.extend(fact.queue.unwrap().name);
            }
        }
    }
    left
}

#[test]
fn no_more_transfers_are_counted_than_the_record_has() {
    let (a, b, c) = (at(A, 1), at(B, 2), at(A, 3));
    assert_eq!(transfers(&[&[a], &[b, a]]), ["Beta"]);
    assert_eq!(transfers(&[&[a, b], &[b, a]]), ["Alpha"], "changed places");
    assert_eq!(
        transfers(&[&[a, b], &[b, a], &[b, a, c]]),
        ["Alpha", "Beta"]
    );
    assert_eq!(transfers(&[&[b, a], &[c, b, a]]), ["Beta", "Alpha"]);
}

#[test]
fn transfers_of_the_first_version_are_those_of_the_place_before() {
    let before = passed_on(&[at(A, 1), at(B, 2), at(A, 3)]);
    let mut seen = of_first_version(&before);
    let places = seen.meet(&before, true);
    for fact in &before.facts {
        assert_eq!(
            seen.take(fact, WORD, &before.facts, &places),
            Take::Known,
            "{fact:?}"
        );
    }
}
