//! One account's loop: plan, fetch, ingest, publish, over and over.

use super::compared::Memory;
use super::coverage::{Aside, Rule, Why, Window};
use super::drift::Drift;
use super::fetch::{Denial, Fetch, Fetched, Paused, Shortfall, Splits, Start, Step, Texts};
use super::ingest::{Counts, IngestError, Terms};
use super::observe::{tell_counted, tell_window};
use super::publish::Shown;
use super::status::Status;
use crate::api::CallDetailsRequest;
use crate::client::{CallError, Client};
use crate::clock::WallClock;
use crate::events::Outlet;
use crate::live::{Board, Following};
use crate::metrics::{AccountMetrics, PollResult, Publisher};
use crate::store::{Store, StoreError};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};
use tracing::Instrument;

/// What polls one account needs from outside.
pub struct Surroundings {
    pub client: Arc<Client>,
    /// Is told of what runs.
    pub live: Arc<Board>,
    pub store: Arc<Store>,
    pub publisher: Arc<Publisher>,
    pub own: Arc<AccountMetrics>,
    /// Where lines of abandoned conversations go, if they are asked for.
    pub lines: Option<Outlet>,
    /// Is stored with what is counted.
    pub compared: Memory,
    pub wall_clock: WallClock,
}

/// One account's poller.
pub struct AccountPoller {
    pub(super) name: Arc<str>,
    pub(super) surroundings: Surroundings,
    pub(super) counts: Counts,
    pub(super) terms: Terms,
    pub(super) rule: Rule,
    pub(super) interval: Duration,
    /// Whether `customerinfo` is asked for, which tells the direction.
    pub(super) direction: bool,
    pub(super) aside: Aside,
    /// Windows that fail alone, as far as they have shrunk.
    pub(super) paused: Vec<Paused>,
    /// A window that could be read lately.
    pub(super) control: Option<Window>,
    pub(super) drift: Drift,
    pub(super) following: Following,
    pub(super) shown: Shown,
    pub(super) status: watch::Sender<Status>,
    /// Dropped once something has come of running.
    pub(super) turn: Option<DropGuard>,
}

/// What a poll does next.
enum Task {
    Read(Window),
    GoOn(Paused),
}

