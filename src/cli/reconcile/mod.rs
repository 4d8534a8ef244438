//! `reconcile`: a day of our counts beside the vendor's own totals. Ours stand in the store, and an exporter may run on it
//! meanwhile; the vendor is asked once or twice.

mod report;

use super::arguments::Source;
use super::{Failure, complain, say};
use crate::client::{Aside, Client, Limits, Unobserved};
use crate::clock;
use crate::config::{self, Account, Config};
use crate::ledger::quarter_of;
use crate::live::Channels;
use crate::poller::proof;
use crate::reconcile::{AGE_S, Asked, Comparison, LONGEST_S, Way, missing};
use crate::store::{self, Place, Recounted, Wanted};
use anyhow::anyhow;
use clap::ValueEnum;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use std::ops::Range;
use std::process::ExitCode;
use std::sync::Arc;

const EXIT_CODES: &str = "\
Exit codes:
  0  all that was compared agrees: no difference of more than two and more than 1 %
  1  something differs, or could not be compared
  2  the arguments or the configuration are wrong";

/// Hold a day of our counts against the vendor's own
///
/// Shows what was counted of the conversations that began on a day beside what the vendor tells of them, by queue, channel
/// and measure: Queue Performance (scope Configuration), else Contact Volume (scope WFM Integration). Differences are
/// explained as far as they are known; what cannot be compared is said. Ours are read from the store, on which an exporter
/// may run meanwhile; the vendor is asked one to three times for each account.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES, after_long_help = EXIT_CODES)]
pub(super) struct Args {
    #[command(flatten)]
    source: Source,
    /// The day, such as 2026-11-26, in the account's `time_zone`, else in UTC; at most seven days ago, today up to an hour
    /// ago [default: yesterday]
    #[arg(long, value_name = "DAY")]
    date: Option<Date>,
    /// Only this account, by its `name`
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// For people, or for programs: one object a line for each account
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    #[default]
    Text,
    Json,
}

/// One account's day.
struct Day {
    account: String,
    /// UTC seconds.
    range: Range<i64>,
    /// In which its bounds are told.
    zone: TimeZone,
    /// Why it can't be compared, where it can't.
    outcome: Result<Comparison, String>,
}

pub(super) fn run(args: &Args) -> ExitCode {
    match compare_all(args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(failure) => super::ended(Err(failure)),
    }
}

/// Whether all agree.
fn compare_all(args: &Args) -> Result<bool, Failure> {
    let (config, warnings) = config::load(&args.source.flags(), |name| std::env::var_os(name))?;
    for warning in &warnings {
        complain(&format!("warning: {warning}"));
    }
    let accounts = super::doctor::chosen(&config, args.account.as_deref())?;
    let place = Place::of(&config.storage).map_err(anyhow::Error::from)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| anyhow!("cannot start: {error}"))?;
    let mut agree = true;
    for account in accounts {
        let zone = account.time_zone.clone().unwrap_or(TimeZone::UTC);
        let range = day(args.date, &zone)?;
        let outcome = runtime.block_on(compare(&config, account, &place, &range));
        let day = Day {
            account: account.name.clone(),
            range,
            zone,
            outcome,
        };
        agree &= day.outcome.as_ref().is_ok_and(|it| !it.disagrees());
        say(&match args.format {
            Format::Text => report::text(&day),
            Format::Json => report::json(&day),
        })?;
    }
    Ok(agree)
}

/// The bounds of a day, in whole quarters; of today, as far as it ended an hour ago.
fn day(date: Option<Date>, zone: &TimeZone) -> Result<Range<i64>, Failure> {
    let now_s = clock::now_s();
    let today = Timestamp::from_second(now_s).unwrap_or_default();
    let today = today.to_zoned(zone.clone()).date();
    let date = date.unwrap_or_else(|| today.saturating_sub(1.day()));
    let begins = |date: Date| {
        let begins = date.to_zoned(zone.clone());
        begins.map(|begins| quarter_of(begins.timestamp().as_second()))
    };
    let bounds = begins(date).and_then(|from_s| Ok((from_s, begins(date.tomorrow()?)?)));
    let (from_s, to_s) =
        bounds.map_err(|error| Failure::Usage(format!("`--date` is `{date}`: {error}")))?;
    let to_s = to_s.min(quarter_of(now_s - AGE_S));
    if to_s <= from_s {
        return Err(Failure::Usage(format!(
            "`--date` is `{date}`, of which nothing ended an hour ago; allowed: a day that began earlier"
        )));
    }
    Ok(from_s..to_s)
}

/// What differs, or why nothing can be compared.
async fn compare(
    config: &Config,
    account: &Account,
    place: &Place,
    range: &Range<i64>,
) -> Result<Comparison, String> {
    let now_s = clock::now_s();
    // Before anybody is asked.
    let counted = counted(account, place, range)?;
    let proof = proof(&counted.progress).map_err(|error| format!("the store: {error}"))?;
    let proof = proof.ok_or("the account was never polled by this version")?;
    if let Some(why) = missing(range, now_s, &proof) {
        return Err(why.to_owned());
    }
    let observer = Arc::new(Unobserved);
    let client = Client::new(account, Limits::default(), clock::now_ms, observer);
    let client = client.map_err(|error| crate::chain::chain(&error))?;
    let asked = Asked::new(Way::Own, account.org_id.clone());
    let mut parts = Vec::new();
    let mut from_s = range.start;
    while from_s < range.end {
        // A day on which clocks are put back is longer than the vendor's longest range.
        let part = from_s..range.end.min(from_s + LONGEST_S);
        let told = asked.totals(&client, &part, now_s).await;
        parts.push((part.clone(), told.map_err(in_words)?));
        from_s = part.end;
    }
    let counted = self::counted(account, place, range)?;
    let channels = Channels::new(&config.live.channels);
    Comparison::read(range.clone(), &parts, &counted, &channels)
}

fn counted(account: &Account, place: &Place, range: &Range<i64>) -> Result<Recounted, String> {
    let wanted = Wanted {
        account_id: &account.account_id,
        stream_id: &account.stream_id,
        from_s: range.start,
        to_s: range.end,
    };
    let found = store::recounted(place, wanted).map_err(|error| crate::chain::chain(&error))?;
    found.ok_or_else(|| "the store holds nothing of the account".to_owned())
}

fn in_words(aside: Aside) -> String {
    match aside {
        Aside::NoneToSpare => "there is no request to spare".to_owned(),
        Aside::Refused(said) => format!("the vendor refuses his totals: {said}"),
        Aside::Failed { detail, .. } => format!("the vendor's totals can't be had: {detail}"),
    }
}
