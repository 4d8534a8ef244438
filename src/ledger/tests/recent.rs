//! Recent windows: how it is now.

use super::*;

const CONVERSATION: Counted = Counted {
    channel: Sym(2),
    queue: QueueSym {
        id: Sym(3),
        name: Sym(4),
    },
    direction: Sym(5),
    outcome: Outcome::Answered,
    offered: true,
    within_target: true,
    ended_s: START_S,
    wait_millis: Some(10_000),
    csat: None,
    nps: None,
};

fn id(number: usize) -> Id {
    Id(number as u128)
}

/// The parts of conversations of one channel and queue.
fn parts(conversations: &[Counted]) -> Parts {
    let window = RecentWindow {
        label: "15m".into(),
        from_s: START_S - 1,
        to_s: START_S,
    };
    let recents: Recents = conversations
        .iter()
        .enumerate()
        .map(|(number, counted)| (id(number), *counted))
        .collect();
    let all = recents.parts(&window, &Names::default());
    all.into_values().next().unwrap_or_default()
}

fn rated(csat: Option<u8>, nps: Option<u8>) -> Counted {
    Counted {
        csat,
        nps,
        ..CONVERSATION
    }
}

/// One of each sort that a window tells apart.
fn of_every_sort() -> Vec<Counted> {
    vec![
        CONVERSATION,
        Counted {
            wait_millis: Some(50_000),
            within_target: false,
            ..rated(Some(5), Some(9))
        },
        Counted {
            outcome: Outcome::Abandoned,
            within_target: false,
            wait_millis: None,
            ..rated(Some(4), Some(6))
        },
        Counted {
            outcome: Outcome::Abandoned,
            within_target: false,
            wait_millis: None,
            ..rated(Some(3), Some(10))
        },
        Counted {
            offered: false,
            within_target: false,
            ..rated(Some(1), Some(7))
        },
        rated(None, Some(8)),
        rated(None, Some(9)),
    ]
}

#[test]
fn a_window_tells_what_a_hand_count_does() {
    let all = parts(&of_every_sort());
    let by_outcome = [
        ((Sym(5), Outcome::Abandoned), 2),
        ((Sym(5), Outcome::Answered), 5),
    ];
    assert_eq!(all.conversations, by_outcome.into());
    let counts = (all.offered, all.abandoned, all.answered_within_target);
    assert_eq!(counts, (6, 2, 3));
    assert_eq!((all.waits, all.wait_millis), (4, 80_000));
    let scores = (all.csat_responses, all.csat_sum, all.csat_satisfied);
    assert_eq!(scores, (4, 13, 2));
    assert_eq!((all.nps_responses, all.nps_balance), (6, 2));
    assert_eq!(all.abandonment_ratio(), Some(2.0 / 6.0));
    assert_eq!(all.service_level_ratio(), Some(0.5));
    assert_eq!(all.speed_of_answer_seconds(), Some(20.0));
    assert_eq!(all.csat_mean(), Some(3.25));
    assert_eq!(all.csat_ratio(), Some(0.5));
    assert_eq!(all.nps(), Some(100.0 / 3.0));
}

#[test]
fn the_score_of_recommendation_goes_from_minus_to_plus_a_hundred() {
    for (score, nps) in [
        (0, -100.0),
        (6, -100.0),
        (7, 0.0),
        (8, 0.0),
        (9, 100.0),
        (10, 100.0),
    ] {
        assert_eq!(parts(&[rated(None, Some(score))]).nps(), Some(nps));
    }
}

#[test]
fn the_two_best_scores_of_satisfaction_are_satisfied() {
    for (score, ratio) in [(1, 0.0), (2, 0.0), (3, 0.0), (4, 1.0), (5, 1.0)] {
        let parts = parts(&[rated(Some(score), None)]);
        assert_eq!(parts.csat_ratio(), Some(ratio));
        assert_eq!(parts.csat_mean(), Some(f64::from(score)));
    }
}

#[test]
fn where_there_is_nothing_to_divide_by_there_is_no_value() {
    let unoffered = Counted {
        offered: false,
        wait_millis: None,
        ..CONVERSATION
    };
    let parts = parts(&[unoffered]);
    assert_eq!(
        [
            parts.abandonment_ratio(),
            parts.service_level_ratio(),
            parts.speed_of_answer_seconds(),
            parts.csat_mean(),
            parts.csat_ratio(),
            parts.nps(),
        ],
        [None; 6]
    );
}

#[test]
fn parts_of_two_queues_added_are_the_parts_of_their_conversations_together() {
    let all = of_every_sort();
    for cut in 0..=all.len() {
        let mut sum = parts(&all[..cut]);
        sum.add(&parts(&all[cut..]));
        assert_eq!(sum, parts(&all), "cut at {cut}");
    }
    let mut twice = parts(&all);
    twice.add(&parts(&all));
    assert_eq!(twice, parts(&[all.clone(), all].concat()));
}

