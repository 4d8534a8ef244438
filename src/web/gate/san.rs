//! The little of a certificate that TLS itself does not look at: its names, and when it holds.
//!
//! Whoever connects may send any bytes for a certificate: every length is checked, nothing recurses, and what cannot be
//! read has no names and holds never.

use std::net::IpAddr;

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const OID: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
/// `[0]` and `[3]` with something inside.
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;
/// 2.5.29.17
const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 0x11];

const MAIL: u8 = 0x81;
const DNS: u8 = 0x82;
const URI: u8 = 0x86;
const IP: u8 = 0x87;

/// Takes one value off the front.
fn take<'d>(rest: &mut &'d [u8]) -> Option<(u8, &'d [u8])> {
    let (tag, after) = rest.split_first()?;
    let (first, after) = after.split_first()?;
    let (length, after) = if *first < 0x80 {
        (usize::from(*first), after)
    } else {
        let count = usize::from(*first & 0x7f);
        if !(1..=3).contains(&count) || after.len() < count {
            return None;
        }
        let (bytes, after) = after.split_at(count);
        let length = bytes
            .iter()
            .fold(0, |length, byte| length << 8 | usize::from(*byte));
        (length, after)
    };
    if after.len() < length {
        return None;
    }
    let (content, after) = after.split_at(length);
    *rest = after;
    Some((*tag, content))
}

fn expect<'d>(rest: &mut &'d [u8], wanted: u8) -> Option<&'d [u8]> {
    take(rest)
        .filter(|(tag, _)| *tag == wanted)
        .map(|(_, content)| content)
}

/// What follows the serial number, the algorithm and the issuer.
fn from_validity(certificate: &[u8]) -> Option<&[u8]> {
    let mut outer = certificate;
    let mut inner = expect(&mut outer, SEQUENCE)?;
    let mut rest = expect(&mut inner, SEQUENCE)?;
    if rest.first() == Some(&VERSION) {
        take(&mut rest)?;
    }
    expect(&mut rest, INTEGER)?;
    expect(&mut rest, SEQUENCE)?;
    expect(&mut rest, SEQUENCE)?;
    Some(rest)
}

/// First and last instant at which a certificate holds, as `20251231235959Z`.
pub(super) fn validity(certificate: &[u8]) -> Option<(String, String)> {
    let mut rest = from_validity(certificate)?;
    let mut times = expect(&mut rest, SEQUENCE)?;
    Some((time(&mut times)?, time(&mut times)?))
}

fn time(rest: &mut &[u8]) -> Option<String> {
    let (tag, text) = take(rest)?;
    let text = str::from_utf8(text).ok()?;
    let digits = text.strip_suffix('Z')?;
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    match (tag, digits.len()) {
        (UTC_TIME, 12) if plain => {
            let century = if digits < "5" { "20" } else { "19" };
            Some(format!("{century}{text}"))
        }
        (GENERALIZED_TIME, 14) if plain => Some(text.to_owned()),
        _ => None,
    }
}

/// Whether a certificate has one of these names: DNS, IP, mail or URI, as it is written.
pub(super) fn has_one_of(certificate: &[u8], allowed: &[String]) -> bool {
    let is_allowed = |name: String| {
        allowed.iter().any(|allowed| {
            *allowed == name
                || allowed
                    .parse::<IpAddr>()
                    .is_ok_and(|address| name.parse() == Ok(address))
        })
    };
    names(certificate)
        .unwrap_or_default()
        .into_iter()
        .any(is_allowed)
}

fn names(certificate: &[u8]) -> Option<Vec<String>> {
    let mut rest = from_validity(certificate)?;
    let mut extensions = loop {
        if let (EXTENSIONS, content) = take(&mut rest)? {
            break content;
        }
    };
    let mut extensions = expect(&mut extensions, SEQUENCE)?;
    let mut found = loop {
        let mut extension = expect(&mut extensions, SEQUENCE)?;
        if expect(&mut extension, OID)? != SUBJECT_ALT_NAME {
            continue;
        }
        // Perhaps a flag, then what it says.
        let (mut tag, mut content) = take(&mut extension)?;
        if tag != OCTETS {
            (tag, content) = take(&mut extension)?;
        }
        if tag == OCTETS {
            break content;
        }
    };
    let mut rest = expect(&mut found, SEQUENCE)?;
    let mut names = Vec::new();
    while let Some((tag, content)) = take(&mut rest) {
        names.extend(match tag {
            MAIL | DNS | URI => str::from_utf8(content).ok().map(str::to_owned),
            IP => address(content).map(|address| address.to_string()),
            _ => None,
        });
    }
    Some(names)
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    match bytes.len() {
        4 => <[u8; 4]>::try_from(bytes).ok().map(IpAddr::from),
        16 => <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn certificate() -> Vec<u8> {
        let names = vec![
            "x.example.org".to_owned(),
            "10.0.0.1".to_owned(),
            "2001:db8::1".to_owned(),
        ];
        let mut params = rcgen::CertificateParams::new(names).unwrap();
        params.not_before = rcgen::date_time_ymd(1999, 12, 31);
        params.not_after = rcgen::date_time_ymd(2090, 1, 2);
        let key = rcgen::KeyPair::generate().unwrap();
        params.self_signed(&key).unwrap().der().to_vec()
    }

    #[test]
    fn names_and_times_are_read() {
        let certificate = certificate();
        let names = names(&certificate).unwrap();
        assert_eq!(names, ["x.example.org", "10.0.0.1", "2001:db8::1"]);
        let wanted = ("19991231000000Z".to_owned(), "20900102000000Z".to_owned());
        assert_eq!(validity(&certificate), Some(wanted));
        assert!(has_one_of(&certificate, &["2001:DB8:0::1".to_owned()]));
        assert!(!has_one_of(&certificate, &["example.org".to_owned()]));
    }

    proptest! {
        #[test]
        fn no_bytes_break_the_reader(
            bytes in proptest::collection::vec(any::<u8>(), 0..200),
            changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
            cut in any::<prop::sample::Index>(),
        ) {
            static GOOD: std::sync::LazyLock<Vec<u8>> = std::sync::LazyLock::new(certificate);
            let mut damaged = GOOD.clone();
            for (at, byte) in changes {
                let at = at.index(damaged.len());
                damaged[at] = byte;
            }
            damaged.truncate(cut.index(damaged.len() + 1));
            for bytes in [&bytes, &damaged] {
                names(bytes);
                validity(bytes);
            }
        }
    }
}
