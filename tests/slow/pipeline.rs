//! From hang-up to the rule that judges it, in real time, at the defaults: a centre, an exporter, a Prometheus that scrapes
//! and evaluates as shipped.

use crate::paging::{Prometheus, until};
use crate::support::process::Process;
use crate::support::{Home, account, free_address};
use smartassist_exporter::simulator::Contract;
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

/// Watched so long, while most of the staff is away, so that many hang up.
const WATCHED: Duration = Duration::from_mins(6);

#[tokio::test(flavor = "multi_thread")]
async fn half_of_those_who_hang_up_are_judged_within_half_a_minute() {
    let folder = TempDir::new().unwrap();
    let centre = free_address();
    let _centre = Process::start(
        Command::new(env!("CARGO_BIN_EXE_smartassist-exporter"))
            .args([
                "simulate",
                "--rate=1000",
                "--history=3h",
                "--local-time=10:00",
                "--scenario=abandonment-spike",
                "--scenario-start=-10m",
                "--scenario-duration=1h",
                "--scenario-staying=0.3",
            ])
            .arg(format!("--web.listen-address={centre}")),
    );
    let url = format!("http://{centre}");
    let account = account("acme", &url, &Contract::default(), "");
    let home = Home::new(&format!("{account}poll: {{initial_lookback: 2h}}\n"));
    let exporter = home.serve();
    exporter.wait_for("the past is read", 300, |page| {
        page.sum("smartassist_exporter_catching_up", &[]) == 0.0
            && page.sum("smartassist_abandonment_evidence_limit", &[]) > 0.0
    });
    let prometheus = Prometheus::as_shipped(folder.path(), exporter.address);
    let evidence = r#"smartassist_abandonment_evidence{scope="account"}"#;
    until("a scrape", async || prometheus.has_seen(evidence, 1).await).await;
    let shown_before = spoken(&home.log()).len();
    tokio::time::sleep(WATCHED).await;

    let scrapes = prometheus.times(r#"up{job="smartassist"}"#).await;
    let evaluations = prometheus
        .times("smartassist:threshold:stale_seconds")
        .await;
    let judged_at = |shown_s: f64| {
        let scraped_s = scrapes.iter().find(|at_s| **at_s >= shown_s)?;
        evaluations.iter().find(|at_s| *at_s >= scraped_s)
    };
    let log = home.log();
    let spoken = &spoken(&log)[shown_before..];
    let within_s = |who: &str, abandoned: &[bool]| {
        let these = spoken.iter().filter(|it| abandoned.contains(&it.abandoned));
        let delay_s = |it: &Spoken| Some(judged_at(it.shown_s)? - it.ended_s);
        let mut delays_s: Vec<f64> = these.filter_map(delay_s).collect();
        delays_s.sort_by(f64::total_cmp);
        let count = delays_s.len();
        assert!(count > 20, "{who}: {delays_s:?}");
        let (half, most) = (delays_s[count / 2], delays_s[count * 9 / 10]);
        println!(
            "{count} {who}, from their end to the evaluation: half within {half:.0} s, nine of ten within {most:.0} s"
        );
        half
    };
    let hung_up_s = within_s("who hung up", &[true]);
    let all_s = within_s("offered", &[true, false]);
    assert!(hung_up_s <= 30.0 && all_s <= 60.0, "{hung_up_s}, {all_s}");
}

/// A conversation's evidence, in Unix time.
struct Spoken {
    shown_s: f64,
    ended_s: f64,
    abandoned: bool,
}

fn spoken(log: &str) -> Vec<Spoken> {
    let lines = log
        .lines()
        .filter(|line| line.contains("speaks for or against a spike"));
    let spoken = lines.map(|line| {
        let value = |key: &str| {
            let value = line.split(key).nth(1).unwrap();
            value.split(' ').next().unwrap()
        };
        let shown: jiff::Timestamp = value("ts=").parse().unwrap();
        Spoken {
            shown_s: shown.as_millisecond() as f64 / 1000.0,
            ended_s: value("ended_s=").parse().unwrap(),
            abandoned: value("abandoned=") == "true",
        }
    });
    spoken.collect()
}
