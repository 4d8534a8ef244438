//! What of a conversation is written, and when nothing is.

use super::*;

#[test]
fn a_window_that_tells_nothing_new_writes_nothing() {
    let refused = Reject {
        field: Field::SessionEndTime,
        reason: Reason::Unreadable,
        values: 1,
    };
    let mut refusing = live(Some("c-3"), None);
    refusing.rejects.push(refused);
    let records = [
        answered(Some("c-1"), Some("s-1")),
        live(Some("c-2"), Some("s-2")),
        refusing,
        answered(None, Some("s-4")),
    ];
    let mut bench = Bench::new();
    bench.read(&records);
    assert_eq!(bench.written, 4);
    bench.read(&records);
    assert_eq!(bench.written, 0);
}

#[test]
fn of_a_record_that_says_the_same_in_other_bytes_the_bytes_are_remembered() {
    let mut bench = Bench::new();
    bench.read(&[answered(Some("c-1"), None)]);
    let mut other = answered(Some("c-1"), None);
    other.names.clear();
    let tally = bench.read(std::slice::from_ref(&other));
    assert_eq!((tally.applied, bench.written), (0, 1));
    let digest = bench.ledger.key.digest(&format!("{other:?}"));
    assert_eq!(bench.stored[0].digest, Some(digest));
    assert!(bench.ledger.digests.contains(&digest));
}

#[test]
fn what_a_version_beside_the_leading_one_adds_is_written_and_once() {
    let whole = answered(Some("c-1"), None);
    let added = with(whole.clone(), [fact(Kind::Disconnect, "Bot Hangup")]);
    let mut later = whole.clone();
    later.conversation.as_mut().unwrap().ended_s += 60;
    let mut crowded = whole.clone();
    let one_more = DestinationKey {
        agent: Some("a-1"),
        ..DestinationKey::default()
    };
    crowded.destinations.resize(2_001, one_more);
    // What one adds that does not lead is looked at once more, with whichever leads then.
    let mut bench = Bench::new();
    bench.read(std::slice::from_ref(&whole));
    bench.read_beside(std::slice::from_ref(&whole), std::slice::from_ref(&added));
    assert_eq!(bench.written, 1);
    bench.read(&[whole.clone(), added.clone()]);
    assert_eq!(bench.written, 1);
    bench.read_beside(std::slice::from_ref(&added), std::slice::from_ref(&whole));
    assert_eq!(bench.written, 0);
    for version in [later, crowded] {
        let mut bench = Bench::new();
        bench.read(std::slice::from_ref(&whole));
        for written in [1, 0] {
            bench.read_beside(std::slice::from_ref(&whole), std::slice::from_ref(&version));
            assert_eq!(bench.written, written, "{:?}", version.conversation);
        }
    }
}

#[test]
fn destinations_without_room_are_counted_once_whichever_version_has_them() {
    let key = |seconds: i64| DestinationKey {
        queue: BILLING,
        agent: None,
        time: Some(crate::fact::Timestamp::Utc(seconds * 1_000)),
    };
    let mut full = answered(Some("c-1"), None);
    full.destinations = (0..2_000).map(|number| key(number * 7)).collect();
    let mut fuller = full.clone();
    fuller.destinations.push(key(100_003));
    let mut bench = Bench::new();
    assert!(bench.read(std::slice::from_ref(&full)).refused.is_empty());
    for refused in [Some(&1), None] {
        let tally = bench.read_beside(std::slice::from_ref(&full), std::slice::from_ref(&fuller));
        assert_eq!(tally.refused.get(&Field::Destinations), refused);
    }
}

#[test]
fn a_record_with_one_time_of_two_is_remembered_by_the_latest_it_had() {
    for (start_s, end_s) in [(None, Some(0)), (Some(0), None), (Some(0), Some(0))] {
        let mut bench = Bench::new();
        for (latest_s, kept_s) in [(50_000, 50_000), (60_000, 60_000), (40_000, 60_000)] {
            let mut record = live(Some("c-1"), None);
            (record.start_s, record.end_s, record.latest_s) = (start_s, end_s, latest_s);
            bench.read(&[record]);
            assert_eq!(bench.stored[0].latest_s, kept_s);
        }
    }
}

#[test]
fn every_row_received_is_applied_unchanged_or_rejected() {
    let bench = Bench::new();
    let derived = answered(Some("c-1"), None);
    let batch = Batch {
        known: 2,
        rejected: 3,
        records: vec![Version {
            ids: bench.ledger.key.ids(&derived.identity),
            digest: 1,
            derived,
        }],
        ..Batch::default()
    };
    let tally = bench.ledger.apply(batch, Known::default(), FLOOR_S).tally;
    assert_eq!(
        (
            tally.received,
            tally.applied,
            tally.unchanged,
            tally.rejected
        ),
        (6, 1, 2, 3)
    );
}

#[test]
fn a_ledger_has_counted_once_a_conversation_was() {
    let mut bench = Bench::new();
    bench.read(&[live(Some("c-1"), None)]);
    assert!(!bench.ledger.has_counted());
    bench.read(&[answered(Some("c-1"), None)]);
    assert!(bench.ledger.has_counted());
}

#[test]
fn a_digest_stands_for_the_bytes_under_the_key_and_no_key_is_ever_shown() {
    let (one, other) = (Key([7; 16]), Key([8; 16]));
    assert_eq!(one.digest("a"), one.digest("a"));
    assert_ne!(one.digest("a"), one.digest("b"));
    assert_ne!(one.digest("a"), other.digest("a"));
    assert_eq!(format!("{one:?}"), "Key(…)");
}

#[test]
fn a_conversation_is_counted_for_the_first_time_once_it_has_ended_and_never_again() {
    let mut bench = Bench::new();
    bench.read(&[answered(Some("c-1"), None), live(Some("c-2"), None)]);
    assert_eq!(bench.first, 1);
    let more = with(answered(Some("c-1"), None), [fact(Kind::Disconnect, "x")]);
    bench.read(std::slice::from_ref(&more));
    assert_eq!((bench.first, bench.written), (0, 1));
    bench.read(&[more, answered(Some("c-2"), None)]);
    assert_eq!(bench.first, 1);
}
