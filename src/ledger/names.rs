//! Queue names, learned from the records.

use super::series::QueueSym;
use super::symbols::Sym;
use rustc_hash::FxHashMap;

/// What one queue id was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueName {
    /// The first name ever learned: sums with the id alone join it, for good.
    pub first: Sym,
    /// The name in the record that started last.
    pub latest: Sym,
    /// When that record's session started, UTC seconds.
    pub latest_s: i64,
}

/// Queue id → names.
#[derive(Debug, Clone, Default)]
pub struct Names(FxHashMap<Sym, QueueName>);

impl Names {
    pub fn get(&self, id: Sym) -> Option<&QueueName> {
        self.0.get(&id)
    }

    pub fn set(&mut self, id: Sym, name: QueueName) {
        self.0.insert(id, name);
    }

    pub fn iter(&self) -> impl Iterator<Item = (Sym, &QueueName)> {
        self.0.iter().map(|(id, name)| (*id, name))
    }

    /// The name a queue is shown under: its own, else the first learned for its id, else the id; `None` without any.
    pub fn shown(&self, queue: QueueSym) -> Option<Sym> {
        if !queue.name.is_absent() {
            return Some(queue.name);
        }
        if queue.id.is_absent() {
            return None;
        }
        Some(self.get(queue.id).map_or(queue.id, |name| name.first))
    }
}
