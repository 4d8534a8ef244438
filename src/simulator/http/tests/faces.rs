//! The interfaces beside each other: one world, one instant, the same numbers; and how each of them may depart.

use super::*;
use crate::simulator::fault::{Aim, Interface};
use crate::simulator::now::{Now, PlaceNow};
use std::collections::{BTreeMap, BTreeSet};

fn hour() -> Value {
    json!({"startDate": "2025-10-01T11:00:00.000Z", "endDate": "2025-10-01T12:00:00.000Z"})
}

type Places = BTreeMap<(String, String), PlaceNow>;

/// By source and queue.
fn truth(now: &Now) -> Places {
    let mut places = Places::new();
    for ((channel, queue), place) in &now.places {
        let source = match *channel {
            "Web/Mobile Client" => "rtm",
            "System Mail" => "emailInst-5e17ab1e",
            _ => "Voice",
        };
        places.insert((source.to_owned(), (*queue).to_owned()), *place);
    }
    places
}

fn name(row: &Value, field: &str) -> String {
    row[field].as_str().expect("a text").to_owned()
}

/// What *Queue Performance* tells; it does not know since when somebody waits.
fn of_queues(rows: &[Value], truth: &Places) -> Places {
    let mut places = Places::new();
    for row in rows {
        let number = |field: &str| row[field].as_u64().expect("a number");
        let key = (name(row, "channel"), name(row, "queueName"));
        let since_ms = truth.get(&key).and_then(|place| place.waits_since_ms);
        let place = places.entry(key).or_default();
        place.waiting += number("waiting");
        place.with_agent += number("ongoing");
        place.overdue += number("overdue");
        place.resting += number("idle");
        place.waits_since_ms = since_ms;
    }
    places.retain(|_, place| *place != PlaceNow::default());
    places
}

/// What *List of Conversations* tells.
fn of_list(rows: &[Value], now_ms: i64) -> Places {
    let mut places = Places::new();
    for row in rows {
        let queues = row["queues"].as_array().expect("a list");
        let Some(last) = queues.last() else {
            continue;
        };
        let parts = row["participants"].as_array().expect("a list").iter();
        let queue = parts.rev().find_map(|part| part["queueName"].as_str());
        let source = match row["source"].as_str() {
            Some("audiocodes") => "Voice",
            other => other.expect("a source"),
        };
        let key = (source.to_owned(), queue.expect("a queue").to_owned());
        let place = places.entry(key).or_default();
        match row["status"].as_str().expect("a status") {
            "ACTIVE" => place.with_agent += 1,
            "IDLE" => place.resting += 1,
            _ => {
                let since: jiff::Timestamp = name(last, "startTime").parse().expect("readable");
                let since_ms = since.as_millisecond();
                place.waiting += 1;
                place.overdue += u64::from(now_ms - since_ms > 60_000);
                let earlier = place.waits_since_ms.unwrap_or(since_ms);
                place.waits_since_ms = Some(earlier.min(since_ms));
            }
        }
    }
    places
}

#[tokio::test]
async fn both_live_interfaces_and_the_control_hand_tell_the_same_of_one_instant() {
    let bench = bench_of(crowded(), roomy(), &[]).await;
    for minute in 0..6 {
        let at_ms = NOON_MS + minute * 601_000;
        bench.clock.store(at_ms, Ordering::Relaxed);
        let now = bench.simulator.present();
        assert_eq!(now.at_ms, at_ms);
        let truth = truth(&now);
        assert!(truth.values().any(|place| place.overdue > 0));
        assert_eq!(of_queues(&bench.queues(&hour()).await, &truth), truth);
        let listed = bench.list("&status=OPEN,ACTIVE,IDLE").await;
        assert_eq!(of_list(&listed, at_ms), truth);

        let control = good(bench.client.get(bench.url("/control/truth"))).await;
        let control = &control["now"];
        let places = control["places"].as_array().expect("places");
        assert_eq!(places.len(), now.places.len());
        for (place, ((channel, queue), truth)) in places.iter().zip(&now.places) {
            let longest_ms = truth.waits_since_ms.map_or(0, |since_ms| at_ms - since_ms);
            let expected = json!({"channel": channel, "queue": queue, "waiting": truth.waiting,
                "with_agent": truth.with_agent, "overdue": truth.overdue, "longest_wait_ms": longest_ms});
            assert_eq!(*place, expected);
        }
        assert_eq!(control["agents"].as_object().expect("queues").len(), 4);
    }
}

