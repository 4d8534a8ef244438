//! What must hold between keys, and what is allowed but probably not meant.

use super::base_url::is_loopback;
use super::field::{Field, folded, quoted};
use super::keys::{Account, Config, Poll};
use super::problem::Place;
use super::span::as_written;
use super::table::Held;
use std::collections::BTreeMap;

/// The vendor's limit for everything that uses the account.
pub const VENDOR_REQUESTS_PER_MINUTE: u32 = 60;

impl Held for Poll {
    fn hold(&mut self, field: &Field<'_>) {
        let poll = self;
        if poll.initial_lookback <= poll.max_lookback {
            return;
        }
        let initial = field.at("initial_lookback");
        if !initial.is_written() {
            // A short `max_lookback` alone shortens the first look back with it.
            poll.initial_lookback = poll.max_lookback;
            return;
        }
        let most = field.at("max_lookback");
        let most = if most.is_written() {
            most.found()
        } else {
            "`7d`".to_owned()
        };
        let allowed = format!("at most `poll.max_lookback`, which is {most}");
        initial.refuse(&format!("is {}", initial.found()), &allowed, None);
    }
}

impl Held for Config {
    /// What is older than `max_lookback` is forgotten.
    fn hold(&mut self, field: &Field<'_>) {
        let config = self;
        let back = config.poll.max_lookback;
        let windows = config.metrics.windows.iter();
        for window in windows.filter(|window| window.length > back) {
            let message = format!(
                "`{}` of `metrics.windows` is longer than `poll.max_lookback`",
                window.label
            );
            let hint = format!("it shows the last {} only", as_written(back));
            field.at("metrics.windows").warning(message, Some(&hint));
        }
    }
}

impl Held for Account {
    fn hold(&mut self, field: &Field<'_>) {
        let account = self;
        let budget = field.at("requests_per_minute");
        if account.requests_per_minute > VENDOR_REQUESTS_PER_MINUTE {
            let message = format!(
                "{} is {}, but the vendor allows an account {VENDOR_REQUESTS_PER_MINUTE} in all",
                budget.name(),
                budget.found()
            );
            let hint = "the excess is answered by refusals, also to others who use the account";
            budget.warning(message, Some(hint));
        }
        let url = field.at("url");
        if account.url.scheme() == "http" && !is_loopback(&account.url) {
            let message = format!(
                "{} is {}: tokens and conversations pass the network unencrypted",
                url.name(),
                url.found()
            );
            url.warning(message, Some("use `https://`"));
        }
        if account.url.scheme() == "http" && account.ca_file.is_some() {
            let authorities = field.at("ca_file");
            let message = format!("{} has no effect without TLS", authorities.name());
            authorities.warning(message, Some("use `https://` in `url`"));
        }
        warn_of_none(&field.at("queues"));
    }

    /// The accounts, each as written and those that could be read, beside each other. The label, and what the store keeps
    /// an account under, must not be the same in two.
    fn hold_beside(written: &[Field<'_>], read: &[Account]) {
        let mut names: BTreeMap<String, (Place, String)> = BTreeMap::new();
        let mut streams = BTreeMap::new();
        for field in written {
            if let Some(name) = word(&field.at("name")) {
                let path = field.at("name").path;
                match names.insert(folded(&name), (field.place, name.clone())) {
                    Some((first, earlier)) if earlier == name => {
                        let found =
                            format!("`{path}` is {}, as an earlier account's", quoted(&name));
                        refuse_second(field, first, &found);
                    }
                    // `EU` and `eu` are two labels to Prometheus and one to people.
                    Some((_, earlier)) => {
                        let (name, earlier) = (quoted(&name), quoted(&earlier));
                        let message =
                            format!("`{path}` is {name}, and an earlier account's is {earlier}");
                        let hint =
                            "names that differ in case alone are hard to tell apart on a board";
                        field.warning(message, Some(hint));
                    }
                    None => {}
                }
            }
            let ids =
                ["account_id", "stream_id"].map(|id| word(&field.at(id)).map(|id| folded(&id)));
            if let [Some(account), Some(stream)] = ids
                && let Some(first) = streams.insert((account, stream), field.place)
            {
                let path = field.at("account_id").path;
                let found = format!("`{path}` and `stream_id` are an earlier account's");
                refuse_second(field, first, &found);
            }
        }
        warn_of_shared_limits(written, read);
    }
}

/// The label of what came to no queue, which a queue of that very spelling shares.
fn warn_of_none(queues: &Field<'_>) {
    for entry in queues.entries() {
        if entry.key.trim() == "none" {
            let message = format!(
                "`{}`: a queue that is called `none` can't be told from conversations without a queue, so it has no target series, and no alert or board holds it to its targets",
                queues.of(entry).path
            );
            let hint = "give the queue another name at the vendor; `None` would do";
            queues.key(entry).warning(message, Some(hint));
        }
    }
}

fn word(field: &Field<'_>) -> Option<String> {
    let text = field.scalar()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn refuse_second(field: &Field<'_>, first: Place, found: &str) {
    let hint = match first {
        Place::File { line, .. } => Some(format!("the earlier one is at line {line}")),
        _ => None,
    };
    field.error(format!("{found}; allowed: each only once"), hint);
}

/// Streams of one account share its 60.
fn warn_of_shared_limits(written: &[Field<'_>], read: &[Account]) {
    let mut sums: BTreeMap<String, (u64, usize)> = BTreeMap::new();
    for account in read {
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
            let of_it = |field: &&Field<'_>| {
                word(&field.at("account_id")).is_some_and(|id| folded(&id) == account_id)
            };
            if let Some(field) = written.iter().find(of_it) {
                field.warning(message, None);
            }
        }
    }
}
