//! The rules by example, a file for each; the laws as properties.

mod ending;
mod laws;
mod queues;
mod requests;
mod running;
mod second;
mod spelling;
mod values;
mod waiting;

use super::*;
use crate::api::{Page, Record, measure_offset};
use serde_json::value::RawValue;
use serde_json::{Value, json};

const SAMPLE: &str = include_str!("../../../tests/data/vendor-sample.json");
/// 2026-09-21T14:13:20Z.
const NOW_S: i64 = 1_790_000_000;
const CONTEXT: Context<'static> = Context {
    now_s: NOW_S,
    settle_s: 30,
    offset_s: 0,
    offsets: None,
    zone: None,
};

/// The raw row of a JSON value. Tests leak it, so that what borrows from it reads as plainly as a value.
fn row(record: &Value) -> &'static RawValue {
    Box::leak(RawValue::from_string(record.to_string()).unwrap())
}

fn record(record: &Value) -> &'static Record<'static> {
    Box::leak(Box::new(Record::read(row(record)).unwrap()))
}

fn derived(json: Value) -> Derived<'static> {
    derive(record(&json), &CONTEXT).unwrap()
}

/// A record with an id, a start, an end and a status, and what else is given.
fn ended(more: Value) -> Value {
    let mut record = json!({
        "conversationId": "c-1",
        "sessionStartTime": "2026-09-01T10:00:00",
        "sessionEndTime": "2026-09-01T10:05:00",
        "finalStatus": "CLOSED",
    });
    merge(&mut record, more);
    record
}

/// A queue entry, and what else is given.
fn entry(more: Value) -> Value {
    let mut destination = json!({
        "destinationType": "QueueEntry",
        "queueId": "qu-1",
        "queueName": "Billing",
        "CallbackOpted": false,
        "EnterTime": "2026-09-01T10:00:10",
    });
    merge(&mut destination, more);
    destination
}

fn agent() -> Value {
    json!({
        "agentId": "u-1",
        "status": "Answered",
        "assignedAt": "2026-09-01T10:00:20",
        "acceptedTime": "2026-09-01T10:00:30",
    })
}

/// `null` takes a member away.
fn merge(record: &mut Value, more: Value) {
    let (Value::Object(record), Value::Object(more)) = (record, more) else {
        panic!("both are objects");
    };
    for (key, value) in more {
        match value {
            Value::Null => record.remove(&key),
            value => record.insert(key, value),
        };
    }
}

/// The facts of one kind: place, queue's name or id, text, milliseconds.
fn facts<'r>(derived: &'r Derived, kind: Kind) -> Vec<(u16, &'r str, &'r str, u64)> {
    let queue = |fact: &Fact<'r>| fact.queue.and_then(|queue| queue.name.or(queue.id));
    derived
        .facts
        .iter()
        .filter(|fact| fact.kind == kind)
        .map(|fact| {
            (
                fact.destination,
                queue(fact).unwrap_or(""),
                fact.text,
                fact.millis,
            )
        })
        .collect()
}

fn rejects(derived: &Derived) -> Vec<(&'static str, Reason)> {
    derived
        .rejects
        .iter()
        .map(|reject| (reject.field.as_str(), reject.reason))
        .collect()
}

fn outcome(record: Value) -> Outcome {
    derived(record).conversation.unwrap().outcome
}

#[test]
fn the_vendors_sample_is_read_without_a_refusal() {
    let page = Page::parse(SAMPLE).unwrap();
    let records: Vec<Record> = page.rows().filter_map(Record::read).collect();
    let offset_s = measure_offset(&records, NOW_S, None).unwrap();
    let context = Context {
        offset_s,
        ..CONTEXT
    };
    assert_eq!(records.len(), 11);
    for record in &records {
        let derived = derive(record, &context).unwrap();
        assert_eq!((derived.stage, rejects(&derived)), (Stage::Ended, vec![]));
        assert_eq!(
            derived.start_s,
            crate::api::session_time_s(derived.identity.session.unwrap(), NOW_S)
        );
    }
}
