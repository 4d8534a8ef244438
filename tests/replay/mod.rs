//! How the shipped rules would have paged on a history of conversations.
//!
//! history → the recent gauges and the evidence as the exporter would have shown them → `promtool test rules`, which runs
//! the rules over them and is asked when AbandonmentSpike was active.

pub mod arrivals;
pub mod campaign;
pub mod congested;
pub mod gauges;

use serde::Deserialize;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::{env, fs, io, process};

/// Polls, and evaluations, are this far apart.
pub const STEP_S: i64 = 15;

/// One finished conversation that wanted an agent: a line of a history.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// UTC seconds.
    pub started: i64,
    /// UTC seconds.
    pub ended: i64,
    #[serde(default = "one_account")]
    pub account: String,
    #[serde(default = "voice")]
    pub channel: String,
    /// `none` for those who left before any queue.
    pub queue: String,
    pub abandoned: bool,
}

fn one_account() -> String {
    "replay".into()
}

fn voice() -> String {
    "Voice".into()
}

/// A page: one account's AbandonmentSpike, however many queues and channels joined it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Page {
    pub account: String,
    /// UTC seconds.
    pub at: i64,
}

/// Pages of one account within this time are one: Alertmanager groups them, and the alert holds for 5 minutes.
const ONE_PAGE_S: i64 = 1800;

/// Replays a history against the rules in `alerts`, with one target ratio for all queues.
///
/// # Errors
/// `promtool` cannot be run, or its test file cannot be written.
pub fn pages(history: &[Contact], alerts: &Path, target: f64) -> io::Result<Vec<Page>> {
    let Some(first) = history.iter().map(|contact| contact.ended).min() else {
        return Ok(Vec::new());
    };
    let start = first - first.rem_euclid(STEP_S);
    let series = gauges::series(history, start, target);
    let steps = series
        .iter()
        .map(|series| series.values.len())
        .max()
        .unwrap_or(0) as i64;
    // Asked of every half hour.
    let ends = (0..=steps * STEP_S + ONE_PAGE_S).step_by(1800).skip(1);
    let said = run(&test_file(
        &series,
        (alerts, &["thresholds", "abandonment"]),
        STEP_S,
        "max by (account) (max_over_time(ALERTS_FOR_STATE{alertname=\"AbandonmentSpike\"}[30m]))",
        ends,
    ))?;
    Ok(read(&said, start))
}

/// What the rules in files of `alerts` say of series with a sample every `step_s`, by account, when asked at `end_s`.
///
/// # Errors
/// `promtool` cannot be run, or its test file cannot be written.
pub fn answers(
    series: &[gauges::Series],
    rules: (&Path, &[&str]),
    step_s: i64,
    expr: &str,
    end_s: i64,
) -> io::Result<Vec<(String, f64)>> {
    Ok(samples(&run(&test_file(
        series,
        rules,
        step_s,
        expr,
        [end_s].into_iter(),
    ))?))
}

fn test_file(
    series: &[gauges::Series],
    (alerts, files): (&Path, &[&str]),
    step_s: i64,
    expr: &str,
    ends: impl Iterator<Item = i64>,
) -> String {
    let files: Vec<String> = files
        .iter()
        .map(|name| format!("{}/{name}.rules.yml", alerts.display()))
        .collect();
    let mut text = format!(
        "rule_files: [{}]\nevaluation_interval: {step_s}s\n",
        files.join(", ")
    );
    let _ = write!(
        text,
        "group_eval_order: [smartassist_thresholds]\ntests:\n  - interval: {step_s}s\n    input_series:\n"
    );
    for series in series {
        let _ = writeln!(
            text,
            "      - series: '{}'\n        values: {}",
            series.name,
            series.notation()
        );
    }
    text.push_str("    promql_expr_test:\n");
    // With nothing expected, promtool prints what it got.
    for end in ends {
        let _ = write!(text, "      - expr: {expr}\n        eval_time: {end}s\n");
    }
    text
}

fn run(test: &str) -> io::Result<String> {
    static NEXT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let path = env::temp_dir().join(format!("replay-{}-{number}.test.yml", process::id()));
    fs::write(&path, test)?;
    let output = Command::new("promtool")
        .env("GOGC", "800")
        .args(["test", "rules"])
        .arg(&path)
        .output();
    fs::remove_file(&path)?;
    let output = output?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    if said.contains("exp: nil") || output.status.success() {
        Ok(said)
    } else {
        Err(io::Error::other(said.chars().take(500).collect::<String>()))
    }
}

fn read(said: &str, start: i64) -> Vec<Page> {
    let mut pages: Vec<Page> = samples(said)
        .into_iter()
        .map(|(account, value)| Page {
            account,
            at: start + value as i64,
        })
        .collect();
    pages.sort();
    pages.dedup_by(|later, first| {
        later.account == first.account && later.at - first.at < ONE_PAGE_S
    });
    pages
}

/// `got: {account="a"} 1.2E+03, {account="b"} …`, one line per question that had an answer.
fn samples(said: &str) -> Vec<(String, f64)> {
    said.lines()
        .filter_map(|line| line.trim().strip_prefix("got: "))
        .flat_map(|line| line.split("{account=\"").skip(1))
        .filter_map(|sample| {
            let (account, rest) = sample.split_once("\"} ")?;
            let value: f64 = rest.trim_end_matches([',', ' ']).parse().ok()?;
            Some((account.to_owned(), value))
        })
        .collect()
}
