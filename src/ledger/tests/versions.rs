//! Records that change after they were counted, and versions side by side.

use super::*;

#[test]
fn a_late_fact_carries_what_was_fixed_at_the_first_count() {
    let mut bench = Bench::new();
    bench.read(&[answered(Some("c-1"), None)]);
    let mut later = with(answered(Some("c-1"), None), [fact(Kind::Csat, "5")]);
    let moved = later.conversation.as_mut().unwrap();
    moved.channel = "Mail";
    moved.queue = Queue {
        id: Some("qu-2"),
        name: Some("Sales"),
    };
    let tally = bench.read(&[later]);
    assert_eq!(tally.applied, 1);
    assert_eq!(bench.sum("Csat{Voice,Billing,5}").as_deref(), Some("1"));
    assert_eq!(tally.revised, [(Kind::Conversation, 1)].into());
}

#[test]
fn a_fact_that_vanishes_or_changes_is_revised_once_and_never_counted_again() {
    let mut bench = Bench::new();
    let full = with(
        answered(Some("c-1"), None),
        [fact(Kind::Disconnect, "Bot Hangup")],
    );
    bench.read(std::slice::from_ref(&full));
    let sums = bench.sums();
    let gone = answered(Some("c-1"), None);
    assert_eq!(
        bench.read(std::slice::from_ref(&gone)).revised,
        [(Kind::Disconnect, 1)].into()
    );
    assert!(bench.read(&[gone]).revised.is_empty());
    let changed = with(
        answered(Some("c-1"), None),
        [fact(Kind::Disconnect, "User Hangup")],
    );
    assert_eq!(
        bench.read(std::slice::from_ref(&changed)).revised,
        [(Kind::Disconnect, 1)].into()
    );
    assert!(bench.read(&[changed]).revised.is_empty());
    let (corrections, counted): (Vec<String>, _) =
        (bench.sums().into_iter()).partition(|sum| sum.starts_with("Corrections"));
    assert_eq!(counted, sums);
    let wanted = [
        "Corrections{disconnect,,User Hangup} 1",
        "Corrections{disconnect,Bot Hangup,} 1",
    ];
    assert_eq!(corrections, wanted);
}

#[test]
fn the_fullest_version_of_a_window_is_taken_first() {
    let mut old = answered(Some("c-1"), None);
    old.facts.truncate(1);
    old.conversation.as_mut().unwrap().outcome = Outcome::Abandoned;
    let new = answered(Some("c-1"), None);
    let (mut one, mut other) = (Bench::new(), Bench::new());
    one.read(&[old.clone(), new.clone()]);
    other.read(&[new, old]);
    assert_eq!(one.sums(), other.sums());
    assert_eq!(
        one.sum("Conversations{Voice,Billing,inbound,answered}")
            .as_deref(),
        Some("1")
    );
}

#[test]
fn a_version_beside_the_one_that_was_counted_whole_adds_facts_and_revises_none() {
    let mut bench = Bench::new();
    let whole = with(
        answered(Some("c-1"), None),
        [fact(Kind::Disconnect, "Bot Hangup")],
    );
    bench.read(std::slice::from_ref(&whole));
    let other = with(answered(Some("c-1"), None), [fact(Kind::Csat, "5")]);
    let tally = bench.read_beside(std::slice::from_ref(&whole), std::slice::from_ref(&other));
    assert!(tally.revised.is_empty(), "{:?}", tally.revised);
    assert_eq!((tally.applied, tally.unchanged), (1, 1));
    assert_eq!(bench.stored[0].digest, None, "whichever stays is looked at");
    let tally = bench.read(&[other]);
    assert_eq!(
        tally.revised,
        [(Kind::Disconnect, 1)].into(),
        "alone, it tells what became of the conversation"
    );
}

#[test]
fn an_older_version_beside_the_fullest_adds_facts_and_revises_none() {
    let mut bench = Bench::new();
    let older = with(
        answered(Some("c-1"), None),
        [fact(Kind::Disconnect, "Bot Hangup")],
    );
    let scores = [fact(Kind::Csat, "5"), fact(Kind::Nps, "9")];
    let newer = with(answered(Some("c-1"), None), scores);
    let tally = bench.read(&[older, newer.clone()]);
    assert!(tally.revised.is_empty(), "{:?}", tally.revised);
    assert_eq!(bench.sum("Csat{Voice,Billing,5}").as_deref(), Some("1"));
    assert_eq!(
        bench
            .sum("Disconnects{Voice,Billing,Bot Hangup}")
            .as_deref(),
        Some("1")
    );
    // The newer one, once it is alone, tells what became of the conversation.
    let tally = bench.read(std::slice::from_ref(&newer));
    assert_eq!(tally.revised, [(Kind::Disconnect, 1)].into());
    assert_eq!(bench.stored[0].digest, {
        let text = format!("{newer:?}");
        Some(bench.ledger.key.digest(&text))
    });
}

#[test]
fn a_refused_value_is_counted_once_however_often_it_is_read() {
    let mut bench = Bench::new();
    let mut bad = live(Some("c-1"), None);
    bad.rejects.push(Reject {
        field: Field::SessionEndTime,
        reason: Reason::Unreadable,
        values: 1,
    });
    assert_eq!(
        bench.read(std::slice::from_ref(&bad)).refused,
        [(Field::SessionEndTime, 1)].into()
    );
    assert!(bench.read(std::slice::from_ref(&bad)).refused.is_empty());
    bad.rejects.push(Reject {
        field: Field::SessionEndTime,
        reason: Reason::Negative,
        values: 2,
    });
    assert_eq!(
        bench.read(std::slice::from_ref(&bad)).refused,
        [(Field::SessionEndTime, 2)].into(),
        "those that were not there before"
    );
    assert!(bench.read(&[bad]).refused.is_empty());
}

