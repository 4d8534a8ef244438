//! What was counted, and how it was corrected since, is what the records say in the end: whatever was read on the way, in
//! whatever order, with deaths and restarts in between.

use super::counting::{Exporter, NOW_S};
use crate::support::Page;
use crate::support::scene::{Scene, Setting, plan_since};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use smartassist_exporter::ledger::{Measure, Sample, Value};
use std::collections::BTreeMap;
use std::fs;

/// By fact and word: how many there are, and how long they were, in milliseconds.
type Recount = BTreeMap<(String, String), (i64, i64)>;

/// Which fact a measure counts, and the label that is its word.
const FACTS: [(Measure, &str, Option<&str>); 21] = [
    (Measure::Conversations, "conversation", Some("outcome")),
    (Measure::Conversations, "channel", Some("channel")),
    (Measure::Conversations, "queue", Some("queue")),
    (Measure::Conversations, "direction", Some("direction")),
    (Measure::Offered, "offered", None),
    (Measure::SessionDuration, "session_duration", None),
    (Measure::FinalStatus, "final_status", Some("status")),
    (Measure::Disconnects, "disconnect", Some("event")),
    (Measure::Dispositions, "disposition", Some("disposition")),
    (Measure::AgentRequests, "agent_request", Some("intent")),
    (Measure::Csat, "csat", Some("score")),
    (Measure::Nps, "nps", Some("score")),
    (Measure::LikeDislike, "like_dislike", Some("response")),
    (Measure::QueueEntries, "queue_entry", Some("outcome")),
    (Measure::QueueWait, "queue_wait", Some("outcome")),
    (Measure::Transfers, "transfer", None),
    (Measure::AgentPickup, "agent_pickup", None),
    (Measure::FirstResponse, "first_response", None),
    (Measure::Interaction, "interaction", None),
    (Measure::AfterCallWork, "after_call_work", None),
    (
        Measure::AgentNonresponses,
        "agent_nonresponse",
        Some("event"),
    ),
];

/// What is corrected under another fact or by what that tells, and what is no fact.
const OTHERS: [Measure; 14] = [
    Measure::AnsweredWithinTarget,
    Measure::AbandonedAgentRequests,
    Measure::Voicemails,
    Measure::Consults,
    Measure::OutcomeDisagreements,
    Measure::Callbacks,
    Measure::CallbackWait,
    Measure::ByAgentPickup,
    Measure::ByAgentFirstResponse,
    Measure::ByAgentInteraction,
    Measure::ByAgentAfterCallWork,
    Measure::ByAgentNonresponses,
    Measure::Corrections,
    Measure::CorrectionSeconds,
];

#[test]
fn every_measure_that_counts_facts_is_looked_at() {
    let sums = Measure::ALL.iter().filter(|measure| measure.is_sum());
    let named: Vec<Measure> = FACTS.iter().map(|row| row.0).chain(OTHERS).collect();
    let missing: Vec<_> = sums.filter(|measure| !named.contains(measure)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

fn label<'s>(sample: &'s Sample, name: &str) -> &'s str {
    let names = sample.measure.metric().labels;
    let at = names.iter().position(|it| *it == name).unwrap();
    &sample.labels[at]
}

fn recount(exporter: &Exporter) -> Recount {
    let mut recount = Recount::new();
    let mut add = |fact: &str, word: &str, count: i64, millis: i64| {
        let it = recount
            .entry((fact.to_owned(), word.to_owned()))
            .or_default();
        (it.0, it.1) = (it.0 + count, it.1 + millis);
    };
    for sample in &exporter.view().sums {
        let (count, millis) = match &sample.value {
            Value::Count(count) => (count.cast_signed(), 0),
            Value::Millis(millis) => (0, millis.cast_signed()),
            Value::Histogram {
                buckets,
                sum_millis,
            } => (
                buckets.iter().sum::<u64>().cast_signed(),
                sum_millis.cast_signed(),
            ),
            Value::Gauge(_) => continue,
        };
        for (_, fact, word) in FACTS.iter().filter(|row| row.0 == sample.measure) {
            add(
                fact,
                word.map_or("counted", |word| label(sample, word)),
                count,
                0,
            );
            add(fact, "", 0, millis);
        }
        match sample.measure {
            Measure::Callbacks => {
                let fact = format!("callback_{}", label(sample, "stage"));
                add(&fact, "counted", count, 0);
            }
            Measure::CallbackWait => {
                add("callback_wait", "counted", count, 0);
                add("callback_wait", "", 0, millis);
            }
            Measure::Corrections => {
                for (label_name, sign) in [("from", -1), ("to", 1)] {
                    let word = label(sample, label_name);
                    if !word.is_empty() {
                        add(label(sample, "fact"), word, sign * count, 0);
                    }
                }
            }
            Measure::CorrectionSeconds => {
                let sign = if label(sample, "direction") == "up" {
                    1
                } else {
                    -1
                };
                add(label(sample, "fact"), "", 0, sign * millis);
            }
            _ => {}
        }
    }
    // Who has read only the last version may not know what a queue is called.
    for (id, name) in [("qu-1", "Sales"), ("qu-2", "Billing")] {
        let queue = |word: &str| ("queue".to_owned(), word.to_owned());
        let under_id = recount.remove(&queue(id)).unwrap_or_default();
        recount.entry(queue(name)).or_default().0 += under_id.0;
    }
    recount.retain(|_, it| *it != (0, 0));
    recount
}

