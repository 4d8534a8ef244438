//! Queues, entries, waits, transfers; agents, non-responses, callbacks.

use super::*;

fn with(destinations: Value) -> Derived<'static> {
    derived(ended(json!({"destinations": destinations})))
}

fn segment(more: Value) -> Value {
    let mut segment = json!({"destinationType": "AgentSegment", "agentId": "u-2"});
    merge(&mut segment, more);
    segment
}

#[test]
fn an_answered_entry_waits_until_it_is_accepted() {
    let derived = with(json!([entry(json!({"respondingAgent": agent()}))]));
    assert_eq!(
        facts(&derived, Kind::QueueEntry),
        [(0, "Billing", "answered", 0)]
    );
    assert_eq!(
        facts(&derived, Kind::QueueWait),
        [(0, "Billing", "answered", 20_000)]
    );
    assert_eq!(
        facts(&derived, Kind::AgentPickup),
        [(0, "Billing", "", 10_000)]
    );
    let queue = Queue {
        id: Some("qu-1"),
        name: Some("Billing"),
    };
    assert_eq!(
        derived.conversation.unwrap().first_answer,
        Some((queue, Some(20_000)))
    );
    assert_eq!(derived.names, [("qu-1", "Billing")]);
}

#[test]
fn an_entry_whose_time_is_missing_counts_without_a_wait() {
    let no_acceptance = entry(json!({"respondingAgent": {"status": "Answered"}}));
    let no_entry = entry(json!({"EnterTime": null, "respondingAgent": agent()}));
    for destination in [no_acceptance, no_entry] {
        let derived = with(json!([destination]));
        assert_eq!(
            facts(&derived, Kind::QueueEntry),
            [(0, "Billing", "answered", 0)]
        );
        assert_eq!(facts(&derived, Kind::QueueWait), []);
        assert_eq!(derived.conversation.unwrap().first_answer.unwrap().1, None);
    }
}

#[test]
fn the_first_answer_is_that_of_the_first_entry_that_an_agent_took() {
    let in_queue = |name: &str, agent: Option<Value>| {
        let mut entered = entry(json!({"queueName": name}));
        if let Some(agent) = agent {
            entered["respondingAgent"] = agent;
        }
        entered
    };
    let first = |destinations: Value| {
        let first = with(destinations).conversation.unwrap().first_answer;
        first.map(|(queue, _)| queue.name.unwrap())
    };
    let (waited, billing, sales) = (
        in_queue("Reception", None),
        in_queue("Billing", Some(agent())),
        in_queue("Sales", Some(agent())),
    );
    assert_eq!(first(json!([waited, billing, sales])), Some("Billing"));
    assert_eq!(first(json!([waited])), None);
}

#[test]
fn an_unanswered_entry_that_is_followed_waits_until_the_next_destination() {
    let second = entry(json!({"queueName": "Sales", "EnterTime": "2026-09-01T10:01:10"}));
    let derived = with(json!([entry(json!({})), second]));
    assert_eq!(
        facts(&derived, Kind::QueueWait),
        [
            (0, "Billing", "transferred", 60_000),
            (1, "Sales", "terminated", 230_000)
        ]
    );
    assert_eq!(facts(&derived, Kind::Transfer), [(0, "Billing", "", 0)]);

    let at = "2026-09-01T10:00:40";
    let nested = json!({"queueId": "qu-2", "respondingAgent": {"assignedAt": at}});
    for next in [nested, segment(json!({"assignedAt": at}))] {
        let derived = with(json!([entry(json!({})), next]));
        let waits = facts(&derived, Kind::QueueWait);
        assert_eq!(waits.first(), Some(&(0, "Billing", "transferred", 30_000)));
    }
}

#[test]
fn the_last_unanswered_entry_ends_by_rule_2_for_itself_alone() {
    let status = |status: &str, last: Value| {
        let answered = entry(json!({"respondingAgent": agent(), "CallbackOpted": true}));
        derived(ended(
            json!({"finalStatus": status, "destinations": [answered, last]}),
        ))
    };
    let left = status("USER ABANDONED", entry(json!({})));
    assert_eq!(
        facts(&left, Kind::QueueEntry).last(),
        Some(&(1, "Billing", "abandoned", 0))
    );
    assert_eq!(
        left.conversation.unwrap().outcome,
        Outcome::AbandonedWithAgent
    );
    let opted = status("USER ABANDONED", entry(json!({"CallbackOpted": true})));
    assert_eq!(
        facts(&opted, Kind::QueueEntry).last(),
        Some(&(1, "Billing", "callback", 0))
    );
    let ended = status("CLOSED", entry(json!({})));
    assert_eq!(
        facts(&ended, Kind::QueueEntry).last(),
        Some(&(1, "Billing", "terminated", 0))
    );
}

