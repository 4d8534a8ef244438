//! One account: plan, fetch, derive, apply, commit, publish, over and over.

use super::batch::{self, Rows};
use super::coverage::{Aside, Rule, Why, Window};
use super::fetch::{Answer, Fetch, Fetched, Splits};
use super::observe::{tell_tally, tell_truncated};
use super::progress::Progress;
use super::status::Status;
use super::{longest_window_s, seconds};
use crate::api::{CallDetailsRequest, PageError};
use crate::chain::chain;
use crate::client::{CallError, Client};
use crate::clock::WallClock;
use crate::config::{Metrics, Poll};
use crate::fact::Context;
use crate::ledger::{Ledger, RecentWindow, Showing};
use crate::metrics::{AccountMetrics, PollResult, Publisher};
use crate::store::{AccountKey, Store, StoreError};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

/// What polls one account needs from outside.
pub struct Surroundings {
    pub client: Client,
    pub store: Arc<Store>,
    pub publisher: Arc<Publisher>,
    pub own: Arc<AccountMetrics>,
    pub wall_clock: WallClock,
}

/// One account's poller.
pub struct AccountPoller {
    pub(super) name: Arc<str>,
    pub(super) surroundings: Surroundings,
    pub(super) key: AccountKey,
    pub(super) ledger: Ledger,
    pub(super) progress: Progress,
    pub(super) aside: Aside,
    pub(super) rule: Rule,
    pub(super) poll: Poll,
    pub(super) metrics: Metrics,
    pub(super) status: watch::Sender<Status>,
}

