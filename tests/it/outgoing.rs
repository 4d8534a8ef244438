//! To whom the exporter speaks: a real client and a real TLS server, certified by authorities of the test's own.

use crate::support::certificates::{Authority, Identity};
use serde_json::Value;
use smartassist_exporter::api::CallDetailsRequest;
use smartassist_exporter::client::{CallError, Client, Effort, FirstPage, Limits, Unobserved};
use smartassist_exporter::config::{self, Flags};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

const ROW: &str = r#"{"sessionId":"68dc602b4afb07c72ac51234"}"#;

/// A server that answers whatever is asked with one row, once a connection.
struct Server {
    port: u16,
    shows: Arc<Mutex<TlsAcceptor>>,
}

fn acceptor(identity: &Identity) -> TlsAcceptor {
    let chain = CertificateDer::pem_slice_iter(identity.certificate.as_bytes());
    let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain.map(Result::unwrap).collect(), key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

impl Server {
    async fn start(identity: &Identity) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shows = Arc::new(Mutex::new(acceptor(identity)));
        let shown = Arc::clone(&shows);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let acceptor = shown.lock().unwrap().clone();
                tokio::spawn(async move {
                    // Whoever does not trust it hangs up.
                    let Ok(mut stream) = acceptor.accept(stream).await else {
                        return;
                    };
                    let _ = stream.read(&mut [0; 16 * 1024]).await;
                    let body = format!(r#"{{"numResults":1,"data":[{ROW}]}}"#);
                    let answer = format!(
                        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                        body.len()
                    );
                    let _ = stream.write_all(answer.as_bytes()).await;
                    let _ = stream.shutdown().await;
                });
            }
        });
        Server { port, shows }
    }

    fn shows(&self, identity: &Identity) {
        *self.shows.lock().unwrap() = acceptor(identity);
    }
}

fn once() -> Limits {
    Limits {
        attempts: 1,
        ..Limits::default()
    }
}

fn client(folder: &Path, url: &str, trusting: bool) -> Client {
    client_within(once(), folder, url, trusting)
}

fn client_within(limits: Limits, folder: &Path, url: &str, trusting: bool) -> Client {
    let file = folder.join("config.yml");
    let trusted = if trusting {
        format!("ca_file: '{}', ", folder.join("ca.pem").display())
    } else {
        String::new()
    };
    let text = format!(
        "accounts: [{{name: acme, url: '{url}', account_id: a, stream_id: st, {trusted}\
         requests_per_minute: 60000, auth: {{client_id: c, client_secret: s}}}}]"
    );
    std::fs::write(&file, text).unwrap();
    let flags = Flags {
        file: Some(file),
        listen_address: None,
    };
    let (config, _) = config::load(&flags, |_| None).unwrap();
    Client::new(&config.accounts[0], limits, || 0, Arc::new(Unobserved)).unwrap()
}

