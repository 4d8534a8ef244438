//! What is looked after again and again: accounts that are to be loaded anew, and whose turn the accounts are.

use super::crew::Crew;
use super::ownership::{Decision, Here, LOOK, Ownership};
use super::running::Running;
use super::settings::{Identity, Settings};
use super::{Change, Fleet, FleetError};
use crate::chain::chain;
use crate::config::Config;
use crate::store::Picture;
use std::collections::BTreeSet;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// An account that cannot be opened as it is stored or configured is not tried again before.
const REST: Duration = Duration::from_secs(30);
/// The same where the database did not answer.
const MOMENT: Duration = Duration::from_secs(3);

/// An account that another process has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    pub name: Arc<str>,
    /// What that one calls itself; `None` while nobody has the account.
    pub holder: Option<Arc<str>>,
}

impl Fleet {
    /// Looks after the accounts until everybody's stop; then nothing runs any more, and others may take them. Returns after
    /// that.
    pub async fn look_after(self: Arc<Self>, looking: JoinHandle<()>) {
        while self.goes_on(self.next_round()).await {
            self.round().await;
        }
        self.ended().await;
        looking.await.ok();
        if let Some(ownership) = &self.ownership {
            tokio::task::block_in_place(|| ownership.leave());
        }
    }

    async fn next_round(&self) {
        let Some(ownership) = &self.ownership else {
            return tokio::time::sleep(LOOK).await;
        };
        tokio::time::timeout(LOOK, ownership.changed.notified())
            .await
            .ok();
    }

    /// Waits; whether everybody goes on after that.
    async fn goes_on(&self, wait: impl Future<Output = ()>) -> bool {
        self.stop.run_until_cancelled(wait).await.is_some()
    }

    /// Beside everything else: an account may take longer to load than others wait for a sign of life. A connection that ends
    /// is made again at once, so that nobody takes the accounts meanwhile.
    async fn look_around(self: Arc<Self>) {
        let Some(ownership) = &self.ownership else {
            return;
        };
        loop {
            let lease = ownership.lease_now();
            // One that ended before the last look is not waited for: that look could not mend it.
            let ends = async {
                if lease.has_ended() {
                    std::future::pending::<()>().await;
                } else {
                    lease.ended().await;
                }
            };
            let wait = async {
                tokio::time::timeout(LOOK, ends).await.ok();
            };
            if !self.goes_on(wait).await {
                return;
            }
            tokio::task::block_in_place(|| {
                self.hide_what_may_be_anothers();
                ownership.look();
            });
        }
    }

    /// For the first time, before anything is served; from then on others see that this process lives, however long its
    /// accounts take to load.
    pub async fn look_first(self: &Arc<Self>) -> JoinHandle<()> {
        if let Some(ownership) = &self.ownership {
            tokio::task::block_in_place(|| ownership.look());
        }
        let looking = tokio::spawn(Arc::clone(self).look_around());
        self.round().await;
        looking
    }

    /// Takes accounts and gives them up, so that each process has its share; loads those again that were counted further
    /// elsewhere.
    pub(super) async fn round(&self) {
        let mut crew = self.crew.lock().await;
        // One that cannot be loaded is left out in the next attempt, so that the others need not wait for it.
        while !self.stop.is_cancelled() {
            let Some(config) = &crew.config else { return };
            let wanted = Settings::all(config);
            let decision = match &self.ownership {
                None => own(&crew),
                Some(ownership) => {
                    tokio::task::block_in_place(|| shared(ownership, &crew, &wanted))
                }
            };
            let config = config.clone();
            let settled = self.settle(&mut crew, &config, &wanted, decision).await;
            self.tell_elsewhere(&crew);
            let (account, rest) = match &settled {
                Ok(()) | Err(FleetError::Stopping) => return,
                Err(FleetError::Client { account, .. }) => (account, REST),
                Err(FleetError::Load { account, source }) if source.is_damage() => (account, REST),
                Err(FleetError::Load { account, .. } | FleetError::Lines { account, .. }) => {
                    (account, MOMENT)
                }
            };
            if let Err(error) = &settled {
                tracing::error!(
                    account = &**account, error = %chain(error),
                    "the account cannot be counted here; this is tried again later"
                );
            }
            let is_meant = |it: &&Settings| it.account.name == **account;
            let meant = wanted.iter().filter(is_meant).map(Settings::identity);
            let until = Instant::now() + rest;
            crew.refused.extend(meant.map(|it| (it, until)));
        }
    }