#[test]
fn a_flat_segment_is_no_entry_and_belongs_to_the_queue_before_it() {
    let accepted = json!({
        "assignedAt": "2026-09-01T10:02:00",
        "acceptedTime": "2026-09-01T10:02:05",
        "interactionDuration": 60,
        "interactionEndTime": "2026-09-01T10:03:05",
    });
    let derived = with(json!([
        entry(json!({"respondingAgent": agent()})),
        segment(accepted.clone()),
        segment(accepted),
    ]));
    assert_eq!(
        facts(&derived, Kind::QueueEntry),
        [(0, "Billing", "answered", 0)]
    );
    let transfers = [(0, "Billing", "", 0), (1, "Billing", "", 0)];
    assert_eq!(facts(&derived, Kind::Transfer), transfers);
    let interactions = [(1, "Billing", "", 60_000), (2, "Billing", "", 60_000)];
    assert_eq!(facts(&derived, Kind::Interaction), interactions);
    assert_eq!(derived.conversation.unwrap().queue.name, Some("Billing"));
    assert_eq!(derived.names, [("qu-1", "Billing")]);
}

#[test]
fn a_segment_before_any_queue_has_none() {
    let derived = with(json!([segment(
        json!({"status": "Answered", "firstResponseDuration": 3})
    )]));
    assert_eq!(
        derived.conversation.as_ref().unwrap().queue,
        Queue::default()
    );
    assert_eq!(facts(&derived, Kind::FirstResponse), [(0, "", "", 3_000)]);
    assert!(
        derived
            .facts
            .iter()
            .any(|fact| fact.queue == Some(Queue::default()))
    );
}

#[test]
fn a_conversations_queue_is_that_of_its_last_destination_that_has_one() {
    let derived = with(json!([
        entry(json!({})),
        entry(json!({"queueName": "Sales"})),
        {}
    ]));
    assert_eq!(derived.conversation.unwrap().queue.name, Some("Sales"));
}

#[test]
fn a_negative_wait_is_refused_under_the_field_that_ends_it() {
    let late = "2026-09-01T11:00:00";
    let cases = [
        (json!([entry(json!({"EnterTime": late}))]), "sessionEndTime"),
        (
            json!([entry(
                json!({"EnterTime": late, "respondingAgent": agent()})
            )]),
            "acceptedTime",
        ),
        (
            json!([entry(json!({"EnterTime": late})), entry(json!({}))]),
            "EnterTime",
        ),
        (
            json!([
                entry(json!({"EnterTime": late})),
                segment(json!({"assignedAt": "2026-09-01T10:00:00"}))
            ]),
            "assignedAt",
        ),
    ];
    for (destinations, field) in cases {
        let derived = with(destinations);
        assert_eq!(rejects(&derived), [(field, Reason::Negative)]);
        assert_eq!(facts(&derived, Kind::QueueEntry).first().unwrap().0, 0);
        assert!(
            facts(&derived, Kind::QueueWait)
                .iter()
                .all(|wait| wait.0 == 1)
        );
    }
}

#[test]
fn interaction_and_after_call_work_count_once_their_end_is_there() {
    let mut working = agent();
    merge(
        &mut working,
        json!({"interactionDuration": 36.5, "afterCallWorkDuration": 4}),
    );
    let derived_with = |agent: &Value| with(json!([entry(json!({"respondingAgent": agent}))]));
    let derived = derived_with(&working);
    assert_eq!(facts(&derived, Kind::Interaction), []);
    assert_eq!(facts(&derived, Kind::AfterCallWork), []);
    let ends = json!({
        "interactionEndTime": "2026-09-01T10:04:00",
        "afterCallWorkEndTime": "2026-09-01T10:04:04",
    });
    merge(&mut working, ends);
    let derived = derived_with(&working);
    assert_eq!(
        facts(&derived, Kind::Interaction),
        [(0, "Billing", "", 36_500)]
    );
    assert_eq!(
        facts(&derived, Kind::AfterCallWork),
        [(0, "Billing", "", 4_000)]
    );
    assert!(derived.facts.iter().any(|fact| fact.agent == Some("u-1")));
}

