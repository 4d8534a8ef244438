//! Those that run, and how they are halted for a change and go on after it.

use super::plan::{Plan, Step};
use super::running::{Resting, Running};
use super::settings::Identity;
use crate::client::Allotment;
use crate::config::Config;
use crate::events::{Book, Sink};
use crate::store::AccountKey;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

#[derive(Default)]
pub(super) struct Crew {
    /// In the order of the configuration.
    pub running: Vec<Running>,
    /// Whose accounts they are; `None` before the first.
    pub config: Option<Config>,
    /// By what the store knows them, where several processes share it.
    pub keys: BTreeMap<Identity, AccountKey>,
    /// Those that could not be opened, and until when they are left alone.
    pub refused: BTreeMap<Identity, Instant>,
    /// Where lines of abandoned conversations go, and went until a moment ago.
    pub sinks: Vec<Arc<Sink>>,
    /// Of those that run, and of those whose lines an output has in hand.
    pub books: BTreeMap<Identity, Arc<Book>>,
    /// Of those that run, and of those that ran a moment ago.
    pub allotments: BTreeMap<Identity, Arc<Allotment>>,
}

/// Those that run, taken apart for a change, by their places.
pub(super) struct Midway {
    pub stays: BTreeMap<usize, Running>,
    pub halted: BTreeMap<usize, Resting>,
}

impl Crew {
    /// Who runs.
    pub(super) fn identities(&self) -> impl Iterator<Item = Identity> {
        self.running.iter().map(|it| it.berth.settings.identity())
    }

    /// Who is to change has counted something since it began, or has failed to: what it has under way then may be dropped.
    /// Who is to end need not wait.
    pub(super) async fn let_have_their_turn(&self, plan: &Plan, patience: Duration) {
        let changes = plan.steps.iter().filter_map(|step| match step {
            Step::Change(at) => self.running.get(*at),
            Step::Stay(_) | Step::Begin => None,
        });
        let all = async {
            for running in changes {
                running.has_had_its_turn().await;
            }
        };
        tokio::time::timeout(patience, all).await.ok();
    }

    /// Halts those that are to end or to change.
    pub(super) async fn halt(&mut self, plan: &Plan) -> Midway {
        let all = std::mem::take(&mut self.running).into_iter().enumerate();
        let (halting, stays): (Vec<_>, Vec<_>) = all.partition(|(at, _)| plan.halts(*at));
        halting
            .iter()
            .for_each(|(_, running)| running.ask_to_halt());
        let mut halted = BTreeMap::new();
        for (at, running) in halting {
            halted.insert(at, running.halted().await);
        }
        let stays = stays.into_iter().collect();
        Midway { stays, halted }
    }

    /// All go on as they were.
    pub(super) fn resume(
        &mut self,
        midway: Midway,
        stop: &CancellationToken,
        alive: &Arc<AtomicBool>,
    ) {
        let mut all = midway.stays;
        let resumed = midway.halted.into_iter();
        all.extend(resumed.map(|(at, resting)| (at, resting.start(stop, alive))));
        self.running = all.into_values().collect();
        self.forget_allotments();
    }

    /// Of who does not run, a budget is remembered for as long as a new one would be more generous.
    pub(super) fn forget_allotments(&mut self) {
        let running = self.running.iter();
        let running: BTreeSet<_> = running.map(|it| it.berth.settings.identity()).collect();
        self.allotments
            .retain(|identity, allotment| running.contains(identity) || !allotment.is_rested());
    }
}
