//! Whose record it is.

use super::*;

#[test]
fn a_conversation_takes_over_its_sessions_entry_once() {
    let mut bench = Bench::new();
    bench.read(&[answered(None, Some("s-1"))]);
    let sums = bench.sums();
    assert_eq!(bench.read(&[answered(Some("c-1"), Some("s-1"))]).applied, 0);
    assert_eq!(bench.sums(), sums, "the same conversation, now with an id");
    assert_eq!(bench.read(&[answered(None, Some("s-1"))]).unchanged, 1);
    assert_eq!(
        bench.sums(),
        sums,
        "a bare record of a session that has a conversation"
    );
    assert_eq!(
        bench.read(&[answered(Some("c-2"), Some("s-1"))]).applied,
        1,
        "a second conversation is another"
    );
    assert_eq!(bench.ledger.tracked, 2);
}

#[test]
fn a_conversation_revises_what_its_bare_record_said_though_that_stands_beside_it() {
    let mut bench = Bench::new();
    let mut bare = answered(None, Some("s-1"));
    bare.conversation.as_mut().unwrap().outcome = Outcome::Contained;
    bench.read(std::slice::from_ref(&bare));
    let whole = answered(Some("c-1"), Some("s-1"));
    let tally = bench.read_beside(std::slice::from_ref(&bare), std::slice::from_ref(&whole));
    assert_eq!(tally.revised, [(Kind::Conversation, 1)].into());
    let digest = bench.ledger.key.digest(&format!("{whole:?}"));
    assert!(bench.ledger.digests.iter().eq([&digest]));
}

#[test]
fn a_session_told_after_its_conversation_was_counted_is_that_conversations() {
    let mut bench = Bench::new();
    bench.read(&[answered(Some("c-1"), None)]);
    let sums = bench.sums();
    assert_eq!(bench.read(&[answered(Some("c-1"), Some("s-1"))]).applied, 0);
    assert_eq!(bench.read(&[answered(None, Some("s-1"))]).unchanged, 1);
    assert_eq!((bench.sums(), bench.ledger.tracked), (sums, 1));
}

#[test]
fn a_conversation_that_tells_no_session_is_told_from_a_bare_session() {
    let entry = |conversation, session| {
        let mut bench = Bench::new();
        bench.read(&[answered(conversation, session)]);
        let entry = &bench.stored[0];
        (entry.session.is_some(), entry.session == Some(entry.id))
    };
    assert_eq!(entry(Some("c-1"), None), (true, true));
    assert_eq!(entry(Some("c-1"), Some("s-1")), (true, false));
    assert_eq!(entry(None, Some("s-1")), (false, false));
}

#[test]
fn a_bare_record_and_its_conversation_in_one_window_count_once_in_either_order() {
    let both = [
        answered(None, Some("s-1")),
        answered(Some("c-1"), Some("s-1")),
    ];
    let (mut one, mut other) = (Bench::new(), Bench::new());
    assert_eq!(one.read(&both).applied, 1);
    let [bare, whole] = both;
    assert_eq!(other.read(&[whole, bare]).applied, 1);
    assert_eq!(one.sums(), other.sums());
}
