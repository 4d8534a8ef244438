//! `check`: a configuration's problems, or what would be done with it.

use super::arguments::Source;
use super::{Failure, complain, say};
use crate::config::{self, Account, Auth, CallDetails, Config, Metrics, Poll, as_written};
use crate::events::obstacle;
use crate::ledger::BUILT_IN_TARGETS;
use crate::ledger::Target;
use crate::poller;
use crate::web::Gate;
use std::fmt::Write;
use std::time::Duration;

/// Of a first read-through, what one request is expected to cover while nothing is known of the density.
const FIRST_WINDOW: Duration = Duration::from_mins(15);

pub(super) fn run(source: &Source) -> Result<(), Failure> {
    let loaded = config::load(&source.flags(), |name| std::env::var_os(name));
    let warnings = match &loaded {
        Ok((_, warnings)) => warnings,
        Err(invalid) => &invalid.warnings,
    };
    for warning in warnings {
        complain(&format!("warning: {warning}"));
    }
    let (config, _) = loaded?;
    let gate = Gate::load(source.web_config_file.as_deref(), config.web.open_health)?;
    for warning in gate.warnings() {
        complain(&format!("warning: {warning}"));
    }
    if let Some(warning) = gate.exposed(config.web.listen_address) {
        complain(&format!(
            "warning: {}",
            warning.replace("; hint: ", "\n  hint: ")
        ));
    }
    let obstacle = config.events.abandoned.as_ref().and_then(obstacle);
    if let Some(obstacle) = obstacle {
        let warning = obstacle.replace("; hint: ", "\n  hint: ");
        complain(&format!("warning: {warning}"));
    }
    Ok(say(&summary(&config, gate.scheme()))?)
}

/// What `serve` would do; no secrets.
fn summary(config: &Config, scheme: &str) -> String {
    let mut text = String::from("the configuration is valid\n");
    for account in &config.accounts {
        describe(account, &config.poll, &config.metrics, &mut text).unwrap_or_default();
    }
    let poll = &config.poll;
    let windows: Vec<_> = config
        .metrics
        .windows
        .iter()
        .map(|window| window.label.as_str())
        .collect();
    text.push_str(&format!(
        "\npoll     every {}; at first {} back, later up to {}\n\
         windows  {}\n\
         state    {}\n\
         lines    {}\n\
         serve    {scheme}://{}/metrics",
        as_written(poll.interval),
        as_written(poll.initial_lookback),
        as_written(poll.max_lookback),
        windows.join(", "),
        config.storage.place(),
        match &config.events.abandoned {
            Some(output) => format!("of abandoned conversations to `{output}`"),
            None => "of abandoned conversations are not written".to_owned(),
        },
        config.web.listen_address,
    ));
    text
}

fn describe(
    account: &Account,
    poll: &Poll,
    metrics: &Metrics,
    text: &mut String,
) -> std::fmt::Result {
    let credentials = match &account.auth {
        Auth::Mint {
            client_id,
            algorithm,
            jti,
            ..
        } => {
            let algorithm = format!("{algorithm:?}").to_uppercase();
            format!(
                "tokens for `{client_id}`, {algorithm}{}",
                if *jti { ", with jti" } else { "" }
            )
        }
        Auth::TokenFile(path) => format!("token from `{}`", path.display()),
    };
    let budget = account.requests_per_minute;
    let first = poll
        .initial_lookback
        .as_secs()
        .div_ceil(FIRST_WINDOW.as_secs());
    writeln!(text, "\naccount  {}", account.name)?;
    writeln!(
        text,
        "  asks   {} for `{}`, stream `{}`{}",
        account.url,
        account.account_id,
        account.stream_id,
        match account.call_details {
            CallDetails::V1 => "",
            CallDetails::V2 => ", by Call Details v2",
        }
    )?;
    if let Some(authorities) = &account.ca_file {
        let file = authorities.file().display();
        writeln!(text, "  trusts `{file}` beside the system's authorities")?;
    }
    writeln!(text, "  as     {credentials}")?;
    writeln!(
        text,
        "  costs  about {:.0} requests a minute when quiet, at most {budget}",
        quiet(poll)
    )?;
    let minutes = match first.div_ceil(u64::from(budget)) {
        1 => "1 minute".to_owned(),
        minutes => format!("{minutes} minutes"),
    };
    writeln!(
        text,
        "  first  about {first} requests, {minutes}, until counters show"
    )?;
    held_to(account, metrics, text)?;
    match account.time_zone.as_ref().and_then(|zone| zone.iana_name()) {
        Some(zone) => writeln!(text, "  times  of `{zone}` where they name no offset"),
        None => Ok(()),
    }
}

/// The targets as the ledger judges by them: of all, and of what is held to others.
fn held_to(account: &Account, metrics: &Metrics, text: &mut String) -> std::fmt::Result {
    let targets = poller::policy(account, metrics).targets;
    let own = |name: &&str| {
        !account
            .channels
            .keys()
            .any(|own| own.eq_ignore_ascii_case(name))
    };
    let built_in = BUILT_IN_TARGETS.iter().copied().filter(own);
    let all = targets.of(None, None, None);
    let mut line = |name: String, target: Target| {
        writeln!(
            text,
            "  {name:6} abandoned at most {} %, {} % answered within {}, after {} on average, nobody waits longer than {}",
            percent(target.abandonment_ratio),
            percent(target.service_level_ratio),
            span(target.service_level_millis),
            span(target.speed_of_answer_millis),
            span(target.longest_wait_millis),
        )
    };
    line("aims".to_owned(), all)?;
    for name in account.channels.keys().map(String::as_str).chain(built_in) {
        let target = targets.of(Some(name), None, None);
        line(format!("       in `{name}`:"), target)?;
    }
    for name in account.queues.keys() {
        let target = targets.of(None, Some(name), None);
        line(format!("       in queue `{name}`:"), target)?;
    }
    Ok(())
}

/// `0.07` is 7, for all that binary fractions make of it.
fn percent(ratio: f64) -> f64 {
    (ratio * 1e8).round() / 1e6
}

fn span(millis: u64) -> String {
    as_written(Duration::from_millis(millis))
}

/// Requests a minute where every window is one request: the live edge once an interval, and re-reading. A stretch of
/// age `a` is as long as its allowance `revisit · a` and due once in that time; summed from `interval / revisit`, below
/// which the live edge reads all, this comes to 1 / (revisit · interval).
fn quiet(poll: &Poll) -> f64 {
    let interval_s = poll.interval.as_secs_f64();
    60.0 / interval_s + 60.0 / (poll.revisit * interval_s)
}
