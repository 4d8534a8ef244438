//! What holds for every record there can be.

use super::*;
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::HashSet;

const TIMES: [&str; 5] = [
    "2026-09-01T10:00:30",
    "2026-09-01 9:59:30.5",
    "2026-09-01T10:03:00+05:30",
    "2026-09-01T10:04:00.250Z",
    "2026-02-30T10:00:00",
];
const WORDS: [&str; 12] = [
    "CLOSED",
    "USER ABANDONED",
    "BotResolved",
    "User Hangup",
    "Answered",
    "OPEN",
    "QueueEntry",
    "AgentSegment",
    "qu-1",
    "u-1",
    "Outbound",
    "",
];

/// Any JSON value, small but of every type and shape.
fn anything() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    scalar.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((any::<String>(), inner), 0..4).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

fn from(words: &'static [&'static str]) -> impl Strategy<Value = Value> {
    proptest::sample::select(words).prop_map(Value::from)
}

/// Mostly what the field should hold, now and then anything.
fn mostly(strategy: impl Strategy<Value = Value> + 'static) -> BoxedStrategy<Value> {
    prop_oneof![2 => Just(Value::Null), 9 => strategy, 1 => anything()].boxed()
}

fn text() -> BoxedStrategy<Value> {
    mostly(from(&WORDS))
}

fn time() -> BoxedStrategy<Value> {
    mostly(from(&TIMES))
}

fn number() -> BoxedStrategy<Value> {
    mostly(
        (-2..12_i8, 0..2_u8)
            .prop_map(|(whole, half)| json!(f64::from(whole) + f64::from(half) / 2.0)),
    )
}

