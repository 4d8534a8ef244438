//! What must hold between keys, and what is allowed but probably not meant.

use super::base_url::is_loopback;
use super::field::{Section, folded, quoted};
use super::keys::{Account, Config, Poll};
use super::node::Value;
use super::problem::{Findings, Place};
use std::collections::BTreeMap;

/// The vendor's limit for everything that uses the account.
const VENDOR_REQUESTS_PER_MINUTE: u32 = 60;

pub(super) fn poll(poll: &mut Poll, section: &Section<'_>, findings: &mut Findings) {
    if poll.initial_lookback <= poll.max_lookback {
        return;
    }
    let Some(field) = section.field("initial_lookback") else {
        // A short `max_lookback` alone shortens the first look back with it.
        poll.initial_lookback = poll.max_lookback;
        return;
    };
    let most = section.field("max_lookback").map(|field| field.found());
    let most = most.unwrap_or_else(|| "`7d`".to_owned());
    let allowed = format!("at most `poll.max_lookback`, which is {most}");
    field.refuse(&field.found(), &allowed, None, findings);
}

/// What is older than `max_lookback` is forgotten.
pub(super) fn config(config: &mut Config, section: &Section<'_>, findings: &mut Findings) {
    let field = section.field("metrics.windows");
    let place = field.map_or(Place::Unknown, |field| field.place());
    let back = config.poll.max_lookback;
    let windows = config.metrics.windows.iter();
    for window in windows.filter(|window| window.length > back) {
        let message = format!(
            "`{}` of `metrics.windows` is longer than `poll.max_lookback`",
            window.label
        );
        let back = humantime::format_duration(back);
        let hint = format!("it shows the last {back} only");
        findings.warning(place, message, Some(hint));
    }
}

pub(super) fn account(account: &mut Account, section: &Section<'_>, findings: &mut Findings) {
    let budget = account.requests_per_minute;
    if let Some(field) = section.field("requests_per_minute")
        && budget > VENDOR_REQUESTS_PER_MINUTE
    {
        let message = format!(
            "{} is `{budget}`, but the vendor allows an account {VENDOR_REQUESTS_PER_MINUTE} in all",
            field.name()
        );
        let hint = "the excess is answered by refusals, also to others who use the account";
        findings.warning(field.place(), message, Some(hint.to_owned()));
    }
    if let Some(field) = section.field("url")
        && account.url.scheme() == "http"
        && !is_loopback(&account.url)
    {
        let message = format!(
            "{} is {}: tokens and conversations pass the network unencrypted",
            field.name(),
            field.found()
        );
        findings.warning(field.place(), message, Some("use `https://`".to_owned()));
    }
}

/// The accounts, each as written and those that could be read, beside each other.
pub(super) fn accounts(written: &[Section<'_>], read: &[Account], findings: &mut Findings) {
    let mut names = BTreeMap::new();
    let mut folded_names: BTreeMap<String, String> = BTreeMap::new();
    let mut streams = BTreeMap::new();
    for section in written {
        if let Some(name) = word(section, "name") {
            let message = format!(
                "`{}` is {}, as an earlier account's",
                section.path_of("name"),
                quoted(&name)
            );
            let place = section.place();
            refuse_second(&mut names, name.clone(), place, message, findings);
            warn_of_case(&mut folded_names, name, section, findings);
        }
        if let (Some(account), Some(stream)) =
            (word(section, "account_id"), word(section, "stream_id"))
        {
            let message = format!(
                "`{}` and `stream_id` are an earlier account's",
                section.path_of("account_id")
            );
            let key = (folded(&account), folded(&stream));
            refuse_second(&mut streams, key, section.place(), message, findings);
        }
    }
    warn_of_shared_limits(read, findings);
}

fn word(section: &Section<'_>, key: &str) -> Option<String> {
    match &section.field(key)?.node.value {
        Value::Scalar(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        _ => None,
    }
}

/// The label, and what the store keeps an account under, must not be the same in two.
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
        Place::File { line, .. } => Some(format!("the earlier one is at line {line}")),
        _ => None,
    };
    findings.error(place, format!("{message}; allowed: each only once"), hint);
}

/// `EU` and `eu` are two labels to Prometheus and one to people.
fn warn_of_case(
    seen: &mut BTreeMap<String, String>,
    name: String,
    section: &Section<'_>,
    findings: &mut Findings,
) {
    let Some(earlier) = seen.insert(folded(&name), name.clone()) else {
        return;
    };
    if earlier != name {
        let message = format!(
            "`{}` is {}, and an earlier account's is {}",
            section.path_of("name"),
            quoted(&name),
            quoted(&earlier)
        );
        let hint = "names that differ in case alone are hard to tell apart on a board".to_owned();
        findings.warning(section.place(), message, Some(hint));
    }
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
                "{count} entries with `account_id` {} have {sum} `requests_per_minute` together, but the vendor allows an account {VENDOR_REQUESTS_PER_MINUTE} in all",
                quoted(&account_id)
            );
            findings.warning(Place::Unknown, message, None);
        }
    }
}
