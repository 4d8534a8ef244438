//! An account's budget, shared by the client that draws on it now and the one that comes after: who opens an account anew
//! goes on with what is left.

use super::budget::{Allowance, Budget, FIRST_PAUSE, Wait};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The requests that an account may send.
#[derive(Debug)]
pub struct Allotment {
    budget: Mutex<Budget>,
    /// The budget's time counts from here.
    started: Instant,
}

impl Allotment {
    pub fn new(requests_per_minute: u32) -> Allotment {
        Allotment::pausing(requests_per_minute, FIRST_PAUSE)
    }

    /// The same, of which no minute takes more, wherever it begins.
    pub fn strict(requests_per_minute: u32) -> Allotment {
        let budget = Budget::strict(requests_per_minute, FIRST_PAUSE, Duration::ZERO);
        Allotment {
            budget: Mutex::new(budget),
            started: Instant::now(),
        }
    }

    /// Nothing is left of what was saved up.
    pub fn spend(&self) {
        self.budget().spend();
    }

    pub(super) fn pausing(requests_per_minute: u32, first_pause: Duration) -> Allotment {
        let budget = Budget::new(requests_per_minute, first_pause, Duration::ZERO);
        Allotment {
            budget: Mutex::new(budget),
            started: Instant::now(),
        }
    }

    /// From now on so many a minute. What is saved up stays, as far as the new budget would have saved it.
    pub fn set(&self, requests_per_minute: u32) {
        self.budget().set(requests_per_minute, self.now());
    }

    /// Whether a new one would be no more generous: nothing is lost by forgetting it.
    pub fn is_rested(&self) -> bool {
        self.budget().is_rested(self.now())
    }

    /// What there is to spend now.
    pub fn allowance(&self) -> Allowance {
        self.budget().allowance(self.now())
    }

    pub(super) fn take(&self) -> Result<(), Wait> {
        self.budget().take(self.now())
    }

    /// To be called once for each that was taken, when it is answered or given up.
    pub(super) fn ended(&self) {
        self.budget().ended(self.now());
    }

    pub(super) fn take_aside(&self) -> bool {
        self.budget().take_aside(self.now())
    }

    pub(super) fn succeeded(&self) {
        self.budget().succeeded();
    }

    pub(super) fn rate_limited(&self, retry_after: Option<Duration>) {
        self.budget().rate_limited(self.now(), retry_after);
    }

    pub(super) fn asked_to_wait(&self, retry_after: Duration) {
        self.budget().asked_to_wait(self.now(), retry_after);
    }

    #[cfg(test)]
    pub(crate) fn spend_all(&self) {
        while self.take().is_ok() {}
    }

    fn now(&self) -> Duration {
        self.started.elapsed()
    }

    fn budget(&self) -> MutexGuard<'_, Budget> {
        self.budget.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
