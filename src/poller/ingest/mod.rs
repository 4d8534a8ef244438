//! One window's rows → what is counted: derive, apply, commit, absorb.
//!
//! Invariant: what was read and what was counted of it become durable together, or neither does; the ledger in memory
//! is what is on disk.
//!
//! Not here: which window, where its rows come from, and telling anybody what happened: that is the loop's.

mod abandoned;
mod rows;

pub use abandoned::Abandoned;
pub use rows::{Arrival, Rows};

use super::compared::Memory;
use super::coverage::Unread;
use super::evidence;
use super::fetch::Fetched;
use super::progress::{FirstShown, Progress};
use crate::events::Call;
use crate::evidence::{Detector, Settings};
use crate::fact::Context;
use crate::ledger::{Commit, Id, Ledger, QueueName, Sym, Tally, Version};
use crate::store::{AccountKey, Kept, Store, StoreError};
use jiff::tz::TimeZone;
use rows::newest_start_s;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What is committed of one account.
pub struct Counts {
    pub key: AccountKey,
    pub ledger: Ledger,
    pub progress: Progress,
    pub evidence: Evidence,
    pub lines: Abandoned,
    pub compared: Memory,
}

/// How strongly the newest conversations speak for a spike.
pub struct Evidence {
    pub detector: Detector,
    /// Whether it stands in the store as it is here.
    pub stored: bool,
}

/// How an account's records are read, and how far back.
#[derive(Debug, Clone)]
pub struct Terms {
    pub settle_s: i64,
    pub zone: Option<TimeZone>,
    pub initial_lookback_s: i64,
    pub max_lookback_s: i64,
}

/// What one window came to.
pub struct Counted {
    pub tally: Tally,
    /// Conversations that left `max_lookback` still live.
    pub never_ended: u64,
    /// Time that passed out of reach without having been read.
    pub unread: Option<Unread>,
    pub commit_took: Duration,
    /// Records of conversations that still run.
    pub running: Vec<Runs>,
    /// Names of queues that were learned, by id.
    pub names: Vec<(String, Arc<str>)>,
    /// Of the conversations that speak for or against a spike for the first time: when each ended, UTC seconds, and
    /// whether it was abandoned.
    pub spoke: Vec<(i64, bool)>,
    /// Conversations counted for the first time: each one's channel and end, UTC seconds. Empty while the past is read
    /// for the first time.
    pub first_counts: Vec<(Arc<str>, i64)>,
}

/// A conversation that still runs, where and since when.
pub struct Runs {
    pub id: Id,
    pub start_s: i64,
    pub channel: String,
    pub queue_id: Option<String>,
    pub queue_name: Option<String>,
    pub waits_since_s: Option<i64>,
    pub with_agent: bool,
}

/// Why a window could not be counted. Nothing of it was, then.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("cannot write the progress")]
    Progress(#[from] serde_json::Error),
}

impl Counts {
    /// Counts one window: all of it becomes durable, or nothing.
    ///
    /// # Errors
    /// The store failed. The window is to be read again.
    pub fn ingest(
        &mut self,
        fetched: &Fetched<'_>,
        store: &Store,
        terms: &Terms,
        now_s: i64,
    ) -> Result<Counted, IngestError> {
        let Applied {
            commit,
            mut progress,
            unread,
            running,
            evidence,
            spoke,
            abandoned,
        } = self.apply(fetched, store, terms, now_s)?;
        let span = tracing::info_span!("commit", entries = commit.entries.len());
        let _commit = span.enter();
        let started = Instant::now();
        self.lines.note_written(&mut progress);
        progress.compared = self.compared.stored();
        let bytes = progress.to_bytes()?;
        let calls = abandoned
            .iter()
            .map(|call| Ok((call.ended_s, call.to_bytes()?)));
        let calls = calls.collect::<Result<Vec<_>, serde_json::Error>>()?;
        let parts = evidence.as_ref().map(|evidence| {
            let before = self.evidence.stored.then_some(&self.evidence.detector);
            evidence.parts(before)
        });
        let kept = Kept {
            progress: &bytes,
            evidence: parts.as_deref().unwrap_or_default(),
            first_shown: progress.read_through && !self.progress.read_through,
            abandoned: &calls,
            forget: self.lines.forget(now_s),
        };
        let forgotten = store.commit(self.key, &self.ledger, &commit, kept)?;
        let commit_took = started.elapsed();
        let mut counted = Counted {
            tally: commit.tally.clone(),
            never_ended: forgotten.never_ended,
            unread,
            commit_took,
            running,
            names: Vec::new(),
            first_counts: Vec::new(),
            spoke,
        };
        let learned = commit.names.clone();
        let read_through = self.progress.read_through;
        let first_counts: Vec<(Sym, i64)> = commit
            .first_counts()
            .filter(|_| read_through)
            .map(|(_, first)| (first.channel, first.ended_s))
            .collect();
        self.ledger.absorb(commit, forgotten);
        self.progress = progress;
        self.lines.add(self.ledger.commits, abandoned);
        if let Some(detector) = evidence {
            self.evidence = Evidence {
                detector,
                stored: true,
            };
        } else if self.progress.read_through {
            let settings = self.evidence.detector.settings();
            self.evidence = Evidence::anew(&self.ledger, settings, now_s);
        }
        let text = |sym| self.ledger.symbols.text(sym);
        let ended = |(channel, ended_s)| (text(channel).clone(), ended_s);
        counted.first_counts = first_counts.into_iter().map(ended).collect();
        let name = |(id, name): (Sym, QueueName)| (text(id).to_string(), text(name.latest).clone());
        counted.names = learned.into_iter().map(name).collect();
        Ok(counted)
    }

