//! Until when requests may be sent, where several processes take turns at an account.

use crate::clock::WallClock;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The right to send requests, for as long as it is renewed. Nothing was renewed yet: nothing may be sent.
///
/// Both clocks must agree that it lasts: the one that never goes back stands still while a machine sleeps.
#[derive(Debug)]
pub struct Lease {
    wall_clock: WallClock,
    until: Mutex<Option<(Instant, i64)>>,
}

impl Lease {
    pub fn new(wall_clock: WallClock) -> Lease {
        Lease {
            wall_clock,
            until: Mutex::new(None),
        }
    }

    /// What the time is now, to say later when it was that something was asked.
    pub fn now(&self) -> (Instant, i64) {
        (Instant::now(), (self.wall_clock)())
    }

    /// From `asked` on it lasts so long.
    pub fn renew(&self, (asked, asked_ms): (Instant, i64), lasts: Duration) {
        let lasts_ms = i64::try_from(lasts.as_millis()).unwrap_or(i64::MAX);
        *self.until() = Some((asked + lasts, asked_ms.saturating_add(lasts_ms)));
    }

    /// Whether requests may be sent now.
    pub fn lasts(&self) -> bool {
        let (now, now_ms) = self.now();
        let until = *self.until();
        until.is_some_and(|(until, until_ms)| now < until && now_ms < until_ms)
    }

    fn until(&self) -> MutexGuard<'_, Option<(Instant, i64)>> {
        self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicI64, Ordering};

    static WALL_MS: AtomicI64 = AtomicI64::new(1_790_000_000_000);

    #[test]
    fn it_lasts_as_long_as_both_clocks_say() {
        let lease = Lease::new(|| WALL_MS.load(Ordering::Relaxed));
        let ten = Duration::from_secs(10);
        assert!(!lease.lasts(), "nobody said that it is ours");
        let asked = lease.now();
        lease.renew(asked, ten);
        assert!(lease.lasts());
        // The machine slept.
        WALL_MS.fetch_add(10_000, Ordering::Relaxed);
        assert!(!lease.lasts());
        lease.renew((asked.0, asked.1 + 10_000), ten);
        assert!(lease.lasts());
        // Asked long ago, and answered only now.
        lease.renew((asked.0, lease.now().1), Duration::ZERO);
        assert!(!lease.lasts());
    }
}
