//! Accounts in a process, each with a store's ledger, that poll, commit and publish as in production.

#![allow(dead_code, reason = "no bench uses all of it")]
#![allow(
    unreachable_pub,
    reason = "nothing of a binary is reachable from outside"
)]

use serde_json::{Value as Json, json};
use smartassist_exporter::api::{Offsets, Page};
use smartassist_exporter::fact::Context;
use smartassist_exporter::ledger::{Policy, RecentWindow, Showing, Target, Targets};
use smartassist_exporter::metrics::own::{Build, Vocabulary};
use smartassist_exporter::metrics::{Encoding, Own, Publisher};
use smartassist_exporter::poller::ingest::Rows;
use smartassist_exporter::store::{Kept, Loaded, Store};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

pub const NOW_S: i64 = 1_790_000_000;
const YEAR_S: i64 = 366 * 86_400;
/// An hour of an account's conversations, read before anything is measured.
pub const HISTORY: usize = 1_000;
/// A poll of 15 s finds four new conversations among those of the last minutes.
const NEW: usize = 4;
const KNOWN: usize = 36;
const QUEUES: usize = 12;

/// Of one account alone, at the pace of fifty: polls that follow each other without a pause find their data in the
/// processor's caches, and those of a real account never do.
const PACE_ALONE: u32 = 50;
const EVERY: Duration = Duration::from_millis(7_500);
const SCRAPE_EVERY: Duration = Duration::from_millis(500);
/// As many polls may be under way at once.
const WORKERS: usize = 4;

pub struct Account {
    name: Arc<str>,
    pub loaded: Loaded,
    polls: usize,
}

pub struct House {
    pub store: Store,
    pub publisher: Publisher,
    pub accounts: Vec<Mutex<Account>>,
    /// What each poll of every account brings.
    pages: Vec<String>,
}

/// How long things took.
#[derive(Default)]
pub struct Taken {
    pub commits: Vec<Duration>,
    pub publications: Vec<Duration>,
    pub polls: Vec<Duration>,
}

/// All polls in turn, each when it is due, beside scrapes.
pub fn run(house: &House, polls: usize) -> (Taken, Scrapes) {
    let number = house.accounts.len();
    let pause = if number == 1 {
        EVERY / PACE_ALONE
    } else {
        EVERY / number as u32
    };
    let (next, done) = (AtomicUsize::new(0), AtomicBool::new(false));
    let start = Instant::now();
    let (send, receive) = mpsc::channel();
    thread::scope(|scope| {
        let scraper = scope.spawn(|| scrape(house, &done));
        let workers: Vec<_> = (0..WORKERS.min(number))
            .map(|_| {
                let (send, next) = (send.clone(), &next);
                scope.spawn(move || {
                    loop {
                        let poll = next.fetch_add(1, Ordering::Relaxed);
                        if poll >= polls {
                            return;
                        }
                        let due = start + pause * poll as u32;
                        thread::sleep(due.saturating_duration_since(Instant::now()));
                        send.send(house.poll(poll % number)).unwrap();
                    }
                })
            })
            .collect();
        workers
            .into_iter()
            .for_each(|worker| worker.join().unwrap());
        done.store(true, Ordering::Relaxed);
        drop(send);
        let mut taken = Taken::default();
        for [commit, publication, poll] in receive {
            taken.commits.push(commit);
            taken.publications.push(publication);
            taken.polls.push(poll);
        }
        (taken, scraper.join().unwrap())
    })
}

impl House {
    /// Accounts from the `first` on, each with its history counted.
    pub fn open(store: Store, first: usize, number: usize, polls_each: usize) -> House {
        let records = records(HISTORY + polls_each * NEW);
        let pages = (0..polls_each).map(|poll| {
            let end = HISTORY + (poll + 1) * NEW;
            page(&records[end - NEW - KNOWN..end])
        });
        let pages: Vec<String> = pages.collect();
        let history: Vec<String> = records[..HISTORY].chunks(100).map(page).collect();
        drop(records);
        let house = House {
            publisher: Publisher::new(own(), Duration::from_mins(2)),
            accounts: (first..first + number)
                .map(|account| open(&store, account))
                .collect(),
            store,
            pages,
        };
        for account in &house.accounts {
            let mut account = account.lock().unwrap();
            for page in &history {
                house.count(&mut account, page);
            }
            house.publish(&account);
        }
        house
    }

    /// One poll of an account: how long its commit took, its publication, and all of it.
    fn poll(&self, account: usize) -> [Duration; 3] {
        let mut account = self.accounts[account].lock().unwrap();
        let started = Instant::now();
        let page = &self.pages[account.polls];
        let commit = self.count(&mut account, page);
        account.polls += 1;
        let counted = Instant::now();
        self.publish(&account);
        [commit, counted.elapsed(), started.elapsed()]
    }

    fn count(&self, account: &mut Account, page: &str) -> Duration {
        account.count(&self.store, page)
    }

    fn publish(&self, account: &Account) {
        let window = |label: &str| RecentWindow {
            label: label.into(),
            from_s: NOW_S - YEAR_S,
            to_s: NOW_S,
        };
        let view = account.loaded.ledger.view(&Showing {
            account: Arc::clone(&account.name),
            sums: true,
            windows: ["15m", "1h", "24h"].map(window).to_vec(),
        });
        self.publisher.publish(view, Instant::now());
    }
}

