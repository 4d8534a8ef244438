//! What can be said on the command line, and the help that explains it.

use super::{backfill, demo, doctor, explain, reconcile, replay, simulate, state};
use crate::config::{Flags, listen};
use crate::telemetry;
use clap::{Args, Parser, Subcommand};
use std::net::SocketAddr;
use std::path::PathBuf;

const ENVIRONMENT: &str = "\
Environment (one account named `default`, where the configuration file has no `accounts`):
  SMARTASSIST_URL                  such as https://platform.kore.ai
  SMARTASSIST_ACCOUNT_ID           sent as the header `accountId`
  SMARTASSIST_STREAM_ID            sent as the header `iId`, such as st-…
  SMARTASSIST_CLIENT_ID            the app's client id, such as cs-…
  SMARTASSIST_CLIENT_SECRET        its secret, or
  SMARTASSIST_CLIENT_SECRET_FILE   a file that holds it

Environment (the database, where the file has neither `storage.url` nor `storage.path`, and its password):
  SMARTASSIST_STORAGE_URL          such as postgres://smartassist@db.example/smartassist
  SMARTASSIST_STORAGE_PASSWORD     of the database's user, or
  SMARTASSIST_STORAGE_PASSWORD_FILE
                                   a file that holds it; without both, PGPASSWORD

Environment of every command that asks somebody:
  HTTPS_PROXY, HTTP_PROXY          HTTP proxy for https and http; also in lower case; never for loopback
  ALL_PROXY, NO_PROXY              proxy for both; hosts that are asked without one
  SSL_CERT_FILE, SSL_CERT_DIR      certificates in PEM to trust instead of the system's
  OTEL_EXPORTER_OTLP_ENDPOINT      switches traces on; all of OpenTelemetry's OTEL_* for OTLP hold
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT
                                   pushes what /metrics shows; so does OTEL_METRICS_EXPORTER=otlp

A flag beats the file, the file beats the environment.";

const EXIT_CODES: &str = "\
Exit codes:
  0  done, also after SIGTERM and SIGINT
  1  failed
  2  the arguments or the configuration are wrong";

const EXAMPLES: &str = "\
Examples:
  smartassist-exporter demo
      a simulated contact centre and the exporter on it; no account needed
  smartassist-exporter serve --config.file=smartassist-exporter.yml
      poll the accounts of a configuration and serve http://127.0.0.1:10720/metrics
  smartassist-exporter check --config.file=smartassist-exporter.yml
      say what is wrong with a configuration, all of it at once
  smartassist-exporter doctor --config.file=smartassist-exporter.yml
      examine the accounts before they are counted: one line for each check, ok or what to do
  smartassist-exporter explain response.json
      say how each record of a response is classified, and what it counts for
  smartassist-exporter reconcile --config.file=smartassist-exporter.yml --date=2026-11-26
      hold a day of the counts against the vendor's own numbers
  smartassist-exporter replay history.jsonl --target 0.05
      say when a history of conversations would have paged
  smartassist-exporter backfill --config.file=smartassist-exporter.yml --from 7d --out past.om
      write what was before, for a Prometheus that did not scrape it
  smartassist-exporter state show --config.file=smartassist-exporter.yml
      say how far each account is read, and what the store holds of it
  smartassist-exporter health
      ask the exporter on 127.0.0.1:10720 whether it is alive";

/// Prometheus exporter for Kore.ai SmartAssist contact centres.
///
/// Reads the Call Details API little by little, counts every finished conversation exactly once, and shows the counts
/// on /metrics: abandonment, service level, waits, handle times, surveys, dispositions.
#[derive(Debug, Parser)]
#[command(
    name = "smartassist-exporter",
    version,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = EXIT_CODES,
    after_long_help = format!("{EXAMPLES}\n\n{ENVIRONMENT}\n\n{EXIT_CODES}"),
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Poll the configured accounts and serve /metrics
    ///
    /// Goes on where the process before it stopped. SIGTERM and SIGINT end it within seconds, the last commit kept. SIGHUP
    /// makes it read its configuration again.
    #[command(after_long_help = format!("{ENVIRONMENT}\n\n{EXIT_CODES}"))]
    Serve {
        #[command(flatten)]
        source: Source,
        /// Let whoever may ask change this process: POST or PUT /-/reload, PUT /-/log-level
        #[arg(long = "web.enable-lifecycle")]
        lifecycle: bool,
        /// Where the store is damaged, move it away and begin anew; a sound one is left alone
        ///
        /// Counters then begin at 0. What the API still holds is counted again, back to `poll.initial_lookback`; the log
        /// says what can't be had again.
        #[arg(long = "storage.rebuild")]
        rebuild: bool,
        #[command(flatten)]
        logs: telemetry::Options,
    },
    Demo(demo::Args),
    Simulate(simulate::Args),
    /// Say everything that is wrong with a configuration
    ///
    /// Reads the configuration as `serve` would, with its secret files, and asks nobody else. Warnings and problems go
    /// to standard error; a summary of what would be polled goes to standard output.
    #[command(after_long_help = format!("{ENVIRONMENT}\n\n{EXIT_CODES}"))]
    Check(Source),
    Doctor(doctor::Args),
    Explain(explain::Args),
    Reconcile(reconcile::Args),
    Replay(replay::Args),
    Backfill(backfill::Args),
    State(state::Args),
    /// Ask a running exporter whether it is alive
    ///
    /// For the health check of a container: asks /-/healthy at the listen address (at 127.0.0.1 or ::1 where that is
    /// all interfaces) and ends with 0 if the answer is yes, else with 1. Whether the vendor answers plays no part. With
    /// the `--web.config.file` that `serve` has, it asks over TLS as that says, and needs neither password nor client
    /// certificate.
    Health(Source),
}

/// Where the configuration comes from.
#[derive(Debug, Args)]
pub(super) struct Source {
    /// Configuration in YAML; without it the environment describes one account
    #[arg(long = "config.file", value_name = "PATH")]
    config_file: Option<PathBuf>,
    /// Address to serve on; beats `web.listen_address` [default: 127.0.0.1:10720]
    #[arg(long = "web.listen-address", value_name = "ADDRESS", value_parser = listen::from_flag)]
    listen_address: Option<SocketAddr>,
    /// Who may ask, and over TLS: a file in the format of Prometheus' exporter-toolkit, read again when it changes
    #[arg(long = "web.config.file", value_name = "PATH")]
    pub web_config_file: Option<PathBuf>,
}

impl Source {
    pub(super) fn flags(&self) -> Flags {
        Flags {
            file: self.config_file.clone(),
            listen_address: self.listen_address,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }
}
