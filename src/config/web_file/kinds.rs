//! How single values of the file are read: Go's names, Go's durations, hashes of passwords.

use super::super::field::{Field, listed};
use super::super::kind::{Kind, Refused};
use super::super::spelling::did_you_mean;
use super::super::table::{Inside, Preset, Row};
use super::path;
use super::words::{
    CIPHERS, CLIENT_AUTHS, CURVES, Cipher, ClientAuth, Curve, HEADERS, TlsVersion, VERSIONS,
};
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

fn one_of<T: Copy + 'static>(words: &'static [(&'static str, T)]) -> Kind<T> {
    let names = move || words.iter().map(|(name, _)| *name);
    Kind::new(listed(names()), move |text| {
        let found = words.iter().find(|(name, _)| *name == text);
        found
            .map(|(_, value)| *value)
            .ok_or_else(|| Refused::is(text).hint(did_you_mean(text, names())))
    })
}

/// Empty counts as not written.
pub(super) fn client_auth() -> Row<Option<ClientAuth>> {
    let kind = one_of(&CLIENT_AUTHS);
    value(
        listed(CLIENT_AUTHS.map(|(name, _)| name)),
        "RequireAndVerifyClientCert",
        move |field| {
            if field.scalar() == Some("") {
                return Some(None);
            }
            let read = kind.read(field);
            (read.is_some() || !field.is_written()).then_some(read)
        },
    )
}

pub(super) fn version() -> Kind<TlsVersion> {
    one_of(&VERSIONS)
}

pub(super) fn cipher() -> Kind<Cipher> {
    one_of(&CIPHERS)
}

pub(super) fn curve() -> Kind<Curve> {
    one_of(&CURVES)
}

/// As YAML 1.1 has them, which the toolkit reads.
pub(super) fn switch() -> Kind<bool> {
    Kind::new("`true` or `false`", |text| {
        match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "y" => Ok(true),
            "false" | "no" | "off" | "n" => Ok(false),
            _ => Err(Refused::is(text)),
        }
    })
}

pub(super) fn pem(allowed: &'static str) -> Kind<String> {
    Kind::new(allowed, |text| Ok(text.to_owned()))
}

pub(super) fn secret_pem() -> Kind<SecretString> {
    Kind::new("a private key in PEM", |text| Ok(SecretString::from(text)))
}

/// An empty one counts as none; the rules see to that.
pub(super) fn file() -> Kind<PathBuf> {
    let path = path();
    Kind::new("a path", move |text| match text {
        "" => Ok(PathBuf::new()),
        text => path.parse(text),
    })
}

fn value<T: 'static>(
    allowed: String,
    such_as: &'static str,
    read: impl Fn(&Field<'_>) -> Option<T> + 'static,
) -> Row<T> {
    let preset = Preset::Absent(such_as);
    Row::new(Inside::Value { allowed, preset }, read)
}

/// A list of values of a kind.
pub(super) fn row_of<T: 'static>(kind: fn() -> Kind<T>, such_as: &'static str) -> Row<Vec<T>> {
    let kind = kind();
    let allowed = format!("a list of {}", kind.allowed);
    value(allowed.clone(), such_as, move |field| {
        is_list(field, &allowed)
            .then(|| field.items().filter_map(|item| kind.read(&item)).collect())
    })
}

fn is_list(field: &Field<'_>, allowed: &str) -> bool {
    let is_list = matches!(field.value(), None | Some(super::node::Value::List(_)));
    if !is_list {
        field.refuse_kind(allowed);
    }
    is_list
}

/// Names of certificates. An empty list is refused: it reads as if it allowed all, and allows nobody.
pub(super) fn names() -> Row<Option<Vec<String>>> {
    const ALLOWED: &str = "a list of names, addresses or URIs, such as `[prometheus.example.org]`";
    let word = super::super::kind::word();
    value(
        ALLOWED.to_owned(),
        "[prometheus.example.org]",
        move |field| {
            if !field.is_written() || !is_list(field, ALLOWED) {
                return Some(None);
            }
            let items: Vec<_> = field.items().collect();
            if items.is_empty() {
                field.refuse("is an empty list, which allows nobody", ALLOWED, None);
            }
            Some(Some(
                items.iter().filter_map(|item| word.read(item)).collect(),
            ))
        },
    )
}

