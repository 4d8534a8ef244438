//! An account's poller, as the process before left it.

use super::account::{AccountPoller, Surroundings};
use super::coverage::{Aside, Rule};
use super::progress::Progress;
use super::status::Status;
use super::{longest_window_s, policy, seconds};
use crate::config::{Account, Metrics, Poll};
use crate::store::StoreError;
use tokio::sync::watch;

impl AccountPoller {
    /// Loads what is stored of the account and shows it, or begins it: its floor is then `initial_lookback` ago.
    pub fn open(
        account: &Account,
        poll: &Poll,
        metrics: &Metrics,
        surroundings: Surroundings,
    ) -> Result<(AccountPoller, watch::Receiver<Status>), StoreError> {
        let policy = policy(account, metrics);
        let longest_s = longest_window_s(metrics);
        let recent_from_s = |progress: &[u8]| {
            let newest_s = Progress::from_bytes(progress)
                .ok()
                .flatten()
                .and_then(|it| it.coverage.newest_read_s());
            newest_s.map_or(i64::MAX, |newest_s| newest_s - longest_s)
        };
        let loaded = surroundings.store.load(
            &account.account_id,
            &account.stream_id,
            policy,
            recent_from_s,
            rand::random::<[u8; 16]>,
        )?;
        let now_s = (surroundings.wall_clock)().div_euclid(1000);
        let progress = Progress::from_bytes(&loaded.progress)
            .map_err(|_| StoreError::Damaged { what: "progress" })?
            .unwrap_or_else(|| Progress::new(now_s, seconds(poll.initial_lookback)));
        let (status, watching) = watch::channel(Status::default());
        let rule = Rule {
            interval_s: seconds(poll.interval).max(1),
            revisit: poll.revisit,
            max_lookback_s: seconds(poll.max_lookback),
        };
        let mut poller = AccountPoller {
            name: account.name.as_str().into(),
            surroundings,
            key: loaded.key,
            ledger: loaded.ledger,
            progress,
            aside: Aside::default(),
            rule,
            poll: poll.clone(),
            metrics: metrics.clone(),
            status,
        };
        // Before anything is served: no scrape after a restart finds the counters gone.
        poller.publish();
        Ok((poller, watching))
    }
}
