//! What the gate says of itself to whoever runs the exporter: how it is reached, who may ask, what will soon be amiss.

use super::{Gate, san};
use crate::clock;
use crate::config::{Place, Problem};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use std::net::SocketAddr;

/// Long enough for somebody to replace a certificate, and for no warning while whatever renews it by itself still may.
const SOON_S: i64 = 7 * 24 * 3_600;

impl Gate {
    /// `https` or `http`.
    pub fn scheme(&self) -> &'static str {
        match self.rules.load().tls {
            Some(_) => "https",
            None => "http",
        }
    }

    /// What whoever asks must show that not everybody has, in words; `None` where everybody is answered.
    pub fn asks_for(&self) -> Option<String> {
        let rules = self.rules.load();
        let certificate = rules.tls.as_ref().filter(|tls| tls.admits_no_stranger());
        let certificate = certificate.map(|_| "a client certificate");
        let password = (!rules.users.is_empty()).then_some("a password");
        let asked: Vec<&str> = certificate.into_iter().chain(password).collect();
        (!asked.is_empty()).then(|| asked.join(", and "))
    }

    /// Says that everybody in the network may read what is served, where it is so.
    pub fn exposed(&self, address: SocketAddr) -> Option<String> {
        let rules = self.rules.load();
        let open = rules.tls.is_none() && rules.users.is_empty();
        let beyond = !address.ip().to_canonical().is_loopback();
        (open && beyond).then(|| {
            format!(
                "`{address}` is reached from beyond this machine, with neither TLS nor a password: whoever reaches it reads all; \
                 hint: `--web.config.file` adds both, and `--web.listen-address=127.0.0.1:{}` keeps it on this machine",
                address.port()
            )
        })
    }
}

/// Says that a certificate of this server is, or soon will be, one that clients refuse.
pub(super) fn of_certificate(certificate: &[u8]) -> Option<Problem> {
    let (first, last) = san::validity(certificate)?;
    judge(&first, &last, clock::now_s())
}

/// Both as `20251231235959Z`.
fn judge(first: &str, last: &str, now_s: i64) -> Option<Problem> {
    let (first_s, last_s) = (seconds(first)?, seconds(last)?);
    let message = if now_s > last_s {
        format!("this server's certificate ended on {}", day(last))
    } else if now_s < first_s {
        format!(
            "this server's certificate begins on {} by this machine's clock",
            day(first)
        )
    } else if last_s - now_s < SOON_S {
        format!("this server's certificate ends on {}", day(last))
    } else {
        return None;
    };
    let hint =
        "replace it; clients refuse one that does not hold. Files are read again when they change";
    Some(Problem {
        place: Place::Unknown,
        message,
        hint: Some(hint.to_owned()),
    })
}

fn seconds(time: &str) -> Option<i64> {
    let time = DateTime::strptime("%Y%m%d%H%M%SZ", time).ok()?;
    let time: Timestamp = time.to_zoned(TimeZone::UTC).ok()?.timestamp();
    Some(time.as_second())
}

/// `2025-12-31`
fn day(time: &str) -> String {
    format!("{}-{}-{}", &time[..4], &time[4..6], &time[6..8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_that_ended_ends_soon_or_has_not_begun_is_told() {
        let now_s = seconds("20261127120000Z").unwrap();
        let told = |first: &str, last: &str| judge(first, last, now_s).map(|it| it.message);
        let (long_ago, far) = ("20200101000000Z", "20400101000000Z");
        assert_eq!(told(long_ago, far), None);
        for (first, last, wanted) in [
            (long_ago, "20261127115959Z", "ended on 2026-11-27"),
            (long_ago, "20261127120001Z", "ends on 2026-11-27"),
            (long_ago, "20261204115959Z", "ends on 2026-12-04"),
            ("20261127120001Z", far, "begins on 2026-11-27"),
        ] {
            let told = told(first, last).unwrap();
            assert!(told.contains(wanted), "{told}");
        }
        assert_eq!(told(long_ago, "20261204120000Z"), None);
    }
}
