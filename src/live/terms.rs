//! What is agreed for an account's live numbers.

use super::Channels;
use crate::config::{self, Choice};
use crate::ledger::{Policy, Targets};
use std::time::Duration;

/// How an account's live numbers are read and shown.
#[derive(Debug, Clone)]
pub struct Terms {
    /// By source, as in [`Source::ALL`].
    pub choices: [Choice; 3],
    /// How long a reading of each may be shown.
    pub good_for: [Duration; 3],
    pub channels: Channels,
    /// Places of a number that are shown one by one.
    pub most: usize,
    pub targets: Targets,
}

impl Terms {
    pub fn new(live: &config::Live, poll: &config::Poll, policy: &Policy) -> Terms {
        let good_for = |interval: Duration| interval.saturating_mul(3);
        Terms {
            choices: [
                live.queue_performance,
                live.conversations,
                live.call_details,
            ],
            good_for: [live.interval, live.interval, poll.interval].map(good_for),
            channels: Channels::new(&live.channels),
            most: policy.max_series_per_metric,
            targets: policy.targets.clone(),
        }
    }
}
