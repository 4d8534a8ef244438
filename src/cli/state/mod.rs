//! `state`: what the store holds, from outside. Nobody else is asked.

mod show;
#[cfg(test)]
mod tests;

use super::{Failure, say};
use crate::clock;
use crate::config::{self, Config, Flags};
use crate::evidence::{Detector, Settings};
use crate::poller;
use crate::store::{self, Checked, Place, Standing, StoreError};
use anyhow::{Context as _, anyhow};
use std::fmt::Write as _;
use std::path::PathBuf;

/// Look at, check, copy or forget what the exporter remembers
///
/// The store is the folder `storage.path`, or the database `storage.url`: the counts, how far each account is read, and which conversations were
/// counted.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Say what each account stands at: floor, what was read, conversations, size
    ///
    /// An exporter may run on it meanwhile.
    Show {
        #[command(flatten)]
        place: Where,
        /// `text` to read; `json` for one object
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: Format,
    },
    /// Read all of it, and say whether anything is damaged
    ///
    /// An exporter may run on it meanwhile. Ends with 1 where something is damaged.
    Check(Where),
    /// Write a copy, whole and as of the last commit, into one file
    ///
    /// An exporter may run on it meanwhile. To restore it, see docs/operations.md.
    Backup {
        /// Not there yet
        #[arg(value_name = "FILE")]
        file: PathBuf,
        #[command(flatten)]
        place: Where,
    },
    /// Write all of a folder's store into the database of `storage.url`, or back
    ///
    /// Every count stays as it is, and the exporter goes on from there. No exporter may run on either meanwhile, and what is
    /// written to holds nothing yet; what is read from stays as it is.
    Migrate {
        /// From this folder into the database
        #[arg(
            long,
            value_name = "FOLDER",
            required_unless_present = "to",
            conflicts_with = "to"
        )]
        from: Option<PathBuf>,
        /// From the database into this folder
        #[arg(long, value_name = "FOLDER")]
        to: Option<PathBuf>,
        /// Configuration with `storage.url`; without, the environment
        #[arg(long = "config.file", value_name = "PATH")]
        config_file: Option<PathBuf>,
    },
    /// Forget an account with everything that was counted of it
    ///
    /// No exporter may run on it. Should the account be polled again, its counters begin at 0, and what the API still holds
    /// is counted again, back to `poll.initial_lookback`.
    Forget {
        /// By its `name` in the configuration, its `account_id`, or `account_id/stream_id`
        #[arg(value_name = "ACCOUNT")]
        account: String,
        /// Do it; without, say what would be forgotten
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        place: Where,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Json,
}

/// Which store.
#[derive(Debug, clap::Args)]
struct Where {
    /// Configuration that names it, and its accounts
    #[arg(
        long = "config.file",
        value_name = "PATH",
        conflicts_with = "storage_path"
    )]
    config_file: Option<PathBuf>,
    /// The folder itself [default: ./data, or the database that the environment names]
    #[arg(long = "storage.path", value_name = "FOLDER")]
    storage_path: Option<PathBuf>,
}

impl Where {
    fn find(self) -> Result<Found, Failure> {
        let named = std::env::var_os("SMARTASSIST_STORAGE_URL");
        let by_environment = self.storage_path.is_none() && named.is_some_and(|it| !it.is_empty());
        if self.config_file.is_none() && !by_environment {
            let folder = self.storage_path.unwrap_or_else(|| PathBuf::from("./data"));
            return Ok(Found {
                place: Place::Folder(folder),
                config: None,
            });
        }
        let flags = Flags {
            file: self.config_file,
            listen_address: None,
        };
        let (config, _) = config::load(&flags, |name| std::env::var_os(name))?;
        Ok(Found {
            place: Place::of(&config.storage).map_err(anyhow::Error::from)?,
            config: Some(config),
        })
    }
}

struct Found {
    place: Place,
    config: Option<Config>,
}

impl Found {
    /// What the account is called in the configuration, if it is there.
    fn name(&self, standing: &Standing) -> Option<&str> {
        let accounts = self.config.iter().flat_map(|config| &config.accounts);
        let mut named = accounts.filter(|account| {
            account.account_id == standing.account_id && account.stream_id == standing.stream_id
        });
        named.next().map(|account| account.name.as_str())
    }

    /// The account that is meant by its name or ids.
    fn account<'s>(
        &self,
        wanted: &str,
        standings: &'s [Standing],
    ) -> Result<&'s Standing, anyhow::Error> {
        let is_meant = |standing: &&Standing| {
            self.name(standing) == Some(wanted)
                || standing.account_id == wanted
                || ids(standing) == wanted
        };
        let meant: Vec<&Standing> = standings.iter().filter(is_meant).collect();
        let known = || {
            let known = standings.iter().map(|standing| match self.name(standing) {
                Some(name) => format!("`{name}` ({})", ids(standing)),
                None => format!("`{}`", ids(standing)),
            });
            known.collect::<Vec<_>>().join(", ")
        };
        match meant[..] {
            [one] => Ok(one),
            [] if standings.is_empty() => Err(anyhow!("the store holds no account")),
            [] => Err(anyhow!("no account `{wanted}`; there are {}", known())),
            _ => Err(anyhow!(
                "`{wanted}` is more than one account; name one of {}",
                known()
            )),
        }
    }
}

