//! One conversation in any versions: destinations put in front, left out and exchanged, fields that are filled in later,
//! offsets measured anew. Whatever was read on the way, in the end each fact is counted once.

use super::counting::{Exporter, NOW_S, count_of};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use smartassist_exporter::ledger::Measure;
use std::collections::BTreeMap;

/// A destination as it is in the end.
#[derive(Debug, Clone)]
struct Stop {
    queue: u8,
    /// Ten seconds apart. Several may be entered at once, several queues at the same time.
    entered: u8,
    agent: Option<u8>,
    /// A segment that an agent passed on to another; it has no queue of its own.
    flat: bool,
    offers: u8,
    callback: bool,
}

/// What a version of the record shows.
#[derive(Debug, Clone)]
struct Version {
    /// Which of the destinations, and in which order: by these numbers.
    order: Vec<u8>,
    /// Bits of what is not told yet.
    untold: u8,
    /// Of zone-less times, as another window measured it.
    offset_s: i32,
    /// Whether all times are shown on a clock that is an hour further.
    moved: bool,
}

const NO_TIME: u8 = 1;
const NO_NAME: u8 = 2;
const NO_WORK: u8 = 4;
const NO_OFFERS: u8 = 8;
const NO_ID: u8 = 16;
const OFFERS_WITHOUT_AGENT: u8 = 32;

fn stop() -> impl Strategy<Value = Stop> {
    let agent = proptest::option::weighted(0.8, 0..3_u8);
    let all = (
        0..3_u8,
        0..6_u8,
        agent,
        any::<bool>(),
        0..3_u8,
        any::<bool>(),
    );
    all.prop_map(|(queue, entered, agent, flat, offers, callback)| Stop {
        queue,
        entered,
        agent,
        flat: flat && agent.is_some(),
        offers,
        callback,
    })
}

/// Nobody enters one queue twice in one second, nor does an agent take two calls then.
fn told_apart(stops: Vec<Stop>) -> Vec<Stop> {
    let mut apart: Vec<Stop> = Vec::new();
    for mut stop in stops {
        let same = |other: &Stop, stop: &Stop| {
            let who = |it: &Stop| {
                if it.flat {
                    (true, it.agent)
                } else {
                    (false, Some(it.queue))
                }
            };
            (who(other), other.entered) == (who(stop), stop.entered)
        };
        while apart.iter().any(|other| same(other, &stop)) {
            stop.entered += 1;
        }
        apart.push(stop);
    }
    apart
}

fn version() -> impl Strategy<Value = Version> {
    let order = vec(any::<u8>(), 5);
    let all = (
        order,
        0..64_u8,
        proptest::sample::select(vec![0, 3_600, 19_800]),
        any::<bool>(),
    );
    all.prop_map(|(order, untold, offset_s, moved)| Version {
        order,
        untold,
        offset_s,
        moved,
    })
}

fn shown(at_s: i64) -> String {
    smartassist_exporter::api::format_utc(at_s)
}

impl Stop {
    fn sent(&self, number: usize, untold: u8, shift_s: i64) -> Json {
        let hidden = |bit| untold & bit != 0;
        let entered_s = NOW_S - 40_000 + i64::from(self.entered) * 10 + shift_s;
        // Each agent's work is its own, so that a count of it tells whose was counted.
        let talk_s = 100 + number as i64;
        let mut agent = json!({});
        if let Some(id) = self.agent {
            agent = json!({"agentId": format!("u-{id}"), "status": "Answered",
                "assignedAt": shown(entered_s + 1), "acceptedTime": shown(entered_s + 5 + number as i64)});
            if !hidden(NO_WORK) {
                agent["interactionDuration"] = json!(talk_s);
                agent["interactionEndTime"] = json!(shown(entered_s + 5 + number as i64 + talk_s));
            }
        }
        if self.flat {
            agent["destinationType"] = json!("AgentSegment");
            return agent;
        }
        let mut entry = json!({"destinationType": "QueueEntry"});
        if !hidden(NO_ID) || hidden(NO_NAME) {
            entry["queueId"] = json!(format!("qu-{}", self.queue));
        }
        if !hidden(NO_NAME) {
            entry["queueName"] = json!(format!("Queue {}", self.queue));
        }
        if !hidden(NO_TIME) {
            entry["EnterTime"] = json!(shown(entered_s));
        }
        if self.callback {
            entry["CallbackOpted"] = json!(true);
        }
        if self.agent.is_some() {
            entry["respondingAgent"] = agent;
        }
        if !hidden(NO_OFFERS) {
            let offer = |offer: u8| {
                let mut told = json!({"assignedAt": shown(entered_s + i64::from(offer)), "nonResponseEvent": "Ignored"});
                if !hidden(OFFERS_WITHOUT_AGENT) {
                    told["agentId"] = json!("u-9");
                }
                told
            };
            entry["nonRespondingAgents"] = (0..self.offers).map(offer).collect();
        }
        entry
    }
}

