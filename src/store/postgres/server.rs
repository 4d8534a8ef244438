//! How the database is reached: who connects, and how the way there is protected.

use super::driver::Driver;
use super::error::Failure;
use crate::config::{DatabaseUrl, Storage};
use crate::store::StoreError;
use rustls::ClientConfig;
use rustls::crypto::aws_lc_rs;
use rustls_platform_verifier::Verifier;
use secrecy::ExposeSecret;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::config::TargetSessionAttrs;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, NoTls, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;
use tokio_util::sync::CancellationToken;

/// A server that does not answer for so long is taken for away.
const CONNECTING: Duration = Duration::from_secs(5);
/// TCP asks so often whether the other side is there while nothing is said, and gives up after as long again.
const KEEPALIVE: Duration = Duration::from_secs(10);
/// What the client's library takes where the address says nothing.
const KEEPALIVE_UNSAID: Duration = Duration::from_hours(2);

/// A database, and how it is reached.
#[derive(Clone)]
pub struct Server(Arc<Reached>);

struct Reached {
    url: DatabaseUrl,
    storage: Storage,
    driver: Driver,
}

impl Server {
    /// Nothing is connected yet.
    ///
    /// # Errors
    /// There can be no thread to carry connections.
    pub fn new(url: &DatabaseUrl, storage: &Storage) -> Result<Server, StoreError> {
        let driver = Driver::start().map_err(|cause| StoreError::Thread { cause })?;
        Ok(Server(Arc::new(Reached {
            url: url.clone(),
            storage: storage.clone(),
            driver,
        })))
    }

    pub(super) fn driver(&self) -> &Driver {
        &self.0.driver
    }

    /// Connects. Password and authorities are read again: they may have been replaced since. `ended` is cancelled once the
    /// connection has ended, however that came.
    pub(super) fn connect(&self, ended: CancellationToken) -> Result<Client, Failure> {
        let mut config = self.0.url.connect_config();
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECTING);
        }
        if config.get_keepalives_idle() == KEEPALIVE_UNSAID {
            config.keepalives_idle(KEEPALIVE);
            config.keepalives_interval(KEEPALIVE);
            config.keepalives_retries(2);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(2 * KEEPALIVE);
        }
        // Of several, the one that may be written to: locks on a standby would be nobody's.
        if config.get_hosts().len() > 1
            && config.get_target_session_attrs() == TargetSessionAttrs::Any
        {
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        if config.get_application_name().is_none() {
            config.application_name(name());
        }
        if let Some(password) = &self.0.storage.password {
            match password.read_again() {
                Some(Ok(now)) => config.password(now.expose_secret()),
                Some(Err(why)) => {
                    return Err(Failure::Own(format!("`storage.password_file` {why}")));
                }
                None => config.password(password.expose_secret()),
            };
        }
        if self.0.url.is_encrypted() {
            let tls = MakeRustlsConnect::new(self.tls()?);
            self.connected(&config, tls, ended)
        } else {
            self.connected(&config, NoTls, ended)
        }
    }

    fn connected<T>(
        &self,
        config: &tokio_postgres::Config,
        tls: T,
        ended: CancellationToken,
    ) -> Result<Client, Failure>
    where
        T: MakeTlsConnect<Socket>,
        T::Stream: Send + 'static,
    {
        // Each host has its time.
        let hosts = u32::try_from(config.get_hosts().len()).unwrap_or(1).max(1);
        let patience = (hosts + 1) * CONNECTING;
        let (client, connection) = self.0.driver.wait(patience, config.connect(tls))?;
        self.0.driver.spawn(async move {
            let _ended = ended.drop_guard();
            // Whoever waits for an answer on it is told as well.
            if let Err(error) = connection.await {
                tracing::debug!(error = %Failure::from(error), "a connection to the database ended");
            }
        });
        Ok(client)
    }

    fn tls(&self) -> Result<ClientConfig, Failure> {
        let own = |error: rustls::Error| Failure::Own(format!("no TLS: {error}"));
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut authorities = Vec::new();
        if let Some(known) = &self.0.storage.ca_file {
            let now = known.read_again();
            let now = now.map_err(|why| Failure::Own(format!("`storage.ca_file` {why}")))?;
            authorities = now.as_ref().unwrap_or(known).ders();
        }
        let verifier = Verifier::new_with_extra_roots(authorities, Arc::clone(&provider));
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(own)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier.map_err(own)?))
            .with_no_client_auth();
        Ok(config)
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.url.fmt(f)
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Server").field(&self.0.url).finish()
    }
}

/// What the server's list of connections calls this process: the machine, in Kubernetes the pod.
fn name() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = match host.trim() {
        "" => "unknown",
        host => host,
    };
    // Of a long name the end tells pods apart; PostgreSQL cuts what is longer than 63 bytes.
    let skipped = host.chars().count().saturating_sub(32);
    let host: String = host.chars().skip(skipped).collect();
    format!("smartassist-exporter {host}/{}", std::process::id())
}
