//! What the live sources are asked for.

use crate::api::format_iso;
use crate::client::{Endpoint, Inquiry};
use serde_json::json;

/// Rows of *Queue Performance* asked for at once: the most that the vendor allows.
const QUEUE_ROWS: u64 = 1_000;
const CONVERSATION_ROWS: u64 = 100;

/// *Queue Performance* behind so many rows. What is now does not depend on the dates.
pub fn queue_performance_request(now_s: i64, seen: u64) -> Inquiry {
    let body = json!({
        "startDate": format_iso(now_s - 3_600),
        "endDate": format_iso(now_s),
        "queues": [],
        "channels": [],
        "direction": [],
        "limit": QUEUE_ROWS,
        "offset": seen,
        "projection": ["agentStatusCount", "waiting", "ongoing", "overdue"],
    });
    Inquiry {
        endpoint: Endpoint::QueuePerformance,
        query: vec![("sortBy", "queueName:asc".to_owned())],
        body: Some(body),
    }
}

/// *List of Conversations* that are open, behind so many rows.
pub fn conversations_request(skip: u64) -> Inquiry {
    let query = vec![
        ("skip", skip.to_string()),
        ("limit", CONVERSATION_ROWS.to_string()),
        ("status", "OPEN".to_owned()),
    ];
    Inquiry {
        endpoint: Endpoint::Conversations,
        query,
        body: None,
    }
}
