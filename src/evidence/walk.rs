//! One scope's evidence as it goes from conversation to conversation.

use super::plan::Plan;
use super::weights::Levels;

/// After so long without a conversation evidence begins at 0.
pub(super) const GAP_S: i64 = 1800;
/// So many times its limit evidence rises at most: an incident's end must be seen soon after.
const HIGHEST: f64 = 1.5;

#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Walk {
    pub levels: Levels,
    pub last_s: i64,
    /// End of the first conversation since evidence was 0.
    pub since_s: i64,
    /// Those since then.
    pub offered: u32,
    pub abandoned: u32,
}

impl Walk {
    pub(super) fn step(&mut self, ended_s: i64, abandoned: bool, plan: &Plan) {
        if ended_s - self.last_s > GAP_S {
            *self = Walk::default();
        }
        if self.levels == Levels::default() {
            (self.since_s, self.offered, self.abandoned) = (ended_s, 0, 0);
        }
        self.last_s = ended_s;
        self.offered = self.offered.saturating_add(1);
        self.abandoned = self.abandoned.saturating_add(u32::from(abandoned));
        for ((level, weights), counts) in self.levels.iter_mut().zip(&plan.bank).zip(plan.counts) {
            let step = if abandoned { weights.up } else { -weights.down };
            *level = (*level + step).clamp(0.0, HIGHEST * plan.limit / counts);
        }
    }
}

/// How far the evidence of one hour rose by itself.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Hour {
    /// From 1970 on.
    pub hour: i64,
    pub levels: Levels,
    pub highest: f64,
    pub offered: u32,
    /// `highest` as [`Plan::peak`] has it, as of the last conversation.
    pub peak: f64,
}

/// Fewer in an hour say nothing about bursts.
const LEAST: u32 = 20;

impl Hour {
    pub(super) fn new(hour: i64) -> Hour {
        Hour {
            hour,
            ..Hour::default()
        }
    }

    pub(super) fn step(&mut self, abandoned: bool, plan: &Plan) {
        for (level, weights) in self.levels.iter_mut().zip(&plan.bank) {
            let step = if abandoned { weights.up } else { -weights.down };
            *level = (*level + step).max(0.0);
        }
        self.highest = self.highest.max(plan.evidence(&self.levels));
        self.offered += 1;
        self.peak = plan.peak(self.highest, self.offered);
    }

    pub(super) fn peak(&self) -> Option<f64> {
        (self.offered >= LEAST).then_some(self.peak)
    }
}
