use super::{Kind, Metric, business};
use crate::ledger::Measure;

const fn gauge(
    measure: Measure,
    name: &'static str,
    labels: &'static [&'static str],
    unit: &'static str,
    help: &'static str,
) -> Metric {
    business(measure, Kind::Gauge, name, labels, unit, help)
}

const PLACE: &[&str] = &["window", "channel", "queue"];

pub(super) const RECENT: &[Metric] = &[
    gauge(
        Measure::RecentConversations,
        "smartassist_recent_conversations",
        &["window", "channel", "queue", "direction", "outcome"],
        "conversations",
        "Conversations that ended within the window, by outcome. \
         Long conversations are seen later than short ones, so the newest minutes lean towards the short.",
    ),
    gauge(
        Measure::RecentOffered,
        "smartassist_recent_offered",
        PLACE,
        "conversations",
        "Offered conversations that ended within the window. Long conversations are seen later, so it is low at first.",
    ),
    gauge(
        Measure::RecentAbandoned,
        "smartassist_recent_abandoned",
        PLACE,
        "conversations",
        "Offered conversations that ended within the window and were abandoned: the user left unanswered. \
         Add queue none for all of an account.",
    ),
    gauge(
        Measure::RecentAnsweredWithinTarget,
        "smartassist_recent_answered_within_target",
        PLACE,
        "conversations",
        "Offered conversations that ended within the window and were answered within their queue's target. \
         Long conversations are seen later, so it is low at first.",
    ),
    gauge(
        Measure::RecentAbandonmentRatio,
        "smartassist_recent_abandonment_ratio",
        PLACE,
        "ratio 0–1",
        "Abandoned divided by offered, of the window. It leans upwards: \
         long conversations are seen later, those abandoned are short.",
    ),
    gauge(
        Measure::RecentServiceLevelRatio,
        "smartassist_recent_service_level_ratio",
        PLACE,
        "ratio 0–1",
        "Answered within target divided by offered, of the window. It leans downwards: \
         long conversations, which were answered, are seen later.",
    ),
    gauge(
        Measure::RecentSpeedOfAnswer,
        "smartassist_recent_speed_of_answer_seconds",
        PLACE,
        "seconds",
        "Mean wait of the first answered queue entry, of offered conversations that ended within the window. \
         Long conversations are seen later.",
    ),
    gauge(
        Measure::RecentCsatMean,
        "smartassist_recent_csat_mean",
        PLACE,
        "score 1–5",
        "Mean customer satisfaction score, of conversations that ended within the window. \
         Surveys are answered later: the newest conversations have few; long conversations are seen later.",
    ),
    gauge(
        Measure::RecentCsatRatio,
        "smartassist_recent_csat_ratio",
        PLACE,
        "ratio 0–1",
        "Share of customer satisfaction scores 4 and 5, of conversations that ended within the window. \
         Surveys are answered later: the newest conversations have few; long conversations are seen later.",
    ),
    gauge(
        Measure::RecentNps,
        "smartassist_recent_nps",
        PLACE,
        "score −100–100",
        "Net promoter score: percentage of promoters less that of detractors, of conversations that ended within the window. \
         Surveys are answered later: the newest conversations have few; long conversations are seen later.",
    ),
];

pub(super) const QUEUES: &[Metric] = &[
    gauge(
        Measure::QueueInfo,
        "smartassist_queue_info",
        &["queue_id", "queue"],
        "always 1",
        "Every queue id seen, with its latest name. A renamed queue starts new series; this one tells which belong together.",
    ),
    gauge(
        Measure::AbandonmentTargetRatio,
        "smartassist_abandonment_target_ratio",
        &["queue"],
        "ratio 0–1",
        "Abandonment ratio not to exceed, as configured for the queue, else for the account.",
    ),
    gauge(
        Measure::ServiceLevelTargetSeconds,
        "smartassist_service_level_target_seconds",
        &["queue"],
        "seconds",
        "Wait within which a conversation is to be answered, as configured for the queue, else for the account.",
    ),
    gauge(
        Measure::ServiceLevelTargetRatio,
        "smartassist_service_level_target_ratio",
        &["queue"],
        "ratio 0–1",
        "Share of offered conversations to be answered within smartassist_service_level_target_seconds.",
    ),
    gauge(
        Measure::SpeedOfAnswerTargetSeconds,
        "smartassist_speed_of_answer_target_seconds",
        &["queue"],
        "seconds",
        "Mean speed of answer not to exceed, as configured for the queue, else for the account.",
    ),
];
