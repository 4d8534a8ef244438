//! How many requests we may send: a token bucket that shrinks when the vendor says "too many".
//!
//! Pure: time comes in as the span since an arbitrary start, and never goes back.

mod minute;

use minute::Minute;
use std::time::Duration;

/// What is saved up is at most this much of the budget: a burst after a quiet hour must stay small, because the
/// account's 60 requests a minute are shared with everything else that uses it.
const BURST: Duration = Duration::from_secs(10);

/// The budget comes back by a tenth each time this passes without a rate-limit answer.
const RECOVERY: Duration = Duration::from_secs(10);

/// Shares of the configured budget are whole millionths, so that ten tenths make exactly the whole.
const WHOLE: u32 = 1_000_000;

/// The budget never falls below this share of what is configured.
const LEAST_SHARE: u32 = WHOLE / 10;

/// Pauses without `Retry-After` double up to this.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// A `Retry-After` beyond this is cut: a mistaken header must not silence an account for a day.
const LONGEST_RETRY_AFTER: Duration = Duration::from_mins(10);

/// The first pause after a rate-limit answer that carries no `Retry-After`.
pub(super) const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// Why a request may not be sent yet, and how long at most until it is worth asking again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    /// The bucket is empty; the budget may grow meanwhile, so ask again after this.
    Refill(Duration),
    /// The vendor asked for a pause of which this is left; because of its rate limit, or for another reason.
    Pause { left: Duration, rate_limited: bool },
}

/// What the planner may count on at one instant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Allowance {
    /// Requests a minute that the budget stands at.
    pub per_minute: f64,
    /// Whether requests may go to what is not due: the budget is whole and at least half of a burst is saved up. After
    /// an objection of the vendor's nothing is spent on that: others who use the account need it more.
    pub spare: bool,
    /// How long the vendor's pause still lasts; zero outside of one.
    pub pause: Duration,
}

/// The bucket, and the state of its shrinking and recovering.
#[derive(Debug)]
pub(super) struct Budget {
    /// Requests a minute at full share.
    configured: f64,
    /// Of `configured`; from [`LEAST_SHARE`] to [`WHOLE`].
    share: u32,
    /// Whole and part requests saved up.
    tokens: f64,
    /// When `tokens` was true.
    at: Duration,
    /// When the next tenth comes back; meaningful below full share.
    recovers_at: Duration,
    paused_until: Duration,
    /// Whether the pause is for the rate limit.
    rate_limited: bool,
    first_pause: Duration,
    next_pause: Duration,
    /// Requests saved up for what is asked beside the poll; a part of `tokens`, not more of them.
    aside: f64,
    /// Of what is saved up, at most this much of the budget.
    burst: Duration,
    /// For a budget that no minute exceeds.
    minute: Option<Minute>,
}

/// Of the budget, what may go to requests beside the poll.
const ASIDE_SHARE: f64 = 0.25;
const ASIDE_BURST: f64 = 1.0;
/// A request beside the poll leaves at least one for it.
const LEFT_BY_ASIDE: f64 = 2.0;

impl Budget {
    /// Starts with one request, not with a burst: a crash loop must not eat the account's limit.
    pub(super) fn new(requests_per_minute: u32, first_pause: Duration, now: Duration) -> Self {
        Self {
            configured: f64::from(requests_per_minute.max(1)),
            share: WHOLE,
            tokens: 1.0,
            at: now,
            recovers_at: now,
            paused_until: now,
            rate_limited: false,
            first_pause,
            next_pause: first_pause,
            aside: ASIDE_BURST,
            burst: BURST,
            minute: None,
        }
    }

    /// No minute, wherever it begins, carries more than the budget: nothing is saved up. Starts with one less than none, so that
    /// those who are started one after the other keep to it together: the last request of the one before may have been late.
    pub(super) fn strict(requests_per_minute: u32, first_pause: Duration, now: Duration) -> Self {
        Self {
            tokens: -1.0,
            aside: 0.0,
            burst: Duration::ZERO,
            minute: Some(Minute::of(requests_per_minute)),
            ..Self::new(requests_per_minute, first_pause, now)
        }
    }

    /// A request that was taken is answered, or will not be.
    pub(super) fn ended(&mut self, now: Duration) {
        self.advance(now);
        if let Some(minute) = &mut self.minute {
            minute.ended(self.at);
        }
    }

    /// Nothing is left of what was saved up.
    pub(super) fn spend(&mut self) {
        self.tokens = 0.0;
        self.aside = 0.0;
    }

    /// From `now` on so many a minute. What the vendor objected to holds on.
    pub(super) fn set(&mut self, requests_per_minute: u32, now: Duration) {
        self.advance(now);
        self.configured = f64::from(requests_per_minute.max(1));
        self.tokens = self.tokens.min(self.capacity());
    }

