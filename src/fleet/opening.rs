//! What it takes to open an account, and its state.

use super::crew::Crew;
use super::plan::{Plan, Step};
use super::running::{Berth, Resting};
use super::settings::Settings;
use super::{Fleet, FleetError};
use crate::client::{Allotment, Client, Lease, Limits};
use crate::clock;
use crate::events::Outlet;
use crate::live::{self, Board};
use crate::metrics::AccountMetrics;
use crate::poller::{self, AccountPoller, Memory, RequestMetrics, Surroundings};
use crate::reconcile::{self, Reconciler};
use std::sync::Arc;
use tokio::sync::Mutex;

/// An account that could be opened.
pub(super) struct Prepared {
    settings: Settings,
    client: Arc<Client>,
    own: Arc<AccountMetrics>,
    board: Arc<Board>,
    lease: Option<Arc<Lease>>,
    pub lines: Option<Outlet>,
}

impl Fleet {
    /// For each wanted account that does not stay what it takes to open it.
    pub(super) fn prepare_all(
        &self,
        crew: &mut Crew,
        wanted: Vec<Settings>,
        plan: &Plan,
        lease: Option<&Arc<Lease>>,
    ) -> Result<Vec<Option<Prepared>>, FleetError> {
        let prepare = |(settings, step): (Settings, &Step)| match step {
            Step::Stay(_) => Ok(None),
            Step::Change(at) => self.prepare(settings, crew, Some(*at), lease).map(Some),
            Step::Begin => self.prepare(settings, crew, None, lease).map(Some),
        };
        wanted.into_iter().zip(&plan.steps).map(prepare).collect()
    }

    /// A client and a place to show what it brings; nothing is asked, loaded or shown yet.
    pub(super) fn prepare(
        &self,
        settings: Settings,
        crew: &mut Crew,
        before: Option<usize>,
        lease: Option<&Arc<Lease>>,
    ) -> Result<Prepared, FleetError> {
        let account = &settings.account;
        let lines = match &settings.events.abandoned {
            None => None,
            Some(output) => {
                let book = crew.book(settings.identity());
                let sink = crew.sink(output).map_err(|source| FleetError::Lines {
                    account: account.name.as_str().into(),
                    source,
                })?;
                Some(sink.outlet(settings.identity(), book))
            }
        };
        // The label's own counts go on as long as it is the same account's.
        let before = before.map(|at| &crew.running[at].berth);
        let own = before.filter(|before| *before.name == *account.name);
        let own = own.map_or_else(|| self.own.begin(), |before| Arc::clone(&before.own));
        let had = before.and_then(|before| before.lease.clone());
        let lease = lease.cloned().or_else(|| had.clone());
        let allotment = crew.allotments.entry(settings.identity());
        let allotment = allotment.or_insert_with(|| {
            let allotment = Allotment::new(account.requests_per_minute);
            Arc::new(allotment)
        });
        let same = lease.as_ref().map(Arc::as_ptr) == had.as_ref().map(Arc::as_ptr);
        if !same {
            // Whoever had the account before may have spent everything a moment ago.
            allotment.spend();
        }
        let observer = Arc::new(RequestMetrics(Arc::clone(&own)));
        let client = Client::new(account, Limits::default(), clock::now_ms, observer);
        let client = client.map_err(|source| FleetError::Client {
            account: account.name.as_str().into(),
            source,
        })?;
        let client = client.drawing_on(Arc::clone(allotment));
        let client = Arc::new(client.within(lease.clone()));
        let policy = poller::policy(account, &settings.metrics);
        let terms = live::Terms::new(&settings.live, &settings.poll, &policy);
        let publisher = Arc::clone(&self.publisher);
        let board = Board::new(&account.name, terms, publisher, clock::now_ms);
        Ok(Prepared {
            client,
            own,
            board: Arc::new(board),
            settings,
            lease,
            lines,
        })
    }

    pub(super) fn open_all(
        &self,
        prepared: Vec<Option<Prepared>>,
    ) -> Result<Vec<Option<Resting>>, FleetError> {
        let open = |prepared| match prepared {
            Some(_) if self.stop.is_cancelled() => Err(FleetError::Stopping),
            Some(prepared) => self.open(prepared).map(Some),
            None => Ok(None),
        };
        prepared.into_iter().map(open).collect()
    }

    fn open(&self, prepared: Prepared) -> Result<Resting, FleetError> {
        let Prepared {
            settings,
            client,
            own,
            board,
            lease,
            lines,
        } = prepared;
        let name: Arc<str> = settings.account.name.as_str().into();
        let _told = tracing::info_span!("open", account = &*name).entered();
        let memory = Memory::default();
        let surroundings = Surroundings {
            client: Arc::clone(&client),
            live: Arc::clone(&board),
            store: Arc::clone(&self.store),
            publisher: Arc::clone(&self.publisher),
            own: Arc::clone(&own),
            lines: lines.clone(),
            compared: memory.clone(),
            wall_clock: clock::now_ms,
        };
        let opened = AccountPoller::open(
            &settings.account,
            &settings.poll,
            &settings.metrics,
            &settings.alerts,
            surroundings,
        );
        let (poller, status) = opened.map_err(|source| FleetError::Load {
            account: Arc::clone(&name),
            source,
        })?;
        let reconciler = self.reconciler(&settings, &client, memory);
        let berth = Berth {
            name,
            settings,
            client,
            own,
            board,
            reconciler,
            status,
            lease,
            lines,
        };
        Ok(Resting {
            berth,
            poller: Some(poller),
        })
    }

    /// What holds the account's counts against the vendor's, if anything does.
    fn reconciler(
        &self,
        settings: &Settings,
        client: &Arc<Client>,
        memory: Memory,
    ) -> Option<Arc<Mutex<Reconciler>>> {
        let interval = settings.reconcile.interval?;
        let terms = reconcile::Terms::new(&settings.account, &settings.live, interval);
        let terms = terms.showing(settings.metrics.max_series_per_metric);
        let reconciler = Reconciler::new(
            terms,
            Arc::clone(client),
            Arc::clone(&self.store),
            Arc::clone(&self.publisher),
            memory,
            clock::now_ms,
        );
        Some(Arc::new(Mutex::new(reconciler)))
    }
}
