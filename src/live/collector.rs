//! The loop that reads one source over and over.

use super::reading::Reading;
use super::request::{conversations_request, queue_performance_request};
use super::sources::{Part, combination, conversations, queue_performance};
use super::{Board, Source};
use crate::api::{LiveRows, OpenConversation};
use crate::client::{Answer, Aside, Client};
use crate::clock::WallClock;
use crate::config::{self, Choice};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::{CancellationToken, DropGuard};

/// How long a refused source is left alone, unless it is `on`.
const REFUSED: Duration = Duration::from_hours(1);
/// Between attempts at a source that fails; it doubles up to the second.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// A server that asks for more is asked again after this.
const LONGEST_RETRY_AFTER: Duration = Duration::from_mins(10);
/// While no request is to be had, or none is to be sent.
const AGAIN: Duration = Duration::from_secs(1);
/// Answers of which one reading of *Queue Performance* is made at most.
const MOST_PAGES: u64 = 4;

/// Reads one source of one account.
pub struct Collector {
    source: Source,
    client: Arc<Client>,
    board: Arc<Board>,
    interval: Duration,
    wall_clock: WallClock,
}

impl Collector {
    /// Those of an account that are not off.
    pub fn of(
        client: &Arc<Client>,
        board: &Arc<Board>,
        live: &config::Live,
        wall_clock: WallClock,
    ) -> Vec<Collector> {
        let collector = |source| Collector {
            source,
            client: Arc::clone(client),
            board: Arc::clone(board),
            interval: live.interval,
            wall_clock,
        };
        [Source::QueuePerformance, Source::Conversations]
            .map(collector)
            .into_iter()
            .filter(|collector| board.reads(collector.source))
            .collect()
    }

    /// Reads until cancelled, and only while `may_read`: what was missed of the past comes first. `turn` is dropped when the
    /// source was read, or could not be.
    pub async fn run(
        self,
        may_read: impl Fn() -> bool,
        cancelled: CancellationToken,
        turn: DropGuard,
    ) {
        let (mut failures, mut turn) = (0, Some(turn));
        loop {
            let wait = if may_read() {
                let read = self.read();
                let Some(outcome) = cancelled.run_until_cancelled(read).await else {
                    return;
                };
                self.tell(outcome, &mut failures)
            } else {
                AGAIN
            };
            drop(turn.take());
            let pause = async {
                tokio::select! {
                    () = tokio::time::sleep(wait) => {}
                    () = self.client.renewed() => {}
                }
            };
            if cancelled.run_until_cancelled(pause).await.is_none() {
                return;
            }
        }
    }

    /// Tells the board; how long to wait.
    fn tell(&self, outcome: Result<Reading, Aside>, failures: &mut u32) -> Duration {
        let source = self.source;
        let choice = self.board.terms.choices[source as usize];
        let (trouble, wait) = match outcome {
            Ok(reading) => {
                *failures = 0;
                self.board.told(source, Ok(reading));
                return self.interval;
            }
            Err(Aside::NoneToSpare) => return AGAIN,
            Err(Aside::Refused(said)) if choice == Choice::Auto => (
                format!("refused as {said}; tried again every hour"),
                REFUSED,
            ),
            Err(Aside::Refused(said)) => {
                let hint = format!(
                    "hint: does the app lack a scope? `live.{}: off` ends this",
                    source.as_str()
                );
                (format!("refused as {said}; {hint}"), self.pause(failures))
            }
            Err(Aside::Failed { detail, pause }) => {
                let asked = pause.unwrap_or_default().min(LONGEST_RETRY_AFTER);
                (
                    format!("failed as {detail}"),
                    self.pause(failures).max(asked),
                )
            }
        };
        self.board.told(source, Err(trouble));
        wait
    }

    fn pause(&self, failures: &mut u32) -> Duration {
        let pause = self.interval.saturating_mul(1 << (*failures).min(8));
        *failures += 1;
        pause.min(LONGEST_PAUSE.max(self.interval))
    }

    async fn read(&self) -> Result<Reading, Aside> {
        match self.source {
            Source::QueuePerformance => self.queue_performance().await,
            // Running records are read by the poller.
            Source::Conversations | Source::CallDetails => self.conversations().await,
        }
    }

