//! An account's poller, set up from what the last process stored.

use super::account::{AccountPoller, Surroundings};
use super::coverage::{Aside, Rule};
use super::drift::Drift;
use super::evidence::settings;
use super::ingest::{Abandoned, Counts, Evidence, Terms};
use super::observe::{tell_ahead, tell_lost};
use super::progress::Progress;
use super::publish::Shown;
use super::status::Status;
use super::{policy, seconds};
use crate::chain::chain;
use crate::config::{Account, Alerts, CallDetails, Metrics, Poll, RecentWindow};
use crate::events::{Call, Stored};
use crate::evidence::{Detector, Settings};
use crate::live::Following;
use crate::store::{Loaded, StoreError};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::watch;

impl AccountPoller {
    /// Loads what is stored of the account, or begins it: its floor is then `initial_lookback` ago. Nothing of it is shown
    /// before [`publish`](AccountPoller::publish).
    ///
    /// # Errors
    /// What is stored of the account cannot be read, or is damaged.
    pub fn open(
        account: &Account,
        poll: &Poll,
        metrics: &Metrics,
        alerts: &Alerts,
        surroundings: Surroundings,
    ) -> Result<(AccountPoller, watch::Receiver<Status>), StoreError> {
        let longest_s = longest_s(&metrics.windows);
        let mut recents_from_s = i64::MAX;
        let loaded = surroundings.store.load(
            &account.account_id,
            &account.stream_id,
            policy(account, metrics),
            |progress| {
                let progress = Progress::from_bytes(progress).ok().flatten();
                let newest_s = progress.and_then(|it| it.coverage.newest_read_s());
                recents_from_s = newest_s.map_or(i64::MAX, |newest_s| newest_s - longest_s);
                recents_from_s
            },
            rand::random::<[u8; 16]>,
        )?;
        tell_lost(&surroundings.own, &account.name, loaded.lost_commits);
        let now_s = (surroundings.wall_clock)().div_euclid(1000);
        let terms = terms(account, poll);
        let mut progress = progress(account, &loaded, now_s, &terms)?;
        let rule = Rule {
            interval_s: seconds(poll.interval).max(1),
            revisit: poll.revisit,
            max_lookback_s: terms.max_lookback_s,
            window_rows: progress.manners.window_rows(),
        };
        let counted = loaded.ledger.has_counted();
        tell_ahead(&account.name, progress.coverage.last_reading_s(), now_s);
        progress.take_back(now_s, rule.interval_s, terms.initial_lookback_s, counted);
        // What began before is counted in part by who kept no quarters.
        progress
            .quarters_since_s
            .get_or_insert(if counted { now_s } else { 0 });
        surroundings.compared.load(progress.compared.clone());
        let settings = settings(&loaded.ledger.policy, alerts.false_pages_per_month);
        let evidence = evidence(account, &loaded, progress.read_through, settings, now_s);
        let left_out = evidence.detector.counts();
        let name = Arc::from(account.name.as_str());
        let stored = stored_lines(&loaded, progress.lines_written)?;
        let lines = Abandoned::new(surroundings.lines.clone(), stored);
        let (status, watching) = watch::channel(Status::default());
        let now = Instant::now();
        let poller = AccountPoller {
            name,
            counts: Counts {
                key: loaded.key,
                ledger: loaded.ledger,
                progress,
                evidence,
                lines,
                compared: surroundings.compared.clone(),
            },
            surroundings,
            terms,
            rule,
            interval: poll.interval,
            direction: metrics.direction,
            aside: Aside::default(),
            paused: Vec::new(),
            control: None,
            drift: Drift::new(now_s, now),
            following: Following::default(),
            shown: Shown::nothing(metrics.windows.clone(), recents_from_s, left_out, now),
            status,
            turn: None,
        };
        poller.tell_names();
        Ok((poller, watching))
    }

