//! Whatever a person can read reads the same.

use super::*;
use proptest::prelude::*;

/// A record in which every field that is no text has a value, as the vendor's page spells it.
fn plain() -> Value {
    ended(json!({
        "sessionId": "68dc602b4afb07c72ac5xxxx",
        "csatScore": 4,
        "npsScore": 10,
        "likeDislikeScore": 1,
        "disconnectingEvent": "User Hangup",
        "destinations": [
            entry(json!({
                "CallbackOpted": true,
                "CallbackOptedTime": "2026-09-01T10:00:40.250Z",
                "userCallbackAcceptTime": "2026-09-01T10:01:10Z",
            })),
            entry(json!({
                "EnterTime": "2026-09-01T10:02:00",
                "respondingAgent": {
                    "agentId": "u-1",
                    "status": "Answered",
                    "assignedAt": "2026-09-01T10:02:10",
                    "acceptedTime": "2026-09-01T10:02:20",
                    "firstResponseDuration": 3,
                    "interactionDuration": 60,
                    "interactionEndTime": "2026-09-01T10:03:20",
                    "afterCallWorkDuration": 20,
                    "afterCallWorkEndTime": "2026-09-01T10:03:40",
                },
            })),
        ],
    }))
}

/// Spells every value of a record anew: `choose` picks among so many spellings.
fn respell(value: &mut Value, choose: &mut dyn FnMut(usize) -> usize) {
    match value {
        Value::Object(members) => members.values_mut().for_each(|it| respell(it, choose)),
        Value::Array(items) => items.iter_mut().for_each(|it| respell(it, choose)),
        Value::Null => {}
        Value::Bool(flag) => {
            let words = if *flag {
                ["true", "True", "YES", "1", " y ", "on"]
            } else {
                ["false", "False", "NO", "0", " n ", "off"]
            };
            *value = match choose(words.len() + 2) {
                0 => return,
                1 => json!(u8::from(*flag)),
                at => json!(words[at - 2]),
            };
        }
        Value::Number(number) => {
            let text = number.to_string();
            *value = match choose(5) {
                0 => return,
                1 => json!(text),
                2 => json!(format!("\t{text} ")),
                3 => json!(format!("{text}.0")),
                _ => json!(number.as_f64()),
            };
        }
        Value::String(text) => {
            let padded = format!(" {text}\r\n");
            *value = match crate::api::Timestamp::parse(text) {
                None if choose(2) == 0 => return,
                None => json!(padded),
                Some(crate::api::Timestamp::Utc(millis)) => match choose(4) {
                    0 => return,
                    1 => json!(millis),
                    2 => json!(format!("{millis}")),
                    _ => json!(padded),
                },
                Some(crate::api::Timestamp::Local(_)) => match choose(4) {
                    0 => return,
                    1 => json!(text.replace('T', " ")),
                    2 => json!(text.replace('-', "/").replace('T', "  ")),
                    _ => json!(padded),
                },
            };
        }
    }
}

proptest! {
    #[test]
    fn every_spelling_of_a_record_says_the_same(choices in proptest::collection::vec(any::<usize>(), 60)) {
        let mut choices = choices.into_iter().cycle();
        let mut respelled = plain();
        respell(&mut respelled, &mut |most| choices.next().unwrap_or_default() % most);
        let (plain, respelled) = (derived(plain()), derived(respelled));
        prop_assert_eq!(&plain.rejects, &vec![]);
        prop_assert_eq!(respelled, plain);
    }
}

#[test]
fn the_vendors_own_true_is_a_callback() {
    for flag in [
        json!("True"),
        json!("yes"),
        json!(1),
        json!("1"),
        json!(" on "),
    ] {
        let record = ended(json!({"destinations": [entry(json!({"CallbackOpted": flag}))]}));
        assert_eq!(outcome(record), Outcome::Callback);
    }
    for flag in [
        json!("False"),
        json!("no"),
        json!(0),
        json!("null"),
        json!(""),
    ] {
        let record = ended(json!({"destinations": [entry(json!({"CallbackOpted": flag}))]}));
        assert_eq!(outcome(record), Outcome::Terminated);
    }
}

#[test]
fn words_are_told_by_their_letters() {
    for status in [
        "USER ABANDONED",
        "user_abandoned",
        "User-Abandoned",
        "UserAbandoned",
    ] {
        assert_eq!(
            outcome(ended(json!({"finalStatus": status}))),
            Outcome::Abandoned
        );
    }
    for live in ["ON_HOLD", "on hold", "CallbackCreated", "waiting-queue"] {
        assert_eq!(
            derived(ended(json!({"finalStatus": live}))).stage,
            Stage::Live
        );
    }
    assert_eq!(
        outcome(ended(json!({"finalStatus": "USER ABANDON"}))),
        Outcome::Terminated
    );
}