/// Why a poll ended early.
#[derive(Debug, thiserror::Error)]
enum PollError {
    #[error(transparent)]
    Call(#[from] CallError),
    #[error(transparent)]
    Page(#[from] PageError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("cannot write the progress")]
    Progress(#[from] serde_json::Error),
}

impl PollError {
    /// Whether another window may well be read.
    fn is_of_window(&self) -> bool {
        matches!(
            self,
            Self::Page(_) | Self::Call(CallError::Unavailable { .. } | CallError::Refused { .. })
        )
    }
}

impl AccountPoller {
    /// Polls until cancelled. What is under way when that comes is dropped before its commit, and read again next time.
    pub async fn run(mut self, cancelled: CancellationToken) {
        loop {
            let span = tracing::info_span!("poll", account = %self.name);
            let poll = self.poll_once(&cancelled).instrument(span);
            let done = tokio::select! {
                biased;
                () = cancelled.cancelled() => return,
                done = poll => done,
            };
            let wait = match done {
                Ok(()) => self.until_due(),
                Err(_) => self.poll.interval,
            };
            tokio::select! {
                () = cancelled.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Reads windows until nothing is due or an interval has passed, so that the live edge comes first again.
    async fn poll_once(&mut self, cancelled: &CancellationToken) -> Result<(), PollError> {
        let started = Instant::now();
        self.note_coverage();
        let mut committed = 0_u32;
        let mut splits = Splits::default();
        let mut edge_read = false;
        let outcome = loop {
            let late = started.elapsed() >= self.poll.interval;
            let Some(window) = self.plan(edge_read && late) else {
                break Ok(());
            };
            if let Err(error) = self.read(window, &mut splits, &mut committed).await {
                if error.is_of_window() {
                    self.aside.put(window, committed > 0);
                }
                break Err(error);
            }
            self.aside.answered();
            if late || cancelled.is_cancelled() {
                break Ok(());
            }
            edge_read |= window.why == Why::LiveEdge;
        };
        let result = match &outcome {
            Ok(()) => PollResult::Ok,
            Err(PollError::Store(_) | PollError::Progress(_)) => PollResult::StoreFailed,
            Err(PollError::Call(_) | PollError::Page(_)) if committed > 0 => PollResult::Partial,
            Err(PollError::Call(_) | PollError::Page(_)) => PollResult::Failed,
        };
        self.surroundings
            .own
            .polled(result, started.elapsed(), self.now_s());
        self.tell(outcome.as_ref().err());
        self.publish();
        outcome
    }

    /// The window to read next. A poll that has become late while it read the live edge has time for one window more.
    fn plan(&mut self, behind_edge: bool) -> Option<Window> {
        let (coverage, now_s) = (&self.progress.coverage, self.now_s());
        if !self.aside.is_empty() {
            let beside = coverage.plan_beside(&self.aside, now_s, &self.rule, !behind_edge);
            if beside.is_some() {
                return beside;
            }
            self.aside.clear();
        }
        if behind_edge {
            return coverage.plan_behind_edge(now_s, &self.rule);
        }
        let spare = self.surroundings.client.allowance().spare;
        coverage.plan(now_s, &self.rule, spare)
    }

    /// Reads one window, in as many parts as it takes; each part is counted and committed by itself.
    async fn read(
        &mut self,
        window: Window,
        splits: &mut Splits,
        committed: &mut u32,
    ) -> Result<(), PollError> {
        let direction = self.metrics.direction;
        let mut noted = splits.made;
        let mut fetch = Fetch::new(window, splits);
        loop {
            let client = &self.surroundings.client;
            let ask = async |window: Window, page| {
                let request = CallDetailsRequest::between(window.from_s, window.to_s, direction);
                match client.call_details(&request, page).await {
                    Ok(body) => Ok(Answer::Body(body)),
                    Err(CallError::TooLarge { .. }) => Ok(Answer::TooLarge),
                    Err(error) => Err(PollError::Call(error)),
                }
            };
            let fetched = fetch.next(ask, self.surroundings.wall_clock).await;
            let made = fetch.splits();
            self.surroundings
                .own
                .windows_split
                .inc_by(u64::from(made - noted));
            noted = made;
            let Some(fetched) = fetched? else {
                return Ok(());
            };
            tokio::task::block_in_place(|| self.count(&fetched))?;
            *committed += 1;
        }
    }

    /// Derives, applies and commits one window's records: all of it becomes durable, or nothing.
    fn count(&mut self, fetched: &Fetched) -> Result<(), PollError> {
        let (now_s, raw) = (self.now_s(), fetched.rows());
        let (commit, progress) = {
            let span = tracing::info_span!("derive", rows = raw.len());
            let _derive = span.enter();
            let (key, digests) = (&self.ledger.key, &self.ledger.digests);
            let rows = Rows::parse(&raw, key, digests);
            let offset_s = rows
                .offset_s(now_s, self.progress.offset_s)
                .or(self.progress.offset_s);
            let context = Context {
                now_s,
                settle_s: seconds(self.poll.settle),
                offset_s: offset_s.unwrap_or(0),
                zone: None,
            };
            let batch = rows.batch(&context, key, digests);
            let mut progress = self.progress.clone();
            progress.offset_s = offset_s;
            self.advance(&mut progress, fetched, batch::newest_start_s(&batch), now_s);
            let known = self
                .surroundings
                .store
                .known(self.key, batch.records.iter().map(|record| record.ids))?;
            (
                self.ledger.apply(batch, known, progress.coverage.floor_s()),
                progress,
            )
        };
        let span = tracing::info_span!("commit", entries = commit.entries.len());
        let _commit = span.enter();
        let started = Instant::now();
        let bytes = progress.to_bytes()?;
        let forgotten = self
            .surroundings
            .store
            .commit(self.key, &self.ledger, &commit, &bytes)?;
        let own = &self.surroundings.own;
        own.committed(started.elapsed());
        own.never_ended.inc_by(forgotten.never_ended);
        tell_tally(own, &self.name, &commit.tally);
        tell_truncated(own, &self.name, fetched);
        self.ledger.absorb(commit, forgotten);
        self.progress = progress;
        Ok(())
    }

    /// Notes a window as read, and moves the floor.
    fn advance(
        &self,
        progress: &mut Progress,
        fetched: &Fetched,
        newest_start_s: Option<i64>,
        now_s: i64,
    ) {
        let coverage = &mut progress.coverage;
        coverage.read(
            fetched.window,
            fetched.until_s,
            fetched.read_at_s,
            fetched.records(),
        );
        if fetched.offset_in_rows {
            coverage.count_offset_in_rows();
        }
        coverage.advance_floor(now_s, newest_start_s, self.rule.max_lookback_s);
        let begun_s = coverage.begun_s();
        progress.read_through |=
            coverage.fully_read(begun_s - seconds(self.poll.initial_lookback), begun_s);
    }

    /// Shows what is committed.
    pub(super) fn publish(&mut self) {
        self.note_coverage();
        let coverage = &self.progress.coverage;
        let own = &self.surroundings.own;
        own.tracked_conversations
            .set(i64::try_from(self.ledger.tracked).unwrap_or(i64::MAX));
        own.newest_conversation
            .set(coverage.newest_start_s().unwrap_or(0));
        own.response_utc_offset
            .set(i64::from(self.progress.offset_s.unwrap_or(0)));
        let longest_s = longest_window_s(&self.metrics);
        if let Some(newest_s) = coverage.newest_read_s() {
            self.ledger.recents.prune(newest_s - longest_s);
        }
        let windows = coverage.newest_read_s().map_or_else(Vec::new, |to_s| {
            let window = |window: &crate::config::Window| {
                let from_s = to_s - seconds(window.length);
                coverage.fully_read(from_s, to_s).then(|| RecentWindow {
                    label: window.label.as_str().into(),
                    from_s,
                    to_s,
                })
            };
            self.metrics.windows.iter().filter_map(window).collect()
        });
        let sums = self.progress.read_through;
        let showing = Showing {
            account: self.name.clone(),
            sums,
            windows,
        };
        let view = Arc::new(self.ledger.view(&showing));
        self.surroundings.publisher.publish(view, Instant::now());
        if sums {
            self.status
                .send_if_modified(|status| !std::mem::replace(&mut status.published, true));
        }
    }

    /// The gauges that tell how far the reading has come.
    fn note_coverage(&self) {
        let (own, coverage, now_s) = (
            &self.surroundings.own,
            &self.progress.coverage,
            self.now_s(),
        );
        own.coverage_overdue
            .set(coverage.overdue_s(now_s, &self.rule) as f64);
        // The youngest two intervals are unread in the best of times: they are no catching up.
        let settled_s = now_s - 2 * self.rule.interval_s;
        let caught_up = coverage.fully_read(now_s - longest_window_s(&self.metrics), settled_s);
        own.catching_up.set(i64::from(!caught_up));
        self.status.send_if_modified(|status| {
            let changes = status.catching_up == caught_up;
            status.catching_up = !caught_up;
            changes
        });
    }

    /// Tells the operator once what failed: here, where it is handled.
    fn tell(&self, error: Option<&PollError>) {
        match error {
            None => {}
            Some(error @ (PollError::Call(_) | PollError::Page(_))) => {
                tracing::warn!(account = %self.name, error = %chain(error), "poll failed; what is due is read at the next");
            }
            Some(error) => {
                self.surroundings.own.store_failed();
                tracing::error!(
                    account = %self.name, error = %chain(error),
                    "store failed; nothing new is counted, the last committed numbers stay up"
                );
            }
        }
        self.status.send_modify(|status| {
            status.failure = error.map(|error| chain(error));
            status.failed_unpublished |= error.is_some() && !status.published;
            if error.is_none() {
                status.last_success_s = Some(self.now_s());
            }
        });
    }

    /// How long until something is due.
    fn until_due(&self) -> Duration {
        let now_ms = (self.surroundings.wall_clock)();
        let due_s = self
            .progress
            .coverage
            .due_at_s(now_ms.div_euclid(1000), &self.rule, false);
        let wait = Duration::from_millis((due_s * 1000 - now_ms).max(0).unsigned_abs());
        wait.min(self.poll.interval)
    }

    fn now_s(&self) -> i64 {
        (self.surroundings.wall_clock)().div_euclid(1000)
    }
}
