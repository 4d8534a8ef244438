//! Which sums a fact moves: the one function between facts and measures.

use super::Measure;
use super::entry::Counted;
use super::symbols::Sym;
use crate::fact::Kind;

/// One increment, or one observation of the fact's duration.
pub(super) struct Increment {
    pub measure: Measure,
    /// The measure's own labels, in the metrics table's order.
    pub own: [Sym; 2],
}

/// `text` is the fact's own label value; `sym` gives the symbol of any other.
pub(super) fn increments(
    kind: Kind,
    counted: &Counted,
    text: Sym,
    sym: &mut dyn FnMut(&str) -> Sym,
) -> impl Iterator<Item = Increment> + use<> {
    let direction = counted.direction;
    let one = |measure, own| [Some(Increment { measure, own }), None, None];
    let absent = Sym::ABSENT;
    let list = match kind {
        Kind::Conversation => {
            let outcome = sym(counted.outcome.as_str());
            let plain = |measure, counts: bool| {
                counts.then_some(Increment {
                    measure,
                    own: [absent; 2],
                })
            };
            [
                Some(Increment {
                    measure: Measure::Conversations,
                    own: [direction, outcome],
                }),
                plain(Measure::Offered, counted.offered),
                plain(Measure::AnsweredWithinTarget, counted.within_target),
            ]
        }
        Kind::SessionDuration => one(
            Measure::SessionDuration,
            [sym(counted.outcome.as_str()), absent],
        ),
        Kind::FinalStatus => one(Measure::FinalStatus, [text, absent]),
        Kind::Disconnect => one(Measure::Disconnects, [text, absent]),
        Kind::Disposition => one(Measure::Dispositions, [text, absent]),
        Kind::Csat => one(Measure::Csat, [text, absent]),
        Kind::Nps => one(Measure::Nps, [text, absent]),
        Kind::LikeDislike => one(Measure::LikeDislike, [text, absent]),
        Kind::QueueEntry => one(Measure::QueueEntries, [direction, text]),
        Kind::QueueWait => one(Measure::QueueWait, [text, absent]),
        Kind::Transfer => one(Measure::Transfers, [absent; 2]),
        Kind::AgentPickup => one(Measure::AgentPickup, [absent; 2]),
        Kind::FirstResponse => one(Measure::FirstResponse, [absent; 2]),
        Kind::Interaction => one(Measure::Interaction, [direction, absent]),
        Kind::AfterCallWork => one(Measure::AfterCallWork, [absent; 2]),
        Kind::NonResponse => one(Measure::AgentNonresponses, [text, absent]),
        Kind::CallbackRequested => one(Measure::Callbacks, [sym("requested"), absent]),
        Kind::CallbackAccepted => one(Measure::Callbacks, [sym("accepted"), absent]),
        Kind::CallbackWait => one(Measure::CallbackWait, [absent; 2]),
    };
    list.into_iter().flatten()
}
