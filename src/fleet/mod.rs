//! The accounts that run, and how they become those of another configuration. A start is the way there from none; where
//! several processes share the store, so is every account that is taken or given up.
//!
//! Invariants: a change is made whole or not at all; whose settings stay is not disturbed; this process polls nobody twice at a time;
//! who runs no more is shown no more; a scrape sees the accounts of before or those of after; an account that is opened anew has no more requests to spend than before.
//! Not here: reading the configuration, and whoever asks for it to be read. Called by `serve`.

mod crew;
mod lines;
mod opening;
mod ownership;
mod plan;
mod round;
mod running;
mod settings;
mod share;
#[cfg(test)]
mod tests;

use crate::chain::chain;
use crate::client::{ClientError, Lease};
use crate::clock;
use crate::config::Config;
use crate::events::Book;
use crate::live::Board;
use crate::metrics::{Own, Publisher};
use crate::poller::{self, Status};
use crate::store::{AccountKey, Store, StoreError};
use arc_swap::ArcSwap;
use crew::{Crew, Midway};
use ownership::Ownership;
use plan::Plan;
pub use round::Elsewhere;
use running::{Resting, Running};
use settings::{Identity, Settings};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, watch};
use tokio_util::sync::CancellationToken;

/// A change waits at most so long for what an account has begun since the change before: about what the slowest answer
/// takes. Else an account that changes more often than its API answers would never count anything.
const PATIENCE: Duration = Duration::from_secs(30);

/// The accounts that run.
pub struct Fleet {
    store: Arc<Store>,
    own: Arc<Own>,
    publisher: Arc<Publisher>,
    stop: CancellationToken,
    shown: ArcSwap<Vec<Shown>>,
    elsewhere: ArcSwap<Vec<Elsewhere>>,
    /// False once a loop has ended that should not have.
    alive: Arc<AtomicBool>,
    /// Others may have what runs here, and nothing of it is shown.
    hidden: std::sync::Mutex<bool>,
    /// For accounts that are to change although they have only just begun.
    patience: Duration,
    /// Who has which account; `None` where all are this process' own.
    ownership: Option<Ownership>,
    /// Held while they change: one change at a time.
    crew: Mutex<Crew>,
}

/// What others may see of an account that runs.
#[derive(Clone)]
pub struct Shown {
    pub name: Arc<str>,
    pub status: watch::Receiver<Status>,
    pub live: Arc<Board>,
    /// Its abandoned conversations, where they are asked for.
    pub calls: Option<Arc<Book>>,
}

/// What became of the accounts, by their names.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Change {
    pub added: Vec<Arc<str>>,
    pub changed: Vec<Arc<str>>,
    pub removed: Vec<Arc<str>>,
    pub unchanged: usize,
}

impl Change {
    fn unchanged(unchanged: usize) -> Change {
        Change {
            unchanged,
            ..Change::default()
        }
    }
}

/// Why nothing changed.
#[derive(Debug, thiserror::Error)]
pub enum FleetError {
    #[error("{source}")]
    Client {
        account: Arc<str>,
        source: ClientError,
    },
    #[error("cannot load the account `{account}`")]
    Load {
        account: Arc<str>,
        source: StoreError,
    },
    #[error("cannot write lines of abandoned conversations")]
    Lines {
        account: Arc<str>,
        source: std::io::Error,
    },
    #[error("the exporter is stopping")]
    Stopping,
}

impl Fleet {
    /// Nobody runs yet. All who ever run end with `stop`.
    pub fn new(
        store: Arc<Store>,
        own: Arc<Own>,
        publisher: Arc<Publisher>,
        stop: CancellationToken,
    ) -> Fleet {
        let ownership = store.claims().map(Ownership::new);
        Fleet {
            store,
            ownership,
            own,
            publisher,
            stop,
            shown: ArcSwap::default(),
            elsewhere: ArcSwap::default(),
            alive: Arc::new(AtomicBool::new(true)),
            hidden: std::sync::Mutex::default(),
            patience: PATIENCE,
            crew: Mutex::default(),
        }
    }

