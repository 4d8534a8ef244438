//! `simulate`: the simulated contact centre alone, with the vendor's interface over it.

mod centre;
mod values;

pub(super) use centre::Centre;
pub(super) use values::faults_help;

use super::until_stopped::{OnHangup, Told, listen};
use super::{complain, say};
use crate::config::as_written;
use crate::simulator::http::Reading;
use crate::simulator::{Contract, Simulator, serve};
use anyhow::Context;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

const EXAMPLES: &str = "\
Examples:
  smartassist-exporter simulate
      a day of an ordinary centre, and on from there
  smartassist-exporter simulate --scenario=abandonment-spike --scenario-start=2m --scenario-duration=15m
      in two minutes most of the staff walks out
  smartassist-exporter simulate --fault=429=0.05 --fault=queue-performance:timeout=0.01
      interfaces that misbehave: all of them, and one alone

While it runs, `/control` on the same address changes what happens, such as
  curl -d '{\"name\": \"outage\", \"for\": \"5m\"}' -H 'content-type: application/json' http://127.0.0.1:10721/control/scenario
  curl -d '{\"503\": 0.2}' -H 'content-type: application/json' http://127.0.0.1:10721/control/faults
  curl -d '{\"page-cap\": 50}' -H 'content-type: application/json' http://127.0.0.1:10721/control/reading
  curl http://127.0.0.1:10721/control/truth
Only this machine may do so, unless `--control.beyond-loopback` lets everybody who reaches the address.";

/// Simulate a contact centre with the vendor's interface, to try the exporter without an account.
///
/// Customers arrive by the hour of the day, meet the bot, wait in queues, lose patience; agents pick up, ignore offers,
/// transfer and wrap up; surveys come in late. The interface keeps the vendor's limits and token check, and misbehaves
/// on demand. The same seed makes the same centre.
#[derive(Debug, Clone, clap::Args)]
#[command(after_long_help = format!("{EXAMPLES}\n\n{}\n\n{}", values::faults_help(), values::oddities_help()))]
pub(super) struct Args {
    /// Address to serve on.
    #[arg(
        long = "web.listen-address",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:10721"
    )]
    pub listen_address: SocketAddr,

    /// Let whoever reaches the address use `/control`, not this machine alone.
    #[arg(long = "control.beyond-loopback")]
    pub control_beyond_loopback: bool,

    #[command(flatten)]
    pub centre: Centre,

    #[command(flatten)]
    pub limits: Limits,

    #[command(flatten)]
    pub reading: Reading,
}

/// Whom the simulated interface serves, and how often.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "The simulated interface")]
pub(super) struct Limits {
    /// Refuse tokens without a `jti`, or with one seen before.
    #[arg(long)]
    pub enforce_jti: bool,

    /// Requests a minute for the whole account.
    #[arg(long, value_name = "NUMBER", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
    pub requests_per_minute: u32,

    /// Status of the answer beyond them.
    #[arg(long, value_name = "STATUS", default_value_t = 429, value_parser = clap::value_parser!(u16).range(200..600))]
    pub rate_limit_status: u16,
}

impl Args {
    fn contract(&self) -> Contract {
        Contract {
            requests_per_minute: self.limits.requests_per_minute,
            rate_limit_status: self.limits.rate_limit_status,
            enforce_jti: self.limits.enforce_jti,
            control_beyond_loopback: self.control_beyond_loopback,
            reading: self.reading.clone(),
            ..Contract::default()
        }
    }

    fn simulator(&self) -> Result<Arc<Simulator>, anyhow::Error> {
        self.centre.simulator(self.contract())
    }
}

/// Serves until SIGTERM or SIGINT.
pub(super) fn run(args: &Args) -> Result<(), anyhow::Error> {
    let tell = |told| {
        if told == Told::HangupIgnored {
            complain("SIGHUP is ignored: there is nothing to read anew");
        }
    };
    listen(tell, OnHangup::Ignore)?.run(|stop| simulate(args.clone(), stop))
}

async fn simulate(args: Args, stop: CancellationToken) -> Result<(), anyhow::Error> {
    let listener = TcpListener::bind(args.listen_address).await;
    let listener =
        listener.with_context(|| format!("cannot listen on `{}`", args.listen_address))?;
    let address = listener
        .local_addr()
        .context("cannot tell the listen address")?;
    let simulator = args.simulator()?;
    say(&introduction(address, &simulator, &args))?;
    Ok(serve(listener, simulator, stop).await?)
}

