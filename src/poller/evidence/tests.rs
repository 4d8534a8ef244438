use super::*;
use crate::evidence::Reading;
use crate::fact::{Derived, Fact, Identity, Kind, Rule};
use crate::ledger::{Batch, DEFAULT_TARGET, Entry, Forgotten, Ids, Key, Known, Targets};
use proptest::prelude::*;

const START_S: i64 = 1_790_000_000;
const SETTLE_S: i64 = 30;
const READ_EVERY_S: i64 = 15;

/// A conversation as it turns out in the end.
#[derive(Debug, Clone, Copy)]
struct Talk {
    number: u32,
    ended_s: i64,
    queue: Option<&'static str>,
    abandoned: bool,
    /// Looked abandoned until its agent's segment appeared.
    looked_abandoned: bool,
    /// Was listed as running before.
    ran: bool,
    /// Wanted an agent.
    offered: bool,
}

impl Talk {
    /// What its record says at a reading; `None` before it is listed.
    fn stage(&self, now_s: i64) -> Option<Stage> {
        let ago_s = now_s - self.ended_s;
        let unanswered = self.abandoned || self.looked_abandoned;
        match ago_s {
            ..0 => self.ran.then_some(Stage::Live).filter(|_| ago_s > -60),
            0..SETTLE_S if unanswered => Some(Stage::Settling),
            _ => Some(Stage::Ended),
        }
    }

    fn derived<'a>(&'a self, id: &'a str, stage: Stage) -> Derived<'a> {
        let abandoned = self.abandoned || self.looked_abandoned && stage == Stage::Settling;
        let (outcome, rule) = if abandoned {
            (Outcome::Abandoned, Rule::UserHungUp)
        } else {
            (Outcome::Answered, Rule::AgentAnswered)
        };
        let queue = Queue {
            id: None,
            name: self.queue,
        };
        let conversation = fact::Conversation {
            channel: "Voice",
            queue,
            direction: if self.offered { "inbound" } else { "outbound" }.into(),
            direction_told: true,
            outcome,
            rule,
            offered: self.offered,
            first_answer: None,
            ended_s: self.ended_s,
        };
        let counts = Fact {
            kind: Kind::Conversation,
            destination: 0,
            element: None,
            queue: None,
            text: outcome.as_str(),
            agent: None,
            millis: 0,
        };
        Derived {
            identity: Identity {
                conversation: Some(id),
                session: None,
            },
            start_s: Some(self.ended_s - 100),
            end_s: Some(self.ended_s),
            latest_s: self.ended_s,
            stage,
            running: None,
            waits_for: None,
            conversation: (stage != Stage::Live).then_some(conversation),
            facts: (stage == Stage::Ended)
                .then_some(counts)
                .into_iter()
                .collect(),
            rejects: Vec::new(),
            destinations: Vec::new(),
            names: Vec::new(),
        }
    }
}

/// A ledger, what a store would hold beside it, and the evidence.
struct Account {
    ledger: Ledger,
    entries: FxHashMap<Id, Entry>,
    detector: Detector,
}

impl Account {
    fn new() -> Account {
        let policy = Policy {
            targets: Targets::new(DEFAULT_TARGET, [], []),
            max_series_per_metric: 100,
            per_agent: false,
        };
        Account {
            ledger: Ledger::new(Key([7; 16]), policy),
            entries: FxHashMap::default(),
            detector: Detector::new(Settings::default()),
        }
    }

    fn read(&mut self, talks: &[(Talk, Stage)], now_s: i64) {
        let ids: Vec<String> = talks
            .iter()
            .map(|(talk, _)| talk.number.to_string())
            .collect();
        let records = talks.iter().zip(&ids).map(|((talk, stage), id)| {
            let derived = talk.derived(id, *stage);
            Version {
                ids: self.ledger.key.ids(&derived.identity),
                digest: u64::from(talk.number) << 2 | *stage as u64,
                derived,
            }
        });
        let records: Vec<Version<'_>> = records
            .filter(|version| !self.ledger.digests.contains(&version.digest))
            .collect();
        let known = |Ids { conversation, .. }: Ids| self.entries.get(&conversation?).cloned();
        let known = records.iter().filter_map(|version| known(version.ids));
        let known = Known {
            entries: known.map(|entry| (entry.id, entry)).collect(),
            ..Known::default()
        };
        let said = said(&records);
        let batch = Batch {
            records,
            ..Batch::default()
        };
        let commit = self.ledger.apply(batch, known, 0);
        take(&mut self.detector, &said, &commit, &self.ledger, now_s);
        for change in &commit.entries {
            self.entries.insert(change.entry.id, change.entry.clone());
        }
        self.ledger.absorb(commit, Forgotten::default());
    }
}

fn readings(detector: &mut Detector, now_s: i64) -> Vec<String> {
    let told = |reading: Reading<'_>| format!("{reading:?}");
    let mut readings: Vec<String> = detector.readings(now_s).map(told).collect();
    readings.sort();
    readings
}

