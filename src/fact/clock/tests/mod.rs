//! Records of the two nights in which clocks are changed. Here: in the zone that is configured, and what all share.

mod without_zone;

use super::*;
use crate::fact::{Derived, Kind, Stage, derive};
use jiff::tz::TimeZoneDatabase;
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// 2026-03-29T01:00:00Z: the European Union goes forward, 2026-10-25T01:00:00Z: it goes back.
const SPRING_S: i64 = 1_774_746_000;
const AUTUMN_S: i64 = 1_792_890_000;
const BERLIN: &str = "Europe/Berlin";

fn zone(name: &str) -> jiff::tz::TimeZone {
    TimeZoneDatabase::bundled().get(name).unwrap()
}

/// What clocks on the walls of a zone show at an instant.
fn shown(name: &str, at_s: i64) -> String {
    let instant = jiff::Timestamp::from_second(at_s).unwrap();
    zone(name).to_datetime(instant).to_string()
}

/// An answered call, whose times are all local: seconds from its start to entry, acceptance, end.
fn call(name: &str, start_s: i64, [entered, accepted, over]: [i64; 3]) -> Value {
    let at = |after_s: i64| shown(name, start_s + after_s);
    json!({
        "conversationId": "c-1",
        "sessionId": format!("{start_s:08x}4afb07c72ac5ab12"),
        "sessionStartTime": at(1),
        "sessionEndTime": at(over + 2),
        "finalStatus": "CLOSED",
        "destinations": [{
            "destinationType": "QueueEntry", "queueId": "qu-1", "queueName": "Billing",
            "EnterTime": at(entered),
            "respondingAgent": {
                "agentId": "u-1", "status": "Answered",
                "assignedAt": at(entered + 1), "acceptedTime": at(accepted),
                "interactionDuration": over - accepted, "interactionEndTime": at(over),
                "afterCallWorkDuration": 30, "afterCallWorkEndTime": at(over + 30),
            },
        }],
    })
}

fn record(json: &Value) -> &'static Record<'static> {
    let raw: &'static RawValue = Box::leak(RawValue::from_string(json.to_string()).unwrap());
    Box::leak(Box::new(Record::read(raw).unwrap()))
}

fn read(json: &Value, context: &Context<'_>) -> Derived<'static> {
    derive(record(json), context).unwrap()
}

fn at(now_s: i64) -> Context<'static> {
    Context {
        now_s,
        settle_s: 30,
        offset_s: 0,
        offsets: None,
        zone: None,
    }
}

/// The observations of one kind, in seconds.
fn seconds(derived: &Derived, kind: Kind) -> Vec<u64> {
    let facts = derived.facts.iter().filter(|fact| fact.kind == kind);
    facts.map(|fact| fact.millis / 1000).collect()
}

fn assert_true_times(derived: &Derived, start_s: i64, [entered, accepted, over]: [i64; 3]) {
    let told = |seconds: i64| vec![seconds.unsigned_abs()];
    assert_eq!(derived.rejects, []);
    assert_eq!(derived.start_s, Some(start_s + 1));
    assert_eq!(seconds(derived, Kind::QueueWait), told(accepted - entered));
    assert_eq!(
        seconds(derived, Kind::AgentPickup),
        told(accepted - entered - 1)
    );
    assert_eq!(seconds(derived, Kind::SessionDuration), told(over + 1));
    let conversation = derived.conversation.as_ref().unwrap();
    assert_eq!(conversation.ended_s, start_s + over + 2);
}

#[test]
fn in_its_zone_a_record_is_read_across_every_change() {
    let lord_howe = "Australia/Lord_Howe";
    for (name, change_s) in [
        (BERLIN, SPRING_S),
        (BERLIN, AUTUMN_S),
        ("America/New_York", 1_772_953_200),
        ("America/New_York", 1_793_512_800),
        (lord_howe, 1_775_314_800),
        (lord_howe, 1_791_041_400),
        ("America/St_Johns", 1_793_507_400),
    ] {
        let zone = zone(name);
        for before_s in [5, 100, 600, 1_700, 3_500, 3_700, 7_300] {
            for steps in [
                [3, 11, 300],
                [30, 1_000, 1_500],
                [10, 1_600, 3_900],
                [9, 20, 9_000],
            ] {
                let start_s = change_s - before_s;
                let context = Context {
                    zone: Some(&zone),
                    ..at(change_s + 86_400)
                };
                let derived = read(&call(name, start_s, steps), &context);
                assert_true_times(&derived, start_s, steps);
            }
        }
    }
}