fn introduction(address: SocketAddr, simulator: &Simulator, args: &Args) -> String {
    let contract = simulator.contract();
    let faults = if args.centre.faults.is_empty() {
        "none".to_owned()
    } else {
        args.centre
            .faults
            .iter()
            .map(|(aim, rate)| format!("{aim}={rate}"))
            .collect::<Vec<_>>()
            .join(" ")
    };
    format!(
        "A simulated contact centre is open on http://{address}
  history    {history} at {rate} conversations an hour, seed {seed}: {conversations} conversations so far
  scenario   {scenario}, faults: {faults}

Run the exporter on it (the secret is made up and protects nothing):
  SMARTASSIST_URL=http://{address} \\
  SMARTASSIST_ACCOUNT_ID={account} \\
  SMARTASSIST_STREAM_ID={stream} \\
  SMARTASSIST_CLIENT_ID={client} \\
  SMARTASSIST_CLIENT_SECRET={secret} \\
  smartassist-exporter serve

Change what happens: see `smartassist-exporter simulate --help`. Stop with Ctrl-C.",
        history = as_written(args.centre.history),
        rate = args.centre.rate,
        seed = args.centre.seed,
        conversations = simulator.conversations(),
        scenario = args.centre.scenario,
        account = contract.account_id,
        stream = contract.stream_id,
        client = contract.client_id,
        secret = contract.client_secret,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::http::Zone;
    use clap::Parser;

    #[derive(Parser)]
    struct Alone {
        #[command(flatten)]
        args: Args,
    }

    fn args(words: &[&str]) -> Args {
        Alone::try_parse_from([&["simulate"], words].concat())
            .unwrap_or_else(|refused| panic!("{refused}"))
            .args
    }

    /// 2025-10-01T23:45:00Z.
    const NOW_MS: i64 = 1_759_362_300_000;

    #[test]
    fn a_day_at_a_thousand_an_hour_is_lived_and_told() {
        let args = args(&["--rate=1000"]);
        let simulator = args.simulator().expect("no fault is asked for");
        assert!(
            (20_000..28_000).contains(&simulator.conversations()),
            "{}",
            simulator.conversations()
        );
        let told = introduction(args.listen_address, &simulator, &args);
        assert!(
            told.contains("http://127.0.0.1:10721")
                && told.contains(&simulator.contract().client_secret)
        );
    }

    #[test]
    fn the_wall_clock_shows_the_time_asked_for_at_the_start() {
        let plan = args(&["--local-time=11:00"]).centre.plan(NOW_MS);
        let shown_minutes =
            (NOW_MS / 60_000 + i64::from(plan.local_offset_minutes)).rem_euclid(24 * 60);
        assert_eq!(shown_minutes, 11 * 60);
        assert_eq!(plan.start_ms, NOW_MS - 86_400_000);
    }

    #[test]
    fn a_scenario_may_begin_in_the_past() {
        let plan = args(&[
            "--scenario=abandonment-spike",
            "--scenario-start=-2h",
            "--scenario-queue=Sales",
        ])
        .centre
        .plan(NOW_MS);
        assert_eq!(plan.scenario.start_ms, NOW_MS - 7_200_000);
        assert_eq!(plan.scenario.queue, Some(2));
    }

    #[test]
    fn readings_are_flags() {
        let reading = args(&[
            "--zone=-03:00",
            "--page-cap=50",
            "--filter-after-paging=0.01",
            "--unreadable=2025-10-01T23:00:00Z+1s",
            "--lag=20s",
        ])
        .contract()
        .reading;
        assert_eq!(reading.zone, Zone::Fixed(-180));
        assert_eq!(reading.page_cap, Some(50));
        assert_eq!(reading.unreadable.len(), 1);
        assert_eq!(reading.lag.as_secs(), 20);
        assert_eq!(args(&[]).reading, Reading::default());
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for bad in [
            "--zone=IST",
            "--page-cap=0",
            "--filter-after-paging=0.9",
            "--unreadable=noon",
            "--rate=0",
            "--rate=NaN",
            "--fault=429=7",
            "--fault=teapot=1",
            "--fault=wall:429=1",
            "--history=400d",
            "--scenario=party",
            "--local-time=25:00",
            "--scenario-queue=Lobby",
            "--select=middle",
            "--requests-per-minute=0",
        ] {
            assert!(Alone::try_parse_from(["simulate", bad]).is_err(), "{bad}");
        }
    }
}
