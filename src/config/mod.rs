//! Configuration: as written → validated. A [`Config`] that exists is valid.
//!
//! Read from a YAML file; where that has no `accounts`, one account comes from the environment. A flag beats the file,
//! the file beats the environment. Every problem is reported, not the first alone, and no message ever holds a secret.
//! Not here: asking the vendor whether the credentials are any good, and creating what the configuration names.

mod account;
mod auth;
mod document;
mod environment;
pub mod listen;
mod node;
mod problem;
mod scalar;
pub mod secret;
mod section;
mod spelling;
mod targets;
#[cfg(test)]
mod tests;
mod time_zone;

pub use problem::{Invalid, Place, Problem};

use jiff::tz::TimeZone;
use node::{Node, Value};
use problem::Findings;
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use url::Url;

/// A configuration of a megabyte is no configuration.
const LARGEST: u64 = 1024 * 1024;

/// What the command line says about the configuration.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// `--config.file`
    pub file: Option<PathBuf>,
    /// `--web.listen-address`
    pub listen_address: Option<SocketAddr>,
}

/// Reads, validates and joins flags, file and environment; the warnings stand beside the configuration.
///
/// `variable` is the environment: `std::env::var_os`, or a test's.
///
/// # Errors
/// Everything that is wrong, in the order of the file.
pub fn load(
    flags: &Flags,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<(Config, Vec<Problem>), Invalid> {
    let mut findings = Findings::default();
    let written = read(flags.file.as_deref(), &mut findings);
    let config = written.and_then(|written| {
        document::read(
            &written,
            |findings| environment::accounts(variable, findings),
            &mut findings,
        )
    });
    match config {
        Some(mut config) if findings.errors.is_empty() => {
            config.web.listen_address = flags.listen_address.unwrap_or(config.web.listen_address);
            Ok((config, findings.warnings))
        }
        _ => Err(invalid(flags, findings)),
    }
}

/// The listen address alone, for those who only want to ask at it: whatever else is wrong stays unsaid.
///
/// # Errors
/// The file cannot be read, or its listen address is none.
pub fn listen_address(flags: &Flags) -> Result<SocketAddr, Invalid> {
    if let Some(address) = flags.listen_address {
        return Ok(address);
    }
    let mut findings = Findings::default();
    let written = read(flags.file.as_deref(), &mut findings);
    match written.map(|written| document::read_listen_address(&written, &mut findings)) {
        Some(address) if findings.errors.is_empty() => Ok(address),
        _ => Err(invalid(flags, findings)),
    }
}

fn invalid(flags: &Flags, mut findings: Findings) -> Invalid {
    findings.errors.sort_by_key(|problem| problem.place);
    Invalid {
        file: flags.file.clone(),
        problems: findings.errors,
        warnings: findings.warnings,
    }
}

/// The file as written; nothing at all where there is no file.
fn read(file: Option<&Path>, findings: &mut Findings) -> Option<Node> {
    let Some(file) = file else {
        return Some(Node {
            place: Place::Unknown,
            value: Value::Null,
        });
    };
    let parsed = text(file)
        .map_err(|message| Problem {
            place: Place::Unknown,
            message,
            hint: None,
        })
        .and_then(|text| node::parse(&text));
    match parsed {
        Ok(node) => Some(node),
        Err(problem) => {
            findings.errors.push(problem);
            None
        }
    }
}

fn text(file: &Path) -> Result<String, String> {
    let unreadable = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => "there is no such file".to_owned(),
        ErrorKind::InvalidData => "the file is not UTF-8; allowed: YAML in UTF-8".to_owned(),
        _ => format!("the file cannot be read: {error}"),
    };
    let mut text = String::new();
    let file = File::open(file).map_err(unreadable)?;
    file.take(LARGEST + 1)
        .read_to_string(&mut text)
        .map_err(unreadable)?;
    match text.len() as u64 {
        ..=LARGEST => Ok(text),
        _ => Err(format!(
            "the file is too large; allowed: at most {LARGEST} bytes"
        )),
    }
}

#[derive(Debug, Clone)]
pub struct Config {
    pub accounts: Vec<Account>,
    pub poll: Poll,
    pub metrics: Metrics,
    pub storage: Storage,
    pub web: Web,
}

#[derive(Debug, Clone)]
pub struct Account {
    /// The `account` label; unique.
    pub name: String,
    pub url: Url,
    pub account_id: String,
    pub stream_id: String,
    pub auth: Auth,
    /// Our share of the account's 60; at least 1.
    pub requests_per_minute: u32,
    /// The account's targets, all set (defaults filled in).
    pub targets: Targets,
    /// Per channel, by the vendor's word: what is written of its targets. Beats the account's. No two names differ in
    /// case or blanks alone.
    pub channels: BTreeMap<String, TargetsOverride>,
    /// Per queue, by name or id: what is written of its targets. Beats the channel's. No two names differ in case or
    /// blanks alone.
    pub queues: BTreeMap<String, TargetsOverride>,
    /// Where the API's zone-less times are local; without it their offset is measured from session ids.
    pub time_zone: Option<TimeZone>,
}

#[derive(Debug, Clone)]
pub enum Auth {
    /// Tokens minted from the client secret (HS256, HS512) or private key (RS256, RS512).
    Mint {
        client_id: String,
        secret: SecretString,
        algorithm: Algorithm,
        jti: bool,
    },
    /// A token minted elsewhere, read anew from this file whenever it is needed.
    TokenFile(PathBuf),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    Hs256,
    Hs512,
    Rs256,
    Rs512,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Targets {
    /// 0–1; default 0.05.
    pub abandonment_ratio: f64,
    /// Default 20 s.
    pub service_level_within: Duration,
    /// 0–1; default 0.8.
    pub service_level_ratio: f64,
    /// Default 30 s.
    pub speed_of_answer: Duration,
}

/// Targets of a channel or a queue: only those that are written, so that a queue beats its channel and a channel the
/// account one by one.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct TargetsOverride {
    /// 0–1.
    pub abandonment_ratio: Option<f64>,
    pub service_level_within: Option<Duration>,
    /// 0–1.
    pub service_level_ratio: Option<f64>,
    pub speed_of_answer: Option<Duration>,
}

#[derive(Debug, Clone)]
pub struct Poll {
    pub interval: Duration,
    pub settle: Duration,
    pub revisit: f64,
    pub initial_lookback: Duration,
    pub max_lookback: Duration,
}

#[derive(Debug, Clone)]
pub struct Metrics {
    pub windows: Vec<Window>,
    pub zero_first: Duration,
    pub max_series_per_metric: usize,
    pub per_agent: bool,
    pub direction: bool,
}

/// A recent window: its length, and its label as it was written (`24h` stays `24h`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    pub label: String,
    pub length: Duration,
}

#[derive(Debug, Clone)]
pub struct Storage {
    pub path: PathBuf,
}

#[derive(Debug, Clone)]
pub struct Web {
    pub listen_address: SocketAddr,
}
