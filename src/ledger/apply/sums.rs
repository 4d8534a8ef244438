//! From a new fact to the sums that it moves.

use super::Draft;
use crate::fact::Fact;
use crate::ledger::apply;
use crate::ledger::entry::Counted;
use crate::ledger::increments::{Increment, increments};
use crate::ledger::series::{QueueSym, SeriesKey, Sum};
use crate::ledger::symbols::Sym;

impl<'a> Draft<'a> {
    /// Facts of the whole conversation carry the conversation's queue.
    pub(super) fn increment(&mut self, counted: &Counted, fact: &Fact<'a>, text: Sym) {
        let queue = match fact.queue {
            Some(queue) => self.queue(queue),
            None => counted.queue,
        };
        let agent = match (self.ledger.policy.per_agent, fact.agent) {
            (true, Some(agent)) => Some(self.interner.sym(agent)),
            _ => None,
        };
        let interner = &mut self.interner;
        let mut sym = |text: &str| interner.sym(text);
        for Increment { measure, own } in increments(fact.kind, counted, text, agent, &mut sym) {
            let shape = measure.shape();
            let key = SeriesKey {
                measure,
                channel: if shape.channel {
                    counted.channel
                } else {
                    Sym::ABSENT
                },
                queue: if shape.queue {
                    queue
                } else {
                    QueueSym::default()
                },
                own,
            };
            self.add(key, fact.millis);
        }
    }

    pub(super) fn add(&mut self, key: SeriesKey, millis: u64) {
        if let Some(sum) = self.sums.get_mut(&key) {
            sum.observe(key.measure, millis);
            return self.tell(key, millis);
        }
        let key = self.admit(key);
        let base = self.ledger.sums.get(&key);
        let sum = self.sums.entry(key);
        sum.or_insert_with(|| base.cloned().unwrap_or_else(|| Sum::zero(key.measure)))
            .observe(key.measure, millis);
        self.tell(key, millis);
    }

    fn tell(&mut self, key: SeriesKey, millis: u64) {
        let (id, ended_s) = self.whose;
        if let Some(told) = &mut self.told {
            told.push(apply::Increment {
                key,
                millis,
                id,
                ended_s,
            });
        }
    }

    /// The key itself while its measure has room, else the overflow series.
    fn admit(&mut self, key: SeriesKey) -> SeriesKey {
        let base = &self.ledger.sums;
        // Of counters of time all labels are closed sets.
        if base.get(&key).is_some() || key.measure.counts_time() {
            return key;
        }
        let added = self.sets.entry(key.measure).or_default();
        if base.sets(key.measure) + *added >= self.ledger.policy.max_series_per_metric {
            return SeriesKey::overflow(key.measure);
        }
        *added += 1;
        key
    }
}
