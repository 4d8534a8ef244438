//! The rows of *Queue Performance* and of *List of Conversations*: one world, seen as it is now.

use super::super::centre::{Channel, QUEUES};
use super::super::conversation::Conversation;
use super::super::now::{Doing, PlaceNow, doing, source};
use super::super::world::World;
use super::personal::{self, Person};
use super::time::universal;
use super::{conversation_id, queue_id, session_id};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// All rows of *Queue Performance* for conversations that began in the window: a queue × channel × direction each.
pub(in crate::simulator) fn queue_rows(world: &World, now_ms: i64, from_ms: i64) -> Vec<Value> {
    let mut rows: BTreeMap<(usize, &str, bool), (PlaceNow, u64, u64)> = BTreeMap::new();
    for queue in 0..QUEUES.len() {
        // A queue is listed also while nothing is in it.
        rows.entry((queue, source(Channel::Voice), false))
            .or_default();
    }
    for conversation in world.conversations() {
        if conversation.start_ms > now_ms {
            break;
        }
        let Some(last) = conversation.destinations_by(now_ms).last() else {
            continue;
        };
        let key = (
            last.queue,
            source(conversation.channel),
            conversation.outbound,
        );
        let doing = doing(conversation, now_ms);
        let in_range = conversation.start_ms >= from_ms;
        if doing.is_none() && !in_range {
            continue;
        }
        let (place, total, done) = rows.entry(key).or_default();
        if let Some(doing) = doing {
            place.add(doing, now_ms);
        }
        *total += u64::from(in_range);
        *done += u64::from(in_range && conversation.ended(now_ms).is_some());
    }
    let row = |((queue, channel, outbound), (place, total, done)): (
        &(usize, &str, bool),
        &(PlaceNow, u64, u64),
    )| {
        let [available, busy, away, offline] = world.staff(*queue);
        let judged = !outbound && !channel.starts_with("email");
        json!({
            "queueId": queue_id(world.seed(), *queue),
            "queueName": QUEUES[*queue].name,
            "channel": channel,
            "direction": if *outbound { "Outbound" } else { "Inbound" },
            "agentStatusCount": {"available": available, "away": away, "busy": busy, "offline": offline},
            "totalConversation": total,
            "waiting": place.waiting,
            "ongoing": place.with_agent,
            "idle": 0,
            "expired": 0,
            "completed": done,
            "transferred": 0,
            "abandonedInQueue": 0,
            "overdue": place.overdue,
            "systemTermination": {"outOfBusinessHours": 0, "noAgentsAvailable": 0, "networkFailure": 0,
                "voiceGatewayError": 0, "Others": 0},
            "ASA": 14,
            "AHT": 321,
            "accepted": done,
            "answered": done,
            "queueLoad": place.waiting + place.with_agent,
            "resolved": 78,
            "skillsInQueue": [],
            "topSkills": [],
            "SLA": if judged { json!(92) } else { json!("N/A") },
        })
    };
    rows.iter().map(row).collect()
}

/// All rows of *List of Conversations* that are open, newest first.
pub(in crate::simulator) fn open_rows(world: &World, now_ms: i64) -> Vec<Value> {
    let begun = world.conversations().iter().rev();
    let begun = begun.filter(|conversation| conversation.start_ms <= now_ms);
    begun
        .filter_map(|conversation| open_row(world, conversation, now_ms))
        .collect()
}

/// One that waits in a queue, or is with the bot: those are open, too, and stand in no queue.
fn open_row(world: &World, conversation: &Conversation, now_ms: i64) -> Option<Value> {
    if conversation.ended(now_ms).is_some() || conversation.outbound {
        return None;
    }
    let waits = match doing(conversation, now_ms) {
        Some(Doing::Waits { queue, since_ms }) => Some((queue, since_ms)),
        None if conversation.destinations_by(now_ms).next().is_none() => None,
        Some(Doing::Talks { .. }) | None => return None,
    };
    let seed = world.seed();
    let person = Person { seed, conversation };
    let queues = waits.map(|(queue, since_ms)| {
        json!({"type": "ASSIGNED", "status": "ACTIVE", "id": queue_id(seed, queue), "name": personal::agent_name(queue),
            "startTime": universal(since_ms)})
    });
    let participants = waits.map(|(queue, since_ms)| {
        json!({"queueId": queue_id(seed, queue), "queueName": QUEUES[queue].name, "queueStartTime": universal(since_ms),
            "name": personal::agent_name(queue), "emailId": personal::agent_mail(queue), "status": "INACTIVE"})
    });
    let id = match waits {
        Some(_) => conversation_id(seed, conversation),
        None => session_id(seed, conversation),
    };
    Some(json!({
        "_id": id,
        "botSessionId": session_id(seed, conversation),
        "source": match conversation.channel {
            Channel::Voice => "audiocodes",
            other => source(other),
        },
        "status": "OPEN",
        "startTime": universal(conversation.start_ms),
        "createdAt": universal(conversation.start_ms),
        "updatedAt": universal(now_ms),
        "waitTime": waits.map(|(_, since_ms)| now_ms - since_ms),
        "callbackOpted": false,
        "language": "en",
        "user": person.meta_info(),
        "notes": [personal::note()],
        "customerInfo": person.customer_info(),
        "queues": queues.into_iter().collect::<Vec<_>>(),
        "participants": participants.into_iter().collect::<Vec<_>>(),
    }))
}
