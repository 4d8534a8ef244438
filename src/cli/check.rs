//! `check`: a configuration's problems, or what would be done with it.

use super::{Failure, complain, say};
use crate::config::{self, Account, Auth, Config, Flags, Poll};
use std::fmt::Write;
use std::time::Duration;

/// Of a first read-through, what one request is expected to cover while nothing is known of the density.
const FIRST_WINDOW: Duration = Duration::from_secs(15 * 60);

pub(super) fn run(flags: &Flags) -> Result<(), Failure> {
    let loaded = config::load(flags, |name| std::env::var_os(name));
    let warnings = match &loaded {
        Ok((_, warnings)) => warnings,
        Err(invalid) => &invalid.warnings,
    };
    for warning in warnings {
        complain(&format!("warning: {warning}"));
    }
    let (config, _) = loaded?;
    Ok(say(&summary(&config))?)
}

/// What `serve` would do; no secrets.
fn summary(config: &Config) -> String {
    let mut text = String::from("the configuration is valid\n");
    for account in &config.accounts {
        describe(account, &config.poll, &mut text).unwrap_or_default();
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
         serve    http://{}/metrics",
        humantime::format_duration(poll.interval),
        humantime::format_duration(poll.initial_lookback),
        humantime::format_duration(poll.max_lookback),
        windows.join(", "),
        config.storage.path.display(),
        config.web.listen_address,
    ));
    text
}

fn describe(account: &Account, poll: &Poll, text: &mut String) -> std::fmt::Result {
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
        "  asks   {} for `{}`, stream `{}`",
        account.url, account.account_id, account.stream_id
    )?;
    writeln!(text, "  as     {credentials}")?;
    writeln!(
        text,
        "  costs  about {:.0} requests a minute when quiet, at most {budget}",
        quiet(poll)
    )?;
    writeln!(
        text,
        "  first  about {first} requests, {} minutes, until counters show",
        first.div_ceil(u64::from(budget))
    )?;
    let own = [(&account.channels, "channels"), (&account.queues, "queues")];
    for (targets, of) in own.iter().filter(|(targets, _)| !targets.is_empty()) {
        let names: Vec<_> = targets.keys().map(|name| format!("`{name}`")).collect();
        writeln!(text, "  own    targets of the {of} {}", names.join(", "))?;
    }
    match account.time_zone.as_ref().and_then(|zone| zone.iana_name()) {
        Some(zone) => writeln!(text, "  times  of `{zone}` where they name no offset"),
        None => Ok(()),
    }
}

/// Requests a minute where every window is one request: the live edge once an interval, and re-reading. A stretch of
/// age `a` is as long as its allowance `revisit · a` and due once in that time; summed from `interval / revisit`, below
/// which the live edge reads all, this comes to 1 / (revisit · interval).
fn quiet(poll: &Poll) -> f64 {
    let interval_s = poll.interval.as_secs_f64();
    60.0 / interval_s + 60.0 / (poll.revisit * interval_s)
}
