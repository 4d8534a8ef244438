//! One account: at rest, or running.

use super::Shown;
use super::settings::Settings;
use crate::client::{Client, Lease};
use crate::clock;
use crate::events::Outlet;
use crate::live::{Board, Collector};
use crate::metrics::AccountMetrics;
use crate::poller::{AccountPoller, Status};
use crate::reconcile::Reconciler;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::{Mutex, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

/// All of an account but its poller.
pub(super) struct Berth {
    pub name: Arc<str>,
    pub settings: Settings,
    pub client: Arc<Client>,
    pub own: Arc<AccountMetrics>,
    pub board: Arc<Board>,
    /// `None` where nothing is compared. Locked while it runs.
    pub reconciler: Option<Arc<Mutex<Reconciler>>>,
    pub status: watch::Receiver<Status>,
    /// Under which it is polled, where several processes take turns.
    pub lease: Option<Arc<Lease>>,
    /// Where lines of its abandoned conversations go.
    pub lines: Option<Outlet>,
}

impl Berth {
    /// Whether what was compared before is shown on. Neither runs now.
    pub(super) fn goes_on_comparing(&self, before: Option<&Berth>) -> bool {
        let of = |berth: &'_ Berth| berth.reconciler.clone();
        let (ours, before) = (of(self), before.and_then(of));
        let ours = ours.as_ref().and_then(|it| it.try_lock().ok());
        let before = before.as_ref().and_then(|it| it.try_lock().ok());
        match (ours, before) {
            (Some(mut ours), Some(before)) => {
                ours.take_over(&before);
                true
            }
            _ => false,
        }
    }
}

/// Just opened, or halted: nothing of it runs.
pub(super) struct Resting {
    pub berth: Berth,
    /// `None` once it has ended by itself, which is told already.
    pub poller: Option<AccountPoller>,
}

pub(super) struct Running {
    pub berth: Berth,
    stop: CancellationToken,
    /// One for each loop: cancelled once something has come of it, or it has ended.
    turns: Vec<CancellationToken>,
    /// Ends when all loops of the account have.
    loops: JoinHandle<Option<AccountPoller>>,
}

impl Resting {
    /// Polls from now on, until its own stop or everybody's.
    pub(super) fn start(self, all_stop: &CancellationToken, alive: &Arc<AtomicBool>) -> Running {
        let Resting { berth, poller } = self;
        let stop = all_stop.child_token();
        let mut loops = JoinSet::new();
        let mut turns = Vec::new();
        let mut turn = || {
            let turn = CancellationToken::new();
            turns.push(turn.clone());
            turn.drop_guard()
        };
        let live = &berth.settings.live;
        for collector in Collector::of(&berth.client, &berth.board, live, clock::now_ms) {
            let (status, stop, turn) = (berth.status.clone(), stop.clone(), turn());
            let may_read = move || status.borrow().leaves_time_for_now();
            loops.spawn(async move {
                collector.run(may_read, stop, turn).await;
                None
            });
        }
        if let Some(reconciler) = berth.reconciler.clone() {
            let (status, stop, turn) = (berth.status.clone(), stop.clone(), turn());
            let may_ask = move || status.borrow().leaves_time_for_now();
            loops.spawn(async move {
                reconciler.lock().await.run(may_ask, stop, turn).await;
                None
            });
        }
        if let Some(poller) = poller {
            let polling = poller.run(stop.clone(), turn());
            loops.spawn(async move { Some(polling.await) });
        }
        let loops = watch_loops(loops, stop.clone(), Arc::clone(alive));
        Running {
            berth,
            stop,
            turns,
            loops: tokio::spawn(loops),
        }
    }
}

/// A loop that ends without being told to is a bug; the health check then fails, so that somebody starts us anew.
async fn watch_loops(
    mut loops: JoinSet<Option<AccountPoller>>,
    stop: CancellationToken,
    alive: Arc<AtomicBool>,
) -> Option<AccountPoller> {
    let mut poller = None;
    while let Some(ended) = loops.join_next().await {
        if !stop.is_cancelled() || ended.is_err() {
            alive.store(false, Ordering::Relaxed);
            let why = ended.as_ref().err();
            let why = why.map_or_else(String::new, |panic| panic.to_string());
            tracing::error!(why, "a loop ended by itself; /-/healthy fails from now on");
        }
        poller = ended.ok().flatten().or(poller);
    }
    poller
}

impl Running {
    pub(super) fn shown(&self) -> Shown {
        Shown {
            name: Arc::clone(&self.berth.name),
            status: self.berth.status.clone(),
            live: Arc::clone(&self.berth.board),
            calls: self.berth.lines.as_ref().map(|it| Arc::clone(&it.book)),
        }
    }

    /// Returns when something has come of each of its loops since it began to run.
    pub(super) async fn has_had_its_turn(&self) {
        for turn in &self.turns {
            turn.cancelled().await;
        }
    }

    /// Asks it to halt; others may be asked before it has.
    pub(super) fn ask_to_halt(&self) {
        self.stop.cancel();
    }

    /// Returns when nothing of it runs any more: a commit under way is finished, a request under way is dropped.
    pub(super) async fn halted(self) -> Resting {
        // What watches the loops does not panic.
        let poller = self.loops.await.ok().flatten();
        Resting {
            berth: self.berth,
            poller,
        }
    }
}
