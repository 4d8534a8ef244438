//! The body of a Call Details request.

use super::format_utc;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallDetailsRequest {
    /// `yyyy-mm-dd HH:mm:ss`, inclusive.
    pub start_date: String,
    /// `yyyy-mm-dd HH:mm:ss`, inclusive; at most 7 days after the start.
    pub end_date: String,
    /// Minutes as in JavaScript's `getTimezoneOffset`: New York 300, India −330.
    pub time_zone_offset: i32,
    /// Optional parts of a record that the answer should bring: `customerinfo`, `skills`, …
    #[serde(default)]
    pub selected_fields: Vec<String>,
    /// Queue ids; empty: all.
    #[serde(default)]
    pub queues: Vec<String>,
    /// Channels, in other words than records use; empty: all.
    #[serde(default)]
    pub channels: Vec<String>,
}

impl CallDetailsRequest {
    /// Asks for all records between two UTC epoch seconds; `direction` selects `customerinfo`, the one place where the
    /// vendor tells it.
    pub fn between(start_s: i64, end_s: i64, direction: bool) -> Self {
        CallDetailsRequest {
            start_date: format_utc(start_s),
            end_date: format_utc(end_s),
            time_zone_offset: 0,
            selected_fields: if direction {
                vec!["customerinfo".to_owned()]
            } else {
                Vec::new()
            },
            queues: Vec::new(),
            channels: Vec::new(),
        }
    }

    /// The same without customers' names, for *Call Details* v2: it tells the direction wherever there is a conversation.
    #[must_use]
    pub fn without_customer(&self) -> Self {
        let mut request = self.clone();
        request.selected_fields.retain(|it| it != "customerinfo");
        request
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_request_is_written_as_the_vendors_page_says() {
        let request = CallDetailsRequest::between(1_759_273_003, 1_759_273_903, true);
        let body = json!({
            "startDate": "2025-09-30 22:56:43",
            "endDate": "2025-09-30 23:11:43",
            "timeZoneOffset": 0,
            "selectedFields": ["customerinfo"],
            "queues": [],
            "channels": [],
        });
        assert_eq!(serde_json::to_value(&request).unwrap(), body);
        assert_eq!(
            serde_json::from_value::<CallDetailsRequest>(body).unwrap(),
            request
        );
        assert!(
            CallDetailsRequest::between(0, 1, false)
                .selected_fields
                .is_empty()
        );
    }
}
