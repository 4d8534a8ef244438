//! What the vendor is asked for.

use super::Source;
use crate::api::format_iso;
use crate::client::{Endpoint, Inquiry};
use serde_json::json;
use std::ops::Range;

/// Rows asked for at once: the most that the vendor allows.
const QUEUE_ROWS: u64 = 1_000;
const VOLUME_ROWS: u64 = 500;

/// Totals of a range behind so many rows. Only what is compared is asked for: the vendor computes no more than that.
pub fn totals_request(source: Source, range: &Range<i64>, seen: u64, org_id: &str) -> Inquiry {
    match source {
        Source::QueuePerformance => Inquiry {
            endpoint: Endpoint::QueuePerformance,
            query: vec![("sortBy", "queueName:asc".to_owned())],
            body: Some(json!({
                "startDate": format_iso(range.start),
                // Inclusive, to the millisecond.
                "endDate": format_iso(range.end - 1).replace(".000Z", ".999Z"),
                "queues": [],
                "channels": [],
                "direction": [],
                "limit": QUEUE_ROWS,
                "offset": seen,
                "projection": ["totalConversation", "answered", "abandonedInQueue", "systemTermination", "transferred"],
            })),
        },
        Source::ContactVolume => Inquiry {
            endpoint: Endpoint::ContactVolume,
            query: Vec::new(),
            body: Some(json!({
                "orgId": org_id,
                "fromTimeStamp": format_iso(range.start),
                "toTimeStamp": format_iso(range.end),
                "skip": seen,
                "limit": VOLUME_ROWS,
                "includeSkillBreakdown": false,
            })),
        },
    }
}
