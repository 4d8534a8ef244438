//! Laws of counting, over the real path from record bytes to the database: whatever is delivered again, late, early,
//! out of order or lost in a crash, the sums are those of the final records.

use super::counting::{Exporter, NOW_S};
use crate::support::place_of;
use crate::support::postgres::Postgres;
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use smartassist_exporter::ledger::{Commit, Measure, RecentWindow, Showing, Value};
use smartassist_exporter::store::{Kept, Place, Store};
use std::collections::BTreeMap;

/// A conversation as it is in the end; its versions leave out what comes late.
#[derive(Debug, Clone)]
pub struct Story {
    pub number: usize,
    pub kind: usize,
    pub queue: usize,
    wait_s: i64,
    talk_s: i64,
    csat: Option<u8>,
    dispositions: usize,
}

/// Live; ended; with after-call work; with dispositions and survey.
pub const VERSIONS: usize = 4;

impl Story {
    fn start_s(&self) -> i64 {
        NOW_S - 86_400 + self.number as i64 * 60
    }

    fn end_s(&self) -> i64 {
        self.start_s() + 5 + self.wait_s + self.talk_s
    }

    fn channel(&self) -> &'static str {
        ["Voice", "Web/Mobile Client"][self.number % 2]
    }

    pub fn version(&self, version: usize) -> Json {
        let start_s = self.start_s();
        let at = |after_s: i64| utc(start_s + after_s);
        let session = format!("{start_s:08x}aaaaaaaa{:08x}", self.number);
        let channel = self.channel();
        let mut record = json!({
            "sessionId": session, "channel": channel,
            "sessionStartTime": at(0), "finalStatus": "ACTIVE",
        });
        if self.kind > 0 {
            record["conversationId"] = json!(format!("c-{}", self.number));
            let intent = [json!("Pay Bill"), json!("none"), json!(null)][self.number % 3].clone();
            record["metaInfo"] =
                json!({"firstName": "Jane", "agentTransferConfig": {"lastIntentName": intent}});
        }
        if version == 0 {
            return record;
        }
        let (accepted_s, end_s) = (5 + self.wait_s, 5 + self.wait_s + self.talk_s);
        record["sessionEndTime"] = json!(at(end_s));
        record["disconnectingEvent"] = json!("User Hangup");
        let entry = json!({"destinationType": "QueueEntry", "queueId": format!("qu-{}", self.queue),
            "queueName": format!("Queue {}", self.queue), "EnterTime": at(5)});
        match self.kind {
            0 => record["finalStatus"] = json!("BotResolved"),
            1 => {
                record["finalStatus"] = json!("USER ABANDONED");
                record["destinations"] = json!([entry]);
            }
            _ => {
                record["finalStatus"] = json!("CLOSED");
                let mut entry = entry;
                let mut agent = json!({"agentId": "u-1", "status": "Answered", "assignedAt": at(5),
                    "acceptedTime": at(accepted_s), "interactionEndTime": at(end_s), "interactionDuration": self.talk_s});
                if version >= 2 {
                    agent["afterCallWorkDuration"] = json!(7);
                    agent["afterCallWorkEndTime"] = json!(at(end_s + 7));
                }
                entry["respondingAgent"] = agent;
                record["destinations"] = json!([entry]);
            }
        }
        if version >= 3 {
            let dispositions: Vec<String> = (0..self.dispositions)
                .map(|number| format!("D{number}"))
                .collect();
            record["dispositions"] = json!(dispositions);
            if let Some(score) = self.csat {
                record["surveyType"] = json!("csat");
                record["csatScore"] = json!(score);
            }
        }
        record
    }
}