async fn ask(client: &Client) -> Result<(), String> {
    let window = CallDetailsRequest::between(0, 60, true);
    match client
        .call_details(&window, 0, FirstPage::ShowsRows, Effort::Once)
        .await
    {
        Ok(page) => {
            assert_eq!(page.rows().count(), 1);
            Ok(())
        }
        Err(error @ CallError::Unavailable { .. }) => Err(error.to_string()),
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_server_is_trusted_by_the_authorities_of_ca_file_beside_the_systems_and_by_nothing_less()
{
    let folder = tempfile::tempdir().unwrap();
    let (ours, others) = (Authority::new("ours"), Authority::new("others"));
    let bundle = format!("{}{}", others.pem(), ours.pem());
    std::fs::write(folder.path().join("ca.pem"), bundle).unwrap();
    let server = Server::start(&ours.loopback()).await;
    let url = format!("https://127.0.0.1:{}", server.port);

    let stranger = client(folder.path(), &url, false);
    let refused = ask(&stranger).await.unwrap_err();
    assert!(
        refused.contains("invalid peer certificate") && refused.contains("ca_file"),
        "{refused}"
    );
    let trusting = client(folder.path(), &url, true);
    ask(&trusting).await.unwrap();

    let elsewhere = ours.server(&["elsewhere.example"]);
    let expired = ours.certify(&["127.0.0.1"], |params| {
        params.not_after = rcgen::date_time_ymd(2020, 1, 1);
    });
    for wrong in [elsewhere, expired] {
        server.shows(&wrong);
        let refused = ask(&trusting).await.unwrap_err();
        assert!(refused.contains("invalid peer certificate"), "{refused}");
    }
}

/// The checks that `doctor` makes of the exporter and of the account in this folder's configuration, by their ids.
async fn doctor(folder: &Path) -> BTreeMap<String, Value> {
    let mut doctor = Command::new(env!("CARGO_BIN_EXE_smartassist-exporter"));
    doctor.args(["doctor", "--format=json"]);
    doctor.arg(format!(
        "--config.file={}",
        folder.join("config.yml").display()
    ));
    let ended = tokio::task::spawn_blocking(move || doctor.output().unwrap());
    let said: Value = serde_json::from_slice(&ended.await.unwrap().stdout).unwrap();
    let all = [&said["exporter"], &said["accounts"][0]["checks"]];
    let checks = all.map(|checks| checks.as_array().unwrap());
    checks
        .into_iter()
        .flatten()
        .map(|check| (check["id"].as_str().unwrap().to_owned(), check.clone()))
        .collect()
}

#[tokio::test]
async fn doctor_tells_a_certificate_that_is_not_trusted_from_one_that_is() {
    let folder = tempfile::tempdir().unwrap();
    let ours = Authority::new("ours");
    std::fs::write(folder.path().join("ca.pem"), ours.pem()).unwrap();
    let server = Server::start(&ours.loopback()).await;
    let url = format!("https://127.0.0.1:{}", server.port);
    client(folder.path(), &url, false);
    let refused = doctor(folder.path()).await;
    let (state, text) = (&refused["tls"]["state"], refused["tls"]["text"].to_string());
    assert!(
        state == "failed" && text.contains("invalid peer certificate") && text.contains("ca_file"),
        "{refused:?}"
    );
    client(folder.path(), &url, true);
    let trusted = doctor(folder.path()).await;
    for id in ["tls", "token"] {
        assert_eq!(trusted[id]["state"], "ok", "{trusted:?}");
    }

    // The manual has these checks, and no other.
    let manual = include_str!("../../docs/troubleshooting.md");
    let (_, table) = manual.split_once("| check |").unwrap();
    let rows = table.lines().take_while(|line| !line.is_empty());
    let ids = rows.filter_map(|row| row.strip_prefix("| `")?.split('`').next());
    let documented: BTreeSet<&str> = ids.collect();
    let made: BTreeSet<&str> = trusted.keys().map(String::as_str).collect();
    assert_eq!(documented, made);
}

#[tokio::test]
async fn a_server_that_never_shows_who_it_is_runs_into_the_limit_of_connecting() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ca.pem"), Authority::new("ours").pem()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let limits = Limits {
        connect_timeout: Duration::from_millis(50),
        ..once()
    };
    let client = client_within(limits, folder.path(), &url, true);
    let refused = ask(&client).await.unwrap_err();
    assert!(refused.contains("timed out"), "{refused}");
}

#[tokio::test]
async fn a_ca_file_that_changes_is_trusted_from_the_next_connection_on() {
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    let (first, second) = (Authority::new("first"), Authority::new("second"));
    std::fs::write(&ca, first.pem()).unwrap();
    let server = Server::start(&first.loopback()).await;
    let client = client(
        folder.path(),
        &format!("https://localhost:{}", server.port),
        true,
    );
    ask(&client).await.unwrap();

    server.shows(&second.loopback());
    ask(&client).await.unwrap_err();
    // What is no certificate changes nothing.
    for bad in [
        "",
        "nothing",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ] {
        std::fs::write(&ca, bad).unwrap();
        ask(&client).await.unwrap_err();
        server.shows(&first.loopback());
        ask(&client).await.unwrap();
        server.shows(&second.loopback());
        ask(&client).await.unwrap_err();
    }
    // As a mounted file changes: renamed over the old one.
    let next = folder.path().join("next.pem");
    std::fs::write(&next, second.pem()).unwrap();
    std::fs::rename(&next, &ca).unwrap();
    ask(&client).await.unwrap();
}
