//! Queues of a window: their symbols, their names, and the target that a wait is held to.

use super::{Draft, Version};
use crate::fact::Queue;
use crate::ledger::names::QueueName;
use crate::ledger::series::QueueSym;
use crate::ledger::symbols::Sym;
use rustc_hash::FxHashMap;

impl<'a> Draft<'a> {
    pub(super) fn service_level_millis(&mut self, channel: &str, queue: Queue<'a>) -> u64 {
        let sym = self.queue(queue);
        let learned = self
            .names
            .get(&sym.id)
            .or_else(|| self.ledger.names.get(sym.id))
            .map(|name| name.first);
        let name = queue
            .name
            .or_else(|| learned.map(|name| self.interner.text(name)));
        self.ledger
            .policy
            .targets
            .of(Some(channel), queue.id, name)
            .service_level_millis
    }

    pub(super) fn queue(&mut self, queue: Queue<'a>) -> QueueSym {
        if queue != self.latest_queue.0 {
            let sym = QueueSym {
                id: self.interner.optional(queue.id),
                name: self.interner.optional(queue.name),
            };
            self.latest_queue = (queue, sym);
        }
        self.latest_queue.1
    }

    /// What queues are called, before anything is counted: targets go by names. Older sessions first, so that the first
    /// name of a queue is the same in any order of rows.
    pub(super) fn learn(&mut self, records: &[Version<'_>]) {
        // When each pair was told first and last: what lies between teaches nothing.
        let mut told: FxHashMap<(&str, &str), (i64, i64)> = FxHashMap::default();
        for Version { derived, .. } in records {
            let at_s = derived.start_s.or(derived.end_s);
            let Some(at_s) = at_s.filter(|_| derived.latest_s >= self.floor_s) else {
                continue;
            };
            for pair in &derived.names {
                let (first, last) = told.entry(*pair).or_insert((at_s, at_s));
                (*first, *last) = (at_s.min(*first), at_s.max(*last));
            }
        }
        let ends = |((id, name), (first, last))| [(first, id, name), (last, id, name)];
        let mut names: Vec<(i64, &str, &str)> = told.into_iter().flat_map(ends).collect();
        names.sort_unstable();
        for (at_s, id, name) in names {
            self.learn_name(id, name, at_s);
        }
    }

    fn learn_name(&mut self, id: &str, name: &str, at_s: i64) {
        let (id, name) = (self.interner.sym(id), self.interner.sym(name));
        if id == Sym::OVERFLOW || name == Sym::OVERFLOW {
            return;
        }
        match self
            .names
            .get(&id)
            .or_else(|| self.ledger.names.get(id))
            .copied()
        {
            None => {
                self.names.insert(
                    id,
                    QueueName {
                        first: name,
                        latest: name,
                        latest_s: at_s,
                    },
                );
            }
            Some(before) if before.latest_s < at_s => {
                self.names.insert(
                    id,
                    QueueName {
                        latest: name,
                        latest_s: at_s,
                        ..before
                    },
                );
            }
            Some(_) => {}
        }
    }
}
