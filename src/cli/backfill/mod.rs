//! `backfill`: the past of the configured accounts as a file for `promtool`.

mod bar;
mod times;

use super::{Failure, complain, say};
use crate::backfill::{
    self, Folder, Form, Owner, Planned, Read, Reading, Setting, Settings, Source, Span, Wanted,
    Written,
};
use crate::client::{Allotment, Client, Limits, Observer, RequestResult};
use crate::config::{self, Account, Config, Flags};
use crate::store::{self, Beginning, Place};
use crate::{clock, poller};
use anyhow::{Context as _, anyhow};
use bar::Bar;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

const ABOUT: &str = "\
TIME is `now`, a time before now (`7d`, `36h`), a day or a time of UTC (`2026-11-20`, `2026-11-20T14:30:00Z`, another
offset if it says so), or seconds since 1970.

The vendor allows 60 requests a minute to all that use an account. An exporter beside this takes up to its own
`requests_per_minute` (30 by default), and this takes `--requests-per-minute`: leave some for others.

Then, with the data folder of Prometheus:
  promtool tsdb create-blocks-from openmetrics FILE /var/lib/prometheus/data
docs/backfill.md tells the whole way.

Exit codes:
  0  the file is written
  1  failed, or interrupted: the same command goes on
  2  the arguments or the configuration are wrong";

/// The job in the Prometheus configurations that come with this.
const JOB: &str = "smartassist";

/// Write the past as OpenMetrics, for a Prometheus that did not scrape it
///
/// Reads the time from the API once more, at a modest pace and beside an exporter that runs, and writes counters,
/// histograms and recent gauges with timestamps on the conversations' own time, for `promtool tsdb create-blocks-from
/// openmetrics`. Its end meets what that exporter shows, so that `increase()` over both counts every conversation once: start
/// the exporter first. Interrupted or killed, the same command goes on where it stopped.
#[derive(Debug, clap::Args)]
#[command(after_help = ABOUT, after_long_help = ABOUT)]
pub(super) struct Args {
    /// Configuration in YAML, that of the exporter; without it the environment describes one account
    #[arg(long = "config.file", value_name = "PATH")]
    config_file: Option<PathBuf>,
    /// Begin here
    #[arg(long, value_name = "TIME")]
    from: String,
    /// End here, or where the exporter's own counters begin to show, if that is earlier
    #[arg(long, value_name = "TIME", default_value = "now")]
    to: String,
    /// Written whole at the end; parts are gathered in FILE.parts beside it [default: standard output, and
    /// ./smartassist-backfill.parts]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Requests that this may send for each account
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    requests_per_minute: u32,
    /// Only this account, by its `name`; may be repeated
    #[arg(long = "account", value_name = "NAME")]
    accounts: Vec<String>,
    /// The label `job` that Prometheus gives what it scrapes of this exporter
    #[arg(long, value_name = "JOB", default_value = JOB)]
    job: String,
    /// The label `instance` that it gives it: the target as its configuration has it [default: `web.listen_address`]
    #[arg(long, value_name = "INSTANCE")]
    instance: Option<String>,
    /// Another label that it gives it, as in `--label cluster=eu`; may be repeated
    #[arg(long = "label", value_name = "NAME=VALUE", value_parser = label)]
    labels: Vec<(String, String)>,
    /// Between two samples of a series; a part of 5m without a rest
    #[arg(long, value_name = "DURATION", default_value = "1m", value_parser = step)]
    step: i64,
}

fn label(text: &str) -> Result<(String, String), String> {
    let (name, value) = text
        .split_once('=')
        .ok_or("allowed is NAME=VALUE, such as cluster=eu")?;
    let is_name = |name: &str| {
        let letters = |it: char| it.is_ascii_alphanumeric() || it == '_';
        !name.is_empty()
            && name.chars().all(letters)
            && !name.starts_with(|first: char| first.is_ascii_digit())
    };
    if !is_name(name) {
        return Err(format!(
            "`{name}` is no label's name; allowed are letters, digits and `_`"
        ));
    }
    Ok((name.to_owned(), value.to_owned()))
}

fn step(text: &str) -> Result<i64, String> {
    let length = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    match i64::try_from(length.as_secs()) {
        Ok(step_s @ 1..=300) if 300 % step_s == 0 && length.subsec_nanos() == 0 => Ok(step_s),
        _ => Err("allowed is a part of 5m without a rest, such as 15s, 1m or 5m".into()),
    }
}

/// Where the file goes.
enum Target {
    File(PathBuf),
    Output,
}

impl Target {
    fn of(args: &Args) -> Result<Target, Failure> {
        match &args.out {
            Some(path) if path.as_os_str() != "-" => {
                if path.exists() {
                    let path = path.display();
                    return Err(Failure::Usage(format!(
                        "`{path}` is there already; hint: name a file that is not, or move that one away"
                    )));
                }
                Ok(Target::File(path.clone()))
            }
            _ if io::stdout().is_terminal() => Err(Failure::Usage(
                "nobody reads so much on a terminal; hint: name a file with `--out`".to_owned(),
            )),
            _ => Ok(Target::Output),
        }
    }

