//! The rows of *List of Conversations*.

use super::super::id::{agent_id, bot_id, conversation_id, queue_id, session_id};
use super::super::personal::{self, Person};
use super::super::time::universal;
use crate::simulator::centre::Channel;
use crate::simulator::conversation::{
    Conversation, Destination, DestinationKind, End, Ending, Segment,
};
use crate::simulator::http::Reading;
use crate::simulator::now::{Doing, OVERDUE_MS, doing, source};
use crate::simulator::world::World;
use serde_json::{Map, Value, json};

/// What a row's `status` may be.
pub(in crate::simulator) const STATUSES: [&str; 6] =
    ["ACTIVE", "CLOSED", "IDLE", "OPEN", "OVERDUE", "TERMINATED"];

/// A conversation's status at an instant; `None` where it is not listed: not begun, or over without ever having been
/// meant for an agent. One that is with the bot is open, and stands in no queue.
pub(in crate::simulator) fn status(
    conversation: &Conversation,
    now_ms: i64,
    reading: &Reading,
) -> Option<&'static str> {
    if conversation.start_ms > now_ms {
        return None;
    }
    if let Some(end) = conversation.ended(now_ms) {
        return handed_over_ms(conversation, now_ms).map(|_| over(end));
    }
    match doing(conversation, now_ms) {
        Some(Doing::Waits { since_ms, .. })
            if reading.overdue_apart && now_ms - since_ms > OVERDUE_MS =>
        {
            Some("OVERDUE")
        }
        Some(Doing::Waits { .. }) => Some("OPEN"),
        Some(Doing::Talks { .. }) => Some("ACTIVE"),
        Some(Doing::Rests { .. }) => Some("IDLE"),
        None if conversation.outbound => None,
        None => Some("OPEN"),
    }
}

/// The vendor's samples call a dropped one closed, too.
fn over(end: End) -> &'static str {
    match end.how {
        Ending::LineLost | Ending::CallbackFailed | Ending::NobodyAnswered => "TERMINATED",
        _ => "CLOSED",
    }
}

fn handed_over_ms(conversation: &Conversation, now_ms: i64) -> Option<i64> {
    conversation.handover_ms.filter(|at_ms| *at_ms <= now_ms)
}

/// When the row was made: when an agent was asked for, or the session began.
pub(in crate::simulator) fn created_ms(conversation: &Conversation, now_ms: i64) -> i64 {
    handed_over_ms(conversation, now_ms).unwrap_or(conversation.start_ms)
}

/// The last instant by now at which the row changed.
pub(in crate::simulator) fn changed_ms(conversation: &Conversation, now_ms: i64) -> i64 {
    let stays = conversation.destinations_by(now_ms).flat_map(|stay| {
        let segment = stay.segment.as_ref();
        let taken = segment.map(|it| [it.accepted_ms, it.interaction_end_ms]);
        [Some(stay.enter_ms), stay.callback_ms]
            .into_iter()
            .flatten()
            .chain(taken.into_iter().flatten())
    });
    let end = conversation.end.map(|end| end.at_ms);
    let last = stays.chain(end).filter(|at_ms| *at_ms <= now_ms).max();
    last.unwrap_or_else(|| created_ms(conversation, now_ms))
}

