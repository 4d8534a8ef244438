//! Killed with SIGKILL at random moments while records change: the counts are those of an independent witness.

use crate::support::compare::all_differences;
use crate::support::postgres::Postgres;
use crate::support::scene::{Scene, Setting, contract, plan_since};
use crate::support::{Centre, Exporter, Home, Page};
use smartassist_exporter::simulator::Witness;
use std::time::Duration;

#[test]
fn killed_dozens_of_times_it_counts_every_conversation_once() {
    every_conversation_counts_once(24, "");
}

#[test]
fn killed_again_and_again_it_does_so_in_a_shared_database() {
    let database = Postgres::shared().database();
    let storage = format!(
        "storage: {{url: '{}', password: '{}'}}\n",
        database.url(),
        database.password()
    );
    every_conversation_counts_once(10, &storage);
}

fn every_conversation_counts_once(kills: usize, storage: &str) {
    let centre = Centre::open(plan_since(40 * 60, 3_000.0), contract());
    let home = Home::new(&format!(
        "{}poll: {{interval: 1s, settle: 1s, revisit: 0.005, initial_lookback: 2h, max_lookback: 1d}}\n\
         metrics: {{zero_first: 0s}}\n{storage}",
        centre.account(60_000)
    ));
    // A fixed sequence of delays, spread over the steps of a poll: reproducible, and unlike the poll's own rhythm.
    let mut delay_ms = 40_u64;
    for _ in 0..kills {
        let exporter = home.serve();
        delay_ms = (delay_ms * 7 + 131) % 900;
        std::thread::sleep(Duration::from_millis(50 + delay_ms));
        exporter.kill();
    }
    centre.simulator.freeze();
    let truth = centre.simulator.truth(&Witness::default());
    assert!(
        truth.counted > 1_000,
        "{} conversations are no test",
        truth.counted
    );
    let exporter = home.serve();
    let left = |page: &Page| all_differences(page, &centre.simulator, &Witness::default());
    exporter.comes_to(90, left);
    // Read on for a while: nothing is counted twice.
    let polls = |page: &Page| page.sum("smartassist_exporter_polls_total", &[("result", "ok")]);
    let before = polls(&exporter.page());
    let page = exporter.wait_for("five more polls", 60, |page| polls(page) >= before + 5.0);
    assert_eq!(left(&page), [""; 0]);
}

/// The database is whole without its log, only older: counters stand lower, which somebody must be told.
#[test]
fn a_write_ahead_log_that_is_gone_is_told_and_what_was_in_it_counts_once() {
    let scene = Scene::new(Setting::of(1_200.0));
    let polls = |page: &Page| page.sum("smartassist_exporter_polls_total", &[("result", "ok")]);
    let exporter = scene.serve();
    exporter.wait_for("three polls", 30, |page| polls(page) >= 3.0);
    exporter.kill();
    let log = scene
        .home
        .folder
        .path()
        .join("data/smartassist-exporter.db-wal");
    std::fs::remove_file(log).unwrap();
    let exporter = scene.serve();
    let lost = |exporter: &Exporter| {
        exporter
            .page()
            .sum("smartassist_exporter_lost_commits", &[])
    };
    exporter.wait_for("an answer", 30, |page| !page.samples.is_empty());
    assert!(lost(&exporter) > 0.0);
    let told = scene.home.log();
    assert!(told.contains("the database is older than it was"), "{told}");
    scene.ends_with_the_truth(&exporter, 60);
    exporter.kill();
    let exporter = scene.serve();
    scene.comes_to_the_truth(&exporter, 60);
    assert_eq!(lost(&exporter), 0.0, "once is enough");
}
