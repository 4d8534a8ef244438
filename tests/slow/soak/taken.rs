//! That a process grows from step to step neither in memory nor in files.

use crate::support::process::Taken;

/// Steps after which all that is allocated once is.
const WARM: usize = 5;

/// What was taken by the end of each step.
#[derive(Debug, Default)]
pub struct Growth {
    steps: usize,
    /// The most of the first steps.
    warm: Taken,
}

impl Growth {
    /// Whether this is not much more than the first steps took.
    pub fn is_none(&self, taken: Taken) -> bool {
        let warm = &self.warm;
        let memory = taken.resident_kb <= warm.resident_kb * 3 / 2;
        self.steps < WARM || memory && taken.files <= warm.files + 10
    }

    /// Takes in what the next step ended with.
    pub fn note(&mut self, taken: Taken) {
        assert!(self.is_none(taken), "{:?} became {taken:?}", self.warm);
        if self.steps < WARM {
            self.warm.resident_kb = self.warm.resident_kb.max(taken.resident_kb);
            self.warm.files = self.warm.files.max(taken.files);
        }
        self.steps += 1;
    }
}