/// Names and hashes. Neither is shown.
pub(super) fn users() -> Row<BTreeMap<String, SecretString>> {
    const ALLOWED: &str =
        "a mapping of names to bcrypt hashes of passwords, such as `{alice: $2y$10$…}`";
    const HASH: &str = "a bcrypt hash, such as `$2y$10$…` of 60 characters";
    value(ALLOWED.to_owned(), "{alice: $2y$10$…}", |field| {
        if field.is_written() && !field.is_mapping() {
            field.refuse_kind(ALLOWED);
        }
        let mut users = BTreeMap::new();
        for (at, entry) in field.entries().iter().enumerate() {
            let shown = format!("the user at place {} of `basic_auth_users`", at + 1);
            let refuse = |found: &str, allowed: &str, hint: Option<&str>| {
                let message = format!("{shown} {found}; allowed: {allowed}");
                field.key(entry).error(message, hint.map(str::to_owned));
            };
            let value = field.of(entry);
            let hash = value.scalar().unwrap_or_default();
            if !entry.is_text || entry.key.is_empty() || entry.key.contains(':') {
                refuse("has no usable name", "a name without a colon", None);
            } else if users.contains_key(&entry.key) {
                refuse("is there twice", "each name once", None);
            } else if bcrypt::HashParts::from_str(hash).is_err() {
                let hint = "make one with `htpasswd -nBC 10 \"\" | tr -d ':\\n'`";
                refuse("has no bcrypt hash", HASH, Some(hint));
            } else {
                users.insert(entry.key.clone(), SecretString::from(hash));
            }
        }
        Some(users)
    })
}

pub(super) fn headers() -> Row<Vec<(&'static str, String)>> {
    let names = || listed(HEADERS.map(|(name, _)| name));
    let allowed = format!("a mapping of {}", names());
    value(allowed.clone(), "{X-Frame-Options: deny}", move |field| {
        if field.is_written() && !field.is_mapping() {
            field.refuse_kind(&allowed);
        }
        let mut headers: Vec<(&'static str, String)> = Vec::new();
        for entry in field.entries() {
            let known = HEADERS.iter().find(|(name, _)| *name == entry.key);
            let Some((name, values)) = known else {
                let hint = did_you_mean(&entry.key, HEADERS.map(|(name, _)| name));
                let message = format!(
                    "a header in `{}` cannot be configured; allowed: {}",
                    field.path,
                    names()
                );
                field.key(entry).error(message, hint);
                continue;
            };
            let value = field.of(entry);
            let text = super::super::field::trimmed(value.scalar().unwrap_or_default());
            if value.is_written() && value.scalar().is_none() {
                value.refuse_kind("text");
            } else if headers.iter().any(|(other, _)| other == name) {
                field.key(entry).error(
                    format!("`{name}` is there twice; allowed: each key once"),
                    None,
                );
            } else if !text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
                value.refuse("is no text for a header", "visible ASCII on one line", None);
            } else if !text.is_empty() && !values.is_empty() && !values.contains(&text) {
                value.refuse(
                    &format!("is {}", value.found()),
                    &listed(values.iter().copied()),
                    None,
                );
            } else if !text.is_empty() {
                headers.push((name, text.to_owned()));
            }
        }
        Some(headers)
    })
}

/// As Go writes durations: `1.5s`, `1m30s`, `100ms`. A bare number, which Go takes for nanoseconds, is refused but for 0.
pub(super) fn go_duration() -> Kind<Duration> {
    Kind::new(
        "a duration with its unit, such as `1s`, `100ms` or `1m30s`; `0` for none",
        |text| {
            go_span(text).ok_or_else(|| {
                let bare = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
                Refused::is(text).hint(bare.then(|| format!("seconds are written `{text}s`")))
            })
        },
    )
}

const UNITS: [(&str, f64); 8] = [
    ("ns", 1e-9),
    ("us", 1e-6),
    ("µs", 1e-6),
    ("μs", 1e-6),
    ("ms", 1e-3),
    ("s", 1.0),
    ("m", 60.0),
    ("h", 3600.0),
];

fn go_span(text: &str) -> Option<Duration> {
    if text == "0" {
        return Some(Duration::ZERO);
    }
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    let mut seconds = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let number = rest.find(|sign: char| !sign.is_ascii_digit() && sign != '.')?;
        let (amount, after) = rest.split_at(number);
        let unit = after.find(|sign: char| sign.is_ascii_digit() || sign == '.');
        let (unit, after) = after.split_at(unit.unwrap_or(after.len()));
        let (_, scale) = UNITS.iter().find(|(name, _)| *name == unit)?;
        seconds += amount.parse::<f64>().ok()? * scale;
        rest = after;
    }
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_reads_them() {
        for (text, milliseconds) in [
            ("0", 0),
            ("0s", 0),
            ("1s", 1000),
            ("1.5s", 1500),
            ("1m30s", 90_000),
            (".5h", 1_800_000),
            ("100ms", 100),
            ("+2s", 2000),
            ("1000us", 1),
        ] {
            assert_eq!(
                go_span(text),
                Some(Duration::from_millis(milliseconds)),
                "{text}"
            );
        }
        for text in [
            "",
            "1",
            "s",
            "1d",
            "-1s",
            "1 s",
            "1..s",
            "1s2",
            "1e9h9",
            "9999999999999999999999999h",
        ] {
            assert_eq!(go_span(text), None, "{text}");
        }
    }
}
