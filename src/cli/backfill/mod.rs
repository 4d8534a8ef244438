//! `backfill`: the past of the configured accounts as a file for `promtool`.

mod arguments;
mod bar;
mod finish;
mod interrupt;
mod plan;
mod times;

pub(super) use arguments::Args;

use super::{Failure, complain};
use crate::api::format_utc;
use crate::backfill::{
    self, Folder, Form, Owner, Reading, Setting, Settings, Source, Span, Told, Written,
};
use crate::client::{Allotment, Client, Limits, Observer, RequestResult};
use crate::config::{self, Account, Config, Flags};
use crate::store::{Beginning, Place};
use crate::{clock, poller};
use anyhow::{Context as _, anyhow};
use bar::Bar;
use finish::finish;
use interrupt::{UntilStopped, go_on};
use plan::{asked, plan, reach, seconds, state_of};
use std::fs::File;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

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
                        "`{path}` is there already; hint: name a file that is not, or move that one away; the same command then writes it anew from `{path}.parts`, if that is there"
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
    args.check().map_err(Failure::Usage)?;
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
    let stop = interrupt::listen()?;
    for account in &accounts {
        warn_of_shared_limit(args, account);
    }
    let target = Target::of(args)?;
    let folder = target.folder();
    let place = Place::of(&config.storage).map_err(anyhow::Error::from)?;
    let asked = asked(args, &config, &accounts);
    let begun = folder.begun(&asked).map_err(words)?;
    let parts = match begun {
        Some(settings) => {
            complain(&format!(
                "note: goes on with what `{0}` holds, and its times; remove `{0}` to begin anew",
                folder.path().display()
            ));
            settings.parts
        }
        None => {
            let parts = plan(&place, &config, &accounts, wanted, &stop)?;
            folder
                .begin(&Settings::new(asked, parts.clone()))
                .map_err(words)?;
            parts
        }
    };
    let all = || accounts.iter().zip(&parts);
    // Before anything is asked of any account.
    for (account, part) in all() {
        state_of(&place, &config, account, (part, &folder))?;
    }
    let mut sources = Vec::new();
    for (at, (account, part)) in all().enumerate() {
        let began = state_of(&place, &config, account, (part, &folder))?;
        sources.push(read(
            args,
            &config,
            &place,
            account,
            (part.span, began),
            (&folder.account(at), &stop),
        )?);
    }
    // Reading takes hours, in which it may have been replaced.
    for (account, part) in all() {
        state_of(&place, &config, account, (part, &folder))?;
    }
    let form = form(args, &config);
    complain("writing …");
    let part = folder.path().join("whole");
    let written = write(&part, &sources, &form, (folder.path(), &stop));
    go_on(&stop)?;
    let written = written.with_context(|| format!("cannot write `{}`", part.display()))?;
    finish((&target, &folder), &part, &sources, written, &form)?;
    Ok(())
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

/// Reads one account, or goes on with it.
fn read(
    args: &Args,
    config: &Config,
    place: &Place,
    account: &Account,
    (span, began): (Span, Option<Beginning>),
    (folder, stop): (&Path, &CancellationToken),
) -> Result<Source, Failure> {
    let attempts = Arc::new(AtomicU64::new(0));
    let observer = Arc::new(Attempts(Arc::clone(&attempts)));
    let client = Client::new(account, Limits::default(), clock::now_ms, observer)
        .map_err(anyhow::Error::from)?
        .drawing_on(Arc::new(Allotment::strict(args.requests_per_minute)));
    let known = knows(place, account, began.as_ref(), span)?;
    let owner = began.map(|began| Owner::new(place.clone(), began, span.meets));
    let policy = poller::policy(account, &config.metrics);
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
    let tell = |told: &Told| bar.tell(told);
    let read = stop.run_until_cancelled(reading.run(&tell));
    let read = runtime.block_on(read);
    bar.end();
    let Some(read) = read else {
        return Err(interrupt::interrupted().into());
    };
    let read = read.map_err(|error| {
        let error = words(error);
        anyhow!(
            "account `{}`: {error:#}; what was read is kept: the same command goes on",
            account.name
        )
    })?;
    Ok(Source {
        read,
        first_sums,
        known,
    })
}

/// Whether the exporter's store still knows all that its first numbers hold; where not, it is said.
fn knows(
    place: &Place,
    account: &Account,
    began: Option<&Beginning>,
    span: Span,
) -> Result<bool, Failure> {
    let Some(meets) = span.meets else {
        return Ok(true);
    };
    let name = &account.name;
    let reach = reach(place, account, began)?;
    let known = reach.is_none_or(|reach| backfill::knows_its_beginning(&reach, meets));
    if !known {
        let since = format_utc(meets.since_s);
        complain(&format!(
            "warning: `{name}` began to count longer ago than `poll.max_lookback`: of conversations that went on at {since} UTC the \
             exporter no longer knows which it counted; those may count twice, at their own time and where the file ends"
        ));
    }
    Ok(known)
}

/// The vendor's limit holds for all who use an account.
fn warn_of_shared_limit(args: &Args, account: &Account) {
    let (asks, beside) = (args.requests_per_minute, account.requests_per_minute);
    if u64::from(asks) + u64::from(beside) > u64::from(config::VENDOR_REQUESTS_PER_MINUTE) {
        complain(&format!(
            "warning: `--requests-per-minute` is {asks}, the exporter of `{}` takes up to {beside} beside it, and the vendor allows \
             an account {} in all; hint: the excess is answered by refusals, also to others who use the account",
            account.name,
            config::VENDOR_REQUESTS_PER_MINUTE
        ));
    }
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

fn write(
    part: &Path,
    sources: &[Source],
    form: &Form,
    (scratch, stop): (&Path, &CancellationToken),
) -> io::Result<Written> {
    let file = UntilStopped(File::create(part)?, stop);
    let (UntilStopped(file, _), written) = backfill::write(file, sources, form, scratch)?;
    file.sync_all()?;
    Ok(written)
}

/// An error with its causes.
fn words(error: backfill::Error) -> anyhow::Error {
    anyhow::Error::from(error)
}
