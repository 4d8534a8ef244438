//! The vendor's record of a conversation, as it looks at one moment.
//!
//! Invariant: a pure function of (conversation, [`Lens`]). Of an ended conversation, a later moment shows what an
//! earlier one showed, and more; the replaced dispositions of `Plan::replaced_dispositions` are the one exception.
//! Field names, and which of them a bot-only session lacks, are those of the vendor's sample response.

mod personal;
mod time;

use super::centre::{Channel, QUEUES};
use super::conversation::{Answer, Conversation, Destination, DestinationKind, Ignored, Segment};
use super::dice::mix;
pub use personal::PERSONAL;
use serde::Serialize;
use serde_json::Value;

/// From where a record is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Lens {
    pub seed: u64,
    pub now_ms: i64,
    /// Minutes east of UTC in which times without a zone are shown.
    pub zone_minutes: i32,
    pub selected: Selected,
}

/// The request's `selectedFields`: what is shown only when asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Selected {
    pub skills: bool,
    pub customer_info: bool,
    pub user_tags: bool,
    pub session_tags: bool,
}

/// Every list the vendor leaves empty.
type Empty = [(); 0];

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    #[serde(skip_serializing_if = "Option::is_none")]
    conversation_id: Option<String>,
    session_id: String,
    channel: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    skills: Option<Empty>,
    final_status: &'static str,
    disconnecting_event: &'static str,
    bot_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    dispositions: Option<Vec<&'static str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disposition_remarks: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    meta_info: Option<Value>,
    #[serde(rename = "customerinfo", skip_serializing_if = "Option::is_none")]
    customer_info: Option<Value>,
    session_start_time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_end_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel_specific_user_id: Option<String>,
    user_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    org_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destinations: Option<Vec<Value>>,
    #[serde(flatten)]
    survey: SurveyFields,
    #[serde(rename = "userleveltags", skip_serializing_if = "Option::is_none")]
    user_tags: Option<Empty>,
    #[serde(rename = "sessionleveltags", skip_serializing_if = "Option::is_none")]
    session_tags: Option<Value>,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct SurveyFields {
    #[serde(skip_serializing_if = "Option::is_none")]
    csat_score: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nps_score: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    like_dislike_score: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    survey_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    csat_feedback: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct QueueFields<'a> {
    destination_type: &'static str,
    queue_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    queue_name: Option<&'static str>,
    #[serde(rename = "CallbackOpted", skip_serializing_if = "Option::is_none")]
    callback_opted: Option<bool>,
    #[serde(rename = "CallbackOptedTime", skip_serializing_if = "Option::is_none")]
    callback_opted_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_callback_accept_time: Option<String>,
    #[serde(rename = "EnterTime", skip_serializing_if = "Option::is_none")]
    enter_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    responding_agent: Option<SegmentFields>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    non_responding_agents: &'a [IgnoredFields],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SegmentFields {
    agent_id: String,
    agent_notes: Vec<String>,
    destination_type: &'static str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_response_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_response_duration: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    interaction_end_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    interaction_duration: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after_call_work_duration: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after_call_work_end_time: Option<String>,
    email: String,
    name: String,
    accepted_time: String,
    assigned_at: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct IgnoredFields {
    agent_id: String,
    agent_notes: Empty,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination_type: Option<&'static str>,
    email: String,
    name: String,
    assigned_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    non_response_event: Option<&'static str>,
}

/// The record as it looks through the lens.
pub fn row(conversation: &Conversation, lens: &Lens) -> Row {
    let now_ms = lens.now_ms;
    let end = conversation.ended(now_ms);
    let handed_over = conversation
        .handover_ms
        .is_some_and(|at_ms| at_ms <= now_ms);
    let with_agent_desk = |text: String| handed_over.then_some(text);
    let by_voice = conversation.channel == Channel::Voice;
    let person = personal::Person {
        seed: lens.seed,
        conversation,
    };
    let dispositions = dispositions(conversation, now_ms);
    Row {
        conversation_id: with_agent_desk(conversation_id(lens.seed, conversation)),
        session_id: session_id(lens.seed, conversation),
        channel: conversation.channel.name(),
        skills: lens.selected.skills.then_some([]),
        final_status: end.map_or_else(
            || live_state(conversation, now_ms),
            |end| end.how.final_status(),
        ),
        disconnecting_event: end
            .map_or("", |end| end.how.disconnecting_event(conversation.channel)),
        bot_id: bot_id(lens.seed),
        disposition_remarks: handed_over.then(|| personal::remarks(&dispositions)),
        dispositions: handed_over.then_some(dispositions),
        meta_info: handed_over.then(|| person.meta_info()),
        customer_info: lens.selected.customer_info.then(|| person.customer_info()),
        session_start_time: time::shown(conversation.start_ms, lens.zone_minutes),
        session_end_time: end.map(|end| time::shown(end.at_ms, lens.zone_minutes)),
        // An agent's own call out has none in the vendor's sample.
        channel_specific_user_id: (!(conversation.outbound && by_voice))
            .then(|| person.channel_specific_id()),
        user_id: person.user_id(),
        org_id: (!handed_over).then(|| format!("o-{}", guid(lens.seed, ORG, 0))),
        destinations: handed_over.then(|| destinations(conversation, lens)),
        survey: survey(conversation, now_ms),
        user_tags: lens.selected.user_tags.then_some([]),
        session_tags: lens
            .selected
            .session_tags
            .then(|| person.session_tags(handed_over)),
    }
}

/// The vendor's word for a conversation that is not over.
fn live_state(conversation: &Conversation, now_ms: i64) -> &'static str {
    let Some(last) = conversation.destinations_by(now_ms).last() else {
        let handed_over = conversation
            .handover_ms
            .is_some_and(|at_ms| at_ms <= now_ms);
        return if handed_over {
            "WaitingQueue"
        } else {
            "WithBot"
        };
    };
    if last.segment_by(now_ms).is_some() {
        "WithAgent"
    } else if last.callback_ms.is_some_and(|at_ms| at_ms <= now_ms) {
        "Callback Created"
    } else if last.kind == DestinationKind::OutboundQueue {
        "Dialing"
    } else {
        "WaitingQueue"
    }
}

