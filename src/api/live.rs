//! Answers that are lists of rows beside *Call Details*, exactly as sent; and the rows that tell the queue as it is now:
//! *Queue Performance* and *List of Conversations*.
//!
//! They are full of names, numbers and notes; what is not declared here is skipped as bytes.

use super::page::Row;
use super::record::{List, Text};
use super::time::Timestamp;
use super::totals::{ContactVolume, QueueTotals};
use super::walk::{Read, Sent, Walk};
use super::wire::wire;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// The rows of one answer, and how many there are.
#[derive(Default)]
pub struct LiveRows<'a> {
    rows: Vec<&'a RawValue>,
    /// More than these are there.
    pub has_more: bool,
    /// Of all rows, where that is told.
    pub total: Option<u64>,
    has_rows: bool,
}

impl<'a> LiveRows<'a> {
    /// Reads an answer: an object whose rows stand in `finalResult` (queues), `results` (conversations) or
    /// `CallVolumeUpdate` (contact volume).
    ///
    /// # Errors
    /// What is wrong, in words that hold nothing of the body.
    pub fn read(body: &'a str) -> Result<Self, String> {
        let rows: LiveRows<'a> = serde_json::from_str(body.trim_start_matches('\u{feff}'))
            .map_err(|error| {
                let (line, column) = (error.line(), error.column());
                format!("the body is no list of rows: unexpected at line {line}, column {column}")
            })?;
        if !rows.has_rows && rows.total != Some(0) {
            return Err(
                "the body is no list of rows: it has none of `finalResult`, `results`, `CallVolumeUpdate`"
                    .to_owned(),
            );
        }
        Ok(rows)
    }

    /// How many rows there are, of which some may be no objects.
    #[allow(clippy::len_without_is_empty, reason = "nobody asks")]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// The rows of *Queue Performance*, and how many can't be read.
    pub fn queues(&self) -> (Vec<QueueRow<'a>>, u64) {
        self.objects()
    }

    /// The rows of *List of Conversations*, and how many can't be read.
    pub fn conversations(&self) -> (Vec<OpenConversation<'a>>, u64) {
        self.objects()
    }

    /// The rows of *Queue Performance* as totals of its range, and how many can't be read.
    pub fn totals(&self) -> (Vec<QueueTotals<'a>>, u64) {
        self.objects()
    }

    /// The rows of *Contact Volume*, and how many can't be read.
    pub fn volumes(&self) -> (Vec<ContactVolume<'a>>, u64) {
        self.objects()
    }

    fn objects<T: Read<'a>>(&self) -> (Vec<T>, u64) {
        let read = |row: &&'a RawValue| match T::read(&mut Walk::over(Row::from(*row))) {
            Sent::Value(object) => Some(object),
            Sent::Absent | Sent::WrongType | Sent::Unreadable => None,
        };
        let objects: Vec<T> = self.rows.iter().filter_map(read).collect();
        let strangers = self.rows.len() - objects.len();
        (objects, strangers as u64)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for LiveRows<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Envelope;
        impl<'de> Visitor<'de> for Envelope {
            type Value = LiveRows<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with rows")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<LiveRows<'de>, A::Error> {
                let mut found = LiveRows::default();
                while let Some(key) = map.next_key::<std::borrow::Cow<'_, str>>()? {
                    match &*key {
                        "finalResult" | "results" | "CallVolumeUpdate" => {
                            let rows: Option<Vec<&RawValue>> = map.next_value()?;
                            found.has_rows |= rows.is_some();
                            found.rows = rows.unwrap_or_default();
                        }
                        "hasMore" => {
                            let more: serde_json::Value = map.next_value()?;
                            found.has_more = more == true || more == "true";
                        }
                        "totalResults" | "totalCount" => {
                            let total: serde_json::Value = map.next_value()?;
                            let of_text = || total.as_str()?.trim().parse().ok();
                            found.total = total.as_u64().or_else(of_text);
                        }
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                Ok(found)
            }
        }
        deserializer.deserialize_map(Envelope)
    }
}

