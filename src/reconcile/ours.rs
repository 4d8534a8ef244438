//! What was counted → our side.

use super::side::{Place, Side, answered, channel};
use super::{Measure, Source};
use crate::fact::Outcome;
use crate::ledger::{Began, Counts, NO_QUEUE, Names, QueueSym, Symbols, label};
use crate::store::Recounted;
use std::sync::Arc;

/// The direction of who called or wrote to the centre.
pub(super) const INBOUND: &str = "inbound";

/// Our side.
#[derive(Debug, Clone, Default)]
pub struct Ours {
    /// Each stay in a queue by itself.
    pub entries: Side,
    /// Each conversation once, at its last queue.
    pub once: Side,
    /// Conversations that are not counted yet, since they go on.
    pub open: u64,
    /// Entries of callers who asked for a callback and were not reached.
    pub callbacks: u64,
}

impl Ours {
    /// As a vendor counts who counts a conversation once, or each stay in a queue.
    pub(super) fn side(&self, once: bool) -> &Side {
        if once { &self.once } else { &self.entries }
    }

    /// Of what is counted, as far as a source tells of it: *Contact Volume* knows callers alone.
    pub fn of(counted: &Recounted, source: Source) -> Ours {
        let (symbols, names) = (&counted.symbols, &counted.names);
        let mut ours = Ours {
            open: counted.open,
            ..Ours::default()
        };
        let quarters = counted.quarters.iter();
        for (began, counts) in quarters.flat_map(|(_, quarter)| quarter.iter()) {
            let inbound = &**symbols.text(began.direction) == INBOUND;
            if began.queue == QueueSym::default() || source == Source::ContactVolume && !inbound {
                continue;
            }
            let place = place(began, symbols, names);
            if inbound {
                ours.callbacks += counts.entries_of(Outcome::Callback);
            }
            for (measure, number) in by_entry(counts, &place.channel, inbound) {
                ours.entries.add(place.clone(), measure, number);
            }
            for (measure, number) in once(counts, &place.channel, inbound) {
                ours.once.add(place.clone(), measure, number);
            }
        }
        ours
    }
}

fn place(began: &Began, symbols: &Symbols, names: &Names) -> Place {
    Place {
        queue: queue(began.queue, symbols, names),
        channel: channel(symbols.text(began.channel).clone()),
        direction: symbols.text(began.direction).clone(),
    }
}

/// By the name that its id had last, whichever it had then.
fn queue(queue: QueueSym, symbols: &Symbols, names: &Names) -> Arc<str> {
    let latest = names.get(queue.id).map(|name| name.latest);
    let own = [queue.name, queue.id];
    let mut own = own.into_iter().filter(|sym| !sym.is_absent());
    let sym = latest
        .filter(|_| !queue.id.is_absent())
        .or_else(|| own.next());
    sym.map_or_else(|| Arc::from(NO_QUEUE), |sym| symbols.text(sym).clone())
}

/// The same of a queue in the vendor's words.
pub(super) fn queue_of(
    id: Option<&str>,
    name: Option<&str>,
    symbols: &Symbols,
    names: &Names,
) -> Arc<str> {
    let known = id.and_then(|id| symbols.find(id));
    let latest = known.and_then(|sym| names.get(sym)).map(|it| it.latest);
    match latest {
        Some(sym) => symbols.text(sym).clone(),
        None => Arc::from(label(name.or(id).unwrap_or(NO_QUEUE))),
    }
}

/// What of outbound conversations the vendor would call abandoned or ended by the system, nobody says.
fn by_entry(counts: &Counts, channel: &str, inbound: bool) -> [(Measure, u64); 5] {
    let inbound = u64::from(inbound);
    [
        (Measure::Entries, counts.entries()),
        (answered(channel), counts.entries_of(Outcome::Answered)),
        (
            Measure::Abandoned,
            inbound * counts.entries_of(Outcome::Abandoned),
        ),
        (
            Measure::Terminated,
            inbound * counts.entries_of(Outcome::Terminated),
        ),
        (Measure::Transferred, counts.transfers()),
    ]
}

fn once(counts: &Counts, channel: &str, inbound: bool) -> [(Measure, u64); 4] {
    let (inbound, of) = (u64::from(inbound), |outcome| counts.conversations(outcome));
    let all = Outcome::ALL.iter().map(|outcome| of(*outcome)).sum();
    let taken = of(Outcome::Answered) + of(Outcome::AbandonedWithAgent);
    [
        (Measure::Entries, all),
        (answered(channel), taken),
        (Measure::Abandoned, inbound * of(Outcome::Abandoned)),
        (Measure::Terminated, inbound * of(Outcome::Terminated)),
    ]
}
