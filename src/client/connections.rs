//! Connections to the API: always with certificates that are verified, never through a redirect.

use super::again::Again;
use super::error::ClientError;
use super::limits::Limits;
use crate::chain::chain;
use crate::config::{Account, Authorities, is_loopback};
use reqwest::Client;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How often it is looked whether `ca_file` has changed while all goes well.
const LOOKS: Duration = Duration::from_mins(1);

/// An account's connections; those that are open outlive a change of who is trusted.
pub(super) enum Connections {
    Fixed(Client),
    /// With a `ca_file`.
    Trusting {
        trust: Again<Trust>,
        /// An attempt found no connection: perhaps by whom is trusted.
        failed: AtomicBool,
    },
}

/// Who is trusted, and connections to them.
pub(super) struct Trust {
    authorities: Authorities,
    client: Client,
}

impl Connections {
    pub(super) fn new(account: &Account, limits: &Limits) -> Result<Connections, ClientError> {
        let headers = headers(account)?;
        let Some(authorities) = account.ca_file.clone() else {
            let client = client(account, limits, headers, None)?;
            return Ok(Connections::Fixed(client));
        };
        let trust = {
            let (account, limits) = (account.clone(), limits.clone());
            move |authorities: Authorities| {
                let client = client(&account, &limits, headers.clone(), Some(&authorities))?;
                Ok(Trust {
                    authorities,
                    client,
                })
            }
        };
        let first = trust(authorities)?;
        let read = move |before: &Trust| match before.authorities.read_again()? {
            None => Ok(None),
            Some(now) => trust(now)
                .map(Some)
                .map_err(|error: ClientError| chain(&error)),
        };
        Ok(Connections::Trusting {
            trust: Again::new(&account.name, "ca_file", first, read),
            failed: AtomicBool::new(false),
        })
    }

    /// What to send the next request with.
    pub(super) async fn client(&self) -> Client {
        match self {
            Connections::Fixed(client) => client.clone(),
            Connections::Trusting { trust, failed } => {
                if failed.swap(false, Ordering::Relaxed) {
                    trust.look().await;
                } else {
                    trust.look_after(LOOKS).await;
                }
                trust.get().client.clone()
            }
        }
    }

    /// No connection came about.
    pub(super) fn failed(&self) {
        if let Connections::Trusting { failed, .. } = self {
            failed.store(true, Ordering::Relaxed);
        }
    }
}

fn client(
    account: &Account,
    limits: &Limits,
    headers: HeaderMap,
    authorities: Option<&Authorities>,
) -> Result<Client, ClientError> {
    let mut builder = Client::builder()
        .user_agent(concat!(
            env!("CARGO_PKG_NAME"),
            "/",
            env!("CARGO_PKG_VERSION")
        ))
        .default_headers(headers)
        .redirect(reqwest::redirect::Policy::none())
        // Its own retries would be attempts that nobody counts.
        .retry(reqwest::retry::never())
        .connect_timeout(limits.connect_timeout)
        .read_timeout(limits.stall)
        .timeout(limits.timeout);
    if is_loopback(&account.url) {
        builder = builder.no_proxy();
    }
    if account.url.scheme() == "http" {
        // Without TLS there is no need for the system's certificates, which a small container may lack.
        builder = builder.tls_certs_only([]);
    } else if let Some(authorities) = authorities {
        builder = builder.tls_certs_merge(authorities.certificates());
    }
    builder.build().map_err(|source| ClientError::Http {
        account: account.name.clone(),
        source,
    })
}

fn headers(account: &Account) -> Result<HeaderMap, ClientError> {
    let value = |field, id: &str| {
        let unsendable = |_| ClientError::Header {
            account: account.name.clone(),
            field,
        };
        HeaderValue::from_bytes(id.as_bytes()).map_err(unsendable)
    };
    Ok(HeaderMap::from_iter([
        (ACCEPT, HeaderValue::from_static("application/json")),
        (
            CONTENT_TYPE,
            HeaderValue::from_static("application/json;charset=UTF-8"),
        ),
        // Header names are compared without case; the vendor writes `accountId` and `iId`.
        (
            HeaderName::from_static("accountid"),
            value("account_id", &account.account_id)?,
        ),
        (
            HeaderName::from_static("iid"),
            value("stream_id", &account.stream_id)?,
        ),
    ]))
}