/// A row with this status.
pub(in crate::simulator) fn listed_row(
    world: &World,
    conversation: &Conversation,
    status: &str,
    now_ms: i64,
    reading: &Reading,
) -> Map<String, Value> {
    let seed = world.seed();
    let person = Person { seed, conversation };
    let by_now = |at_ms: i64| at_ms <= now_ms;
    let stays: Vec<&Destination> = conversation.destinations_by(now_ms).collect();
    let id = match handed_over_ms(conversation, now_ms) {
        Some(_) => conversation_id(seed, conversation),
        None => session_id(seed, conversation),
    };
    let accepted = |stay: &&Destination| {
        let segment = stay.segment.as_ref();
        segment.map(|it| it.accepted_ms).filter(|at| by_now(*at))
    };
    let row = Row {
        seed,
        now_ms,
        reading,
    };
    let created = universal(created_ms(conversation, now_ms));
    let mut fields = json!({
        "_id": id,
        "botSessionId": session_id(seed, conversation),
        "botId": bot_id(seed),
        "userId": person.user_id(),
        "startSessionTime": universal(conversation.start_ms),
        "source": match conversation.channel {
            Channel::Voice => "audiocodes",
            other => source(other),
        },
        "status": status,
        "startTime": created,
        "createdAt": created,
        "updatedAt": universal(changed_ms(conversation, now_ms)),
        "timestampValue": created_ms(conversation, now_ms),
        "callbackOpted": stays.iter().any(|stay| stay.callback_ms.is_some_and(by_now)),
        "isProactiveAgentAssistEnabled": true,
        "isDeveloper": false,
        "surveyRequired": "NO",
        "contactFlow": [],
        "formData": [],
        "skills": [],
        "priority": 5,
        "language": "en",
        "phoneNumber": person.phone(),
        "userInfo": person.meta_info(),
        "notes": [row.note(&id)],
        "queues": stays.iter().filter_map(|stay| row.queue(stay)).collect::<Vec<_>>(),
        "participants": stays.iter().flat_map(|stay| row.participants(stay)).collect::<Vec<_>>(),
        "transferDetails": stays.windows(2).map(|pair| row.transfer(pair[0], pair[1])).collect::<Vec<_>>(),
    });
    if conversation.channel != Channel::Voice {
        fields["conversationType"] = json!("messaging");
    }
    if let Some(last) = stays.last() {
        let until_ms = accepted(last).or(conversation.ended(now_ms).map(|end| end.at_ms));
        let wait_ms = until_ms.unwrap_or(now_ms) - last.enter_ms;
        fields["waitTime"] = json!(reading.wait_time.of_ms(wait_ms as f64));
        // Who was passed on to another queue waits anew.
        if let Some(accepted_ms) = accepted(last) {
            fields["acceptedAt"] = json!(universal(accepted_ms));
        }
    }
    if let Some(end) = conversation.ended(now_ms) {
        fields["endTime"] = json!(universal(end.at_ms));
        fields["dispositions"] = dispositions(end);
    }
    match fields {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

fn dispositions(end: End) -> Value {
    if end.how == Ending::GivenUp {
        return json!({"status": "DROP-OFF", "remarks": personal::note(), "dispositionSets": null,
            "metaStatus": "SYSTEM_DROP_OFF"});
    }
    json!({"status": "UnKnown", "remarks": personal::note(), "metaStatus": "AGENT_CLOSED",
        "dispositionSets": [{"dispositionsSet": "resolution", "dispositionCodes": "Resolved"}]})
}

/// What the parts of a row have in common.
struct Row<'r> {
    seed: u64,
    now_ms: i64,
    reading: &'r Reading,
}

impl Row<'_> {
    /// A queue that it was put into. The vendor's samples have an agent's name there.
    fn queue(&self, stay: &Destination) -> Option<Value> {
        (stay.kind != DestinationKind::Agent).then(|| {
            json!({"type": "ASSIGNED", "status": "ACTIVE", "isPreferredAgentTimeoutExpired": true,
                "id": queue_id(self.seed, stay.queue), "name": personal::agent_name(stay.queue),
                "startTime": universal(stay.enter_ms)})
        })
    }

    /// Agents who let it pass, and then who has it; before anybody has, the queue alone.
    fn participants(&self, stay: &Destination) -> Vec<Value> {
        let queue = || {
            let mut part = Map::new();
            if stay.kind != DestinationKind::Agent {
                let name = self.reading.queue_name(stay.queue);
                part.insert("queueId".into(), queue_id(self.seed, stay.queue).into());
                part.insert("queueName".into(), name.into());
                part.insert("queueStartTime".into(), universal(stay.enter_ms).into());
            }
            part
        };
        let agent = |agent: usize, status: &str, assigned_ms: i64| {
            let mut part = queue();
            part.insert("agentId".into(), agent_id(self.seed, agent).into());
            part.insert("name".into(), personal::agent_name(agent).into());
            part.insert("status".into(), status.into());
            part.insert("assignedAt".into(), universal(assigned_ms).into());
            part
        };
        let passed = |at_ms: &i64| *at_ms <= self.now_ms;
        let ignored = stay.ignored.iter().filter(|it| passed(&it.given_up_ms));
        let mut parts: Vec<Map<String, Value>> = ignored
            .map(|offer| {
                let mut part = agent(offer.agent, "ABANDONED", offer.assigned_ms);
                part.insert("endTimeStamp".into(), universal(offer.given_up_ms).into());
                part
            })
            .collect();
        let segment = stay.segment.as_ref();
        match segment.filter(|segment| passed(&segment.accepted_ms)) {
            Some(segment) => {
                let mut part = agent(segment.agent, "ACTIVE", segment.assigned_ms);
                part.insert(
                    "startTimeStamp".into(),
                    universal(segment.accepted_ms).into(),
                );
                if passed(&segment.interaction_end_ms) {
                    let end = universal(segment.interaction_end_ms);
                    part.insert("endTimeStamp".into(), end.into());
                }
                parts.push(part);
            }
            None => {
                let mut part = queue();
                part.insert("name".into(), personal::agent_name(stay.queue).into());
                part.insert("status".into(), "INACTIVE".into());
                parts.push(part);
            }
        }
        parts.into_iter().map(Value::Object).collect()
    }

    fn transfer(&self, from: &Destination, to: &Destination) -> Value {
        let agent = |segment: Option<&Segment>| segment.map(|it| agent_id(self.seed, it.agent));
        let to_agent = to.kind == DestinationKind::Agent;
        let who = to.segment.as_ref().map_or(to.queue, |it| it.agent);
        let id = if to_agent {
            agent_id(self.seed, who)
        } else {
            queue_id(self.seed, to.queue)
        };
        json!({
            "fromAgent": agent(from.segment.as_ref()),
            "transferredType": "OTHERS",
            "transferredTo": [{
                "type": if to_agent { "AGENT" } else { "QUEUE" },
                "id": id,
                "name": personal::agent_name(who),
                "emailId": personal::agent_mail(who),
            }],
            "transferredBy": agent(from.segment.as_ref()),
            "priority": "LOW",
            "transferredAt": universal(to.enter_ms),
            "isManager": false,
        })
    }

    fn note(&self, conversation_id: &str) -> Value {
        json!({
            "_id": format!("note-{conversation_id}"),
            "conversationId": conversation_id,
            "author": {"firstName": personal::agent_name(0), "lastName": personal::agent_name(0)},
            "note": personal::note(),
            "timestamp": universal(self.now_ms),
        })
    }
}
