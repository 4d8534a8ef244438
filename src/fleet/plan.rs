//! Who stays, who changes, who begins and who ends, on the way from one configuration to another.

use super::settings::{Identity, Settings};
use std::collections::BTreeSet;

/// What becomes of an account of the wanted configuration. The numbers are places among those that run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Stay(usize),
    Change(usize),
    Begin,
}

impl Step {
    /// Where it runs already.
    pub(super) fn place(self) -> Option<usize> {
        match self {
            Step::Stay(at) | Step::Change(at) => Some(at),
            Step::Begin => None,
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// For each wanted account.
    pub steps: Vec<Step>,
    /// Those that run and are not wanted.
    pub gone: Vec<usize>,
}

impl Plan {
    /// Who is in `anew` does not stay, even if nothing about it changed.
    pub(super) fn between<'s>(
        running: impl IntoIterator<Item = &'s Settings>,
        wanted: &[Settings],
        anew: &BTreeSet<Identity>,
    ) -> Plan {
        let running: Vec<&Settings> = running.into_iter().collect();
        let step = |wanted: &Settings| {
            let same = |it: &&Settings| it.identity() == wanted.identity();
            match running.iter().position(same) {
                Some(at) if running[at] == wanted && !anew.contains(&wanted.identity()) => {
                    Step::Stay(at)
                }
                Some(at) => Step::Change(at),
                None => Step::Begin,
            }
        };
        let steps: Vec<Step> = wanted.iter().map(step).collect();
        let wanted = |at: &usize| steps.iter().any(|step| step.place() == Some(*at));
        let gone = (0..running.len()).filter(|at| !wanted(at)).collect();
        Plan { steps, gone }
    }

    /// Whether the one at this place cannot run on meanwhile.
    pub(super) fn halts(&self, at: usize) -> bool {
        self.gone.contains(&at) || self.steps.contains(&Step::Change(at))
    }
}
