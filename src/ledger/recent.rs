//! Recent windows: how it is now, on the conversations' own time.

use super::entry::Counted;
use super::id::Id;
use super::names::Names;
use super::symbols::Sym;
use crate::fact::Outcome;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A window to show: (`from_s`, `to_s`], UTC seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecentWindow {
    pub label: Arc<str>,
    pub from_s: i64,
    pub to_s: i64,
}

/// The counted conversations that a recent window may still hold, by their end.
#[derive(Debug, Clone, Default)]
pub struct Recents(BTreeMap<(i64, Id), Counted>);

/// The parts of one channel and queue in one window. They add up over queues; the ratios do not.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Parts {
    /// By direction and outcome.
    pub conversations: BTreeMap<(Sym, Outcome), u64>,
    pub offered: u64,
    pub abandoned: u64,
    pub answered_within_target: u64,
    pub waits: u64,
    pub wait_millis: u64,
    pub csat_responses: u64,
    pub csat_sum: u64,
    /// Scores 4 and 5.
    pub csat_satisfied: u64,
    pub nps_responses: u64,
    /// Promoters (9–10) less detractors (0–6).
    pub nps_balance: i64,
}

impl FromIterator<(Id, Counted)> for Recents {
    fn from_iter<T: IntoIterator<Item = (Id, Counted)>>(conversations: T) -> Recents {
        let ended = |(id, counted): (Id, Counted)| ((counted.ended_s, id), counted);
        Recents(conversations.into_iter().map(ended).collect())
    }
}

impl Recents {
    pub fn insert(&mut self, id: Id, counted: Counted) {
        self.0.insert((counted.ended_s, id), counted);
    }

    pub fn remove(&mut self, id: Id, ended_s: i64) {
        self.0.remove(&(ended_s, id));
    }

    /// In the order of their ends.
    pub fn iter(&self) -> impl Iterator<Item = (Id, &Counted)> {
        self.0.iter().map(|((_, id), counted)| (*id, counted))
    }

    /// Drops what ended at or before `before_s`: no window reaches there any more.
    pub fn prune(&mut self, before_s: i64) {
        while let Some(first) = self.0.first_entry() {
            if first.key().0 > before_s {
                break;
            }
            first.remove();
        }
    }

    /// The parts of a window by channel and shown queue.
    pub fn parts(
        &self,
        window: &RecentWindow,
        names: &Names,
    ) -> BTreeMap<(Sym, Option<Sym>), Parts> {
        let mut all: BTreeMap<(Sym, Option<Sym>), Parts> = BTreeMap::new();
        if window.from_s >= window.to_s {
            return all;
        }
        let last = Id(u128::MAX);
        for counted in self
            .0
            .range((window.from_s, last)..=(window.to_s, last))
            .map(|(_, counted)| counted)
        {
            all.entry((counted.channel, names.shown(counted.queue)))
                .or_default()
                .take(counted);
        }
        all
    }
}

impl Parts {
    fn take(&mut self, counted: &Counted) {
        *self
            .conversations
            .entry((counted.direction, counted.outcome))
            .or_default() += 1;
        self.offered += u64::from(counted.offered);
        self.abandoned += u64::from(counted.offered && counted.outcome == Outcome::Abandoned);
        self.answered_within_target += u64::from(counted.within_target);
        if let (true, Some(millis)) = (counted.offered, counted.wait_millis) {
            self.waits += 1;
            self.wait_millis = self.wait_millis.saturating_add(millis);
        }
        if let Some(score) = counted.csat {
            self.csat_responses += 1;
            self.csat_sum += u64::from(score);
            self.csat_satisfied += u64::from(score >= 4);
        }
        if let Some(score) = counted.nps {
            self.nps_responses += 1;
            self.nps_balance += match score {
                9.. => 1,
                7..=8 => 0,
                _ => -1,
            };
        }
    }

    /// Adds another queue's parts.
    pub fn add(&mut self, other: &Parts) {
        for (key, count) in &other.conversations {
            *self.conversations.entry(*key).or_default() += count;
        }
        self.offered += other.offered;
        self.abandoned += other.abandoned;
        self.answered_within_target += other.answered_within_target;
        self.waits += other.waits;
        self.wait_millis = self.wait_millis.saturating_add(other.wait_millis);
        self.csat_responses += other.csat_responses;
        self.csat_sum += other.csat_sum;
        self.csat_satisfied += other.csat_satisfied;
        self.nps_responses += other.nps_responses;
        self.nps_balance += other.nps_balance;
    }

    pub fn abandonment_ratio(&self) -> Option<f64> {
        ratio(self.abandoned, self.offered)
    }

    pub fn service_level_ratio(&self) -> Option<f64> {
        ratio(self.answered_within_target, self.offered)
    }

    pub fn speed_of_answer_seconds(&self) -> Option<f64> {
        ratio(self.wait_millis, self.waits).map(|millis| millis / 1000.0)
    }

    pub fn csat_mean(&self) -> Option<f64> {
        ratio(self.csat_sum, self.csat_responses)
    }

    pub fn csat_ratio(&self) -> Option<f64> {
        ratio(self.csat_satisfied, self.csat_responses)
    }

    /// −100 to 100.
    pub fn nps(&self) -> Option<f64> {
        (self.nps_responses > 0)
            .then(|| 100.0 * self.nps_balance as f64 / self.nps_responses as f64)
    }
}

/// No value rather than 0/0.
fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
