use super::document::Document;
use super::judge::{Judgement, Verdict};
use super::order::worst_first;
use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

const NOW_S: i64 = 1_795_737_600;

#[allow(
    clippy::unnecessary_wraps,
    reason = "numbers may be unknown; these are not"
)]
fn figure<T>(value: T) -> Option<Figure<T>> {
    Some(Figure {
        value,
        read_s: NOW_S - 5,
        until_s: NOW_S + 40,
    })
}

/// All within their targets.
fn calm() -> WallNumbers {
    WallNumbers {
        waiting: figure(2),
        longest_wait_s: figure(30),
        longest_wait_target_s: Some(120),
        agents_available: figure(4),
        with_agent: figure(9),
        service_level: figure(0.9),
        service_level_target: Some(0.8),
        abandonment: figure(0.02),
        abandonment_target: Some(0.05),
        offered: figure(100),
    }
}

fn queue(name: &str, numbers: &WallNumbers) -> WallQueue {
    WallQueue {
        queue: name.into(),
        channel: "voice".into(),
        numbers: *numbers,
    }
}

fn account(name: &str, queues: Vec<WallQueue>) -> WallAccount {
    WallAccount {
        name: name.into(),
        status: Status {
            published: true,
            last_success_s: Some(NOW_S),
            ..Status::default()
        },
        window: Some(WallWindow {
            label: "15m".into(),
            to_s: NOW_S - 60,
        }),
        numbers: calm(),
        queues,
    }
}

fn wall(accounts: Vec<WallAccount>) -> Wall {
    Wall {
        now_s: NOW_S,
        accounts,
    }
}

fn json_of(wall: &Wall) -> Value {
    serde_json::to_value(Document::of(wall)).unwrap()
}

fn order(queues: &[WallQueue]) -> Vec<&str> {
    worst_first(queues, NOW_S)
        .into_iter()
        .map(|(queue, _)| &*queue.queue)
        .collect()
}

#[test]
fn a_number_is_judged_by_its_own_target_and_exactly_on_it_is_within() {
    let judged = |numbers: &WallNumbers| Judgement::of(numbers, NOW_S);
    let within = judged(&WallNumbers {
        longest_wait_s: figure(120),
        service_level: figure(0.8),
        abandonment: figure(0.05),
        ..calm()
    });
    let beyond = judged(&WallNumbers {
        longest_wait_s: figure(121),
        service_level: figure(0.79),
        abandonment: figure(0.06),
        ..calm()
    });
    for (kept, broken, words) in [
        (
            within.longest_wait,
            beyond.longest_wait,
            ["within target", "above target"],
        ),
        (
            within.service_level,
            beyond.service_level,
            ["meets target", "below target"],
        ),
        (
            within.abandonment,
            beyond.abandonment,
            ["within target", "above target"],
        ),
    ] {
        assert_eq!((kept.verdict, kept.words), (Verdict::Ok, words[0]));
        assert_eq!((broken.verdict, broken.words), (Verdict::Beyond, words[1]));
        assert!(broken.times > 1.0 && kept.times == 0.0);
    }
}

#[test]
fn what_is_unknown_too_old_without_target_or_of_a_few_is_not_judged_and_says_why() {
    let judged = |numbers: WallNumbers| Judgement::of(&numbers, NOW_S).abandonment;
    let bad = WallNumbers {
        abandonment: figure(0.9),
        ..calm()
    };
    let old = Figure {
        value: 0.9,
        read_s: NOW_S - 60,
        until_s: NOW_S,
    };
    for (numbers, words) in [
        (
            WallNumbers {
                abandonment: None,
                ..bad
            },
            "not known",
        ),
        (
            WallNumbers {
                abandonment: Some(old),
                ..bad
            },
            "too old",
        ),
        (
            WallNumbers {
                abandonment_target: None,
                ..bad
            },
            "no target",
        ),
        (
            WallNumbers {
                offered: figure(19),
                ..bad
            },
            "too few to judge",
        ),
    ] {
        let judged = judged(numbers);
        assert_eq!((judged.verdict, judged.words), (Verdict::Unjudged, words));
    }
    let enough = WallNumbers {
        offered: figure(20),
        ..bad
    };
    assert_eq!(judged(enough).verdict, Verdict::Beyond);
}