fn shown(at_s: i64) -> String {
    smartassist_exporter::api::format_utc(at_s)
}

/// Some of the words that a field may have; none: it is not there.
fn word(words: &'static [&'static str]) -> impl Strategy<Value = Option<&'static str>> {
    proptest::option::weighted(0.8, proptest::sample::select(words))
}

fn put(record: &mut Json, field: &str, value: Option<impl Into<Json>>) {
    if let Some(value) = value {
        record[field] = value.into();
    }
}

fn agent() -> impl Strategy<Value = Json> {
    let id = word(&["u-1", "u-2"]);
    let times = (1..3_i64, proptest::option::weighted(0.7, 3..6_i64));
    let durations = vec(proptest::option::weighted(0.6, 0..4_i64), 3);
    (id, times, durations).prop_map(|(id, (assigned, accepted), durations)| {
        let at = |after: i64| shown(NOW_S - 40_000 + after);
        let mut agent = json!({"assignedAt": at(assigned)});
        put(&mut agent, "agentId", id);
        put(&mut agent, "acceptedTime", accepted.map(at));
        put(&mut agent, "firstResponseDuration", durations[0]);
        put(&mut agent, "interactionDuration", durations[1]);
        put(
            &mut agent,
            "interactionEndTime",
            durations[1].map(|it| at(10 + it)),
        );
        put(&mut agent, "afterCallWorkDuration", durations[2]);
        put(
            &mut agent,
            "afterCallWorkEndTime",
            durations[2].map(|it| at(20 + it)),
        );
        agent
    })
}

fn destination() -> impl Strategy<Value = Json> {
    let offer = (word(&["u-1", "u-2"]), word(&["Ignored", "Rejected"])).prop_map(|(id, event)| {
        let mut offer = json!({"assignedAt": shown(NOW_S - 39_999)});
        put(&mut offer, "agentId", id);
        put(&mut offer, "nonResponseEvent", event);
        offer
    });
    // Whether its id and its name are told. One that is called otherwise is the same queue, and corrects nothing.
    let queue = (any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(first, id, name)| {
        let (its_id, its_name) = if first {
            ("qu-1", "Sales")
        } else {
            ("qu-2", "Billing")
        };
        (id.then_some(its_id), name.then_some(its_name))
    });
    let all = (
        queue,
        proptest::option::weighted(0.8, 0..3_i64),
        proptest::option::weighted(0.6, agent()),
        vec(offer, 0..3),
        any::<[bool; 3]>(),
    );
    all.prop_map(|((id, name), entered, agent, offers, [opted, accepted, flat])| {
        if let (true, Some(agent)) = (flat, &agent) {
            let mut segment = agent.clone();
            segment["destinationType"] = json!("AgentSegment");
            return segment;
        }
        let mut entry = json!({"destinationType": "QueueEntry", "CallbackOpted": opted, "nonRespondingAgents": offers});
        put(&mut entry, "queueId", id);
        put(&mut entry, "queueName", name);
        put(&mut entry, "EnterTime", entered.map(|after| shown(NOW_S - 40_000 + after)));
        put(&mut entry, "respondingAgent", agent);
        if opted {
            entry["CallbackOptedTime"] = json!(format!("{}Z", shown(NOW_S - 39_998)));
        }
        if opted && accepted {
            entry["userCallbackAcceptTime"] = json!(format!("{}Z", shown(NOW_S - 39_000)));
        }
        entry
    })
}

/// A version of the one conversation, in which anything may read differently.
fn version() -> impl Strategy<Value = Json> {
    let words = (
        word(&["Voice", "System Mail"]),
        word(&["CLOSED", "USER ABANDONED", "BotResolved"]),
        word(&["User Hangup", "Agent Closed"]),
        // One that is not told is assumed, and revises none that was.
        proptest::sample::select(vec!["Inbound", "Outbound"]),
        word(&["Refund", "Address"]),
    );
    let scores = vec(proptest::option::weighted(0.5, 0..3_i64), 3);
    let dispositions = vec(
        proptest::sample::select(vec!["Resolved", "resolved", "DROP-OFF"]),
        0..3,
    );
    let all = (
        words,
        scores,
        dispositions,
        vec(destination(), 0..4),
        0..4_i64,
    );
    all.prop_map(|((channel, status, event, direction, intent), scores, dispositions, stops, longer)| {
        let mut record = json!({
            "conversationId": "c-1", "sessionStartTime": shown(NOW_S - 41_000),
            "sessionEndTime": shown(NOW_S - 30_000 + longer), "finalStatus": status.unwrap_or("CLOSED"),
            "dispositions": dispositions, "destinations": stops,
        });
        put(&mut record, "channel", channel);
        put(&mut record, "disconnectingEvent", event);
        record["customerinfo"] = json!({"Direction": direction});
        put(&mut record, "metaInfo", intent.map(|it| json!({"agentTransferConfig": {"lastIntentName": it}})));
        put(&mut record, "csatScore", scores[0].map(|it| it + 1));
        put(&mut record, "npsScore", scores[1]);
        put(&mut record, "likeDislikeScore", scores[2].filter(|it| *it < 2));
        record
    })
}

