//! What evidence is about, what it is made of, and what is read off it.

use std::collections::HashMap;
use std::sync::Arc;

/// What evidence is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// All conversations of the account.
    Account,
    /// One channel over all queues.
    Channel(Arc<str>),
    /// One named queue over all channels.
    Queue(Arc<str>),
}

impl Scope {
    /// The labels `scope`, `channel` and `queue`; empty where it is about all of them.
    pub fn labels(&self) -> [&str; 3] {
        match self {
            Scope::Account => ["account", "", ""],
            Scope::Channel(channel) => ["channel", channel, ""],
            Scope::Queue(queue) => ["queue", "", queue],
        }
    }
}

/// How an account is judged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Pages in 30 days that may be false, of the whole account.
    pub false_pages_per_month: f64,
    /// Scopes that are followed at most. Conversations of others count for their account alone.
    pub scopes: usize,
    /// Offered in a quarter of an hour that a page needs: a scope that never had so many has no part in the false pages.
    pub min_offered: u32,
    /// Of them abandoned that a page needs.
    pub min_abandoned: u32,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            false_pages_per_month: 1.0,
            scopes: 1000,
            min_offered: 20,
            min_abandoned: 8,
        }
    }
}

/// One finished conversation that was offered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Conversation<'a> {
    /// UTC seconds; none is in the future.
    pub ended_s: i64,
    pub channel: &'a str,
    /// Its queue, if it reached a named one.
    pub queue: Option<&'a str>,
    pub abandoned: bool,
    /// The abandonment ratio allowed to it, by its channel and queue.
    pub target: f64,
}

/// What became of a conversation that was put in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    Judged,
    /// It ended more than a quarter of an hour before the newest: counted as late, and not judged.
    Late,
}

/// A scope now.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading<'a> {
    pub scope: &'a Scope,
    /// Nats; a page at or above the limit.
    pub evidence: f64,
    /// Nats.
    pub limit: f64,
    /// Abandoned of offered.
    pub usual: f64,
    /// Offered and abandoned in the 15 minutes up to the account's newest conversation.
    pub recent: (u32, u32),
}

/// What could not be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Conversations that came after their quarter of an hour was settled.
    pub late: u64,
    /// Conversations whose channel or queue found no room; their account has them.
    pub unfollowed: u64,
}

/// The number of each channel and queue that is followed.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Numbers {
    channels: HashMap<Arc<str>, u32>,
    queues: HashMap<Arc<str>, u32>,
}

impl Numbers {
    pub(super) fn channel(&self, name: &str) -> Option<u32> {
        self.channels.get(name).copied()
    }

    pub(super) fn queue(&self, name: &str) -> Option<u32> {
        self.queues.get(name).copied()
    }

    pub(super) fn forget(&mut self, scope: &Scope) {
        match scope {
            Scope::Account => {}
            Scope::Channel(name) => drop(self.channels.remove(name)),
            Scope::Queue(name) => drop(self.queues.remove(name)),
        }
    }

    pub(super) fn note(&mut self, scope: &Scope, number: u32) {
        match scope {
            Scope::Account => {}
            Scope::Channel(name) => drop(self.channels.insert(Arc::clone(name), number)),
            Scope::Queue(name) => drop(self.queues.insert(Arc::clone(name), number)),
        }
    }
}
