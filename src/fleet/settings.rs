//! All that the polling of one account follows.

use crate::config::{Account, Alerts, Config, Events, Live, Metrics, Poll, Reconcile};
use std::time::Duration;

/// What the state and the vendor's limit belong to, whatever the account is called.
pub(super) type Identity = (String, String);

/// Two that are equal poll alike.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Settings {
    pub account: Account,
    pub poll: Poll,
    pub live: Live,
    pub reconcile: Reconcile,
    pub metrics: Metrics,
    pub alerts: Alerts,
    pub events: Events,
}

impl Settings {
    /// Those of each account, in the order of the configuration.
    pub(super) fn all(config: &Config) -> Vec<Settings> {
        let of = |account: &Account| Settings {
            account: account.clone(),
            poll: config.poll.clone(),
            live: config.live.clone(),
            reconcile: config.reconcile.clone(),
            metrics: Metrics {
                // How series begin on the page is the page's, not the account's.
                zero_first: Duration::ZERO,
                ..config.metrics.clone()
            },
            alerts: config.alerts.clone(),
            events: config.events.clone(),
        };
        config.accounts.iter().map(of).collect()
    }

    pub(super) fn identity(&self) -> Identity {
        let account = &self.account;
        (account.account_id.clone(), account.stream_id.clone())
    }
}
