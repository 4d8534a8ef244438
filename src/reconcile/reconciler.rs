//! The loop that compares one account's numbers over and over.

use super::plan::not_before;
use super::show::{Shown, samples};
use super::{Asked, Comparison, Source, Told, Waits, Way, due, memory};
use crate::api::format_iso;
use crate::client::{Aside, Client};
use crate::clock::WallClock;
use crate::config;
use crate::live::Channels;
use crate::metrics::Publisher;
use crate::poller::{Memory, proof};
use crate::store::{Recounted, Store, Wanted};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::{CancellationToken, DropGuard};

/// While no request is to be had, or none is to be sent.
const AGAIN: Duration = Duration::from_secs(5);
/// Between looks at what is not read yet, and the first pause after a failure; it doubles up to the second.
const PAUSE: Duration = Duration::from_mins(1);
const LONGEST_PAUSE: Duration = Duration::from_mins(15);
/// How long a refused source is left alone.
const REFUSED: Duration = Duration::from_hours(1);
/// That it was said.
const REFUSED_BEFORE: &str = "refused";
/// After a quarter became an hour old: both clocks may be a little off.
const MARGIN_S: i64 = 15;
/// So many intervals a comparison is shown.
const SHOWN: u32 = 3;

/// What is agreed for an account's comparisons.
#[derive(Debug, Clone)]
pub struct Terms {
    pub account: Arc<str>,
    pub account_id: String,
    pub stream_id: String,
    pub org_id: Option<String>,
    pub interval: Duration,
    pub channels: Channels,
    /// Rows that are shown one by one.
    pub most: usize,
}

impl Terms {
    pub fn new(account: &config::Account, live: &config::Live, interval: Duration) -> Terms {
        Terms {
            account: account.name.as_str().into(),
            account_id: account.account_id.clone(),
            stream_id: account.stream_id.clone(),
            org_id: account.org_id.clone(),
            interval,
            channels: Channels::new(&live.channels),
            most: usize::MAX,
        }
    }

    /// So many rows at most are shown one by one.
    #[must_use]
    pub fn showing(self, most: usize) -> Terms {
        Terms { most, ..self }
    }
}

/// Compares an account's numbers with the vendor's.
pub struct Reconciler {
    terms: Terms,
    client: Arc<Client>,
    store: Arc<Store>,
    publisher: Arc<Publisher>,
    wall_clock: WallClock,
    asked: Asked,
    memory: Memory,
    last: Option<(Comparison, Instant)>,
    up: BTreeMap<Source, bool>,
    /// What was last said to be wrong.
    trouble: Option<String>,
    failures: u32,
}

/// What came of one attempt.
enum Outcome {
    Compared(Comparison),
    Waits(Waits),
    /// The store can't be read, or nothing of the account is in it.
    NoCounts(String),
    /// The vendor told what can't be compared.
    CannotBe(String),
    Aside(Aside),
}

impl Reconciler {
    pub fn new(
        terms: Terms,
        client: Arc<Client>,
        store: Arc<Store>,
        publisher: Arc<Publisher>,
        memory: Memory,
        wall_clock: WallClock,
    ) -> Reconciler {
        Reconciler {
            asked: Asked::new(Way::Spare, terms.org_id.clone()),
            terms,
            client,
            store,
            publisher,
            wall_clock,
            memory,
            last: None,
            up: BTreeMap::new(),
            trouble: None,
            failures: 0,
        }
    }

    /// Goes on showing what the one before it of the same account showed.
    pub fn take_over(&mut self, before: &Reconciler) {
        self.last.clone_from(&before.last);
        self.up.clone_from(&before.up);
        self.show();
    }

