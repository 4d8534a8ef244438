use super::{Kind, Metric, business};
use crate::ledger::Measure;

const fn counter(
    measure: Measure,
    name: &'static str,
    labels: &'static [&'static str],
    unit: &'static str,
    help: &'static str,
) -> Metric {
    business(measure, Kind::Counter, name, labels, unit, help)
}

pub(super) const COUNTERS: &[Metric] = &[
    counter(
        Measure::Conversations,
        "smartassist_conversations_total",
        &["channel", "queue", "direction", "outcome"],
        "conversations",
        "Ended conversations by outcome: answered, abandoned (the user left unanswered), abandoned_with_agent, \
         terminated (ended unanswered, not by the user), callback, contained (stayed with the bot), bot_dropped, other. \
         One that no agent answered counts only after poll.settle. \
         The queue is that of its last destination that has one, none without any.",
    ),
    counter(
        Measure::Offered,
        "smartassist_offered_total",
        &["channel", "queue"],
        "conversations",
        "Conversations offered to agents: inbound, and answered, abandoned, abandoned_with_agent, terminated or callback. \
         The denominator of abandonment ratio and service level.",
    ),
    counter(
        Measure::AnsweredWithinTarget,
        "smartassist_answered_within_target_total",
        &["channel", "queue"],
        "conversations",
        "Offered conversations whose first answered queue entry waited no longer than that queue's service level target, \
         as configured when counted. Divided by smartassist_offered_total it is the service level.",
    ),
    counter(
        Measure::FinalStatus,
        "smartassist_final_status_total",
        &["channel", "status"],
        "conversations",
        "Ended conversations by final status, in the vendor's words.",
    ),
    counter(
        Measure::Disconnects,
        "smartassist_disconnects_total",
        &["channel", "queue", "event"],
        "conversations",
        "Ended conversations that name a disconnecting event, by that event: who or what hung up, in the vendor's words.",
    ),
    counter(
        Measure::Dispositions,
        "smartassist_dispositions_total",
        &["channel", "queue", "disposition"],
        "dispositions",
        "Dispositions, each distinct one of a conversation once. One that is edited later counts beside the earlier one.",
    ),
    counter(
        Measure::QueueEntries,
        "smartassist_queue_entries_total",
        &["channel", "queue", "direction", "outcome"],
        "queue entries",
        "Entries into a queue, by what became of each: answered, transferred (another destination followed), \
         abandoned, terminated, callback. A conversation that visits two queues has two entries.",
    ),
    counter(
        Measure::Transfers,
        "smartassist_transfers_total",
        &["channel", "queue"],
        "transfers",
        "Destinations after a conversation's first: transfers and overflows, by the queue that was left.",
    ),
    counter(
        Measure::AgentNonresponses,
        "smartassist_agent_nonresponses_total",
        &["channel", "queue", "event"],
        "offers",
        "Offers that an agent did not take up, by event in the vendor's words, unknown where none is given.",
    )
    .per_agent(),
    counter(
        Measure::Callbacks,
        "smartassist_callbacks_total",
        &["channel", "queue", "stage"],
        "callbacks",
        "Callbacks by stage: requested (the user chose to be called back), accepted (the user took the call).",
    ),
    counter(
        Measure::Csat,
        "smartassist_csat_responses_total",
        &["channel", "queue", "score"],
        "responses",
        "Customer satisfaction survey responses by score, 1 to 5. Counted when answered, which may be long after the conversation.",
    ),
    counter(
        Measure::Nps,
        "smartassist_nps_responses_total",
        &["channel", "queue", "score"],
        "responses",
        "Net promoter survey responses by score, 0 to 10: detractors 0 to 6, passives 7 and 8, promoters 9 and 10.",
    ),
    counter(
        Measure::LikeDislike,
        "smartassist_like_dislike_responses_total",
        &["channel", "queue", "response"],
        "responses",
        "Like or dislike survey responses, by response: like, dislike.",
    ),
];
