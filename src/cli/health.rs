//! `health`: asks a running exporter whether it is alive.

use super::{Failure, say};
use crate::config::{self, Flags};
use anyhow::{Context, bail};
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

/// For each of connecting, writing and reading: below the time that containers give a check.
const PATIENCE: Duration = Duration::from_secs(2);
/// The answer is a line.
const LARGEST_ANSWER: u64 = 4096;

pub(super) fn run(flags: &Flags) -> Result<(), Failure> {
    let address = reachable(config::listen_address(flags)?);
    let url = format!("http://{address}/-/healthy");
    let answer = ask(address).with_context(|| format!("`{url}` does not answer"))?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).unwrap_or_default();
    match (head.starts_with("HTTP/1."), status) {
        (true, "200") => Ok(say("healthy")?),
        (true, _) => Err(anyhow::anyhow!("`{url}` answers {status}: {}", body.trim()).into()),
        (false, _) => Err(anyhow::anyhow!("`{url}` does not speak HTTP").into()),
    }
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

fn ask(address: SocketAddr) -> Result<String, anyhow::Error> {
    if address.port() == 0 {
        bail!("port 0 is chosen at the start");
    }
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(
        stream,
        "GET /-/healthy HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = Vec::new();
    stream.take(LARGEST_ANSWER).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_interfaces_are_asked_at_loopback() {
        let asked = |address: &str| reachable(address.parse().unwrap()).to_string();
        assert_eq!(asked("0.0.0.0:9100"), "127.0.0.1:9100");
        assert_eq!(asked("[::]:9100"), "[::1]:9100");
        assert_eq!(asked("10.0.0.1:9100"), "10.0.0.1:9100");
    }
}