    /// All queues in one answer, or in a few where there are more: as many rows come as the server pleases.
    async fn queue_performance(&self) -> Result<Reading, Aside> {
        let now_s = (self.wall_clock)().div_euclid(1000);
        let (mut texts, mut seen): (Vec<String>, u64) = (Vec::new(), 0);
        for page in 0..MOST_PAGES {
            let inquiry = queue_performance_request(now_s, seen);
            let read = |answer: &Answer<'_>| {
                let rows = LiveRows::read(answer.text)?;
                let (queues, strangers) = rows.queues();
                let more = rows.has_more && !(queues.is_empty() && strangers == 0);
                let rows = queues.len() as u64 + strangers;
                Ok((answer.text.to_owned(), rows, more))
            };
            let asked = self.again(page > 0, || self.client.ask_aside(&inquiry, read));
            let (text, rows, more) = asked.await?;
            texts.push(text);
            seen += rows;
            if !more {
                return self.queues(&texts);
            }
        }
        Err(failed(format!("more follow {seen} rows")))
    }

    /// One reading of all pages of *Queue Performance*.
    fn queues(&self, texts: &[String]) -> Result<Reading, Aside> {
        let (names, channels) = (self.board.names(), &self.board.terms.channels);
        let (mut rows, mut strangers, mut total) = (Vec::new(), 0, None);
        for text in texts {
            let read = LiveRows::read(text).map_err(failed)?;
            let (queues, others) = read.queues();
            rows.extend(queues);
            strangers += others;
            total = read.total;
        }
        let distinct: BTreeSet<_> = rows.iter().filter_map(combination).collect();
        let unnamed = rows.iter().filter(|row| combination(row).is_none()).count();
        let known = (distinct.len() + unnamed) as u64 + strangers;
        // A row that slipped from one page to the one before would look like a queue in which nobody waits.
        if texts.len() > 1 && total.is_some_and(|total| known < total) {
            return Err(failed("the pages shifted while they were read".to_owned()));
        }
        Ok(queue_performance(&rows, strangers, channels, &names))
    }

    /// One answer where it holds all that is open, else both ends of the list: the oldest is at one of them.
    async fn conversations(&self) -> Result<Reading, Aside> {
        let (first, mut now_s) = self.page(0).await?;
        let rows = LiveRows::read(&first).map_err(failed)?;
        let (mut open, mut strangers) = rows.conversations();
        let mut whole = !rows.has_more;
        let last;
        if !whole {
            // As many rows come as the server pleases, so the last page is counted back from the end.
            let total = rows
                .total
                .ok_or_else(|| failed("more rows, and no `totalResults`".to_owned()))?;
            let skip = total.saturating_sub(open.len() as u64 + strangers).max(1);
            (last, now_s) = self.page(skip).await?;
            let (more, others) = LiveRows::read(&last).map_err(failed)?.conversations();
            open.extend(more);
            strangers += others;
            let distinct: BTreeSet<_> = open.iter().filter_map(|row| row.id.value()).collect();
            whole = distinct.len() as u64 >= total;
        }
        let part = if whole {
            Part::All
        } else if in_order(&open) {
            Part::TheOldest
        } else {
            Part::Some
        };
        let (channels, names) = (&self.board.terms.channels, self.board.names());
        Ok(conversations(
            &open, strangers, now_s, part, channels, &names,
        ))
    }

    /// A page of what is open, and when the server sent it.
    async fn page(&self, skip: u64) -> Result<(String, i64), Aside> {
        let inquiry = conversations_request(skip);
        let read = |answer: &Answer<'_>| {
            LiveRows::read(answer.text)?;
            let now_s = (self.wall_clock)().div_euclid(1000);
            Ok((answer.text.to_owned(), answer.sent_s.unwrap_or(now_s)))
        };
        self.again(skip > 0, || self.client.ask_aside(&inquiry, read))
            .await
    }

    /// The first request of a reading is given up where none is to spare; a further one waits for its turn.
    async fn again<T, F>(&self, further: bool, ask: impl Fn() -> F) -> Result<T, Aside>
    where
        F: Future<Output = Result<T, Aside>>,
    {
        loop {
            match ask().await {
                Err(Aside::NoneToSpare) if further => tokio::time::sleep(AGAIN).await,
                answer => return answer,
            }
        }
    }
}

/// Whether the conversations go from new to old, or from old to new, so that the oldest is at an end.
fn in_order(open: &[OpenConversation<'_>]) -> bool {
    let times: Vec<i64> = open
        .iter()
        .filter_map(|row| row.created_at.value().or(row.start_time.value()))
        .map(|time| time.utc_ms(0))
        .collect();
    times.is_sorted() || times.is_sorted_by(|one, next| one >= next)
}

fn failed(detail: String) -> Aside {
    Aside::Failed {
        detail,
        pause: None,
    }
}
