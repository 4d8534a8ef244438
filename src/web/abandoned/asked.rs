//! What the query asks for.

use super::Listed;
use crate::config::as_written;
use crate::events::Call;
use crate::web::Source;
use axum::http::StatusCode;
use std::time::Duration;

const DEFAULT_SINCE: Duration = Duration::from_mins(15);
const PARAMETERS: &str = "`account`, `channel`, `queue`, `since`, `format`";
/// Accounts that a refusal names.
const MOST_NAMED: usize = 10;

pub(super) const ELSEWHERE: &str =
    "no account is counted here: another exporter of those that share the database has them\n";

/// All of it is optional; empty is as good as not there.
#[derive(Debug, PartialEq)]
pub(super) struct Asked {
    pub account: Option<String>,
    pub channel: Option<String>,
    pub queue: Option<String>,
    pub since: Duration,
    /// `None`: whatever the client prefers.
    pub as_page: Option<bool>,
}

/// Why nothing is listed.
#[derive(Debug, PartialEq)]
pub(super) struct Refusal {
    pub status: StatusCode,
    pub why: String,
}

impl Refusal {
    pub(super) fn not_found(why: impl Into<String>) -> Refusal {
        Refusal {
            status: StatusCode::NOT_FOUND,
            why: why.into(),
        }
    }

    fn bad(why: String) -> Refusal {
        Refusal {
            status: StatusCode::BAD_REQUEST,
            why,
        }
    }
}

impl Asked {
    pub(super) fn read(query: &str, longest_s: i64) -> Result<Asked, Refusal> {
        let mut asked = Asked {
            account: None,
            channel: None,
            queue: None,
            since: DEFAULT_SINCE.min(longest(longest_s)),
            as_page: None,
        };
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let value = value.trim();
            let text = || (!value.is_empty()).then(|| value.to_owned());
            match &*name {
                "account" => asked.account = text(),
                "channel" => asked.channel = text(),
                "queue" => asked.queue = text(),
                "since" if value.is_empty() => {}
                "since" => asked.since = since(value, longest_s)?,
                "format" => asked.as_page = format(value)?,
                other => {
                    let other: String = other.chars().take(40).collect();
                    let why = format!("`{other}` is no parameter; allowed: {PARAMETERS}\n");
                    return Err(Refusal::bad(why));
                }
            }
        }
        Ok(asked)
    }

    pub(super) fn fits(&self, call: &Call) -> bool {
        let is = |wanted: &Option<String>, found: &str| {
            wanted.as_ref().is_none_or(|wanted| wanted == found)
        };
        is(&self.channel, &call.channel) && is(&self.queue, &call.queue)
    }
}

fn longest(longest_s: i64) -> Duration {
    Duration::from_secs(longest_s.max(0).unsigned_abs())
}

fn since(text: &str, longest_s: i64) -> Result<Duration, Refusal> {
    let longest = longest(longest_s);
    match humantime::parse_duration(text) {
        Ok(since) if !since.is_zero() && since <= longest => Ok(since),
        _ => {
            let text: String = text.chars().take(40).collect();
            let longest = as_written(longest);
            Err(Refusal::bad(format!(
                "`since` is `{text}`; allowed: a duration such as `15m`, at most `{longest}`, the longest of `metrics.windows`\n"
            )))
        }
    }
}

fn format(text: &str) -> Result<Option<bool>, Refusal> {
    match text {
        "" => Ok(None),
        "html" => Ok(Some(true)),
        "json" => Ok(Some(false)),
        _ => {
            let text: String = text.chars().take(40).collect();
            let why = format!("`format` is `{text}`; allowed: `html`, `json`\n");
            Err(Refusal::bad(why))
        }
    }
}

/// Whether an account is counted here.
pub(super) fn is_here(name: &str, source: &dyn Source, accounts: &[Listed]) -> Result<(), Refusal> {
    if accounts.iter().any(|(account, _)| **account == *name) {
        return Ok(());
    }
    let elsewhere = source.elsewhere();
    if let Some((_, holder)) = elsewhere.iter().find(|(account, _)| **account == *name) {
        let holder = holder
            .as_ref()
            .map_or_else(String::new, |it| format!(": {it}"));
        let why = format!("`{name}` is counted by another exporter{holder}; hint: ask that one\n");
        return Err(Refusal::not_found(why));
    }
    let named: Vec<String> = accounts
        .iter()
        .take(MOST_NAMED)
        .map(|(account, _)| format!("`{account}`"))
        .collect();
    let (name, named): (String, _) = (name.chars().take(128).collect(), named.join(", "));
    let why = format!("no account is called `{name}`; there are: {named}\n");
    Err(Refusal::not_found(why))
}
