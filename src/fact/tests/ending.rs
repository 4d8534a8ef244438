//! Identity, ended, settled, answered; outcome, offered, direction.

use super::*;

#[test]
fn a_record_without_any_id_is_rejected_and_says_which_one_was_unusable() {
    let nobody = derive(
        record(&json!({"channel": "Voice", "conversationId": ""})),
        &CONTEXT,
    );
    assert_eq!(nobody, Err(RejectedRecord::NoIdentity { rejects: vec![] }));
    let number = derive(record(&json!({"sessionId": 7})), &CONTEXT);
    let reject = Reject {
        field: Field::SessionId,
        reason: Reason::WrongType,
        values: 1,
    };
    assert_eq!(
        number,
        Err(RejectedRecord::NoIdentity {
            rejects: vec![reject]
        })
    );
}

#[test]
fn nothing_counts_before_the_end_is_readable_and_the_status_is_no_live_one() {
    for not_ended in [
        json!({"sessionEndTime": null}),
        json!({"sessionEndTime": ""}),
        json!({"sessionEndTime": "soon"}),
        json!({"finalStatus": null}),
        json!({"finalStatus": ["CLOSED"]}),
        json!({"finalStatus": "waitingqueue"}),
        json!({"finalStatus": "Callback Created"}),
        json!({"finalStatus": "acw", "destinations": [entry(json!({"respondingAgent": agent()}))]}),
    ] {
        let derived = derived(ended(not_ended));
        assert_eq!(derived.stage, Stage::Live);
        assert_eq!((derived.conversation, derived.facts), (None, vec![]));
    }
    assert_eq!(
        derived(ended(json!({"finalStatus": "the tenant's own"}))).stage,
        Stage::Ended
    );
}

#[test]
fn only_what_no_agent_answered_is_left_to_settle() {
    let just_now = |more| {
        let mut record = ended(json!({"sessionEndTime": "2026-09-21T14:12:51"}));
        merge(&mut record, more);
        derived(record)
    };
    let unanswered = just_now(json!({}));
    assert_eq!(
        (unanswered.stage, unanswered.facts.len()),
        (Stage::Settling, 0)
    );
    let answered = json!({"destinations": [entry(json!({"respondingAgent": agent()}))]});
    assert_eq!(just_now(answered).stage, Stage::Ended);
    assert_eq!(
        just_now(json!({"sessionEndTime": "2026-09-21T14:12:50"})).stage,
        Stage::Ended
    );
    let bot_only = json!({"conversationId": null, "sessionId": "s", "finalStatus": "BotResolved"});
    assert_eq!(just_now(bot_only).stage, Stage::Settling);
}

#[test]
fn an_agent_answers_by_accepting_or_by_status_nested_or_flat() {
    for destination in [
        entry(json!({"respondingAgent": {"acceptedTime": "2026-09-01T10:00:30"}})),
        entry(json!({"respondingAgent": {"status": "answered"}})),
        json!({"destinationType": "AgentSegment", "acceptedTime": "2026-09-01T10:00:30"}),
        json!({"destinationType": "AgentSegment", "status": "Answered"}),
    ] {
        assert_eq!(
            outcome(ended(json!({"destinations": [destination]}))),
            Outcome::Answered
        );
    }
    for destination in [
        entry(json!({"respondingAgent": {"agentId": "u-1", "assignedAt": "2026-09-01T10:00:30"}})),
        entry(json!({"respondingAgent": {"acceptedTime": "", "status": "Missed"}})),
        entry(json!({"respondingAgent": {"acceptedTime": "undefined", "status": "null"}})),
    ] {
        assert_eq!(
            outcome(ended(json!({"destinations": [destination]}))),
            Outcome::Terminated
        );
    }
}

#[test]
fn outcomes_follow_the_first_rule_that_fits() {
    let answered = json!([entry(
        json!({"respondingAgent": agent(), "CallbackOpted": true})
    )]);
    let waiting = json!([entry(json!({}))]);
    let callback = json!([entry(json!({"CallbackOpted": true})), entry(json!({}))]);
    let cases = [
        (
            json!({"destinations": answered}),
            Rule::AgentAnswered,
            Outcome::Answered,
        ),
        (
            json!({"destinations": answered, "finalStatus": "User Abandoned"}),
            Rule::UserLeftAgent,
            Outcome::AbandonedWithAgent,
        ),
        (
            json!({"destinations": callback, "finalStatus": "USER ABANDONED"}),
            Rule::CallbackOpted,
            Outcome::Callback,
        ),
        (
            json!({"destinations": waiting, "finalStatus": "USER ABANDONED"}),
            Rule::UserAbandoned,
            Outcome::Abandoned,
        ),
        (
            json!({"destinations": waiting, "disconnectingEvent": "user hangup"}),
            Rule::UserHungUp,
            Outcome::Abandoned,
        ),
        (
            json!({"destinations": waiting, "disconnectingEvent": "Bot Hangup"}),
            Rule::EndedForUser,
            Outcome::Terminated,
        ),
        (
            json!({"finalStatus": "BotResolved"}),
            Rule::EndedForUser,
            Outcome::Terminated,
        ),
    ];
    for (more, rule, outcome) in cases {
        let conversation = derived(ended(more)).conversation.unwrap();
        assert_eq!((conversation.rule, conversation.outcome), (rule, outcome));
        assert!(conversation.offered);
    }
}

