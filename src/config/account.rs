//! `accounts`: who is asked, as whom, how often.

use super::node::Value;
use super::problem::{Findings, Place};
use super::scalar::quoted;
use super::section::{Field, Section, folded};
use super::{Account, auth, targets, time_zone};
use std::collections::BTreeMap;
use std::net::IpAddr;
use url::{Host, Url};

pub(super) const KEYS: [&str; 10] = [
    "name",
    "url",
    "account_id",
    "stream_id",
    "auth",
    "requests_per_minute",
    "targets",
    "channels",
    "queues",
    "time_zone",
];
pub(super) use auth::KEYS as AUTH_KEYS;

/// The vendor's limit for everything that uses the account.
const VENDOR_REQUESTS_PER_MINUTE: u32 = 60;
const DEFAULT_REQUESTS_PER_MINUTE: u32 = 30;
/// Label values are cut at this length, and two accounts must stay apart.
const LONGEST_NAME: usize = 128;
const URL_ALLOWED: &str = "a base address such as `https://platform.kore.ai`";

/// Reads the list and holds the accounts apart from each other.
pub(super) fn read_all(field: &Field<'_>, findings: &mut Findings) -> Vec<Account> {
    let Value::List(items) = &field.node.value else {
        field.refuse_kind(
            "a list of accounts, each beginning with `- name: …`",
            findings,
        );
        return Vec::new();
    };
    if items.is_empty() {
        field.refuse("an empty list", "at least one account", None, findings);
    }
    let mut accounts = Vec::new();
    let mut apart = Apart::default();
    for (at, node) in items.iter().enumerate() {
        let field = Field {
            path: format!("{}[{at}]", field.path),
            node,
        };
        let section = Section::open(&field.path, Some(&field), &KEYS, findings);
        apart.hold(&section, findings);
        accounts.extend(read(&section, findings));
    }
    warn_of_shared_limits(&accounts, findings);
    accounts
}

fn read(section: &Section<'_>, findings: &mut Findings) -> Option<Account> {
    let name = section.required("name", findings);
    if let (Some(field), Some(name)) = (section.field("name"), &name)
        && name.chars().count() > LONGEST_NAME
    {
        field.refuse(
            &quoted(name),
            &format!("at most {LONGEST_NAME} characters"),
            None,
            findings,
        );
    }
    let url = read_url(section, findings);
    let account_id = section.required("account_id", findings);
    let stream_id = section.required("stream_id", findings);
    let auth = auth::read(section, findings);
    let budget = read_budget(section, findings);
    let field = |key| section.field(key);
    let targets = targets::read_whole(&section.path_of("targets"), field("targets"), findings);
    let channels = targets::read_named(field("channels"), "a channel's name", findings);
    let queues = targets::read_named(field("queues"), "a queue's name or id", findings);
    let time_zone = field("time_zone").and_then(|field| time_zone::read(&field, findings));
    Some(Account {
        name: name?,
        url: url?,
        account_id: account_id?,
        stream_id: stream_id?,
        auth: auth?,
        requests_per_minute: budget,
        targets,
        channels,
        queues,
        time_zone,
    })
}

fn read_budget(section: &Section<'_>, findings: &mut Findings) -> u32 {
    let budget = section.whole(
        "requests_per_minute",
        DEFAULT_REQUESTS_PER_MINUTE,
        1,
        findings,
    );
    if let Some(field) = section.field("requests_per_minute")
        && budget > VENDOR_REQUESTS_PER_MINUTE
    {
        let message = format!(
            "{} is `{budget}`, but the vendor allows an account 60 in all",
            field.name()
        );
        let hint =
            "the excess is answered by refusals, also to others who use the account".to_owned();
        findings.warning(field.place(), message, Some(hint));
    }
    budget
}

fn read_url(section: &Section<'_>, findings: &mut Findings) -> Option<Url> {
    let Some(field) = section.field("url") else {
        section.missing("url", URL_ALLOWED, findings);
        return None;
    };
    let text = field.text(URL_ALLOWED, findings)?;
    // What may hold a password or a key is not shown.
    let found = if text.contains(['@', '?', '#']) {
        "not such an address".to_owned()
    } else {
        quoted(text)
    };
    let Ok(url) = Url::parse(text.trim()) else {
        let hint = (!text.contains("://")).then(|| "an address begins with `https://`".to_owned());
        field.refuse(&found, URL_ALLOWED, hint, findings);
        return None;
    };
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        field.refuse(&found, URL_ALLOWED, None, findings);
        return None;
    }
    if !url.username().is_empty() || url.password().is_some() {
        let hint = "credentials belong into `auth`".to_owned();
        field.refuse(
            "an address with credentials",
            URL_ALLOWED,
            Some(hint),
            findings,
        );
        return None;
    }
    if url.query().is_some() || url.fragment().is_some() {
        field.refuse(
            "an address with a query or a fragment",
            URL_ALLOWED,
            None,
            findings,
        );
        return None;
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        let message = format!(
            "{} is {}: tokens and conversations pass the network unencrypted",
            field.name(),
            quoted(text)
        );
        findings.warning(field.place(), message, Some("use `https://`".to_owned()));
    }
    Some(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            name.eq_ignore_ascii_case("localhost") || name.ends_with(".localhost")
        }
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

/// What must not be the same in two accounts: the label, and what the store keeps them under.
#[derive(Default)]
struct Apart {
    names: BTreeMap<String, Place>,
    streams: BTreeMap<(String, String), Place>,
}

impl Apart {
    fn hold(&mut self, section: &Section<'_>, findings: &mut Findings) {
        let word = |key| match &section.field(key)?.node.value {
            Value::Scalar(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
            _ => None,
        };
        if let Some(name) = word("name") {
            let message = format!(
                "`{}` is {}, as an earlier account's",
                section.path_of("name"),
                quoted(&name)
            );
            refuse_second(&mut self.names, name, section.place(), message, findings);
        }
        if let (Some(account), Some(stream)) = (word("account_id"), word("stream_id")) {
            let message = format!(
                "`{}` and `stream_id` are an earlier account's",
                section.path_of("account_id")
            );
            refuse_second(
                &mut self.streams,
                (folded(&account), folded(&stream)),
                section.place(),
                message,
                findings,
            );
        }
    }
}

fn refuse_second<K: Ord>(
    seen: &mut BTreeMap<K, Place>,
    key: K,
    place: Place,
    message: String,
    findings: &mut Findings,
) {
    let Some(first) = seen.insert(key, place) else {
        return;
    };
    let hint = match first {
        Place::Line(line) => Some(format!("the earlier one is at line {line}")),
        _ => None,
    };
    findings.error(place, format!("{message}; allowed: each only once"), hint);
}

/// Streams of one account share its 60.
fn warn_of_shared_limits(accounts: &[Account], findings: &mut Findings) {
    let mut sums: BTreeMap<String, (u64, usize)> = BTreeMap::new();
    for account in accounts {
        let (sum, count) = sums.entry(folded(&account.account_id)).or_default();
        *sum += u64::from(account.requests_per_minute);
        *count += 1;
    }
    for (account_id, (sum, count)) in sums {
        if count > 1 && sum > u64::from(VENDOR_REQUESTS_PER_MINUTE) {
            let message = format!(
                "{count} entries with `account_id` {} have {sum} `requests_per_minute` together, but the vendor allows an account 60 in all",
                quoted(&account_id)
            );
            findings.warning(Place::Unknown, message, None);
        }
    }
}
