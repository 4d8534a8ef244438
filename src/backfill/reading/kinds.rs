//! What a reading is set up with, how far it has come, and what comes of it.

use super::super::Span;
use super::super::window::Before;
use crate::api::Offsets;
use crate::client::Client;
use crate::clock::WallClock;
use crate::ledger::{Ledger, Policy};
use crate::poller::fetch::Manners;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// How far the reading of an account has come. Committed with what was read.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Progress {
    /// All that began before is read, UTC seconds.
    pub at_s: i64,
    pub before: Option<Before>,
    pub offset_s: Option<i32>,
    #[serde(default)]
    pub offsets: Offsets,
    pub manners: Manners,
    /// The last instant of which gauges are written.
    pub gauged_s: Option<i64>,
    pub requests: u64,
    pub conversations: u64,
    /// Windows that could not be read whole.
    pub short: u64,
}

/// What it takes to read an account's past.
pub struct Setting {
    /// The `account` label.
    pub name: Arc<str>,
    pub account_id: String,
    pub stream_id: String,
    pub client: Client,
    /// Every attempt, as the client's observer counts them.
    pub attempts: Arc<AtomicU64>,
    pub policy: Policy,
    pub settle_s: i64,
    pub zone: Option<TimeZone>,
    /// Whether `customerinfo` is asked for.
    pub direction: bool,
    /// Of the recent gauges, by label and length in seconds.
    pub windows: Vec<(Arc<str>, i64)>,
    pub span: Span,
    pub clock: WallClock,
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// Read up to here, UTC seconds, of the time from `from_s` to `to_s`.
    pub at_s: i64,
    pub from_s: i64,
    pub to_s: i64,
    /// In all, those before a restart among them.
    pub requests: u64,
    pub conversations: u64,
    pub short: u64,
}

/// What was read of an account.
pub struct Read {
    pub name: Arc<str>,
    pub span: Span,
    pub ledger: Ledger,
    pub journal: PathBuf,
    pub commits: i64,
    pub told: Told,
}

impl Progress {
    /// Nothing is read yet.
    pub(super) fn beginning(at_s: i64) -> Progress {
        Progress {
            at_s,
            before: None,
            offset_s: None,
            offsets: Offsets::default(),
            manners: Manners::default(),
            gauged_s: None,
            requests: 0,
            conversations: 0,
            short: 0,
        }
    }
}
