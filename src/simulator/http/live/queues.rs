//! What is asked of *Queue Performance*, and the answer.

use super::super::super::fault::Fault;
use super::super::super::wire::queue_rows;
use super::super::answer::{Refusal, invalid};
use super::super::{Reading, Simulator};
use super::Page;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::cmp::Ordering;

const GREATEST_RANGE_MS: i64 = 86_400_000;
const GREATEST_LIMIT: usize = 1_000;
const DEFAULT_LIMIT: usize = 100;

const DIMENSIONS: [&str; 4] = ["queueId", "queueName", "channel", "direction"];

/// All that `projection` may name.
const METRICS: [&str; 20] = [
    "agentStatusCount",
    "totalConversation",
    "waiting",
    "ongoing",
    "idle",
    "expired",
    "completed",
    "transferred",
    "abandonedInQueue",
    "overdue",
    "systemTermination",
    "ASA",
    "AHT",
    "accepted",
    "answered",
    "queueLoad",
    "resolved",
    "skillsInQueue",
    "topSkills",
    "SLA",
];

/// What can't be put in order.
const COMPOUND: [&str; 4] = [
    "agentStatusCount",
    "systemTermination",
    "skillsInQueue",
    "topSkills",
];

/// One request.
struct Asked {
    /// UTC milliseconds, both inclusive.
    range_ms: (i64, i64),
    queues: Vec<String>,
    channels: Vec<String>,
    directions: Vec<String>,
    projection: Vec<String>,
    /// A field, and whether the greatest comes first.
    sort: Option<(String, bool)>,
    page: Page,
}

impl Asked {
    fn read(
        parameters: &[(String, String)],
        body: &[u8],
        fault: Option<Fault>,
    ) -> Result<Asked, Refusal> {
        let wrong = |field: &str| invalid(&format!("{field} is invalid"));
        let body: Map<String, Value> = serde_json::from_slice(body).map_err(|_| wrong("body"))?;
        let time = |field: &str| {
            let text = body.get(field).and_then(Value::as_str);
            let time: Option<Timestamp> = text.and_then(|text| text.parse().ok());
            let ms = time.map(Timestamp::as_millisecond);
            ms.ok_or_else(|| wrong(field))
        };
        let range_ms = (time("startDate")?, time("endDate")?);
        if range_ms.1 < range_ms.0 {
            return Err(invalid("endDate must not be before startDate"));
        }
        if range_ms.1 - range_ms.0 > GREATEST_RANGE_MS {
            return Err(invalid("date range must not exceed 24 hours"));
        }
        let number = |field: &str, default: usize| match body.get(field) {
            None => Ok(default),
            Some(value) => value
                .as_u64()
                .map(|number| number as usize)
                .ok_or_else(|| wrong(field)),
        };
        let (limit, skip) = (number("limit", DEFAULT_LIMIT)?, number("offset", 0)?);
        if !(1..=GREATEST_LIMIT).contains(&limit) {
            return Err(invalid("limit must be between 1 and 1000"));
        }
        let words = |field: &str| {
            let list = body.get(field).cloned().unwrap_or_else(|| json!([]));
            serde_json::from_value::<Vec<String>>(list).map_err(|_| wrong(field))
        };
        let known = |field: &str, allowed: &[&str]| {
            let words = words(field)?;
            if words.iter().all(|word| allowed.contains(&word.as_str())) {
                Ok(words)
            } else {
                Err(wrong(field))
            }
        };
        let in_query = parameters.iter().find(|(name, _)| name == "sortBy");
        let in_body = body.get("sortBy").map(|by| by.as_str().unwrap_or_default());
        let by = in_query.map(|(_, by)| by.as_str()).or(in_body);
        Ok(Asked {
            range_ms,
            queues: words("queues")?,
            channels: words("channels")?,
            directions: known("direction", &["Inbound", "Outbound", "Both"])?,
            projection: known("projection", &METRICS)?,
            sort: by
                .map(|by| sort(by).ok_or_else(|| wrong("sortBy")))
                .transpose()?,
            page: Page { skip, limit, fault },
        })
    }

    /// An empty list asks for everything.
    fn wants(&self, row: &Value) -> bool {
        let text = |field: &str| row[field].as_str().unwrap_or_default();
        let any = |list: &[String], fits: &dyn Fn(&str) -> bool| {
            list.is_empty() || list.iter().any(|word| fits(word))
        };
        any(&self.queues, &|id| id == text("queueId"))
            && any(&self.channels, &|word| is_source(word, text("channel")))
            && any(&self.directions, &|word| {
                word == "Both" || word == text("direction")
            })
    }

    fn order(&self, rows: &mut [Value]) {
        if let Some((field, descending)) = &self.sort {
            rows.sort_by(|one, other| {
                let order = compare(&one[field], &other[field]);
                if *descending { order.reverse() } else { order }
            });
        }
    }

    fn project(&self, row: &mut Value) {
        if let Some(row) = row.as_object_mut().filter(|_| !self.projection.is_empty()) {
            row.retain(|field, _| {
                DIMENSIONS.contains(&field.as_str()) || self.projection.contains(field)
            });
        }
    }
}

/// `field:asc` or `field:desc`, of a field that holds one value.
fn sort(by: &str) -> Option<(String, bool)> {
    let (field, direction) = by.split_once(':')?;
    let descending = match direction {
        "asc" => false,
        "desc" => true,
        _ => return None,
    };
    let known = DIMENSIONS.contains(&field) || METRICS.contains(&field);
    (known && !COMPOUND.contains(&field)).then(|| (field.to_owned(), descending))
}

/// Numbers before texts.
fn compare(one: &Value, other: &Value) -> Ordering {
    match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => one.total_cmp(&other),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => one.as_str().cmp(&other.as_str()),
    }
}

/// An alias, the label of *Call Details*, or the source itself; a word that is none of them selects nothing.
fn is_source(word: &str, source: &str) -> bool {
    match word {
        "Voice" | "campaign" => source == "Voice",
        "Chat" | "Digital" | "Web/Mobile Client" => source == "rtm",
        "Email" | "System Mail" => source.starts_with("emailInst-"),
        exact => source == exact,
    }
}

impl Simulator {
    pub(super) fn queues(
        &self,
        parameters: &[(String, String)],
        body: &[u8],
        fault: Option<Fault>,
    ) -> Result<Value, Refusal> {
        let asked = Asked::read(parameters, body, fault)?;
        let answer = self.look(|world, now_ms, reading: &Reading| {
            let mut rows = queue_rows(world, now_ms, reading, asked.range_ms);
            rows.retain(|row| asked.wants(row));
            asked.order(&mut rows);
            rows.iter_mut().for_each(|row| asked.project(row));
            let all: Vec<&Value> = rows.iter().collect();
            let page = asked.page.of(&all, reading);
            json!({
                "finalResult": page,
                "hasMore": asked.page.more(rows.len(), reading),
                "offset": asked.page.skip,
                "limit": asked.page.limit,
                "totalResults": rows.len(),
            })
        });
        Ok(answer)
    }
}
