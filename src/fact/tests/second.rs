//! What *Call Details* v2 alone tells.

use super::*;

/// What the summary of a record says that is no fit; empty where it fits, `None` where there is none.
fn said(record: Value) -> Option<String> {
    let derived = derived(record);
    let facts = facts(&derived, Kind::SmartStatus);
    facts.first().map(|fact| fact.2.to_owned())
}

fn answered() -> Value {
    json!([entry(json!({ "respondingAgent": agent() }))])
}

fn bare(status: &str, summary: &str) -> Value {
    ended(json!({
        "conversationId": null, "sessionId": "68dc602b4afb07c72ac5xxxx",
        "finalStatus": status, "smartStatus": summary,
    }))
}

#[test]
fn a_summary_that_fits_says_nothing_and_any_other_what_it_says() {
    let with = |more: Value, summary: &str| {
        let mut record = ended(more);
        record["smartStatus"] = json!(summary);
        record
    };
    let callback = json!([entry(json!({ "CallbackOpted": true }))]);
    let (taken, left) = (
        json!({ "destinations": answered() }),
        json!({ "disconnectingEvent": "User Hangup" }),
    );
    let left_agent = json!({ "destinations": answered(), "finalStatus": "USER ABANDONED" });
    let out = json!({ "Direction": "Outbound" });
    for (record, word) in [
        (with(taken.clone(), "CLOSED"), ""),
        (with(taken.clone(), "Closed"), ""),
        (with(taken.clone(), "TERMINATED"), "TERMINATED"),
        (
            with(taken.clone(), "ABANDONED WITH AGENT"),
            "ABANDONED WITH AGENT",
        ),
        (with(taken.clone(), "Abandoned in Queue"), "ABANDONED"),
        (with(taken.clone(), "CLOSED_AT_BOT"), "CLOSED AT BOT"),
        (with(taken.clone(), "InAgentsWorkbin"), "running"),
        (with(taken, "Default Queue:Jane Doe"), "other"),
        (with(left_agent.clone(), "ABANDONED WITH AGENT"), ""),
        (with(left_agent, "CLOSED"), "CLOSED"),
        (with(left.clone(), "USER ABANDONED"), ""),
        (with(left, "TERMINATED"), "TERMINATED"),
        (with(json!({}), "TERMINATED"), ""),
        (with(json!({}), "CLOSED"), "CLOSED"),
        // A call out that nobody took, as in the vendor's sample.
        (with(out, "CLOSED"), ""),
        (with(json!({ "destinations": callback }), "CLOSED"), ""),
        (bare("BotResolved", "CLOSED AT BOT"), ""),
        (bare("Dropped", "CLOSED AT BOT"), ""),
        (bare("BotResolved", "CLOSED"), "CLOSED"),
    ] {
        assert_eq!(said(record.clone()).as_deref(), Some(word), "{record:#}");
    }
    assert_eq!(said(ended(json!({}))), None);
    assert_eq!(said(ended(json!({ "smartStatus": " " }))), None);
    let refused = derived(ended(json!({ "smartStatus": {"of": "Jane"} })));
    assert_eq!(rejects(&refused), [("smartStatus", Reason::WrongType)]);
}

#[test]
fn a_summary_decides_nothing() {
    for summary in [
        "OPEN",
        "WithAgent",
        "ABANDONED WITH AGENT",
        "CLOSED AT BOT",
        "x",
    ] {
        let plain = derived(ended(json!({ "destinations": answered() })));
        let told = derived(ended(
            json!({ "destinations": answered(), "smartStatus": summary }),
        ));
        assert_eq!(
            (told.stage, told.conversation),
            (plain.stage, plain.conversation)
        );
    }
    // Of what runs, it tells where: there is no final status there.
    let running = |summary: &str| {
        let destinations = json!([entry(json!({}))]);
        let record = ended(json!({
            "sessionEndTime": null, "finalStatus": "", "smartStatus": summary, "destinations": destinations,
        }));
        derived(record).running.is_some()
    };
    assert!(running("WaitingQueue") && running("") && !running("InWorkbin"));
    assert!(!running("InAgentsWorkbin") && !running("Callback Created"));
}

