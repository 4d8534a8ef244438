//! `explain`: how each record of a response is classified, and what it counts for. Offline: nothing is sent anywhere.

mod report;

use crate::api::{Page, PageError, Record, Timestamp, measure_offset, own_offset};
use crate::clock;
use crate::fact::{Context, RejectedRecord, derive};
use report::Report;
use serde_json::value::RawValue;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// A page of 100 records has some 200 kB; this is a thousand pages.
const MAX_BYTES: u64 = 256 * 1024 * 1024;

/// Show how each record of a Call Details response is classified and what it counts for.
///
/// Reads a whole response, an array of records or a single record, and says for each: who it is about, its outcome and
/// the rule that decided it, every fact with its labels, and every value that was refused and why. Needs no account
/// and no network. Names, numbers, notes and the like are neither read nor shown.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The file to read; `-` for standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Explain as of this time, such as `2025-10-01T12:00:00Z` (UTC unless it tells an offset) [default: the clock].
    #[arg(long, value_name = "TIME", value_parser = instant_s)]
    now: Option<i64>,

    /// How long an unanswered conversation is left to settle after its end, as `poll.settle`.
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = humantime::parse_duration)]
    settle: Duration,
}

/// Why nothing could be explained. No message holds a value of the input.
#[derive(Debug, thiserror::Error)]
pub enum ExplainError {
    #[error("can't read `{file}`")]
    Read { file: String, source: io::Error },
    #[error(
        "`{file}` is longer than {MAX_BYTES} bytes\nhint: split it; records are explained one by one"
    )]
    TooLong { file: String },
    #[error("`{file}` is not UTF-8: byte {at} begins no character")]
    NotUtf8 { file: String, at: usize },
    #[error(
        "`{file}` holds no records: {source}\nhint: expected a response with `data`, an array of records, or a single record"
    )]
    NoRecords { file: String, source: PageError },
    #[error("can't write")]
    Write(#[source] io::Error),
}

/// Explains to standard output. 0: done; 1: the input can't be read, told on standard error.
pub fn run(args: &Args) -> ExitCode {
    match explain_file(args, &mut io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads us, `head` say, has seen enough.
        Err(ExplainError::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(error) => {
            let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
            let cause = cause.filter(|_| !matches!(error, ExplainError::NoRecords { .. }));
            let _ = writeln!(
                io::stderr().lock(),
                "error: {error}{}",
                cause.unwrap_or_default()
            );
            ExitCode::FAILURE
        }
    }
}

fn explain_file(args: &Args, out: &mut impl Write) -> Result<(), ExplainError> {
    let file = match args.file.to_str() {
        Some("-") => "standard input".to_owned(),
        _ => args.file.display().to_string(),
    };
    let bytes = read(args, &file)?;
    let text = match std::str::from_utf8(&bytes) {
        Ok(text) => text.trim_start_matches('\u{feff}'),
        Err(error) => {
            return Err(ExplainError::NotUtf8 {
                file,
                at: error.valid_up_to(),
            });
        }
    };
    let rows = rows(text).map_err(|source| ExplainError::NoRecords { file, source })?;
    let now_s = args.now.unwrap_or_else(clock::now_s);
    let settle_s = i64::try_from(args.settle.as_secs()).unwrap_or(i64::MAX);
    explain(&rows, now_s, settle_s, out).map_err(ExplainError::Write)
}

fn read(args: &Args, file: &str) -> Result<Vec<u8>, ExplainError> {
    let refused = |source| ExplainError::Read {
        file: file.to_owned(),
        source,
    };
    let input: Box<dyn Read> = if args.file.as_os_str() == "-" {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(&args.file).map_err(refused)?)
    };
    let mut bytes = Vec::new();
    input
        .take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(refused)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(ExplainError::TooLong {
            file: file.to_owned(),
        });
    }
    Ok(bytes)
}

/// The records of a response, of an array, or the one that is the whole text.
fn rows(text: &str) -> Result<Vec<&RawValue>, PageError> {
    let failed = |error: serde_json::Error| PageError::from(&error);
    if text.trim_start().starts_with('[') {
        return serde_json::from_str(text).map_err(failed);
    }
    match Page::parse(text) {
        Ok(page) => Ok(page.rows),
        Err(PageError::NoData) => Ok(vec![serde_json::from_str(text).map_err(failed)?]),
        Err(error) => Err(error),
    }
}

/// Explains rows as one window: their zone-less times are read with the offset that most of them tell.
///
/// # Errors
/// `out` can't be written to.
pub fn explain(
    rows: &[&RawValue],
    now_s: i64,
    settle_s: i64,
    out: &mut impl Write,
) -> io::Result<()> {
    let records: Vec<Option<Record>> = rows.iter().map(|row| Record::read(row)).collect();
    // What so few records tell moves no account, but here they are all there is.
    let told = || {
        records
            .iter()
            .flatten()
            .find_map(|it| own_offset(it, now_s))
    };
    let offset_s = measure_offset(records.iter().flatten(), now_s, None).or_else(told);
    let context = Context {
        now_s,
        settle_s,
        offset_s: offset_s.unwrap_or_default(),
        zone: None,
    };
    let explained: Vec<_> = records
        .iter()
        .map(|record| {
            derive(
                record.as_ref().ok_or(RejectedRecord::NotAnObject)?,
                &context,
            )
        })
        .collect();
    Report::new(out, &context, &explained).write(offset_s, &explained)
}

fn instant_s(text: &str) -> Result<i64, String> {
    let time = Timestamp::parse(text)
        .ok_or_else(|| format!("`{text}` is no time\nhint: write it as `2025-10-01T12:00:00Z`"))?;
    Ok(time.utc_ms(0).div_euclid(1000))
}

#[cfg(test)]
mod tests;
