use super::*;
use crate::api::LiveRows;
use crate::live::sources::{Part, conversations, queue_performance};
use serde_json::{Value, json};

fn queues(rows: Value) -> Reading {
    let body = json!({"finalResult": rows, "hasMore": false}).to_string();
    let rows = LiveRows::read(&body).unwrap();
    let (queues, strangers) = rows.queues();
    queue_performance(&queues, strangers, &channels(), &names())
}

fn row(channel: &str, more: Value) -> Value {
    let mut row = json!({
        "queueId": "qu-1", "queueName": "Billing", "channel": channel, "direction": "Inbound",
        "agentStatusCount": {"available": 3, "away": 1, "busy": 2, "offline": 0},
        "waiting": 2, "ongoing": 4, "idle": 1, "overdue": 1, "SLA": "N/A",
    });
    for (key, value) in more.as_object().unwrap() {
        row[key] = value.clone();
    }
    row
}

#[test]
fn directions_add_up_and_agents_are_taken_once() {
    let outbound = json!({"direction": "Outbound", "waiting": 0, "ongoing": 1});
    let reading = queues(json!([
        row("Voice", json!({})),
        row("Voice", outbound),
        row("rtm", json!({}))
    ]));
    let voice = reading.at(&place("Voice", "Billing"));
    assert_eq!(
        (voice.waiting, voice.with_agent, voice.overdue),
        (Some(2), Some(5), Some(2))
    );
    assert_eq!(
        reading.at(&place("Web/Mobile Client", "Billing")).waiting,
        Some(2)
    );
    assert_eq!(reading.at(&place("Voice", "Sales")).waiting, Some(0));
    let agents: Vec<_> = reading.agents.iter().collect();
    assert_eq!(
        agents,
        [(&Arc::from("Billing"), &[Some(3), Some(2), Some(1), Some(0)])]
    );
    assert_eq!(reading.refused, 0);
}

#[test]
fn a_row_that_comes_twice_as_pages_shift_counts_once() {
    let outbound = json!({"direction": "Outbound", "waiting": 0, "ongoing": 1});
    let reading = queues(json!([
        row("Voice", json!({})),
        row("Voice", outbound),
        row("Voice", json!({})),
    ]));
    let voice = reading.at(&place("Voice", "Billing"));
    assert_eq!((voice.waiting, voice.with_agent), (Some(2), Some(5)));
}

#[test]
fn a_number_that_is_none_is_refused_and_hides_itself_alone() {
    for wrong in [
        json!(-1),
        json!(1.5),
        json!("many"),
        json!([]),
        json!(1e300),
    ] {
        let reading = queues(json!([
            row("Voice", json!({"waiting": wrong})),
            row("rtm", json!({})),
            7
        ]));
        let voice = reading.at(&place("Voice", "Billing"));
        assert_eq!(
            (voice.waiting, voice.with_agent),
            (None, Some(4)),
            "{wrong}"
        );
        assert_eq!(
            reading.at(&place("Web/Mobile Client", "Billing")).waiting,
            Some(2)
        );
        assert_eq!(reading.refused, 2);
        // Of a queue that is not among them nothing is known: the row that is none may have been its own.
        assert_eq!(reading.at(&place("Voice", "Sales")), Numbers::default());
    }
    assert_eq!(
        queues(json!([row("Voice", json!({"waiting": "2"}))])).refused,
        0
    );
}

#[test]
fn where_it_cannot_be_read_of_which_place_a_row_is_no_other_is_taken_for_empty() {
    for (wrong, shown) in [
        (json!({"channel": {}}), None),
        (json!({"channel": null}), Some("unknown")),
        (json!({"queueId": null, "queueName": null}), Some("rtm")),
    ] {
        let reading = queues(json!([row("Voice", json!({})), row("rtm", wrong)]));
        assert_eq!(reading.at(&place("Voice", "Billing")).waiting, Some(2));
        let elsewhere = reading.at(&place("Web/Mobile Client", "Sales"));
        assert_eq!(elsewhere, Numbers::default());
        assert_eq!(reading.places.len(), 1 + usize::from(shown.is_some()));
        assert_eq!(reading.refused, u64::from(shown.is_none()));
    }
}

#[test]
fn a_source_id_stands_for_its_channel() {
    let reading = queues(json!([
        row("emailInst-5", json!({})),
        row("FB", json!({})),
        row("whatsapp", json!({})),
        row("audiocodes", json!({}))
    ]));
    let channels: Vec<&str> = reading.places.keys().map(|place| &*place.channel).collect();
    assert_eq!(channels, ["Facebook", "System Mail", "Voice", "whatsapp"]);
}

const NOW_S: i64 = 1_795_687_200;

