//! What is there at all, and where: late fields, destinations out of place, lists that are none.

use super::super::conversation::Conversation;
use super::super::second::wrong_summary;
use super::{Oddity, Struck};
use serde_json::{Map, Value, json};

/// A destination put in front shows so long after the end.
const FRONT_AFTER_MS: i64 = 120_000;
/// Late fields show within this time after the end.
const LATEST_FIELD_S: usize = 120;

/// What may come late without deciding anything that was counted before.
const LATE_FIELDS: [&str; 6] = [
    "firstResponseTime",
    "firstResponseDuration",
    "interactionEndTime",
    "interactionDuration",
    "afterCallWorkDuration",
    "afterCallWorkEndTime",
];
const LATE_AT_TOP: [&str; 6] = [
    "csatScore",
    "npsScore",
    "likeDislikeScore",
    "surveyType",
    "dispositions",
    "dispositionRemarks",
];

/// Takes away what does not show yet.
pub(super) fn late(
    record: &mut Value,
    conversation: &Conversation,
    struck: &Struck<'_>,
    now_ms: i64,
) {
    let Value::Object(fields) = record else {
        return;
    };
    let until_now_ms = conversation.end.map_or(i64::MIN, |end| now_ms - end.at_ms);
    let wait_s = struck.variant(Oddity::LateFields, LATEST_FIELD_S) as i64;
    if struck.by(Oddity::LateFields) && until_now_ms < wait_s * 1_000 {
        for field in LATE_AT_TOP {
            fields.remove(field);
        }
        for agent in destinations(fields).iter_mut().flat_map(agents) {
            for field in LATE_FIELDS {
                agent.remove(field);
            }
        }
    }
    let front = conversation.destinations.first();
    if struck.by(Oddity::FrontDestinationLate)
        && conversation.destinations.len() > 1
        && front.is_some_and(|front| front.segment.is_none())
        && until_now_ms < FRONT_AFTER_MS
        && let Some(Value::Array(destinations)) = fields.get_mut("destinations")
        && destinations.len() > 1
    {
        destinations.remove(0);
    }
}

/// Puts destinations out of order, or something else in their place; and a score that is none.
pub(super) fn deform(record: &mut Value, struck: &Struck<'_>) {
    let Value::Object(fields) = record else {
        return;
    };
    if struck.by(Oddity::DestinationsReversed) {
        destinations(fields).reverse();
    }
    if struck.by(Oddity::ScoresRefused)
        && let Some(score) = fields.get_mut("csatScore")
    {
        let refused = [json!(0), json!(9), json!(3.5), json!("great"), json!([4])];
        *score = refused[struck.variant(Oddity::ScoresRefused, refused.len())].clone();
    }
    if struck.by(Oddity::SmartStatusWrong)
        && fields.contains_key("sessionEndTime")
        && let Some(Value::String(summary)) = fields.get_mut("smartStatus")
    {
        *summary = wrong_summary(summary).to_owned();
    }
    if struck.by(Oddity::DestinationsNoList)
        && let Some(list) = fields.get_mut("destinations")
    {
        let none = [json!({"0": {}}), json!("[]"), json!(2), json!(true)];
        *list = none[struck.variant(Oddity::DestinationsNoList, none.len())].clone();
    }
}

/// The list of destinations; an empty one where there is none.
pub(super) fn destinations(record: &mut Map<String, Value>) -> &mut [Value] {
    match record.get_mut("destinations") {
        Some(Value::Array(destinations)) => destinations,
        _ => &mut [],
    }
}

/// The objects that tell of an agent's segment: the nested one, or the destination itself.
fn agents(destination: &mut Value) -> impl Iterator<Item = &mut Map<String, Value>> {
    let flat = destination.get("respondingAgent").is_none();
    let agent = if flat {
        Some(destination)
    } else {
        destination.get_mut("respondingAgent")
    };
    agent.and_then(Value::as_object_mut).into_iter()
}
