//! A collector that is certified by an authority of the test's own, and wants the same of who pushes.

use super::{asked, soon};
use crate::telemetry::otlp::metrics::environment::Unusable;
use crate::telemetry::otlp::metrics::send::{Outcome, Sender};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, crypto};
use std::fs;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// A folder with `ca.pem`, and certificate and key of a server and of a client.
struct Scene {
    folder: TempDir,
    url: String,
}

fn file(folder: &TempDir, name: &str) -> String {
    folder.path().join(name).display().to_string()
}

impl Scene {
    async fn new() -> Scene {
        let folder = TempDir::new().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let write = |name: &str, text: &str| fs::write(file(&folder, name), text).unwrap();
        write("ca.pem", &issuer.pem());
        for name in ["server", "client"] {
            let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
            let key = KeyPair::generate().unwrap();
            let certificate = params.signed_by(&key, &issuer).unwrap();
            write(&format!("{name}.pem"), &certificate.pem());
            write(&format!("{name}.key"), &key.serialize_pem());
        }
        write("garbage", "SECRET");
        let mut roots = RootCertStore::empty();
        roots.add(issuer.der().clone()).unwrap();
        let provider = Arc::new(crypto::aws_lc_rs::default_provider());
        let clients =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone());
        let chain = CertificateDer::pem_file_iter(file(&folder, "server.pem")).unwrap();
        let key = PrivateKeyDer::from_pem_file(file(&folder, "server.key")).unwrap();
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(clients.build().unwrap())
            .with_single_cert(chain.map(Result::unwrap).collect(), key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}/", listener.local_addr().unwrap());
        let acceptor = TlsAcceptor::from(Arc::new(config));
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    continue;
                };
                // Whoever showed nothing is told so only now.
                if !matches!(stream.read(&mut [0; 4096]).await, Ok(1..)) {
                    continue;
                }
                let taken = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                stream.write_all(taken).await.ok();
                stream.shutdown().await.ok();
            }
        });
        Scene { folder, url }
    }

    /// With these variables, each naming a file of the folder.
    fn sender(&self, files: &[(&str, &str)]) -> Result<Sender, Unusable> {
        let files: Vec<_> = (files.iter())
            .map(|(variable, name)| {
                (
                    format!("OTEL_EXPORTER_OTLP_{variable}"),
                    file(&self.folder, name),
                )
            })
            .collect();
        let mut environment = vec![("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", self.url.as_str())];
        environment.extend(
            files
                .iter()
                .map(|(variable, path)| (variable.as_str(), path.as_str())),
        );
        Sender::new(&asked(&environment)?.unwrap())
    }

    async fn takes(&self, files: &[(&str, &str)]) -> bool {
        let sender = self.sender(files).ok().unwrap();
        let outcome = sender.deliver(Vec::new(), soon(900)).await;
        assert!(!matches!(outcome, Outcome::Rejected(_)), "{outcome:?}");
        outcome == Outcome::Taken
    }
}

#[tokio::test]
async fn a_collector_is_trusted_by_the_named_authority_and_shown_the_named_certificate() {
    let scene = Scene::new().await;
    let ca = ("CERTIFICATE", "ca.pem");
    let own = [
        ("CLIENT_CERTIFICATE", "client.pem"),
        ("CLIENT_KEY", "client.key"),
    ];
    assert!(scene.takes(&[ca, own[0], own[1]]).await);
    assert!(
        !scene.takes(&own).await,
        "the system's authorities know nothing of it"
    );
    assert!(!scene.takes(&[ca]).await, "it wants a certificate");
    // Those of metrics beat the general ones.
    let others = [
        ("CERTIFICATE", "server.pem"),
        ("METRICS_CERTIFICATE", "ca.pem"),
    ];
    let others = [&others[..], &own].concat();
    assert!(scene.takes(&others).await);
}

#[tokio::test]
async fn files_that_cannot_be_used_are_named_by_their_variable() {
    let scene = Scene::new().await;
    let key = ("CLIENT_KEY", "client.key");
    for (files, wanted) in [
        (
            &[("CERTIFICATE", "gone")][..],
            "the file of `OTEL_EXPORTER_OTLP_CERTIFICATE` cannot be read",
        ),
        (
            &[("METRICS_CERTIFICATE", "garbage")],
            "`OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE` holds no certificate in PEM",
        ),
        (
            &[
                ("CLIENT_CERTIFICATE", "client.pem"),
                ("CLIENT_KEY", "garbage"),
            ],
            "`OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE` holds no client certificate",
        ),
        (
            &[key],
            "`OTEL_EXPORTER_OTLP_CLIENT_KEY` is set without `OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE`",
        ),
        (
            &[("METRICS_CLIENT_CERTIFICATE", "client.pem")],
            "is set without `OTEL_EXPORTER_OTLP_CLIENT_KEY`",
        ),
    ] {
        let error = scene.sender(files).err().unwrap().to_string();
        assert!(
            error.contains(wanted) && !error.contains("SECRET"),
            "{error}"
        );
    }
}