impl Account {
    /// Counts what a page brings; how long the commit took.
    pub fn count(&mut self, store: &Store, page: &str) -> Duration {
        let Loaded { key, ledger, .. } = &mut self.loaded;
        let page = Page::parse(page).unwrap();
        let rows = Rows::read(page.rows(), ledger);
        let context = Context {
            now_s: NOW_S,
            settle_s: 30,
            offset_s: rows
                .offset_s(NOW_S, Some(19_800), &mut Offsets::default())
                .unwrap_or(19_800),
            offsets: None,
            zone: None,
        };
        let batch = rows.batch(&context);
        let ids = batch.records.iter().map(|record| record.ids);
        let known = store.known(*key, ids).unwrap();
        let commit = ledger.apply(batch, known, NOW_S - YEAR_S);
        let started = Instant::now();
        let progress = [b'x'; 2_000];
        let forgotten = store
            .commit(*key, ledger, &commit, Kept::progress(&progress))
            .unwrap();
        let took = started.elapsed();
        ledger.absorb(commit, forgotten);
        took
    }
}

#[derive(Default)]
pub struct Scrapes {
    pub plain: Vec<Duration>,
    pub gzip: Vec<Duration>,
    /// That all of them took.
    pub processor_s: f64,
}

/// Reads the page to its end, piece by piece, until all is done.
fn scrape(house: &House, done: &AtomicBool) -> Scrapes {
    let mut scrapes = Scrapes::default();
    let read = |encoding| {
        let started = Instant::now();
        let page = house.publisher.page(encoding, started);
        let said = page.length();
        let read: u64 = page.map(|piece| piece.len() as u64).sum();
        assert_eq!(said, read);
        started.elapsed()
    };
    while !done.load(Ordering::Relaxed) {
        scrapes.plain.push(read(Encoding::Plain));
        thread::sleep(SCRAPE_EVERY / 2);
        scrapes.gzip.push(read(Encoding::Gzip));
        thread::sleep(SCRAPE_EVERY / 2);
    }
    let spent = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    let nanos: f64 = spent.split_whitespace().next().unwrap().parse().unwrap();
    scrapes.processor_s = nanos / 1e9;
    scrapes
}

pub fn open(store: &Store, account: usize) -> Mutex<Account> {
    let default = Target {
        abandonment_ratio: 0.05,
        service_level_millis: 20_000,
        service_level_ratio: 0.8,
        speed_of_answer_millis: 30_000,
        longest_wait_millis: 180_000,
    };
    let policy = Policy {
        targets: Targets::new(default, [], []),
        max_series_per_metric: 2_000,
        per_agent: false,
    };
    let name = format!("account-{account}");
    let loaded = store
        .load(&name, "st-1", policy, |_| 0, || [7; 16])
        .unwrap();
    Mutex::new(Account {
        name: name.into(),
        loaded,
        polls: 0,
    })
}

fn own() -> Arc<Own> {
    let build = Build {
        version: "bench".to_owned(),
        revision: String::new(),
    };
    let vocabulary = Vocabulary {
        requests: vec!["ok", "rate_limited", "server_error", "timeout"],
        fields: vec!["csatScore", "npsScore", "sessionEndTime", "EnterTime"],
        facts: vec!["disposition", "csat", "queue_entry"],
    };
    Arc::new(Own::new(build, vocabulary))
}

/// The vendor's sample records, over and over, each under ids and in a queue of its own.
pub fn records(number: usize) -> Vec<Json> {
    let sample: Json =
        serde_json::from_str(include_str!("../../tests/data/vendor-sample.json")).unwrap();
    let samples = sample["data"].as_array().unwrap();
    let unique = |number: usize| {
        let mut record = samples[number % samples.len()].clone();
        let session = record["sessionId"].as_str().unwrap_or_default()[..8].to_owned();
        record["sessionId"] = json!(format!("{session}{number:016x}"));
        if record["conversationId"].is_string() {
            record["conversationId"] = json!(format!("c-{number:07x}-6c27-40dd-a882-e0ec25c00000"));
        }
        let queue = number / samples.len() % QUEUES;
        for destination in record["destinations"].as_array_mut().into_iter().flatten() {
            if destination["queueId"].is_string() {
                destination["queueId"] = json!(format!("qu-{queue}"));
                destination["queueName"] = json!(format!("Some queue {queue}"));
            }
        }
        record
    };
    (0..number).map(unique).collect()
}

pub fn page(records: &[Json]) -> String {
    serde_json::to_string(&json!({ "numResults": records.len(), "data": records })).unwrap()
}

pub fn both(times: &[Duration]) -> String {
    let millis = |of| 1e3 * quantile(times, of).as_secs_f64();
    format!("{:.1} / {:.1}", millis(0.5), millis(0.99))
}

pub fn quantile(times: &[Duration], of: f64) -> Duration {
    let mut times = times.to_vec();
    times.sort_unstable();
    times[((times.len() - 1) as f64 * of).round() as usize]
}

/// Of this process so far, user and system; Linux counts hundredths.
pub fn processor_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat
        .rsplit_once(')')
        .unwrap()
        .1
        .split_whitespace()
        .collect();
    let ticks = |field: usize| fields[field - 3].parse::<f64>().unwrap();
    (ticks(14) + ticks(15)) / 100.0
}

pub fn resident_kb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.unwrap()
        .split_whitespace()
        .next()
        .unwrap()
        .parse()
        .unwrap()
}