    /// The accounts become those of `config`: some begin, some end, and those with other settings are opened anew from
    /// what is stored of them. Of those that several processes share, the ones that run here do; others are taken in the
    /// next [`round`](Fleet::round). Blocks its thread while it reads.
    ///
    /// # Errors
    /// An account cannot be opened. Then all go on as they were.
    pub async fn follow(&self, config: &Config) -> Result<Change, FleetError> {
        let mut crew = self.crew.lock().await;
        let all = Settings::all(config);
        let mut here = all.clone();
        let mut keys = BTreeMap::new();
        if self.ownership.is_some() {
            // Whether they could be polled shows here as well, wherever they are.
            let before: Vec<Settings> = crew.config.iter().flat_map(Settings::all).collect();
            for settings in all.iter().filter(|it| !before.contains(it)).cloned() {
                self.prepare(settings, &mut Crew::default(), None, None)?;
            }
            keys = tokio::task::block_in_place(|| self.enlist(&all))?;
            let running: BTreeSet<Identity> = crew.identities().collect();
            here.retain(|it| running.contains(&it.identity()));
        }
        let none = BTreeSet::new();
        let change = self.become_those(&mut crew, config, here, &none, None);
        let change = change.await?;
        self.publisher.set_zero_first(config.metrics.zero_first);
        let configured = crew.config.is_some();
        crew.keys = keys;
        crew.config = Some(config.clone());
        crew.keep_sinks(Some(config));
        if !configured || change != Change::unchanged(change.unchanged) {
            tokio::task::block_in_place(|| self.tidy(config));
        }
        self.tell_elsewhere(&crew);
        Ok(change)
    }

    fn enlist(&self, all: &[Settings]) -> Result<BTreeMap<Identity, AccountKey>, FleetError> {
        let enlist = |settings: &Settings| {
            let (account, stream) = settings.identity();
            let key = self
                .store
                .enlist(&account, &stream, rand::random::<[u8; 16]>);
            let key = key.map_err(|source| FleetError::Load {
                account: settings.account.name.as_str().into(),
                source,
            })?;
            Ok((settings.identity(), key))
        };
        all.iter().map(enlist).collect()
    }

    /// Those that run become these, in the order of the configuration; those of `anew` are opened anew even if nothing about
    /// them changed. Who is opened is polled under `lease`, or under the one that it had.
    async fn become_those(
        &self,
        crew: &mut Crew,
        config: &Config,
        wanted: Vec<Settings>,
        anew: &BTreeSet<Identity>,
        lease: Option<Arc<Lease>>,
    ) -> Result<Change, FleetError> {
        let running = crew.running.iter().map(|it| &it.berth.settings);
        let plan = Plan::between(running, &wanted, anew);
        // What can fail without a look at the store comes first: till then nobody is disturbed.
        let prepared = match self.prepare_all(crew, wanted, &plan, lease.as_ref()) {
            Ok(prepared) => prepared,
            Err(error) => {
                crew.keep_sinks(crew.config.clone().as_ref());
                return Err(error);
            }
        };
        crew.let_have_their_turn(&plan, self.patience).await;
        let mut midway = crew.halt(&plan).await;
        tokio::task::block_in_place(|| lines::part(&mut midway, &plan, &prepared));
        let opened = tokio::task::block_in_place(|| self.open_all(prepared));
        let opened = match opened {
            Ok(opened) => opened,
            Err(error) => {
                crew.resume(midway, &self.stop, &self.alive);
                crew.keep_sinks(crew.config.clone().as_ref());
                return Err(error);
            }
        };
        self.store.settled();
        Ok(tokio::task::block_in_place(|| {
            self.swap(crew, config, &plan, midway, opened)
        }))
    }

