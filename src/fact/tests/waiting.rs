//! What decides an outcome and can't be read decides nothing.

use super::*;

fn waits_for(more: Value) -> Option<Field> {
    let derived = derived(ended(more));
    assert_eq!(derived.waits_for.is_some(), derived.stage == Stage::Live);
    if let Some(field) = derived.waits_for {
        assert!(derived.facts.is_empty() && derived.conversation.is_none());
        assert!(derived.rejects.iter().any(|reject| reject.field == field));
    }
    derived.waits_for
}

fn stop(more: Value) -> Value {
    json!({"destinations": [entry(more)]})
}

#[test]
fn destinations_that_are_no_list_or_hold_a_stranger_decide_nothing() {
    for destinations in [json!("x"), json!({"queueId": "q"}), json!(7), json!(false)] {
        let waiting = waits_for(json!({"destinations": destinations}));
        assert_eq!(waiting, Some(Field::Destinations));
    }
    let answered = entry(json!({"respondingAgent": agent()}));
    let stranger = json!({"destinations": [answered, "u-2"]});
    assert_eq!(waits_for(stranger), Some(Field::Destinations));
    for nothing in [
        json!(null),
        json!(""),
        json!([]),
        json!([null, ""]),
        json!("null"),
    ] {
        assert_eq!(waits_for(json!({"destinations": nothing})), None);
    }
}

#[test]
fn an_agent_who_can_not_be_read_has_neither_answered_nor_not() {
    for unreadable in [json!("Jane"), json!([1]), json!(true)] {
        let waiting = waits_for(stop(json!({"respondingAgent": unreadable})));
        assert_eq!(waiting, Some(Field::RespondingAgent));
    }
    let agent = |agent: Value| waits_for(stop(json!({"respondingAgent": agent})));
    assert_eq!(
        agent(json!({"acceptedTime": "later"})),
        Some(Field::AcceptedTime)
    );
    assert_eq!(
        agent(json!({"acceptedTime": "2099-01-01T00:00:00"})),
        Some(Field::AcceptedTime)
    );
    assert_eq!(agent(json!({"status": 7})), Some(Field::Status));
    assert_eq!(
        agent(json!({"acceptedTime": [], "status": "Answered"})),
        None
    );
    assert_eq!(
        agent(json!({"acceptedTime": "2026-09-01T10:00:30", "status": 7})),
        None
    );
    let flat = json!({"destinations": [{"destinationType": "AgentSegment", "acceptedTime": {}}]});
    assert_eq!(waits_for(flat), Some(Field::AcceptedTime));
}

#[test]
fn a_callback_that_can_not_be_read_is_neither_asked_for_nor_not() {
    let opted_at = "2026-09-01T10:00:40Z";
    for (flag, time, field) in [
        (json!({}), json!(null), Some(Field::CallbackOpted)),
        (json!("perhaps"), json!(null), Some(Field::CallbackOpted)),
        (json!(2), json!(null), Some(Field::CallbackOpted)),
        (json!(false), json!("soon"), Some(Field::CallbackOptedTime)),
        (json!(null), json!([]), Some(Field::CallbackOptedTime)),
        (json!({}), json!(opted_at), None),
        (json!(true), json!("soon"), None),
        (json!(false), json!(null), None),
    ] {
        let sent = json!({"CallbackOpted": flag, "CallbackOptedTime": time});
        assert_eq!(waits_for(stop(sent.clone())), field, "{sent}");
    }
}

#[test]
fn a_callback_is_asked_for_by_its_flag_or_by_its_time() {
    let opted_at = "2026-09-01T10:00:40Z";
    for flag in [
        json!({}),
        json!("perhaps"),
        json!(false),
        json!("False"),
        json!(null),
    ] {
        let sent = json!({"CallbackOpted": flag, "CallbackOptedTime": opted_at});
        assert_eq!(outcome(ended(stop(sent))), Outcome::Callback);
    }
}

