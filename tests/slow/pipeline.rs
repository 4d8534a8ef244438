//! From hang-up to the rule that judges it, in real time, at the defaults: a centre, an exporter, a Prometheus that scrapes
//! and evaluates as shipped.

use crate::paging::{Prometheus, until};
use crate::support::Home;
use crate::support::free_address;
use crate::support::process::Process;
use smartassist_exporter::simulator::Contract;
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

/// Watched so long. The centre has some 8 offered conversations a minute in the busiest hour for each 1,000 an hour.
const WATCHED: Duration = Duration::from_mins(6);

#[tokio::test(flavor = "multi_thread")]
async fn half_of_all_conversations_are_judged_within_half_a_minute_of_their_end() {
    let folder = TempDir::new().unwrap();
    let centre = free_address();
    let _centre = Process::start(
        Command::new(env!("CARGO_BIN_EXE_smartassist-exporter"))
            .args([
                "simulate",
                "--rate=1000",
                "--history=3h",
                "--local-time=10:00",
            ])
            .arg(format!("--web.listen-address={centre}")),
    );
    let Contract {
        account_id,
        stream_id,
        client_id,
        client_secret,
        ..
    } = Contract::default();
    let home = Home::new(&format!(
        "accounts:
- name: acme
  url: http://{centre}
  account_id: {account_id}
  stream_id: {stream_id}
  auth: {{client_id: {client_id}, client_secret: {client_secret}}}
poll: {{initial_lookback: 2h}}
"
    ));
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
    let mut delays_s: Vec<f64> = spoken(&home.log())[shown_before..]
        .iter()
        .filter_map(|(shown_s, ended_s)| Some(judged_at(*shown_s)? - ended_s))
        .collect();
    delays_s.sort_by(f64::total_cmp);
    let count = delays_s.len();
    let part = |hundredths: usize| delays_s[count * hundredths / 100];
    let (half, most) = (part(50), part(90));
    println!(
        "{count} conversations, from hang-up to evaluation: half within {half:.0} s, nine of ten within {most:.0} s"
    );
    assert!(count > 30, "{delays_s:?}");
    assert!(half <= 30.0, "{delays_s:?}");
}

/// When each conversation's evidence was shown and when it ended, in Unix time.
fn spoken(log: &str) -> Vec<(f64, f64)> {
    let lines = log
        .lines()
        .filter(|line| line.contains("speaks for or against a spike"));
    let times = lines.map(|line| {
        let value = |key: &str| {
            let value = line.split(key).nth(1).unwrap();
            value.split(' ').next().unwrap()
        };
        let shown: jiff::Timestamp = value("ts=").parse().unwrap();
        (
            shown.as_millisecond() as f64 / 1000.0,
            value("ended_s=").parse().unwrap(),
        )
    });
    times.collect()
}
