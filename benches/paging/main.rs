//! How soon a spike of abandonment pages, and how often a quiet centre does: simulated centres, what stands in
//! `tests/replay`. Delays count from the first second of the spike, the pipeline's 30 s included.

#![allow(
    clippy::print_stdout,
    reason = "a bench prints its figures, and fails loudly"
)]

#[allow(
    dead_code,
    unreachable_pub,
    reason = "shared with the tests, who use more of it"
)]
#[path = "../../tests/replay/mod.rs"]
mod replay;

use replay::campaign::{congested_false_pages, false_pages, quiet, spikes};
use std::time::Instant;

const CENTRES: u64 = 25;
const QUIET_CENTRES: u64 = 5;
const QUIET_DAYS: i64 = 92;

fn main() {
    println!("| an hour | ratio becomes | p50 | p90 | found | wanted |");
    println!("| --- | --- | --- | --- | --- | --- |");
    for (per_hour, ratio, wanted) in [
        (1500.0, 0.9, "≤ 52 s"),
        (1500.0, 0.4, "≤ 92 s"),
        (1500.0, 0.25, "≤ 165 s"),
        (400.0, 0.9, ""),
        (400.0, 0.4, "≤ 222 s"),
        (400.0, 0.25, "≤ 446 s"),
    ] {
        let found = spikes(per_hour, ratio, CENTRES);
        let at = |part| {
            found
                .at(part)
                .map_or("not found".to_owned(), |delay_s| format!("{delay_s} s"))
        };
        println!(
            "| {per_hour:.0} | {:.0} % | {} | {} | {} of {} | {wanted} |",
            ratio * 100.0,
            at(0.5),
            at(0.9),
            found.delays_s.len(),
            found.spikes,
        );
    }

    println!("\n| quiet centre | target | false pages in 30 days, wanted ≤ 1 |");
    println!("| --- | --- | --- |");
    let months = (QUIET_CENTRES as i64 * (QUIET_DAYS - 2)) as f64 / 30.0;
    let (mut judged, mut spent) = (0, 0.0);
    for per_hour in [400.0, 1500.0] {
        let histories: Vec<_> = (0..QUIET_CENTRES)
            .map(|seed| quiet(5000 + seed, QUIET_DAYS, per_hour))
            .collect();
        for target in [0.02, 0.03, 0.05, 0.08] {
            let begun = Instant::now();
            let pages: usize = histories
                .iter()
                .map(|history| false_pages(history, target).len())
                .sum();
            spent += begun.elapsed().as_secs_f64();
            judged += histories.iter().map(Vec::len).sum::<usize>();
            println!(
                "| {per_hour:.0} an hour, 4 %, at noon 8 % | {:.0} % | {:.2} |",
                target * 100.0,
                pages as f64 / months
            );
        }
        let seeds = (0..QUIET_CENTRES).map(|seed| 6000 + seed);
        let congested = congested_false_pages(seeds, QUIET_DAYS, per_hour);
        println!(
            "| {per_hour:.0} an hour, congested | 5 % | {:.2} |",
            congested as f64 / months
        );
    }
    println!(
        "\n{:.2} million conversations of {} scopes each judged in a second",
        judged as f64 / spent / 1e6,
        3
    );
}
