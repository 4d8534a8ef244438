//! `serve`: everything joined together, until a signal comes.

use super::until_stopped::{Told, listen};
use super::{Failure, glance};
use crate::client::{Client, Limits, RequestResult};
use crate::clock;
use crate::config::{self, Config, Flags};
use crate::fact::{Field, Kind};
use crate::live::{self, Board, Collector};
use crate::metrics::own::{Build, Vocabulary};
use crate::metrics::{Encoding, Own, Publisher, Scrape};
use crate::poller::{self, AccountPoller, RequestMetrics, Status, Surroundings};
use crate::store::Store;
use crate::telemetry;
use crate::web::{self, AccountStatus, Source, Wall};
use anyhow::Context;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

const VERSION: &str = env!("CARGO_PKG_VERSION");
const REVISION: &str = match option_env!("SMARTASSIST_EXPORTER_REVISION") {
    Some(revision) => revision,
    None => "unknown",
};

/// Series that stood at 0 show their value at most this late.
const TICK: Duration = Duration::from_secs(1);

pub(super) fn run(flags: &Flags, logs: telemetry::Options) -> Result<(), Failure> {
    let listening = listen(Told::log)?;
    let (config, warnings) = config::load(flags, |name| std::env::var_os(name))?;
    let telemetry = telemetry::init(&logs).map_err(anyhow::Error::from)?;
    for warning in &warnings {
        tracing::warn!("{}", warning.in_a_line());
    }
    let served = listening.run(|stop| {
        serve(
            config,
            stop,
            |address| tracing::info!(%address, "listening"),
        )
    });
    if served.is_ok() {
        tracing::info!("stopped");
    }
    telemetry.shutdown();
    Ok(served?)
}

/// Serves until `stop` is cancelled. `listening` is told the address once requests are answered.
pub(super) async fn serve(
    config: Config,
    stop: CancellationToken,
    listening: impl FnOnce(SocketAddr) + Send,
) -> anyhow::Result<()> {
    tracing::info!(
        version = VERSION,
        revision = REVISION,
        accounts = config.accounts.len(),
        storage = %config.storage.path.display(),
        "starting"
    );
    // First of all the port: whoever started a second one wants to hear that, and nothing else to happen.
    let listener = web::bind(config.web.listen_address).await?;
    let address = listener
        .local_addr()
        .context("cannot tell the listen address")?;
    let own = Arc::new(Own::new(build(), vocabulary()));
    let publisher = Arc::new(Publisher::new(Arc::clone(&own), config.metrics.zero_first));
    let store =
        tokio::task::block_in_place(|| Store::open(&config.storage.path)).with_context(|| {
            format!(
                "cannot use `storage.path` `{}`",
                config.storage.path.display()
            )
        })?;
    tokio::task::block_in_place(|| tidy(&config, &store));
    let accounts = open(&config, &Arc::new(store), &own, &publisher)?;
    let house = Arc::new(House {
        publisher: Arc::clone(&publisher),
        accounts: accounts.iter().map(Opened::shown).collect(),
        alive: AtomicBool::new(true),
    });
    let mut loops = JoinSet::new();
    let boards = accounts
        .iter()
        .map(|opened| Arc::clone(&opened.live))
        .collect();
    for opened in accounts {
        for collector in opened.collectors {
            let status = opened.status.clone();
            let may_read = move || status.borrow().leaves_time_for_now();
            loops.spawn(collector.run(may_read, stop.clone()));
        }
        loops.spawn(opened.poller.run(stop.clone()));
    }
    loops.spawn(tick(publisher, boards, stop.clone()));
    let watch = tokio::spawn(watch_loops(loops, Arc::clone(&house), stop.clone()));
    listening(address);
    web::serve(listener, web::router(house), stop).await;
    // A poll under way leaves a commit behind it, or none.
    Ok(watch.await?)
}

/// What was taken out of the configuration is forgotten in time. No reason not to start.
fn tidy(config: &Config, store: &Store) {
    match poller::forget_strangers(store, &config.accounts, &config.poll, clock::now_s()) {
        Ok(0) => {}
        Ok(conversations) => tracing::info!(
            conversations,
            "forgot old conversations of accounts that are not configured; their counts stay"
        ),
        Err(error) => tracing::warn!(
            error = %crate::chain::chain(&error),
            "old conversations of accounts that are not configured cannot be forgotten"
        ),
    }
}