#[test]
fn each_rule_says_in_words_which_of_the_three_it_belongs_to() {
    let belongs = [
        ("rule 1: ", vec![Rule::AgentAnswered, Rule::UserLeftAgent]),
        (
            "rule 2: ",
            vec![
                Rule::CallbackOpted,
                Rule::UserAbandoned,
                Rule::UserHungUp,
                Rule::EndedForUser,
            ],
        ),
        (
            "rule 3: ",
            vec![Rule::BotResolved, Rule::BotDropped, Rule::NoneOfThese],
        ),
    ];
    let mut said = std::collections::HashSet::new();
    for (rule, members) in belongs {
        for words in members.into_iter().map(Rule::as_str) {
            assert!(words.starts_with(rule), "{words}");
            assert!(said.insert(words), "said twice: {words}");
        }
    }
}

#[test]
fn a_session_without_conversation_and_destinations_is_the_bots_own() {
    let session = |more| {
        let mut record = ended(json!({"conversationId": null, "sessionId": "s-1"}));
        merge(&mut record, more);
        derived(record).conversation.unwrap()
    };
    let cases = [
        (
            json!({"finalStatus": "BOTRESOLVED"}),
            Outcome::Contained,
            false,
        ),
        (
            json!({"finalStatus": "Dropped"}),
            Outcome::BotDropped,
            false,
        ),
        (
            json!({"disconnectingEvent": "User Hangup"}),
            Outcome::Other,
            false,
        ),
        (
            json!({"finalStatus": "USER ABANDONED"}),
            Outcome::Abandoned,
            true,
        ),
        (json!({"destinations": [{}]}), Outcome::Terminated, true),
    ];
    for (more, outcome, offered) in cases {
        let conversation = session(more);
        assert_eq!(
            (conversation.outcome, conversation.offered),
            (outcome, offered)
        );
    }
}

#[test]
fn the_direction_is_the_vendors_word_else_told_by_the_shape_of_the_entries() {
    let direction = |more| derived(ended(more)).conversation.unwrap().direction;
    let says = |word: &str| json!({"customerinfo": {"Direction": word}});
    assert_eq!(direction(says("Outbound")), "outbound");
    assert_eq!(direction(says("INBOUND")), "inbound");
    assert_eq!(direction(says("Internal")), "internal");
    let bare = || json!({"queueId": "qu-1"});
    let segment = json!({"destinationType": "AgentSegment", "agentId": "u-1"});
    assert_eq!(
        direction(json!({"destinations": [bare(), bare(), segment]})),
        "outbound"
    );
    assert_eq!(direction(json!({"destinations": [segment]})), "inbound");
    assert_eq!(direction(json!({"destinations": []})), "inbound");
    for announced in [
        json!({"queueName": "Billing"}),
        json!({"queueId": "q", "EnterTime": "?"}),
    ] {
        assert_eq!(
            direction(json!({"destinations": [bare(), announced]})),
            "inbound"
        );
    }
    assert_eq!(
        direction(json!({"customerinfo": {"Direction": 1}})),
        "inbound"
    );
}

#[test]
fn an_outbound_conversation_is_never_offered() {
    let record = ended(json!({
        "customerinfo": {"Direction": "Outbound"},
        "destinations": [entry(json!({"respondingAgent": agent()}))],
    }));
    assert!(!derived(record).conversation.unwrap().offered);
}

#[test]
fn a_conversation_is_over_when_its_last_interaction_is() {
    let until = |end: &str| entry(json!({"respondingAgent": {"interactionEndTime": end}}));
    let over_s = |ends: [&str; 2]| {
        let record = ended(json!({"destinations": [until(ends[0]), until(ends[1])]}));
        derived(record).conversation.unwrap().ended_s
    };
    // 2026-09-01T10:05:00Z.
    let end_s = 1_788_257_100;
    assert_eq!(
        over_s(["2026-09-01T10:04:00", "2026-09-01T10:03:00"]),
        end_s
    );
    assert_eq!(
        over_s(["2026-09-01T10:05:36", "2026-09-01T10:05:01"]),
        end_s + 36
    );
}

#[test]
fn a_start_that_cannot_be_read_is_taken_from_the_session_id() {
    let record = ended(json!({"sessionStartTime": "?", "sessionId": "68dc602b4afb07c72ac5xxxx"}));
    let derived = derived(record);
    assert_eq!(derived.start_s, Some(0x68dc_602b));
    assert_eq!(facts(&derived, Kind::SessionDuration), vec![]);
    assert_eq!(
        rejects(&derived),
        [("sessionStartTime", Reason::Unreadable)]
    );
}