/// Why a poll ended early.
#[derive(Debug, thiserror::Error)]
pub(super) enum PollError {
    #[error(transparent)]
    Call(#[from] CallError),
    #[error(transparent)]
    Ingest(#[from] IngestError),
}

impl PollError {
    /// Whether the account was counted further by somebody else.
    pub(super) fn is_overtaken(&self) -> bool {
        matches!(
            self,
            Self::Ingest(IngestError::Store(StoreError::Overtaken))
        )
    }

    /// Whether another window may well be read.
    fn is_of_window(&self) -> bool {
        matches!(
            self,
            Self::Call(CallError::Unavailable { .. } | CallError::Refused { .. })
        )
    }
}

impl AccountPoller {
    /// Polls until cancelled, and can go on then. What is under way when that comes is dropped before its commit, and read
    /// again next time. `turn` is dropped when something behind the live edge is committed, or a poll has ended: whoever cancels
    /// before that, over and over, keeps the account from counting, or from ever reading the past, since the edge comes first.
    pub async fn run(mut self, cancelled: CancellationToken, turn: DropGuard) -> AccountPoller {
        self.turn = Some(turn);
        self.poll_on_and_on(&cancelled).await;
        self.turn = None;
        self
    }

    async fn poll_on_and_on(&mut self, cancelled: &CancellationToken) {
        loop {
            let span = tracing::info_span!("poll", account = %self.name);
            let poll = self.poll_once(cancelled).instrument(span);
            let done = tokio::select! {
                biased;
                () = cancelled.cancelled() => return,
                done = poll => done,
            };
            self.turn = None;
            let wait = match done {
                Err(error) if error.is_overtaken() => return cancelled.cancelled().await,
                Ok(()) => self.until_due(),
                Err(_) => self.interval,
            };
            tokio::select! {
                () = cancelled.cancelled() => return,
                () = self.until_done(tokio::time::sleep(wait)) => {}
            }
        }
    }

    /// Reads windows until nothing is due or an interval has passed, so that the live edge comes first again.
    async fn poll_once(&mut self, cancelled: &CancellationToken) -> Result<(), PollError> {
        let started = Instant::now();
        self.correct_clock();
        self.note_coverage();
        let mut committed = 0_u32;
        let mut splits = Splits::default();
        let mut edge_read = false;
        let outcome = loop {
            let late = started.elapsed() >= self.interval;
            let Some(task) = self.plan(edge_read && late) else {
                break Ok(());
            };
            let edge = match &task {
                Task::Read(window) if window.why == Why::LiveEdge => Some(*window),
                _ => None,
            };
            if let Err(error) = self.read(task, started, &mut splits, &mut committed).await {
                break Err(error);
            }
            self.aside.answered();
            if late || cancelled.is_cancelled() {
                break Ok(());
            }
            edge_read |= edge.is_some();
            self.publish_meanwhile(edge, started);
        };
        let result = match &outcome {
            Ok(()) => PollResult::Ok,
            Err(PollError::Ingest(_)) => PollResult::StoreFailed,
            Err(PollError::Call(_)) if committed > 0 => PollResult::Partial,
            Err(PollError::Call(_)) => PollResult::Failed,
        };
        self.surroundings
            .own
            .polled(result, started.elapsed(), self.now_s());
        self.tell(outcome.as_ref().err());
        tokio::task::block_in_place(|| self.publish());
        outcome
    }

    /// What to read next. A poll that has become late while it read the live edge has time for one window more. What
    /// fails alone comes last.
    fn plan(&mut self, behind_edge: bool) -> Option<Task> {
        let (coverage, now_s) = (&self.counts.progress.coverage, self.now_s());
        if self.aside.has_failed() {
            let beside = coverage.plan_beside(&self.aside, now_s, &self.rule, !behind_edge);
            if beside.is_some() {
                return beside.map(Task::Read);
            }
            if let Some(paused) = self.paused.pop() {
                return Some(Task::GoOn(paused));
            }
            self.aside.clear_failed();
        }
        let planned = if behind_edge {
            coverage.plan_beside(&self.aside, now_s, &self.rule, false)
        } else {
            let spare = self.surroundings.client.allowance().spare;
            coverage.plan(&self.aside, now_s, &self.rule, spare)
        };
        planned.map(Task::Read)
    }

    /// Reads one window, in as many parts as it takes; each part is counted and committed by itself. Where that takes
    /// longer than an interval, the rest is left: the live edge comes first.
    async fn read(
        &mut self,
        task: Task,
        started: Instant,
        splits: &mut Splits,
        committed: &mut u32,
    ) -> Result<(), PollError> {
        let direction = self.direction;
        let (mut noted, before) = (splits.made, *committed);
        let (window, mut fetch) = self.begin(task, splits);
        loop {
            let texts = Texts::default();
            let client = &self.surroundings.client;
            let first = fetch.manners().first_page();
            let ask = async |window: Window, page, effort| {
                let request = CallDetailsRequest::between(window.from_s, window.to_s, direction);
                let answer = client.call_details(&request, page, first, effort).await;
                answer.map_err(|error| Denial::of(error, PollError::Call))
            };
            let (ledger, clock) = (&self.counts.ledger, self.surroundings.wall_clock);
            let step = self
                .until_done(fetch.step(&texts, ledger, ask, clock))
                .await;
            let made = fetch.splits();
            let split = &self.surroundings.own.windows_split;
            split.inc_by(u64::from(made - noted));
            noted = made;
            match step {
                Ok(Step::Part(part)) => {
                    tokio::task::block_in_place(|| self.count(&part))?;
                    *committed += 1;
                    if window.why != Why::LiveEdge {
                        self.turn = None;
                    }
                }
                Ok(Step::Onward) => {}
                Ok(Step::Done) => {
                    self.control = fetch.control();
                    self.aside.done(window);
                    return Ok(());
                }
                Err(error) if error.is_of_window() && fetch.fails_alone() => {
                    let exhausted = fetch.is_exhausted();
                    self.pause(fetch.pause());
                    return if exhausted { Ok(()) } else { Err(error) };
                }
                Err(error) => {
                    if error.is_of_window() {
                        self.aside.put(window, false);
                    }
                    return Err(error);
                }
            }
            if started.elapsed() >= self.interval {
                if fetch.fails_alone() {
                    self.pause(fetch.pause());
                    return Ok(());
                }
                // What is left of it is planned anew, by the density that is known now.
                if *committed > before {
                    return Ok(());
                }
            }
        }
    }

    /// Begins with a window, or goes on with one.
    fn begin<'s>(&self, task: Task, splits: &'s mut Splits) -> (Window, Fetch<'s>) {
        let (manners, control) = (self.counts.progress.manners.clone(), self.control);
        match task {
            Task::GoOn(paused) => {
                let window = paused.window;
                (window, Fetch::resume(paused, manners, control, splits))
            }
            Task::Read(window) => {
                let start = Start {
                    window,
                    manners,
                    control,
                    unreadable: self.aside.is_unreadable(window),
                    ends_unreadable: self.aside.is_unreadable_at(window.to_s),
                };
                (window, Fetch::new(start, splits))
            }
        }
    }

    /// Puts a window aside that fails alone, to go on with its shrinking when nothing else is due.
    fn pause(&mut self, paused: Paused) {
        self.aside.put(paused.window, true);
        self.paused.push(paused);
    }

    /// Counts one window's records: all of it becomes durable, or nothing.
    fn count(&mut self, part: &Fetched<'_>) -> Result<(), IngestError> {
        let Surroundings { store, own, .. } = &self.surroundings;
        let read_to_the_end = self.counts.progress.manners.reads_to_the_end();
        let read_through = self.counts.progress.read_through;
        let counted = self.counts.ingest(part, store, &self.terms, self.now_s())?;
        self.rule.window_rows = part.manners.window_rows();
        match part.shortfall {
            Some(Shortfall::Unreadable) => {
                self.aside.unreadable(part.window.from_s, part.until_s);
            }
            _ => self.aside.readable(part.window.from_s, part.until_s),
        }
        self.aside
            .readable(i64::MIN, self.counts.progress.coverage.floor_s());
        tell_counted(own, &self.name, &counted, (self.surroundings.wall_clock)());
        tell_window(own, &self.name, part);
        if part.manners.reads_to_the_end() && !read_to_the_end {
            tracing::info!(
                account = %self.name, page_rows = part.manners.page_rows(),
                "rows follow short pages here: from now on every window is read until nothing comes"
            );
        }
        self.shown.spoke.extend(counted.spoke);
        self.follow(part, counted.running, counted.names);
        // What the counters stood at here is kept as what was first shown: so it is what is shown.
        if self.counts.progress.read_through != read_through {
            self.publish();
        }
        Ok(())
    }

    /// Takes back what a clock wrote that has been corrected since.
    fn correct_clock(&mut self) {
        let now_s = self.now_s();
        let counted = self.counts.ledger.has_counted();
        let progress = &mut self.counts.progress;
        let (interval_s, lookback_s) = (self.rule.interval_s, self.terms.initial_lookback_s);
        progress.take_back(now_s, interval_s, lookback_s, counted);
        if let Some(jump_s) = self.drift.jump_s(now_s, Instant::now()) {
            tracing::warn!(account = %self.name, jump_s, "this machine's clock was set");
            if !counted {
                progress.begin_anew(now_s, lookback_s);
            }
        }
    }

    /// How long until something is due.
    fn until_due(&self) -> Duration {
        let now_ms = (self.surroundings.wall_clock)();
        let due_s =
            self.counts
                .progress
                .coverage
                .due_at_s(now_ms.div_euclid(1000), &self.rule, false);
        let wait = Duration::from_millis((due_s * 1000 - now_ms).max(0).unsigned_abs());
        wait.min(self.interval)
    }

    pub(super) fn now_s(&self) -> i64 {
        (self.surroundings.wall_clock)().div_euclid(1000)
    }
}
