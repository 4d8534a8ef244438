//! So many requests in any minute, for the whole account.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

#[derive(Debug)]
pub(super) struct Limit {
    per_minute: usize,
    granted: VecDeque<Instant>,
}

const MINUTE: Duration = Duration::from_mins(1);

impl Limit {
    pub(super) fn new(per_minute: u32) -> Self {
        Limit {
            per_minute: per_minute as usize,
            granted: VecDeque::new(),
        }
    }

    /// Real time, not the world's: a world that stands still must not refuse for ever. Refused requests do not count.
    pub(super) fn grant(&mut self, now: Instant) -> bool {
        while self
            .granted
            .front()
            .is_some_and(|at| now.duration_since(*at) >= MINUTE)
        {
            self.granted.pop_front();
        }
        let granted = self.granted.len() < self.per_minute;
        if granted {
            self.granted.push_back(now);
        }
        granted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_grants_so_many_and_the_next_as_many_again() {
        let mut limit = Limit::new(3);
        let start = Instant::now();
        let granted: Vec<bool> = [0, 10, 20, 30, 59, 60, 65, 70]
            .map(|s| limit.grant(start + Duration::from_secs(s)))
            .into();
        assert_eq!(granted, [true, true, true, false, false, true, false, true]);
    }
}
