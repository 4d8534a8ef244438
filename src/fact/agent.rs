//! Agents: who took a conversation, how fast and for how long, and who did not.

use super::destination::Stop;
use super::reading::{Reading, is_word, refused};
use super::{Fact, Field, Kind, Reason, short_hash};
use crate::api::{Agent, ConsultingAgent, LIST_LIMIT, Timestamp};

/// A responding agent, its values read.
pub(super) struct Responder<'r> {
    pub(super) id: Option<&'r str>,
    status: Option<&'r str>,
    /// What was sent and can't be read, where it decides whether this agent answered.
    pub(super) undecided: Option<Field>,
    pub(super) assigned_ms: Option<i64>,
    pub(super) accepted_ms: Option<i64>,
    first_response_ms: Option<u64>,
    interaction_ms: Option<u64>,
    pub(super) interaction_ended_ms: Option<i64>,
    after_call_work_ms: Option<u64>,
    after_call_work_ended_ms: Option<i64>,
    /// Whom the agent asked meanwhile.
    pub(super) consulting: &'r [ConsultingAgent],
}

impl<'r> Responder<'r> {
    pub(super) fn read(agent: &'r Agent<'r>, place: u16, reading: &mut Reading) -> Self {
        let mut responder = Responder {
            id: reading.text(Field::AgentId, &agent.agent_id),
            status: reading.text(Field::Status, &agent.status),
            undecided: None,
            assigned_ms: reading.time_ms(Field::AssignedAt, place, &agent.assigned_at),
            accepted_ms: reading.time_ms(Field::AcceptedTime, place, &agent.accepted_time),
            first_response_ms: reading
                .duration_ms(Field::FirstResponseDuration, &agent.first_response_duration),
            interaction_ms: reading
                .duration_ms(Field::InteractionDuration, &agent.interaction_duration),
            interaction_ended_ms: reading.time_ms(
                Field::InteractionEndTime,
                place,
                &agent.interaction_end_time,
            ),
            after_call_work_ms: reading.duration_ms(
                Field::AfterCallWorkDuration,
                &agent.after_call_work_duration,
            ),
            after_call_work_ended_ms: reading.time_ms(
                Field::AfterCallWorkEndTime,
                place,
                &agent.after_call_work_end_time,
            ),
            consulting: reading.list(Field::ConsultingAgents, &agent.consulting_agents),
        };
        if responder.answered() {
            return responder;
        }
        if refused(&agent.accepted_time, &responder.accepted_ms) {
            responder.undecided = Some(Field::AcceptedTime);
        } else if refused(&agent.status, &responder.status) {
            responder.undecided = Some(Field::Status);
        }
        responder
    }

    /// Whether this agent took the conversation.
    pub(super) fn answered(&self) -> bool {
        self.accepted_ms.is_some()
            || self
                .status
                .is_some_and(|status| is_word(status, "Answered"))
    }

    /// Whether there is an agent at all.
    pub(super) fn is_known(&self) -> bool {
        self.id.is_some() || self.assigned_ms.is_some() || self.answered()
    }
}

/// Pick-up, first response, interaction and after-call work of each destination's agent, and who did not respond.
pub(super) fn collect<'r>(stops: &[Stop<'r>], reading: &mut Reading, facts: &mut Vec<Fact<'r>>) {
    let mut room = LIST_LIMIT;
    for stop in stops {
        let agent = &stop.agent;
        let pickup = reading.between_ms(agent.assigned_ms, agent.accepted_ms, Field::AcceptedTime);
        // A duration counts once its end is there: until then it may still grow.
        let interaction = agent.interaction_ended_ms.and(agent.interaction_ms);
        let after_call_work = agent.after_call_work_ended_ms.and(agent.after_call_work_ms);
        let durations = [
            (Kind::AgentPickup, pickup),
            (Kind::FirstResponse, agent.first_response_ms),
            (Kind::Interaction, interaction),
            (Kind::AfterCallWork, after_call_work),
        ];
        for (kind, millis) in durations {
            if let Some(millis) = millis {
                facts.push(Fact {
                    agent: agent.id,
                    millis,
                    ..Fact::at(stop, kind)
                });
            }
        }
        collect_non_responses(stop, &mut room, reading, facts);
    }
}

/// One fact for each agent who was offered the conversation here and did not take it.
///
/// `room` is what the record may still bring of them, over all destinations.
fn collect_non_responses<'r>(
    stop: &Stop<'r>,
    room: &mut usize,
    reading: &mut Reading,
    facts: &mut Vec<Fact<'r>>,
) {
    let offers = stop
        .non_responding
        .get(..*room)
        .unwrap_or(stop.non_responding);
    if offers.len() < stop.non_responding.len() {
        reading.refuse(Field::NonRespondingAgents, Reason::TooMany);
    }
    *room -= offers.len();
    let mut seen: Vec<String> = Vec::with_capacity(offers.len());
    for offer in offers {
        let agent = reading.text(Field::AgentId, &offer.agent_id);
        let event = reading.text(Field::NonResponseEvent, &offer.non_response_event);
        // The time as it was sent: an element must not change when another offset is measured.
        let assigned_at = match reading.value(Field::AssignedAt, &offer.assigned_at) {
            None => String::new(),
            Some(Timestamp::Utc(millis)) => format!("{millis} UTC"),
            Some(Timestamp::Local(millis)) => millis.to_string(),
        };
        let described = format!("{} {assigned_at}", agent.unwrap_or_default());
        let repeats = seen.iter().filter(|earlier| **earlier == described).count();
        facts.push(Fact {
            element: Some(short_hash(&format!("{repeats} {described}"))),
            text: event.unwrap_or("unknown"),
            agent,
            ..Fact::at(stop, Kind::NonResponse)
        });
        seen.push(described);
    }
}