#[test]
fn a_zone_is_not_moved_by_what_an_id_tells_of_another_offset() {
    let zone = zone(BERLIN);
    let context = Context {
        zone: Some(&zone),
        ..at(SPRING_S - 1_000_000)
    };
    let derived = read(
        &call("Asia/Kolkata", SPRING_S - 3_000_000, [1, 2, 3]),
        &context,
    );
    assert_eq!(
        derived.start_s,
        Some(SPRING_S - 3_000_000 + 1 + 19_800 - 3_600)
    );
}

/// A conversation that nobody answered, and that ended in the hour that is shown twice.
fn unanswered(name: &str, start_s: i64, end_s: i64) -> Value {
    json!({
        "conversationId": "c-1",
        "sessionId": format!("{start_s:08x}4afb07c72ac5ab12"),
        "sessionStartTime": shown(name, start_s),
        "sessionEndTime": shown(name, end_s),
        "finalStatus": "CLOSED",
        "destinations": [{"queueId": "qu-1", "EnterTime": shown(name, start_s + 1)}],
    })
}

#[test]
fn no_change_makes_a_conversation_settle_early() {
    let zone = zone(BERLIN);
    for zone in [None, Some(&zone)] {
        let stage = |start_s, end_s: i64, now_s| {
            let context = Context { zone, ..at(now_s) };
            read(&unanswered(BERLIN, start_s, end_s), &context).stage
        };
        for end_s in [AUTUMN_S + 5, AUTUMN_S + 600, AUTUMN_S + 3_599] {
            for start_s in [AUTUMN_S - 10, AUTUMN_S - 1_800, AUTUMN_S - 5_000] {
                assert_eq!(stage(start_s, end_s, end_s + 20), Stage::Settling);
                assert_eq!(stage(start_s, end_s, end_s + 30), Stage::Ended);
            }
        }
    }
}

/// A call that was passed on from queue to queue: each stop lasts 47 s, of which 8 are waited.
fn passed_on(name: &str, start_s: i64, stops: i64) -> Value {
    let mut record = call(name, start_s, [3, 11, 47]);
    let stop =
        |number: i64| call(name, start_s + number * 47, [3, 11, 47])["destinations"][0].take();
    record["destinations"] = (0..stops).map(stop).collect();
    record["sessionEndTime"] = json!(shown(name, start_s + stops * 47 + 2));
    record
}

#[test]
fn a_call_of_many_stops_is_read_before_during_and_after_the_hour_that_is_shown_twice() {
    let zone = zone(BERLIN);
    for stops in [1, 2, 3, 40, 300] {
        for start_s in (AUTUMN_S - 4_000..AUTUMN_S + 4_000).step_by(97) {
            let context = Context {
                zone: Some(&zone),
                ..at(start_s + stops * 47 + 60)
            };
            let derived = read(&passed_on(BERLIN, start_s, stops), &context);
            let conversation = derived.conversation.as_ref().unwrap();
            let told = (derived.start_s, conversation.ended_s);
            assert_eq!(
                told,
                (Some(start_s + 1), start_s + stops * 47 + 2),
                "{stops}"
            );
            let waits = seconds(&derived, Kind::QueueWait);
            assert_eq!(waits, vec![8; stops as usize], "{stops} from {start_s}");
        }
    }
}

#[test]
fn a_stop_that_may_as_well_have_been_an_hour_earlier_is_read_like_those_beside_it() {
    let zone = zone(BERLIN);
    let start_s = AUTUMN_S - 5_000;
    let mut record = passed_on(BERLIN, start_s, 120);
    let stop = |record: &mut Value, number: usize, field: &str| {
        let stop = record["destinations"][number].as_object_mut();
        stop.unwrap().remove(field);
    };
    // Nobody answered, so that it waits until the next is assigned; nothing tells when that one was entered.
    stop(&mut record, 114, "respondingAgent");
    stop(&mut record, 115, "EnterTime");
    let context = Context {
        zone: Some(&zone),
        ..at(start_s + 86_400)
    };
    let derived = read(&record, &context);
    assert_eq!(derived.rejects, []);
    assert_eq!(seconds(&derived, Kind::QueueWait)[114], 48);
}

