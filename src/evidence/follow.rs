//! One scope: its past, its evidence where all is settled, and after what is still open.

use super::past::{Past, SLOT_S, slot_of};
use super::plan::Plan;
use super::scope::{Reading, Scope};
use super::walk::{GAP_S, Hour, Walk};
use super::weights::Levels;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Follow {
    pub scope: Scope,
    pub past: Past,
    /// Of the newest half hour, and of the one before.
    pub plans: [Option<Plan>; 2],
    pub settled: Walk,
    pub hour: Hour,
    /// Peaks of hours that are over and not closed yet.
    pub peaks: Vec<(i64, Levels)>,
    /// After all of the open part.
    pub head: Walk,
    /// Offered and abandoned in the open part.
    pub recent: (u32, u32),
}

impl Follow {
    pub(super) fn new(scope: Scope) -> Follow {
        Follow {
            scope,
            past: Past::default(),
            plans: [None; 2],
            settled: Walk::default(),
            hour: Hour::default(),
            peaks: Vec::new(),
            head: Walk::default(),
            recent: (0, 0),
        }
    }

    /// Nothing of it was heard for three weeks. Never so of the account, of which everything is.
    pub(super) fn is_forgotten(&self) -> bool {
        let nothing_open = self.past.open.slots.is_empty() && self.recent == (0, 0);
        self.scope != Scope::Account && nothing_open && self.past.days.is_empty()
    }

    fn plan(&self, at_s: i64, newest: Option<i64>) -> Option<Plan> {
        let ago = newest? - slot_of(at_s);
        *self.plans.get(usize::try_from(ago).ok()?)?
    }

    /// Takes the next conversation into the head.
    pub(super) fn lead(&mut self, at_s: i64, abandoned: bool, newest: Option<i64>) {
        self.recent.0 += 1;
        self.recent.1 += u32::from(abandoned);
        if let Some(plan) = self.plan(at_s, newest) {
            self.head.step(at_s, abandoned, &plan);
        }
    }

    /// Takes the next conversation that will not change any more.
    pub(super) fn settle(
        &mut self,
        at_s: i64,
        abandoned: bool,
        target_millionths: u32,
        newest: Option<i64>,
    ) {
        self.past.count(at_s, abandoned, target_millionths);
        self.recent.0 = self.recent.0.saturating_sub(1);
        self.recent.1 = self.recent.1.saturating_sub(u32::from(abandoned));
        let Some(plan) = self.plan(at_s, newest) else {
            return;
        };
        self.settled.step(at_s, abandoned, &plan);
        let hour = at_s.div_euclid(2 * SLOT_S);
        if self.hour.hour != hour {
            self.end_hour();
            self.hour = Hour::new(hour);
        }
        self.hour.step(abandoned, &plan);
    }

    fn end_hour(&mut self) {
        if let Some(peak) = self.hour.peak() {
            self.peaks.push((self.hour.hour, peak));
        }
    }

    pub(super) fn close(&mut self, slot: i64) {
        self.past.close(slot);
        let closed = |hour: i64| 2 * hour < slot;
        if closed(self.hour.hour) {
            self.end_hour();
            self.hour = Hour::default();
        }
        for (hour, peak) in self.peaks.extract_if(.., |(hour, _)| closed(*hour)) {
            self.past.note_peak(hour, peak);
        }
    }

    /// `None` where it cannot be judged yet.
    pub(super) fn reading(&self, now_s: i64) -> Option<Reading<'_>> {
        let plan = self.plans[0]?;
        let evidence = if now_s.saturating_sub(self.head.last_s) > GAP_S {
            0.0
        } else {
            plan.evidence(&self.head.levels)
        };
        Some(Reading {
            scope: &self.scope,
            evidence,
            limit: plan.limit(),
            usual: plan.usual,
            recent: self.recent,
        })
    }
}
