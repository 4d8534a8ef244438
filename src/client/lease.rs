//! Until when requests may be sent, where several processes take turns at an account.

use crate::clock::WallClock;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// The right to send requests, for as long as it is renewed. Nothing was renewed yet: nothing may be sent.
///
/// Both clocks must agree that it lasts: the one that never goes back stands still while a machine sleeps. Once what it
/// rests on has ended, it has too, and nothing renews it.
#[derive(Debug)]
pub struct Lease {
    wall_clock: WallClock,
    rests_on: CancellationToken,
    renewed: Mutex<Option<(Instant, i64)>>,
    lasts: Duration,
}

impl Lease {
    /// It ends `lasts` after it was renewed last, and with `rests_on`.
    pub fn new(wall_clock: WallClock, lasts: Duration, rests_on: CancellationToken) -> Lease {
        Lease {
            wall_clock,
            rests_on: rests_on.child_token(),
            renewed: Mutex::new(None),
            lasts,
        }
    }

    /// What the time is now, to say later when it was that something was asked.
    pub fn now(&self) -> (Instant, i64) {
        (Instant::now(), (self.wall_clock)())
    }

    /// It lasts from `asked` on.
    pub fn renew(&self, asked: (Instant, i64)) {
        *self.renewed() = Some(asked);
    }

    /// For good.
    pub fn end(&self) {
        self.rests_on.cancel();
    }

    /// Whether nothing renews it any more.
    pub fn has_ended(&self) -> bool {
        self.rests_on.is_cancelled()
    }

    /// Returns once nothing renews it any more.
    pub async fn ended(&self) {
        self.rests_on.cancelled().await;
    }

    /// Whether requests may be sent now.
    pub fn lasts(&self) -> bool {
        !self.has_ended() && self.age().is_some_and(|age| age < self.lasts)
    }

    /// Since it was renewed, by the clock that says more; `None` before that.
    pub fn age(&self) -> Option<Duration> {
        let (now, now_ms) = self.now();
        let (asked, asked_ms) = (*self.renewed())?;
        let by_wall_ms = u64::try_from(now_ms.saturating_sub(asked_ms)).unwrap_or(0);
        Some((now - asked).max(Duration::from_millis(by_wall_ms)))
    }

    fn renewed(&self) -> MutexGuard<'_, Option<(Instant, i64)>> {
        self.renewed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicI64, Ordering};

    static WALL_MS: AtomicI64 = AtomicI64::new(1_790_000_000_000);

    fn ten() -> (Lease, CancellationToken) {
        let rests_on = CancellationToken::new();
        let wall = || WALL_MS.load(Ordering::Relaxed);
        let lease = Lease::new(wall, Duration::from_secs(10), rests_on.clone());
        (lease, rests_on)
    }

    #[test]
    fn it_lasts_as_long_as_both_clocks_say() {
        let (lease, _) = ten();
        assert!(!lease.lasts(), "nobody said that it is ours");
        let asked = lease.now();
        lease.renew(asked);
        assert!(lease.lasts());
        // The machine slept.
        WALL_MS.fetch_add(10_000, Ordering::Relaxed);
        assert!(!lease.lasts());
        lease.renew((asked.0, asked.1 + 10_000));
        assert!(lease.lasts());
        // Asked long ago, and answered only now.
        lease.renew((asked.0, asked.1 - 10_000));
        assert!(!lease.lasts());
        // Of a clock that was set back, the other one decides.
        lease.renew((lease.now().0, lease.now().1 + 60_000));
        assert!(lease.lasts());
    }

    #[test]
    fn it_ends_for_good_and_with_what_it_rests_on() {
        let (lease, rests_on) = ten();
        lease.renew(lease.now());
        lease.end();
        lease.renew(lease.now());
        assert!(!lease.lasts() && !rests_on.is_cancelled());
        let (lease, rests_on) = ten();
        lease.renew(lease.now());
        rests_on.cancel();
        assert!(!lease.lasts() && lease.has_ended());
    }
}
