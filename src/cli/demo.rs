//! `demo`: the simulated contact centre and the exporter on it in one process, no account needed.

use super::serve::serve;
use super::simulate::Centre;
use super::until_stopped::{self, OnHangup, Told};
use super::{Failure, say};
use crate::config::{self, Config, Flags, Output, as_written, listen};
use crate::simulator::{self, Contract};
use crate::telemetry;
use crate::web::Gate;
use anyhow::Context;
use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// The vendor allows 60. The demonstration reads a day within seconds instead of minutes.
const REQUESTS_PER_MINUTE: u32 = 1200;
/// Fresher than the default: somebody is watching.
const INTERVAL: Duration = Duration::from_secs(5);

/// Run a simulated contact centre and the exporter on it: no account needed.
///
/// A day of history, several queues and channels, surveys and callbacks; within seconds on /metrics, and growing in real
/// time. Only the request limit is raised above the vendor's 60 a minute, so that nobody has to wait.
#[derive(Debug, Clone, clap::Args)]
#[command(after_long_help = super::simulate::faults_help())]
pub(super) struct Args {
    /// Address to serve on [default: 127.0.0.1:10720]
    #[arg(long = "web.listen-address", value_name = "ADDRESS", value_parser = listen::from_flag)]
    listen_address: Option<SocketAddr>,

    /// Address of the simulated interface [default: a free port on loopback]
    #[arg(long = "simulator.listen-address", value_name = "ADDRESS")]
    simulator_address: Option<SocketAddr>,

    /// Let whoever reaches that address use `/control`, not this machine alone
    #[arg(long = "control.beyond-loopback")]
    control_beyond_loopback: bool,

    /// Folder of the exporter's state [default: a temporary one, removed at the end]
    #[arg(long = "storage.path", value_name = "FOLDER")]
    storage: Option<PathBuf>,

    #[command(flatten)]
    centre: Centre,

    #[command(flatten)]
    logs: telemetry::Options,
}

/// Serves both until SIGTERM or SIGINT.
pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let listening = until_stopped::listen(Told::log, OnHangup::Ignore)?;
    let telemetry = telemetry::init(&args.logs).map_err(anyhow::Error::from)?;
    let storage = args.storage.clone().unwrap_or_else(temporary_folder);
    let demonstrated = listening.run(|stop| demonstrate(args.clone(), storage.clone(), stop));
    if args.storage.is_none() {
        // What is left behind in the folder for temporary files is not worth a failure.
        std::fs::remove_dir_all(&storage).ok();
    }
    telemetry.shutdown();
    Ok(demonstrated?)
}

async fn demonstrate(args: Args, storage: PathBuf, stop: CancellationToken) -> anyhow::Result<()> {
    let wanted = args
        .simulator_address
        .unwrap_or((Ipv4Addr::LOCALHOST, 0).into());
    let listener = TcpListener::bind(wanted).await;
    let listener = listener.with_context(|| format!("cannot listen on `{wanted}`"))?;
    let address = listener
        .local_addr()
        .context("cannot tell the simulator's address")?;
    let contract = Contract {
        requests_per_minute: REQUESTS_PER_MINUTE,
        control_beyond_loopback: args.control_beyond_loopback,
        ..Contract::default()
    };
    let config = config(&args, &contract, address, &storage)?;
    let begun = Instant::now();
    let simulator = args.centre.simulator(contract)?;
    say(&format!(
        "A contact centre was simulated in {:.1} s: {} conversations of the last {}, {} an hour, scenario `{}`.",
        begun.elapsed().as_secs_f64(),
        simulator.conversations(),
        as_written(args.centre.history),
        args.centre.rate,
        args.centre.scenario,
    ))?;
    let simulating = tokio::spawn(simulator::serve(listener, simulator, stop.clone()));
    let served = serve(config, Gate::open(), None, stop.clone(), |exporter| {
        // Nobody reading is no reason to stop.
        say(&introduction(exporter, address)).ok();
    })
    .await;
    stop.cancel();
    simulating.await??;
    served
}

/// The exporter's defaults, and one account: the simulated one.
fn config(
    args: &Args,
    contract: &Contract,
    simulator: SocketAddr,
    storage: &Path,
) -> anyhow::Result<Config> {
    let flags = Flags {
        file: None,
        listen_address: args.listen_address,
    };
    let environment = |name: &str| {
        let value = match name {
            "SMARTASSIST_URL" => format!("http://{simulator}"),
            "SMARTASSIST_ACCOUNT_ID" => contract.account_id.clone(),
            "SMARTASSIST_STREAM_ID" => contract.stream_id.clone(),
            "SMARTASSIST_CLIENT_ID" => contract.client_id.clone(),
            "SMARTASSIST_CLIENT_SECRET" => contract.client_secret.clone(),
            _ => return None,
        };
        Some(OsString::from(value))
    };
    let (mut config, _warnings) = config::load(&flags, environment)?;
    for account in &mut config.accounts {
        "demo".clone_into(&mut account.name);
        account.requests_per_minute = REQUESTS_PER_MINUTE;
    }
    config.poll.interval = INTERVAL;
    config.storage.path = storage.to_path_buf();
    config.events.abandoned = Some(Output::File(storage.join("abandoned.jsonl")));
    Ok(config)
}

fn temporary_folder() -> PathBuf {
    std::env::temp_dir().join(format!("smartassist-exporter-demo-{}", std::process::id()))
}

fn introduction(exporter: SocketAddr, simulator: SocketAddr) -> String {
    format!(
        "
Look here; the day is read within half a minute, and counters show once it is:
  http://{exporter}/metrics   the metrics
  http://{exporter}/          what this is, and how the account is doing
  http://{exporter}/wall      the queue now, for a screen on the wall
  http://{exporter}/abandoned who hung up lately, with ids alone

Try these:
  curl -s http://{exporter}/metrics | grep smartassist_recent_abandonment_ratio
  curl -d '{{\"name\": \"abandonment-spike\"}}' -H 'content-type: application/json' http://{simulator}/control/scenario
      most of the staff walks out for 20 minutes
  curl http://{simulator}/control/truth
      what happened, counted without the exporter

The interface is simulated on http://{simulator}; its limit is {REQUESTS_PER_MINUTE} requests a minute where the vendor's is 60.
Stop with Ctrl-C."
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Alone {
        #[command(flatten)]
        args: Args,
    }

    #[test]
    fn the_demonstration_is_configured_like_any_account_only_faster() {
        let Alone { args } = Alone::parse_from(["demo", "--web.listen-address=127.0.0.1:0"]);
        let simulator: SocketAddr = ([127, 0, 0, 1], 4711).into();
        let contract = Contract::default();
        let config = config(&args, &contract, simulator, Path::new("/nowhere")).unwrap();
        let account = &config.accounts[0];
        assert_eq!(account.url.as_str(), "http://127.0.0.1:4711/");
        assert_eq!(
            (&account.account_id, &account.stream_id),
            (&contract.account_id, &contract.stream_id)
        );
        assert_eq!(config.poll.interval, INTERVAL);
        assert_eq!(config.storage.path, Path::new("/nowhere"));
        assert_eq!(config.web.listen_address.port(), 0);
    }
}