    fn folder(&self) -> Folder {
        Folder::new(match self {
            Target::File(path) => {
                let mut folder = path.clone().into_os_string();
                folder.push(".parts");
                folder.into()
            }
            Target::Output => PathBuf::from("smartassist-backfill.parts"),
        })
    }
}

/// Counts every attempt.
struct Attempts(Arc<AtomicU64>);

impl Observer for Attempts {
    fn attempt(&self, _: RequestResult, _: Duration) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
    fn aside(&self, _: RequestResult) {}
    fn throttled(&self, _: Duration) {}
    fn budget(&self, _: f64) {}
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let flags = Flags {
        file: args.config_file.clone(),
        listen_address: None,
    };
    let (config, warnings) = config::load(&flags, |name| std::env::var_os(name))?;
    for warning in &warnings {
        complain(&format!("warning: {warning}"));
    }
    let wanted = times::wanted(&args.from, &args.to, clock::now_s()).map_err(Failure::Usage)?;
    let accounts = chosen(&config, &args.accounts)?;
    let target = Target::of(args)?;
    let folder = target.folder();
    let place = Place::of(&config.storage).map_err(anyhow::Error::from)?;
    let asked = asked(args, &config, &accounts);
    let begun = folder.begun(&asked).map_err(words)?;
    let spans = match begun {
        Some(settings) => settings.spans,
        None => {
            let spans = plan(&place, &config, &accounts, wanted)?;
            folder
                .begin(&Settings::new(asked, spans.clone()))
                .map_err(words)?;
            spans
        }
    };
    let mut sources = Vec::new();
    for (at, (account, span)) in accounts.iter().zip(spans).enumerate() {
        sources.push(read(
            args,
            &config,
            &place,
            account,
            span,
            &folder.account(at),
        )?);
    }
    let form = form(args, &config);
    complain("writing …");
    let part = folder.path().join("whole");
    let written = write(&part, &sources, &form, folder.path())
        .with_context(|| format!("cannot write `{}`", part.display()))?;
    finish(&target, &part, &sources, written, &form)?;
    folder.remove().map_err(words)?;
    Ok(())
}

/// What must be the same for parts to fit together; no secrets.
fn asked(args: &Args, config: &Config, accounts: &[&Account]) -> BTreeMap<String, String> {
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

fn chosen<'c>(config: &'c Config, names: &[String]) -> Result<Vec<&'c Account>, Failure> {
    let known = || {
        let names = config.accounts.iter().map(|it| format!("`{}`", it.name));
        names.collect::<Vec<_>>().join(", ")
    };
    for name in names {
        if !config.accounts.iter().any(|it| it.name == *name) {
            return Err(Failure::Usage(format!(
                "`--account` is `{name}`, which is no account; there are {}",
                known()
            )));
        }
    }
    let wanted = |it: &&Account| names.is_empty() || names.contains(&it.name);
    Ok(config.accounts.iter().filter(wanted).collect())
}

/// From when to when each account is filled. Waits for an exporter's first reading.
fn plan(
    place: &Place,
    config: &Config,
    accounts: &[&Account],
    wanted: Wanted,
) -> Result<Vec<Span>, Failure> {
    let mut spans = Vec::new();
    for account in accounts {
        let name = &account.name;
        let mut told = false;
        spans.push(loop {
            let began = began(place, account)?;
            let reach = match &began {
                Some(began) => poller::reach(&began.progress)
                    .map_err(|_| anyhow!("{place}: the progress of `{name}` is damaged"))?,
                None => None,
            };
            let lookback_s = config.poll.initial_lookback.as_secs();
            let lookback_s = i64::try_from(lookback_s).unwrap_or(i64::MAX / 2);
            let planned = backfill::plan(wanted, reach.as_ref(), clock::now_s(), lookback_s);
            let (read_s, of_s) = match planned.map_err(|error| anyhow!("account `{name}`: {error}"))? {
                Planned::Span(span, notes) => {
                    for note in notes {
                        complain(&format!("note: account `{name}`: {note}"));
                    }
                    break span;
                }
                Planned::NotYet { read_s, of_s } => (read_s, of_s),
            };
            let running = store::overview(place).map_err(anyhow::Error::from)?.exporters;
            if running == 0 {
                return Err(anyhow!(
                    "account `{name}`: its first reading is not done, and no exporter runs that goes on with it; hint: start \
                     it, and this waits until its counters show"
                )
                .into());
            }
            if !std::mem::replace(&mut told, true) {
                complain(&format!(
                    "account `{name}`: waiting for the exporter's first reading ({read_s} of {of_s} s), whose numbers this is to meet"
                ));
            }
            std::thread::sleep(Duration::from_secs(1));
        });
    }
    Ok(spans)
}

fn began(place: &Place, account: &Account) -> Result<Option<Beginning>, anyhow::Error> {
    store::beginning(place, &account.account_id, &account.stream_id)
        .with_context(|| format!("cannot read the exporter's state, {place}"))
}