    /// Hides the accounts that another may show by now: those of a connection that ended, or on which nothing was heard for
    /// long. They stay hidden until they are taken again; a round later they end here, if they are not. To be called before
    /// anything is shown. It may render.
    pub fn hide_what_may_be_anothers(&self) {
        let Some(ownership) = &self.ownership else {
            return;
        };
        // Nobody is opened meanwhile: what was lost is silenced, and never what was taken again.
        let mut hidden = self.hidden();
        let lost = ownership.are_lost();
        let was_hidden = std::mem::replace(&mut *hidden, lost);
        if !lost {
            return;
        }
        // Again each time: one may have been opened since.
        for account in self.shown().iter() {
            account.live.close();
            self.publisher.silence(&account.name);
        }
        self.own.leads_nothing();
        if !was_hidden {
            tracing::warn!(
                "the connection to the database is lost: others may count the accounts by now, which are not shown here until it is there again"
            );
        }
    }

    /// Whether what runs here is hidden; held while that changes, and while others are opened.
    pub(super) fn hidden(&self) -> MutexGuard<'_, bool> {
        self.hidden.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn settle(
        &self,
        crew: &mut Crew,
        config: &Config,
        wanted: &[Settings],
        decision: Decision,
    ) -> Result<(), FleetError> {
        let Decision {
            here,
            anew,
            give,
            lease,
        } = decision;
        let running: BTreeSet<Identity> = crew.identities().collect();
        if here != running || !anew.is_empty() {
            let begins = |it: &&Settings| here.contains(&it.identity());
            let those = wanted.iter().filter(begins).cloned().collect();
            let change = self.become_those(crew, config, those, &anew, lease).await?;
            tell(&change);
        }
        if let Some(ownership) = &self.ownership {
            tokio::task::block_in_place(|| ownership.give_up(&give));
        }
        Ok(())
    }

    /// Who has the accounts that others count.
    pub(super) fn tell_elsewhere(&self, crew: &Crew) {
        let elsewhere = self
            .ownership
            .as_ref()
            .map(|ownership| elsewhere(ownership, crew));
        self.elsewhere
            .store(Arc::new(elsewhere.unwrap_or_default()));
    }

    /// The configured accounts that are not counted here, where several processes share them.
    pub fn elsewhere(&self) -> Arc<Vec<Elsewhere>> {
        self.elsewhere.load_full()
    }

    /// Whether this process has no account because others have them all, or will take some in a moment.
    pub fn stands_by(&self) -> bool {
        let hears = self.ownership.as_ref().is_some_and(Ownership::is_heard);
        hears && self.shown().is_empty()
    }
}

/// Where all accounts are this process' own, some may have to be loaded again all the same.
fn own(crew: &Crew) -> Decision {
    Decision {
        here: crew.identities().collect(),
        anew: overtaken(crew),
        ..Decision::default()
    }
}

fn shared(ownership: &Ownership, crew: &Crew, wanted: &[Settings]) -> Decision {
    let here = |it: &'_ Running| Here {
        identity: it.berth.settings.identity(),
        lease: it.berth.lease.clone(),
        overtaken: it.berth.status.borrow().overtaken,
    };
    let running: Vec<Here> = crew.running.iter().map(here).collect();
    let keys = wanted.iter().filter_map(|it| {
        let identity = it.identity();
        crew.keys.get(&identity).map(|key| (identity, *key))
    });
    ownership.decide(&running, &keys.collect::<Vec<_>>(), |it| rests(crew, it))
}

/// Those that run and are to be loaded again.
fn overtaken(crew: &Crew) -> BTreeSet<Identity> {
    let overtaken = crew
        .running
        .iter()
        .filter(|it| it.berth.status.borrow().overtaken);
    let overtaken = overtaken.map(|it| it.berth.settings.identity());
    overtaken.filter(|it| !rests(crew, it)).collect()
}

/// Whether it could not be opened a moment ago.
fn rests(crew: &Crew, identity: &Identity) -> bool {
    let refused = crew.refused.get(identity);
    refused.is_some_and(|until| Instant::now() < *until)
}

fn elsewhere(ownership: &Ownership, crew: &Crew) -> Vec<Elsewhere> {
    let picture: Picture = ownership.sight().picture;
    let here: BTreeSet<Identity> = crew.identities().collect();
    let all = crew.config.iter().flat_map(Settings::all);
    let others = all.filter(|it| !here.contains(&it.identity()));
    let holder = |it: &Settings| {
        let key = crew.keys.get(&it.identity())?;
        picture
            .holder(*key)
            .map(|replica| Arc::clone(&replica.name))
    };
    let elsewhere = |it: Settings| Elsewhere {
        name: it.account.name.as_str().into(),
        holder: holder(&it),
    };
    others.map(elsewhere).collect()
}

fn tell(change: &Change) {
    let named = |names: &[Arc<str>]| names.join(", ");
    if !change.added.is_empty() {
        tracing::info!(
            accounts = named(&change.added),
            "counts these accounts from now on"
        );
    }
    if !change.changed.is_empty() {
        tracing::info!(
            accounts = named(&change.changed),
            "loaded these accounts again"
        );
    }
    if !change.removed.is_empty() {
        tracing::info!(
            accounts = named(&change.removed),
            "others count these accounts from now on"
        );
    }
}