wire! {
    /// What *Queue Performance* tells of one queue, channel and direction.
    QueueRow {
        "queueId" => queue_id: Text<'a>,
        "queueName" => queue_name: Text<'a>,
        "channel" => channel: Text<'a>,
        "direction" => direction: Text<'a>,
        "waiting" => waiting: f64,
        "ongoing" => ongoing: f64,
        "overdue" => overdue: f64,
        "agentStatusCount" => agents: Staff,
    }

    /// A conversation of *List of Conversations*.
    OpenConversation {
        "_id" => id: Text<'a>,
        "source" => source: Text<'a>,
        "status" => status: Text<'a>,
        "createdAt" => created_at: Timestamp,
        "startTime" => start_time: Timestamp,
        "acceptedAt" => accepted_at: Timestamp,
        "endTime" => end_time: Timestamp,
        "queues" => queues: List<Assigned<'a>>,
        "participants" => participants: List<Participant<'a>>,
    }

    /// A queue that it was put into. Its `name` is an agent's, and not read.
    Assigned {
        "id" => id: Text<'a>,
        "startTime" => start_time: Timestamp,
    }

    /// Of who took part, which queue that was in.
    Participant {
        "queueId" => queue_id: Text<'a>,
        "queueName" => queue_name: Text<'a>,
        "queueStartTime" => queue_start_time: Timestamp,
    }
}

/// A queue's agents by state.
#[derive(Clone, Default)]
pub struct Staff {
    pub available: Sent<f64>,
    pub busy: Sent<f64>,
    pub away: Sent<f64>,
    pub offline: Sent<f64>,
}

impl<'a> Read<'a> for Staff {
    fn read(walk: &mut Walk<'a>) -> Sent<Self> {
        walk.object(|staff: &mut Self, key, walk| match key {
            "available" => walk.read_into(&mut staff.available),
            "busy" => walk.read_into(&mut staff.busy),
            "away" => walk.read_into(&mut staff.away),
            "offline" => walk.read_into(&mut staff.offline),
            _ => {}
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_of_both_answers_are_read_and_what_is_beside_them_is_not() {
        let body = r#"{"finalResult":[{"queueId":"qu-1","channel":"Voice","waiting":"2","ongoing":4,
            "agentStatusCount":{"available":3,"away":1},"SLA":"N/A","topSkills":[{"skillName":"John"}]}, 7],
            "hasMore":false,"totalResults":"2"}"#;
        let rows = LiveRows::read(body).unwrap();
        assert_eq!((rows.has_more, rows.total), (false, Some(2)));
        let (queues, strangers) = rows.queues();
        assert_eq!((queues.len(), strangers), (1, 1));
        assert_eq!(queues[0].waiting.value(), Some(&2.0));
        let agents = queues[0].agents.value().unwrap();
        assert_eq!(agents.available.value(), Some(&3.0));
        assert!(agents.busy.is_absent());

        let body = r#"{"results":[{"_id":"c-1","source":"rtm","status":"OPEN","customer":{"name":"John"},
            "queues":[{"type":"ASSIGNED","id":"qu-1","name":"Jane","startTime":"2026-11-26T10:00:00.000Z"}]}],
            "hasMore":true}"#;
        let rows = LiveRows::read(body).unwrap();
        assert!(rows.has_more);
        let (conversations, _) = rows.conversations();
        let queues = conversations[0].queues.value().unwrap();
        assert!(queues.items[0].start_time.value().is_some());
    }

    #[test]
    fn what_is_no_list_of_rows_is_told_without_showing_it() {
        for body in [
            "",
            "John",
            "[]",
            r#"{"a":"John"}"#,
            r#"{"results":"John"}"#,
            r#"{"results":null,"n":"John"}"#,
        ] {
            let wrong = LiveRows::read(body).err().unwrap();
            assert!(!wrong.contains("John"), "{wrong}");
        }
        assert!(LiveRows::read(r#"{"results":null,"totalResults":0}"#).is_ok());
    }
}