#[tokio::test]
async fn agents_are_seen_in_every_state_and_are_the_queues_own_on_each_of_its_rows() {
    let bench = bench(roomy()).await;
    let mut seen = BTreeSet::new();
    let mut all: BTreeMap<String, u64> = BTreeMap::new();
    for minute in 0..60 {
        bench
            .clock
            .store(NOON_MS + minute * 20_000, Ordering::Relaxed);
        let mut of_queue: BTreeMap<String, Value> = BTreeMap::new();
        for row in bench.queues(&hour()).await {
            let agents = row["agentStatusCount"].clone();
            let queue = row["queueName"].as_str().expect("a name").to_owned();
            let counts = agents.as_object().expect("states").iter();
            let mut sum = 0;
            for (state, agents) in counts {
                let agents = agents.as_u64().expect("a number");
                sum += agents;
                if agents > 0 {
                    seen.insert(state.clone());
                }
            }
            assert_eq!(
                *all.entry(queue.clone()).or_insert(sum),
                sum,
                "nobody is lost"
            );
            assert_eq!(*of_queue.entry(queue).or_insert(agents.clone()), agents);
        }
    }
    assert_eq!(
        Vec::from_iter(seen),
        ["available", "away", "busy", "offline"]
    );
}

#[tokio::test]
async fn agents_who_opted_out_look_available_and_take_nothing() {
    let bench = bench_of(crowded(), roomy(), &[]).await;
    let agents = async |state: &str| {
        let rows = bench.queues(&hour()).await;
        let of = |row: &Value| row["agentStatusCount"][state].as_u64().expect("a number");
        let by_queue: BTreeMap<String, u64> = rows
            .iter()
            .map(|row| (row["queueName"].to_string(), of(row)))
            .collect();
        by_queue.into_values().sum::<u64>()
    };
    let (available, offline) = (agents("available").await, agents("offline").await);
    bench.simulator.change(|reading| reading.off_queue = 1.0);
    assert_eq!(agents("offline").await, 0);
    assert_eq!(agents("available").await, available + offline);
    assert!(offline > 20, "{offline}");
    let told = bench.simulator.present().staff;
    assert_eq!(
        told.values()
            .map(|[available, ..]| *available as u64)
            .sum::<u64>(),
        available + offline
    );
}

#[tokio::test]
async fn a_renamed_queue_keeps_its_id() {
    let bench = bench_of(crowded(), roomy(), &[]).await;
    let ids = async || {
        let rows = bench.queues(&hour()).await;
        let rows = rows
            .into_iter()
            .map(|row| (row["queueId"].to_string(), row["queueName"].to_string()));
        rows.collect::<BTreeMap<_, _>>()
    };
    let before = ids().await;
    let wanted = json!({"renamed": ["Billing=Accounts = all"]});
    let post = bench.client.post(bench.url("/control/reading"));
    let post = post
        .header("content-type", "application/json")
        .body(wanted.to_string());
    assert_eq!(good(post).await["renamed"], wanted["renamed"]);
    let after = ids().await;
    assert!(before.keys().eq(after.keys()));
    let changed = before.iter().filter(|(id, name)| after[*id] != **name);
    assert_eq!(changed.count(), 1);
    let listed = bench.list("&status=OPEN").await;
    let text = json!(listed).to_string();
    assert!(text.contains("\"Accounts = all\"") && !text.contains("\"Billing\""));
}