fn dispositions(conversation: &Conversation, now_ms: i64) -> Vec<&'static str> {
    let standing = conversation.dispositions.iter().filter(|disposition| {
        disposition.from_ms <= now_ms
            && disposition
                .until_ms
                .is_none_or(|until_ms| now_ms < until_ms)
    });
    standing.map(|disposition| disposition.text).collect()
}

fn survey(conversation: &Conversation, now_ms: i64) -> SurveyFields {
    let Some(survey) = conversation.survey.filter(|survey| survey.at_ms <= now_ms) else {
        return SurveyFields::default();
    };
    let csat_feedback = survey.feedback.then(personal::feedback);
    match survey.answer {
        Answer::Csat(score) => SurveyFields {
            csat_score: Some(score),
            survey_type: Some("csat"),
            csat_feedback,
            ..Default::default()
        },
        Answer::Nps(score) => SurveyFields {
            nps_score: Some(score),
            survey_type: Some("nps"),
            csat_feedback,
            ..Default::default()
        },
        Answer::Like(like) => SurveyFields {
            like_dislike_score: Some(u8::from(like)),
            survey_type: Some("likeDislike"),
            csat_feedback,
            ..Default::default()
        },
    }
}

fn destinations(conversation: &Conversation, lens: &Lens) -> Vec<Value> {
    conversation
        .destinations_by(lens.now_ms)
        .filter_map(|destination| destination_value(destination, lens))
        .collect()
}

/// A flat segment shows only once its agent has accepted.
fn destination_value(destination: &Destination, lens: &Lens) -> Option<Value> {
    let segment = destination
        .segment_by(lens.now_ms)
        .map(|segment| segment_fields(segment, lens));
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
        enter_time: (!outbound).then(|| time::shown(destination.enter_ms, lens.zone_minutes)),
        responding_agent: segment,
        non_responding_agents: &ignored,
    };
    serde_json::to_value(fields).ok()
}

fn segment_fields(segment: &Segment, lens: &Lens) -> SegmentFields {
    let passed = |at_ms: Option<i64>| at_ms.filter(|at_ms| segment.reached(*at_ms, lens.now_ms));
    let shown = |at_ms: i64| time::shown(at_ms, lens.zone_minutes);
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
    }
}

fn ignored_fields(offer: &Ignored, lens: &Lens) -> IgnoredFields {
    IgnoredFields {
        agent_id: agent_id(lens.seed, offer.agent),
        agent_notes: [],
        destination_type: offer.event.map(|_| "AgentSegment"),
        email: personal::agent_mail(offer.agent),
        name: personal::agent_name(offer.agent),
        assigned_at: time::shown(offer.assigned_ms, lens.zone_minutes),
        non_response_event: offer.event,
    }
}

/// Kinds of things that have ids.
const SESSION: u64 = 1;
const CONVERSATION: u64 = 2;
const QUEUE: u64 = 3;
const AGENT: u64 = 4;
const USER: u64 = 5;
const BOT: u64 = 6;
const ORG: u64 = 7;
const START: u64 = 8;

/// An object id: 24 hexadecimal digits, of which the first 8 are the start in UTC seconds.
pub fn session_id(seed: u64, conversation: &Conversation) -> String {
    let seconds = conversation.start_ms.div_euclid(1000) as u32;
    format!(
        "{seconds:08x}{:016x}",
        mix(seed, SESSION, u64::from(conversation.number))
    )
}

/// Of the start too: worlds of one seed that began at different times must not share conversations.
pub fn conversation_id(seed: u64, conversation: &Conversation) -> String {
    let started = mix(seed, START, conversation.start_ms as u64);
    format!(
        "c-{}",
        short_guid(started, CONVERSATION, u64::from(conversation.number))
    )
}

pub fn queue_id(seed: u64, queue: usize) -> String {
    format!("qu-{}", short_guid(seed, QUEUE, queue as u64))
}

pub fn agent_id(seed: u64, agent: usize) -> String {
    format!("u-{}", guid(seed, AGENT, agent as u64))
}

fn bot_id(seed: u64) -> String {
    format!("st-{}", guid(seed, BOT, 0))
}

fn guid(seed: u64, kind: u64, n: u64) -> String {
    let (high, low) = (mix(seed, kind, n), mix(!seed, kind, n));
    format!(
        "{:08x}-{:04x}-5{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        0x8000 | (low >> 50),
        low & 0xffff_ffff_ffff
    )
}

/// The vendor's own short form, which lacks the first digit.
fn short_guid(seed: u64, kind: u64, n: u64) -> String {
    guid(seed, kind, n)[1..].to_owned()
}
