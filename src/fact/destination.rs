//! Where a conversation was sent: its destinations, with the queue that each belongs to.

use super::agent::Responder;
use super::reading::{Reading, is_word, refused};
use super::{DestinationKey, Field, Queue};
use crate::api::{Destination, NonRespondingAgent, Record};

/// One destination, its values read.
pub(super) struct Stop<'r> {
    /// Its place among the record's destinations.
    pub(super) place: u16,
    pub(super) key: DestinationKey<'r>,
    /// What was sent, can't be read, and decides whether this is a queue's entry or whether an agent answered it.
    pub(super) undecided: Option<Field>,
    /// What was sent, can't be read, and decides whether a callback was asked for.
    pub(super) callback_undecided: Option<Field>,
    /// Its own queue; a flat agent segment without one belongs to the queue before it.
    pub(super) queue: Option<Queue<'r>>,
    /// Whether it is a queue entry: it has a queue, and is no flat segment.
    pub(super) entry: bool,
    pub(super) entered_ms: Option<i64>,
    /// Whether neither `EnterTime` nor `queueName` was sent: the shape of an agent's own call. What was sent and
    /// refused is still a sign of the other shape.
    pub(super) unannounced: bool,
    pub(super) callback_opted: bool,
    pub(super) callback_opted_ms: Option<i64>,
    pub(super) callback_accepted_ms: Option<i64>,
    /// The nested agent, or the one whose fields stand flat; without any, one of whom nothing is known.
    pub(super) agent: Responder<'r>,
    pub(super) non_responding: &'r [NonRespondingAgent<'r>],
}

/// Reads the destinations in their order.
pub(super) fn read<'r>(record: &'r Record<'r>, reading: &mut Reading) -> Vec<Stop<'r>> {
    let destinations = reading.list(Field::Destinations, &record.destinations);
    let mut queue_before = None;
    let mut stops = Vec::with_capacity(destinations.len());
    for (place, destination) in (0..).zip(destinations) {
        let stop = read_stop(place, destination, queue_before, reading);
        queue_before = stop.queue.or(queue_before);
        stops.push(stop);
    }
    stops
}

fn read_stop<'r>(
    place: u16,
    destination: &'r Destination<'r>,
    queue_before: Option<Queue<'r>>,
    reading: &mut Reading,
) -> Stop<'r> {
    let own = Queue {
        id: reading.text(Field::QueueId, &destination.queue_id),
        name: reading.text(Field::QueueName, &destination.queue_name),
    };
    let own = (own != Queue::default()).then_some(own);
    let nested = reading.value(Field::RespondingAgent, &destination.responding_agent);
    let agent_sent = nested.unwrap_or(&destination.flat);
    let agent = Responder::read(agent_sent, place, reading);
    let kind = reading.text(Field::DestinationType, &destination.destination_type);
    let segment = kind.is_some_and(|word| is_word(word, "AgentSegment"));
    // After an agent-to-agent transfer a destination may be an agent's segment without a queue around it. One that
    // does not say so is told by an agent where a queue should be.
    let flat = nested.is_none() && (segment || own.is_none() && agent.is_known());
    let undecided = if refused(&destination.responding_agent, &nested) {
        Some(Field::RespondingAgent)
    } else if own.is_none() && !segment && refused(&destination.queue_id, &own) {
        Some(Field::QueueId)
    } else if own.is_none() && !segment && refused(&destination.queue_name, &own) {
        Some(Field::QueueName)
    } else if own.is_some() && nested.is_none() && refused(&destination.destination_type, &kind) {
        Some(Field::DestinationType)
    } else {
        agent.undecided
    };
    let flag = reading.flag(Field::CallbackOpted, &destination.callback_opted);
    let opted_at = &destination.callback_opted_time;
    let opted_ms = reading.time_ms(Field::CallbackOptedTime, place, opted_at);
    // A time says it as well as the flag does, and no one notes the time of what was not asked for.
    let callback_opted = flag == Some(true) || opted_ms.is_some();
    let callback_undecided = if callback_opted {
        None
    } else if refused(&destination.callback_opted, &flag) {
        Some(Field::CallbackOpted)
    } else {
        refused(opted_at, &opted_ms).then_some(Field::CallbackOptedTime)
    };
    let time = if flat {
        &agent_sent.assigned_at
    } else {
        &destination.enter_time
    };
    Stop {
        place,
        key: DestinationKey {
            queue: own.unwrap_or_default(),
            agent: agent.id.filter(|_| flat),
            time: time.value().copied(),
        },
        undecided,
        callback_undecided,
        queue: if flat { own.or(queue_before) } else { own },
        entry: own.is_some() && !flat,
        entered_ms: reading.time_ms(Field::EnterTime, place, &destination.enter_time),
        unannounced: destination.enter_time.is_absent() && destination.queue_name.is_absent(),
        callback_opted,
        callback_opted_ms: opted_ms,
        callback_accepted_ms: reading.time_ms(
            Field::UserCallbackAcceptTime,
            place,
            &destination.user_callback_accept_time,
        ),
        agent,
        non_responding: reading.list(
            Field::NonRespondingAgents,
            &destination.non_responding_agents,
        ),
    }
}

/// The (id, name) pairs of the queues, each once in a row.
pub(super) fn names<'r>(stops: &[Stop<'r>]) -> Vec<(&'r str, &'r str)> {
    let mut names: Vec<_> = stops
        .iter()
        .filter_map(|stop| stop.queue?.id.zip(stop.queue?.name))
        .collect();
    names.dedup();
    names
}
