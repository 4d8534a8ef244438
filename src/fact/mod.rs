//! One record → what it says: facts, and what was refused and why.
//!
//! Invariants: [`derive`] is pure and total, no record can make it fail; no two facts of a record share kind,
//! destination and element; what appears late (surveys, dispositions, after-call work) only adds facts.
//! To every rule a refused value is as good as absent; but where one would have decided an outcome, that stays open, and
//! the record waits.
//!
//! Not here: what was counted before (that is the ledger's), metric names, labels' spelling on the page. Called by the
//! poller and by `explain`.

#![deny(
    clippy::disallowed_types,
    reason = "a pure room has no clock: time is an argument"
)]

mod agent;
mod callback;
mod clock;
mod derived;
mod destination;
mod outcome;
mod queue;
mod reading;
mod request;
mod running;
mod second;
mod session;
mod survey;
mod vocabulary;

#[cfg(test)]
mod tests;

pub use derived::{
    Conversation, Derived, DestinationKey, Fact, FirstAnswer, Identity, Queue, Reject,
    RejectedRecord, Running, Stage, short_hash,
};
pub use outcome::Rule;
pub use vocabulary::{Field, Kind, Outcome, Reason};

pub use crate::api::Timestamp;
pub use crate::api::limits::MAIL;

use crate::api::{Offsets, Record};
use clock::Clock;
use jiff::tz::TimeZone;
use reading::Reading;
use session::Session;

/// What must be known beside the record.
#[derive(Debug, Clone, Copy)]
pub struct Context<'z> {
    /// UTC epoch seconds.
    pub now_s: i64,
    /// How long an unanswered conversation is left to settle after its end, in seconds.
    pub settle_s: i64,
    /// Local − UTC in seconds, as [`crate::api::measure_offset`] finds it for the account: the zone-less times of a
    /// record that tells no offset of its own are read with it.
    pub offset_s: i32,
    /// What the account's records told of their offsets lately: which changes of summer time it goes along with.
    pub offsets: Option<&'z Offsets>,
    /// `accounts[].time_zone`: where it is set, all zone-less times are read in it.
    pub zone: Option<&'z TimeZone>,
}

/// Derives everything that one record says.
///
/// # Errors
/// The record has neither a `conversationId` nor a `sessionId`.
pub fn derive<'r>(
    record: &'r Record<'_>,
    context: &Context<'_>,
) -> Result<Derived<'r>, RejectedRecord> {
    let mut reading = Reading::new(Clock::of(record, context), context.now_s);
    let identity = Identity {
        conversation: reading.text(Field::ConversationId, &record.conversation_id),
        session: reading.text(Field::SessionId, &record.session_id),
    };
    if identity.conversation.is_none() && identity.session.is_none() {
        return Err(RejectedRecord::NoIdentity {
            rejects: reading.rejects,
        });
    }
    let session = Session::read(record, identity, context, &mut reading);
    let stops = destination::read(record, &mut reading);
    let rule = session.rule(&stops);

    let mut facts = Vec::with_capacity(8 + 6 * stops.len());
    session.collect(rule, &mut reading, &mut facts);
    survey::collect(record, &mut reading, &mut facts);
    request::collect(record, rule, &mut reading, &mut facts);
    let first_answer = queue::collect(&session, &stops, &mut reading, &mut facts);
    agent::collect(&stops, &mut reading, &mut facts);
    callback::collect(&stops, &mut reading, &mut facts);

    second::collect(record, (&session, rule, &stops), &mut reading, &mut facts);

    let waits_for = session.waits_for(record, &stops);
    let stage = session.stage(rule, waits_for, context);
    let conversation =
        (stage != Stage::Live).then(|| session.conversation(rule, &stops, first_answer));
    if stage != Stage::Ended {
        facts = Vec::new();
    }
    let running = match stage {
        Stage::Live => running::read(&session, &stops),
        Stage::Settling | Stage::Ended => None,
    };
    Ok(Derived {
        identity,
        start_s: session.start_s,
        end_s: session.end_s(),
        latest_s: session
            .start_s
            .max(session.end_s())
            .unwrap_or(context.now_s),
        stage,
        running,
        waits_for,
        conversation,
        facts,
        rejects: reading.rejects,
        destinations: stops.iter().map(|stop| stop.key).collect(),
        names: destination::names(&stops),
    })
}
