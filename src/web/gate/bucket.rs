//! `rate_limit`: a bucket that holds `burst` requests and gets one more each `interval`.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

pub(super) struct Bucket {
    interval: Duration,
    burst: f64,
    state: Mutex<(f64, Option<Instant>)>,
}

impl Bucket {
    /// Full.
    pub(super) fn new(interval: Duration, burst: u32) -> Bucket {
        let burst = f64::from(burst);
        Bucket {
            interval,
            burst,
            state: Mutex::new((burst, None)),
        }
    }

    /// Whether one more request may be answered.
    pub(super) fn take(&self, now: Instant) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (held, at) = *state;
        let passed = at.map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        let held = (held + passed.div_duration_f64(self.interval)).min(self.burst);
        let taken = held >= 1.0;
        *state = (if taken { held - 1.0 } else { held }, Some(now));
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_one_each_interval() {
        let begun = Instant::now();
        let bucket = Bucket::new(Duration::from_secs(1), 3);
        let at = |milliseconds| begun + Duration::from_millis(milliseconds);
        let passed: Vec<bool> = [0, 0, 0, 0, 500, 1001, 1002, 60_000, 60_000, 60_000, 60_000]
            .map(|milliseconds| bucket.take(at(milliseconds)))
            .to_vec();
        let wanted = [
            true, true, true, false, false, true, false, true, true, true, false,
        ];
        assert_eq!(passed, wanted);
    }
}
