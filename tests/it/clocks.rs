//! Clocks that are wrong, and zones that change: the exporter's clock ahead and back again, summer time.

use crate::support::scene::{Scene, Setting};
use crate::support::{Exporter, Page};
use smartassist_exporter::simulator::http::Zone;
use std::thread::sleep;
use std::time::Duration;

const DAY_S: i64 = 86_400;

fn conversations(page: &Page) -> f64 {
    page.sum("smartassist_conversations_total", &[])
}

fn polls(exporter: &Exporter, more: f64) {
    let polls = |page: &Page| page.sum("smartassist_exporter_polls_total", &[]);
    let before = polls(&exporter.page());
    exporter.wait_for("more polls", 60, |page| polls(page) >= before + more);
}

/// So far ahead at the first start of all, for so long; then right for good.
fn ahead_at_the_first_start(ahead_s: i64, for_how_long: Duration) {
    let mut scene = Scene::new(Setting::of(1_200.0));
    scene.set_clock(ahead_s);
    let exporter = scene.serve();
    sleep(for_how_long);
    scene.set_clock(0);
    exporter.wait_for("the first counts", 60, |page| conversations(page) > 0.0);
    scene.ends_with_the_truth(&exporter, 60);
    exporter.kill();
    // What is stored is right, too.
    scene.comes_to_the_truth(&scene.serve(), 60);
}

#[test]
fn a_clock_three_minutes_ahead_for_half_a_second_at_the_first_start_loses_nothing() {
    ahead_at_the_first_start(180, Duration::from_millis(500));
}

#[test]
fn a_clock_three_days_ahead_at_the_first_start_loses_nothing_once_it_is_right() {
    ahead_at_the_first_start(3 * DAY_S, Duration::from_secs(8));
}

#[test]
fn a_clock_a_day_ahead_for_five_seconds_empties_no_gauge_and_loses_nothing() {
    let mut scene = Scene::new(Setting::of(1_200.0));
    scene.set_clock(0);
    let exporter = scene.serve();
    exporter.wait_for("the first counts", 60, |page| conversations(page) > 0.0);
    scene.set_clock(25 * 3_600);
    sleep(Duration::from_secs(5));
    scene.set_clock(0);
    polls(&exporter, 3.0);
    scene.ends_with_the_truth(&exporter, 60);
    exporter.kill();
    scene.comes_to_the_truth(&scene.serve(), 60);
}

#[test]
fn a_clock_that_is_set_back_between_two_runs_is_told_and_loses_nothing() {
    let mut scene = Scene::new(Setting::of(1_200.0));
    for ahead_s in [0, 3_600] {
        scene.set_clock(ahead_s);
        let exporter = scene.serve();
        exporter.wait_for("counts", 60, |page| conversations(page) > 0.0);
        polls(&exporter, 1.0);
        exporter.kill();
    }
    scene.set_clock(0);
    let exporter = scene.serve();
    scene.ends_with_the_truth(&exporter, 60);
    let told = scene.home.log();
    assert!(told.contains("at a time that is still to come"), "{told}");
}

/// Not so far that the vendor refuses its tokens.
#[test]
fn a_clock_that_was_behind_loses_nothing() {
    let mut scene = Scene::new(Setting::of(1_200.0));
    scene.set_clock(-120);
    let exporter = scene.serve();
    exporter.wait_for("the first counts", 60, |page| conversations(page) > 0.0);
    scene.set_clock(0);
    polls(&exporter, 2.0);
    scene.ends_with_the_truth(&exporter, 60);
}

/// 2026-03-29 and 2026-10-25 at 01:00 UTC, where Berlin's clocks are put forward and back.
const SPRING_S: i64 = 1_774_746_000;
const AUTUMN_S: i64 = 1_792_890_000;

/// The change lies in the middle of the history. The account knows its zone, or has to find out.
fn over_a_change(change_s: i64, account: &str) {
    let mut setting = Setting::of(1_200.0).at(change_s + 900);
    setting.reading.zone = "Europe/Berlin".parse::<Zone>().unwrap();
    account.clone_into(&mut setting.account);
    Scene::new(setting).lives_and_ends_with_the_truth();
}

const IN_BERLIN: &str = "time_zone: Europe/Berlin, ";

#[test]
fn summer_time_begins_and_no_wait_lasts_an_hour_more() {
    over_a_change(SPRING_S, IN_BERLIN);
}

#[test]
fn summer_time_ends_and_no_wait_lasts_an_hour_less() {
    over_a_change(AUTUMN_S, IN_BERLIN);
}

#[test]
fn summer_time_that_begins_is_noticed_where_nobody_tells_the_zone() {
    over_a_change(SPRING_S, "");
}

#[test]
fn summer_time_that_ends_is_noticed_where_nobody_tells_the_zone() {
    over_a_change(AUTUMN_S, "");
}

#[test]
fn an_account_may_change_its_zone_while_it_is_read() {
    let scene = Scene::new(Setting::reading(1_200.0, |reading| {
        reading.zone = Zone::Fixed(330);
    }));
    let exporter = scene.serve();
    exporter.wait_for("the first counts", 60, |page| conversations(page) > 0.0);
    scene.change(|reading| reading.zone = Zone::Fixed(-300));
    polls(&exporter, 4.0);
    scene.ends_with_the_truth(&exporter, 60);
}
