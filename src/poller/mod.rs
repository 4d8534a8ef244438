//! The loop of one account: plan, fetch, ingest, publish.
//!
//! Invariants: the map of what was read is committed together with what was counted; nothing is published that is not
//! committed; an account waits for no other.
//! Not here: how a record is read (`fact`), what counts twice (`ledger`), requests and their budget (`client`).
//! Called by `serve`.

mod account;
mod compared;
pub mod coverage;
mod drift;
mod evidence;
pub mod fetch;
pub mod ingest;
mod observe;
mod open;
mod progress;
mod publish;
mod running;
mod status;
mod strangers;

pub use account::{AccountPoller, Surroundings};
pub use compared::{Compared, Memory};
pub use observe::RequestMetrics;
pub use progress::{FirstShown, Proof, Reach, compared, proof, reach};
pub(crate) use publish::RECENT_FOR_S;
pub use status::{FirstReading, Status};
pub use strangers::forget_strangers;

use crate::config;
use crate::ledger::{Policy, Target, TargetOverride, Targets};
use std::time::Duration;

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

/// What the ledger counts an account by.
pub(crate) fn policy(account: &config::Account, metrics: &config::Metrics) -> Policy {
    Policy {
        targets: targets(account),
        max_series_per_metric: metrics.max_series_per_metric,
        per_agent: metrics.per_agent,
    }
}

/// A policy for a test that reads counts and makes none.
#[cfg(test)]
pub(crate) fn any_policy() -> Policy {
    let target = Target {
        abandonment_ratio: 0.0,
        service_level_millis: 0,
        service_level_ratio: 0.0,
        speed_of_answer_millis: 0,
        longest_wait_millis: 0,
    };
    Policy {
        targets: Targets::new(target, [], []),
        max_series_per_metric: usize::MAX,
        per_agent: false,
    }
}

/// The configured targets, as the ledger counts by them.
fn targets(account: &config::Account) -> Targets {
    let millis = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let whole = |targets: &config::AccountTargets| Target {
        abandonment_ratio: targets.abandonment_ratio,
        service_level_millis: millis(targets.service_level_within),
        service_level_ratio: targets.service_level_ratio,
        speed_of_answer_millis: millis(targets.speed_of_answer),
        longest_wait_millis: millis(targets.longest_wait),
    };
    let own = |(name, own): (&String, &config::TargetsOverride)| {
        let own = TargetOverride {
            abandonment_ratio: own.abandonment_ratio,
            service_level_millis: own.service_level_within.map(millis),
            service_level_ratio: own.service_level_ratio,
            speed_of_answer_millis: own.speed_of_answer.map(millis),
            longest_wait_millis: own.longest_wait.map(millis),
        };
        (name.clone(), own)
    };
    Targets::new(
        whole(&account.targets),
        account.channels.iter().map(own),
        account.queues.iter().map(own),
    )
}