    /// Whether a new budget would have no more to spend, neither now nor soon.
    pub(super) fn is_rested(&mut self, now: Duration) -> bool {
        self.advance(now);
        let free = self.share == WHOLE && self.paused_until <= self.at;
        free && self.tokens >= 1.0 && self.aside >= ASIDE_BURST
    }

    /// Takes one request out of the bucket.
    ///
    /// # Errors
    /// What to wait for, when there is none to take.
    pub(super) fn take(&mut self, now: Duration) -> Result<(), Wait> {
        self.advance(now);
        let left = self.paused_until.saturating_sub(self.at);
        if !left.is_zero() {
            return Err(Wait::Pause {
                left,
                rate_limited: self.rate_limited,
            });
        }
        let at = self.at;
        if let Some(full) = self.minute.as_mut().and_then(|minute| minute.full_for(at)) {
            return Err(Wait::Refill(full));
        }
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            if let Some(minute) = &mut self.minute {
                minute.begun();
            }
            return Ok(());
        }
        let refill = Duration::from_secs_f64((1.0 - self.tokens) / self.per_second());
        // Rounding up by a microsecond: waking a hair early would spin once more for nothing.
        let refill = refill + Duration::from_micros(1);
        let recovery = self.recovers_at.saturating_sub(self.at);
        Err(Wait::Refill(if self.share < WHOLE {
            refill.min(recovery)
        } else {
            refill
        }))
    }

    /// Takes one request for what is asked beside the poll, if there is one to spare: none under a pause, while the budget
    /// recovers from the rate limit, or where the poll would have to wait for it.
    pub(super) fn take_aside(&mut self, now: Duration) -> bool {
        self.advance(now);
        let free = self.share == WHOLE && self.paused_until <= self.at;
        let left = LEFT_BY_ASIDE.min(self.capacity());
        if !free || self.aside < 1.0 || self.tokens < left {
            return false;
        }
        self.aside -= 1.0;
        self.tokens -= 1.0;
        true
    }

    /// A rate-limit answer came. Halves the budget and pauses: for `retry_after`, else 1 s, doubling each time.
    pub(super) fn rate_limited(&mut self, now: Duration, retry_after: Option<Duration>) {
        self.advance(now);
        self.share = (self.share / 2).max(LEAST_SHARE);
        self.recovers_at = self.at + RECOVERY;
        self.tokens = self.tokens.min(self.capacity());
        let pause = retry_after.unwrap_or_else(|| {
            let pause = self.next_pause;
            self.next_pause = (pause * 2).min(LONGEST_PAUSE);
            pause
        });
        self.pause(pause, true);
    }

    /// A failure other than the rate limit said when to come back. The budget stays as it is.
    pub(super) fn asked_to_wait(&mut self, now: Duration, retry_after: Duration) {
        self.advance(now);
        self.pause(retry_after, false);
    }

    /// A shorter pause does not end a longer one.
    fn pause(&mut self, asked: Duration, rate_limited: bool) {
        let until = self.at + asked.min(LONGEST_RETRY_AFTER);
        if until > self.paused_until {
            self.paused_until = until;
            self.rate_limited = rate_limited;
        }
    }

    /// A request succeeded: the next pause starts small again.
    pub(super) fn succeeded(&mut self) {
        self.next_pause = self.first_pause;
    }

    /// What is there to spend now.
    pub(super) fn allowance(&mut self, now: Duration) -> Allowance {
        self.advance(now);
        let pause = self.paused_until.saturating_sub(self.at);
        // The capacity is a few requests, so the casts neither truncate nor wrap.
        let (ready, burst) = (self.tokens as u32, self.capacity() as u32);
        let whole = self.share == WHOLE && pause.is_zero();
        Allowance {
            per_minute: self.per_minute(),
            spare: whole && ready >= burst.div_ceil(2),
            pause,
        }
    }

    fn per_minute(&self) -> f64 {
        self.configured * f64::from(self.share) / f64::from(WHOLE)
    }

    fn per_second(&self) -> f64 {
        self.per_minute() / 60.0
    }

    /// At least 1, or a budget of one request a minute could never send any.
    fn capacity(&self) -> f64 {
        (self.per_second() * self.burst.as_secs_f64()).max(1.0)
    }

    /// Brings the bucket up to `now`, tenth by tenth of the recovery, so that asking rarely or often is the same.
    fn advance(&mut self, now: Duration) {
        while self.share < WHOLE && self.recovers_at <= now {
            self.fill(self.recovers_at);
            self.share = (self.share + WHOLE / 10).min(WHOLE);
            self.recovers_at += RECOVERY;
        }
        self.fill(now);
    }

    fn fill(&mut self, now: Duration) {
        let elapsed = now.saturating_sub(self.at);
        self.tokens =
            (self.tokens + elapsed.as_secs_f64() * self.per_second()).min(self.capacity());
        let aside = elapsed.as_secs_f64() * self.per_second() * ASIDE_SHARE;
        self.aside = (self.aside + aside).min(ASIDE_BURST);
        self.at = self.at.max(now);
    }
}

#[cfg(test)]
mod tests;