#[test]
fn nobody_answers_where_some_wait_and_no_agent_is_free_or_in_a_conversation() {
    let judged = |waiting, free, busy| {
        let numbers = WallNumbers {
            waiting: figure(waiting),
            agents_available: figure(free),
            with_agent: busy,
            ..calm()
        };
        Judgement::of(&numbers, NOW_S).agents_available.words
    };
    assert_eq!(judged(1, 0, figure(0)), "nobody answers");
    assert_eq!(judged(1, 0, figure(3)), "none free");
    assert_eq!(judged(0, 0, figure(0)), "none free");
    assert_eq!(judged(1, 0, None), "none free");
    assert_eq!(judged(1, 1, figure(0)), "");
}

#[test]
fn queues_stand_by_how_far_they_are_beyond_then_by_who_waits_then_by_name() {
    let twice = WallNumbers {
        longest_wait_s: figure(240),
        ..calm()
    };
    let thrice = WallNumbers {
        abandonment: figure(0.15),
        waiting: figure(0),
        ..calm()
    };
    let deserted = WallNumbers {
        agents_available: figure(0),
        with_agent: figure(0),
        ..calm()
    };
    let busier = WallNumbers {
        waiting: figure(3),
        ..calm()
    };
    let longer = WallNumbers {
        longest_wait_s: figure(31),
        ..calm()
    };
    let unknown = WallNumbers::default();
    let queues = [
        queue("unknown", &unknown),
        queue("b", &calm()),
        queue("a", &calm()),
        queue("longer", &longer),
        queue("busier", &busier),
        queue("twice", &twice),
        queue("thrice", &thrice),
        queue("deserted", &deserted),
    ];
    assert_eq!(
        order(&queues),
        [
            "deserted", "thrice", "twice", "busier", "longer", "a", "b", "unknown"
        ]
    );
}

#[test]
fn a_target_that_allows_nothing_is_broken_by_anything_and_orders_with_the_rest() {
    let numbers = WallNumbers {
        abandonment_target: Some(0.0),
        service_level_target: Some(1.0),
        longest_wait_target_s: Some(0),
        ..calm()
    };
    let judgement = Judgement::of(&numbers, NOW_S);
    for judged in [
        judgement.abandonment,
        judgement.service_level,
        judgement.longest_wait,
    ] {
        assert_eq!(judged.verdict, Verdict::Beyond);
        assert!(judged.times.is_finite());
    }
}

#[test]
fn the_example_in_the_manual_is_what_is_answered() {
    let spike = WallNumbers {
        waiting: figure(34),
        longest_wait_s: figure(754),
        agents_available: figure(1),
        service_level: figure(0.41),
        abandonment: figure(0.23),
        ..calm()
    };
    let told = json_of(&wall(vec![account("acme", vec![queue("Billing", &spike)])]));
    let manual = include_str!("../../../docs/wall.md");
    let example = manual.split("```json\n").nth(1).unwrap();
    let example: Value = serde_json::from_str(example.split("```").next().unwrap()).unwrap();
    let mut expected = told.clone();
    // So that a release changes no manual.
    expected["version"] = example["version"].clone();
    assert_eq!(
        example,
        expected,
        "docs/wall.md should show:\n{}",
        serde_json::to_string_pretty(&told).unwrap()
    );
}

#[test]
fn unknown_is_null_and_never_0() {
    let mut acme = account("acme", Vec::new());
    acme.numbers = WallNumbers::default();
    acme.window = None;
    acme.status = Status::default();
    let told = json_of(&wall(vec![acme]));
    let acme = &told["accounts"][0];
    assert_eq!(acme["state"], "waiting");
    assert_eq!(acme["window"], Value::Null);
    assert_eq!(told["worst"], Value::Null);
    let numbers = acme["numbers"].as_object().unwrap();
    assert_eq!(numbers.len(), 7);
    for number in numbers.values() {
        let unknown = json!({"value": null, "target": null, "read_s": null, "until_s": null,
                             "verdict": "unjudged", "words": "not known"});
        assert_eq!(number, &unknown);
    }
}

