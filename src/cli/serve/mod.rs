//! `serve`: everything joined together, until a signal comes.

mod house;
mod reload;

pub(super) use reload::Reloads;

use super::arguments::Source;
use super::until_stopped::{OnHangup, Told, listen};
use super::{Failure, state};
use crate::client::RequestResult;
use crate::clock;
use crate::config::{self, Config, Storage};
use crate::fact::{Field, Kind};
use crate::fleet::{Fleet, FleetError};
use crate::metrics::own::{Build, Vocabulary};
use crate::metrics::{Own, Publisher};
use crate::store::{Place, Store};
use crate::telemetry;
use crate::web::{self, Gate};
use anyhow::Context;
use arc_swap::ArcSwapOption;
use house::House;
use reload::{Reloader, asking};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

const VERSION: &str = env!("CARGO_PKG_VERSION");
const REVISION: &str = match option_env!("SMARTASSIST_EXPORTER_REVISION") {
    Some(revision) => revision,
    None => "unknown",
};

/// Series that stood at 0 show their value at most this late.
const TICK: Duration = Duration::from_secs(1);

pub(super) fn run(
    source: &Source,
    logs: telemetry::Options,
    lifecycle: bool,
    rebuild: bool,
) -> Result<(), Failure> {
    let flags = source.flags();
    let hangup = Arc::new(Notify::new());
    let listening = listen(Told::log, OnHangup::Notify(Arc::clone(&hangup)))?;
    let (config, warnings) = config::load(&flags, |name| std::env::var_os(name))?;
    let gate = Gate::load(source.web_config_file.as_deref(), config.web.open_health)?;
    let telemetry = telemetry::init(&logs).map_err(anyhow::Error::from)?;
    for warning in warnings.iter().chain(&gate.warnings()) {
        tracing::warn!("{}", warning.in_a_line());
    }
    if rebuild {
        state::rebuild(&config)?;
    }
    let reloads = Reloads {
        flags,
        hangup,
        lifecycle: lifecycle.then(|| telemetry.log_level()),
    };
    let served = listening.run(|stop| {
        serve(
            config,
            gate,
            Some(reloads),
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
    gate: Arc<Gate>,
    reloads: Option<Reloads>,
    stop: CancellationToken,
    listening: impl FnOnce(SocketAddr) + Send,
) -> anyhow::Result<()> {
    let place = Place::of(&config.storage)?;
    tracing::info!(
        version = VERSION,
        revision = REVISION,
        accounts = config.accounts.len(),
        storage = %place,
        "starting"
    );
    // First of all the port: whoever started a second one wants to hear that, and nothing else to happen.
    let listener = web::bind(config.web.listen_address).await?;
    let address = listener
        .local_addr()
        .context("cannot tell the listen address")?;
    if let Some(warning) = gate.exposed(address) {
        tracing::warn!("{warning}");
    }
    let own = Arc::new(Own::new(build(), vocabulary()));
    let publisher = Arc::new(Publisher::new(Arc::clone(&own), config.metrics.zero_first));
    let store = tokio::task::block_in_place(|| open(place, &config.storage))?;
    let fleet = Arc::new(Fleet::new(
        Arc::new(store),
        Arc::clone(&own),
        Arc::clone(&publisher),
        stop.clone(),
    ));
    match fleet.follow(&config).await {
        Err(FleetError::Stopping) => return Ok(()),
        followed => followed?,
    };
    let looking = fleet.look_first().await;
    own.configured(clock::now_s());
    gate.tells(Arc::clone(&own));
    let (lifecycle, asks) = reloads
        .as_ref()
        .and_then(|reloads| reloads.lifecycle.clone())
        .map(asking)
        .unzip();
    let pushing = telemetry::push_metrics(&publisher, &own, &stop);
    let house = Arc::new(House {
        publisher,
        fleet: Arc::clone(&fleet),
        was_ready: AtomicBool::new(false),
        lifecycle: lifecycle.map(|it| Box::new(it) as _),
        gate: Arc::clone(&gate),
        not_reloaded: ArcSwapOption::empty(),
    });
    let reloader = Reloader {
        own,
        house: Arc::clone(&house),
        config,
    };
    let reloading = reloads.map(|reloads| {
        tokio::spawn(reloader.run(reloads.flags, reloads.hangup, asks, stop.clone()))
    });
    let looking = tokio::spawn(Arc::clone(&fleet).look_after(looking));
    let ticking = tokio::spawn(tick(Arc::clone(&fleet), stop.clone()));
    listening(address);
    web::serve(listener, web::router(house), gate, stop).await;
    // A reload under way ends first, or it would start what nobody waits for.
    if let Some(reloading) = reloading {
        reloading.await?;
    }
    // A poll under way leaves a commit behind it, or none.
    fleet.ended().await;
    looking.await?;
    ticking.await?;
    pushing.end().await;
    Ok(())
}

fn open(place: Place, storage: &Storage) -> anyhow::Result<Store> {
    Store::open(place).with_context(|| match &storage.url {
        None => format!("cannot use `storage.path` `{}`", storage.path.display()),
        Some(url) => format!("cannot use `storage.url` `{url}`"),
    })
}

async fn tick(fleet: Arc<Fleet>, stop: CancellationToken) {
    while stop
        .run_until_cancelled(tokio::time::sleep(TICK))
        .await
        .is_some()
    {
        tokio::task::block_in_place(|| fleet.tick(Instant::now()));
    }
}

fn build() -> Build {
    Build {
        version: VERSION.to_owned(),
        revision: REVISION.to_owned(),
    }
}

fn vocabulary() -> Vocabulary {
    // What v2 alone tells is never taken back, since v1 lacks it.
    let revisable = Kind::ALL.iter().filter(|kind| !kind.is_of_v2());
    Vocabulary {
        requests: RequestResult::ALL.map(RequestResult::as_str).to_vec(),
        fields: Field::ALL.iter().map(|field| field.as_str()).collect(),
        facts: revisable.map(|kind| kind.as_str()).collect(),
    }
}
