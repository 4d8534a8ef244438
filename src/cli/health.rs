//! `health`: asks a running exporter whether it is alive.

use super::arguments::Source;
use super::{Failure, say};
use crate::chain::chain;
use crate::config;
use crate::web::Ask;
use anyhow::{anyhow, bail};
use reqwest::header::AUTHORIZATION;
use reqwest::{Client, StatusCode, redirect};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

/// For the whole of it: below the 5 s that containers give a check.
const PATIENCE: Duration = Duration::from_secs(4);
/// The answer is a line or a few; this much of it is told.
const LARGEST_ANSWER: usize = 4096;
const FILE_HINT: &str = "\n  hint: give the same `--web.config.file` as to `serve`";

pub(super) fn run(source: &Source) -> Result<(), Failure> {
    let address = reachable(config::listen_address(&source.flags())?);
    let file = source.web_config_file.as_deref();
    let how = file.map(Ask::with).transpose()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(anyhow::Error::from)?;
    runtime.block_on(ask(address, how))?;
    Ok(say("healthy")?)
}

/// All interfaces are an address to listen on, not to ask at.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address
}

/// Without `how` over plain HTTP, as somebody who knows nothing.
async fn ask(address: SocketAddr, how: Option<Ask>) -> anyhow::Result<()> {
    let (tls, word) = match how {
        Some(how) => (how.tls, Some(how.authorization)),
        None => (None, None),
    };
    let scheme = if tls.is_some() { "https" } else { "http" };
    let url = format!("{scheme}://{address}/-/healthy");
    if address.port() == 0 {
        bail!("`{url}` cannot be asked: port 0 is chosen at the start");
    }
    // No proxy stands before this machine's own exporter.
    let client = match tls {
        Some(tls) => Client::builder().tls_backend_preconfigured(tls),
        None => Client::builder().tls_certs_only([]),
    };
    let client = client
        .no_proxy()
        .redirect(redirect::Policy::none())
        .timeout(PATIENCE)
        .build()?;
    let told =
        |error: reqwest::Error| anyhow!("`{url}` does not answer: {}", chain(&error.without_url()));
    let mut request = client.get(&url);
    if let Some(word) = &word {
        request = request.header(AUTHORIZATION, word);
    }
    let mut answer = request.send().await.map_err(told)?;
    let status = answer.status();
    if status == StatusCode::OK {
        return Ok(());
    }
    let mut body = Vec::new();
    while let Ok(Some(part)) = answer.chunk().await {
        body.extend_from_slice(&part);
        if body.len() > LARGEST_ANSWER {
            body.truncate(LARGEST_ANSWER);
            break;
        }
    }
    let body = String::from_utf8_lossy(&body);
    let said = format!("`{url}` answers {}: {}", status.as_u16(), body.trim());
    let hint = match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => FILE_HINT,
        StatusCode::BAD_REQUEST if word.is_none() => FILE_HINT,
        _ => "",
    };
    bail!("{}{hint}", said.trim_end_matches([':', ' ']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpListener;

    #[test]
    fn all_interfaces_are_asked_at_loopback() {
        let asked = |address: &str| reachable(address.parse().unwrap()).to_string();
        assert_eq!(asked("0.0.0.0:9100"), "127.0.0.1:9100");
        assert_eq!(asked("[::]:9100"), "[::1]:9100");
        assert_eq!(asked("10.0.0.1:9100"), "10.0.0.1:9100");
    }

    /// What is said of a server that answers so, after the address.
    async fn said(answer: &'static str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 4096]);
            stream.write_all(answer.as_bytes()).unwrap();
        });
        let error = ask(address, None).await.unwrap_err().to_string();
        error.replace(&format!("`http://{address}/-/healthy` "), "")
    }

    #[tokio::test]
    async fn who_is_not_healthy_is_told_with_its_own_words() {
        let stopped =
            "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 15\r\n\r\na loop stopped\n";
        assert_eq!(said(stopped).await, "answers 503: a loop stopped");
        let elsewhere =
            "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n";
        assert_eq!(said(elsewhere).await, "answers 302");
        assert!(said("SSH-2.0-x\r\n").await.starts_with("does not answer: "));
        let nobody = ask("127.0.0.1:0".parse().unwrap(), None).await.unwrap_err();
        assert!(nobody.to_string().contains("port 0"), "{nobody}");
    }
}
