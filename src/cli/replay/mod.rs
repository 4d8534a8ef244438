//! `replay`: how a history of conversations would have paged. Offline: nothing is sent anywhere.
//!
//! Invariant: it pages where the exporter would have, had it seen each conversation at its end: the same evidence, the
//! same limit, the same guards.

mod input;
mod report;

use crate::chain::chain;
use crate::evidence::{Conversation, Detector, Page, Pages, Settings};
use anyhow::Context as _;
use input::{Contact, History, Unreadable};
use report::Report;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const ABOUT: &str = "\
FILE holds one finished conversation a line, sorted or not, gzipped or not:
  {\"started\": 1700000000, \"ended\": 1700000300, \"queue\": \"Billing\", \"abandoned\": false}
  started, ended      UTC seconds
  queue               `none` for users who left before any
  abandoned           whether the user left before any agent answered
  account, channel    optional [default: replay, Voice]";

/// Show how a history of conversations would have paged
///
/// Goes through finished conversations in the order of their ends, as the exporter does, and says when
/// AbandonmentSpike would have paged, for the account, each channel and each named queue. The first two days teach it
/// what is usual; it pages more in them.
#[derive(Debug, clap::Args)]
#[command(after_help = ABOUT)]
pub(super) struct Args {
    /// The history; `-` for standard input
    #[arg(
        value_name = "FILE",
        required_unless_present = "from_store",
        conflicts_with = "from_store"
    )]
    file: Option<PathBuf>,

    /// Take the conversations that an exporter's store remembers, in this folder [default: ./data]
    ///
    /// It may run meanwhile. Accounts go by their `account_id`, since the store knows no labels.
    #[arg(long, value_name = "FOLDER", num_args = 0..=1, default_missing_value = "./data")]
    from_store: Option<PathBuf>,

    /// The abandonment ratio allowed, as `targets.abandonment`
    #[arg(long, value_name = "R", default_value = "0.05", value_parser = ratio)]
    target: f64,

    /// Pages in 30 days that may be false, for each account
    #[arg(long, value_name = "N", default_value = "1", value_parser = above_0)]
    false_pages_per_month: f64,

    /// `text` to read; `json` for one object a line for each page
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Json,
}

fn ratio(text: &str) -> Result<f64, String> {
    let allowed = "allowed is a number between 0 and 1, such as 0.05";
    match text.parse() {
        Ok(ratio) if ratio > 0.0 && ratio < 1.0 => Ok(ratio),
        _ => Err(allowed.into()),
    }
}

fn above_0(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(number) if number > 0.0 && f64::is_finite(number) => Ok(number),
        _ => Err("allowed is a number above 0, such as 1 or 0.5".into()),
    }
}

/// 0: done, however many pages; 1: the history can't be read, told on standard error.
pub(super) fn run(args: &Args) -> ExitCode {
    match replay(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            super::complain(&format!("error: {}", chain(error.as_ref())));
            ExitCode::FAILURE
        }
    }
}

fn replay(args: &Args) -> anyhow::Result<()> {
    let history = match (&args.from_store, &args.file) {
        (Some(folder), _) => named(&folder.display().to_string(), input::of_store(folder)),
        (None, Some(file)) if file.as_os_str() != "-" => {
            named(&file.display().to_string(), open(file))
        }
        (None, _) => named("standard input", input::read(io::stdin().lock())),
    }?;
    let settings = Settings {
        false_pages_per_month: args.false_pages_per_month,
        ..Settings::default()
    };
    let (pages, learnt) = judge(&history, args.target, settings);
    let report = Report::new(&history, &pages, learnt);
    super::say(
        match args.format {
            Format::Text => report.text(),
            Format::Json => report.json()?,
        }
        .trim_end_matches('\n'),
    )
}

/// Says of what it was read that can't be replayed.
fn named(name: &str, history: Result<History, Unreadable>) -> anyhow::Result<History> {
    match history {
        Ok(history) => Ok(history),
        Err(Unreadable::Read(error)) => Err(error).with_context(|| format!("can't read `{name}`")),
        Err(Unreadable::Store(error)) => Err(error.into()),
        Err(why) => anyhow::bail!("`{name}` {why}"),
    }
}

fn open(file: &Path) -> Result<History, Unreadable> {
    let file: Box<dyn Read> = Box::new(File::open(file)?);
    input::read(file)
}

/// Each account's page, and what was learnt of each account, by its number.
fn judge(
    history: &History,
    target: f64,
    settings: Settings,
) -> (Vec<(u32, Page)>, BTreeMap<u32, Detector>) {
    let mut accounts: BTreeMap<u32, Pages> = BTreeMap::new();
    let mut pages = Vec::new();
    for contact in &history.contacts {
        let account = accounts
            .entry(contact.account)
            .or_insert_with(|| Pages::new(settings));
        let conversation = conversation(history, contact, target);
        let new = account.next(&conversation).into_iter();
        pages.extend(new.map(|page| (contact.account, page)));
    }
    let learnt = accounts.into_iter();
    let learnt = learnt.map(|(number, account)| (number, account.into_detector()));
    (pages, learnt.collect())
}

fn conversation<'h>(history: &'h History, contact: &Contact, target: f64) -> Conversation<'h> {
    Conversation {
        ended_s: contact.ended_s,
        channel: history.name(contact.channel),
        queue: Some(&**history.name(contact.queue)).filter(|queue| is_named(queue)),
        abandoned: contact.abandoned,
        target,
    }
}

/// As the rules have it: users who left before any queue are of none, and what found no room is of many.
fn is_named(queue: &str) -> bool {
    !["", "none", "__overflow__"].contains(&queue)
}
