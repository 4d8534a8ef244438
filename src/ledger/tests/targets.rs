//! What a conversation is held to.

use super::*;

/// A call of a channel, answered in a queue after some seconds; its one fact is the conversation.
fn waited(
    id: &'static str,
    channel: &'static str,
    queue: Queue<'static>,
    seconds: u64,
) -> Derived<'static> {
    let mut record = answered(Some(id), None);
    record.facts.truncate(1);
    record.names = queue.id.zip(queue.name).into_iter().collect();
    let conversation = record.conversation.as_mut().unwrap();
    (conversation.channel, conversation.queue) = (channel, queue);
    conversation.first_answer = Some((queue, Some(seconds * 1000)));
    record
}

fn named(name: &'static str) -> Queue<'static> {
    Queue {
        id: None,
        name: Some(name),
    }
}

fn bench(targets: Targets) -> Bench {
    Bench::with(Policy {
        targets,
        max_series_per_metric: 100,
        per_agent: false,
    })
}

#[test]
fn a_queue_beats_its_channel_and_a_channel_the_account_field_by_field() {
    let voice = TargetOverride {
        abandonment_ratio: Some(0.1),
        service_level_millis: Some(40_000),
        ..TargetOverride::default()
    };
    let targets = targets_of([("Voice", voice)], [("Billing", within(60))]);
    let of = |channel, queue| targets.of(Some(channel), None, Some(queue));
    let expected = Target {
        abandonment_ratio: 0.1,
        service_level_millis: 60_000,
        ..DEFAULT
    };
    assert_eq!(of("Voice", "Billing"), expected);
    assert_eq!(of("Voice", "Sales").service_level_millis, 40_000);
    assert_eq!(of("Web", "Billing").abandonment_ratio, 0.05);
    assert_eq!(of("Web", "Sales"), DEFAULT);
}

#[test]
fn mail_has_hours_unless_something_else_is_set_for_it() {
    const FOUR_HOURS: u64 = 4 * 3_600_000;
    let plain = targets_of([], []).of(Some("System Mail"), None, None);
    let of_mail = Target {
        service_level_millis: FOUR_HOURS,
        speed_of_answer_millis: FOUR_HOURS,
        longest_wait_millis: 2 * FOUR_HOURS,
        ..DEFAULT
    };
    assert_eq!(plain, of_mail);
    let set = targets_of([("system mail", within(60))], []);
    let expected = Target {
        service_level_millis: 60_000,
        ..of_mail
    };
    assert_eq!(set.of(Some("SYSTEM MAIL"), None, None), expected);
    let queue = targets_of([], [("Billing", within(30))]);
    let billing = queue.of(Some("System Mail"), None, Some("Billing"));
    assert_eq!(billing.service_level_millis, 30_000);
    assert_eq!(billing.speed_of_answer_millis, FOUR_HOURS);
}

#[test]
fn conversations_are_counted_by_the_target_of_channel_and_queue() {
    let mut bench = bench(targets_of([("voice", within(26))], [("Sales", within(10))]));
    bench.read(&[
        waited("c-1", "Voice", BILLING, 25),
        waited("c-2", "Web", BILLING, 25),
        waited("c-3", "Voice", named("Sales"), 25),
        waited("c-4", "System Mail", BILLING, 3_600),
    ]);
    assert_eq!(
        bench
            .sums()
            .into_iter()
            .filter(|line| line.starts_with("AnsweredWithinTarget"))
            .collect::<Vec<_>>(),
        [
            "AnsweredWithinTarget{System Mail,Billing} 1",
            "AnsweredWithinTarget{Voice,Billing} 1"
        ]
    );
}

#[test]
fn a_channel_has_a_series_in_a_queue_where_it_is_held_to_another_target() {
    let mut bench = bench(targets_of([("voice", within(26))], [("Sales", within(10))]));
    bench.read(&[
        waited("c-1", "Voice", BILLING, 25),
        waited("c-2", "Voice", named("Sales"), 25),
        waited("c-3", "Web", BILLING, 25),
        waited("c-4", "System Mail", BILLING, 25),
    ]);
    assert_eq!(
        gauges(&bench, Measure::ServiceLevelTargetSeconds),
        [
            ",Billing 20",
            ",Sales 10",
            "System Mail,Billing 14400",
            "Voice,Billing 26"
        ]
    );
    assert_eq!(
        gauges(&bench, Measure::AbandonmentTargetRatio),
        [",Billing 0.05", ",Sales 0.05"]
    );
}

#[test]
fn targets_are_shown_for_the_queues_of_recent_windows_before_counters_are() {
    let mut bench = bench(targets_of([], []));
    bench.read(&[waited("c-1", "System Mail", named("Letters"), 25)]);
    let window = RecentWindow {
        label: "15m".into(),
        from_s: START_S,
        to_s: START_S + 900,
    };
    let showing = Showing {
        account: "acme".into(),
        sums: false,
        windows: vec![window],
    };
    let view = bench.ledger.view(&showing);
    let speed = |sample: &&Sample| sample.measure == Measure::SpeedOfAnswerTargetSeconds;
    let labels: Vec<_> = view
        .gauges
        .iter()
        .filter(speed)
        .map(|it| it.labels.join("/"))
        .collect();
    assert_eq!(labels, ["/Letters", "System Mail/Letters"]);
}

#[test]
fn queues_come_first_where_there_is_no_room_for_all_targets() {
    let mut bench = Bench::with(Policy {
        targets: targets_of([], []),
        max_series_per_metric: 2,
        per_agent: false,
    });
    bench.read(&[
        waited("c-1", "System Mail", named("A"), 25),
        waited("c-2", "System Mail", named("B"), 25),
    ]);
    assert_eq!(
        gauges(&bench, Measure::ServiceLevelTargetSeconds),
        [",A 20", ",B 20", ",__overflow__ 20"]
    );
    assert_eq!(
        gauges(&bench, Measure::ServiceLevelTargetRatio),
        [",A 0.8", ",B 0.8"]
    );
}

#[test]
fn a_configured_queue_is_cut_and_compared_as_it_is_shown() {
    let long: &'static str = "ü".repeat(200).leak();
    let shown = "ü".repeat(crate::ledger::symbols::MAX_LABEL_CHARS);
    let mut bench = bench(targets_of(
        [],
        [(long, within(26)), ("bIlLiNg", within(27))],
    ));
    let expected = [format!(",{shown} 26"), ",bIlLiNg 27".to_owned()];
    let mut shown_now = gauges(&bench, Measure::ServiceLevelTargetSeconds);
    shown_now.sort();
    let mut sorted = expected.clone();
    sorted.sort();
    assert_eq!(shown_now, sorted, "before any conversation");
    bench.read(&[
        waited("c-1", "Voice", named(long), 25),
        waited("c-2", "Voice", BILLING, 25),
    ]);
    let within = |queue: &str| bench.sum(&format!("AnsweredWithinTarget{{Voice,{queue}}}"));
    assert_eq!(
        (within(&shown).as_deref(), within("Billing").as_deref()),
        (Some("1"), Some("1"))
    );
    assert_eq!(
        gauges(&bench, Measure::ServiceLevelTargetSeconds),
        [",Billing 27".to_owned(), format!(",{shown} 26")],
        "under the name that the record has"
    );
}

#[test]
fn a_queue_really_named_none_or_like_the_overflow_is_shown_once_and_has_no_target() {
    let mut bench = bench(targets_of(
        [],
        [("none", within(30)), ("__overflow__", within(30))],
    ));
    let none = Queue {
        id: None,
        name: None,
    };
    bench.read(&[
        waited("c-1", "Voice", named("none"), 25),
        waited("c-2", "Voice", none, 25),
        waited("c-3", "__overflow__", named("__overflow__"), 35),
    ]);
    assert_eq!(bench.sum("Offered{Voice,none}").as_deref(), Some("2"));
    assert_eq!(bench.sum("AnsweredWithinTarget{Voice,none}"), None);
    assert_eq!(gauges(&bench, Measure::ServiceLevelTargetSeconds), [""; 0]);
    // What overflows beside it joins it: two series of the same labels would be no page.
    bench.ledger.policy.max_series_per_metric = 1;
    bench.read(&[waited("c-4", "Voice", BILLING, 25)]);
    assert_eq!(
        bench.sum("Offered{__overflow__,__overflow__}").as_deref(),
        Some("2")
    );
}