#[test]
fn what_is_too_old_is_told_without_its_value() {
    let mut acme = account("acme", Vec::new());
    acme.numbers.waiting = Some(Figure {
        value: 7,
        read_s: NOW_S - 90,
        until_s: NOW_S,
    });
    let waiting = &json_of(&wall(vec![acme]))["accounts"][0]["numbers"]["waiting"];
    assert_eq!(waiting["value"], Value::Null);
    assert_eq!(waiting["read_s"], NOW_S - 90);
    assert_eq!(waiting["words"], "too old");
}

#[test]
fn the_worst_of_all_is_named_else_the_account_that_is_beyond_else_the_one_that_fails() {
    let late = WallNumbers {
        longest_wait_s: figure(600),
        ..calm()
    };
    let mut globex = account("globex", vec![queue("Sales", &late)]);
    let acme = account("acme", vec![queue("Billing", &calm())]);
    let worst =
        |globex: &WallAccount| json_of(&wall(vec![acme.clone(), globex.clone()]))["worst"].clone();
    assert_eq!(
        worst(&globex),
        json!({"account": "globex", "queue": "Sales", "words": "longest wait above target"})
    );
    globex.queues.clear();
    globex.numbers = late;
    globex.status.failure = Some("no".to_owned());
    assert_eq!(
        worst(&globex),
        json!({"account": "globex", "queue": null, "words": "longest wait above target"})
    );
    globex.numbers = calm();
    assert_eq!(
        worst(&globex),
        json!({"account": "globex", "queue": null, "words": "failing"})
    );
    globex.status.failure = None;
    assert_eq!(worst(&globex), Value::Null);
}

#[test]
fn whatever_is_given_the_answer_is_bounded_and_tells_what_it_left_out() {
    let long = "ß".repeat(5000);
    let queues: Vec<_> = (0..73)
        .map(|n| queue(&format!("{long}{n}"), &calm()))
        .collect();
    let accounts = vec![account(&long, queues); 23];
    let told = json_of(&wall(accounts));
    assert_eq!(told["accounts_left_out"], 3);
    assert_eq!(told["accounts"].as_array().unwrap().len(), 20);
    let account = &told["accounts"][0];
    assert_eq!(account["queues_left_out"], 23);
    assert_eq!(account["queues"].as_array().unwrap().len(), 50);
    assert_eq!(account["name"].as_str().unwrap().chars().count(), 120);
    assert!(account["name"].as_str().unwrap().ends_with('…'));
    assert!(told.to_string().len() < 2_000_000);
}

proptest! {
    /// Whatever the numbers are, orders are total, and beyond is never below within.
    #[test]
    fn queues_beyond_a_target_stand_before_all_others(
        given in prop::collection::vec((0_u64..9, 0_u64..400, 0.0..=1.0_f64, 0.0..=1.0_f64, 0_u64..50), 0..12)
    ) {
        let queues: Vec<WallQueue> = given
            .into_iter()
            .enumerate()
            .map(|(n, (waiting, wait_s, level, abandonment, offered))| {
                let numbers = WallNumbers {
                    waiting: figure(waiting),
                    longest_wait_s: figure(wait_s),
                    service_level: figure(level),
                    abandonment: figure(abandonment),
                    offered: figure(offered),
                    ..calm()
                };
                queue(&format!("{n}"), &numbers)
            })
            .collect();
        let ordered = worst_first(&queues, NOW_S);
        prop_assert_eq!(ordered.len(), queues.len());
        let beyond: Vec<bool> = ordered.iter().map(|(_, it)| it.worst().is_some()).collect();
        prop_assert!(beyond.is_sorted_by(|one, next| one >= next));
    }
}
