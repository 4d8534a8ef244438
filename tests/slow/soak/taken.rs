//! What a process takes of memory and files, and that it grows from step to step in neither.

use std::fs;

/// Steps after which all that is allocated once is.
const WARM: usize = 5;

#[derive(Debug, Clone, Copy, Default)]
pub struct Taken {
    pub resident_kb: u64,
    pub files: usize,
}

impl Taken {
    pub fn by(process: u32) -> Taken {
        let of = |file: &str| format!("/proc/{process}/{file}");
        let status = fs::read_to_string(of("status")).unwrap();
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let resident = resident.unwrap().trim().trim_end_matches(" kB");
        Taken {
            resident_kb: resident.parse().unwrap(),
            files: fs::read_dir(of("fd")).unwrap().count(),
        }
    }
}

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
