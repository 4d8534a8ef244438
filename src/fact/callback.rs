//! Callbacks: asked for instead of waiting, and taken when the agent called.

use super::destination::Stop;
use super::reading::Reading;
use super::{Fact, Field, Kind};

/// Requested, accepted, and the time between. An acceptance counts even where the request is not told.
pub(super) fn collect<'r>(stops: &[Stop<'r>], reading: &mut Reading, facts: &mut Vec<Fact<'r>>) {
    for stop in stops {
        if stop.callback_opted {
            facts.push(Fact::at(stop, Kind::CallbackRequested));
        }
        if stop.callback_accepted_ms.is_some() {
            facts.push(Fact::at(stop, Kind::CallbackAccepted));
        }
        let accepted = Field::UserCallbackAcceptTime;
        let wait = reading.between_ms(stop.callback_opted_ms, stop.callback_accepted_ms, accepted);
        if let Some(millis) = wait {
            facts.push(Fact {
                millis,
                ..Fact::at(stop, Kind::CallbackWait)
            });
        }
    }
}