#[test]
fn what_an_agent_who_answered_makes_irrelevant_is_not_waited_for() {
    let unreadable = json!({"CallbackOpted": {}});
    let mut answered = unreadable.clone();
    merge(&mut answered, json!({"respondingAgent": agent()}));
    let one = |first: &Value, last: &Value| {
        let list = [first, last].map(|it| entry(it.clone()));
        waits_for(json!({"disconnectingEvent": [], "destinations": list}))
    };
    assert_eq!(
        waits_for(json!({"disconnectingEvent": [], "destinations": [entry(answered.clone())]})),
        None
    );
    assert_eq!(
        one(&unreadable, &answered),
        None,
        "the first was transferred, whatever it wanted"
    );
    assert_eq!(
        one(&answered, &unreadable),
        Some(Field::CallbackOpted),
        "the last ends by rule 2"
    );
    let opted = json!({"CallbackOpted": true});
    assert_eq!(one(&unreadable, &opted), None, "one callback is enough");
}

#[test]
fn a_segment_that_nobody_took_is_waited_for_only_where_nobody_answered() {
    let segment = json!({"destinationType": "AgentSegment", "agentId": "u-2", "CallbackOpted": {}});
    let answered = entry(json!({"respondingAgent": agent()}));
    let passed_on = json!({"disconnectingEvent": [], "destinations": [answered, segment]});
    assert_eq!(waits_for(passed_on), None, "it is no queue's entry");
    assert_eq!(
        waits_for(json!({"destinations": [segment]})),
        Some(Field::CallbackOpted)
    );
}

#[test]
fn how_it_was_cut_off_is_waited_for_where_it_decides() {
    assert_eq!(
        waits_for(json!({"disconnectingEvent": 5})),
        Some(Field::DisconnectingEvent)
    );
    let abandoned = json!({"disconnectingEvent": 5, "finalStatus": "USER ABANDONED"});
    assert_eq!(waits_for(abandoned), None);
    let callback =
        json!({"disconnectingEvent": 5, "destinations": [entry(json!({"CallbackOpted": true}))]});
    assert_eq!(waits_for(callback), None);
    let bot = json!({"conversationId": null, "sessionId": "s", "disconnectingEvent": 5});
    assert_eq!(waits_for(bot), None, "rule 3 goes by the status");
}

#[test]
fn who_it_is_and_which_queue_it_was_are_waited_for() {
    let nobody = json!({"conversationId": 5, "sessionId": "s", "finalStatus": "BotResolved"});
    assert_eq!(waits_for(nobody), Some(Field::ConversationId));
    for (field, sent) in [
        (Field::QueueId, json!({"queueId": 7, "queueName": null})),
        (
            Field::QueueName,
            json!({"queueId": null, "queueName": ["Billing"]}),
        ),
        (Field::DestinationType, json!({"destinationType": 1})),
    ] {
        assert_eq!(waits_for(stop(sent)), Some(field));
    }
    for decided in [
        json!({"queueId": 7}),
        json!({"queueName": 7}),
        json!({"destinationType": 1, "respondingAgent": agent()}),
    ] {
        assert_eq!(waits_for(stop(decided)), None);
    }
}

#[test]
fn labels_and_durations_that_can_not_be_read_cost_no_more_than_themselves() {
    for more in [
        json!({"channel": 1}),
        json!({"customerinfo": 1}),
        json!({"customerinfo": {"Direction": 1}}),
        json!({"sessionStartTime": "?"}),
        json!({"dispositions": 1}),
        stop(json!({"EnterTime": "?"})),
        stop(json!({"nonRespondingAgents": 1})),
        stop(json!({"userCallbackAcceptTime": "?"})),
        stop(json!({"respondingAgent": {"agentId": 1, "status": "Answered"}})),
    ] {
        assert_eq!(waits_for(more.clone()), None, "{more}");
        assert_eq!(derived(ended(more)).rejects.len(), 1);
    }
}