    /// To be called once it is certain that it runs: from then on lines of abandoned conversations go where they are to.
    pub fn open_lines(&mut self) {
        let own = &self.surroundings.own;
        let longest_s = longest_s(&self.shown.windows);
        self.counts.lines.open(&self.name, own, longest_s);
    }

    /// To be called at the end, and where lines are to go elsewhere: stores up to where lines of abandoned conversations are
    /// written, so that none is written again after the next start, and what was compared. Where that fails, some may be.
    pub fn keep_last(&mut self) {
        if let Err(error) = self.counts.keep_last(&self.surroundings.store) {
            let error = chain(&error);
            tracing::warn!(account = %self.name, error, "what lines were written could not be stored: some may come twice");
        }
    }

    fn tell_names(&self) {
        let ledger = &self.counts.ledger;
        let text = |sym| ledger.symbols.text(sym);
        let names = ledger.names.iter();
        let names = names.map(|(id, name)| (text(id).to_string(), text(name.latest).clone()));
        self.surroundings.live.learn(names);
    }

    /// Goes on with what the account's poller before this one knew and does not store: what runs, which windows cannot be
    /// read, how it stands, and what was said of that.
    pub fn take_over(&mut self, before: AccountPoller) {
        self.surroundings
            .compared
            .load(before.counts.compared.stored());
        self.following = before.following;
        self.aside = before.aside;
        self.paused = before.paused;
        self.control = before.control;
        self.shown.current = before.shown.current;
        self.shown.first_reading = before.shown.first_reading;
        let status = Status {
            overtaken: false,
            ..before.status.borrow().clone()
        };
        self.status.send_replace(status);
    }
}

/// What is stored of the reading, else its beginning.
fn progress(
    account: &Account,
    loaded: &Loaded,
    now_s: i64,
    terms: &Terms,
) -> Result<Progress, StoreError> {
    let stored = Progress::from_bytes(&loaded.progress)
        .map_err(|_| StoreError::Damaged { what: "progress" })?;
    let mut progress = stored.unwrap_or_else(|| Progress::new(now_s, terms.initial_lookback_s));
    progress.read_by(account.call_details == CallDetails::V2);
    Ok(progress)
}

fn terms(account: &Account, poll: &Poll) -> Terms {
    Terms {
        settle_s: seconds(poll.settle),
        zone: account.time_zone.clone(),
        initial_lookback_s: seconds(poll.initial_lookback),
        max_lookback_s: seconds(poll.max_lookback),
    }
}

/// Of the recent windows.
fn longest_s(windows: &[RecentWindow]) -> i64 {
    let lengths = windows.iter().map(|it| seconds(it.length));
    lengths.max().unwrap_or(0)
}

/// Abandoned conversations, each with its commit.
fn stored_lines(loaded: &Loaded, written: i64) -> Result<Stored, StoreError> {
    let call = |(commit, call): &(i64, Vec<u8>)| Some((*commit, Call::from_bytes(call)?));
    let calls = loaded.abandoned.iter().map(call);
    let what = "abandoned conversations";
    Ok(Stored {
        calls: calls
            .collect::<Option<_>>()
            .ok_or(StoreError::Damaged { what })?,
        written,
        commits: loaded.ledger.commits,
    })
}

/// What is stored of the evidence; else what the recent conversations tell, as after an upgrade. It can be learned anew, so
/// what can't be read of it stops nothing.
fn evidence(
    account: &Account,
    loaded: &Loaded,
    read_through: bool,
    settings: Settings,
    now_s: i64,
) -> Evidence {
    if !loaded.evidence.is_empty() {
        match Detector::from_parts(&loaded.evidence, settings) {
            Ok(detector) => {
                return Evidence {
                    detector,
                    stored: true,
                };
            }
            Err(error) => tracing::warn!(
                account = account.name, %error,
                "what was learned of usual abandonment is lost, and learned anew from the last day; counts are not touched"
            ),
        }
    }
    if read_through {
        return Evidence::anew(&loaded.ledger, settings, now_s);
    }
    Evidence {
        detector: Detector::new(settings),
        stored: false,
    }
}
