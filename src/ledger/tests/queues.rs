//! Names of queues, and their targets.

use super::*;

#[test]
fn a_sum_with_an_id_alone_joins_the_first_name_learned_for_it() {
    let mut bench = Bench::new();
    let mut nameless = answered(Some("c-1"), None);
    nameless.names.clear();
    nameless.conversation.as_mut().unwrap().queue.name = None;
    bench.read(&[nameless]);
    assert_eq!(bench.sum("Offered{Voice,qu-1}").as_deref(), Some("1"));
    bench.read(&[answered(Some("c-2"), None)]);
    assert_eq!(bench.sum("Offered{Voice,Billing}").as_deref(), Some("2"));
    let mut renamed = answered(Some("c-3"), None);
    renamed.start_s = Some(START_S + 10);
    renamed.names = vec![("qu-1", "Accounts")];
    renamed.conversation.as_mut().unwrap().queue.name = Some("Accounts");
    bench.read(&[renamed]);
    assert_eq!(
        bench.sum("Offered{Voice,Billing}").as_deref(),
        Some("2"),
        "a renamed queue starts new series"
    );
    assert_eq!(bench.sum("Offered{Voice,Accounts}").as_deref(), Some("1"));
    let showing = Showing {
        account: "acme".into(),
        sums: true,
        windows: Vec::new(),
    };
    let info = |sample: &&Sample| sample.measure == Measure::QueueInfo;
    let view = bench.ledger.view(&showing);
    let infos: Vec<_> = view
        .gauges
        .iter()
        .filter(info)
        .map(|sample| sample.labels.join("="))
        .collect();
    assert_eq!(infos, ["qu-1=Accounts"]);
}

#[test]
fn a_queue_is_held_to_its_own_target() {
    let mut bench = Bench::new();
    let mut other = answered(Some("c-2"), None);
    let sales = Queue {
        id: Some("qu-2"),
        name: Some("Sales"),
    };
    let conversation = other.conversation.as_mut().unwrap();
    (conversation.queue, conversation.first_answer) = (sales, Some((sales, Some(25_000))));
    bench.read(&[answered(Some("c-1"), None), other]);
    assert_eq!(
        bench.sum("AnsweredWithinTarget{Voice,Billing}").as_deref(),
        Some("1")
    );
    assert_eq!(
        bench.sum("AnsweredWithinTarget{Voice,Sales}"),
        None,
        "25 s is over the default of 20 s"
    );
}

#[test]
fn the_names_of_a_window_are_learned_before_anything_is_counted_older_sessions_first() {
    let mut nameless = answered(Some("c-1"), None);
    nameless.names.clear();
    let conversation = nameless.conversation.as_mut().unwrap();
    (conversation.queue.name, conversation.first_answer) = (
        None,
        Some((
            Queue {
                name: None,
                ..BILLING
            },
            Some(25_000),
        )),
    );
    let mut renamed = live(Some("c-3"), None);
    renamed.start_s = Some(START_S + 10);
    renamed.names = vec![("qu-1", "Accounts")];
    let mut bench = Bench::new();
    bench.read(&[renamed, nameless, live(Some("c-2"), None)]);
    assert_eq!(
        bench.sum("AnsweredWithinTarget{Voice,Billing}").as_deref(),
        Some("1")
    );
}

#[test]
fn a_target_set_for_an_id_holds_for_every_name_that_the_id_goes_by() {
    let mut bench = Bench::new();
    bench.ledger.policy.targets = targets_of([], [("qu-1", within(30))]);
    for (id, at_s, name) in [("c-1", 0, "A"), ("c-2", 1, "B"), ("c-3", 2, "C")] {
        let mut record = answered(Some(id), None);
        let queue = Queue {
            name: Some(name),
            ..BILLING
        };
        record.start_s = Some(START_S + at_s);
        record.names = vec![("qu-1", name)];
        let conversation = record.conversation.as_mut().unwrap();
        (conversation.queue, conversation.first_answer) = (queue, Some((queue, Some(25_000))));
        bench.read(&[record]);
        let within = bench.sum(&format!("AnsweredWithinTarget{{Voice,{name}}}"));
        assert_eq!(within.as_deref(), Some("1"), "25 s of 30 s in {name}");
    }
    assert_eq!(
        gauges(&bench, Measure::ServiceLevelTargetSeconds),
        [",A 30", ",B 30", ",Billing 30", ",C 30"],
        "the entries' queue has that id, too"
    );
}

#[test]
fn a_queue_goes_by_the_name_in_the_session_that_started_last_whenever_that_is_read() {
    let mut bench = Bench::new();
    for (at_s, name, shown) in [
        (0, "A", "A"),
        (10, "B", "B"),
        (5, "C", "B"),
        (10, "D", "B"),
        (11, "E", "E"),
    ] {
        let mut record = live(Some("c-1"), None);
        record.start_s = Some(START_S + at_s);
        record.names = vec![("qu-1", name)];
        bench.read(&[record]);
        let expected = [format!("qu-1,{shown} 1")];
        assert_eq!(gauges(&bench, Measure::QueueInfo), expected);
    }
}

#[test]
fn no_queue_is_learned_that_is_called_like_the_overflow() {
    let mut bench = Bench::new();
    let mut record = live(Some("c-1"), None);
    record.names = vec![("qu-1", OVERFLOW), (OVERFLOW, "Sales")];
    bench.read(&[record]);
    assert_eq!(gauges(&bench, Measure::QueueInfo), [""; 0]);
}
