//! Which sums a fact moves: the one function between facts and measures.

use super::Measure;
use super::entry::Counted;
use super::series::Own;
use super::symbols::Sym;
use crate::fact::{Kind, Outcome};

/// One increment, or one observation of the fact's duration.
pub(super) struct Increment {
    pub measure: Measure,
    pub own: Own,
}

/// `text` is the fact's own label value; `agent` is there where agents have series of their own; `sym` gives the symbol
/// of any other word.
pub(super) fn increments(
    kind: Kind,
    counted: &Counted,
    text: Sym,
    agent: Option<Sym>,
    sym: &mut dyn FnMut(&str) -> Sym,
) -> impl Iterator<Item = Increment> + use<> {
    let direction = counted.direction;
    let increment = |measure, own| Some(Increment { measure, own });
    let one = |measure, own| [increment(measure, own), None, None];
    let word = |measure, word| one(measure, Own::word(word));
    let plain = |measure, counts: bool| increment(measure, Own::default()).filter(|_| counts);
    let of_agent = |measure, own, by_agent| {
        let agents = agent.map(|agent| Increment {
            measure: by_agent,
            own: Own::agent(agent),
        });
        [increment(measure, own), agents, None]
    };
    let none = Own::default();
    let list = match kind {
        Kind::Conversation => {
            let outcome = sym(counted.outcome.as_str());
            [
                increment(Measure::Conversations, Own::directed(direction, outcome)),
                plain(Measure::Offered, counted.offered),
                plain(Measure::AnsweredWithinTarget, counted.within_target),
            ]
        }
        Kind::SessionDuration => word(Measure::SessionDuration, sym(counted.outcome.as_str())),
        Kind::FinalStatus => word(Measure::FinalStatus, text),
        Kind::Disconnect => word(Measure::Disconnects, text),
        Kind::Disposition => word(Measure::Dispositions, text),
        Kind::Csat => word(Measure::Csat, text),
        Kind::Nps => word(Measure::Nps, text),
        Kind::LikeDislike => word(Measure::LikeDislike, text),
        Kind::QueueEntry => one(Measure::QueueEntries, Own::directed(direction, text)),
        Kind::QueueWait => word(Measure::QueueWait, text),
        Kind::Transfer => one(Measure::Transfers, none),
        Kind::AgentPickup => of_agent(Measure::AgentPickup, none, Measure::ByAgentPickup),
        Kind::FirstResponse => {
            of_agent(Measure::FirstResponse, none, Measure::ByAgentFirstResponse)
        }
        Kind::Interaction => of_agent(
            Measure::Interaction,
            Own::directed(direction, Sym::ABSENT),
            Measure::ByAgentInteraction,
        ),
        Kind::AfterCallWork => {
            of_agent(Measure::AfterCallWork, none, Measure::ByAgentAfterCallWork)
        }
        Kind::NonResponse => of_agent(
            Measure::AgentNonresponses,
            Own::word(text),
            Measure::ByAgentNonresponses,
        ),
        Kind::CallbackRequested => word(Measure::Callbacks, sym("requested")),
        Kind::CallbackAccepted => word(Measure::Callbacks, sym("accepted")),
        Kind::CallbackWait => one(Measure::CallbackWait, none),
        // Where it says the same there is nothing to count.
        Kind::SmartStatus if text.is_absent() => [None, None, None],
        Kind::SmartStatus => one(
            Measure::OutcomeDisagreements,
            Own::directed(text, sym(counted.outcome.as_str())),
        ),
        Kind::Voicemail => word(Measure::Voicemails, sym(counted.outcome.as_str())),
        Kind::Consult => one(Measure::Consults, none),
        Kind::AgentRequest => {
            let abandoned = counted.outcome == Outcome::Abandoned;
            let own = Own::word(text);
            [
                increment(Measure::AgentRequests, own),
                increment(Measure::AbandonedAgentRequests, own).filter(|_| abandoned),
                None,
            ]
        }
    };
    list.into_iter().flatten()
}
