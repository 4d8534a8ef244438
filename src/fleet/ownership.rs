//! Where several processes share the store: who has which account, as far as this one knows.
//!
//! Invariants: requests are sent under the lease of the connection on which the account was taken, and no longer than that
//! says; a lease ends with that connection, for others may take the account at once; a lease that ended does not begin again.
//! Not here: who is to have how many.
//!
//! In words: an account is *held* by whoever has its lock; it is *lost* once others may have taken it, and then what is
//! shown of it is *hidden* until it is taken again; who is *cut off* has heard nothing for so long that others have.

use super::settings::Identity;
use super::share::{Share, share};
use crate::chain::chain;
use crate::client::Lease;
use crate::clock;
use crate::store::{AccountKey, Claims, Picture, StoreError};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Between two looks at who holds what.
pub(super) const LOOK: Duration = Duration::from_secs(2);

/// After the database was away, everybody has connected again within so long and taken what it had. Until then nobody takes
/// anything else, so that accounts stay where they were.
const COME_BACK: Duration = Duration::from_secs(5);
/// Who was not seen for so long is no other any more.
const GONE: Duration = Duration::from_mins(1);

/// What this process knows, and what it holds.
pub(super) struct Ownership {
    claims: Mutex<Claims>,
    sight: Mutex<Sight>,
    /// Accounts may have to be taken or given up.
    pub changed: Notify,
}

/// What was seen last.
#[derive(Clone)]
pub(super) struct Sight {
    pub picture: Picture,
    /// Of the connection that there is, renewed by what was seen on it.
    lease: Arc<Lease>,
    connections: u64,
    /// When the connection was made that there is, where it is not the first.
    again: Option<Instant>,
    /// When others were seen last.
    others: Option<Instant>,
    /// It was told that the database does not answer.
    told: bool,
}

impl Sight {
    /// Whether others have surely taken what this process held: nothing was heard for so long, and others there are.
    pub(super) fn is_cut_off(&self) -> bool {
        self.is_silent() && self.others.is_some()
    }

    /// Whether others may have taken what this process held.
    fn may_be_anothers(&self) -> bool {
        (self.is_silent() || self.lease.has_ended()) && self.others.is_some()
    }

    fn is_silent(&self) -> bool {
        self.lease.age().is_none_or(|age| age >= Claims::HIDE)
    }

    /// Whether the database was away a moment ago, see [`COME_BACK`].
    fn waits_for_others(&self, now: Instant) -> bool {
        self.again.is_some_and(|again| now - again < COME_BACK)
    }
}

/// What is to become of the accounts.
#[derive(Debug, Default)]
pub(super) struct Decision {
    /// Those that run here from now on.
    pub here: BTreeSet<Identity>,
    /// Those of them that are to be loaded again although they ran here.
    pub anew: BTreeSet<Identity>,
    /// To be given up once they run no more.
    pub give: Vec<AccountKey>,
    /// Under which those are polled that begin or are loaded again.
    pub lease: Option<Arc<Lease>>,
}

/// An account that runs here.
pub(super) struct Here {
    pub identity: Identity,
    pub lease: Option<Arc<Lease>>,
    /// It is to be loaded again, by whoever has it.
    pub overtaken: bool,
}

impl Ownership {
    pub(super) fn new(claims: Claims) -> Ownership {
        let sight = Sight {
            picture: Picture::default(),
            lease: lease(CancellationToken::new()),
            connections: 0,
            again: None,
            others: None,
            told: false,
        };
        Ownership {
            claims: Mutex::new(claims),
            sight: Mutex::new(sight),
            changed: Notify::new(),
        }
    }

    /// Looks who holds what, which also tells the others that this process lives. Blocks.
    pub(super) fn look(&self) {
        let mut claims = self.claims();
        let before = self.sight();
        let asked = before.lease.now();
        let looked = claims.look();
        let (connections, ended) = (claims.connections(), claims.ended());
        drop(claims);
        let mut sight = self.sight.lock().unwrap_or_else(PoisonError::into_inner);
        match looked {
            Ok(picture) => {
                if connections != sight.connections {
                    sight.again = (sight.connections > 0).then_some(asked.0);
                    sight.connections = connections;
                    sight.lease.end();
                }
                if sight.lease.has_ended() {
                    // What was taken under the one before may be another's by now, or is not shown any more.
                    sight.lease = lease(ended);
                    self.changed.notify_one();
                }
                sight.lease.renew(asked);
                if picture.replicas.len() > 1 {
                    sight.others = Some(asked.0);
                } else if sight.others.is_some_and(|seen| asked.0 - seen >= GONE) {
                    sight.others = None;
                }
                if picture != sight.picture {
                    // Somebody came, went, or gave an account up.
                    self.changed.notify_one();
                }
                sight.picture = picture;
                if std::mem::take(&mut sight.told) {
                    tracing::info!("the database answers again");
                }
            }
            Err(error) => {
                if !std::mem::replace(&mut sight.told, true) {
                    tracing::warn!(error = %chain(&error), "the database does not say who polls which account");
                }
            }
        }
    }

    /// What was seen last.
    pub(super) fn sight(&self) -> Sight {
        let sight = self.sight.lock().unwrap_or_else(PoisonError::into_inner);
        sight.clone()
    }

    /// Of the connection that there is.
    pub(super) fn lease_now(&self) -> Arc<Lease> {
        self.sight().lease
    }