/// Reads one account, or goes on with it.
fn read(
    args: &Args,
    config: &Config,
    place: &Place,
    account: &Account,
    span: Span,
    folder: &Path,
) -> Result<Source, Failure> {
    let attempts = Arc::new(AtomicU64::new(0));
    let observer = Arc::new(Attempts(Arc::clone(&attempts)));
    let client = Client::new(account, Limits::default(), clock::now_ms, observer)
        .map_err(anyhow::Error::from)?
        .drawing_on(Arc::new(Allotment::new(args.requests_per_minute)));
    let owner = began(place, account)?.map(|began| Owner::new(place.clone(), began, span.meets));
    let policy = poller::policy(account, &config.metrics);
    let seconds = |it: Duration| i64::try_from(it.as_secs()).unwrap_or(i64::MAX / 2);
    let windows = config.metrics.windows.iter();
    let windows = windows.map(|it| (Arc::from(it.label.as_str()), seconds(it.length)));
    let first_sums = owner
        .as_ref()
        .map(|owner| owner.first_sums(policy.clone()))
        .unwrap_or_default();
    let setting = Setting {
        name: account.name.as_str().into(),
        account_id: account.account_id.clone(),
        stream_id: account.stream_id.clone(),
        client,
        attempts,
        policy,
        settle_s: seconds(config.poll.settle),
        zone: account.time_zone.clone(),
        direction: config.metrics.direction,
        windows: windows.collect(),
        span,
        clock: clock::now_ms,
    };
    let reading = Reading::open(setting, owner, folder).map_err(words)?;
    let bar = Bar::new(&account.name, reading.told());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start")?;
    let read = runtime.block_on(reading.run(&|told| bar.tell(told)));
    bar.end();
    let read = read.map_err(|error| {
        let error = words(error);
        anyhow!(
            "account `{}`: {error:#}; what was read is kept: the same command goes on",
            account.name
        )
    })?;
    Ok(Source { read, first_sums })
}

fn form(args: &Args, config: &Config) -> Form {
    let instance = args.instance.clone();
    let instance = instance.unwrap_or_else(|| config.web.listen_address.to_string());
    let mut identity = vec![
        ("instance".to_owned(), instance),
        ("job".to_owned(), args.job.clone()),
    ];
    identity.extend(args.labels.iter().cloned());
    Form {
        identity,
        step_s: args.step,
    }
}

fn write(part: &Path, sources: &[Source], form: &Form, scratch: &Path) -> io::Result<Written> {
    let (file, written) = backfill::write(File::create(part)?, sources, form, scratch)?;
    file.sync_all()?;
    Ok(written)
}

/// Hands the file over, and says what is in it.
fn finish(
    target: &Target,
    part: &Path,
    sources: &[Source],
    written: Written,
    form: &Form,
) -> Result<(), anyhow::Error> {
    let bytes = fs::metadata(part)?.len();
    let named = match target {
        Target::File(path) => {
            fs::rename(part, path).with_context(|| format!("cannot write `{}`", path.display()))?;
            path.display().to_string()
        }
        Target::Output => {
            let mut out = io::stdout().lock();
            io::copy(&mut File::open(part)?, &mut out)?;
            out.flush()?;
            "standard output".to_owned()
        }
    };
    let mut lines = Vec::new();
    for Source {
        read: Read {
            name, span, told, ..
        },
        ..
    } in sources
    {
        let end = match span.meets {
            Some(_) => "meeting the exporter's own counters",
            None => "ending at 0",
        };
        lines.push(format!(
            "account `{name}`: {} to {} UTC, {end}; {} conversations by {} requests",
            crate::api::format_utc(span.from_s),
            crate::api::format_utc(span.to_s),
            told.conversations,
            told.requests
        ));
        if told.short > 0 {
            complain(&format!(
                "warning: account `{name}`: {} windows could not be read whole: their counts are too low",
                told.short
            ));
        }
    }
    if written.missing > 0 {
        complain(&format!(
            "warning: {} conversations that the exporter first showed are not to be had of the API any more: they show where \
             the file ends",
            written.missing
        ));
    }
    let labels: Vec<_> = form
        .identity
        .iter()
        .map(|(name, value)| format!("{name}=\"{value}\""))
        .collect();
    lines.push(format!(
        "{named}: {} samples of {} label sets with {}; {:.1} MB",
        written.samples,
        written.series,
        labels.join(", "),
        bytes as f64 / 1e6
    ));
    let text = lines.join("\n");
    match target {
        Target::File(_) => say(&text),
        Target::Output => {
            complain(&text);
            Ok(())
        }
    }
}

/// An error with its causes.
fn words(error: backfill::Error) -> anyhow::Error {
    anyhow::Error::from(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_and_steps_are_checked() {
        assert_eq!(label("cluster=eu=1"), Ok(("cluster".into(), "eu=1".into())));
        for text in ["cluster", "=eu", "1x=y", "a b=c"] {
            assert!(label(text).is_err(), "{text}");
        }
        assert_eq!(step("1m"), Ok(60));
        assert_eq!(step("15s"), Ok(15));
        for text in ["7s", "10m", "0s", "soon", "1500ms"] {
            assert!(step(text).is_err(), "{text}");
        }
    }
}
