//! The vendor's record of a conversation, as it looks at one moment.
//!
//! Invariant: a pure function of (conversation, [`Lens`]). Of an ended conversation, a later moment shows what an
//! earlier one showed, and more; the replaced dispositions of `Plan::replaced_dispositions` are the one exception.
//! Field names, and which of them a bot-only session lacks, are those of the vendor's sample response.

mod destination;
mod id;
mod live;
mod personal;
mod second;
mod shape;
mod time;

use super::centre::Channel;
use super::conversation::{Answer, Conversation, DestinationKind};
use destination::destinations;
use id::{bot_id, conversation_id, session_id};
pub(super) use id::{org_id, queue_id};
use jiff::tz::TimeZone;
pub(super) use live::{
    STATUSES, changed_ms, created_ms, listed_row, queue_rows, status, volume_row,
};
pub use personal::PERSONAL;
use shape::{Row, SurveyFields};

/// From where a record is looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lens<'z> {
    pub seed: u64,
    pub now_ms: i64,
    /// In which times without a zone are shown.
    pub zone: &'z TimeZone,
    pub selected: Selected,
    /// By *Call Details* v2.
    pub second: bool,
}

/// The request's `selectedFields`: what is shown only when asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Selected {
    pub skills: bool,
    pub customer_info: bool,
    pub user_tags: bool,
    pub session_tags: bool,
}

/// The record as it looks through the lens.
pub(super) fn row(conversation: &Conversation, lens: &Lens<'_>) -> Row {
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
    let mut meta_info = handed_over.then(|| person.meta_info());
    let mut customer_info = lens.selected.customer_info.then(|| person.customer_info());
    if lens.second {
        second::amend(&mut meta_info, &mut customer_info);
    }
    Row {
        conversation_id: with_agent_desk(conversation_id(lens.seed, conversation)),
        session_id: session_id(lens.seed, conversation),
        channel: conversation.channel.name(),
        skills: lens.selected.skills.then_some([]),
        final_status: match end {
            Some(end) => end.how.final_status(),
            // Its summary tells.
            None if lens.second => "",
            None => live_state(conversation, now_ms),
        },
        disconnecting_event: end
            .map_or("", |end| end.how.disconnecting_event(conversation.channel)),
        bot_id: bot_id(lens.seed),
        disposition_remarks: handed_over.then(|| personal::remarks(&dispositions)),
        dispositions: handed_over.then_some(dispositions),
        meta_info,
        customer_info,
        session_start_time: time::shown(conversation.start_ms, lens.zone),
        session_end_time: end.map(|end| time::shown(end.at_ms, lens.zone)),
        // An agent's own call out has none in the vendor's sample.
        channel_specific_user_id: (!(conversation.outbound && by_voice))
            .then(|| person.channel_specific_id()),
        user_id: person.user_id(),
        org_id: (!handed_over).then(|| org_id(lens.seed)),
        destinations: handed_over.then(|| destinations(conversation, lens)),
        survey: survey(conversation, now_ms),
        user_tags: lens.selected.user_tags.then_some([]),
        session_tags: lens
            .selected
            .session_tags
            .then(|| person.session_tags(handed_over)),
        second: lens.second.then(|| second::fields(conversation, lens)),
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
