//! Addresses to listen on, as people write them for Prometheus exporters.

use super::kind::{Kind, Refused};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

const ALLOWED: &str = "an IP address and a port, such as `127.0.0.1:10720` or `[::]:10720`; `localhost:10720`; or `:10720` for all of IPv4";

pub(super) fn kind() -> Kind<SocketAddr> {
    Kind::new(ALLOWED, |text| parse(text).ok_or_else(|| Refused::is(text)))
}

/// `None` for everything that [`ALLOWED`] does not say.
fn parse(text: &str) -> Option<SocketAddr> {
    let text = text.trim();
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    let (host, port) = text.rsplit_once(':')?;
    let host = match host {
        "" => Ipv4Addr::UNSPECIFIED,
        "localhost" => Ipv4Addr::LOCALHOST,
        _ => return None,
    };
    // As in an address: digits alone, no sign.
    let port = port
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| port.parse().ok())??;
    Some(SocketAddr::new(IpAddr::V4(host), port))
}

/// An address given as a flag.
///
/// # Errors
/// What is allowed, when `text` is not.
pub(crate) fn from_flag(text: &str) -> Result<SocketAddr, String> {
    parse(text).ok_or_else(|| format!("allowed: {ALLOWED}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_exporters_read_them() {
        let read = |text| parse(text).map(|address| address.to_string());
        assert_eq!(read("127.0.0.1:10720").as_deref(), Some("127.0.0.1:10720"));
        assert_eq!(read("[::]:9100").as_deref(), Some("[::]:9100"));
        assert_eq!(read(":9100").as_deref(), Some("0.0.0.0:9100"));
        assert_eq!(read("localhost:0").as_deref(), Some("127.0.0.1:0"));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            ":",
            "10720",
            "example.org:80",
            "127.0.0.1",
            ":+80",
            ":65536",
            "localhost:",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
