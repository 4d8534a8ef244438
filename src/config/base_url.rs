//! `url`: where the API of an account is.

use super::field::quoted;
use super::kind::{Kind, Refused};
use std::net::IpAddr;
use url::{Host, Url};

/// What may hold a password or a key is not shown.
pub(super) fn kind() -> Kind<Url> {
    Kind::new(
        "a base address such as `https://platform.kore.ai`",
        |text| {
            let no_address = || {
                if text.contains(['@', '?', '#']) {
                    Refused::because("is not a base address")
                } else {
                    Refused::because(format!("is {}", quoted(text)))
                }
            };
            let url = Url::parse(text).map_err(|_| {
                let hint =
                    (!text.contains("://")).then(|| "an address begins with `https://`".into());
                no_address().hint(hint)
            })?;
            if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
                return Err(no_address());
            }
            if !url.username().is_empty() || url.password().is_some() {
                let refused = Refused::because("is an address with credentials");
                return Err(refused.hint(Some("credentials belong in `auth`".into())));
            }
            if url.query().is_some() || url.fragment().is_some() {
                return Err(Refused::because("is an address with a query or a fragment"));
            }
            Ok(url)
        },
    )
}

/// Whether an address leads to this machine, past every network and proxy.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => is_loopback_name(name),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The same of a name, or of an address as text.
pub(super) fn is_loopback_name(name: &str) -> bool {
    match name.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => name == "localhost" || name.ends_with(".localhost"),
    }
}
