//! The fields that *Call Details* v2 has beside those of v1, as its page and its samples show them.

use super::super::conversation::{Conversation, Ending, Segment};
use super::super::second;
use super::id::bot_id;
use super::shape::{ConsultFields, SecondFields};
use super::{Lens, live_state, personal, time};
use serde_json::{Value, json};

pub(super) fn fields(conversation: &Conversation, lens: &Lens<'_>) -> SecondFields {
    let now_ms = lens.now_ms;
    let end = conversation.ended(now_ms);
    let handed_over = conversation
        .handover_ms
        .is_some_and(|at_ms| at_ms <= now_ms);
    let with_agent_desk = |word| handed_over.then_some(word);
    let voicemail = second::is_voicemail(lens.seed, conversation, now_ms);
    SecondFields {
        is_voicemail: with_agent_desk(if voicemail { "YES" } else { "NO" }),
        direction: with_agent_desk(if conversation.outbound {
            "Outbound"
        } else {
            "Inbound"
        }),
        smart_status: match end {
            Some(end) => second::summary(conversation, end.how),
            None => live_state(conversation, now_ms),
        },
        reason: reason(conversation, end.map(|end| end.how)),
        error_details: "",
        automation_bot_ids: (!handed_over).then(|| [bot_id(lens.seed)]),
    }
}

/// One of two fixed words, a disposition, or the queue and the agent's name.
fn reason(conversation: &Conversation, how: Option<Ending>) -> String {
    let last = conversation.destinations.last();
    let agent = last.and_then(|last| last.segment.as_ref());
    match (how, agent) {
        (Some(Ending::GivenUp), None) => "DROP-OFF".to_owned(),
        (Some(Ending::LineLost), None) => "NO AGENTS AVAILABLE".to_owned(),
        (Some(_), Some(agent)) => personal::reason(agent.agent),
        _ => String::new(),
    }
}

/// `ConsultingAgents` of one agent.
pub(super) fn consults(
    conversation: &Conversation,
    (place, segment): (usize, &Segment),
    lens: &Lens<'_>,
) -> Vec<ConsultFields> {
    let shown = |at_ms: i64| (at_ms <= lens.now_ms).then(|| time::shown(at_ms, lens.zone));
    second::consults(lens.seed, conversation, (place, segment), lens.now_ms)
        .into_iter()
        .map(|consult| ConsultFields {
            is_merged: false,
            name: personal::consulted(segment.agent),
            accepted_time: shown(consult.accepted_ms),
            assigned_at: time::shown(consult.assigned_ms, lens.zone),
            consulting_end_time: shown(consult.end_ms),
        })
        .collect()
}

/// What v2 tells otherwise: the direction stands outside, and what the user typed stands beside the intent.
pub(super) fn amend(meta_info: &mut Option<Value>, customer_info: &mut Option<Value>) {
    if let Some(Value::Object(customer)) = customer_info {
        customer.remove("Direction");
    }
    if let Some(transfer) = meta_info
        .as_mut()
        .and_then(|meta| meta.get_mut("agentTransferConfig"))
        && transfer.get("lastIntentName").is_some()
    {
        transfer["lastIntentuserInput"] = json!(personal::said());
    }
}