#[test]
fn a_word_for_nothing_is_a_name_where_names_are_due_and_nothing_elsewhere() {
    let derived = derived(ended(json!({
        "csatScore": "null", "npsScore": "N/A", "sessionStartTime": "undefined", "dispositions": "none",
        "destinations": [entry(json!({"queueName": "none"}))],
    })));
    assert_eq!(rejects(&derived), []);
    assert_eq!(derived.conversation.unwrap().queue.name, Some("none"));
}

#[test]
fn a_time_later_than_a_day_from_now_is_none() {
    let at = |after_s: i64| crate::api::format_utc(NOW_S + after_s);
    let far = derived(ended(json!({"sessionEndTime": "2099-01-01T00:00:00"})));
    assert_eq!((far.stage, far.end_s), (Stage::Live, None));
    assert_eq!(rejects(&far), [("sessionEndTime", Reason::OutOfRange)]);
    let near = derived(ended(json!({"sessionEndTime": at(86_400)})));
    assert_eq!((near.end_s, rejects(&near)), (Some(NOW_S + 86_400), vec![]));
    let next = derived(ended(json!({"sessionEndTime": at(86_401)})));
    assert_eq!((next.end_s, next.latest_s), (None, next.start_s.unwrap()));
}

#[test]
fn a_record_without_any_time_is_kept_by_the_time_of_reading() {
    let timeless = derived(ended(
        json!({"sessionStartTime": null, "sessionEndTime": 5}),
    ));
    assert_eq!((timeless.start_s, timeless.latest_s), (None, NOW_S));
}

#[test]
fn what_a_program_writes_where_it_knows_no_time_says_that_nothing_happened() {
    let zeros = [
        json!(0),
        json!(-1),
        json!(false),
        json!("0"),
        json!("0000-00-00 00:00:00"),
        json!("1970-01-01T00:00:00.000Z"),
        json!("1970-01-01T05:30:00"),
        json!("0001-01-01T00:00:00Z"),
    ];
    let record = |zero: &Value| {
        ended(json!({
            "finalStatus": "USER ABANDONED",
            "destinations": [entry(json!({
                "CallbackOptedTime": zero,
                "userCallbackAcceptTime": zero,
                "respondingAgent": {
                    "agentId": "u-1",
                    "assignedAt": zero,
                    "acceptedTime": zero,
                    "interactionEndTime": zero,
                    "afterCallWorkEndTime": zero,
                },
                "nonRespondingAgents": [{"agentId": "u-2", "assignedAt": zero}],
            }))],
        }))
    };
    let nothing = derived(record(&Value::Null));
    assert_eq!(
        nothing.conversation.as_ref().unwrap().outcome,
        Outcome::Abandoned
    );
    for zero in &zeros {
        assert_eq!(derived(record(zero)), nothing, "{zero}");
    }
    // Neither has it ended, nor is that a mistake.
    for zero in &zeros {
        let running = derived(ended(json!({"sessionEndTime": zero})));
        assert_eq!(
            (running.stage, rejects(&running)),
            (Stage::Live, vec![]),
            "{zero}"
        );
    }
    // Other times before the vendor's platform are mistakes, and decide nothing.
    let long_ago = json!({"CallbackOptedTime": "1985-10-01T04:26:43Z"});
    let waits = derived(ended(json!({"destinations": [entry(long_ago)]})));
    assert_eq!(waits.waits_for, Some(Field::CallbackOptedTime));
    assert_eq!(rejects(&waits), [("CallbackOptedTime", Reason::Unreadable)]);
}

/// Taken for an id, one of these would make one conversation of all that have none.
#[test]
fn a_word_for_nothing_is_nobodys_id() {
    for nothing in [
        "null",
        "undefined",
        "N/A",
        "-",
        "0",
        "00000000-0000-0000-0000-000000000000",
    ] {
        let bot = derived(ended(
            json!({ "conversationId": nothing, "sessionId": "s-1" }),
        ));
        assert_eq!(bot.identity.conversation, None, "{nothing}");
        let nobody = ended(json!({ "conversationId": nothing, "sessionId": nothing }));
        assert!(derive(record(&nobody), &CONTEXT).is_err(), "{nothing}");
        let unanswered = entry(json!({
            "queueId": nothing,
            "respondingAgent": { "agentId": nothing, "status": "null" },
        }));
        let told = derived(ended(json!({ "destinations": [unanswered] })));
        let queue = told.conversation.unwrap().queue;
        assert_eq!((queue.id, queue.name), (None, Some("Billing")), "{nothing}");
    }
}
