//! The way to the API.

use super::super::form::Line;
use super::super::seen::{Reached, Seen};
use super::{failed, ok, skipped, warning};
use crate::client::{CallError, RequestResult};

/// What went wrong with the first page on its way, where no answer came.
fn lost(seen: &Seen) -> Option<(RequestResult, &str)> {
    match &seen.page {
        Some(Err(CallError::Unavailable { result, detail, .. })) if !seen.answered => {
            Some((*result, detail))
        }
        _ => None,
    }
}

/// A proxy is asked for a tunnel before TLS begins.
fn is_of_tunnel(detail: &str) -> bool {
    detail.contains("tunnel") || detail.contains("proxy")
}

fn whom(seen: &Seen) -> (&'static str, &str) {
    match &seen.proxy {
        Some(proxy) => ("the proxy ", proxy),
        None => ("", &seen.host),
    }
}

pub(super) fn proxy(seen: &Seen) -> Line {
    let Some(proxy) = &seen.proxy else {
        if let (false, [first, ..]) = (seen.loopback, seen.proxies_passed_over.as_slice()) {
            let why = format!(
                "none: `{first}` is no address of a proxy, and is passed over; hint: write it as `http://proxy:3128`"
            );
            return warning("proxy", why).found("none");
        }
        let why = if seen.loopback {
            "none: a loopback address is always asked directly"
        } else {
            "none: neither `HTTPS_PROXY` nor its like names one for this host"
        };
        return ok("proxy", why).found("none");
    };
    match lost(seen) {
        Some((_, detail)) if is_of_tunnel(detail) => failed(
            "proxy",
            format!(
                "`{proxy}` opens no tunnel to `{}` ({detail}); hint: may it go there, and are its name and password in the variable?",
                seen.host
            ),
        ),
        _ => ok("proxy", format!("requests go through `{proxy}`, named by the environment")),
    }
    .found("used")
}

pub(super) fn name(seen: &Seen) -> Line {
    let (role, place) = whom(seen);
    match &seen.name {
        Reached::Yes(many) => ok("name", format!("{role}`{place}` resolves to {many}")),
        Reached::No(why) => failed(
            "name",
            format!(
                "{role}`{place}` does not resolve ({why}); hint: check `url` and this machine's DNS, or name a proxy in `HTTPS_PROXY`"
            ),
        ),
        Reached::NotTried => skipped("name", "not asked"),
    }
}

pub(super) fn connection(seen: &Seen) -> Line {
    let (role, place) = whom(seen);
    match &seen.connection {
        Reached::Yes(_) => ok("connection", format!("{role}`{place}` takes connections")),
        Reached::No(why) => failed(
            "connection",
            format!(
                "{role}`{place}` takes no connection ({why}); hint: check {}, and whether a firewall lets this machine out",
                if seen.proxy.is_some() {
                    "the proxy in `HTTPS_PROXY` and its like"
                } else {
                    "`url`'s port"
                }
            ),
        ),
        Reached::NotTried => skipped("connection", "the name does not resolve"),
    }
}

pub(super) fn tls(seen: &Seen) -> Line {
    if !seen.tls {
        return if seen.loopback {
            skipped("tls", "not used: `url` is `http`, on loopback")
        } else {
            warning(
                "tls",
                "not used: `url` is `http`, and tokens can be read on the way; hint: write `https`",
            )
        };
    }
    if seen.answered {
        return ok("tls", "the server's certificate is trusted");
    }
    match (lost(seen), &seen.page) {
        (Some((RequestResult::Connection, detail)), Some(Err(error))) if !is_of_tunnel(detail) => {
            failed("tls", error.to_string())
        }
        (Some((RequestResult::Timeout, _)), _) => skipped("tls", "no answer came in time"),
        _ => skipped("tls", "nothing was answered"),
    }
}
