//! Who may ask, over real sockets: every file here is written by the test, certificates too.

mod change;
mod clients;
mod hostile;
mod passwords;
mod toolkit;

use super::super::server::{Limits, serve_within};
use super::super::{Gate, GateError, bind, router};
use super::server::LIMITS;
use super::{Fixed, PAGE, Wall, published};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, SanType};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion, crypto};
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_util::sync::CancellationToken;

/// `password`, as cheap as a hash may be.
const HASH: &str = "$2y$04$pXN9ORbz7OidQqnvcNFHeOy9gakLpL1DuTQlUmQ3g4QXgw5gch7z2";

/// A certificate with its key.
#[derive(Clone)]
struct Pair {
    certificate: String,
    key: String,
}

/// An authority, and a folder with the files of a server.
struct House {
    folder: TempDir,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl House {
    /// The server's certificate and the authority's lie there; the configuration does not yet.
    fn new() -> House {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let house = House {
            folder: TempDir::new().unwrap(),
            issuer,
        };
        let pair = house.pair("localhost");
        house.write("server.crt", &pair.certificate);
        house.write("server.key", &pair.key);
        house.write("ca.crt", &house.issuer.pem());
        house
    }

    /// A certificate that its authority signed.
    fn pair(&self, name: &str) -> Pair {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.subject_alt_names.extend([
            SanType::IpAddress([10, 1, 2, 3].into()),
            SanType::Rfc822Name(format!("somebody@{name}").try_into().unwrap()),
            SanType::URI(format!("spiffe://{name}/prometheus").try_into().unwrap()),
        ]);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Pair {
            certificate: certificate.pem(),
            key: key.serialize_pem(),
        }
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    fn gate(&self, configuration: &str, open_health: bool) -> Result<Arc<Gate>, GateError> {
        let path = self.write("web.yml", configuration);
        Gate::load(Some(&path), open_health)
    }

    async fn serve(&self, configuration: &str) -> Served {
        Served::start(LIMITS, self.gate(configuration, false).unwrap()).await
    }

    /// A client that trusts the authority and shows this, if anything.
    fn client(&self, pair: Option<&Pair>) -> ClientConfig {
        self.client_of(
            pair,
            rustls::DEFAULT_VERSIONS,
            crypto::aws_lc_rs::default_provider(),
        )
    }

    fn client_of(
        &self,
        pair: Option<&Pair>,
        versions: &[&'static SupportedProtocolVersion],
        provider: crypto::CryptoProvider,
    ) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone()).unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots);
        match pair {
            None => builder.with_no_client_auth(),
            Some(pair) => {
                let chain = CertificateDer::pem_slice_iter(pair.certificate.as_bytes());
                let key = PrivateKeyDer::from_pem_slice(pair.key.as_bytes()).unwrap();
                builder
                    .with_client_auth_cert(chain.map(Result::unwrap).collect(), key)
                    .unwrap()
            }
        }
    }
}

/// TLS, and nothing else said.
const TLS: &str = "tls_server_config: {cert_file: server.crt, key_file: server.key}\n";

struct Served {
    address: SocketAddr,
    stop: CancellationToken,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Served {
    async fn start(limits: Limits, gate: Arc<Gate>) -> Served {
        let listener = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let router = router(Arc::new(Fixed {
            text: PAGE,
            accounts: vec![published("acme")],
            wall: Wall::default(),
            healthy: true,
        }));
        tokio::spawn(serve_within(limits, listener, router, gate, stop.clone()));
        Served { address, stop }
    }

    async fn plain(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    async fn tls(&self, client: ClientConfig) -> std::io::Result<TlsStream<TcpStream>> {
        let name = "localhost".try_into().unwrap();
        let connector = TlsConnector::from(Arc::new(client));
        connector.connect(name, self.plain().await).await
    }

    /// The status, or 0 where the connection ends without an answer.
    async fn status(&self, client: ClientConfig, path: &str, headers: &str) -> u16 {
        match self.tls(client).await {
            Ok(mut stream) => status(&mut stream, path, headers).await,
            Err(_) => 0,
        }
    }

    async fn plain_status(&self, headers: &str) -> u16 {
        status(&mut self.plain().await, "/metrics", headers).await
    }
}

/// Asks on an open connection.
async fn said<S: AsyncReadExt + AsyncWriteExt + Unpin>(
    stream: &mut S,
    path: &str,
    headers: &str,
) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
    let mut answer = Vec::new();
    if stream.write_all(request.as_bytes()).await.is_ok() {
        while !is_whole(&answer) && matches!(stream.read_buf(&mut answer).await, Ok(1..)) {}
    }
    String::from_utf8(answer).unwrap()
}

fn is_whole(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let lines = head
        .lines()
        .filter_map(|line| line.strip_prefix("content-length: "));
    // Without a length it ends with the connection.
    lines
        .map(|length| length.parse().unwrap())
        .next()
        .is_some_and(|length: usize| body.len() >= length)
}

async fn status<S: AsyncReadExt + AsyncWriteExt + Unpin>(
    stream: &mut S,
    path: &str,
    headers: &str,
) -> u16 {
    let said = said(stream, path, headers).await;
    let status = said
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    status.unwrap_or(0)
}

fn basic(pair: &str) -> String {
    use base64::Engine;
    let pair = base64::engine::general_purpose::STANDARD.encode(pair);
    format!("Authorization: Basic {pair}\r\n")
}