#[tokio::test]
async fn a_fault_strikes_the_interface_it_is_aimed_at_or_all_of_them() {
    let bench = bench_of(crowded(), roomy(), &[]).await;
    let statuses = async |aim: Aim| {
        let faults = Faults::new([(aim, 1.0)]).expect("a rate");
        bench.simulator.set_faults(faults);
        let body = window("11:00:00", "11:01:00");
        let mut statuses = Vec::new();
        for request in [
            bench.ask("", &body),
            bench.ask_queues("", &hour()),
            bench.ask_list(""),
            bench.ask_volume(&volume::hour(&bench)),
        ] {
            let answer = request.send().await.expect("an answer");
            statuses.push(answer.status().as_u16());
        }
        statuses
    };
    for (fault, status) in [
        (Fault::TooManyRetryAfter, 429),
        (Fault::Unauthorized, 401),
        (Fault::NotFound, 404),
        (Fault::Internal, 500),
        (Fault::Html, 502),
        (Fault::Redirect, 307),
    ] {
        assert_eq!(statuses(fault.into()).await, [status; 4], "{fault}");
        for (place, only) in Interface::ALL.iter().copied().enumerate() {
            let mut expected = [200; 4];
            expected[place] = status;
            let only = Some(only);
            assert_eq!(statuses(Aim { fault, only }).await, expected, "{fault}");
        }
    }
    let answers = bench.simulator.answers();
    assert_eq!(answers["queue-performance:fault:404"], 2);
    assert_eq!(answers["fault:404"], 2);
}

#[tokio::test]
async fn what_a_live_interface_says_may_be_cut_garbage_too_much_or_never_come() {
    for fault in [Fault::Reset, Fault::CutOff, Fault::Timeout] {
        let bench = bench_of(crowded(), roomy(), &[(fault, 1.0)]).await;
        let millis = if fault == Fault::Timeout { 200 } else { 20_000 };
        for request in [bench.ask_queues("", &hour()), bench.ask_list("?limit=100")] {
            let sent = request.timeout(Duration::from_millis(millis)).send().await;
            let error = match sent {
                Ok(response) => response.bytes().await.expect_err("it is cut off"),
                Err(error) => error,
            };
            assert_eq!(
                error.is_timeout(),
                fault == Fault::Timeout,
                "{fault}: {error:?}"
            );
        }
    }
    let bench = bench_of(crowded(), roomy(), &[]).await;
    let good_rows = bench.list("&status=OPEN").await;
    let strike = |fault: Fault| {
        let faults = Faults::new([(fault, 1.0)]).expect("a rate");
        bench.simulator.set_faults(faults);
    };
    strike(Fault::Garbage);
    let spoiled = good(bench.ask_list("?limit=100&status=OPEN")).await;
    let spoiled = spoiled["results"].as_array().expect("rows").iter();
    let spoiled = spoiled
        .zip(&good_rows)
        .filter(|(row, good)| row != good)
        .count();
    assert!((5..60).contains(&spoiled), "{spoiled}");
    strike(Fault::Oversized);
    let answer = bench
        .ask_queues("", &hour())
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.content_length(), Some(64 << 20));
}

#[tokio::test]
async fn pages_of_the_list_may_shift_or_come_again() {
    let bench = bench_of(crowded(), roomy(), &[]).await;
    let ids = async |query: &str| {
        let answer = good(bench.ask_list(query)).await;
        let rows = answer["results"].as_array().expect("rows").iter();
        rows.map(|row| row["_id"].to_string()).collect::<Vec<_>>()
    };
    let (first, second) = (ids("?limit=20").await, ids("?limit=20&skip=20").await);
    let strike = |fault: Fault| {
        let faults = Faults::new([(fault, 1.0)]).expect("a rate");
        bench.simulator.set_faults(faults);
    };
    strike(Fault::Shifted);
    let shifted = ids("?limit=20&skip=20").await;
    assert_eq!((&shifted[0], &shifted[1..]), (&first[19], &second[..]));
    assert_eq!(ids("?limit=20").await, first);
    strike(Fault::Repeated);
    assert_eq!(ids("?limit=20&skip=20").await, first);
}

#[tokio::test]
async fn what_was_is_told_of_every_instant_as_it_was_told_then() {
    let bench = bench_of(crowded(), roomy(), &[]).await;
    let mut seen = Vec::new();
    for second in 0..120 {
        let at_ms = NOON_MS + second * 997;
        bench.clock.store(at_ms, Ordering::Relaxed);
        seen.push((at_ms, bench.simulator.present().places));
    }
    let states = bench.simulator.places_between(seen[0].0, seen[119].0);
    assert!(states.len() > 50, "{}", states.len());
    for (at_ms, places) in seen {
        let upto = states.partition_point(|(since_ms, _)| *since_ms <= at_ms);
        assert_eq!(states[upto - 1].1, places);
    }
}
