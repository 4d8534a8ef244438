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
}

impl Walk {
    pub(super) fn step(&mut self, ended_s: i64, abandoned: bool, plan: &Plan) {
        if ended_s - self.last_s > GAP_S {
            *self = Walk::default();
        }
        self.last_s = ended_s;
        let levels = self.levels.iter_mut().zip(plan.limits);
        for ((level, limit), weights) in levels.zip(&plan.bank) {
            *level = (*level + weights.step(abandoned)).clamp(0.0, HIGHEST * limit);
        }
    }
}

/// How far levels rose in one hour, each from 0.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Hour {
    /// From 1970 on.
    pub hour: i64,
    pub levels: Levels,
    pub highest: Levels,
    pub offered: u32,
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
        let levels = self.levels.iter_mut().zip(&mut self.highest);
        for ((level, highest), weights) in levels.zip(&plan.bank) {
            *level = (*level + weights.step(abandoned)).max(0.0);
            *highest = highest.max(*level);
        }
        self.offered += 1;
    }

    pub(super) fn peak(&self) -> Option<Levels> {
        (self.offered >= LEAST).then_some(self.highest)
    }
}
