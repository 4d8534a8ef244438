//! Everything has a limit.

use super::budget::FIRST_PAUSE;
use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use std::time::Duration;

/// The limits of a client's calls. The defaults are meant for everyone; tests shorten them.
#[derive(Debug, Clone)]
pub struct Limits {
    /// For a connection to stand, TLS included.
    pub connect_timeout: Duration,
    /// For the server to send the next byte: the first of the head, and any behind it.
    pub stall: Duration,
    /// For an attempt, from its first byte to its last.
    pub timeout: Duration,
    /// Of a body, unpacked. A page of 100 records is 0.2 MB; 150 times that leaves room for the most talkative tenant.
    pub body_bytes: usize,
    /// For one call, whatever the attempts failed of.
    pub attempts: u32,
    /// Between attempts that fail otherwise than by the rate limit; doubles, with as much again of jitter.
    pub first_backoff: Duration,
    /// After a rate-limit answer without `Retry-After`; doubles up to a minute.
    pub first_pause: Duration,
    /// A pause longer than this ends a call, rather than leaving it to hang.
    pub patience: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            // What the slowest query takes to be answered.
            stall: Duration::from_secs(25),
            timeout: Duration::from_secs(30),
            body_bytes: 32 * 1024 * 1024,
            attempts: 5,
            first_backoff: Duration::from_millis(250),
            first_pause: FIRST_PAUSE,
            patience: Duration::from_mins(1),
        }
    }
}

impl Limits {
    pub(super) fn backoff(&self) -> ExponentialBackoff {
        ExponentialBuilder::new()
            .with_min_delay(self.first_backoff)
            .with_jitter()
            .without_max_times()
            .build()
    }
}
