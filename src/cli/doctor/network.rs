//! The way to the API before the first request: the proxy, the name, the port.

use super::seen::Reached;
use crate::config::is_loopback;
use hyper_util::client::proxy::matcher::Matcher;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use url::Url;

/// For each of both.
const PATIENCE: Duration = Duration::from_secs(5);

/// Host and port.
pub(super) type Place = (String, u16);

pub(super) fn place(url: &Url) -> Place {
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_matches(['[', ']']).to_owned();
    (host, url.port_or_known_default().unwrap_or(443))
}

/// The proxy that the client goes through: the library that it is built on reads the same environment by the same rules.
pub(super) fn proxy(url: &Url) -> Option<Place> {
    if is_loopback(url) {
        return None;
    }
    let intercept = Matcher::from_system().intercept(&url.as_str().parse().ok()?)?;
    let uri = intercept.uri();
    let known = match uri.scheme_str() {
        Some("https") => 443,
        Some("http") => 80,
        _ => 1080,
    };
    let host = uri.host()?.trim_matches(['[', ']']).to_owned();
    Some((host, uri.port_u16().unwrap_or(known)))
}

/// Asks for the addresses of a name, and whether one of them takes a connection.
pub(super) async fn reach(place: &Place) -> (Reached, Reached) {
    let host = &place.0;
    let found = timeout(PATIENCE, lookup_host((host.as_str(), place.1))).await;
    let addresses: Vec<SocketAddr> = match found {
        Ok(Ok(addresses)) => addresses.collect(),
        Ok(Err(error)) => return (Reached::No(error.to_string()), Reached::NotTried),
        Err(_) => {
            let said = format!("no answer within {} s", PATIENCE.as_secs());
            return (Reached::No(said), Reached::NotTried);
        }
    };
    let many = match addresses.len() {
        1 => "1 address".to_owned(),
        more => format!("{more} addresses"),
    };
    (Reached::Yes(many), connect(&addresses).await)
}

async fn connect(addresses: &[SocketAddr]) -> Reached {
    let mut failed = "it has no address".to_owned();
    for address in addresses {
        failed = match timeout(PATIENCE, TcpStream::connect(address)).await {
            Ok(Ok(_)) => return Reached::Yes(address.to_string()),
            Ok(Err(error)) => format!("`{address}`: {error}"),
            Err(_) => format!("`{address}`: no answer within {} s", PATIENCE.as_secs()),
        };
    }
    Reached::No(failed)
}
