//! What is to be filled of each account, and what must be the same for whoever goes on.

use super::super::{Failure, complain};
use super::Args;
use super::interrupt::go_on;
use crate::backfill::{self, Folder, Part, Planned, Standing, Wanted};
use crate::config::{self, Account, Config};
use crate::poller::Reach;
use crate::store::{self, Beginning, Place, StoreError};
use crate::{clock, poller};
use anyhow::{Context as _, anyhow};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// Whoever runs on the store begins with the account at once, if it is its to count.
const STARTS_WITHIN: Duration = Duration::from_secs(15);

/// While it waits.
const SAYS_AGAIN: Duration = Duration::from_secs(30);

/// What must be the same for parts to fit together; no secrets.
pub(super) fn asked(
    args: &Args,
    config: &Config,
    accounts: &[&Account],
) -> BTreeMap<String, String> {
    let metrics = &config.metrics;
    let windows: Vec<_> = metrics.windows.iter().map(|it| it.label.as_str()).collect();
    let mut asked = BTreeMap::from([
        ("--from".to_owned(), args.from.clone()),
        ("--to".to_owned(), args.to.clone()),
        ("metrics.windows".to_owned(), windows.join(", ")),
        (
            "metrics.per_agent".to_owned(),
            metrics.per_agent.to_string(),
        ),
        (
            "metrics.direction".to_owned(),
            metrics.direction.to_string(),
        ),
        (
            "metrics.max_series_per_metric".to_owned(),
            metrics.max_series_per_metric.to_string(),
        ),
        (
            "poll.settle".to_owned(),
            config::as_written(config.poll.settle),
        ),
    ]);
    let names: Vec<_> = accounts.iter().map(|it| it.name.as_str()).collect();
    asked.insert("--account".to_owned(), names.join(", "));
    for account in accounts {
        let name = &account.name;
        let ids = format!(
            "{} {} {}",
            account.url, account.account_id, account.stream_id
        );
        asked.insert(format!("url and ids of {name}"), ids);
        let version = format!("{:?}", account.call_details).to_lowercase();
        asked.insert(format!("call_details of {name}"), version);
        let targets = format!(
            "{:?} {:?} {:?}",
            account.targets, account.channels, account.queues
        );
        asked.insert(format!("targets of {name}"), targets);
        let zone = account.time_zone.as_ref().and_then(|it| it.iana_name());
        asked.insert(
            format!("time_zone of {name}"),
            zone.unwrap_or_default().to_owned(),
        );
    }
    asked
}

/// The exporter's state of the account, if that is still the one that the part was planned by.
pub(super) fn state_of(
    place: &Place,
    config: &Config,
    account: &Account,
    (part, folder): (&Part, &Folder),
) -> Result<Option<Beginning>, anyhow::Error> {
    let began = began(place, account)?;
    let reach = reach(place, account, began.as_ref())?;
    let fits = part.still_fits(&Standing {
        state: identity(began.as_ref()),
        reach: reach.as_ref(),
        now_s: clock::now_s(),
        initial_lookback_s: seconds(config.poll.initial_lookback),
    });
    fits.map_err(|why| {
        anyhow!(
            "account `{}`: {why}; hint: remove `{}` to begin anew",
            account.name,
            folder.path().display()
        )
    })?;
    Ok(began)
}

/// What tells a state from others, and nothing else of it.
fn identity(began: Option<&Beginning>) -> Option<String> {
    began.map(|began| format!("{:032x}", began.hash_key.fingerprint().0))
}

/// How far the exporter's reading has come.
pub(super) fn reach(
    place: &Place,
    account: &Account,
    began: Option<&Beginning>,
) -> Result<Option<Reach>, anyhow::Error> {
    let reach = began.map(|began| poller::reach(&began.progress));
    let reach = reach.transpose();
    let reach =
        reach.map_err(|_| anyhow!("{place}: the progress of `{}` is damaged", account.name));
    Ok(reach?.flatten())
}

pub(super) fn seconds(it: Duration) -> i64 {
    i64::try_from(it.as_secs()).unwrap_or(i64::MAX / 2)
}

/// From when to when each account is filled. Waits for an exporter's first reading.
pub(super) fn plan(
    place: &Place,
    config: &Config,
    accounts: &[&Account],
    wanted: Wanted,
    stop: &CancellationToken,
) -> Result<Vec<Part>, Failure> {
    let each = accounts.iter();
    each.map(|account| Ok(plan_account(place, config, account, wanted, stop)?))
        .collect()
}

fn plan_account(
    place: &Place,
    config: &Config,
    account: &Account,
    wanted: Wanted,
    stop: &CancellationToken,
) -> Result<Part, anyhow::Error> {
    let name = &account.name;
    let lookback_s = seconds(config.poll.initial_lookback);
    let (begun, mut said) = (Instant::now(), None::<Instant>);
    loop {
        let began = began(place, account)?;
        let reach = reach(place, account, began.as_ref())?;
        let running = running(place)?;
        let starts = running && begun.elapsed() < STARTS_WITHIN;
        let planned = match reach {
            None if starts => Planned::NotYet {
                read_s: 0,
                of_s: lookback_s,
            },
            _ => backfill::plan(wanted, reach.as_ref(), clock::now_s(), lookback_s)
                .map_err(|error| anyhow!("account `{name}`: {error}"))?,
        };
        let (read_s, of_s) = match planned {
            Planned::Span(span, notes) => {
                for note in notes {
                    complain(&format!("note: account `{name}`: {note}"));
                }
                let state = identity(began.as_ref());
                return Ok(Part { span, state });
            }
            Planned::NotYet { read_s, of_s } => (read_s, of_s),
        };
        if !running {
            return Err(anyhow!(
                "account `{name}`: its first reading is not done, and no exporter runs that goes on with it; hint: start it, \
                 and this waits until its counters show"
            ));
        }
        if said.is_none_or(|said| said.elapsed() >= SAYS_AGAIN) {
            said = Some(Instant::now());
            complain(&format!(
                "account `{name}`: waiting for the exporter's first reading ({read_s} of {of_s} s), whose numbers this is to meet"
            ));
        }
        std::thread::sleep(Duration::from_secs(1));
        go_on(stop)?;
    }
}

/// Whether an exporter runs on the store.
fn running(place: &Place) -> Result<bool, anyhow::Error> {
    match store::overview(place) {
        Err(StoreError::Nothing { .. }) => Ok(false),
        overview => Ok(overview?.exporters > 0),
    }
}

pub(super) fn began(place: &Place, account: &Account) -> Result<Option<Beginning>, anyhow::Error> {
    store::beginning(place, &account.account_id, &account.stream_id)
        .with_context(|| format!("cannot read the exporter's state, {place}"))
}