/// The evidence of those that were offered, as they turned out, in the order of their ends.
fn of_the_truth(talks: &[Talk]) -> Detector {
    let mut detector = Detector::new(Settings::default());
    let ledger = Account::new().ledger;
    for talk in talks.iter().filter(|talk| talk.offered) {
        let ids = ledger.key.ids(&Identity {
            conversation: Some(&talk.number.to_string()),
            session: None,
        });
        detector.put(
            number(ids.conversation.unwrap()),
            &Conversation {
                ended_s: talk.ended_s,
                channel: "Voice",
                queue: talk.queue,
                abandoned: talk.abandoned,
                target: 0.05,
            },
        );
    }
    detector
}

/// Three hours, the last quarter of an hour of them a spike.
fn talks() -> impl Strategy<Value = Vec<Talk>> {
    let talk = (
        1..40_i64,
        0..3_usize,
        0..100_u32,
        0..100_u32,
        any::<[bool; 2]>(),
    );
    prop::collection::vec(talk, 500..600).prop_map(|talks| {
        let mut ended_s = START_S;
        let of = talks.len();
        let talks = talks.into_iter().enumerate();
        let talks = talks.map(|(number, (after_s, queue, dice, again, [ran, wanted]))| {
            ended_s += after_s;
            let odds = if number * 10 > of * 9 { 60 } else { 5 };
            let abandoned = dice < odds;
            Talk {
                number: number as u32,
                ended_s,
                queue: [Some("Billing"), Some("Sales"), None][queue],
                abandoned,
                looked_abandoned: !abandoned && again < 10,
                ran,
                offered: wanted || again < 80,
            }
        });
        talks.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn evidence_is_that_of_the_truth_however_it_came_to_be_known(
        talks in talks(),
        order: u64,
    ) {
        let mut account = Account::new();
        let last_s = talks.last().unwrap().ended_s;
        let mut now_s = START_S;
        while now_s <= last_s + SETTLE_S + READ_EVERY_S {
            // The last ten minutes are read over and over, in an order of their own each time.
            let young = talks.iter().filter(|talk| talk.ended_s > now_s - 600);
            let mut listed: Vec<(Talk, Stage)> = young
                .filter_map(|talk| Some((*talk, talk.stage(now_s)?)))
                .collect();
            let key = |talk: &Talk| u64::from(talk.number).wrapping_mul(order | 1).rotate_left(now_s as u32);
            listed.sort_by_key(|(talk, _)| key(talk));
            account.read(&listed, now_s);
            now_s += READ_EVERY_S;
        }
        let mut truth = of_the_truth(&talks);
        let expected = readings(&mut truth, now_s);
        prop_assert!(!expected.is_empty());
        prop_assert_eq!(readings(&mut account.detector, now_s), expected.clone());
        prop_assert_eq!(account.detector.counts().late, 0);

        // What was not stored is found again in the conversations that are.
        let mut again = anew(&account.ledger, Settings::default(), now_s);
        prop_assert_eq!(readings(&mut again, now_s), expected);
    }
}

#[test]
fn a_conversation_speaks_when_it_has_ended_and_is_taken_back_when_it_turns_out_otherwise() {
    let talk = |number: u32, ended_s: i64| Talk {
        number,
        ended_s,
        queue: Some("Billing"),
        abandoned: false,
        looked_abandoned: false,
        ran: false,
        offered: true,
    };
    let mut account = Account::new();
    // Two quiet hours, so that there is something to compare with.
    let past: Vec<(Talk, Stage)> = (0..240)
        .map(|number| (talk(number, START_S + i64::from(number) * 30), Stage::Ended))
        .collect();
    for talk in &past {
        account.read(&[*talk], talk.0.ended_s);
    }
    // None ends later than the newest, so that none leaves the quarter of an hour.
    let now_s = START_S + 239 * 30;
    let recent = |account: &mut Account| {
        let mut scopes = account.detector.readings(now_s);
        scopes
            .find(|it| it.scope.labels()[0] == "account")
            .unwrap()
            .recent
    };
    let (offered, abandoned) = recent(&mut account);
    assert_eq!(abandoned, 0);

    // It hung up, as it seems; then its agent's segment appears.
    let seems = Talk {
        looked_abandoned: true,
        ..talk(1_000, now_s)
    };
    account.read(&[(seems, Stage::Settling)], now_s);
    assert_eq!(recent(&mut account), (offered + 1, 1));
    account.read(&[(seems, Stage::Ended)], now_s + 15);
    assert_eq!(recent(&mut account), (offered + 1, 0));

    // It hung up, as it seems; then it goes on.
    let goes_on = Talk {
        abandoned: true,
        ..talk(1_001, now_s)
    };
    account.read(&[(goes_on, Stage::Settling)], now_s);
    assert_eq!(recent(&mut account), (offered + 2, 1));
    account.read(&[(goes_on, Stage::Live)], now_s + 15);
    assert_eq!(recent(&mut account), (offered + 1, 0));
}