#[test]
fn no_more_times_are_taken_for_shown_again_than_must_be() {
    let zone = zone(BERLIN);
    let at_the = |after_s: i64| json!(shown(BERLIN, AUTUMN_S + after_s));
    for stops in [1, 20] {
        // Entered at 02:50 and assigned at 02:52, both for the first time or the second; accepted at 02:55, five minutes
        // before it was over at 03:00.
        let mut record = passed_on(BERLIN, AUTUMN_S - 3_000, stops + 1);
        let last = &mut record["destinations"][stops as usize];
        last["EnterTime"] = at_the(-600);
        last["respondingAgent"] = json!({
            "agentId": "u-1", "assignedAt": at_the(-480), "acceptedTime": at_the(3_300),
            "interactionDuration": 320, "interactionEndTime": at_the(3_620),
        });
        record["sessionEndTime"] = at_the(3_622);
        let context = Context {
            zone: Some(&zone),
            ..at(AUTUMN_S + 86_400)
        };
        let derived = read(&record, &context);
        let waits = seconds(&derived, Kind::QueueWait);
        assert_eq!(waits.last(), Some(&3_900), "{stops}");
        let pickups = seconds(&derived, Kind::AgentPickup);
        assert_eq!(pickups.last(), Some(&3_780), "{stops}");
    }
}

#[test]
fn stops_in_another_order_are_read_as_on_any_day() {
    let zone = zone(BERLIN);
    let waits = |start_s: i64, first: usize| {
        let mut record = passed_on(BERLIN, start_s, 12);
        let stops = record["destinations"].as_array_mut().unwrap();
        stops.reverse();
        stops.rotate_left(first);
        let context = Context {
            zone: Some(&zone),
            ..at(start_s + 1_000)
        };
        let derived = read(&record, &context);
        assert_eq!(derived.start_s, Some(start_s + 1));
        seconds(&derived, Kind::QueueWait)
    };
    for start_s in (AUTUMN_S - 600..AUTUMN_S + 100).step_by(41) {
        for first in [0, 1] {
            let any_day = waits(start_s - 86_400, first);
            assert_eq!(waits(start_s, first), any_day, "{start_s} {first}");
        }
    }
}

#[test]
fn where_nothing_tells_which_it_was_an_hour_that_is_shown_twice_is_the_first() {
    let zone = zone(BERLIN);
    let context = Context {
        zone: Some(&zone),
        ..at(AUTUMN_S + 86_400)
    };
    for stops in [1, 3, 20] {
        // A second conversation an hour later shows the very same.
        for start_s in [AUTUMN_S - 3_000, AUTUMN_S + 600] {
            let derived = read(&without_id(passed_on(BERLIN, start_s, stops)), &context);
            let first_s = AUTUMN_S - 3_000;
            assert_eq!(derived.start_s, Some(first_s + 1), "{stops}");
            assert_eq!(derived.end_s, Some(first_s + stops * 47 + 2), "{stops}");
        }
    }
}

#[test]
fn a_time_that_was_skipped_is_read_as_if_the_clock_had_not_been_changed_yet() {
    let zone = zone(BERLIN);
    let context = Context {
        zone: Some(&zone),
        ..at(SPRING_S + 86_400)
    };
    let derived = read(
        &json!({"sessionId": "s", "sessionEndTime": "2026-03-29T02:30:00"}),
        &context,
    );
    assert_eq!(derived.end_s, Some(SPRING_S + 1_800));
}

/// Without an id, so that the account's offset is all there is.
fn without_id(mut record: Value) -> Value {
    record.as_object_mut().unwrap().remove("sessionId");
    record
}

#[test]
fn on_nearly_every_day_there_is_no_change_to_think_of() {
    let day_ms = SPRING_S * 1000 + 30 * DAY_MS;
    for own_s in [None, Some(3_600)] {
        assert_eq!(changes(day_ms, day_ms + DAY_MS, own_s, 3_600), []);
    }
    let spring_ms = SPRING_S * 1000;
    assert_ne!(changes(spring_ms, spring_ms + DAY_MS, None, 3_600), []);
    let zone = zone(BERLIN);
    let offset_s = |from_ms, to_ms| Timeline::of_zone(&zone, from_ms, to_ms).only_offset_s();
    assert_eq!(offset_s(day_ms, day_ms + DAY_MS), Some(7_200));
    assert_eq!(offset_s(spring_ms - DAY_MS, spring_ms - 1), Some(3_600));
    assert_eq!(offset_s(spring_ms - DAY_MS, spring_ms), None);
}

#[test]
fn a_time_is_refused_by_when_it_was_and_not_by_what_a_clock_far_east_shows() {
    let kiritimati = "Pacific/Kiritimati";
    let zone = zone(kiritimati);
    let ends = |after_s: i64| {
        let record =
            json!({"sessionId": "s", "sessionEndTime": shown(kiritimati, AUTUMN_S + after_s)});
        let context = Context {
            zone: Some(&zone),
            ..at(AUTUMN_S)
        };
        read(&record, &context).end_s
    };
    assert_eq!(ends(86_400), Some(AUTUMN_S + 86_400));
    assert_eq!(ends(86_401), None);
}
