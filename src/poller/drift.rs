//! Whether the wall clock was set, told by a clock that nobody can set.

use std::time::{Duration, Instant};

/// The wall clock may drift by so many seconds between two looks at it without counting as set. A time service that
/// corrects it little by little stays far below.
pub(super) const TOLERANCE_S: i64 = 60;

/// Both clocks, as they stood when they were last compared.
#[derive(Debug, Clone, Copy)]
pub(super) struct Drift {
    wall_s: i64,
    at: Instant,
}

impl Drift {
    pub(super) fn new(wall_s: i64, at: Instant) -> Drift {
        Drift { wall_s, at }
    }

    /// By how many seconds the wall clock was set since the last look, if it was; forward is positive.
    pub(super) fn jump_s(&mut self, wall_s: i64, at: Instant) -> Option<i64> {
        let passed = at.saturating_duration_since(self.at);
        let jump_s = (wall_s - self.wall_s) - whole_seconds(passed);
        *self = Drift { wall_s, at };
        (jump_s.abs() > TOLERANCE_S).then_some(jump_s)
    }
}

fn whole_seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_is_noticed_once_in_both_directions() {
        let start = Instant::now();
        let mut drift = Drift::new(1_000, start);
        let at = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(drift.jump_s(1_030, at(30)), None);
        assert_eq!(drift.jump_s(1_090, at(31)), None, "59 s are no jump");
        assert_eq!(drift.jump_s(91_091, at(32)), Some(90_000));
        assert_eq!(drift.jump_s(91_092, at(33)), None);
        assert_eq!(drift.jump_s(1_093, at(34)), Some(-90_000));
        assert_eq!(drift.jump_s(87_493, at(86_434)), None);
    }
}
