//! Configuration: as written → validated. A [`Config`] that exists is valid.

use secrecy::SecretString;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

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
    /// Per queue, by name or id: complete targets, the account's filled in where the queue says nothing.
    pub queues: BTreeMap<String, Targets>,
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
