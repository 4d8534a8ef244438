//! SQLite and PostgreSQL side by side, each on a store that waits for the disk: how long a commit takes, and how many there
//! are a second, of one account and of eight at once; then 200 accounts, spread over two processes on one PostgreSQL.
//!
//! A commit is of a window of 50 new conversations. Commits a second are of windows one after the other as fast as they go,
//! each read, looked up, applied and committed.
//!
//! `cargo bench --bench engines`

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench prints its figures, and fails loudly"
)]

#[path = "common/house.rs"]
mod house;
#[path = "../tests/support/place.rs"]
mod place;
#[path = "../tests/support/postgres.rs"]
mod postgres;

use house::{House, both, open, page, processor_s, records, resident_kb, run};
use place::place_of;
use postgres::{Database, Postgres};
use smartassist_exporter::config::{self, Flags};
use smartassist_exporter::store::{Place, Store};
use std::process::{Child, Command};
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

/// As in the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const AT_ONCE: [usize; 2] = [1, 8];
const WINDOW: usize = 50;
const WINDOWS: usize = 200;
/// Before anything is measured, so that tables and caches are as they are later.
const WARM: usize = 20;

const ACCOUNTS: usize = 200;
const REPLICAS: usize = 2;
const POLLS_EACH: usize = 4;
/// Tells a child process which accounts are its own: from here on.
const FIRST: &str = "BENCH_FIRST_ACCOUNT";

fn main() {
    if let Ok(first) = std::env::var(FIRST) {
        return replica(first.parse().unwrap());
    }
    let server = Postgres::start_durable();
    println!("| store | accounts at once | commits a second | commit p50 / p99 ms |");
    println!("| --- | --- | --- | --- |");
    for at_once in AT_ONCE {
        let folder = tempfile::tempdir().unwrap();
        commits("SQLite", &Store::open(folder.path()).unwrap(), at_once);
        let database = server.database();
        let store = Store::open(place_of(&database)).unwrap();
        commits("PostgreSQL", &store, at_once);
    }
    println!("\n{ACCOUNTS} accounts, {REPLICAS} replicas, one PostgreSQL:\n");
    println!(
        "| replica with accounts | CPU ms a poll | RSS MB | commit p50 / p99 ms | poll p50 / p99 ms |"
    );
    println!("| --- | --- | --- | --- | --- |");
    let database = server.database();
    let replicas: Vec<Child> = (0..REPLICAS).map(|at| spawn(&database, at)).collect();
    for mut replica in replicas {
        assert!(replica.wait().unwrap().success());
    }
}

/// Accounts that commit one window after the other, all at the same time.
fn commits(name: &str, store: &Store, at_once: usize) {
    let records = records((WARM + WINDOWS) * WINDOW);
    let pages: Vec<String> = records.chunks(WINDOW).map(page).collect();
    drop(records);
    let (warm, measured) = pages.split_at(WARM);
    let ready = Barrier::new(at_once + 1);
    let (took, commits) = thread::scope(|scope| {
        let account = |number| {
            let ready = &ready;
            scope.spawn(move || {
                let mut account = open(store, number).into_inner().unwrap();
                for page in warm {
                    account.count(store, page);
                }
                ready.wait();
                let commits = measured.iter().map(|page| account.count(store, page));
                commits.collect::<Vec<Duration>>()
            })
        };
        let accounts: Vec<_> = (0..at_once).map(account).collect();
        ready.wait();
        let begun = Instant::now();
        let commits = accounts.into_iter().flat_map(|it| it.join().unwrap());
        let commits: Vec<Duration> = commits.collect();
        (begun.elapsed(), commits)
    });
    println!(
        "| {name} | {at_once} | {:.0} | {} |",
        commits.len() as f64 / took.as_secs_f64(),
        both(&commits)
    );
}

fn spawn(database: &Database, replica: usize) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .env(FIRST, (replica * ACCOUNTS / REPLICAS).to_string())
        .env("SMARTASSIST_STORAGE_URL", database.url())
        .env("SMARTASSIST_STORAGE_PASSWORD", database.password())
        .spawn()
        .unwrap()
}

/// Half of the accounts, each polled as often as `benches/accounts.rs` does.
fn replica(first: usize) {
    let number = ACCOUNTS / REPLICAS;
    let environment = |name: &str| match name {
        "SMARTASSIST_URL" => Some("http://127.0.0.1:9".into()),
        _ if name.starts_with("SMARTASSIST_STORAGE_") => std::env::var_os(name),
        _ if name.starts_with("SMARTASSIST_") && !name.ends_with("_FILE") => Some("x".into()),
        _ => None,
    };
    let flags = Flags {
        file: None,
        listen_address: None,
    };
    let (config, _) = config::load(&flags, environment).unwrap();
    let store = Store::open(Place::of(&config.storage).unwrap()).unwrap();
    let house = House::open(store, first, number, POLLS_EACH);
    let begun_s = processor_s();
    let (taken, scrapes) = run(&house, number * POLLS_EACH);
    let spent_s = processor_s() - begun_s - scrapes.processor_s;
    println!(
        "| {first}–{} | {:.1} | {:.0} | {} | {} |",
        first + number - 1,
        1_000.0 * spent_s / taken.polls.len() as f64,
        resident_kb() / 1_000.0,
        both(&taken.commits),
        both(&taken.polls),
    );
}
