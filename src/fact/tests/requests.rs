//! What the bot handed conversations over for.

use super::*;

fn requests(record: Value) -> Vec<String> {
    let derived = derived(record);
    let facts = facts(&derived, Kind::AgentRequest);
    facts.iter().map(|fact| fact.2.to_owned()).collect()
}

/// With the name of the last intent, and what stands beside it.
fn meant(intent: Value) -> Value {
    json!({
        "firstName": "Jane", "caller": "+1321", "ipAddress": "115.114.0.7", "lastIntentName": "not here",
        "identities": [{"val": "jane@example.com", "lastIntentName": "nor here"}],
        "agentTransferConfig": {
            "assistEvents": {"startEvent": {"lastIntentName": "nor here"}},
            "lastIntentName": intent,
            "lastIntentuserInput": "I am Jane",
        },
        "os": "Windows",
    })
}

#[test]
fn whatever_was_meant_for_an_agent_has_one_request_by_its_last_intent() {
    let with = |more: Value| {
        let mut record = ended(more);
        record["metaInfo"] = meant(json!("Pay \"Bill\""));
        record
    };
    let of_agents = [
        json!({ "destinations": [entry(json!({ "respondingAgent": agent() }))] }),
        json!({ "destinations": [entry(json!({}))], "finalStatus": "USER ABANDONED" }),
        json!({ "destinations": [entry(json!({ "CallbackOpted": true }))] }),
        json!({ "conversationId": null, "sessionId": "s-1", "destinations": [entry(json!({}))] }),
        json!({ "conversationId": null, "sessionId": "s-1", "finalStatus": "USER ABANDONED" }),
        json!({ "Direction": "Outbound", "customerinfo": {"Direction": "Outbound"} }),
    ];
    for record in of_agents {
        assert_eq!(requests(with(record.clone())), ["Pay \"Bill\""], "{record}");
    }
    for status in ["BotResolved", "Dropped", "CLOSED"] {
        let record = json!({ "conversationId": null, "sessionId": "s-1", "finalStatus": status });
        assert_eq!(requests(with(record)), [""; 0], "{status}");
    }
}

#[test]
fn without_an_intent_it_is_none_and_what_cannot_be_read_is_refused() {
    let refused = |at: &'static str, reason| vec![(at, reason)];
    for (meta, refusals) in [
        (Value::Null, vec![]),
        (json!(""), vec![]),
        (json!({}), vec![]),
        (json!({"agentTransferConfig": {}}), vec![]),
        (json!({"agentTransferConfig": null}), vec![]),
        (meant(json!("")), vec![]),
        (meant(json!(" \t")), vec![]),
        (
            meant(json!(7)),
            refused("lastIntentName", Reason::WrongType),
        ),
        (
            meant(json!(["Pay Bill"])),
            refused("lastIntentName", Reason::WrongType),
        ),
        (
            json!({"agentTransferConfig": []}),
            refused("agentTransferConfig", Reason::WrongType),
        ),
        (json!("Jane"), refused("metaInfo", Reason::WrongType)),
        (
            json!([{"agentTransferConfig": {}}]),
            refused("metaInfo", Reason::WrongType),
        ),
    ] {
        let record = ended(json!({ "metaInfo": meta }));
        assert_eq!(rejects(&derived(record.clone())), refusals, "{record}");
        assert_eq!(requests(record), ["none"]);
    }
}

#[test]
fn of_all_that_the_automation_hands_on_nothing_but_the_intent_passes() {
    assert_eq!(crate::api::MetaInfo::KEYS, ["agentTransferConfig"]);
    assert_eq!(crate::api::AgentTransfer::KEYS, ["lastIntentName"]);
    // Everything that is derived, as anybody may print it.
    let printed = format!(
        "{:?}",
        derived(ended(json!({"metaInfo": meant(json!("Pay Bill"))})))
    );
    assert!(printed.contains("Pay Bill"));
    for personal in ["Jane", "jane@", "+1321", "115.114", "here", "Windows"] {
        assert!(!printed.contains(personal), "{personal}: {printed}");
    }
}
