//! What was counted, so that nothing is counted twice.
//!
//! A [`Ledger`] is what an account's counts stand at: sums, label values, queue names, the recent conversations, and
//! a digest of every record that was counted whole. What was counted of each conversation stays in the store;
//! the few entries that a window's records touch are handed to [`Ledger::apply`], which returns a [`Commit`].
//! Once the commit is on disk, [`Ledger::absorb`] makes it true here, and [`Ledger::view`] shows it.
//!
//! Invariant: a fact (conversation, kind, destination, element) moves the sums once; sums are integers and never fall.
//! Not here: time, disk, network, the text of a page. Called by the poller; written by the store.

#![deny(
    clippy::disallowed_types,
    reason = "a pure room has no clock: time is an argument"
)]

mod apply;
mod commit;
mod entry;
mod id;
mod increments;
mod measure;
mod names;
mod publish;
mod quarters;
mod recent;
mod seen;
mod series;
mod symbols;
mod targets;
#[cfg(test)]
mod tests;
mod view;

pub use apply::{Batch, Increment, Version};
pub use commit::{Before, Change, Commit, Forgotten, Tally};
pub use entry::{Counted, Entry, Known};
pub use id::{Id, Ids, Key};
pub use measure::{
    BY_AGENT, COUNTERS, EVIDENCE, HISTOGRAMS, Measure, Metric, MetricKind, QUEUES, RECENT, Scope,
    Shape,
};
pub use names::{Names, QueueName};
pub use publish::Showing;
pub use quarters::{Began, Counts, KEPT_S, QUARTER_S, Quarter, Quarters, quarter_of};
pub use recent::{Parts, RecentWindow, Recents};
pub use seen::Seen;
pub use series::{Own, QueueSym, SeriesKey, Sum, Sums};
pub use symbols::{OVERFLOW, Sym, Symbols, cut as label};
pub use targets::{
    BUILT_IN as BUILT_IN_TARGETS, NONE as NO_QUEUE, Target, TargetOverride, Targets,
};
pub use view::{Sample, Value, View};

#[cfg(test)]
pub(crate) use tests::DEFAULT as DEFAULT_TARGET;

use rustc_hash::FxHashSet;

/// How an account is to be counted and shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    pub targets: Targets,
    pub max_series_per_metric: usize,
    /// Whether agents have series of their own. Those without an agent are the same either way.
    pub per_agent: bool,
}

/// One account's counts, as committed.
#[derive(Debug, Clone)]
pub struct Ledger {
    pub key: Key,
    pub policy: Policy,
    pub symbols: Symbols,
    pub sums: Sums,
    pub names: Names,
    pub recents: Recents,
    pub quarters: Quarters,
    /// Of the records that were counted whole. Loses none of them before they are forgotten.
    pub digests: FxHashSet<u64>,
    /// Conversations remembered.
    pub tracked: u64,
    /// The number of the last commit that is in it: the next one follows that.
    pub commits: i64,
}

impl Ledger {
    /// A ledger in which nothing was counted yet.
    pub fn new(key: Key, policy: Policy) -> Ledger {
        Ledger {
            key,
            policy,
            symbols: Symbols::default(),
            sums: Sums::default(),
            names: Names::default(),
            recents: Recents::default(),
            quarters: Quarters::default(),
            digests: FxHashSet::default(),
            tracked: 0,
            commits: 0,
        }
    }

    /// Whether anything was ever counted.
    pub fn has_counted(&self) -> bool {
        self.sums.iter().next().is_some()
    }

    /// Makes a commit true that is on disk, and forgets what the store forgot with it.
    pub fn absorb(&mut self, commit: Commit, forgotten: Forgotten) {
        for text in commit.symbols {
            self.symbols.push(text);
        }
        for (key, sum) in commit.sums {
            self.sums.set(key, sum);
        }
        for (id, name) in commit.names {
            self.names.set(id, name);
        }
        for (start_s, quarter) in commit.quarters {
            self.quarters.set(start_s, quarter);
        }
        self.quarters.prune();
        for Change { entry, before } in commit.entries {
            match before {
                None => self.tracked += 1,
                Some(before) => {
                    if let Some(digest) = before.digest {
                        self.digests.remove(&digest);
                    }
                    if let Some(ended_s) = before.ended_s {
                        self.recents.remove(before.id, ended_s);
                    }
                }
            }
            self.digests.extend(entry.digest);
            if let Some(counted) = entry.counted {
                self.recents.insert(entry.id, counted);
            }
        }
        for digest in &forgotten.digests {
            self.digests.remove(digest);
        }
        self.tracked = self.tracked.saturating_sub(forgotten.entries);
        self.commits += 1;
    }
}