/// An account, ready to be polled.
struct Opened {
    name: Arc<str>,
    poller: AccountPoller,
    status: watch::Receiver<Status>,
    live: Arc<Board>,
    collectors: Vec<Collector>,
}

impl Opened {
    fn shown(&self) -> ShownAccount {
        ShownAccount {
            name: Arc::clone(&self.name),
            status: self.status.clone(),
            live: Arc::clone(&self.live),
        }
    }
}

fn open(
    config: &Config,
    store: &Arc<Store>,
    own: &Arc<Own>,
    publisher: &Arc<Publisher>,
) -> anyhow::Result<Vec<Opened>> {
    let open = |account: &config::Account| {
        let _told = tracing::info_span!("open", account = account.name).entered();
        let metrics = own.account(&account.name);
        let observer = Arc::new(RequestMetrics(Arc::clone(&metrics)));
        let client = Client::new(account, Limits::default(), clock::now_ms, observer)?;
        let client = Arc::new(client);
        let policy = poller::policy(account, &config.metrics);
        let terms = live::Terms::new(&config.live, &config.poll, &policy);
        let publisher = Arc::clone(publisher);
        let board = Board::new(&account.name, terms, Arc::clone(&publisher), clock::now_ms);
        let board = Arc::new(board);
        let collectors = Collector::of(&client, &board, &config.live, clock::now_ms);
        let surroundings = Surroundings {
            client,
            live: Arc::clone(&board),
            store: Arc::clone(store),
            publisher,
            own: metrics,
            wall_clock: clock::now_ms,
        };
        let (poller, status) = tokio::task::block_in_place(|| {
            AccountPoller::open(
                account,
                &config.poll,
                &config.metrics,
                &config.alerts,
                surroundings,
            )
        })
        .with_context(|| format!("cannot load the account `{}`", account.name))?;
        Ok(Opened {
            name: account.name.as_str().into(),
            poller,
            status,
            live: board,
            collectors,
        })
    };
    config.accounts.iter().map(open).collect()
}

/// What the web serves.
struct House {
    publisher: Arc<Publisher>,
    accounts: Vec<ShownAccount>,
    /// False once a loop has ended that should not have.
    alive: AtomicBool,
}

struct ShownAccount {
    name: Arc<str>,
    status: watch::Receiver<Status>,
    live: Arc<Board>,
}

impl Source for House {
    fn metrics(&self, encoding: Encoding) -> Scrape {
        self.publisher.page(encoding, Instant::now())
    }

    fn accounts(&self) -> Vec<AccountStatus> {
        let status = |account: &ShownAccount| AccountStatus {
            name: Arc::clone(&account.name),
            status: account.status.borrow().clone(),
            live: account.live.sources(),
        };
        self.accounts.iter().map(status).collect()
    }

    fn wall(&self) -> Wall {
        let shown = |account: &ShownAccount| {
            let status = account.status.borrow().clone();
            glance::account(&account.name, status, &account.live.present())
        };
        Wall {
            now_s: clock::now_s(),
            accounts: self.accounts.iter().map(shown).collect(),
        }
    }

    fn healthy(&self) -> bool {
        self.alive.load(Ordering::Relaxed)
    }
}

async fn tick(publisher: Arc<Publisher>, boards: Vec<Arc<Board>>, stop: CancellationToken) {
    while stop
        .run_until_cancelled(tokio::time::sleep(TICK))
        .await
        .is_some()
    {
        // It may render.
        tokio::task::block_in_place(|| {
            publisher.tick(Instant::now());
            boards.iter().for_each(|board| board.tick(Instant::now()));
        });
    }
}

/// A loop that ends without being told to is a bug; the health check then fails, so that somebody starts us anew.
async fn watch_loops(mut loops: JoinSet<()>, house: Arc<House>, stop: CancellationToken) {
    while let Some(ended) = loops.join_next().await {
        if !stop.is_cancelled() {
            house.alive.store(false, Ordering::Relaxed);
            let why = ended
                .err()
                .map_or_else(String::new, |panic| panic.to_string());
            tracing::error!(why, "a loop ended by itself; /-/healthy fails from now on");
        }
    }
}

fn build() -> Build {
    Build {
        version: VERSION.to_owned(),
        revision: REVISION.to_owned(),
    }
}

fn vocabulary() -> Vocabulary {
    Vocabulary {
        requests: RequestResult::ALL.map(RequestResult::as_str).to_vec(),
        fields: Field::ALL.iter().map(|field| field.as_str()).collect(),
        facts: Kind::ALL.iter().map(|kind| kind.as_str()).collect(),
    }
}