fn utc(at_s: i64) -> String {
    let (days, second) = (at_s.div_euclid(86_400), at_s.rem_euclid(86_400));
    // 2026-09-21 is day 20,717 of the epoch; the stories stay within September 2026.
    let day = days - 20_717 + 21;
    format!(
        "2026-09-{day:02}T{:02}:{:02}:{:02}",
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

pub fn stories() -> impl Strategy<Value = Vec<Story>> {
    let story = (
        0..3_usize,
        0..3_usize,
        0..90_i64,
        1..4_000_i64,
        proptest::option::of(1..6_u8),
        0..3_usize,
    );
    proptest::collection::vec(story, 1..12).prop_map(|stories| {
        let story = |(number, (kind, queue, wait_s, talk_s, csat, dispositions))| Story {
            number,
            kind,
            queue,
            wait_s,
            talk_s,
            csat,
            dispositions,
        };
        stories.into_iter().enumerate().map(story).collect()
    })
}

/// What happens to the exporter: a window with some versions of some conversations, in some order; and then?
#[derive(Debug, Clone)]
enum Step {
    Read(Vec<(usize, usize)>),
    Die(Vec<(usize, usize)>),
    Restart,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let window = || proptest::collection::vec((0..12_usize, 0..VERSIONS), 0..20);
    let step = prop_oneof![
        6 => window().prop_map(Step::Read),
        2 => window().prop_map(Step::Die),
        1 => Just(Step::Restart),
    ];
    proptest::collection::vec(step, 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_sums_are_those_of_the_final_records(stories in stories(), steps in steps()) {
        let folder = tempfile::tempdir().unwrap();
        ends_with_the_final_sums(&stories, &steps, &folder.path().into())?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_they_are_so_in_a_shared_database(stories in stories(), steps in steps()) {
        let database = Postgres::shared().database();
        ends_with_the_final_sums(&stories, &steps, &place_of(&database))?;
    }
}

fn ends_with_the_final_sums(
    stories: &[Story],
    steps: &[Step],
    at: &Place,
) -> Result<(), TestCaseError> {
    let mut exporter = Exporter::open(at.clone());
    let records = |picks: &[(usize, usize)]| -> Vec<Json> {
        picks
            .iter()
            .map(|(story, version)| stories[story % stories.len()].version(*version))
            .collect()
    };
    for step in steps {
        match step {
            Step::Read(picks) => {
                exporter.read(&records(picks));
            }
            Step::Die(picks) => {
                exporter.read_and_die(&records(picks));
                exporter = exporter.restart(at.clone());
            }
            Step::Restart => exporter = exporter.restart(at.clone()),
        }
    }
    let last: Vec<Json> = stories
        .iter()
        .map(|story| story.version(VERSIONS - 1))
        .collect();
    exporter.read(&last);
    prop_assert_eq!(
        exporter.read(&last).applied,
        0,
        "read again, nothing is new"
    );
    let exporter = exporter.restart(at.clone());

    let other = tempfile::tempdir().unwrap();
    let mut once = Exporter::open(other.path());
    once.read(&last);
    // Who went back to an older version and forth again was corrected on the way.
    prop_assert_eq!(exporter.counted(), once.view().sums);
    // Counted a second way, from the stories themselves.
    let count =
        |holds: &dyn Fn(&Story) -> bool| stories.iter().filter(|story| holds(story)).count() as u64;
    prop_assert_eq!(exporter.count(Measure::Conversations), stories.len() as u64);
    prop_assert_eq!(
        exporter.count(Measure::Offered),
        count(&|story| story.kind > 0)
    );
    prop_assert_eq!(
        exporter.count(Measure::AgentRequests),
        count(&|story| story.kind > 0)
    );
    prop_assert_eq!(
        exporter.count(Measure::AbandonedAgentRequests),
        count(&|story| story.kind == 1)
    );
    prop_assert_eq!(
        exporter.count(Measure::AfterCallWork),
        count(&|story| story.kind == 2)
    );
    prop_assert_eq!(
        exporter.count(Measure::Csat),
        count(&|story| story.csat.is_some())
    );
    let dispositions: usize = stories.iter().map(|story| story.dispositions).sum();
    prop_assert_eq!(exporter.count(Measure::Dispositions), dispositions as u64);
    prop_assert_eq!(exporter.ledger.tracked, stories.len() as u64);
    prop_assert_eq!(recent_shown(&exporter), recent_told(stories));
    Ok(())
}

/// Some stories end before it, some within, some after.
fn window() -> RecentWindow {
    RecentWindow {
        label: "now".into(),
        from_s: NOW_S - 86_400 + 300,
        to_s: NOW_S - 86_400 + 2_000,
    }
}

/// By measure, channel and queue; direction and outcome added up.
type Recent = BTreeMap<(Measure, String, String), f64>;

fn recent_shown(exporter: &Exporter) -> Recent {
    let view = exporter.ledger.view(&Showing {
        account: "acme".into(),
        sums: false,
        windows: vec![window()],
    });
    let mut shown = Recent::new();
    for sample in view.gauges {
        if let (true, Value::Gauge(value)) = (RECENT.contains(&sample.measure), &sample.value) {
            let place = [1, 2].map(|label| sample.labels[label].to_string());
            let [channel, queue] = place;
            *shown.entry((sample.measure, channel, queue)).or_default() += value;
        }
    }
    shown
}

const RECENT: [Measure; 6] = [
    Measure::RecentConversations,
    Measure::RecentOffered,
    Measure::RecentAbandoned,
    Measure::RecentAnsweredWithinTarget,
    Measure::RecentSpeedOfAnswer,
    Measure::RecentCsatMean,
];

/// The same, from the stories themselves.
fn recent_told(stories: &[Story]) -> Recent {
    let RecentWindow { from_s, to_s, .. } = window();
    let mut places: BTreeMap<(String, String), Vec<&Story>> = BTreeMap::new();
    for story in stories {
        if from_s < story.end_s() && story.end_s() <= to_s {
            let queue = match story.kind {
                0 => "none".to_owned(),
                _ => format!("Queue {}", story.queue),
            };
            let place = (story.channel().to_owned(), queue);
            places.entry(place).or_default().push(story);
        }
    }
    let mut told = Recent::new();
    for ((channel, queue), stories) in places {
        let mut tell = |measure, value| {
            told.insert((measure, channel.clone(), queue.clone()), value);
        };
        let count = |holds: &dyn Fn(&Story) -> bool| {
            stories.iter().filter(|story| holds(story)).count() as f64
        };
        tell(Measure::RecentConversations, stories.len() as f64);
        tell(Measure::RecentOffered, count(&|story| story.kind > 0));
        tell(Measure::RecentAbandoned, count(&|story| story.kind == 1));
        let answered = |story: &Story| story.kind == 2;
        tell(
            Measure::RecentAnsweredWithinTarget,
            count(&|story| answered(story) && story.wait_s <= 20),
        );
        let waits = stories.iter().filter(|story| answered(story));
        if let Some(mean) = mean(waits.map(|story| story.wait_s as f64)) {
            tell(Measure::RecentSpeedOfAnswer, mean);
        }
        let scores = stories.iter().filter_map(|story| story.csat);
        if let Some(mean) = mean(scores.map(f64::from)) {
            tell(Measure::RecentCsatMean, mean);
        }
    }
    told
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let values: Vec<f64> = values.collect();
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

#[test]
fn a_second_exporter_on_one_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let _first = Store::open(folder.path()).unwrap();
    let message = Store::open(folder.path()).unwrap_err().to_string();
    assert!(message.contains("in use by another process"), "{message}");
    assert!(message.contains("hint:"), "{message}");
}

#[test]
fn a_store_of_a_newer_version_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    drop(Store::open(folder.path()).unwrap());
    let file = folder.path().join(smartassist_exporter::store::FILE);
    rusqlite::Connection::open(&file)
        .unwrap()
        .pragma_update(None, "user_version", 99)
        .unwrap();
    let message = Store::open(folder.path()).unwrap_err().to_string();
    assert!(
        message.contains("written by a newer version (format 99"),
        "{message}"
    );
}

#[test]
fn a_commit_that_fails_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let mut exporter = Exporter::open(folder.path());
    let story = Story {
        number: 0,
        kind: 2,
        queue: 0,
        wait_s: 3,
        talk_s: 60,
        csat: Some(5),
        dispositions: 1,
    };
    exporter.read(&[story.version(1)]);
    let file = folder.path().join(smartassist_exporter::store::FILE);
    // A trigger stands for a full disk: it fails the transaction at its last statement.
    let intruder = rusqlite::Connection::open(&file).unwrap();
    intruder
        .execute_batch("CREATE TRIGGER full BEFORE UPDATE ON account BEGIN SELECT RAISE(ABORT, 'disk full'); END")
        .unwrap();
    let before = exporter.view();
    let commit = exporter.apply(&[story.version(3)], |commit| commit);
    let error = exporter
        .store
        .commit(
            exporter.key,
            &exporter.ledger,
            &commit,
            Kept::progress(b"{}"),
        )
        .unwrap_err();
    assert_eq!(error.to_string(), "cannot write to the database: disk full");
    intruder.execute_batch("DROP TRIGGER full").unwrap();
    let mut exporter = exporter.restart(folder.path());
    assert_eq!(exporter.view(), before);
    assert_eq!(
        exporter.read(&[story.version(3)]).applied,
        1,
        "read again, it is counted"
    );
}

#[test]
fn conversations_below_the_floor_are_forgotten_and_the_live_among_them_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut exporter = Exporter::open(folder.path());
    let story = |number| Story {
        number,
        kind: 2,
        queue: 0,
        wait_s: 3,
        talk_s: 60,
        csat: None,
        dispositions: 0,
    };
    exporter.read(&[story(0).version(3), story(1).version(0)]);
    assert_eq!(exporter.ledger.tracked, 2);
    let sums = exporter.view().sums;
    let commit = Commit {
        floor_s: NOW_S,
        ..Commit::default()
    };
    let forgotten = exporter
        .store
        .commit(
            exporter.key,
            &exporter.ledger,
            &commit,
            Kept::progress(b"{}"),
        )
        .unwrap();
    assert_eq!(
        (
            forgotten.entries,
            forgotten.never_ended,
            forgotten.digests.len()
        ),
        (2, 1, 1)
    );
    exporter.ledger.absorb(commit, forgotten);
    assert_eq!(
        (exporter.ledger.tracked, exporter.ledger.digests.len()),
        (0, 0)
    );
    assert_eq!(exporter.view().sums, sums, "what was counted stays counted");
}
