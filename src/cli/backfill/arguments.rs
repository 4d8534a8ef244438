//! What can be said to `backfill`.

use crate::backfill::is_own_label;
use std::collections::BTreeSet;
use std::path::PathBuf;

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
pub(in crate::cli) struct Args {
    /// Configuration in YAML, that of the exporter; without it the environment describes one account
    #[arg(long = "config.file", value_name = "PATH")]
    pub config_file: Option<PathBuf>,
    /// Begin here
    #[arg(long, value_name = "TIME")]
    pub from: String,
    /// End here, or where the exporter's own counters begin to show, if that is earlier
    #[arg(long, value_name = "TIME", default_value = "now")]
    pub to: String,
    /// Written whole at the end; parts are gathered in FILE.parts beside it and kept until you remove them [default: standard
    /// output, and ./smartassist-backfill.parts]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Requests that this may send for each account
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub requests_per_minute: u32,
    /// Only this account, by its `name`; may be repeated
    #[arg(long = "account", value_name = "NAME")]
    pub accounts: Vec<String>,
    /// The label `job` that Prometheus gives what it scrapes of this exporter
    #[arg(long, value_name = "JOB", default_value = JOB)]
    pub job: String,
    /// The label `instance` that it gives it: the target as its configuration has it [default: `web.listen_address`]
    #[arg(long, value_name = "INSTANCE")]
    pub instance: Option<String>,
    /// Another label that it gives it, as in `--label cluster=eu`; may be repeated
    #[arg(long = "label", value_name = "NAME=VALUE", value_parser = label)]
    pub labels: Vec<(String, String)>,
    /// Between two samples of a series; a part of 5m without a rest
    #[arg(long, value_name = "DURATION", default_value = "1m", value_parser = step)]
    pub step: i64,
}

impl Args {
    /// What can be known to be wrong before anything is read.
    pub(super) fn check(&self) -> Result<(), String> {
        let mut seen = BTreeSet::new();
        for (name, _) in &self.labels {
            let why = match name.as_str() {
                "job" | "instance" => format!("that is said by `--{name}`"),
                _ if name.starts_with("__") => "Prometheus keeps none that begin with `__`".into(),
                _ if is_own_label(name) => {
                    "the exporter's own series have it, and a name may stand once".into()
                }
                _ if !seen.insert(name) => "it is there twice, and a name may stand once".into(),
                _ => continue,
            };
            return Err(format!(
                "`--label` is `{name}=…`; {why}; hint: allowed are labels that Prometheus adds as it scrapes, such as cluster=eu, \
                 each once"
            ));
        }
        Ok(())
    }
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