fn record(destinations: Vec<Json>, shift_s: i64) -> Json {
    json!({
        "conversationId": "c-1", "channel": "Voice", "finalStatus": "CLOSED",
        "customerinfo": {"Direction": "Inbound"},
        "sessionStartTime": shown(NOW_S - 41_000 + shift_s), "sessionEndTime": shown(NOW_S - 30_000 + shift_s),
        "destinations": destinations,
    })
}

fn version_of(stops: &[Stop], version: &Version) -> Json {
    let shift_s = if version.moved { 3_600 } else { 0 };
    let mut places: Vec<usize> = version
        .order
        .iter()
        .map(|place| usize::from(*place) % stops.len())
        .collect();
    let mut seen = Vec::new();
    places.retain(|place| {
        let new = !seen.contains(place);
        seen.push(*place);
        new
    });
    let sent = |place: &usize| stops[*place].sent(*place, version.untold, shift_s);
    record(places.iter().map(sent).collect(), shift_s)
}

fn last_of(stops: &[Stop]) -> Json {
    let sent = |(place, stop): (usize, &Stop)| stop.sent(place, 0, 0);
    record(stops.iter().enumerate().map(sent).collect(), 0)
}

/// How much was counted of each measure; of a queue's own, by the queue.
fn counts(exporter: &Exporter) -> BTreeMap<(Measure, String), u64> {
    let mut counts = BTreeMap::new();
    for sample in &exporter.counted() {
        // An offer of which the agent is told later was counted, and no agent gets it any more. And who was not answered
        // waited until whoever stands behind: in another order, for another time or none.
        let unanswered = sample.measure == Measure::QueueWait
            && !sample.labels.iter().any(|it| &**it == "answered");
        // What is fixed at the first count is fixed by the first version.
        let fixed = matches!(sample.measure, Measure::AnsweredWithinTarget);
        if sample.measure == Measure::ByAgentNonresponses || unanswered || fixed {
            continue;
        }
        let queue = match sample.measure {
            Measure::QueueEntries | Measure::Callbacks | Measure::AgentNonresponses => {
                sample.labels[1].to_string()
            }
            _ => String::new(),
        };
        *counts.entry((sample.measure, queue)).or_default() += count_of(&sample.value);
    }
    counts
}

fn once(record: &Json) -> BTreeMap<(Measure, String), u64> {
    let folder = tempfile::tempdir().unwrap();
    let mut exporter = Exporter::open(folder.path());
    exporter.read(std::slice::from_ref(record));
    counts(&exporter)
}

/// Reads versions, some of them with the one before in the same window, then the last.
fn read_all(stops: &[Stop], versions: &[Version]) -> BTreeMap<(Measure, String), u64> {
    let folder = tempfile::tempdir().unwrap();
    let mut exporter = Exporter::open(folder.path());
    let mut before: Option<Json> = None;
    for version in versions {
        exporter.offset_s = version.offset_s;
        let now = version_of(stops, version);
        let window = match before.replace(now.clone()) {
            Some(before) if version.untold & 1 == 0 => vec![before, now],
            _ => vec![now],
        };
        exporter.read(&window);
    }
    exporter = exporter.restart(folder.path());
    let last = last_of(stops);
    exporter.read(std::slice::from_ref(&last));
    let tally = exporter.read(&[last]);
    assert_eq!(tally.applied, 0, "read again, nothing is new");
    counts(&exporter)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// Where a version tells less, but nothing else, than the last one.
    #[test]
    fn destinations_in_any_order_and_told_bit_by_bit_count_once_each(
        stops in vec(stop(), 1..5), versions in vec(version(), 0..6),
    ) {
        let (stops, mut versions) = (told_apart(stops), versions);
        for version in &mut versions {
            // A queue that is told by its name alone is another than one that is told by its id alone.
            version.untold &= !(NO_NAME | NO_ID | NO_TIME);
            version.moved = false;
        }
        prop_assert_eq!(read_all(&stops, &versions), once(&last_of(&stops)));
    }

    /// Times that are missing or moved leave open which destination is which; but never how many there are.
    #[test]
    fn nothing_is_counted_twice_whatever_is_told_of_destinations(
        stops in vec(stop(), 1..5), versions in vec(version(), 0..6),
    ) {
        let (mut stops, mut versions) = (stops, versions);
        // Of several in one queue, or by one agent, nobody can tell which is which without a time.
        for (number, stop) in (0..).zip(&mut stops) {
            stop.queue = number;
            stop.agent = stop.agent.map(|_| number);
        }
        for version in &mut versions {
            version.untold &= !(NO_NAME | NO_ID);
        }
        let (read, once) = (read_all(&stops, &versions), once(&last_of(&stops)));
        for (measure, count) in &once {
            let read = read.get(measure).copied().unwrap_or_default();
            prop_assert_eq!(read, *count, "{:?}", measure);
        }
        prop_assert!(read.keys().all(|measure| once.contains_key(measure)));
    }
}
