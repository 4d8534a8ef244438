//! Queue entries, agent segments, and offers not taken.

use super::super::centre::QUEUES;
use super::super::conversation::{Conversation, Destination, DestinationKind, Ignored, Segment};
use super::id::{agent_id, queue_id};
use super::shape::{IgnoredFields, QueueFields, SecondSegmentFields, SegmentFields};
use super::{Lens, personal, second, time};
use serde_json::Value;

pub(super) fn destinations(conversation: &Conversation, lens: &Lens<'_>) -> Vec<Value> {
    conversation
        .destinations_by(lens.now_ms)
        .enumerate()
        .filter_map(|(place, destination)| {
            destination_value(conversation, (place, destination), lens)
        })
        .collect()
}

/// A flat segment shows only once its agent has accepted.
fn destination_value(
    conversation: &Conversation,
    (place, destination): (usize, &Destination),
    lens: &Lens<'_>,
) -> Option<Value> {
    let segment = destination
        .segment_by(lens.now_ms)
        .map(|segment| segment_fields(conversation, (place, segment), lens));
    if destination.kind == DestinationKind::Agent {
        return segment.and_then(|segment| serde_json::to_value(segment).ok());
    }
    let passed = |at_ms: Option<i64>| at_ms.filter(|at_ms| *at_ms <= lens.now_ms);
    let outbound = destination.kind == DestinationKind::OutboundQueue;
    let ignored: Vec<IgnoredFields> = destination
        .ignored
        .iter()
        .filter(|offer| offer.given_up_ms <= lens.now_ms)
        .map(|offer| ignored_fields(offer, lens))
        .collect();
    let fields = QueueFields {
        destination_type: "QueueEntry",
        queue_id: queue_id(lens.seed, destination.queue),
        queue_name: (!outbound).then(|| QUEUES[destination.queue].name),
        callback_opted: (!outbound).then_some(passed(destination.callback_ms).is_some()),
        callback_opted_time: passed(destination.callback_ms).map(time::universal),
        user_callback_accept_time: passed(destination.callback_accepted_ms).map(time::universal),
        enter_time: (!outbound).then(|| time::shown(destination.enter_ms, lens.zone)),
        responding_agent: segment,
        non_responding_agents: &ignored,
    };
    serde_json::to_value(fields).ok()
}

fn segment_fields(
    conversation: &Conversation,
    (place, segment): (usize, &Segment),
    lens: &Lens<'_>,
) -> SegmentFields {
    let passed = |at_ms: Option<i64>| at_ms.filter(|at_ms| segment.reached(*at_ms, lens.now_ms));
    let shown = |at_ms: i64| time::shown(at_ms, lens.zone);
    let first_response_ms = passed(segment.first_response_ms);
    let interaction_end_ms = passed(Some(segment.interaction_end_ms));
    let wrap_up_end_ms = passed(segment.wrap_up_end_ms);
    SegmentFields {
        agent_id: agent_id(lens.seed, segment.agent),
        agent_notes: interaction_end_ms
            .map(|_| personal::note())
            .into_iter()
            .collect(),
        destination_type: "AgentSegment",
        status: "Answered",
        first_response_time: first_response_ms.map(shown),
        first_response_duration: first_response_ms
            .map(|at_ms| (at_ms - segment.accepted_ms) / 1000),
        interaction_end_time: interaction_end_ms.map(shown),
        interaction_duration: interaction_end_ms.map(|at_ms| (at_ms - segment.accepted_ms) / 1000),
        after_call_work_duration: wrap_up_end_ms
            .map(|at_ms| (at_ms - segment.interaction_end_ms) / 1000),
        after_call_work_end_time: wrap_up_end_ms.map(shown),
        email: personal::agent_mail(segment.agent),
        name: personal::agent_name(segment.agent),
        accepted_time: shown(segment.accepted_ms),
        assigned_at: shown(segment.assigned_ms),
        second: lens.second.then(|| SecondSegmentFields {
            consulting_agents: second::consults(conversation, (place, segment), lens),
            joined_users: [],
            chose_translate: false,
        }),
    }
}

fn ignored_fields(offer: &Ignored, lens: &Lens<'_>) -> IgnoredFields {
    IgnoredFields {
        agent_id: agent_id(lens.seed, offer.agent),
        agent_notes: [],
        destination_type: offer.event.map(|_| "AgentSegment"),
        email: personal::agent_mail(offer.agent),
        name: personal::agent_name(offer.agent),
        assigned_at: time::shown(offer.assigned_ms, lens.zone),
        non_response_event: offer.event,
    }
}
