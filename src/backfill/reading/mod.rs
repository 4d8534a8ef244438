//! One account's past, read window by window from the oldest on, into a ledger and a journal of its own.
//!
//! Invariants: what a window holds is in the journal and in the ledger, or in neither; whoever goes on after a kill reads
//! no more than one window again, and counts nothing twice. The client, the fetching of a window, what a record says and
//! what it counts for are those of the exporter. Memory: the conversations of [`REMEMBERED_S`], whatever is filled.

mod kinds;

pub use kinds::{Read, Setting, Told};

use super::journal::Journal;
use super::owner::Owner;
use super::window::{self, Before};
use super::{Error, Span};
use crate::api::CallDetailsRequest;
use crate::client::CallError;
use crate::fact::Context;
use crate::ledger::{Commit, Key, Ledger, Measure, Names, RecentWindow, Sample, Showing, Symbols};
use crate::poller::coverage::Window;
use crate::poller::fetch::{Denial, Fetch, Fetched, Paused, Splits, Start, Step, Texts};
use crate::store::{AccountKey, Kept, Store};
use kinds::Progress;
use rustc_hash::FxHashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// What began before the time that is filled may end in it: reading begins so much earlier, in seconds.
const LEAD_S: i64 = 86_400;

/// Conversations are remembered for so long behind the reading, in seconds: rows of one are never further apart.
const REMEMBERED_S: i64 = 8 * 86_400;

/// Gauges are good for five minutes, so that many are enough.
const GAUGES_S: i64 = 300;

/// Failures of one window in a row, at most: about a quarter of an hour.
const MOST_FAILURES: u32 = 20;

/// One account's past in the making.
pub struct Reading {
    setting: Setting,
    owner: Option<Owner>,
    store: Store,
    key: AccountKey,
    ledger: Ledger,
    journal: Journal,
    path: PathBuf,
    progress: Progress,
    /// Requests that were counted by whoever read before.
    requests_before: u64,
    control: Option<Window>,
}

impl Reading {
    /// Begins in a folder, or goes on in it.
    ///
    /// # Errors
    /// The folder cannot be used, or somebody else fills there.
    pub fn open(setting: Setting, owner: Option<Owner>, folder: &Path) -> Result<Reading, Error> {
        let store = Store::open(folder)?;
        let longest_s = setting.windows.iter().map(|it| it.1).max().unwrap_or(0);
        let read_from_s = setting.span.from_s - LEAD_S;
        let loaded = store.load(
            &setting.account_id,
            &setting.stream_id,
            setting.policy.clone(),
            |bytes| {
                let progress: Option<Progress> = serde_json::from_slice(bytes).ok();
                let gauged_s = progress.and_then(|progress| progress.gauged_s);
                gauged_s.unwrap_or(read_from_s) - longest_s
            },
            || match &owner {
                Some(owner) => owner.hash_key().0,
                None => rand::random(),
            },
        )?;
        let progress = if loaded.progress.is_empty() {
            Progress::beginning(read_from_s)
        } else {
            serde_json::from_slice(&loaded.progress).map_err(|_| Error::Damaged)?
        };
        let path = folder.join("journal");
        let journal =
            Journal::open(&path, loaded.ledger.commits).map_err(|cause| Error::io(&path, cause))?;
        let mut reading = Reading {
            requests_before: progress.requests,
            setting,
            owner,
            store,
            key: loaded.key,
            ledger: loaded.ledger,
            journal,
            path,
            progress,
            control: None,
        };
        if reading.ledger.commits == 0 {
            reading.adopt()?;
        }
        Ok(reading)
    }

    /// Queues are shown by the names that the exporter learned first.
    fn adopt(&mut self) -> Result<(), Error> {
        let Some((symbols, names)) = self.owner.as_ref().map(Owner::words) else {
            return Ok(());
        };
        let commit = words(symbols, names);
        self.commit(commit).map(drop)
    }

    /// How far it has come.
    pub fn told(&self) -> Told {
        let Span { from_s, to_s, .. } = self.setting.span;
        Told {
            at_s: self.progress.at_s,
            from_s: from_s - LEAD_S,
            to_s,
            requests: self.requests(),
            conversations: self.progress.conversations,
            short: self.progress.short,
        }
    }