    /// Compares until cancelled, and only while `may_ask`: what was missed of the past comes first. `turn` is dropped once
    /// it was tried.
    pub async fn run(
        &mut self,
        may_ask: impl Fn() -> bool,
        cancelled: CancellationToken,
        turn: DropGuard,
    ) {
        drop(turn);
        loop {
            let wait = if may_ask() {
                let compare = self.compare();
                let Some(outcome) = cancelled.run_until_cancelled(compare).await else {
                    return;
                };
                self.tell(outcome)
            } else {
                AGAIN
            };
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

    async fn compare(&mut self) -> Outcome {
        let (now_s, interval_s) = (self.now_s(), self.interval_s());
        let is_shown = self.last.is_some();
        let done_to_s = memory::done_to_s(&self.memory.get(), is_shown, now_s, interval_s);
        if let Some(at_s) = not_before(now_s, interval_s, done_to_s) {
            return Outcome::Waits(Waits::Until(at_s));
        }
        let proof = match self.counted(0..0) {
            Ok(counted) => match proof(&counted.progress) {
                Ok(Some(proof)) => proof,
                Ok(None) => return Outcome::Waits(Waits::NotRead),
                Err(error) => return Outcome::NoCounts(error.to_string()),
            },
            Err(said) => return Outcome::NoCounts(said),
        };
        let range = match due(now_s, interval_s, done_to_s, &proof) {
            Ok(range) => range,
            Err(waits) => return Outcome::Waits(waits),
        };
        let told = self.asked.totals(&self.client, &range, now_s).await;
        match told {
            Err(aside) => Outcome::Aside(aside),
            // Ours last: what ended while the vendor answered is in neither, or in ours alone.
            Ok(told) => match self.counted(range.clone()) {
                Err(said) => Outcome::NoCounts(said),
                Ok(counted) => match self.against(told, &counted, range) {
                    Ok(comparison) => Outcome::Compared(comparison),
                    Err(why) => Outcome::CannotBe(why),
                },
            },
        }
    }

    fn against(
        &mut self,
        told: Told,
        counted: &Recounted,
        range: Range<i64>,
    ) -> Result<Comparison, String> {
        let mut up: BTreeMap<Source, bool> = told
            .refused
            .iter()
            .map(|(source, _)| (*source, false))
            .collect();
        up.insert(told.source, true);
        let parts = [(range.clone(), told)];
        let before = self.memory.get().counts_once;
        let channels = &self.terms.channels;
        let read = Comparison::read_knowing(before, range, &parts, counted, channels);
        self.up = up;
        read
    }

    /// From the store, which holds what is committed and no more.
    fn counted(&self, range: Range<i64>) -> Result<Recounted, String> {
        let wanted = Wanted {
            account_id: &self.terms.account_id,
            stream_id: &self.terms.stream_id,
            from_s: range.start,
            to_s: range.end,
        };
        let found = tokio::task::block_in_place(|| self.store.recounted(wanted));
        let found = found.map_err(|error| crate::chain::chain(&error))?;
        found.ok_or_else(|| "nothing of the account is stored".to_owned())
    }

    /// Shows and says what came of it; how long to wait.
    fn tell(&mut self, outcome: Outcome) -> Duration {
        let now_s = self.now_s();
        match outcome {
            Outcome::Waits(Waits::NotRead) => PAUSE.min(self.terms.interval),
            Outcome::Waits(Waits::Until(at_s)) => {
                let wait_s = (at_s + MARGIN_S - now_s).clamp(1, 3_600);
                Duration::from_secs(wait_s.unsigned_abs())
            }
            Outcome::Aside(Aside::NoneToSpare) => AGAIN,
            Outcome::Compared(comparison) => {
                (self.failures, self.trouble) = (0, None);
                self.passed_over(&comparison.range);
                say(&self.terms.account, &comparison);
                self.remember(&comparison);
                let until = Instant::now() + self.terms.interval.saturating_mul(SHOWN);
                self.last = Some((comparison, until));
                self.show();
                Duration::from_secs(1)
            }
            Outcome::Aside(Aside::Refused(said)) => {
                self.up = Source::ALL.map(|source| (source, false)).into();
                self.note_refused(said);
                REFUSED
            }
            Outcome::Aside(Aside::Failed { detail, pause }) => {
                self.up.values_mut().for_each(|up| *up = false);
                self.complain(format!("the vendor's totals can't be had: {detail}"));
                self.pause().max(pause.unwrap_or_default().min(REFUSED))
            }
            Outcome::CannotBe(why) => {
                self.complain(format!("the vendor's totals can't be compared: {why}"));
                self.pause()
            }
            Outcome::NoCounts(said) => {
                self.complain(format!("our counts can't be read: {said}"));
                self.pause()
            }
        }
    }

    fn pause(&mut self) -> Duration {
        let pause = PAUSE.saturating_mul(1 << self.failures.min(8));
        self.failures += 1;
        pause.min(LONGEST_PAUSE)
    }

    /// Says what is wrong where that is news.
    fn complain(&mut self, trouble: String) {
        if self.trouble.as_ref() != Some(&trouble) {
            tracing::warn!(account = &*self.terms.account, trouble, "not compared");
        }
        self.trouble = Some(trouble);
        self.show();
    }

    /// Nobody need have the scope, and comparing is on unless it is switched off: a word, once, is enough.
    fn note_refused(&mut self, said: String) {
        if self.trouble.as_deref() != Some(REFUSED_BEFORE) {
            tracing::info!(
                account = &*self.terms.account,
                said,
                "not compared: the vendor's totals are refused; asked for again every hour"
            );
        }
        self.trouble = Some(REFUSED_BEFORE.to_owned());
        self.show();
    }

    /// What the next comparison is to know, after a restart, too.
    fn remember(&self, comparison: &Comparison) {
        let mut compared = self.memory.get();
        let changed = memory::note(&mut compared, comparison, self.interval_s());
        if changed {
            let once = compared.counts_once;
            tracing::warn!(
                account = &*self.terms.account,
                once,
                "the vendor counts otherwise by now who comes to another queue; compared so from now on"
            );
        }
        self.memory.set(compared);
    }

    /// What was passed over, since it is longer ago than the vendor tells of in one answer.
    fn passed_over(&self, range: &Range<i64>) {
        let done_to_s = self.memory.get().to_s;
        if let Some(from_s) = done_to_s.filter(|done_to_s| *done_to_s < range.start) {
            let [from, to] = [from_s, range.start].map(format_iso);
            tracing::warn!(
                account = &*self.terms.account,
                from,
                to,
                "not compared, since it is more than a day ago; `reconcile --date` does so"
            );
        }
    }

    fn show(&self) {
        let running = self.memory.get().running;
        let last = self.last.as_ref().map(|(comparison, until)| Shown {
            comparison,
            running: &running,
            until: *until,
            most: self.terms.most,
        });
        let samples = samples(last, &self.up);
        self.publisher.show_compared(&self.terms.account, samples);
    }

    fn interval_s(&self) -> i64 {
        i64::try_from(self.terms.interval.as_secs()).unwrap_or(i64::MAX)
    }

    fn now_s(&self) -> i64 {
        (self.wall_clock)().div_euclid(1000)
    }
}

/// One line for each measure that differs, or one that none does.
fn say(account: &str, comparison: &Comparison) {
    let [from, to] = [comparison.range.start, comparison.range.end].map(format_iso);
    let source = comparison.source.as_str();
    let found: Vec<_> = comparison
        .judged
        .iter()
        .filter(|it| it.is_found())
        .collect();
    if found.is_empty() {
        tracing::info!(
            account,
            source,
            from,
            to,
            "our counts agree with the vendor's"
        );
    }
    for judged in found {
        let measure = judged.measure.as_str();
        tracing::warn!(
            account,
            source,
            from,
            to,
            measure,
            ours = judged.ours,
            vendor = judged.vendor,
            difference = judged.difference(),
            "our counts differ from the vendor's; `reconcile` shows where"
        );
    }
}
