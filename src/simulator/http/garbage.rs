//! Any JSON value in any place of a record.

use super::super::dice::Dice;
use serde_json::Value;

/// The part of records that garbage strikes on a page.
const SPOILED: f64 = 0.3;
/// How often the descent stops and spoils the place it has come to, instead of going deeper.
const STOPS: f64 = 0.25;

/// Puts any JSON value into any place of some records.
pub(super) fn spoil(record: &mut Value, dice: &mut Dice) {
    if !dice.chance(SPOILED) {
        return;
    }
    let mut place = record;
    loop {
        let size = match place {
            Value::Object(fields) => fields.len(),
            Value::Array(items) => items.len(),
            _ => 0,
        };
        if size == 0 || dice.chance(STOPS) {
            break;
        }
        let nth = (dice.bits() % size as u64) as usize;
        let next = match place {
            Value::Object(fields) => fields.values_mut().nth(nth),
            Value::Array(items) => items.get_mut(nth),
            _ => None,
        };
        let Some(next) = next else { return };
        place = next;
    }
    *place = garbage(dice);
}

fn garbage(dice: &mut Dice) -> Value {
    match dice.bits() % 9 {
        0 => Value::Null,
        1 => Value::Bool(true),
        2 => Value::from(-1),
        3 => Value::from(u64::MAX),
        4 => Value::from(0.5),
        5 => Value::from("\u{0}\"\\ \u{1f480} not a time"),
        6 => Value::from(""),
        7 => serde_json::json!([[[{}]], null, 1e300]),
        _ => serde_json::json!({"": {"": []}, "sessionId": 7}),
    }
}
