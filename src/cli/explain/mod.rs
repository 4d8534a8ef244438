//! `explain`: how each record of a response is classified, and what it counts for. Offline: nothing is sent anywhere.
//!
//! Invariant: what is said to count is what the ledger counts. Each record is applied to a ledger in which nothing was
//! counted yet, and what that commits is shown; then all of them together, as one window. Labels, targets and sums are
//! those of production; nothing of that is spelled here.

mod input;
mod report;

use crate::api::{Offsets, Record, Timestamp, Told, own_offset};
use crate::chain::chain;
use crate::clock;
use crate::config::{self, Flags};
use crate::fact::{Context, RejectedRecord, derive};
use crate::ledger::{Key, Ledger, Policy};
use crate::poller;
use anyhow::Context as _;
use input::{MAX_BYTES, Unreadable};
use jiff::tz::TimeZone;
use report::{Explained, Report};
use serde_json::value::RawValue;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Show how each record of a Call Details response is classified and what it counts for.
///
/// Reads a whole response of v1 or v2, an array of records or a single record, also several of them one after the other, gzipped or
/// not, and says for each record: who it is about, its outcome and the rule that decided it, every series that it moves
/// by itself and by how much, and every value that was refused and why; then what all of them come to together. Targets
/// are the defaults; series by agent are shown as with `metrics.per_agent`. Needs no account and no network. Names,
/// numbers, notes and the like are neither read nor shown.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The file to read; `-` for standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Explain as of this time, such as `2025-10-01T12:00:00Z` (UTC unless it tells an offset) [default: the clock].
    #[arg(long, value_name = "TIME", value_parser = instant_s)]
    now: Option<i64>,

    /// Read times without an offset in this zone, as by `accounts[].time_zone`, such as `Europe/Berlin` [default: the offset that session ids tell].
    #[arg(long, value_name = "ZONE", value_parser = config::time_zone)]
    time_zone: Option<TimeZone>,

    /// How long an unanswered conversation is left to settle after its end, as `poll.settle`.
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = humantime::parse_duration)]
    settle: Duration,
}

/// Why nothing could be explained. No message holds a value of the input.
#[derive(Debug, thiserror::Error)]
enum ExplainError {
    #[error("can't read `{file}`")]
    Read { file: String, source: io::Error },
    #[error("`{file}` {why}")]
    Unreadable { file: String, why: Unreadable },
    #[error("can't set up the defaults")]
    Defaults(#[from] anyhow::Error),
    #[error("can't write")]
    Write(#[from] io::Error),
}

/// Explains to standard output. 0: done; 1: the input can't be read, told on standard error.
pub(super) fn run(args: &Args) -> ExitCode {
    match explain_file(args, &mut io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads us, `head` say, has seen enough.
        Err(ExplainError::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(error) => {
            super::complain(&format!("error: {}", chain(&error)));
            ExitCode::FAILURE
        }
    }
}

fn explain_file(args: &Args, out: &mut impl Write) -> Result<(), ExplainError> {
    let file = match args.file.to_str() {
        Some("-") => "standard input".to_owned(),
        _ => args.file.display().to_string(),
    };
    let unreadable = |why| {
        let file = file.clone();
        ExplainError::Unreadable { file, why }
    };
    let bytes = read(args).map_err(|source| match source.kind() {
        io::ErrorKind::IsADirectory => unreadable(Unreadable::Folder),
        _ => ExplainError::Read {
            file: file.clone(),
            source,
        },
    })?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(unreadable(Unreadable::TooLong));
    }
    let text = input::text(bytes).map_err(unreadable)?;
    let rows = input::rows(&text).map_err(unreadable)?;
    let now_s = args.now.unwrap_or_else(clock::now_s);
    let settle_s = i64::try_from(args.settle.as_secs()).unwrap_or(i64::MAX);
    let context = Context {
        now_s,
        settle_s,
        offset_s: 0,
        offsets: None,
        zone: args.time_zone.as_ref(),
    };
    explain(&rows, context, out)
}

fn read(args: &Args) -> io::Result<Vec<u8>> {
    let input: Box<dyn Read> = if args.file.as_os_str() == "-" {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(&args.file)?)
    };
    let mut bytes = Vec::new();
    input.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Explains rows as one window: without a zone, their zone-less times are read with the offset that most of them tell.
///
/// # Errors
/// `out` can't be written to.
fn explain(
    rows: &[&RawValue],
    context: Context<'_>,
    out: &mut impl Write,
) -> Result<(), ExplainError> {
    let now_s = context.now_s;
    let records: Vec<Option<Record>> = rows.iter().map(|row| Record::read(*row)).collect();
    // What so few records tell moves no account, but here they are all there is.
    let told = || {
        records
            .iter()
            .flatten()
            .find_map(|it| own_offset(it, now_s))
    };
    let of_window = Told::by(records.iter().flatten(), now_s);
    let offset_s = of_window.most().or_else(told);
    let mut offsets = Offsets::default();
    offsets.note(&of_window);
    let context = Context {
        offset_s: offset_s.unwrap_or_default(),
        offsets: Some(&offsets),
        ..context
    };
    // No secret is kept here: ids are hashed as everywhere, with a key that anyone may know.
    let ledger = Ledger::new(Key([0; 16]), policy()?);
    let explained: Vec<Explained> = rows
        .iter()
        .zip(&records)
        .map(|(row, record)| Explained {
            digest: ledger.key.digest(row.get()),
            derived: match record {
                Some(record) => derive(record, &context),
                None => Err(RejectedRecord::NotAnObject),
            },
        })
        .collect();
    Report::new(out, &context, ledger, &explained).write(offset_s, &explained)?;
    Ok(())
}

/// What an account counts by that says nothing of it; and agents, who would else not be seen.
fn policy() -> anyhow::Result<Policy> {
    let flags = Flags {
        file: None,
        listen_address: None,
    };
    let environment = |name: &str| match name {
        "SMARTASSIST_URL" => Some("http://127.0.0.1".into()),
        "SMARTASSIST_ACCOUNT_ID"
        | "SMARTASSIST_STREAM_ID"
        | "SMARTASSIST_CLIENT_ID"
        | "SMARTASSIST_CLIENT_SECRET" => Some("none".into()),
        _ => None,
    };
    let (config, _) = config::load(&flags, environment)?;
    let account = config.accounts.first().context("there is no account")?;
    Ok(Policy {
        per_agent: true,
        ..poller::policy(account, &config.metrics)
    })
}

fn instant_s(text: &str) -> Result<i64, String> {
    let time = Timestamp::parse(text)
        .ok_or_else(|| format!("`{text}` is no time\nhint: write it as `2025-10-01T12:00:00Z`"))?;
    Ok(time.utc_ms(0).div_euclid(1000))
}

#[cfg(test)]
mod tests;