#[test]
fn the_direction_is_told_outside_and_by_names_as_before() {
    let told = |record: Value| {
        let conversation = derived(record).conversation.unwrap();
        (
            conversation.direction.into_owned(),
            conversation.direction_told,
        )
    };
    let is = |word: &str, told| (word.to_owned(), told);
    let inside = json!({ "Direction": "Outbound" });
    for (more, expected) in [
        (json!({ "Direction": "Outbound" }), is("outbound", true)),
        (
            json!({ "Direction": "Inbound", "customerinfo": {} }),
            is("inbound", true),
        ),
        (json!({ "customerinfo": inside }), is("outbound", true)),
        (
            json!({ "Direction": "", "customerinfo": inside }),
            is("outbound", true),
        ),
        (
            json!({ "Direction": "Inbound", "customerinfo": inside }),
            is("inbound", true),
        ),
        (json!({}), is("inbound", false)),
        (
            json!({ "smartStatus": "CLOSED AT BOT" }),
            is("inbound", false),
        ),
        (json!({ "channel": "campaign" }), is("inbound", false)),
        (
            json!({ "channel": "campaign", "smartStatus": "CLOSED AT BOT" }),
            is("outbound", false),
        ),
    ] {
        assert_eq!(told(ended(more.clone())), expected, "{more}");
    }
    let refused = derived(ended(json!({ "Direction": 1 })));
    assert_eq!(rejects(&refused), [("Direction", Reason::WrongType)]);
}

#[test]
fn a_voicemail_is_told_by_any_spelling_of_yes() {
    let voicemails = |sent: Value| {
        facts(
            &derived(ended(json!({ "isVoicemail": sent }))),
            Kind::Voicemail,
        )
        .len()
    };
    for yes in [
        json!("YES"),
        json!("yes"),
        json!(true),
        json!("True"),
        json!(1),
    ] {
        assert_eq!(voicemails(yes.clone()), 1, "{yes}");
    }
    for no in [
        json!("NO"),
        json!(false),
        json!(""),
        json!(null),
        json!("n/a"),
    ] {
        assert_eq!(voicemails(no.clone()), 0, "{no}");
    }
    let refused = derived(ended(json!({ "isVoicemail": "perhaps" })));
    assert_eq!(rejects(&refused), [("isVoicemail", Reason::Unreadable)]);
    assert_eq!(refused.conversation.unwrap().outcome, Outcome::Terminated);
}

#[test]
fn each_consult_counts_at_its_agents_queue_and_nobody_is_named() {
    let asked = |at: &str| json!({"isMerged": true, "name": "Jane Doe", "acceptedTime": at, "assignedAt": at});
    let mut taken = agent();
    taken["ConsultingAgents"] = json!([
        asked("2026-09-01T10:01:00"), asked("2026-09-01T10:02:00"), asked("2026-09-01T10:02:00"), {"name": "+1321"},
        "Jane", null,
    ]);
    let mut flat = agent();
    flat["destinationType"] = json!("AgentSegment");
    flat["ConsultingAgents"] = json!([asked("2026-09-01T10:01:00")]);
    let derived = derived(ended(json!({
        "destinations": [entry(json!({ "respondingAgent": taken })), flat],
    })));
    let places: Vec<_> = facts(&derived, Kind::Consult)
        .iter()
        .map(|fact| (fact.0, fact.1))
        .collect();
    assert_eq!(
        places,
        [
            (0, "Billing"),
            (0, "Billing"),
            (0, "Billing"),
            (0, "Billing"),
            (1, "Billing")
        ]
    );
    let told: std::collections::BTreeSet<_> = derived
        .facts
        .iter()
        .filter(|fact| fact.kind == Kind::Consult)
        .map(|fact| (fact.destination, fact.element))
        .collect();
    assert_eq!(told.len(), 5, "told apart");
    assert_eq!(rejects(&derived), [("ConsultingAgents", Reason::WrongType)]);
    let printed = format!("{derived:?}");
    assert!(
        !printed.contains("Jane") && !printed.contains("1321"),
        "{printed}"
    );
}
