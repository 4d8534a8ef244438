use super::*;
use crate::fact::{
    Conversation, Derived, Fact, Field, Identity, Kind, Outcome, Queue, Reason, Reject, Rule, Stage,
};
use std::borrow::Cow;

const FLOOR_S: i64 = 1_000;
const START_S: i64 = 10_000;

/// A ledger and what a store would hold beside it.
struct Bench {
    ledger: Ledger,
    stored: Vec<Entry>,
}

impl Bench {
    fn new() -> Bench {
        Bench::with(Policy {
            targets: targets(),
            max_series_per_metric: 100,
            per_agent: false,
        })
    }

    fn with(policy: Policy) -> Bench {
        Bench {
            ledger: Ledger::new(Key([7; 16]), policy),
            stored: Vec::new(),
        }
    }

    fn read(&mut self, records: &[Derived<'_>]) -> Tally {
        self.read_beside(&[], records)
    }

    /// Reads records of a window in which others stand that are known by their bytes.
    fn read_beside(&mut self, standing: &[Derived<'_>], records: &[Derived<'_>]) -> Tally {
        let digest = |derived: &Derived<'_>| self.ledger.key.digest(&format!("{derived:?}"));
        let records = records.iter().map(|derived| Record {
            ids: self.ledger.key.ids(&derived.identity),
            digest: digest(derived),
            derived: derived.clone(),
        });
        let batch = Batch {
            known: standing.len() as u64,
            standing: standing.iter().map(digest).collect(),
            rejected: 0,
            records: records.collect(),
        };
        let mut known = Known::default();
        for entry in &self.stored {
            known.entries.insert(entry.id, entry.clone());
            known.taken_sessions.extend(entry.session);
        }
        let commit = self.ledger.apply(batch, known, FLOOR_S);
        for change in &commit.entries {
            let gone = change.before.map(|before| before.id);
            self.stored
                .retain(|entry| Some(entry.id) != gone && entry.id != change.entry.id);
            self.stored.push(change.entry.clone());
        }
        let tally = commit.tally.clone();
        self.ledger.absorb(commit, Forgotten::default());
        assert_eq!(
            tally.received,
            tally.applied + tally.unchanged + tally.rejected
        );
        tally
    }

    /// The sums as `measure{labels} value`, sorted.
    fn sums(&self) -> Vec<String> {
        let showing = Showing {
            account: "acme".into(),
            sums: true,
            windows: Vec::new(),
        };
        let mut lines: Vec<String> = self
            .ledger
            .view(&showing)
            .sums
            .iter()
            .map(|sample| {
                let value = match &sample.value {
                    Value::Count(count) => count.to_string(),
                    Value::Histogram {
                        buckets,
                        sum_millis,
                    } => {
                        format!("{} in {sum_millis} ms", buckets.iter().sum::<u64>())
                    }
                    Value::Gauge(value) => value.to_string(),
                };
                format!(
                    "{:?}{{{}}} {value}",
                    sample.measure,
                    sample.labels.join(",")
                )
            })
            .collect();
        lines.sort();
        lines
    }

    fn sum(&self, line: &str) -> Option<String> {
        self.sums()
            .into_iter()
            .find_map(|sum| sum.strip_prefix(line).map(|rest| rest.trim().to_owned()))
    }
}

fn targets() -> Targets {
    let default = Target {
        abandonment_ratio: 0.05,
        service_level_millis: 20_000,
        service_level_ratio: 0.8,
        speed_of_answer_millis: 30_000,
    };
    let billing = Target {
        service_level_millis: 30_000,
        ..default
    };
    Targets {
        default,
        queues: [("Billing".to_owned(), billing)].into(),
    }
}

const BILLING: Queue<'static> = Queue {
    id: Some("qu-1"),
    name: Some("Billing"),
};