fn ids(standing: &Standing) -> String {
    format!("{}/{}", standing.account_id, standing.stream_id)
}

pub(super) fn run(args: Args) -> Result<(), Failure> {
    match args.command {
        Command::Show { place, format } => {
            let found = place.find()?;
            let overview = store::overview(&found.place).map_err(anyhow::Error::from)?;
            let rows = show::rows(&overview, |standing| found.name(standing));
            say(&match format {
                Format::Text => show::text(&overview, &rows),
                Format::Json => show::json(&overview, &rows),
            })?;
        }
        Command::Check(place) => {
            let found = place.find()?;
            let checked = check(&found.place).map_err(anyhow::Error::from)?;
            if !checked.damaged.is_empty() {
                return Err(damage(&found.place, &checked).into());
            }
            say(&format!(
                "{}: sound; {} conversations read",
                found.place, checked.conversations
            ))?;
        }
        Command::Backup { file, place } => {
            let found = place.find()?;
            let bytes = found.place.backup(&file).map_err(anyhow::Error::from)?;
            say(&format!("{}: {}", file.display(), show::size(bytes)))?;
        }
        Command::Migrate {
            from,
            to,
            config_file,
        } => migrate(config_file, from, to)?,
        Command::Forget {
            account,
            yes,
            place,
        } => forget(&place.find()?, &account, yes)?,
    }
    Ok(())
}

fn migrate(
    config_file: Option<PathBuf>,
    from: Option<PathBuf>,
    to: Option<PathBuf>,
) -> Result<(), Failure> {
    let flags = Flags {
        file: config_file,
        listen_address: None,
    };
    let (config, _) = config::load(&flags, |name| std::env::var_os(name))?;
    if config.storage.url.is_none() {
        let words = "there is no `storage.url`; hint: the configuration names the database, and the flag the folder";
        return Err(anyhow!(words).into());
    }
    let database = Place::of(&config.storage).map_err(anyhow::Error::from)?;
    let (source, target) = match (from, to) {
        (Some(folder), _) => (Place::Folder(folder), database),
        (None, folder) => (database, Place::Folder(folder.unwrap_or_default())),
    };
    let moved = store::transfer(&source, &target).map_err(anyhow::Error::from)?;
    say(&format!(
        "{target}: {} accounts and {} rows, as they stand in {source}",
        moved.accounts, moved.rows
    ))?;
    Ok(())
}

fn forget(found: &Found, account: &str, yes: bool) -> Result<(), anyhow::Error> {
    let overview = store::overview(&found.place)?;
    let standing = found.account(account, &overview.accounts)?;
    let all = format!(
        "{} with the sums of {} series and {} conversations",
        ids(standing),
        standing.series,
        standing.conversations
    );
    if !yes {
        return Err(anyhow!(
            "this would forget {all}; hint: say `--yes`, and keep a `state backup` if in doubt"
        ));
    }
    store::forget(&found.place, standing)?;
    say(&format!("forgot {all}"))
}

/// Reads everything in the store, with what the rooms above it keep in it.
fn check(place: &Place) -> Result<Checked, StoreError> {
    store::check(place, |progress, evidence| {
        poller::reach(progress).map_err(|_| "progress")?;
        if evidence.is_empty() {
            return Ok(());
        }
        let read = Detector::from_parts(evidence, Settings::default());
        read.map(|_| ()).map_err(|_| "evidence")
    })
}

/// Says which rows are damaged, a line each, and what to do.
fn damage(place: &Place, checked: &Checked) -> anyhow::Error {
    let mut text = format!("{place}: damaged");
    for row in &checked.damaged {
        let _ = write!(text, "\n  {row}");
    }
    if checked.more > 0 {
        let _ = write!(text, "\n  and {} more", checked.more);
    }
    anyhow!("{text}\n{}", store::DAMAGED)
}

/// For `serve --storage.rebuild`: moves a damaged store away, so that a new one can begin; leaves a sound one alone.
pub(super) fn rebuild(config: &Config) -> Result<(), anyhow::Error> {
    let place = Place::of(&config.storage)?;
    let damaged = match check(&place) {
        Ok(Checked { damaged, .. }) if !damaged.is_empty() => StoreError::Damaged {
            what: damaged[0].what,
        },
        Ok(_) | Err(StoreError::Nothing { .. } | StoreError::Older { .. }) => {
            tracing::info!(path = %place, "the store is sound: there is nothing to rebuild");
            return Ok(());
        }
        Err(error) if error.is_damage() => error,
        Err(error) => return Err(error.into()),
    };
    // What to do about it is being done.
    let why = crate::chain::chain(&damaged);
    let why = why.split("; hint").next().unwrap_or_default();
    let now_s = clock::now_s();
    let mark = format!("damaged-{now_s}");
    let kept = place
        .set_aside(&mark)
        .context("the damaged store stays where it is")?;
    let from = crate::api::format_utc(
        now_s.saturating_sub(i64::try_from(config.poll.initial_lookback.as_secs()).unwrap_or(0)),
    );
    tracing::warn!(
        why, kept = %kept, from = %from,
        "the store was damaged and is begun anew: every counter begins at 0; what ended since `from` is counted again as far \
         as the API still holds it (`poll.initial_lookback`); what ended before is in no count any more, and Prometheus has \
         it up to the last scrape; what is usual of abandonment is learned anew"
    );
    Ok(())
}
