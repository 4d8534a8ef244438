//! The requests of the last minute, for a budget that no minute may exceed.
//!
//! Where on its way a request is counted by others is not known: it may have waited for a connection, or for its answer.
//! So it fills its place from when it may be sent until a minute after its answer.

use std::collections::VecDeque;
use std::time::Duration;

const MINUTE: Duration = Duration::from_mins(1);

#[derive(Debug)]
pub(super) struct Minute {
    most: usize,
    under_way: usize,
    /// When the last ones were answered.
    ended: VecDeque<Duration>,
}

impl Minute {
    pub(super) fn of(most: u32) -> Minute {
        Minute {
            most: most.max(1) as usize,
            under_way: 0,
            ended: VecDeque::new(),
        }
    }

    /// How long until there may be room for another one; `None` if there is.
    pub(super) fn full_for(&mut self, now: Duration) -> Option<Duration> {
        while self.ended.front().is_some_and(|at| *at + MINUTE < now) {
            self.ended.pop_front();
        }
        if self.under_way + self.ended.len() < self.most {
            return None;
        }
        // Where all are under way, none has room before one of them was answered a minute ago.
        let first = self.ended.front().copied().unwrap_or(now);
        let full_for = (first + MINUTE).saturating_sub(now);
        Some(full_for + Duration::from_micros(1))
    }

    pub(super) fn begun(&mut self) {
        self.under_way += 1;
    }

    pub(super) fn ended(&mut self, now: Duration) {
        self.under_way = self.under_way.saturating_sub(1);
        self.ended.push_back(now);
    }
}
