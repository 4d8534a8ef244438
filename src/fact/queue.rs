//! Queue entries: how each ended, how long it waited, and transfers from one destination to the next.

use super::destination::Stop;
use super::reading::Reading;
use super::session::Session;
use super::{Fact, Field, FirstAnswer, Kind, Outcome};

/// Where an entry's wait ends: the instant, and the field that tells it.
type WaitEnd = (Option<i64>, Field);

/// Entries, waits and transfers. Gives the first entry that was answered.
///
/// A transfer is the fact of the destination that was left, since its queue is the label: each but the last is left.
pub(super) fn collect<'r>(
    session: &Session<'r>,
    stops: &[Stop<'r>],
    reading: &mut Reading,
    facts: &mut Vec<Fact<'r>>,
) -> Option<FirstAnswer<'r>> {
    let mut first_answer = None;
    let next_stops = stops.iter().skip(1).map(Some).chain([None]);
    for (stop, next) in stops.iter().zip(next_stops) {
        if next.is_some() {
            facts.push(Fact::at(stop, Kind::Transfer));
        }
        if !stop.entry {
            continue;
        }
        let outcome = entry_outcome(session, stop, next);
        let (until_ms, field) = wait_end(session, stop, next);
        let wait = reading.between_ms(stop.entered_ms, until_ms, field);
        facts.push(Fact {
            text: outcome,
            ..Fact::at(stop, Kind::QueueEntry)
        });
        if let Some(millis) = wait {
            facts.push(Fact {
                text: outcome,
                millis,
                ..Fact::at(stop, Kind::QueueWait)
            });
        }
        if stop.agent.answered() && first_answer.is_none() {
            first_answer = Some((stop.queue.unwrap_or_default(), wait));
        }
    }
    first_answer
}

/// `answered` if its agent accepted; else `transferred` if another destination follows; else as the conversation's
/// rule 2 for this entry alone.
fn entry_outcome(session: &Session, stop: &Stop, next: Option<&Stop>) -> &'static str {
    if stop.agent.answered() {
        Outcome::Answered.as_str()
    } else if next.is_some() {
        "transferred"
    } else {
        session.unanswered(stop.callback_opted).outcome().as_str()
    }
}

/// To the acceptance, to the next destination, or to the end of the session.
fn wait_end(session: &Session, stop: &Stop, next: Option<&Stop>) -> WaitEnd {
    if stop.agent.answered() {
        return (stop.agent.accepted_ms, Field::AcceptedTime);
    }
    match next {
        Some(next) if next.entered_ms.is_some() => (next.entered_ms, Field::EnterTime),
        Some(next) => (next.agent.assigned_ms, Field::AssignedAt),
        None => (session.end_ms, Field::SessionEndTime),
    }
}
