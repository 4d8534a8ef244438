//! The rows of *Contact Volume*.

use super::super::{org_id, queue_id};
use crate::simulator::centre::Channel;
use crate::simulator::http::Reading;
use crate::simulator::now::source;
use crate::simulator::truth::{Dimension, Total};
use jiff::Timestamp;
use serde_json::{Value, json};

const QUARTER_MS: i64 = 900_000;

/// One queue and source in the quarter of an hour that begins at an instant, UTC milliseconds. Of callers' conversations
/// alone: who was called was not offered.
pub(in crate::simulator) fn volume_row(
    seed: u64,
    start_ms: i64,
    queue_name: &str,
    of: Dimension,
    total: &Total,
    reading: &Reading,
) -> Value {
    let time = |ms| {
        Timestamp::from_millisecond(ms)
            .unwrap_or_default()
            .to_string()
    };
    let sum = |all_ms: &[i64]| reading.queue_times.of_ms(all_ms.iter().sum::<i64>() as f64);
    // A campaign's calls come by telephone; here they are outbound, and so in no row.
    let source = match of.channel {
        Channel::Voice | Channel::Campaign => "korevg",
        other => source(other),
    };
    let longest_ms = total.waits_ms.iter().max().copied().unwrap_or(0);
    json!({
        "_id": format!("cv-{}-{source}-{start_ms}", of.queue),
        "intervalStartTimeStamp": time(start_ms),
        "intervalEndTimeStamp": time(start_ms + QUARTER_MS),
        "orgId": org_id(seed),
        "queueId": queue_id(seed, of.queue),
        "queueName": queue_name,
        "source": source,
        "offeredContacts": total.conversations,
        "answeredContacts": total.answered,
        "abandonedContacts": total.abandoned,
        "completedContacts": total.completed,
        "conversationHandleTime": sum(&total.handles_ms),
        "queueHoldTimeAnswered": sum(&total.waits_ms),
        "maxQueueHoldTimeAnswered": sum(&[longest_ms]),
    })
}
