//! What is committed, shown: the account's View, the gauges of how far the reading has come, and its status.

use super::account::{AccountPoller, PollError};
use super::coverage::Window;
use super::evidence;
use super::seconds;
use super::status::FirstReading;
use crate::chain::chain;
use crate::client::CallError;
use crate::config;
use crate::evidence::Counts as LeftOut;
use crate::ledger::{RecentWindow, Sample, Showing};
use crate::live::Lately;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

/// A recent window that ended longer ago than this is not shown: old is not now, and unknown must not look like calm.
pub(crate) const RECENT_FOR_S: i64 = 300;

/// Evidence is shown where so much up to the newest instant read is read whole.
const JUDGED_S: i64 = 900;

/// No recent window is on show.
const NONE: i64 = i64::MIN;

/// While a poll goes on, what it has committed is shown no more often than this.
const MEANWHILE: Duration = Duration::from_secs(5);

/// What is shown, and what was said of it.
pub(super) struct Shown {
    pub windows: Vec<config::RecentWindow>,
    /// Of the conversations that ended after this, UTC seconds, the ledger holds all for the recent windows.
    pub recents_from_s: i64,
    /// Where the recent windows end that are on show, UTC seconds; [`NONE`] while none is.
    pub ends_s: AtomicI64,
    pub published_at: Instant,
    /// Of the conversations whose evidence was not shown yet: when each ended, UTC seconds, and whether it was abandoned.
    pub spoke: Vec<(i64, bool)>,
    /// What evidence had left out when it was last told.
    pub left_out: LeftOut,
    /// Whether all but the live edge is read, as it was last said in the log; `None` before the first word.
    pub current: Option<bool>,
    /// When this process began the first reading, and how much of it was done then, in seconds.
    pub first_reading: Option<(Instant, i64)>,
}

impl Shown {
    /// As long as nothing is.
    pub(super) fn nothing(
        windows: Vec<config::RecentWindow>,
        recents_from_s: i64,
        left_out: LeftOut,
        now: Instant,
    ) -> Shown {
        Shown {
            windows,
            recents_from_s,
            ends_s: AtomicI64::new(NONE),
            published_at: now,
            spoke: Vec::new(),
            left_out,
            current: None,
            first_reading: None,
        }
    }
}

impl AccountPoller {
    /// Shows what was read so far, while the poll that began at `started` goes on. After a stop the present is read
    /// first (`edge`), and people want to see it; catching up with the rest may take minutes.
    pub(super) fn publish_meanwhile(&mut self, edge: Option<Window>, started: Instant) {
        let stopped = edge.is_some_and(|it| it.to_s - it.from_s > 2 * self.rule.interval_s);
        if stopped || self.shown.published_at.max(started).elapsed() >= MEANWHILE {
            tokio::task::block_in_place(|| self.publish());
        }
    }

    /// Shows what is committed. Before anything is served, too: no scrape after a restart finds the counters gone.
    pub fn publish(&mut self) {
        self.note_coverage();
        let coverage = &self.counts.progress.coverage;
        let own = &self.surroundings.own;
        own.tracked_conversations
            .set(i64::try_from(self.counts.ledger.tracked).unwrap_or(i64::MAX));
        own.counting_since.set(coverage.begun_s());
        own.newest_conversation
            .set(coverage.newest_start_s().unwrap_or(0));
        own.response_utc_offset
            .set(i64::from(self.counts.progress.offset_s.unwrap_or(0)));
        let windows = self.recent_windows();
        self.hold_recents(&windows);
        let evidence = self.evidence();
        self.show(windows, evidence);
        self.note_left_out();
        self.tell_running();
        self.shown.published_at = Instant::now();
        for (ended_s, abandoned) in self.shown.spoke.drain(..) {
            tracing::debug!(account = %self.name, ended_s, abandoned, "a conversation speaks for or against a spike");
        }
        if self.counts.progress.read_through {
            self.status
                .send_if_modified(|status| !std::mem::replace(&mut status.published, true));
            if self.shown.first_reading.take().is_some() {
                tracing::info!(account = %self.name, "first reading done: counters show");
            }
        }
    }

    /// Of what is known whole and of now, and none while the past is read for the first time.
    fn evidence(&mut self) -> Vec<Sample> {
        let (now_s, coverage) = (self.now_s(), &self.counts.progress.coverage);
        let known = coverage.newest_read_s().is_some_and(|to_s| {
            now_s - to_s <= RECENT_FOR_S && coverage.fully_read(to_s - JUDGED_S, to_s)
        });
        if known && self.counts.progress.read_through {
            evidence::samples(&mut self.counts.evidence.detector, now_s)
        } else {
            Vec::new()
        }
    }

    fn note_left_out(&mut self) {
        let now = self.counts.evidence.detector.counts();
        let before = std::mem::replace(&mut self.shown.left_out, now);
        let own = &self.surroundings.own;
        own.evidence_left_out("late", now.late.saturating_sub(before.late));
        own.evidence_left_out("no_room", now.unfollowed.saturating_sub(before.unfollowed));
    }

    fn show(&self, windows: Vec<RecentWindow>, evidence: Vec<Sample>) {
        let ends_s = windows.iter().map(|window| window.to_s).max();
        self.shown
            .ends_s
            .store(ends_s.unwrap_or(NONE), Ordering::Relaxed);
        let showing = Showing {
            account: self.name.clone(),
            sums: self.counts.progress.read_through,
            windows,
        };
        let mut view = self.counts.ledger.view(&showing);
        view.gauges.extend(evidence);
        let lately = Lately::of(&view, &showing.windows);
        self.surroundings.live.learn_lately(lately);
        self.surroundings.publisher.publish(view, Instant::now());
    }

