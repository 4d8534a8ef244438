//! Troubles one by one that take long to look at; the others are in the tests of every change.

use crate::support::replicas::{Setting, Several, leads};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// One cannot reach the database any more, and the other can: what the first shows may be another's by then.
#[test]
fn one_that_is_cut_off_shows_and_asks_nothing_once_others_may_have_its_accounts() {
    let several = Several::open(2, 2, 1_200.0);
    let replicas = several.serve_all();
    several.shared_out(&replicas, 60);
    several.to_database(0).freeze();
    let cut = Instant::now();
    several.wait_until(&replicas, 40, |pages| {
        leads(&pages[0]).is_empty() && leads(&pages[1]).len() == 2
    });
    println!("taken over after {:?}", cut.elapsed());
    assert!(
        cut.elapsed() < Duration::from_secs(30),
        "{:?}",
        cut.elapsed()
    );
    several.nobody_overlaps(0, cut + Duration::from_secs(15));
    several.to_database(0).cut();
    several.to_database(0).mend();
    several.shared_out(&replicas, 60);
    several.ends_with_the_truth(&replicas.all(), 60);
}

/// The vendor allows an account so many a minute, whoever sends them.
#[test]
fn the_pair_asks_no_more_than_one_whoever_ends() {
    let mut setting = Setting::of(1, 2, 3_000.0);
    setting.requests_per_minute = 50;
    let several = Several::with(setting);
    let mut replicas = several.serve_all();
    for round in 0..4 {
        several.wait_until(&replicas, 30, |pages| several.all_counted_once(pages));
        sleep(Duration::from_millis(1_500 + 311 * round));
        let pages = replicas.pages();
        let holder = usize::from(!leads(&pages[1]).is_empty());
        replicas.remove(holder).kill();
        replicas.insert(holder, several.serve(holder));
    }
    // What is saved up is at most ten seconds' worth.
    let most = several.most_in_a_minute();
    assert!((5..=58).contains(&most), "{most} requests in a minute");
}

/// Connections that end and can be made again move nothing: whoever held an account has it again.
#[test]
fn a_server_that_starts_anew_leaves_accounts_where_they_were() {
    let several = Several::open(4, 2, 600.0);
    let replicas = several.serve_all();
    let before: Vec<_> = several
        .shared_out(&replicas, 60)
        .iter()
        .map(leads)
        .collect();
    for _ in 0..2 {
        several.database().server().stop_well();
        several.database().server().start_again();
        let pages = several.shared_out(&replicas, 30);
        let after: Vec<_> = pages.iter().map(leads).collect();
        assert_eq!(before, after);
        sleep(Duration::from_secs(6));
    }
    several.ends_with_the_truth(&replicas.all(), 60);
}

/// Asleep for a little less than what others wait for, it has everything still.
#[test]
fn one_that_sleeps_briefly_goes_on_and_shows_what_it_has() {
    let several = Several::open(2, 2, 1_200.0);
    let replicas = several.serve_all();
    let before: Vec<_> = several
        .shared_out(&replicas, 60)
        .iter()
        .map(leads)
        .collect();
    replicas[0].send("STOP");
    sleep(Duration::from_millis(13_800));
    replicas[0].send("CONT");
    sleep(Duration::from_secs(3));
    let pages = several.shared_out(&replicas, 30);
    assert_eq!(before, pages.iter().map(leads).collect::<Vec<_>>());
    several.ends_with_the_truth(&replicas.all(), 60);
}

/// It may be asked in the instant in which it wakes.
#[test]
fn one_that_wakes_shows_nothing_that_is_anothers_by_then() {
    let several = Several::open(2, 2, 1_200.0);
    let replicas = several.serve_all();
    several.shared_out(&replicas, 60);
    for _ in 0..2 {
        replicas[0].send("STOP");
        replicas[1].wait_for("the sleeper's account", 30, |page| leads(page).len() == 2);
        let page = std::thread::scope(|scope| {
            let page = scope.spawn(|| replicas[0].page());
            sleep(Duration::from_millis(50));
            replicas[0].send("CONT");
            page.join().unwrap()
        });
        assert_eq!(page.family("smartassist_conversations_total").len(), 0);
        several.shared_out(&replicas, 30);
    }
    several.ends_with_the_truth(&replicas.all(), 60);
}
