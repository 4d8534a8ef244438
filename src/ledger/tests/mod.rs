//! A ledger beside a stand-in for its store: what is counted of records, by topic.

mod agents;
mod identity;
mod limits;
mod quarters;
mod queues;
mod recent;
mod sums;
mod targets;
mod versions;
mod written;

use super::seen::print_of_all;
use super::*;
use crate::fact::{
    Conversation, Derived, DestinationKey, Fact, Field, Identity, Kind, Outcome, Queue, Reason,
    Reject, Rule, Stage, short_hash,
};
use std::borrow::Cow;

const FLOOR_S: i64 = 1_000;
const START_S: i64 = 10_000;

/// A ledger and what a store would hold beside it.
struct Bench {
    ledger: Ledger,
    stored: Vec<Entry>,
    /// Entries that the latest window wrote.
    written: usize,
    /// Conversations that it counted for the first time.
    first: usize,
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
            written: 0,
            first: 0,
        }
    }

    fn read(&mut self, records: &[Derived<'_>]) -> Tally {
        self.read_beside(&[], records)
    }

    /// Reads records of a window in which others stand that are known by their bytes.
    fn read_beside(&mut self, standing: &[Derived<'_>], records: &[Derived<'_>]) -> Tally {
        let digest = |derived: &Derived<'_>| self.ledger.key.digest(&format!("{derived:?}"));
        let records = records.iter().map(|derived| Version {
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
        self.written = commit.entries.len();
        self.first = commit.first_counts().count();
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
        quarters::are_the_sums(&self.ledger);
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
                    Value::Millis(millis) => format!("{millis} ms"),
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

/// That of a configuration that sets none.
pub(crate) const DEFAULT: Target = Target {
    abandonment_ratio: 0.05,
    service_level_millis: 20_000,
    service_level_ratio: 0.8,
    speed_of_answer_millis: 30_000,
    longest_wait_millis: 180_000,
};

fn targets() -> Targets {
    targets_of([], [("Billing", within(30))])
}

/// The default, and what is set for channels and for queues.
fn targets_of<const C: usize, const Q: usize>(
    channels: [(&str, TargetOverride); C],
    queues: [(&str, TargetOverride); Q],
) -> Targets {
    let owned = |(name, own): (&str, TargetOverride)| (name.to_owned(), own);
    Targets::new(DEFAULT, channels.map(owned), queues.map(owned))
}

/// A service level of its own.
fn within(seconds: u64) -> TargetOverride {
    TargetOverride {
        service_level_millis: Some(seconds * 1000),
        ..TargetOverride::default()
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
        text,
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
        latest_s: START_S + 100,
        stage: Stage::Ended,
        running: None,
        waits_for: None,
        conversation: Some(Conversation {
            channel: "Voice",
            queue: BILLING,
            direction: Cow::Borrowed("inbound"),
            direction_told: true,
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
        destinations: vec![DestinationKey {
            queue: BILLING,
            ..DestinationKey::default()
        }],
        names: vec![("qu-1", "Billing")],
    }
}

fn live(conversation: Option<&'static str>, session: Option<&'static str>) -> Derived<'static> {
    Derived {
        stage: Stage::Live,
        conversation: None,
        facts: Vec::new(),
        end_s: None,
        latest_s: START_S,
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
fn what_lies_below_the_floor_is_left_alone() {
    let mut bench = Bench::new();
    let mut old = answered(Some("c-1"), None);
    (old.start_s, old.end_s) = (Some(FLOOR_S - 100), Some(FLOOR_S - 1));
    old.latest_s = FLOOR_S - 1;
    assert_eq!(bench.read(std::slice::from_ref(&old)).unchanged, 1);
    assert_eq!(bench.ledger.tracked, 0);
    (old.end_s, old.latest_s) = (Some(FLOOR_S), FLOOR_S);
    assert_eq!(bench.read(&[old]).applied, 1, "its end is at the floor");
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
