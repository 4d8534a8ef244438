//! A conversation that still runs: does it wait for an agent, or is it with one?

use super::Running;
use super::destination::Stop;
use super::session::Session;

/// States in which a conversation that was not ended neither waits for an agent nor talks to one.
const ELSEWHERE: [&str; 7] = [
    "WithBot",
    "Expired",
    "Callback Created",
    "ACW",
    "AwaitingFeedback",
    "InWorkbin",
    "InAgentsWorkbin",
];

/// By its last destination; `None` where it has ended, or runs elsewhere.
pub(super) fn read<'r>(session: &Session<'r>, stops: &[Stop<'r>]) -> Option<Running<'r>> {
    let last = stops.last()?;
    if !session.is_running() || session.is_in_state(&ELSEWHERE) || last.undecided.is_some() {
        return None;
    }
    let queue = stops.iter().rev().find_map(|stop| stop.queue);
    let with_agent = last.agent.answered();
    let over = with_agent && last.agent.interaction_ended_ms.is_some();
    if over || !with_agent && last.callback_opted {
        return None;
    }
    let since_ms = last.entered_ms.or(session.start_ms);
    Some(Running {
        start_s: session.start_s?,
        channel: session.channel,
        queue: queue.unwrap_or_default(),
        waits_since_s: since_ms
            .filter(|_| !with_agent)
            .map(|since_ms| since_ms.div_euclid(1000)),
        with_agent,
    })
}
