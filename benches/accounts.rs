//! Many accounts in one process: 1, 50 and 200, each of 1,000 conversations an hour, on one store in a temporary folder.
//!
//! Every poll goes the way of production: page bytes → rows → derive → look up → apply → durable commit → absorb → View →
//! publication. Time is accelerated: an account polls every 7.5 s instead of every 15 s, and everything is scraped four
//! times a second meanwhile. One account alone polls as often as fifty would. Per account, nothing may grow with the
//! number of accounts.
//!
//! `cargo bench --bench accounts`, or of another number `BENCH_ACCOUNTS=60 cargo bench --bench accounts`

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench prints its figures, and fails loudly"
)]

#[path = "common/house.rs"]
mod house;

use house::{House, both, processor_s, resident_kb, run};
use smartassist_exporter::metrics::Encoding;
use smartassist_exporter::store::Store;
use std::process::Command;
use std::time::Instant;

/// As in the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const NUMBERS: [usize; 3] = [1, 50, 200];
/// Tells a child process how many accounts are its task: each number gets a process of its own, for its memory. Set by
/// hand, it measures that number alone.
const TASK: &str = "BENCH_ACCOUNTS";

const POLLS_EACH: usize = 4;
const POLLS_ALONE: usize = 200;

fn main() {
    if let Ok(task) = std::env::var(TASK) {
        return measure(task.parse().unwrap());
    }
    println!(
        "| accounts | CPU ms a poll | RSS MB | an account | commit p50 / p99 ms | publication p50 / p99 ms \
         | poll p50 / p99 ms | page kB an account | scrape CPU µs an account | scrape p50 / p99 ms, plain | gzip |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for accounts in NUMBERS {
        let child = Command::new(std::env::current_exe().unwrap())
            .env(TASK, accounts.to_string())
            .status();
        assert!(child.unwrap().success());
    }
}

fn measure(number: usize) {
    let folder = tempfile::tempdir().unwrap();
    let polls_each = if number == 1 { POLLS_ALONE } else { POLLS_EACH };
    let store = Store::open(folder.path()).unwrap();
    let house = House::open(store, 0, number, polls_each);
    let begun_s = processor_s();
    let (taken, scrapes) = run(&house, number * polls_each);
    let spent_s = processor_s() - begun_s - scrapes.processor_s;
    let kb = resident_kb();
    let bytes = house
        .publisher
        .page(Encoding::Plain, Instant::now())
        .length();
    let made = (scrapes.plain.len() + scrapes.gzip.len()) as f64;
    println!(
        "| {number} | {:.1} | {:.0} | {:.2} | {} | {} | {} | {} | {:.0} | {} | {} |",
        1000.0 * spent_s / taken.polls.len() as f64,
        kb / 1000.0,
        kb / 1000.0 / number as f64,
        both(&taken.commits),
        both(&taken.publications),
        both(&taken.polls),
        bytes / 1000 / number as u64,
        1e6 * scrapes.processor_s / made / number as f64,
        both(&scrapes.plain),
        both(&scrapes.gzip),
    );
}
