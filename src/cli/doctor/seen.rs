//! What was seen of an account: facts alone, to be judged by [`lines`](super::lines).

use crate::client::{CallError, Complaint, TokenError};
use crate::config::{CallDetails, Choice};
use crate::poller::fetch::Manners;
use std::collections::BTreeMap;
use std::time::Duration;

/// How a step went that others stand on.
#[derive(Debug, Default)]
pub(super) enum Reached {
    /// A step before it failed.
    #[default]
    NotTried,
    Yes(String),
    No(String),
}

/// One page of *Call Details*.
#[derive(Debug, Clone)]
pub(super) struct PageSeen {
    /// UTC seconds.
    pub window: (i64, i64),
    pub number: u32,
    pub num_results: Option<u64>,
    /// What its rows are told apart by, in their order.
    pub rows: Vec<u64>,
}

/// What the newest reading of a record said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct RecordSeen {
    /// It was not ended when it was read.
    pub live: bool,
    /// UTC seconds.
    pub ended_s: Option<i64>,
    /// Between its end and the first reading that showed it as ended, seconds.
    pub appeared_after_s: Option<i64>,
}

/// How an interface beside *Call Details* answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Beside {
    /// It is switched off.
    Off,
    NotAsked,
    /// So many rows.
    Granted(u64),
    /// For the scope or the token.
    Unauthorized(String),
    /// Refused otherwise: the interface is not there, say.
    Refused(String),
    Failed(String),
}

impl Beside {
    pub(super) fn is_granted(&self) -> bool {
        matches!(self, Beside::Granted(_))
    }

    /// For whatever reason.
    pub(super) fn is_refused(&self) -> bool {
        matches!(self, Beside::Unauthorized(_) | Beside::Refused(_))
    }
}

/// Of one account.
#[derive(Debug)]
pub(super) struct Seen {
    /// Host and port of the API, and whether it is asked by TLS.
    pub host: String,
    pub tls: bool,
    pub loopback: bool,
    /// The address of the proxy that requests go through, without its password.
    pub proxy: Option<String>,
    /// Variables that are to name one, and name none.
    pub proxies_passed_over: Vec<&'static str>,
    pub name: Reached,
    pub connection: Reached,
    /// When a token expires that is minted elsewhere.
    pub token: Option<Result<Option<i64>, TokenError>>,
    pub token_file: bool,
    /// UTC seconds of this machine.
    pub now_s: i64,
    /// Our clock minus the server's, seconds, one for each answer that told the time.
    pub ahead_s: Vec<i64>,
    /// Whether any answer came at all.
    pub answered: bool,
    pub complaint: Option<Complaint>,
    /// The first page of all.
    pub page: Option<Result<(), CallError>>,
    /// The *Call Details* that is configured.
    pub version: CallDetails,
    /// *Call Details* v1 answers where v2 is configured and not found.
    pub first_version: bool,
    pub queue_performance: Beside,
    pub queue_performance_choice: Choice,
    /// Whether our counts are held against the vendor's own totals.
    pub reconciles: bool,
    pub contact_volume: Beside,
    /// Configured, or told by a record.
    pub org_id: Option<String>,
    pub conversations: Beside,
    pub conversations_choice: Choice,
    pub pages: Vec<PageSeen>,
    /// By identity.
    pub records: BTreeMap<u64, RecordSeen>,
    /// How short ago a conversation had ended when it was listed as ended, at least.
    pub youngest_s: Option<i64>,
    /// Rows that are no records.
    pub strangers: u64,
    /// Values that can't be read, by field.
    pub refused: BTreeMap<&'static str, u64>,
    pub offset_s: Option<i32>,
    /// What `accounts[].time_zone` says is the offset now.
    pub configured_offset_s: Option<i32>,
    pub manners: Manners,
    /// Rows came on page 1 of a window whose page 0 was empty.
    pub counts_from_one: bool,
    /// The failure that ended the experiments before they were done.
    pub ended: Option<String>,
    /// They ended since requests are all that was asked for.
    pub spent: bool,
    /// How long each request of *Call Details* took, without waiting for its turn.
    pub took: Vec<Duration>,
    pub requests: u32,
}

impl Seen {
    /// Whether *Call Details* refuses the token.
    pub(super) fn unauthorized(&self) -> Option<&CallError> {
        match &self.page {
            Some(Err(error @ CallError::Unauthorized { .. })) => Some(error),
            _ => None,
        }
    }

    pub(super) fn has_page(&self) -> bool {
        matches!(self.page, Some(Ok(())))
    }

    /// Pages of the same window in their order, the longest run of them.
    pub(super) fn run(&self) -> &[PageSeen] {
        self.pages
            .chunk_by(|one, next| one.window == next.window && next.number == one.number + 1)
            .max_by_key(|run| run.len())
            .unwrap_or_default()
    }
}