    /// Whether others may have taken what this process held. Then nothing of it is polled any more, before it is taken
    /// again.
    pub(super) fn are_lost(&self) -> bool {
        let sight = self.sight.lock().unwrap_or_else(PoisonError::into_inner);
        let lost = sight.may_be_anothers();
        if lost {
            sight.lease.end();
        }
        lost
    }

    /// Whether the database was heard of lately.
    pub(super) fn is_heard(&self) -> bool {
        self.lease_now().lasts()
    }

    /// Keeps, takes and lets go, of the accounts that are configured, in their order. `refuses` knows those that could not be
    /// opened a moment ago. Blocks.
    pub(super) fn decide(
        &self,
        running: &[Here],
        wanted: &[(Identity, AccountKey)],
        refuses: impl Fn(&Identity) -> bool,
    ) -> Decision {
        let sight = self.sight();
        if sight.is_cut_off() {
            return Decision::default();
        }
        let as_it_is = || Decision {
            here: running.iter().map(|it| it.identity.clone()).collect(),
            ..Decision::default()
        };
        let mut claims = self.claims();
        let knows = claims.is_connected() && claims.connections() == sight.connections;
        if !(knows && sight.lease.lasts()) {
            // The next look tells.
            return as_it_is();
        }
        let mut taking = Taking {
            claims: &mut claims,
            decision: Decision::default(),
        };
        let gone_on = taking.go_on(running, wanted, &sight, &refuses);
        if let Err(error) = gone_on.and_then(|()| taking.share(wanted, &sight, &refuses)) {
            tracing::debug!(error = %chain(&error), "accounts cannot be taken or given up");
            // Then everything taken on that connection is lost, and the next look tells.
            return as_it_is();
        }
        let mut decision = taking.decision;
        let key = |identity: &Identity| {
            let mut found = wanted.iter().filter(|(it, _)| it == identity);
            found.next().map(|(_, key)| *key)
        };
        let here: BTreeSet<AccountKey> = decision.here.iter().filter_map(key).collect();
        decision.lease = Some(sight.lease);
        decision.give = claims.held().difference(&here).copied().collect();
        decision
    }

    /// Others may have them. What cannot be told to the database now ends with the connection.
    pub(super) fn give_up(&self, accounts: &[AccountKey]) {
        let mut claims = self.claims();
        for account in accounts {
            if let Err(error) = claims.give_up(*account) {
                tracing::debug!(error = %chain(&error), "an account cannot be given up");
            }
        }
    }

    /// Gives everything up.
    pub(super) fn leave(&self) {
        self.claims().leave();
    }

    fn claims(&self) -> MutexGuard<'_, Claims> {
        self.claims.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn lease(rests_on: CancellationToken) -> Arc<Lease> {
    Arc::new(Lease::new(clock::now_ms, Claims::LEASE, rests_on))
}

struct Taking<'c> {
    claims: &'c mut Claims,
    decision: Decision,
}

impl Taking<'_> {
    /// Who runs goes on if its lock is still held, or can be had again; then others may have counted meanwhile.
    fn go_on(
        &mut self,
        running: &[Here],
        wanted: &[(Identity, AccountKey)],
        sight: &Sight,
        refuses: &impl Fn(&Identity) -> bool,
    ) -> Result<(), StoreError> {
        for it in running {
            let Some((identity, key)) = wanted.iter().find(|(wanted, _)| *wanted == it.identity)
            else {
                continue;
            };
            let same = it
                .lease
                .as_ref()
                .is_some_and(|lease| Arc::ptr_eq(lease, &sight.lease));
            if same && self.claims.held().contains(key) {
                self.decision.here.insert(identity.clone());
                if it.overtaken && !refuses(identity) {
                    self.decision.anew.insert(identity.clone());
                }
            } else if !refuses(identity) && self.claims.take(*key)? {
                self.decision.here.insert(identity.clone());
                self.decision.anew.insert(identity.clone());
            }
        }
        Ok(())
    }

    fn share(
        &mut self,
        wanted: &[(Identity, AccountKey)],
        sight: &Sight,
        refuses: &impl Fn(&Identity) -> bool,
    ) -> Result<(), StoreError> {
        let keys: BTreeSet<AccountKey> = wanted.iter().map(|(_, key)| *key).collect();
        let replicas = sight.picture.replicas.iter();
        let mut held: BTreeMap<i64, usize> = replicas
            .map(|(id, replica)| (*id, replica.held.intersection(&keys).count()))
            .collect();
        held.insert(sight.picture.me, self.decision.here.len());
        let Share { give, mut take } = share(&held, sight.picture.me, keys.len());
        if sight.waits_for_others(Instant::now()) {
            take = 0;
        }
        let here = self.decision.here.iter().rev();
        let given: Vec<Identity> = here.take(give).cloned().collect();
        for identity in given {
            self.decision.here.remove(&identity);
            self.decision.anew.remove(&identity);
        }
        let mut taken = 0;
        for (identity, key) in wanted {
            if taken == take {
                break;
            }
            let free = sight.picture.holder(*key).is_none();
            if free
                && !self.decision.here.contains(identity)
                && !refuses(identity)
                && self.claims.take(*key)?
            {
                self.decision.here.insert(identity.clone());
                taken += 1;
            }
        }
        Ok(())
    }
}
