//! What planning costs and how late it is, in virtual time: days of arrivals, no network, the same numbers every run.
//!
//! Beside it the pollers people write: a trailing window at every interval, and every window once after a fixed delay.
//! Requests are counted as fetching needs them: the full pages of a window and one, and one more for each halving.

#![allow(clippy::print_stdout, reason = "a bench prints its table")]
#![allow(
    unreachable_pub,
    reason = "nothing of a binary is reachable from outside"
)]

mod lean;
mod pollers;
mod run;
mod world;

use pollers::{Delayed, Planned, Trailing};
use run::{DAY_S, Run};
use smartassist_exporter::poller::coverage::{Rule, Why};
use world::World;

const MINUTE_S: i64 = 60;
const HOUR_S: i64 = 3_600;

/// The defaults of the configuration.
const RULE: Rule = Rule {
    interval_s: 15,
    revisit: 0.25,
    max_lookback_s: 7 * DAY_S,
    window_rows: 1_100,
};
const REQUESTS_PER_MINUTE: f64 = 30.0;

fn main() {
    println!("Planning in virtual time: changes of the eighth day, followed for a day and a half.");
    println!(
        "due: delay from change to count ÷ max(interval, revisit × age); late: greatest seconds beyond that.\n"
    );
    println!(
        "{:>6}  {:<26} {:>9} {:>6} {:>6} {:>6}  {:>7} {:>7} {:>8} {:>9}  {:>5} {:>6}",
        "conv/h",
        "poller",
        "requests",
        "rule",
        "spare",
        "live",
        "missed",
        "mean",
        "p99",
        "max",
        "due",
        "late"
    );
    for per_hour in [100.0, 1_000.0, 5_000.0] {
        compare(per_hour);
    }
    lean::print(&World::new(1_000.0));
}

fn compare(per_hour: f64) {
    let world = World::new(per_hour);
    let planned = |spare| Planned::new(RULE, REQUESTS_PER_MINUTE, spare);
    line(
        per_hour,
        "planned (defaults)",
        Run::of(&world, planned(true)),
    );
    line(
        per_hour,
        "planned, live readings on",
        Run::of(&world, planned(true).with_live()),
    );
    line(
        per_hour,
        "planned, no spare",
        Run::of(&world, planned(false)),
    );
    if per_hour > 4_000.0 {
        // More than a budget of 30 can follow: the same with all that the vendor grants.
        line(
            per_hour,
            "planned, 60 a minute",
            Run::of(&world, Planned::new(RULE, 60.0, true)),
        );
    }
    for (name, reach_s) in [("15 min", 15 * MINUTE_S), ("1 h", HOUR_S), ("24 h", DAY_S)] {
        line(
            per_hour,
            &format!("last {name} each interval"),
            Run::of(&world, Trailing::new(RULE.interval_s, reach_s)),
        );
    }
    for (name, delay_s) in [("15 min", 15 * MINUTE_S), ("1 h", HOUR_S), ("24 h", DAY_S)] {
        line(
            per_hour,
            &format!("once, {name} later"),
            Run::of(&world, Delayed::new(RULE.interval_s, delay_s)),
        );
    }
    println!();
}

fn line(per_hour: f64, name: &str, run: Run) {
    let delays = run.delays();
    let spare = run.requests_per_minute(|why| why == Why::Spare);
    let rule = run.requests_per_minute(|why| why != Why::Spare);
    println!(
        "{per_hour:>6}  {name:<26} {:>9.1} {rule:>6.1} {spare:>6.1} {:>6.1}  {:>6.1}% {:>7} {:>8} {:>9}  {:>5.2} {:>5.0}s",
        rule + spare + run.live_per_minute,
        run.live_per_minute,
        100.0 * delays.missed,
        time(delays.mean_s),
        time(delays.p99_s),
        time(delays.max_s),
        delays.due_p99,
        delays.late_s,
    );
}

/// Seconds for people.
fn time(seconds: f64) -> String {
    match seconds {
        s if s < 120.0 => format!("{s:.0} s"),
        s if s < 7_200.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.1} h", s / 3_600.0),
    }
}