#[test]
fn each_offer_that_was_not_taken_counts_also_when_it_repeats() {
    let offer = json!({"agentId": "u-9", "assignedAt": "2026-09-01T10:00:11"});
    let ignored = json!({"agentId": "u-9", "nonResponseEvent": "Ignored"});
    let offers = json!([offer, offer, ignored, {}, null]);
    let derived = with(json!([entry(json!({"nonRespondingAgents": offers}))]));
    let events: Vec<&str> = facts(&derived, Kind::NonResponse)
        .iter()
        .map(|fact| fact.2)
        .collect();
    assert_eq!(events, ["unknown", "unknown", "Ignored", "unknown"]);
    assert_eq!(rejects(&derived), []);
}

#[test]
fn an_offer_keeps_its_element_when_others_appear_before_it() {
    let offer = |agent: &str| json!({"agentId": agent, "assignedAt": "2026-09-01T10:00:11"});
    let elements = |offers: Value| -> Vec<_> {
        with(json!([entry(json!({"nonRespondingAgents": offers}))]))
            .facts
            .into_iter()
            .filter_map(|fact| fact.element)
            .collect()
    };
    let alone = elements(json!([offer("u-2")]));
    let second = elements(json!([offer("u-1"), offer("u-2")]));
    assert_eq!(second.last(), alone.first());
}

#[test]
fn a_callback_is_requested_accepted_and_waited_for() {
    let derived = with(json!([entry(json!({
        "CallbackOpted": true,
        "CallbackOptedTime": "2025-10-01T02:10:57.780Z",
        "userCallbackAcceptTime": "2025-10-01T02:11:24.591Z",
    }))]));
    assert_eq!(facts(&derived, Kind::CallbackRequested).len(), 1);
    assert_eq!(facts(&derived, Kind::CallbackAccepted).len(), 1);
    assert_eq!(
        facts(&derived, Kind::CallbackWait),
        [(0, "Billing", "", 26_811)]
    );
}

#[test]
fn destinations_past_the_limit_are_refused_and_the_rest_is_kept() {
    let derived = with(Value::Array(vec![entry(json!({})); 1_001]));
    assert_eq!(facts(&derived, Kind::QueueEntry).len(), 1_000);
    assert_eq!(rejects(&derived), [("destinations", Reason::TooMany)]);
}

#[test]
fn offers_past_the_limit_are_refused_over_all_destinations() {
    let offers = Value::Array(vec![json!({"agentId": "u-9"}); 400]);
    let crowded = entry(json!({"nonRespondingAgents": offers}));
    let derived = with(json!([crowded, crowded, crowded]));
    assert_eq!(facts(&derived, Kind::NonResponse).len(), 1_000);
    assert_eq!(
        rejects(&derived),
        [("nonRespondingAgents", Reason::TooMany)]
    );
}

#[test]
fn any_one_sign_of_an_agent_where_a_queue_should_be_makes_a_segment() {
    let offers = json!([{"agentId": "u-9", "nonResponseEvent": "Ignored"}]);
    let queue_of = |more: Value| {
        let mut second = json!({"nonRespondingAgents": offers});
        merge(&mut second, more);
        let derived = with(json!([entry(json!({})), second]));
        facts(&derived, Kind::NonResponse)[0].1.to_owned()
    };
    for sign in [
        json!({"agentId": "u-2"}),
        json!({"assignedAt": "2026-09-01T10:02:00"}),
        json!({"acceptedTime": "2026-09-01T10:02:05"}),
        json!({"status": "Answered"}),
    ] {
        assert_eq!(queue_of(sign.clone()), "Billing", "{sign}");
    }
    for none in [json!({}), json!({"status": "Missed"})] {
        assert_eq!(queue_of(none.clone()), "", "{none}");
    }
}

#[test]
fn an_offer_that_was_not_taken_is_its_agents() {
    let offers = json!([{"agentId": "u-9"}, {"nonResponseEvent": "Ignored"}]);
    let derived = with(json!([entry(json!({"nonRespondingAgents": offers}))]));
    let offers = derived.facts.iter();
    let agents: Vec<_> = offers
        .filter(|fact| fact.kind == Kind::NonResponse)
        .map(|fact| fact.agent)
        .collect();
    assert_eq!(agents, [Some("u-9"), None]);
}