fn fact(kind: Kind, text: &'static str) -> Fact<'static> {
    Fact {
        kind,
        destination: 0,
        element: None,
        queue: None,
        text: Cow::Borrowed(text),
        agent: None,
        millis: 0,
    }
}

/// An answered call in Billing, by conversation and session id.
fn answered(conversation: Option<&'static str>, session: Option<&'static str>) -> Derived<'static> {
    let entry = |kind, text, millis| Fact {
        queue: Some(BILLING),
        millis,
        ..fact(kind, text)
    };
    Derived {
        identity: Identity {
            conversation,
            session,
        },
        start_s: Some(START_S),
        end_s: Some(START_S + 100),
        stage: Stage::Ended,
        conversation: Some(Conversation {
            channel: "Voice",
            queue: BILLING,
            direction: Cow::Borrowed("inbound"),
            outcome: Outcome::Answered,
            rule: Rule::AgentAnswered,
            offered: true,
            first_answer: Some((BILLING, Some(25_000))),
            ended_s: START_S + 100,
        }),
        facts: vec![
            fact(Kind::Conversation, "answered"),
            fact(Kind::FinalStatus, "CLOSED"),
            entry(Kind::QueueEntry, "answered", 0),
            entry(Kind::QueueWait, "answered", 25_000),
        ],
        rejects: Vec::new(),
        names: vec![("qu-1", "Billing")],
    }
}

fn live(conversation: Option<&'static str>, session: Option<&'static str>) -> Derived<'static> {
    Derived {
        stage: Stage::Live,
        conversation: None,
        facts: Vec::new(),
        end_s: None,
        ..answered(conversation, session)
    }
}

fn with(
    mut derived: Derived<'static>,
    facts: impl IntoIterator<Item = Fact<'static>>,
) -> Derived<'static> {
    derived.facts.extend(facts);
    derived
}

#[test]
fn a_page_delivered_twice_changes_nothing() {
    let mut bench = Bench::new();
    let page = [
        answered(Some("c-1"), Some("s-1")),
        answered(Some("c-2"), Some("s-2")),
    ];
    assert_eq!(bench.read(&page).applied, 2);
    let sums = bench.sums();
    let tally = bench.read(&page);
    assert_eq!((tally.applied, tally.unchanged), (0, 2));
    assert_eq!(bench.sums(), sums);
}

#[test]
fn every_sum_of_an_answered_call_is_counted_once() {
    let mut bench = Bench::new();
    bench.read(&[answered(Some("c-1"), Some("s-1"))]);
    assert_eq!(
        bench.sums(),
        [
            "AnsweredWithinTarget{Voice,Billing} 1",
            "Conversations{Voice,Billing,inbound,answered} 1",
            "FinalStatus{Voice,CLOSED} 1",
            "Offered{Voice,Billing} 1",
            "QueueEntries{Voice,Billing,inbound,answered} 1",
            "QueueWait{Voice,Billing,answered} 1 in 25000 ms",
        ]
    );
}

#[test]
fn a_live_conversation_is_remembered_but_not_counted() {
    let mut bench = Bench::new();
    let tally = bench.read(&[live(Some("c-1"), Some("s-1"))]);
    assert_eq!((tally.applied, tally.unchanged), (0, 1));
    assert_eq!(bench.sums(), [""; 0]);
    assert_eq!(bench.ledger.tracked, 1);
    assert_eq!(bench.read(&[answered(Some("c-1"), Some("s-1"))]).applied, 1);
    assert_eq!(bench.ledger.tracked, 1);
}

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
    assert_eq!(bench.sums(), sums);
}

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
fn a_session_told_after_its_conversation_was_counted_is_that_conversations() {
    let mut bench = Bench::new();
    bench.read(&[answered(Some("c-1"), None)]);
    let sums = bench.sums();
    assert_eq!(bench.read(&[answered(Some("c-1"), Some("s-1"))]).applied, 0);
    assert_eq!(bench.read(&[answered(None, Some("s-1"))]).unchanged, 1);
    assert_eq!((bench.sums(), bench.ledger.tracked), (sums, 1));
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
    for applied in [1, 0] {
        let tally = bench.read_beside(std::slice::from_ref(&whole), std::slice::from_ref(&other));
        assert!(tally.revised.is_empty(), "{:?}", tally.revised);
        assert_eq!((tally.applied, tally.unchanged), (applied, 2 - applied));
    }
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
fn what_lies_below_the_floor_is_left_alone() {
    let mut bench = Bench::new();
    let mut old = answered(Some("c-1"), None);
    (old.start_s, old.end_s) = (Some(FLOOR_S - 100), Some(FLOOR_S - 1));
    assert_eq!(bench.read(std::slice::from_ref(&old)).unchanged, 1);
    assert_eq!(bench.ledger.tracked, 0);
    old.end_s = Some(FLOOR_S);
    assert_eq!(bench.read(&[old]).applied, 1, "its end is at the floor");
}

#[test]
fn beyond_the_limit_label_sets_share_one_series() {
    let mut bench = Bench::with(Policy {
        targets: targets(),
        max_series_per_metric: 2,
        per_agent: false,
    });
    let events = ["a", "b", "c", "d"];
    let facts = events.map(|event| Fact {
        element: Some(event.into()),
        ..fact(Kind::Disposition, event)
    });
    bench.read(&[with(answered(Some("c-1"), None), facts)]);
    assert_eq!(
        bench
            .sum("Dispositions{__overflow__,__overflow__,__overflow__}")
            .as_deref(),
        Some("2")
    );
    assert_eq!(
        bench
            .sums()
            .iter()
            .filter(|line| line.starts_with("Dispositions"))
            .count(),
        3
    );
    let showing = Showing {
        account: "acme".into(),
        sums: true,
        windows: Vec::new(),
    };
    assert_eq!(
        bench.ledger.view(&showing).overflowed,
        [(Measure::Dispositions, 2)]
    );
}

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

/// The gauges of one measure as `labels value`.
fn gauges(bench: &Bench, measure: Measure) -> Vec<String> {
    let showing = Showing {
        account: "acme".into(),
        sums: true,
        windows: Vec::new(),
    };
    let view = bench.ledger.view(&showing);
    let samples = view.gauges.iter().filter(|it| it.measure == measure);
    samples
        .map(|sample| match sample.value {
            Value::Gauge(value) => format!("{} {value}", sample.labels.join(",")),
            _ => panic!("{measure:?} is a gauge"),
        })
        .collect()
}

#[test]
fn a_target_set_for_an_id_holds_for_every_name_that_the_id_goes_by() {
    let mut bench = Bench::new();
    let queues = &mut bench.ledger.policy.targets.queues;
    let billing = queues.remove("Billing").unwrap();
    queues.insert("qu-1".to_owned(), billing);
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
        ["A 30", "B 30", "Billing 30", "C 30"],
        "the entries' queue has that id, too"
    );
}

