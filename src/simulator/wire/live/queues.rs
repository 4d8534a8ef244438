//! The rows of *Queue Performance*: what goes on now, and the totals of a stretch of time.

use super::super::queue_id;
use crate::simulator::centre::{Channel, QUEUES};
use crate::simulator::http::Reading;
use crate::simulator::now::{PlaceNow, doing, source, staff};
use crate::simulator::truth::{Total, Totals};
use crate::simulator::world::World;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Queue, source and whether it is outbound.
type Row = (usize, &'static str, bool);

/// All rows, of conversations that began between two instants: a queue × channel × direction each.
pub(in crate::simulator) fn queue_rows(
    world: &World,
    now_ms: i64,
    reading: &Reading,
    range_ms: (i64, i64),
) -> Vec<Value> {
    let mut rows: BTreeMap<Row, (PlaceNow, Total)> = BTreeMap::new();
    for queue in 0..QUEUES.len() {
        // A queue is listed also while nothing is in it.
        rows.entry((queue, source(Channel::Voice), false))
            .or_default();
    }
    for conversation in world.conversations() {
        if let Some(doing) = doing(conversation, now_ms) {
            let source = source(conversation.channel);
            let row = rows.entry((doing.queue(), source, conversation.outbound));
            row.or_default().0.add(doing, now_ms);
        }
    }
    for (of, total) in Totals::of(world, now_ms, reading, range_ms).0 {
        let row = rows.entry((of.queue, source(of.channel), of.outbound));
        row.or_default().1.add(total);
    }
    let row = |(row, (place, total)): (&Row, &(PlaceNow, Total))| {
        let staff = staff(world, row.0, reading);
        let mut value = json!({
            "queueId": queue_id(world.seed(), row.0),
            "queueName": reading.queue_name(row.0),
            "channel": row.1,
            "direction": if row.2 { "Outbound" } else { "Inbound" },
        });
        for metrics in [
            now(place, staff),
            counts(*row, total),
            times(*row, total, reading),
        ] {
            if let (Some(value), Value::Object(metrics)) = (value.as_object_mut(), metrics) {
                value.extend(metrics);
            }
        }
        value
    };
    rows.iter().map(row).collect()
}

/// What does not depend on the dates.
fn now(place: &PlaceNow, [available, busy, away, offline]: [usize; 4]) -> Value {
    json!({
        "agentStatusCount": {"available": available, "away": away, "busy": busy, "offline": offline},
        "waiting": place.waiting,
        "ongoing": place.with_agent,
        "idle": place.resting,
        "expired": 0,
        "overdue": place.overdue,
        "queueLoad": place.waiting + place.with_agent,
    })
}

fn counts((queue, ..): Row, total: &Total) -> Value {
    // Each queue of this centre asks for one skill, called as it is at first.
    let skill = QUEUES[queue].name;
    let top = (total.conversations > 0).then(|| {
        json!({"skillName": skill, "conversationCount": total.conversations, "conversationPercent": "100%"})
    });
    json!({
        "totalConversation": total.conversations,
        "completed": total.completed,
        "transferred": total.transferred,
        "abandonedInQueue": total.abandoned,
        "systemTermination": {
            "outOfBusinessHours": 0,
            "noAgentsAvailable": total.no_agents,
            "networkFailure": total.line_lost,
            "voiceGatewayError": 0,
            "Others": total.ended_otherwise,
        },
        "accepted": total.accepted,
        "answered": total.answered,
        "resolved": percent(total.resolved as f64, total.completed as f64),
        "skillsInQueue": [{"skillId": format!("sk-{}", skill.to_lowercase()), "skillName": skill}],
        "topSkills": top.into_iter().collect::<Vec<_>>(),
    })
}

fn times((_, channel, outbound): Row, total: &Total, reading: &Reading) -> Value {
    let mean = |all_ms: &[i64]| {
        let sum_ms: i64 = all_ms.iter().sum();
        reading
            .queue_times
            .of_ms(sum_ms as f64 / all_ms.len().max(1) as f64)
    };
    let judged = !outbound && channel != source(Channel::Mail);
    let level = total.service_level().unwrap_or(0.0);
    json!({
        "ASA": mean(&total.waits_ms),
        "AHT": mean(&total.handles_ms),
        "SLA": if judged { json!(percent(level, 1.0)) } else { json!("N/A") },
    })
}

/// Whole; 0 of nothing.
fn percent(part: f64, whole: f64) -> i64 {
    if whole > 0.0 {
        (100.0 * part / whole).round() as i64
    } else {
        0
    }
}
