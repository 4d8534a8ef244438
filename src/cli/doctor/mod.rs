//! `doctor`: what stands between this machine and an account's numbers, and what its API does where the vendor's page
//! leaves it open. Counts nothing, and writes into no store.
//!
//! Invariants: nothing personal and no secret is said; an account is asked [`MOST_REQUESTS`](ask::MOST_REQUESTS) times at
//! most, within its `requests_per_minute`; the client, the parser and the reading of windows are those of production.
//! What was [`seen`] is gathered by [`ask`], and judged by [`lines`], which is pure.

mod aside;
mod ask;
mod events;
mod experiments;
mod form;
mod lines;
mod network;
mod records;
mod second;
mod seen;
mod store;
#[cfg(test)]
mod tests;
mod web;

use super::arguments::Source;
use super::{Failure, complain, say};
use crate::client::Limits;
use crate::clock::{self, WallClock};
use crate::config::{self, Account, Config};
use anyhow::anyhow;
use clap::ValueEnum;
use form::{Diagnosis, Line, State};
use std::process::ExitCode;

const EXIT_CODES: &str = "\
Exit codes:
  0  all is well; what is `skipped` could not be found out, or is switched off
  1  something is to be done: a check is `warning` or `failed`
  2  the arguments or the configuration are wrong";

/// Examine an account before it is counted: one line for each check, ok or what to do
///
/// Says who may ask this exporter, as `--web.config.file` and the listen address have it, and whether the database of
/// `storage.url` can be used, and whether lines can go where `events.abandoned` says; then tries the way to the API step by step (proxy, name, connection, TLS, token, clock, scopes, stream), reads a few pages,
/// and finds out what the vendor leaves open: what `offset` counts, what `numResults` says, whether short pages end a
/// window, the zone of times, whether running conversations are listed, how late records appear. Asks each account at
/// most 20 times, within its `requests_per_minute`; reads no state and writes none, so that an exporter may run beside
/// it. Shows nothing of what records hold.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES, after_long_help = EXIT_CODES)]
pub(super) struct Args {
    #[command(flatten)]
    source: Source,
    /// Only this account, by its `name`.
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// For people, or for programs: docs/troubleshooting.md tells the form.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    #[default]
    Text,
    Json,
}

/// Examines one account after the other.
pub(super) fn run(args: &Args) -> ExitCode {
    match examine_all(args) {
        Ok(worst) if worst.asks_for_something() => ExitCode::from(1),
        Ok(_) => ExitCode::SUCCESS,
        Err(failure) => super::ended(Err(failure)),
    }
}

/// The worst state of all.
fn examine_all(args: &Args) -> Result<State, Failure> {
    let (config, warnings) = config::load(&args.source.flags(), |name| std::env::var_os(name))?;
    for warning in &warnings {
        complain(&format!("warning: {warning}"));
    }
    let accounts = chosen(&config, args.account.as_deref())?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| anyhow!("cannot start: {error}"))?;
    let web = web::line(&config, args.source.web_config_file.as_deref());
    let own = [
        web,
        store::line(&config.storage),
        events::line(&config.events),
    ];
    if args.format == Format::Text {
        say(&form::own_text(&own))?;
    }
    let (limits, mut all) = (Limits::default(), Vec::new());
    for account in accounts {
        let examining = examine(&config, account, &limits, clock::now_ms);
        let diagnosis = runtime.block_on(examining);
        if args.format == Format::Text {
            say(&form::text(&diagnosis))?;
        }
        all.push(diagnosis);
    }
    if args.format == Format::Json {
        say(&form::json(&own, &all))?;
    }
    let worst = all.iter().map(|account| account.state);
    let own = own.iter().map(|line| line.state);
    Ok(worst.chain(own).max().unwrap_or(State::Ok))
}

pub(super) fn chosen<'c>(
    config: &'c Config,
    name: Option<&str>,
) -> Result<Vec<&'c Account>, Failure> {
    let wanted = |account: &&Account| name.is_none_or(|name| account.name == name);
    let accounts: Vec<_> = config.accounts.iter().filter(wanted).collect();
    match name {
        Some(name) if accounts.is_empty() => {
            let known = config.accounts.iter();
            let known: Vec<_> = known.map(|account| format!("`{}`", account.name)).collect();
            let known = known.join(", ");
            let text = format!("`--account` is `{name}`, which is no account; there are {known}");
            Err(Failure::Usage(text))
        }
        _ => Ok(accounts),
    }
}

async fn examine(
    config: &Config,
    account: &Account,
    limits: &Limits,
    clock: WallClock,
) -> Diagnosis {
    match ask::examine(config, account, limits, clock).await {
        Ok(seen) => Diagnosis::new(&account.name, seen.requests, lines::lines(&seen)),
        // The key is none, or TLS can't be set up: nothing was sent.
        Err(unusable) => {
            let line = Line::new("client", State::Failed, unusable);
            Diagnosis::new(&account.name, 0, vec![line])
        }
    }
}
