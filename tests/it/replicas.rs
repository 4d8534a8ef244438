//! Several exporters on one PostgreSQL: who counts what, and what happens when one of them ends, sleeps or is cut off.

use crate::support::replicas::{Several, leads};
use crate::support::{Exporter, Page};
use std::thread::sleep;
use std::time::{Duration, Instant};

#[test]
fn accounts_are_spread_and_a_killed_replicas_go_on_elsewhere_where_they_stood() {
    let several = Several::open(3, 2, 1_200.0);
    let replicas = several.serve_all();
    let pages = several.shared_out(&replicas, 60);
    let mut held: Vec<usize> = pages.iter().map(|page| leads(page).len()).collect();
    held.sort_unstable();
    assert_eq!(held, [1, 2]);
    for page in &pages {
        // Nothing of an account is shown where it is not counted, but that it is not.
        let of = |metric: &str| {
            page.samples
                .keys()
                .filter(|(name, _)| name == metric)
                .count()
        };
        assert_eq!(of("smartassist_exporter_leader"), 3);
        assert_eq!(of("smartassist_exporter_up"), leads(page).len());
    }
    let (landing, state) = (replicas.landing(0), several.state());
    assert!(landing.contains("counted by"), "{landing}");
    assert!(state.contains("smartassist-exporter"), "{state}");
    let (killed, stays) = replicas.kill_the_one_with_most(&pages);
    let at = Instant::now();
    let page = stays.wait_for("the others' accounts", 30, |page| leads(page).len() == 3);
    println!("taken over after {:?}", at.elapsed());
    several.nobody_overlaps(killed, at);
    several.nothing_falls(&pages, &[page]);
    several.ends_with_the_truth(&[&stays], 60);
}

#[test]
fn who_stops_well_hands_over_within_seconds_and_who_joins_gets_a_share() {
    let several = Several::open(4, 3, 600.0);
    let mut replicas = several.serve_all();
    several.shared_out(&replicas, 60);
    let before = replicas.pages();
    let stopped = replicas.remove(0);
    let at = Instant::now();
    stopped.send("TERM");
    let pages = several.wait_until(&replicas, 30, |pages| several.all_counted_once(pages));
    assert!(at.elapsed() < Duration::from_secs(5), "{:?}", at.elapsed());
    several.nothing_falls(&before, &pages);
    stopped.ends_in_time();
    // One that comes gets one, and the others keep the rest.
    let held = |pages: &[Page]| pages.iter().map(leads).collect::<Vec<_>>();
    let before = held(&pages);
    replicas.push(several.serve(0));
    let after = several.wait_until(&replicas, 30, |pages| {
        several.all_counted_once(pages) && pages.iter().all(|page| !leads(page).is_empty())
    });
    let after = held(&after);
    let moved: usize = (0..2)
        .map(|at| before[at].difference(&after[at]).count())
        .sum();
    assert_eq!((moved, after[2].len()), (1, 1), "{before:?} → {after:?}");
    several.ends_with_the_truth(&replicas.all(), 60);
}

#[test]
fn one_that_sleeps_loses_its_accounts_and_counts_nothing_when_it_wakes() {
    let several = Several::open(2, 2, 1_200.0);
    let replicas = several.serve_all();
    let pages = several.shared_out(&replicas, 60);
    let (sleeps, other) = (&replicas[0], &replicas[1]);
    sleeps.send("STOP");
    let at = Instant::now();
    other.wait_for("the sleeper's account", 30, |page| leads(page).len() == 2);
    println!("taken over after {:?}", at.elapsed());
    several.nothing_falls(&pages, &[other.page()]);
    sleep(Duration::from_secs(3));
    let woken = Instant::now();
    sleeps.send("CONT");
    several.wait_until(&replicas, 30, |pages| {
        several.all_counted_once(pages) && !leads(&pages[0]).is_empty()
    });
    several.nobody_overlaps(0, woken);
    several.ends_with_the_truth(&replicas.all(), 60);
}

#[test]
fn a_database_that_goes_stops_the_counting_and_nothing_else() {
    let several = Several::open(1, 1, 1_200.0);
    let replica = several.serve(0);
    replica.wait_for("the first counts", 60, |page| {
        page.sum("smartassist_conversations_total", &[]) > 0.0
    });
    let before = [replica.page()];
    several.database().server().stop();
    let stores = |page: &Page| page.sum("smartassist_exporter_up", &[]);
    let away = replica.wait_for("that it is told", 30, |page| stores(page) == 0.0);
    several.nothing_falls(&before, &[away]);
    sleep(Duration::from_secs(20));
    several.nothing_falls(&before, &[replica.page()]);
    assert_eq!(replica.get("/-/healthy").unwrap().0, 200);
    several.database().server().start_again();
    replica.wait_for("that it counts again", 30, |page| stores(page) == 1.0);
    several.ends_with_the_truth(&[&replica], 60);
    several.nothing_falls(&before, &[replica.page()]);
}

/// Whether a commit was made is not known where its answer is lost.
#[test]
fn an_answer_that_is_lost_counts_nothing_twice() {
    let several = Several::open(1, 1, 3_000.0);
    let replica: Exporter = several.serve(0);
    replica.wait_for("the first counts", 60, |page| {
        page.sum("smartassist_conversations_total", &[]) > 0.0
    });
    for round in 0..8 {
        sleep(Duration::from_millis(900 + 77 * round));
        several.to_database(0).freeze_answers();
        sleep(Duration::from_millis(300));
        several.to_database(0).cut();
        several.to_database(0).mend();
    }
    several.ends_with_the_truth(&[&replica], 90);
}

/// The server gives up what was held on a connection as soon as it ends, so whoever held it is to be quicker.
#[test]
fn one_that_loses_its_connection_shows_and_asks_nothing_from_then_on() {
    let several = Several::open(2, 2, 1_200.0);
    let replicas = several.serve_all();
    several.shared_out(&replicas, 60);
    several.to_database(0).refuse();
    several.to_database(0).cut();
    let cut = Instant::now();
    replicas[0].wait_for("that nothing is shown", 2, |page| {
        let shown = page.family("smartassist_conversations_total");
        leads(page).is_empty() && shown.is_empty()
    });
    replicas[1].wait_for("the other's account", 30, |page| leads(page).len() == 2);
    several.to_database(0).mend();
    several.wait_until(&replicas, 30, |pages| {
        let asks = |page: &Page| page.sum("smartassist_exporter_up", &[]) == 1.0;
        several.all_counted_once(pages) && pages.iter().all(asks)
    });
    // Whoever has it back asks again.
    several.nobody_overlaps(0, cut + Duration::from_millis(300));
    several.ends_with_the_truth(&replicas.all(), 60);
}
