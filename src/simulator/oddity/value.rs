//! How values are spelled.

use super::super::http::fixed_zone;
use super::shape::destinations;
use super::{Oddity, Struck};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::{Map, Value, json};

const FLAG: &str = "CallbackOpted";
const FLAG_TIME: &str = "CallbackOptedTime";

/// Zones that people live in, far from one another: minutes east of UTC.
const OTHER_ZONES: [i32; 5] = [-480, -180, 180, 330, 540];

pub(super) fn other_zone(struck: &Struck<'_>) -> TimeZone {
    fixed_zone(OTHER_ZONES[struck.variant(Oddity::OtherZone, OTHER_ZONES.len())])
}

/// Spells the values of a record in its own way. `zone` is the one that its times are shown in.
pub(super) fn spell(record: &mut Value, struck: &Struck<'_>, zone: &TimeZone) {
    let Value::Object(fields) = record else {
        return;
    };
    if struck.by(Oddity::OpaqueIds)
        && let Some(Value::String(id)) = fields.get_mut("sessionId")
    {
        // As long as before, and no hexadecimal digits in front.
        id.replace_range(..8, "session-");
        // The start would be lost, and with it what keeps two ids apart; the rest is as good as random.
    }
    if struck.by(Oddity::EndsIn2099)
        && let Some(Value::String(end)) = fields.get_mut("sessionEndTime")
    {
        end.replace_range(..4, "2099");
    }
    for destination in destinations(fields) {
        flag(destination, struck);
    }
    let speller = Speller { struck, zone };
    speller.fields(fields);
}

fn flag(destination: &mut Value, struck: &Struck<'_>) {
    let Some(fields) = destination.as_object_mut() else {
        return;
    };
    let timed = fields.contains_key(FLAG_TIME);
    let Some(flag) = fields.get_mut(FLAG) else {
        return;
    };
    let choose = |oddity, choices: &[Value]| choices[struck.variant(oddity, choices.len())].clone();
    if struck.by(Oddity::FlagsAsText) {
        let yes = [
            json!("True"),
            json!("yes"),
            json!(1),
            json!("TRUE "),
            json!("1"),
        ];
        let no = [
            json!("False"),
            json!("no"),
            json!(0),
            json!(" false"),
            json!("0"),
        ];
        let opted = *flag == json!(true);
        *flag = choose(Oddity::FlagsAsText, if opted { &yes } else { &no });
    }
    if timed && struck.by(Oddity::FlagContradicted) {
        let odd = [
            json!(false),
            json!("perhaps"),
            json!({}),
            json!([]),
            json!(0),
        ];
        *flag = choose(Oddity::FlagContradicted, &odd);
    }
    if !timed && struck.by(Oddity::FlagUnreadable) {
        let odd = [
            json!({"value": true}),
            json!([true]),
            json!("perhaps"),
            json!(7),
        ];
        *flag = choose(Oddity::FlagUnreadable, &odd);
    }
}

struct Speller<'s> {
    struck: &'s Struck<'s>,
    zone: &'s TimeZone,
}

impl Speller<'_> {
    fn fields(&self, fields: &mut Map<String, Value>) {
        for (name, value) in fields {
            match value {
                Value::Object(fields) if name == "respondingAgent" => self.fields(fields),
                Value::Array(items) if name == "destinations" || name == "nonRespondingAgents" => {
                    items
                        .iter_mut()
                        .filter_map(Value::as_object_mut)
                        .for_each(|item| self.fields(item));
                }
                Value::String(text) if is_time(text) => *value = self.time(text),
                Value::Number(number) if self.struck.by(Oddity::NumbersAsText) => {
                    *value = Value::String(if self.struck.variant(Oddity::NumbersAsText, 2) == 0 {
                        number.to_string()
                    } else {
                        format!(" {number} ")
                    });
                }
                Value::String(text) if self.struck.by(Oddity::Blanks) && is_state(name) => {
                    *text = format!("  {text}\t");
                }
                _ => {}
            }
        }
    }

    fn time(&self, text: &str) -> Value {
        if self.struck.by(Oddity::EpochTimes)
            && let Some(at) = self.instant(text)
        {
            // Times in UTC are told to the millisecond; seconds would lose part of them.
            let variants = if text.ends_with('Z') { 2 } else { 4 };
            return match self.struck.variant(Oddity::EpochTimes, variants) {
                0 => json!(at.as_millisecond()),
                1 => json!(at.as_millisecond().to_string()),
                2 => json!(at.as_second()),
                _ => json!(at.as_second().to_string()),
            };
        }
        let mut text = text.to_owned();
        if self.struck.by(Oddity::OddSeconds) {
            text = odd_second(&text).unwrap_or(text);
        }
        if self.struck.by(Oddity::Blanks) {
            text = format!(" {text}\u{a0}\n");
        }
        Value::String(text)
    }

    fn instant(&self, text: &str) -> Option<Timestamp> {
        if text.ends_with('Z') {
            return text.parse().ok();
        }
        let shown: DateTime = text.parse().ok()?;
        self.zone.to_timestamp(shown).ok()
    }
}

/// The vendor's times all look like `2025-10-01T07:40:36`, with or without more behind.
fn is_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 19 && bytes[4] == b'-' && bytes[10] == b'T' && bytes[13] == b':'
}

fn is_state(name: &str) -> bool {
    matches!(name, "surveyType" | "status")
}

/// Midnight and whole minutes in their other spelling; `None` for all other times.
fn odd_second(text: &str) -> Option<String> {
    let shown: DateTime = text.parse().ok()?;
    if text.len() != 19 || shown.second() != 0 {
        return None;
    }
    if shown.hour() == 0 && shown.minute() == 0 {
        let before = shown.date().yesterday().ok()?;
        return Some(format!("{before}T24:00:00"));
    }
    let before = shown.checked_sub(1.minute()).ok()?;
    Some(format!("{}60", &before.to_string()[..17]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn midnight_and_whole_minutes_have_another_spelling() {
        for (text, odd) in [
            ("2025-10-01T00:00:00", Some("2025-09-30T24:00:00")),
            ("2025-10-01T07:40:00", Some("2025-10-01T07:39:60")),
            ("2025-10-01T07:00:00", Some("2025-10-01T06:59:60")),
            ("2025-10-01T07:40:36", None),
        ] {
            assert_eq!(odd_second(text).as_deref(), odd, "{text}");
        }
    }
}