    /// All that is new is shown and begins to run; what is gone is shown no more. Nothing here can fail.
    fn swap(
        &self,
        crew: &mut Crew,
        config: &Config,
        plan: &Plan,
        midway: Midway,
        opened: Vec<Option<Resting>>,
    ) -> Change {
        let Midway {
            mut stays,
            mut halted,
        } = midway;
        let mut change = Change::default();
        lines::close(plan, &halted, &opened);
        let _hiding = self.hidden();
        let held = self.publisher.hold(Instant::now());
        for gone in plan.gone.iter().filter_map(|at| halted.remove(at)) {
            gone.berth.board.close();
            self.publisher.forget(&gone.berth.name);
            change.removed.push(gone.berth.name);
        }
        // A label that is somebody else's from now on is forgotten before that one shows under it.
        for (step, opened) in plan.steps.iter().zip(&opened) {
            if let (Some(before), Some(opened)) =
                (step.place().and_then(|at| halted.get(&at)), opened)
                && before.berth.name != opened.berth.name
            {
                before.berth.board.close();
                self.publisher.forget(&before.berth.name);
            }
        }
        for Resting { berth, .. } in opened.iter().flatten() {
            // It may have been lost again while it was loaded.
            if berth.lease.as_ref().is_none_or(|lease| !lease.has_ended()) {
                self.publisher.hear(&berth.name);
            } else {
                berth.board.close();
                self.publisher.silence(&berth.name);
            }
        }
        for (step, opened) in plan.steps.iter().zip(opened) {
            let Some(mut opened) = opened else {
                crew.running
                    .extend(step.place().and_then(|at| stays.remove(&at)));
                change.unchanged += 1;
                continue;
            };
            let berth = &opened.berth;
            if let Some(allotment) = crew.allotments.get(&berth.settings.identity()) {
                allotment.set(berth.settings.account.requests_per_minute);
            }
            self.own.show(&berth.name, Arc::clone(&berth.own));
            let before = step.place().and_then(|at| halted.remove(&at));
            let (before, read_before) = before.map(|it| (it.berth, it.poller)).unzip();
            let named = match &before {
                Some(before) => {
                    berth.board.take_over(&before.board);
                    &mut change.changed
                }
                None => &mut change.added,
            };
            named.push(Arc::clone(&berth.name));
            if let (Some(poller), Some(before)) = (&mut opened.poller, read_before.flatten()) {
                poller.take_over(before);
            }
            if !berth.goes_on_comparing(before.as_ref()) {
                self.publisher.show_compared(&berth.name, Vec::new());
            }
            if let Some(poller) = &mut opened.poller {
                poller.open_lines();
                poller.publish();
            }
            crew.running.push(opened.start(&self.stop, &self.alive));
        }
        let shown = crew.running.iter().map(Running::shown).collect();
        self.shown.store(Arc::new(shown));
        crew.forget_allotments();
        self.tell_leads(crew, config);
        drop(held);
        change
    }

    fn tell_leads(&self, crew: &Crew, config: &Config) {
        let here: BTreeSet<Identity> = crew.identities().collect();
        let all = Settings::all(config).into_iter();
        let leads = all.map(|it| (it.account.name.clone(), here.contains(&it.identity())));
        self.own.leads(leads.collect());
    }

    /// What was taken out of the configuration is forgotten in time. No reason not to go on.
    fn tidy(&self, config: &Config) {
        let (accounts, poll) = (&config.accounts, &config.poll);
        match poller::forget_strangers(&self.store, accounts, poll, clock::now_s()) {
            Ok(0) => {}
            Ok(conversations) => tracing::info!(
                conversations,
                "forgot old conversations of accounts that are not configured; their counts stay"
            ),
            Err(error) => tracing::warn!(
                error = %chain(&error),
                "old conversations of accounts that are not configured cannot be forgotten"
            ),
        }
    }

    /// Who runs, in the order of the configuration.
    pub fn shown(&self) -> Arc<Vec<Shown>> {
        self.shown.load_full()
    }

    /// Whether all loops run that should.
    pub fn is_alive(&self) -> bool {
        self.alive.load(Ordering::Relaxed)
    }

    /// To be called about every second, where it may block: it may render.
    pub fn tick(&self, now: Instant) {
        self.hide_what_may_be_anothers();
        self.publisher.tick(now);
        for account in self.shown.load().iter() {
            account.live.tick(now);
        }
    }

    /// Returns when all have ended, after `stop`: a commit under way is finished.
    pub async fn ended(&self) {
        let mut crew = self.crew.lock().await;
        let mut halted = Vec::new();
        for running in std::mem::take(&mut crew.running) {
            halted.push(running.halted().await);
        }
        tokio::task::block_in_place(|| lines::keep(&mut halted.iter_mut().collect::<Vec<_>>()));
        crew.sinks.clear();
    }
}
