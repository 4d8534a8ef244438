use super::*;

const START_S: i64 = 1_788_256_800;

/// A conversation without an end.
fn running(more: Value, destination: Value) -> Option<Running<'static>> {
    let mut record = json!({
        "conversationId": "c-1", "channel": "Voice",
        "sessionStartTime": "2026-09-01T10:00:00",
        "destinations": [entry(destination)],
    });
    merge(&mut record, more);
    derived(record).running
}

fn talking() -> Value {
    json!({"respondingAgent": {"agentId": "u-1", "status": "Answered", "acceptedTime": "2026-09-01T10:00:30"}})
}

#[test]
fn one_that_entered_a_queue_waits_there_until_an_agent_answers() {
    let waits = running(json!({}), json!({})).unwrap();
    let queue = Queue {
        id: Some("qu-1"),
        name: Some("Billing"),
    };
    let expected = Running {
        start_s: START_S,
        channel: "Voice",
        queue,
        waits_since_s: Some(START_S + 10),
        with_agent: false,
    };
    assert_eq!(waits, expected);
    let talks = running(json!({"finalStatus": "WithAgent"}), talking()).unwrap();
    let expected = Running {
        waits_since_s: None,
        with_agent: true,
        ..expected
    };
    assert_eq!(talks, expected);
    let offered =
        json!({"respondingAgent": {"agentId": "u-1", "assignedAt": "2026-09-01T10:00:20"}});
    assert!(!running(json!({}), offered).unwrap().with_agent);
}

#[test]
fn one_that_has_ended_or_is_elsewhere_neither_waits_nor_talks() {
    for more in [
        json!({"finalStatus": "CLOSED", "sessionEndTime": "2026-09-01T10:05:00"}),
        json!({"finalStatus": "CLOSED"}),
        json!({"sessionEndTime": "2026-09-01T10:05:00"}),
        json!({"sessionEndTime": "soon"}),
        json!({"finalStatus": "inworkbin"}),
        json!({"finalStatus": "WithBot"}),
        json!({"destinations": []}),
        json!({"sessionStartTime": null}),
    ] {
        assert_eq!(running(more.clone(), json!({})), None, "{more}");
    }
    let over = json!({"respondingAgent": {
        "agentId": "u-1", "acceptedTime": "2026-09-01T10:00:30", "interactionEndTime": "2026-09-01T10:01:00",
    }});
    assert_eq!(running(json!({}), over), None);
    assert_eq!(running(json!({}), json!({"CallbackOpted": true})), None);
    // An end is no end while the vendor says that it goes on.
    let open = json!({"finalStatus": "OPEN", "sessionEndTime": "2026-09-01T10:00:20"});
    assert!(running(open, json!({})).is_some());
}

#[test]
fn one_that_entered_its_queue_at_an_unknown_time_waits_since_its_start() {
    let waits = running(json!({}), json!({"EnterTime": null})).unwrap();
    assert_eq!(waits.waits_since_s, Some(START_S));
}
