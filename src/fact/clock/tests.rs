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

fn read(record: &Value, context: &Context<'_>) -> Derived<'static> {
    let raw: &'static RawValue = Box::leak(RawValue::from_string(record.to_string()).unwrap());
    let record: &'static Record = Box::leak(Box::new(Record::read(raw).unwrap()));
    derive(record, context).unwrap()
}

fn at(now_s: i64) -> Context<'static> {
    Context {
        now_s,
        settle_s: 30,
        offset_s: 0,
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

#[test]
fn without_a_zone_the_vendors_duration_or_the_order_of_times_tells_of_a_change() {
    // Through the change while with an agent: the duration misses by the hour.
    let talking = [3, 11, 300];
    // Through the change while waiting, so that it was accepted before it was entered.
    let waiting = [30, 38, 300];
    for (name, change_s, before_s, steps) in [
        (BERLIN, SPRING_S, 100, talking),
        (BERLIN, AUTUMN_S, 100, talking),
        (BERLIN, AUTUMN_S, 35, waiting),
        ("America/New_York", 1_793_512_800, 35, waiting),
        ("Australia/Lord_Howe", 1_775_314_800, 35, waiting),
        ("Australia/Lord_Howe", 1_791_041_400, 100, talking),
    ] {
        let start_s = change_s - before_s;
        let derived = read(&call(name, start_s, steps), &at(change_s + 86_400));
        assert_true_times(&derived, start_s, steps);
    }
}

#[test]
fn an_end_in_the_future_or_an_account_that_is_an_hour_further_tells_of_a_change_too() {
    // A wait of 8 s from 01:59:55 to 03:00:03, of which no duration of the vendor's tells.
    let (start_s, steps) = (SPRING_S - 35, [30, 38, 300]);
    let record = call(BERLIN, start_s, steps);
    assert_true_times(&read(&record, &at(start_s + 310)), start_s, steps);
    let moved = Context {
        offset_s: 7_200,
        ..at(SPRING_S + 86_400)
    };
    assert_true_times(&read(&record, &moved), start_s, steps);
    // Nothing tells of it: it may as well have been an hour.
    let later = read(&record, &at(SPRING_S + 86_400));
    assert_eq!(seconds(&later, Kind::QueueWait), [3_608]);
}

#[test]
fn where_no_clock_was_changed_nothing_is_mended() {
    let mut steps = [30, 38, 300];
    let plain_s = SPRING_S + 30 * 86_400;
    let mut record = call(BERLIN, plain_s, steps);
    record["destinations"][0]["respondingAgent"]["acceptedTime"] =
        json!(shown(BERLIN, plain_s - 3_000));
    let derived = read(&record, &at(plain_s + 86_400));
    assert_eq!(seconds(&derived, Kind::QueueWait), [0; 0]);
    assert!(!derived.rejects.is_empty(), "a wait below zero stays one");
    // Nor in Lagos, whose offset is Berlin's, but whose hour was not skipped: one of the times lies in it.
    steps = [30, 1_000, 4_000];
    let start_s = SPRING_S - 600;
    let derived = read(&call("Africa/Lagos", start_s, steps), &at(start_s + 86_400));
    assert_true_times(&derived, start_s, steps);
}

#[test]
fn a_few_seconds_of_disorder_are_no_hour() {
    let mut record = call(BERLIN, AUTUMN_S - 100, [30, 38, 300]);
    record["destinations"][0]["EnterTime"] = json!(shown(BERLIN, AUTUMN_S - 60));
    let derived = read(&record, &at(AUTUMN_S + 86_400));
    assert_eq!(
        seconds(&derived, Kind::QueueWait),
        [0; 0],
        "below zero by 2 s"
    );
    assert_eq!(derived.conversation.unwrap().ended_s, AUTUMN_S + 202);
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
fn stops_in_another_order_are_read_as_on_any_day() {
    let zone = zone(BERLIN);
    let waits = |start_s: i64| {
        let mut record = passed_on(BERLIN, start_s, 12);
        record["destinations"].as_array_mut().unwrap().reverse();
        let context = Context {
            zone: Some(&zone),
            ..at(start_s + 1_000)
        };
        let derived = read(&record, &context);
        assert_eq!(derived.start_s, Some(start_s + 1));
        seconds(&derived, Kind::QueueWait)
    };
    for start_s in (AUTUMN_S - 600..AUTUMN_S + 100).step_by(41) {
        assert_eq!(waits(start_s), waits(start_s - 86_400), "{start_s}");
    }
}

#[test]
fn times_with_a_zone_of_their_own_are_left_alone() {
    let record = json!({
        "sessionId": "s", "sessionStartTime": "2026-10-25T00:59:00Z", "sessionEndTime": "2026-10-25T01:30:00Z",
        "finalStatus": "CLOSED",
    });
    let derived = read(&record, &at(AUTUMN_S + 86_400));
    assert_eq!(
        (derived.start_s, derived.end_s),
        (Some(AUTUMN_S - 60), Some(AUTUMN_S + 1_800))
    );
}

#[test]
fn a_clock_that_is_put_back_by_two_hours_is_told_by_an_offset_of_after() {
    // 2026-10-25T01:00:00Z; the station is at UTC from then on.
    let (troll, steps) = ("Antarctica/Troll", [30, 38, 3_000]);
    let start_s = AUTUMN_S - 1_800;
    let mut record = call(troll, start_s, steps);
    record.as_object_mut().unwrap().remove("sessionId");
    assert_true_times(&read(&record, &at(AUTUMN_S + 86_400)), start_s, steps);
}

/// Without an id, so that the account's offset is all there is.
fn without_id(mut record: Value) -> Value {
    record.as_object_mut().unwrap().remove("sessionId");
    record
}

#[test]
fn what_ended_before_a_clock_was_put_back_by_two_hours_did_not_end_in_the_future() {
    let (start_s, steps) = (AUTUMN_S - 1_800, [30, 38, 300]);
    let record = without_id(call("Antarctica/Troll", start_s, steps));
    // The account's offset is the one of after the change by now, with which all of it would still be to come.
    assert_true_times(&read(&record, &at(AUTUMN_S + 600)), start_s, steps);
}

#[test]
fn a_clock_that_is_changed_elsewhere_mends_nothing_here() {
    let account = |offset_s| Context {
        offset_s,
        ..at(AUTUMN_S + 86_400)
    };
    let record = without_id(call(BERLIN, AUTUMN_S - 100, [3, 11, 300]));
    let berlin = read(&record, &account(7_200));
    assert_true_times(&berlin, AUTUMN_S - 100, [3, 11, 300]);
    let kolkata = read(&record, &account(19_800));
    assert_eq!(
        kolkata.end_s,
        Some(AUTUMN_S + 202 + 3_600 - 19_800),
        "as it is shown"
    );
    assert!(!kolkata.rejects.is_empty(), "a time below zero stays one");
}

#[test]
fn on_nearly_every_day_there_is_no_change_to_think_of() {
    let day_ms = SPRING_S * 1000 + 30 * DAY_MS;
    for own_s in [None, Some(3_600)] {
        assert_eq!(changes(day_ms, day_ms + DAY_MS, own_s, 3_600), []);
    }
    assert_ne!(
        changes(SPRING_S * 1000, SPRING_S * 1000 + DAY_MS, None, 3_600),
        []
    );
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
