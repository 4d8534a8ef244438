//! The fields of a record, named and left out as in the vendor's sample response.

use serde::Serialize;
use serde_json::Value;

/// Every list the vendor leaves empty.
pub(super) type Empty = [(); 0];

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Row {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<String>,
    pub session_id: String,
    pub channel: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skills: Option<Empty>,
    pub final_status: &'static str,
    pub disconnecting_event: &'static str,
    pub bot_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dispositions: Option<Vec<&'static str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disposition_remarks: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta_info: Option<Value>,
    #[serde(rename = "customerinfo", skip_serializing_if = "Option::is_none")]
    pub customer_info: Option<Value>,
    pub session_start_time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_end_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_specific_user_id: Option<String>,
    pub user_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub org_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destinations: Option<Vec<Value>>,
    #[serde(flatten)]
    pub survey: SurveyFields,
    #[serde(rename = "userleveltags", skip_serializing_if = "Option::is_none")]
    pub user_tags: Option<Empty>,
    #[serde(rename = "sessionleveltags", skip_serializing_if = "Option::is_none")]
    pub session_tags: Option<Value>,
    /// Of v2 alone.
    #[serde(flatten)]
    pub second: Option<SecondFields>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SecondFields {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_voicemail: Option<&'static str>,
    #[serde(rename = "Direction", skip_serializing_if = "Option::is_none")]
    pub direction: Option<&'static str>,
    pub smart_status: &'static str,
    pub reason: String,
    pub error_details: &'static str,
    #[serde(rename = "automationBotIDs", skip_serializing_if = "Option::is_none")]
    pub automation_bot_ids: Option<[String; 1]>,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SurveyFields {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub csat_score: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nps_score: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub like_dislike_score: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub survey_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub csat_feedback: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct QueueFields<'a> {
    pub destination_type: &'static str,
    pub queue_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue_name: Option<&'static str>,
    #[serde(rename = "CallbackOpted", skip_serializing_if = "Option::is_none")]
    pub callback_opted: Option<bool>,
    #[serde(rename = "CallbackOptedTime", skip_serializing_if = "Option::is_none")]
    pub callback_opted_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_callback_accept_time: Option<String>,
    #[serde(rename = "EnterTime", skip_serializing_if = "Option::is_none")]
    pub enter_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub responding_agent: Option<SegmentFields>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub non_responding_agents: &'a [IgnoredFields],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SegmentFields {
    pub agent_id: String,
    pub agent_notes: Vec<String>,
    pub destination_type: &'static str,
    pub status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_response_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_response_duration: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interaction_end_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interaction_duration: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_call_work_duration: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_call_work_end_time: Option<String>,
    pub email: String,
    pub name: String,
    pub accepted_time: String,
    pub assigned_at: String,
    /// Of v2 alone.
    #[serde(flatten)]
    pub second: Option<SecondSegmentFields>,
}

#[derive(Serialize)]
pub(super) struct SecondSegmentFields {
    #[serde(rename = "ConsultingAgents")]
    pub consulting_agents: Vec<ConsultFields>,
    #[serde(rename = "JoinedUsers")]
    pub joined_users: Empty,
    #[serde(rename = "agentChoseTranslate")]
    pub chose_translate: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConsultFields {
    pub is_merged: bool,
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted_time: Option<String>,
    pub assigned_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consulting_end_time: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct IgnoredFields {
    pub agent_id: String,
    pub agent_notes: Empty,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_type: Option<&'static str>,
    pub email: String,
    pub name: String,
    pub assigned_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub non_response_event: Option<&'static str>,
}
