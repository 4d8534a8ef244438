//! What *Call Details* v2 alone tells: the vendor's own summary, voicemails, consults.
//!
//! Invariant: none of it decides anything that v1 tells, too, so that a conversation is counted the same by both.

use super::destination::Stop;
use super::reading::{Reading, is_word};
use super::session::Session;
use super::{Fact, Field, Kind, Outcome, Reason, Rule, Timestamp, short_hash};
use crate::api::{LIST_LIMIT, Record};

/// What a `smartStatus` says of how a conversation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Summary {
    AtBot,
    Closed,
    Terminated,
    /// No word for who left a queue was seen yet: any that speaks of abandonment and of no agent.
    Abandoned,
    AbandonedWithAgent,
    /// One of the live states, though an end is told beside it.
    Running,
    Unknown,
}

impl Summary {
    fn of(word: &str, running: bool) -> Summary {
        let abandoned = || word.to_ascii_uppercase().contains("ABANDON");
        match word {
            _ if running => Summary::Running,
            word if is_word(word, "CLOSED") => Summary::Closed,
            word if is_word(word, "CLOSED AT BOT") => Summary::AtBot,
            word if is_word(word, "TERMINATED") => Summary::Terminated,
            word if is_word(word, "ABANDONED WITH AGENT") => Summary::AbandonedWithAgent,
            _ if abandoned() => Summary::Abandoned,
            _ => Summary::Unknown,
        }
    }

    /// A label value: the vendor's words where they are known, so that there are no more of them than these.
    fn as_str(self) -> &'static str {
        match self {
            Summary::AtBot => "CLOSED AT BOT",
            Summary::Closed => "CLOSED",
            Summary::Terminated => "TERMINATED",
            Summary::Abandoned => "ABANDONED",
            Summary::AbandonedWithAgent => "ABANDONED WITH AGENT",
            Summary::Running => "running",
            Summary::Unknown => "other",
        }
    }

    /// Whether a conversation with this outcome may be summed up so.
    fn fits(self, outcome: Outcome, outbound: bool) -> bool {
        match self {
            Summary::AtBot => matches!(
                outcome,
                Outcome::Contained | Outcome::BotDropped | Outcome::Other
            ),
            // A call out that nobody took is closed, too, and nothing tells how a callback is summed up.
            Summary::Closed => {
                matches!(outcome, Outcome::Answered | Outcome::Callback)
                    || outbound && outcome == Outcome::Terminated
            }
            Summary::Terminated => matches!(outcome, Outcome::Terminated | Outcome::Callback),
            Summary::Abandoned => matches!(outcome, Outcome::Abandoned | Outcome::Callback),
            Summary::AbandonedWithAgent => outcome == Outcome::AbandonedWithAgent,
            Summary::Running | Summary::Unknown => false,
        }
    }
}

pub(super) fn collect<'r>(
    record: &'r Record<'r>,
    (session, rule, stops): (&Session<'r>, Rule, &[Stop<'r>]),
    reading: &mut Reading,
    facts: &mut Vec<Fact<'r>>,
) {
    if let Some(word) = session.smart_status {
        let summary = Summary::of(word, session.is_summed_up_as_running());
        let outbound = session.direction(stops) == "outbound";
        let fits = summary.fits(rule.outcome(), outbound);
        let said = if fits { "" } else { summary.as_str() };
        facts.push(Fact::of_conversation(Kind::SmartStatus, said));
    }
    if reading.flag(Field::IsVoicemail, &record.is_voicemail) == Some(true) {
        facts.push(Fact::of_conversation(Kind::Voicemail, ""));
    }
    let mut room = LIST_LIMIT;
    for stop in stops {
        collect_consults(stop, &mut room, reading, facts);
    }
}

/// One fact for each time that an agent asked another. Who that was is personal and never read, so they are told apart by
/// when they were asked, as it was sent.
fn collect_consults<'r>(
    stop: &Stop<'r>,
    room: &mut usize,
    reading: &mut Reading,
    facts: &mut Vec<Fact<'r>>,
) {
    let asked = stop.agent.consulting;
    let told = asked.get(..*room).unwrap_or(asked);
    if told.len() < asked.len() {
        reading.refuse(Field::ConsultingAgents, Reason::TooMany);
    }
    *room -= told.len();
    let mut seen: Vec<Option<Timestamp>> = Vec::with_capacity(told.len());
    for consult in told {
        let assigned_at = reading.value(Field::AssignedAt, &consult.assigned_at);
        let assigned_at = assigned_at.copied();
        let repeats = seen
            .iter()
            .filter(|earlier| **earlier == assigned_at)
            .count();
        let (zone, millis) = match assigned_at {
            None => ("", 0),
            Some(Timestamp::Utc(millis)) => ("UTC", millis),
            Some(Timestamp::Local(millis)) => ("local", millis),
        };
        facts.push(Fact {
            element: Some(short_hash(&format!("{repeats} {zone} {millis}"))),
            ..Fact::at(stop, Kind::Consult)
        });
        seen.push(assigned_at);
    }
}
