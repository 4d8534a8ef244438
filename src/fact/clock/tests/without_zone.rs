//! Nobody says which zone it is: what the times say of each other tells whether a clock was changed.

use super::*;
use crate::api::{Offsets, Told};

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

/// What windows told that began so long before and after the change, in a zone each.
fn noted(windows: &[(&str, i64)]) -> Offsets {
    let mut offsets = Offsets::default();
    for (name, after_s) in windows {
        let calls = (0..3).map(|nth| {
            let mut call = call(name, SPRING_S + after_s + nth, [3, 11, 30]);
            call["conversationId"] = json!(format!("c-{nth}"));
            record(&call)
        });
        offsets.note(&Told::by(calls, SPRING_S + 86_400));
    }
    offsets
}

#[test]
fn an_account_that_told_both_offsets_goes_along_with_the_change_in_whatever_window_it_is_read() {
    let (start_s, steps) = (SPRING_S - 35, [30, 38, 300]);
    let record = call(BERLIN, start_s, steps);
    let wait = |offsets: &Offsets, offset_s, now_s| {
        let context = Context {
            offset_s,
            offsets: Some(offsets),
            ..at(now_s)
        };
        seconds(&read(&record, &context), Kind::QueueWait)
    };
    // Windows are read newest first, oldest first, and again.
    for order in [[0, 1, 0], [1, 0, 1]] {
        let windows = [(BERLIN, -9_000), (BERLIN, 5_000)];
        let offsets = noted(&order.map(|at| windows[at]));
        for offset_s in [0, 3_600, 7_200] {
            for later_s in [3_600, 6 * 86_400] {
                let told = wait(&offsets, offset_s, SPRING_S + later_s);
                assert_eq!(told, [8], "{offset_s}, {later_s} s later");
            }
        }
    }
    // One side alone proves nothing, nor does an account of people on several clocks.
    for windows in [
        &[(BERLIN, -9_000)][..],
        &[(BERLIN, 5_000)],
        &[(BERLIN, -9_000), (BERLIN, 5_000), ("Africa/Lagos", 9_000)],
        &[(BERLIN, -9_000), (BERLIN, 5_000), ("Africa/Cairo", -9_000)],
    ] {
        let told = wait(&noted(windows), 3_600, SPRING_S + 86_400);
        assert_eq!(told, [3_608], "{windows:?}");
    }
}

#[test]
fn what_offsets_were_told_is_remembered_for_a_month() {
    let mut offsets = noted(&[(BERLIN, -9_000), (BERLIN, 5_000)]);
    let change = |at_s| crate::api::changes_between(at_s - 1, at_s).to_vec();
    let berlin = change(SPRING_S)
        .into_iter()
        .find(|it| (it.before_s, it.after_s) == (3_600, 7_200))
        .unwrap();
    assert!(offsets.follow(&berlin));
    let month_s = 30 * 86_400;
    let later = call(BERLIN, SPRING_S + month_s, [3, 11, 30]);
    let later: Vec<_> = (0..3)
        .map(|nth| {
            let mut call = later.clone();
            call["sessionId"] = json!(format!("{:08x}{nth:016x}", SPRING_S + month_s));
            record(&call)
        })
        .collect();
    offsets.note(&Told::by(later, SPRING_S + 2 * month_s));
    assert!(!offsets.follow(&berlin));
    assert_eq!(
        serde_json::from_str::<Offsets>(&serde_json::to_string(&offsets).unwrap()).unwrap(),
        offsets
    );
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
fn a_time_that_a_changed_clock_would_never_have_shown_speaks_against_the_change() {
    // Lagos shows 02:10 while Berlin jumps from 02:00 to 03:00. The talk is told an hour short, as if it had jumped, too.
    let (start_s, steps) = (SPRING_S - 600, [30, 1_200, 6_600]);
    let mut record = call("Africa/Lagos", start_s, steps);
    record["destinations"][0]["respondingAgent"]["interactionDuration"] = json!(1_800);
    let derived = read(&record, &at(SPRING_S + 86_400));
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
    let record = without_id(call(troll, start_s, steps));
    assert_true_times(&read(&record, &at(AUTUMN_S + 86_400)), start_s, steps);
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
    let dubai = read(&record, &account(14_400));
    assert_eq!(
        dubai.end_s,
        Some(AUTUMN_S + 202 + 3_600 - 14_400),
        "as it is shown"
    );
    assert!(!dubai.rejects.is_empty(), "a time below zero stays one");
}