    /// Waits for `work`, and takes the recent windows off the page should they grow old meanwhile: an answer may be long
    /// in coming, and the next poll later still.
    pub(super) async fn until_done<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        let ends_s = self.shown.ends_s.load(Ordering::Relaxed);
        if ends_s == NONE {
            return work.await;
        }
        let left_s = ends_s
            .saturating_add(RECENT_FOR_S + 1)
            .saturating_sub(self.now_s());
        let old = Duration::from_secs(left_s.max(0).unsigned_abs());
        tokio::select! {
            biased;
            done = &mut work => done,
            () = tokio::time::sleep(old) => {
                tokio::task::block_in_place(|| self.show(Vec::new(), Vec::new()));
                work.await
            }
        }
    }

    /// The windows of which every instant was read, unless they ended too long ago to be called recent.
    fn recent_windows(&self) -> Vec<RecentWindow> {
        let coverage = &self.counts.progress.coverage;
        let Some(to_s) = coverage.newest_read_s() else {
            return Vec::new();
        };
        if self.now_s() - to_s > RECENT_FOR_S {
            return Vec::new();
        }
        let window = |window: &config::RecentWindow| {
            let from_s = to_s - seconds(window.length);
            coverage.fully_read(from_s, to_s).then(|| RecentWindow {
                label: window.label.as_str().into(),
                from_s,
                to_s,
            })
        };
        self.shown.windows.iter().filter_map(window).collect()
    }

    /// Lets go of what no window reaches any more, and fetches back what one reaches again: after a clock that ran
    /// ahead for a moment, or where nothing was loaded because all was too old.
    fn hold_recents(&mut self, windows: &[RecentWindow]) {
        let Some(newest_s) = windows.iter().map(|window| window.to_s).max() else {
            return;
        };
        let from_s = newest_s - self.longest_window_s();
        if from_s < self.shown.recents_from_s {
            match self.surroundings.store.recents(self.counts.key, from_s) {
                Ok(recents) => self.counts.ledger.recents = recents,
                Err(error) => {
                    self.surroundings.own.store_failed();
                    tracing::error!(account = %self.name, error = %chain(&error), "cannot read the recent conversations");
                    return;
                }
            }
        }
        self.counts.ledger.recents.prune(from_s);
        self.shown.recents_from_s = from_s;
    }

    /// The gauges that tell how far the reading has come.
    pub(super) fn note_coverage(&mut self) {
        let now_s = self.now_s();
        let coverage = &self.counts.progress.coverage;
        let own = &self.surroundings.own;
        own.coverage_overdue
            .set(coverage.overdue_s(now_s, &self.rule) as f64);
        // The youngest two intervals are unread in the best of times: they are no catching up.
        let settled_s = now_s - 2 * self.rule.interval_s;
        let current = coverage.fully_read(now_s - self.longest_window_s(), settled_s);
        own.catching_up.set(i64::from(!current));
        let first_reading = self.first_reading();
        self.status.send_if_modified(|status| {
            let changes = status.catching_up == current || status.first_reading != first_reading;
            status.catching_up = !current;
            status.first_reading = first_reading;
            changes
        });
        if self.shown.current.replace(current) != Some(current) {
            if current {
                tracing::info!(account = %self.name, "current: all recent time is read");
            } else {
                tracing::info!(account = %self.name, "catching up: some recent time is unread");
            }
        }
    }

    /// How much of `initial_lookback` is read, and about how long the rest will take at the pace so far.
    fn first_reading(&mut self) -> Option<FirstReading> {
        let progress = &self.counts.progress;
        if progress.read_through {
            return None;
        }
        let (of_s, begun_s) = (self.terms.initial_lookback_s, progress.coverage.begun_s());
        let read_s = progress.coverage.read_seconds(begun_s - of_s, begun_s);
        let (since, before_s) = *self
            .shown
            .first_reading
            .get_or_insert((Instant::now(), read_s));
        let done_s = read_s - before_s;
        let left_s = (done_s > 0).then(|| {
            let pace = since.elapsed().as_secs_f64() / done_s as f64;
            (pace * (of_s - read_s).max(0) as f64).ceil() as i64
        });
        Some(FirstReading {
            read_s,
            of_s,
            left_s,
        })
    }

    /// Tells the operator once what failed: here, where it is handled.
    pub(super) fn tell(&mut self, error: Option<&PollError>) {
        match error {
            None => {
                if let Some(reading) = self.first_reading() {
                    tracing::info!(account = %self.name, "first reading: {reading}; counters show once it is done");
                }
            }
            Some(error @ PollError::Call(_)) => {
                tracing::warn!(account = %self.name, error = %chain(error), "poll failed; what is due is read at the next");
            }
            Some(error) if error.is_overtaken() => {
                tracing::warn!(account = %self.name, error = %chain(error), "nothing is counted before the account is loaded again");
            }
            Some(error @ PollError::Ingest(_)) => {
                self.surroundings.own.store_failed();
                tracing::error!(
                    account = %self.name, error = %chain(error),
                    "store failed; nothing new is counted, the last committed numbers stay up"
                );
            }
        }
        self.status.send_modify(|status| {
            status.failure = error.map(|error| chain(error));
            status.overtaken |= error.is_some_and(PollError::is_overtaken);
            status.token_refused = matches!(
                error,
                Some(PollError::Call(
                    CallError::Unauthorized { .. } | CallError::Token(_)
                ))
            );
            status.failed_unpublished |= error.is_some() && !status.published;
            if error.is_none() {
                status.last_success_s = Some(self.now_s());
            }
        });
    }

    fn longest_window_s(&self) -> i64 {
        let lengths = self.shown.windows.iter().map(|it| seconds(it.length));
        lengths.max().unwrap_or(0)
    }
}