fn object(fields: Vec<(&'static str, BoxedStrategy<Value>)>) -> BoxedStrategy<Value> {
    let (keys, values): (Vec<_>, Vec<_>) = fields.into_iter().unzip();
    values
        .prop_map(move |values| {
            keys.iter()
                .map(|key| (*key).to_owned())
                .zip(values)
                .collect()
        })
        .boxed()
}

fn agent_fields() -> Vec<(&'static str, BoxedStrategy<Value>)> {
    vec![
        ("agentId", text()),
        ("status", text()),
        ("assignedAt", time()),
        ("acceptedTime", time()),
        ("firstResponseDuration", number()),
        ("interactionDuration", number()),
        ("interactionEndTime", time()),
        ("afterCallWorkDuration", number()),
        ("afterCallWorkEndTime", time()),
        (
            "ConsultingAgents",
            mostly(vec(mostly(object(vec![("assignedAt", time())])), 0..4).prop_map(Value::from)),
        ),
    ]
}

fn destination() -> BoxedStrategy<Value> {
    let offer = object(vec![
        ("agentId", text()),
        ("assignedAt", time()),
        ("nonResponseEvent", text()),
    ]);
    let mut fields = vec![
        ("destinationType", text()),
        ("queueId", text()),
        ("queueName", text()),
        ("EnterTime", time()),
        ("CallbackOpted", mostly(any::<bool>().prop_map(Value::from))),
        ("CallbackOptedTime", time()),
        ("userCallbackAcceptTime", time()),
        ("respondingAgent", mostly(object(agent_fields()))),
        (
            "nonRespondingAgents",
            mostly(vec(offer, 0..4).prop_map(Value::from)),
        ),
    ];
    fields.extend(agent_fields());
    object(fields)
}

fn any_record() -> BoxedStrategy<Value> {
    object(vec![
        ("conversationId", text()),
        ("sessionId", text()),
        ("channel", text()),
        ("sessionStartTime", time()),
        ("sessionEndTime", time()),
        ("finalStatus", text()),
        ("disconnectingEvent", text()),
        (
            "dispositions",
            mostly(vec(text(), 0..4).prop_map(Value::from)),
        ),
        ("customerinfo", mostly(object(vec![("Direction", text())]))),
        ("Direction", text()),
        ("smartStatus", text()),
        ("isVoicemail", text()),
        (
            "metaInfo",
            mostly(object(vec![(
                "agentTransferConfig",
                mostly(object(vec![("lastIntentName", text())])),
            )])),
        ),
        (
            "destinations",
            mostly(vec(mostly(destination()), 0..4).prop_map(Value::from)),
        ),
        ("csatScore", number()),
        ("npsScore", number()),
        ("likeDislikeScore", number()),
    ])
}

type FactKey = (Kind, u16, Option<u32>);

fn keys(derived: &Derived) -> Vec<FactKey> {
    let key = |fact: &Fact| (fact.kind, fact.destination, fact.element);
    derived.facts.iter().map(key).collect()
}

/// What [`derive`] promises of each record.
fn assert_lawful(derived: &Derived) {
    let keys = keys(derived);
    let distinct: HashSet<_> = keys.iter().collect();
    assert_eq!(
        distinct.len(),
        keys.len(),
        "two facts share kind, destination and element"
    );
    let whys = derived
        .rejects
        .iter()
        .map(|reject| (reject.field, reject.reason));
    let distinct: HashSet<_> = whys.collect();
    assert_eq!(
        distinct.len(),
        derived.rejects.len(),
        "two refusals share field and reason"
    );
    assert!(derived.rejects.iter().all(|reject| reject.values > 0));
    assert_eq!(derived.conversation.is_some(), derived.stage != Stage::Live);
    assert_eq!(derived.facts.is_empty(), derived.stage != Stage::Ended);
    assert!(derived.waits_for.is_none() || derived.stage == Stage::Live);
    let refused = |field| derived.rejects.iter().any(|reject| reject.field == field);
    assert!(
        derived.waits_for.is_none_or(refused),
        "what is waited for is counted as refused"
    );
    assert!(derived.latest_s <= NOW_S + 86_400, "kept for good");
    if let Some(conversation) = &derived.conversation {
        assert_eq!(conversation.rule.outcome(), conversation.outcome);
        assert!(Some(conversation.ended_s) >= derived.end_s);
    }
}

fn derive_all(body: &str) {
    let Ok(page) = Page::parse(body) else { return };
    let records: Vec<Record> = page.rows().filter_map(Record::read).collect();
    let offset_s = measure_offset(&records, NOW_S, None).unwrap_or_default();
    for record in &records {
        if let Ok(derived) = derive(
            record,
            &Context {
                offset_s,
                ..CONTEXT
            },
        ) {
            assert_lawful(&derived);
        }
    }
}

/// Where the values of the sample's rows begin.
fn places() -> Vec<usize> {
    let rows = SAMPLE.find("sessionId").unwrap_or_default();
    SAMPLE
        .match_indices("\": ")
        .map(|(at, colon)| at + colon.len())
        .filter(|at| *at > rows)
        .collect()
}

proptest! {
    #[test]
    fn any_value_in_any_place_is_survived(record in any_record()) {
        derive_all(&json!({"data": [record]}).to_string());
    }

    #[test]
    fn any_json_is_survived_as_a_page(body in anything(), rows in vec(anything(), 0..4)) {
        derive_all(&body.to_string());
        derive_all(&json!({"data": rows}).to_string());
    }

    #[test]
    fn a_sample_with_bytes_changed_is_survived(
        changes in vec((0..SAMPLE.len(), any::<u8>()), 1..40),
        cut in proptest::option::of(0..SAMPLE.len()),
    ) {
        let mut bytes = SAMPLE.as_bytes().to_vec();
        for (at, byte) in changes {
            bytes[at] = byte;
        }
        bytes.truncate(cut.unwrap_or(bytes.len()));
        derive_all(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn a_sample_with_a_value_exchanged_is_survived(
        place in proptest::sample::select(places()),
        value in r#"(true|-?[1-9][0-9]{0,30}|1e999|null|""|"\\ud800"|\[\[0\]\]|\{"a":[0]\})"#,
    ) {
        // The syntax stays whole, types do not.
        let mut values = serde_json::Deserializer::from_str(&SAMPLE[place..]).into_iter::<&RawValue>();
        prop_assert!(values.next().is_some_and(|value| value.is_ok()));
        let end = place + values.byte_offset();
        let body = format!("{}{value}{}", &SAMPLE[..place], &SAMPLE[end..]);
        prop_assert_eq!(Page::parse(body.as_str()).map(|page| page.rows().len()), Ok(11));
        derive_all(&body);
    }

    #[test]
    fn what_appears_late_only_adds_facts(base in any_record(), score in 1..5_u8, late in "[a-z]{12}") {
        let mut base = base;
        merge(&mut base, json!({
            "sessionId": "s-1",
            "sessionEndTime": "2026-09-01T10:05:00",
            "finalStatus": "CLOSED",
        }));
        let before = derive(record(&base), &CONTEXT).unwrap();
        prop_assume!(before.waits_for.is_none());
        prop_assert_eq!(before.stage, Stage::Ended);
        let mut grown = base.clone();
        for (field, kind) in [("csatScore", Kind::Csat), ("npsScore", Kind::Nps)] {
            if facts(&before, kind).is_empty() {
                grown[field] = json!(score);
            }
        }
        if let Value::Array(dispositions) = &mut grown["dispositions"] {
            dispositions.push(json!(late));
        }
        if let Value::Array(destinations) = &mut grown["destinations"] {
            for destination in destinations {
                if let Some(Value::Array(offers)) = destination.get_mut("nonRespondingAgents") {
                    offers.push(json!({"agentId": late}));
                }
            }
        }
        let after = derive(record(&grown), &CONTEXT).unwrap();
        for fact in &before.facts {
            prop_assert!(after.facts.contains(fact), "{fact:?} is gone");
        }
    }

    #[test]
    fn a_further_destination_takes_no_entry_or_agent_back(base in any_record(), next in destination()) {
        let mut grown = base.clone();
        match &mut grown["destinations"] {
            Value::Array(destinations) => destinations.push(next),
            other => *other = json!([next]),
        }
        let (Ok(before), Ok(after)) = (derive(record(&base), &CONTEXT), derive(record(&grown), &CONTEXT)) else {
            return Ok(());
        };
        // The further one may be what can't be read: then all of the record waits.
        prop_assume!(after.waits_for.is_none());
        let after = keys(&after);
        for key in keys(&before) {
            // Whoever was waiting until the end of the session now waits until the next destination takes over.
            prop_assert!(after.contains(&key) || key.0 == Kind::QueueWait, "{key:?} is gone");
        }
    }
}