#[test]
fn queues_beyond_the_limit_share_one_series_that_is_held_to_the_default() {
    let mut bench = Bench::with(Policy {
        targets: targets(),
        max_series_per_metric: 1,
        per_agent: false,
    });
    let mut record = live(Some("c-1"), None);
    record.names = vec![("qu-1", "Billing"), ("qu-2", "Sales"), ("qu-3", "Service")];
    bench.read(&[record]);
    assert_eq!(
        gauges(&bench, Measure::QueueInfo),
        ["qu-1,Billing 1", "__overflow__,__overflow__ 1"]
    );
    assert_eq!(
        gauges(&bench, Measure::ServiceLevelTargetSeconds),
        ["Billing 30", "__overflow__ 20"]
    );
}

#[test]
fn labels_are_cut_to_128_characters() {
    let long: &'static str = "ü".repeat(200).leak();
    let mut bench = Bench::new();
    bench.read(&[with(
        answered(Some("c-1"), None),
        [fact(Kind::Disconnect, long)],
    )]);
    let line = bench
        .sums()
        .into_iter()
        .find(|line| line.starts_with("Disconnects"))
        .unwrap();
    assert_eq!(line.matches('ü').count(), 128);
}

#[test]
fn recent_windows_go_by_the_end_of_the_conversation() {
    let mut bench = Bench::new();
    let mut abandoned = answered(Some("c-2"), None);
    let conversation = abandoned.conversation.as_mut().unwrap();
    (conversation.outcome, conversation.first_answer) = (Outcome::Abandoned, None);
    bench.read(&[answered(Some("c-1"), None), abandoned]);
    let end_s = START_S + 100;
    let parts = |from_s, to_s| {
        let window = RecentWindow {
            label: "15m".into(),
            from_s,
            to_s,
        };
        bench
            .ledger
            .recents
            .parts(&window, &bench.ledger.names)
            .into_values()
            .next()
    };
    let now = parts(end_s - 1, end_s).unwrap();
    assert_eq!(
        (now.offered, now.abandoned, now.answered_within_target),
        (2, 1, 1)
    );
    assert_eq!(now.abandonment_ratio(), Some(0.5));
    assert_eq!(now.speed_of_answer_seconds(), Some(25.0));
    assert_eq!(now.nps(), None, "no value rather than 0/0");
    assert_eq!(
        parts(end_s, end_s + 900),
        None,
        "a window is open at its start"
    );
}
