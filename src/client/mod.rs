//! The vendor's API: one function per endpoint, and all that a request needs around it (token, budget, retries).
//!
//! Invariants:
//! - Every attempt takes one request out of the account's budget, ends in one [`RequestResult`], and is told to the
//!   [`Observer`].
//! - Where several processes take turns at an account, none sends anything that does not know that it is its turn.
//! - What [`Client::call_details`] returns is a whole page: any other body counts as a failed attempt.
//! - *Call Details* v2 is never asked for `customerinfo`: it tells the direction without.
//! - No token, secret or body is in any error, log line or span. Redirects are never followed, and the server's
//!   certificate is always verified.
//! - A secret or a `ca_file` that changes is used from the next token or connection on; one that is gone or bad for a while
//!   leaves what it held before in force.
//!
//! It does not interpret records, split windows or count anything: that is the poller's, its only caller. Dropping a
//! call at any instant is safe: nothing is held over an await but a place in the connection pool.
//!
//! Proxies: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` are honoured, save for a loopback address, which
//! no proxy could reach.

mod again;
mod allotment;
mod answer;
mod aside;
mod budget;
mod call;
mod connections;
mod error;
mod lease;
mod limits;
mod observe;
mod token;

pub use allotment::Allotment;
pub(crate) use answer::retry_after;
pub use aside::{Answer, Aside, Endpoint, Inquiry};
pub use budget::Allowance;
pub use call::{Effort, FirstPage};
pub use error::{CallError, ClientError, TokenError};
pub use lease::Lease;
pub use limits::Limits;
pub use observe::{Complaint, Observer, RequestResult, Unobserved};

use crate::clock::WallClock;
use crate::config::{Account, CallDetails};
use connections::Connections;
use std::sync::Arc;
use token::Tokens;
use url::Url;

/// One account's access to the API. Cheap to share behind an `Arc`; calls may run side by side.
pub struct Client {
    account: String,
    connections: Connections,
    /// Which *Call Details* is asked.
    version: CallDetails,
    call_details: Url,
    queue_performance: Url,
    conversations: Url,
    contact_volume: Url,
    tokens: Tokens,
    allotment: Arc<Allotment>,
    /// `None` where the account is this process' alone.
    lease: Option<Arc<Lease>>,
    limits: Limits,
    observer: Arc<dyn Observer>,
    wall_clock: WallClock,
}

impl Client {
    /// Reads the account's key and sets up its connections; sends nothing.
    ///
    /// # Errors
    /// When the secret is no key for its algorithm, an id cannot stand in a header, or TLS cannot be set up.
    pub fn new(
        account: &Account,
        limits: Limits,
        wall_clock: WallClock,
        observer: Arc<dyn Observer>,
    ) -> Result<Self, ClientError> {
        Ok(Self {
            account: account.name.clone(),
            connections: Connections::new(account, &limits)?,
            version: account.call_details,
            call_details: endpoint(account, &call_details(account))?,
            queue_performance: endpoint(account, &analytics(account, "queue-performance"))?,
            contact_volume: endpoint(account, &analytics(account, "callvolume"))?,
            conversations: endpoint(
                account,
                &["v1", "public", &account.stream_id, "conversations"],
            )?,
            tokens: Tokens::new(account)?,
            allotment: Arc::new(Allotment::pausing(
                account.requests_per_minute,
                limits.first_pause,
            )),
            lease: None,
            limits,
            observer,
            wall_clock,
        })
    }

    /// The same, drawing on a budget that others drew on before it.
    #[must_use]
    pub fn drawing_on(self, allotment: Arc<Allotment>) -> Self {
        Self { allotment, ..self }
    }

    /// The same, sending nothing but while the lease lasts.
    #[must_use]
    pub fn within(self, lease: Option<Arc<Lease>>) -> Self {
        Self { lease, ..self }
    }

    /// Whether the account is this process' to ask about.
    fn may_ask(&self) -> bool {
        self.lease.as_ref().is_none_or(|lease| lease.lasts())
    }

    /// Waits until the account's secret is another one: what was refused may be granted now.
    pub async fn renewed(&self) {
        self.tokens.renewed().await;
    }

    /// When the token that would be sent now expires, UTC seconds; `None` where it says of no end.
    ///
    /// # Errors
    /// There is no token to send.
    pub async fn token_ends_s(&self) -> Result<Option<i64>, TokenError> {
        self.tokens
            .ends_s((self.wall_clock)().div_euclid(1000))
            .await
    }

    /// What the planner may count on now.
    pub fn allowance(&self) -> Allowance {
        self.allotment.allowance()
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("account", &self.account)
            .field("tokens", &self.tokens)
            .finish_non_exhaustive()
    }
}

/// Where the account's *Call Details* is.
fn call_details(account: &Account) -> Vec<&str> {
    let [rest @ .., name] = analytics(account, "calldetails");
    let version = match account.call_details {
        CallDetails::V1 => None,
        CallDetails::V2 => Some("v2"),
    };
    rest.into_iter().chain(version).chain([name]).collect()
}

/// Where an account's analytics are.
fn analytics<'a>(account: &'a Account, name: &'a str) -> [&'a str; 5] {
    ["public", "analytics", "account", &account.account_id, name]
}

fn endpoint(account: &Account, path: &[&str]) -> Result<Url, ClientError> {
    let mut url = account.url.clone();
    url.set_query(None);
    url.set_fragment(None);
    url.path_segments_mut()
        .map_err(|()| ClientError::Url {
            account: account.name.clone(),
        })?
        .pop_if_empty()
        .extend(["agentassist", "api"].iter().chain(path));
    Ok(url)
}

#[cfg(test)]
mod tests;