    /// Stores up to where lines are written, and what was compared, if that is further than what is stored.
    pub(super) fn keep_last(&mut self, store: &Store) -> Result<(), IngestError> {
        let mut progress = self.progress.clone();
        self.lines.note_written(&mut progress);
        progress.compared = self.compared.stored();
        let same = progress.compared == self.progress.compared;
        if same && progress.lines_written == self.progress.lines_written {
            return Ok(());
        }
        let (bytes, nothing) = (progress.to_bytes()?, Commit::default());
        let forgotten = store.commit(self.key, &self.ledger, &nothing, Kept::progress(&bytes))?;
        self.ledger.absorb(nothing, forgotten);
        self.progress = progress;
        Ok(())
    }

    fn apply(
        &self,
        fetched: &Fetched<'_>,
        store: &Store,
        terms: &Terms,
        now_s: i64,
    ) -> Result<Applied, StoreError> {
        let rows = &fetched.rows;
        let span = tracing::info_span!("derive", rows = rows.len());
        let _derive = span.enter();
        let mut progress = self.progress.clone();
        if fetched.manners.counts_pages_from_one() && !progress.manners.counts_pages_from_one() {
            // All that seemed empty was not read at all.
            progress.coverage.forget();
            progress.read_through &= self.ledger.has_counted();
        }
        progress.manners = fetched.manners.clone();
        progress.offset_s = rows
            .offset_s(now_s, progress.offset_s, &mut progress.offsets)
            .or(progress.offset_s);
        let context = Context {
            now_s,
            settle_s: terms.settle_s,
            offset_s: progress.offset_s.unwrap_or(0),
            offsets: Some(&progress.offsets),
            zone: terms.zone.as_ref(),
        };
        let batch = rows.batch(&context);
        let said = self
            .progress
            .read_through
            .then(|| evidence::said(&batch.records));
        let newest_start_s = newest_start_s(&batch);
        let heard = self.lines.hear(&batch.records, &self.ledger);
        let unread = note_read(&mut progress, fetched, newest_start_s, terms, now_s);
        let ids = batch.records.iter().map(|record| record.ids);
        let known = store.known(self.key, ids)?;
        let floor_s = progress.coverage.floor_s();
        let running = batch.records.iter().filter_map(runs).collect();
        let commit = self.ledger.apply(batch, known, floor_s);
        let abandoned = heard.counted(&commit);
        let mut spoke = Vec::new();
        let evidence = said.map(|said| {
            let mut detector = self.evidence.detector.clone();
            let read_to_s = self.progress.coverage.newest_read_s();
            if read_to_s.is_some_and(|read_to_s| fetched.window.from_s > read_to_s + 1) {
                detector.unread_until(fetched.window.from_s);
            }
            spoke = evidence::take(&mut detector, &said, &commit, &self.ledger, now_s);
            detector
        });
        Ok(Applied {
            commit,
            progress,
            unread,
            running,
            evidence,
            spoke,
            abandoned,
        })
    }
}

/// What a window comes to, before it is durable.
struct Applied {
    commit: Commit,
    progress: Progress,
    unread: Option<Unread>,
    running: Vec<Runs>,
    /// `None` while the past is read for the first time.
    evidence: Option<Detector>,
    spoke: Vec<(i64, bool)>,
    /// Those that it counts, where lines are written of them.
    abandoned: Vec<Call>,
}

impl Evidence {
    /// From the recent conversations.
    pub fn anew(ledger: &Ledger, settings: Settings, now_s: i64) -> Evidence {
        let detector = evidence::anew(ledger, settings, now_s);
        Evidence {
            detector,
            stored: false,
        }
    }
}

fn runs(version: &Version<'_>) -> Option<Runs> {
    let running = version.derived.running?;
    let owned = |text: Option<&str>| text.map(str::to_owned);
    Some(Runs {
        id: version.ids.conversation.or(version.ids.session)?,
        start_s: running.start_s,
        channel: running.channel.to_owned(),
        queue_id: owned(running.queue.id),
        queue_name: owned(running.queue.name),
        waits_since_s: running.waits_since_s,
        with_agent: running.with_agent,
    })
}

/// Notes a window as read, and moves the floor. Returns what passed out of reach unread.
fn note_read(
    progress: &mut Progress,
    fetched: &Fetched<'_>,
    newest_start_s: Option<i64>,
    terms: &Terms,
    now_s: i64,
) -> Option<Unread> {
    let coverage = &mut progress.coverage;
    coverage.read(
        fetched.window,
        fetched.until_s,
        fetched.read_at_s,
        fetched.records,
    );
    let unread = coverage.advance_floor(now_s, newest_start_s, terms.max_lookback_s);
    let begun_s = coverage.begun_s();
    let since_s = begun_s - terms.initial_lookback_s;
    if !progress.read_through && coverage.fully_read(since_s, begun_s) {
        progress.read_through = true;
        progress.first_shown = Some(FirstShown {
            at_s: now_s,
            since_s,
        });
    }
    unread
}