#[test]
fn what_ended_at_or_before_the_bound_is_dropped_and_nothing_else() {
    let ends = [START_S - 1, START_S, START_S + 1];
    let kept = |change: &dyn Fn(&mut Recents)| -> Vec<bool> {
        let mut recents = Recents::default();
        for (number, ended_s) in ends.into_iter().enumerate() {
            let counted = Counted {
                ended_s,
                ..CONVERSATION
            };
            recents.insert(id(number), counted);
        }
        change(&mut recents);
        let stands = |ended_s: i64| {
            let window = RecentWindow {
                label: "1s".into(),
                from_s: ended_s - 1,
                to_s: ended_s,
            };
            !recents.parts(&window, &Names::default()).is_empty()
        };
        ends.into_iter().map(stands).collect()
    };
    assert_eq!(kept(&|_| {}), [true, true, true]);
    assert_eq!(kept(&|recents| recents.prune(START_S - 2)), [true; 3]);
    assert_eq!(
        kept(&|recents| recents.prune(START_S)),
        [false, false, true]
    );
    assert_eq!(
        kept(&|recents| recents.remove(id(1), START_S)),
        [true, false, true]
    );
}

#[test]
fn a_conversation_that_ends_later_than_was_read_moves_and_stands_once() {
    let mut bench = Bench::new();
    bench.read(&[answered(Some("c-1"), None)]);
    let mut later = answered(Some("c-1"), None);
    later.conversation.as_mut().unwrap().ended_s += 60;
    later.latest_s += 60;
    bench.read(&[later]);
    let window = RecentWindow {
        label: "1d".into(),
        from_s: 0,
        to_s: START_S + 86_400,
    };
    let parts = bench.ledger.recents.parts(&window, &bench.ledger.names);
    let offered: Vec<u64> = parts.values().map(|parts| parts.offered).collect();
    assert_eq!(offered, [1]);
}

#[test]
fn scores_given_after_the_conversation_was_counted_are_in_its_window() {
    let mut bench = Bench::new();
    bench.read(&[answered(Some("c-1"), None)]);
    let scores = [fact(Kind::Csat, "4"), fact(Kind::Nps, "10")];
    bench.read(&[with(answered(Some("c-1"), None), scores)]);
    let counted = bench.stored[0].counted.unwrap();
    assert_eq!((counted.csat, counted.nps), (Some(4), Some(10)));
}

/// A call in each of four queues, and the windows of these lengths over them.
fn four_queues(windows: &[&str]) -> View {
    let mut bench = Bench::with(Policy {
        targets: targets_of([], []),
        max_series_per_metric: 4,
        per_agent: false,
    });
    let names = ["A", "B", "C", "D"];
    let ids = ["c-1", "c-2", "c-3", "c-4"];
    let records: Vec<_> = std::iter::zip(ids, names)
        .map(|(id, name)| {
            let mut record = answered(Some(id), None);
            record.facts.truncate(1);
            record.names.clear();
            record.conversation.as_mut().unwrap().queue = Queue {
                id: None,
                name: Some(name),
            };
            record
        })
        .collect();
    bench.read(&records);
    let window = |label: &&str| RecentWindow {
        label: (*label).into(),
        from_s: START_S,
        to_s: START_S + 900,
    };
    bench.ledger.view(&Showing {
        account: "acme".into(),
        sums: true,
        windows: windows.iter().map(window).collect(),
    })
}

/// The values of one window's places, or of its overflow.
fn shown(view: &View, measure: Measure, window: &str, overflow: bool) -> Vec<Value> {
    view.gauges
        .iter()
        .filter(|sample| sample.measure == measure && &*sample.labels[0] == window)
        .filter(|sample| (&*sample.labels[2] == OVERFLOW) == overflow)
        .map(|sample| sample.value.clone())
        .collect()
}

const LIMITED: [Measure; 4] = [
    Measure::RecentConversations,
    Measure::RecentOffered,
    Measure::RecentAbandoned,
    Measure::RecentAnsweredWithinTarget,
];

#[test]
fn windows_share_the_limit_and_what_finds_no_room_is_told() {
    let view = four_queues(&["15m", "1h"]);
    for window in ["15m", "1h"] {
        for measure in [Measure::RecentConversations, Measure::RecentOffered] {
            let places = shown(&view, measure, window, false);
            assert_eq!(places, [Value::Gauge(1.0), Value::Gauge(1.0)]);
            let overflow = shown(&view, measure, window, true);
            assert_eq!(overflow, [Value::Gauge(2.0)]);
        }
    }
    for measure in LIMITED {
        let told = view.overflowed.iter().find(|(of, _)| *of == measure);
        assert_eq!(told, Some(&(measure, 4)));
    }
}

#[test]
fn a_window_whose_places_just_fit_has_no_overflow() {
    let view = four_queues(&["15m"]);
    for measure in LIMITED {
        assert_eq!(shown(&view, measure, "15m", false).len(), 4);
        assert_eq!(shown(&view, measure, "15m", true), []);
        assert!(view.overflowed.iter().all(|(of, _)| *of != measure));
    }
}

#[test]
fn recent_conversations_come_in_the_order_of_their_ends() {
    let ended = |number: usize, ended_s: i64| {
        let counted = Counted {
            ended_s,
            ..CONVERSATION
        };
        (id(number), counted)
    };
    let recents: Recents = [ended(1, 30), ended(2, 10), ended(3, 20)]
        .into_iter()
        .collect();
    let told: Vec<_> = recents.iter().map(|(id, it)| (id, it.ended_s)).collect();
    assert_eq!(told, [(id(2), 10), (id(3), 20), (id(1), 30)]);
}
