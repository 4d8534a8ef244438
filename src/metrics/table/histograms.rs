use super::{Kind, Metric, business};
use crate::ledger::Measure;

const fn histogram(
    measure: Measure,
    name: &'static str,
    labels: &'static [&'static str],
    help: &'static str,
) -> Metric {
    business(measure, Kind::Histogram, name, labels, "seconds", help)
}

pub(super) const HISTOGRAMS: &[Metric] = &[
    histogram(
        Measure::SessionDuration,
        "smartassist_session_duration_seconds",
        &["channel", "queue", "outcome"],
        "Length of ended sessions, from session start to session end. An agent's interaction may end a little later than the session.",
    ),
    histogram(
        Measure::QueueWait,
        "smartassist_queue_wait_seconds",
        &["channel", "queue", "outcome"],
        "Wait of each queue entry since it was entered: answered until an agent accepted (speed of answer), \
         transferred until the next destination, otherwise until the session ended.",
    ),
    histogram(
        Measure::AgentPickup,
        "smartassist_agent_pickup_seconds",
        &["channel", "queue"],
        "Time from assignment to an agent until that agent accepted.",
    )
    .per_agent(),
    histogram(
        Measure::FirstResponse,
        "smartassist_first_response_duration_seconds",
        &["channel", "queue"],
        "Time from an agent's acceptance to that agent's first message. Not every answered conversation has one.",
    )
    .per_agent(),
    histogram(
        Measure::Interaction,
        "smartassist_interaction_duration_seconds",
        &["channel", "queue", "direction"],
        "Time from an agent's acceptance to the end of the interaction. Handle time is this and after-call work.",
    )
    .per_agent(),
    histogram(
        Measure::AfterCallWork,
        "smartassist_after_call_work_duration_seconds",
        &["channel", "queue"],
        "Time from the end of the interaction to the end of after-call work. Counted when that has ended, after the conversation.",
    )
    .per_agent(),
    histogram(
        Measure::CallbackWait,
        "smartassist_callback_wait_seconds",
        &["channel", "queue"],
        "Time from choosing a callback until the user took the call.",
    ),
];