/// Put into the queue so many seconds ago.
fn open(id: &str, ago_s: i64, more: Value) -> Value {
    let at = |ago_s: i64| crate::api::format_utc(NOW_S - ago_s);
    let mut row = json!({
        "_id": id, "source": "rtm", "status": "OPEN", "createdAt": at(ago_s + 60), "waitTime": 1_000,
        "queues": [{"type": "ASSIGNED", "id": "qu-0", "startTime": at(ago_s + 50)},
                   {"type": "ASSIGNED", "id": "qu-1", "name": "Jane Doe", "startTime": at(ago_s)}],
    });
    for (key, value) in more.as_object().unwrap() {
        row[key] = value.clone();
    }
    row
}

fn list(rows: Value, part: Part) -> Reading {
    let body = json!({"results": rows, "hasMore": false}).to_string();
    let rows = LiveRows::read(&body).unwrap();
    let (open, strangers) = rows.conversations();
    conversations(&open, strangers, NOW_S, part, &channels(), &names())
}

#[test]
fn who_waits_is_open_accepted_by_nobody_and_in_a_queue() {
    let reading = list(
        json!([
            open("c-1", 12, json!({})),
            open("c-2", 90, json!({})),
            open("c-2", 90, json!({})),
            open(
                "c-3",
                500,
                json!({"acceptedAt": "2026-11-26T10:00:00.000Z"})
            ),
            open("c-4", 500, json!({"status": "CLOSED"})),
            open("c-5", 500, json!({"queues": []})),
            open("c-6", 500, json!({"endTime": "2026-11-26T10:00:00.000Z"})),
        ]),
        Part::All,
    );
    let expected = Numbers {
        waiting: Some(2),
        longest_wait_s: Some(90),
        ..Numbers::default()
    };
    let places: Vec<_> = reading.places.iter().collect();
    assert_eq!(
        places,
        [(&place("Web/Mobile Client", "Billing"), &expected)]
    );
    let none = reading.at(&place("Voice", "Sales"));
    assert_eq!((none.waiting, none.longest_wait_s), (Some(0), Some(0)));
}

#[test]
fn where_it_cannot_be_read_whether_somebody_waits_nothing_is_told() {
    let good = || open("c-1", 12, json!({}));
    for wrong in [
        json!(7),
        open("c-2", 90, json!({"status": 7})),
        open("c-2", 90, json!({"acceptedAt": {}})),
        open("c-2", 90, json!({"endTime": "soon"})),
        open("c-2", 90, json!({"source": []})),
        open("c-2", 90, json!({"queues": "several"})),
        open("c-2", 90, json!({"queues": [7]})),
        open("c-2", 90, json!({"queues": [{"id": {}}]})),
        open(
            "c-2",
            90,
            json!({"queues": [{"id": "qu-1", "startTime": "soon"}]}),
        ),
        open("c-2", 90, json!({"queues": [], "participants": "several"})),
    ] {
        let reading = list(json!([good(), wrong]), Part::All);
        let here = reading.at(&place("Web/Mobile Client", "Billing"));
        assert_eq!(here, Numbers::default(), "{wrong}");
        assert_eq!(reading.refused, 1, "{wrong}");
    }
    // What does not wait for certain may be as odd as it likes.
    for other in [
        open("c-2", 90, json!({"status": "CLOSED", "queues": 7})),
        open(
            "c-2",
            90,
            json!({"acceptedAt": "2026-11-26T10:00:00.000Z", "queues": 7}),
        ),
        open("c-2", 90, json!({"queues": null, "participants": null})),
    ] {
        let reading = list(json!([good(), other]), Part::All);
        let here = reading.at(&place("Web/Mobile Client", "Billing"));
        assert_eq!(here.waiting, Some(1), "{other}");
        assert_eq!(reading.refused, 0, "{other}");
    }
}

#[test]
fn a_queue_has_the_name_that_a_participant_or_another_source_tells() {
    let of_participant = json!({"queues": [], "participants": [
        {"queueId": "qu-7", "queueName": "Claims", "queueStartTime": crate::api::format_utc(NOW_S - 5), "name": "Jane"},
    ]});
    let unknown = json!({"queues": [{"id": "qu-9"}]});
    let reading = list(
        json!([open("c-1", 0, of_participant), open("c-2", 0, unknown)]),
        Part::All,
    );
    let claims = reading.at(&place("Web/Mobile Client", "Claims"));
    assert_eq!(claims.longest_wait_s, Some(5));
    assert_eq!(
        reading.at(&place("Web/Mobile Client", "qu-9")).waiting,
        Some(1)
    );
    assert_eq!(reading.names, [("qu-7".to_owned(), Arc::from("Claims"))]);
}

#[test]
fn a_part_of_the_list_tells_no_number_of_people() {
    let rows = json!([open("c-1", 12, json!({}))]);
    let ends = list(rows.clone(), Part::TheOldest);
    let at = |reading: &Reading| reading.at(&place("Web/Mobile Client", "Billing"));
    assert_eq!(
        (at(&ends).waiting, at(&ends).longest_wait_s),
        (None, Some(12))
    );
    assert_eq!(at(&list(rows, Part::Some)), Numbers::default());
}