#[test]
fn refused_values_of_a_record_without_any_time_are_counted_once_and_it_is_forgotten_in_time() {
    let mut bench = Bench::new();
    let mut timeless = live(Some("c-1"), None);
    timeless.rejects.push(Reject {
        field: Field::SessionEndTime,
        reason: Reason::Unreadable,
        values: 1,
    });
    timeless.start_s = None;
    // Kept by the first reading; by a later one where that clock ran ahead.
    for (read_at_s, refused, kept_s) in [
        (50_000, 1, 50_000),
        (60_000, 0, 50_000),
        (40_000, 0, 40_000),
    ] {
        timeless.latest_s = read_at_s;
        let tally = bench.read(std::slice::from_ref(&timeless));
        assert_eq!(tally.refused.values().sum::<u64>(), refused);
        assert_eq!(bench.stored[0].latest_s, kept_s);
    }
}

/// What is told of a conversation by 16 bits may be equal by chance.
#[test]
fn what_is_fixed_at_the_first_count_is_corrected_even_where_its_print_is_the_same() {
    type Change = fn(&mut Conversation<'static>, &'static str);
    let changes: [(&str, &str, Change); 3] = [
        ("channel", "Voice", |it, word| it.channel = word),
        ("queue", "Billing", |it, word| {
            it.queue = Queue {
                id: Some(word),
                name: Some(word),
            };
        }),
        ("direction", "inbound", |it, word| {
            it.direction = word.into();
        }),
    ];
    for (what, was, change) in changes {
        let mut bench = Bench::new();
        let first = answered(Some("c-1"), None);
        bench.read(std::slice::from_ref(&first));
        let conversation = first.conversation.as_ref().unwrap();
        let print = print_of_all(conversation);
        let (other, word) = (0..)
            .find_map(|number: u32| {
                let word: &'static str = format!("other-{number}").leak();
                let mut other = conversation.clone();
                change(&mut other, word);
                (print_of_all(&other) == print).then_some((other, word))
            })
            .unwrap();
        let mut later = first.clone();
        later.conversation = Some(other);
        let tally = bench.read(std::slice::from_ref(&later));
        assert_eq!(tally.revised, [(Kind::Conversation, 1)].into(), "{what}");
        let wanted = format!("Corrections{{{what},{was},{word}}}");
        assert_eq!(
            bench.sum(&wanted).as_deref(),
            Some("1"),
            "{:?}",
            bench.sums()
        );
        assert_eq!(bench.written, 1, "it is remembered");
        bench.read(&[first]);
        let back = format!("Corrections{{{what},{word},{was}}}");
        assert_eq!(bench.sum(&back).as_deref(), Some("1"), "{:?}", bench.sums());
    }
}

#[test]
fn a_queue_that_is_called_otherwise_is_the_same_and_corrects_nothing() {
    let mut bench = Bench::new();
    let first = answered(Some("c-1"), None);
    bench.read(std::slice::from_ref(&first));
    for (renamed, outcome) in [
        ("Bills", Outcome::Answered),
        ("Accounts", Outcome::Abandoned),
    ] {
        let mut later = with(first.clone(), [fact(Kind::Disconnect, renamed)]);
        let conversation = later.conversation.as_mut().unwrap();
        conversation.queue.name = Some(renamed);
        conversation.outcome = outcome;
        bench.read(&[later]);
    }
    let sums = bench.sums();
    assert!(!sums.iter().any(|sum| sum.contains("{queue,")), "{sums:?}");
}

/// The older version counted no requests for an agent: whatever it said all along, and whatever it says next, was never counted,
/// so there is nothing to correct.
#[test]
fn of_conversations_that_an_older_version_counted_requests_for_an_agent_are_left_out() {
    let mut bench = Bench::new();
    bench.read(&[answered(Some("c-1"), None)]);
    for entry in &mut bench.stored {
        let (facts, destinations) = (entry.seen.to_bytes(), entry.seen.destinations_to_bytes());
        entry.seen = Seen::from_bytes(&facts, Some(&destinations), None).unwrap();
    }
    let before = bench.sums();
    let intents = [
        None,
        Some("Refund"),
        Some("Address"),
        None,
        Some("Refund"),
        Some("none"),
    ];
    for intent in intents {
        let intent = intent.map(|intent| fact(Kind::AgentRequest, intent));
        bench.read(&[with(answered(Some("c-1"), None), intent)]);
        // As after a restart.
        for entry in &mut bench.stored {
            let bytes = (entry.seen.to_bytes(), entry.seen.destinations_to_bytes());
            let reads = entry.seen.reads_to_bytes();
            entry.seen = Seen::from_bytes(&bytes.0, Some(&bytes.1), Some(&reads)).unwrap();
        }
    }
    assert_eq!(bench.sums(), before);
    // Of those that this one counted they are corrected.
    bench.read(&[answered(Some("c-2"), None)]);
    let later = with(
        answered(Some("c-2"), None),
        [fact(Kind::AgentRequest, "Refund")],
    );
    bench.read(&[later]);
    let corrected = bench.sum("Corrections{agent_request,,Refund}");
    assert_eq!(corrected.as_deref(), Some("1"));
}