/// What happens between two versions.
#[derive(Debug, Clone, Copy)]
enum Then {
    Nothing,
    Restart,
    /// The next one is read, and its commit never made.
    Die,
    /// The next one stands in one window with the one before.
    Beside,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn counts_and_corrections_are_what_the_records_say_in_the_end(
        versions in vec((version(), proptest::sample::select(vec![
            Then::Nothing, Then::Nothing, Then::Restart, Then::Die, Then::Beside,
        ])), 1..6),
        last in proptest::option::of(version()), which in any::<proptest::sample::Index>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut exporter = Exporter::open(folder.path());
        // One that was read before, too: its bytes are known then.
        let last = last.unwrap_or_else(|| which.get(&versions).0.clone());
        let mut before: Option<Json> = None;
        for (version, then) in versions {
            let mut window = vec![version.clone()];
            match then {
                Then::Nothing => {}
                Then::Restart => exporter = exporter.restart(folder.path()),
                Then::Die => exporter.read_and_die(&window),
                Then::Beside => window.extend(before.take()),
            }
            exporter.read(&window);
            before = Some(version);
        }
        for _ in 0..2 {
            exporter.read(std::slice::from_ref(&last));
        }
        let corrected = recount(&exporter);

        let afresh = tempfile::tempdir().unwrap();
        let mut witness = Exporter::open(afresh.path());
        witness.read(&[last]);
        prop_assert_eq!(corrected, recount(&witness));
    }
}

/// How many dispositions there are of each, by counts and corrections.
fn dispositions(page: &Page) -> BTreeMap<String, f64> {
    let mut dispositions = BTreeMap::new();
    let mut add = |text: &str, more: f64| {
        if !text.is_empty() {
            *dispositions.entry(text.to_owned()).or_default() += more;
        }
    };
    for (labels, count) in page.family("smartassist_dispositions_total") {
        add(&labels["disposition"], count);
    }
    for (labels, count) in page.family("smartassist_corrections_total") {
        if labels["fact"] == "disposition" {
            add(&labels["from"], -count);
            add(&labels["to"], count);
        }
    }
    dispositions.retain(|_, count| *count != 0.0);
    dispositions
}

/// One centre as it is, and as it is two hours later: supervisors have replaced dispositions meanwhile.
#[test]
fn what_supervisors_replace_is_corrected_to_what_the_centre_says() {
    let later_s = 7_200;
    let mut plan = plan_since(5 * 3_600, 800.0);
    plan.replaced_dispositions = 1.0;
    let scene = |ahead_s: i64| {
        let mut setting = Setting::of(800.0);
        (setting.plan, setting.ahead_s) = (plan.clone(), ahead_s);
        setting.poll =
            "{interval: 1s, settle: 0s, initial_lookback: 6h, max_lookback: 1d}".to_owned();
        Scene::new(setting)
    };
    let before = scene(-later_s);
    let exporter = before.serve();
    before.ends_with_the_truth(&exporter, 60);
    assert_eq!(exporter.signal("TERM"), Some(0));

    let after = scene(0);
    let data = |scene: &Scene| scene.home.folder.path().join("data");
    fs::rename(data(&before), data(&after)).unwrap();
    let exporter = after.serve();
    after.centre.simulator.freeze();
    let truth = after.centre.simulator.truth(&after.witness);
    let mut wanted: BTreeMap<String, f64> = BTreeMap::new();
    for (series, count) in &truth.counters {
        let text = series
            .labels
            .iter()
            .find(|(label, _)| *label == "disposition");
        if let Some((_, text)) = text {
            *wanted.entry(text.clone()).or_default() += *count as f64;
        }
    }
    let page = exporter.wait_for("what the centre says", 60, |page| {
        dispositions(page) == wanted
    });
    let replaced = page.sum("smartassist_corrections_total", &[("to", "")]);
    assert!(replaced > 5.0, "{replaced} replaced are no test");
    let mut others = after.differences(&page);
    others.retain(|it| {
        !it.starts_with("smartassist_dispositions_") && !it.starts_with("smartassist_correction")
    });
    assert!(others.is_empty(), "{others:#?}");
}