    /// Reads to the end, and tells after each window how far it has come.
    ///
    /// # Errors
    /// The API cannot be read, or what was read cannot be written. What was read is kept.
    pub async fn run(mut self, tell: &(dyn Fn(&Told) + Sync)) -> Result<Read, Error> {
        loop {
            tell(&self.told());
            let rows = self.progress.manners.window_rows();
            let (at_s, to_s) = (self.progress.at_s, self.setting.span.to_s);
            let Some(window) = window::next(at_s, to_s, self.progress.before, rows) else {
                break;
            };
            if let Some(rows) = self.window(window).await? {
                self.advance(window, rows)?;
            }
        }
        Ok(Read {
            told: self.told(),
            name: self.setting.name,
            span: self.setting.span,
            commits: self.ledger.commits,
            ledger: self.ledger,
            journal: self.path,
        })
    }

    /// Reads one window; how many rows it held. `None`: what was read before was not read at all, and is to be read again.
    async fn window(&mut self, window: Window) -> Result<Option<u32>, Error> {
        let (mut rows, mut failures) = (0, 0);
        let mut paused: Option<Paused> = None;
        loop {
            let mut splits = Splits::default();
            let manners = self.progress.manners.clone();
            let mut fetch = match paused.take() {
                Some(paused) => Fetch::resume(paused, manners, self.control, &mut splits),
                None => Fetch::new(
                    Start {
                        window,
                        manners,
                        control: self.control,
                        unreadable: false,
                        ends_unreadable: false,
                    },
                    &mut splits,
                ),
            };
            match self.parts(&mut fetch, &mut rows).await {
                Ok(going_on) => {
                    self.control = fetch.control();
                    return Ok(going_on.then_some(rows));
                }
                Err(Error::Call(error)) if fetch.fails_alone() && fetch.is_exhausted() => {
                    tracing::debug!(%error, "a window fails alone, and shrinks");
                    paused = Some(fetch.pause());
                }
                Err(Error::Call(error)) => {
                    failures += 1;
                    rows = 0;
                    let wait = patience(error, failures)?;
                    tokio::time::sleep(wait).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Fetches and counts all parts of a window; false where all is to be begun anew.
    async fn parts(&mut self, fetch: &mut Fetch<'_>, rows: &mut u32) -> Result<bool, Error> {
        loop {
            let texts = Texts::default();
            let (client, direction) = (&self.setting.client, self.setting.direction);
            let first = fetch.manners().first_page();
            let ask = async |window: Window, page, effort| {
                let request = CallDetailsRequest::between(window.from_s, window.to_s, direction);
                let answer = client.call_details(&request, page, first, effort).await;
                answer.map_err(|error| Denial::of(error, |error| error))
            };
            match fetch
                .step(&texts, &self.ledger, ask, self.setting.clock)
                .await?
            {
                Step::Part(part) => {
                    *rows = rows.saturating_add(part.records);
                    if !self.count(&part)? {
                        return Ok(false);
                    }
                }
                Step::Onward => {}
                Step::Done => return Ok(true),
            }
        }
    }

    /// Counts one part: all of it becomes durable, or nothing. False where the pages before were none.
    fn count(&mut self, part: &Fetched<'_>) -> Result<bool, Error> {
        let now_s = (self.setting.clock)().div_euclid(1_000);
        let anew =
            part.manners.counts_pages_from_one() && !self.progress.manners.counts_pages_from_one();
        let rows = &part.rows;
        let progress = &mut self.progress;
        progress.manners = part.manners.clone();
        progress.offset_s = rows
            .offset_s(now_s, progress.offset_s, &mut progress.offsets)
            .or(progress.offset_s);
        progress.short += u64::from(part.shortfall.is_some());
        if anew {
            // All that seemed empty was not read at all.
            progress.at_s = self.setting.span.from_s - LEAD_S;
            progress.before = None;
        }
        let context = Context {
            now_s,
            settle_s: self.setting.settle_s,
            offset_s: progress.offset_s.unwrap_or(0),
            offsets: Some(&progress.offsets),
            zone: self.setting.zone.as_ref(),
        };
        let batch = rows.batch(&context);
        let owned = match &self.owner {
            Some(owner) => owner.owned(&batch.records)?,
            None => FxHashSet::default(),
        };
        let ids = batch.records.iter().map(|record| record.ids);
        let known = self.store.known(self.key, ids)?;
        let floor_s = part.window.from_s - REMEMBERED_S;
        let (commit, increments) = self.ledger.apply_told(batch, known, floor_s);
        self.progress.conversations += commit.first_counts().count() as u64;
        let steps = increments.iter().map(|it| {
            let owned = owned.contains(&it.id);
            (it.key, owned, it.ended_s, it.millis)
        });
        self.journal
            .increments(self.ledger.commits + 1, steps)
            .map_err(|cause| Error::io(&self.path, cause))?;
        self.commit(commit)?;
        Ok(!anew)
    }

    /// A window is done: gauges follow, and the next reading begins behind it.
    fn advance(&mut self, window: Window, rows: u32) -> Result<(), Error> {
        self.progress.at_s = window.to_s;
        self.progress.before = Some(Before {
            seconds: window.to_s - window.from_s,
            rows,
        });
        let gauges = self.gauges();
        self.journal
            .gauges(self.ledger.commits + 1, &gauges)
            .map_err(|cause| Error::io(&self.path, cause))?;
        self.commit(Commit::default())
    }

    fn commit(&mut self, commit: Commit) -> Result<(), Error> {
        self.progress.requests = self.requests();
        let bytes = serde_json::to_vec(&self.progress).map_err(|_| Error::Damaged)?;
        let kept = Kept::progress(&bytes);
        let forgotten = self.store.commit(self.key, &self.ledger, &commit, kept)?;
        self.ledger.absorb(commit, forgotten);
        Ok(())
    }

    /// The gauges of all instants that have been read since: who ended by then began by then.
    fn gauges(&mut self) -> Vec<(i64, Vec<Sample>)> {
        let span = self.setting.span;
        let read_from_s = span.from_s - LEAD_S;
        let mut at_s = match self.progress.gauged_s {
            Some(gauged_s) => gauged_s + GAUGES_S,
            None => (span.from_s.div_euclid(GAUGES_S) + 1) * GAUGES_S,
        };
        let mut gauges = Vec::new();
        while at_s <= self.progress.at_s.min(span.gauges_to_s) {
            let whole = |(_, length_s): &&(Arc<str>, i64)| at_s - length_s >= read_from_s;
            let window = |(label, length_s): &(Arc<str>, i64)| RecentWindow {
                label: Arc::clone(label),
                from_s: at_s - length_s,
                to_s: at_s,
            };
            let showing = Showing {
                account: Arc::clone(&self.setting.name),
                sums: false,
                windows: self
                    .setting
                    .windows
                    .iter()
                    .filter(whole)
                    .map(window)
                    .collect(),
            };
            let mut view = self.ledger.view(&showing);
            // What a queue is called is of now.
            view.gauges
                .retain(|sample| sample.measure != Measure::QueueInfo);
            gauges.push((at_s, view.gauges));
            self.progress.gauged_s = Some(at_s);
            at_s += GAUGES_S;
        }
        let longest_s = self.setting.windows.iter().map(|it| it.1).max();
        self.ledger.recents.prune(at_s - longest_s.unwrap_or(0));
        gauges
    }

    fn requests(&self) -> u64 {
        self.requests_before + self.setting.attempts.load(Ordering::Relaxed)
    }
}

/// Label values and queue names, as a commit that counts nothing.
fn words(symbols: &Symbols, names: &Names) -> Commit {
    let first = Symbols::default().len() as u32;
    let texts = (first..symbols.len() as u32).map(crate::ledger::Sym);
    let mut names: Vec<_> = names.iter().map(|(id, name)| (id, *name)).collect();
    names.sort_unstable_by_key(|(id, _)| *id);
    Commit {
        symbols: texts.map(|sym| Arc::clone(symbols.text(sym))).collect(),
        names,
        ..Commit::default()
    }
}

/// How long to wait after a failure.
fn patience(error: CallError, failures: u32) -> Result<Duration, Error> {
    let last = failures >= MOST_FAILURES;
    match error {
        CallError::RateLimited { pause } | CallError::AskedToWait { pause } if !last => Ok(pause),
        CallError::Unavailable { .. } if !last => {
            Ok(Duration::from_secs(1 << failures.min(6)).min(Duration::from_mins(1)))
        }
        error => Err(Error::Call(error)),
    }
}

impl Owner {
    /// What stands for the account's ids.
    fn hash_key(&self) -> Key {
        self.began.hash_key
    }

    fn words(&self) -> (&Symbols, &Names) {
        (&self.began.symbols, &self.began.names)
    }
}
