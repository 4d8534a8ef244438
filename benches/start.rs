//! Start and memory with a million tracked conversations: the real binary on a real store of each kind.
//!
//! `cargo bench --bench start`

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench prints its figures, and fails loudly"
)]

#[path = "../tests/support/place.rs"]
mod place;
#[path = "../tests/support/postgres.rs"]
mod postgres;

use place::place_of;
use postgres::Postgres;
use serde_json::json;
use smartassist_exporter::clock;
use smartassist_exporter::fact::{
    Conversation, Derived, DestinationKey, Fact, Identity, Kind, Outcome, Queue, Rule, Stage,
    Timestamp,
};
use smartassist_exporter::ledger::{
    Change, Commit, Counted, Entry, Forgotten, Id, Measure, Own, Policy, QueueSym, Seen, SeriesKey,
    Sum, Sym, Target, Targets,
};
use smartassist_exporter::poller::coverage::{Coverage, Why, Window};
use smartassist_exporter::store::{Kept, Place, Store};
use std::borrow::Cow;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

const MANY: u64 = 1_000_000;
const DAY_S: i64 = 86_400;
const BASELINE_MIB: f64 = 30.0;

fn main() {
    println!(
        "{:<12} {:>24} {:>10} {:>10} {:>14} {:>10}",
        "store", "tracked conversations", "start, s", "RSS, MiB", "bytes each", "disk, MiB"
    );
    for tracked in [0, MANY] {
        let folder = tempfile::tempdir().unwrap();
        fill(folder.path(), tracked);
        let file = folder.path().join(smartassist_exporter::store::FILE);
        let disk = std::fs::metadata(file).unwrap().len();
        let storage = format!("path: {}", folder.path().display());
        tell(
            "SQLite",
            tracked,
            disk,
            start(folder.path(), &storage, tracked),
        );
    }
    let database = Postgres::start_durable().database();
    fill(place_of(&database), MANY);
    let size = database.query_one("SELECT pg_database_size(current_database())");
    let folder = tempfile::tempdir().unwrap();
    let (url, password) = (database.url(), database.password());
    let storage = format!("url: '{url}', password: '{password}'");
    let started = start(folder.path(), &storage, MANY);
    tell("PostgreSQL", MANY, size.get::<_, i64>(0) as u64, started);
    println!("targets: start below 2 s; at most {BASELINE_MIB} MiB and 100 bytes for each");
}

fn tell(store: &str, tracked: u64, disk: u64, (took, rss): (Duration, u64)) {
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    let each = if tracked == 0 {
        0.0
    } else {
        (mib(rss) - BASELINE_MIB) * f64::from(1 << 20) / tracked as f64
    };
    println!(
        "{store:<12} {tracked:>24} {:>10.2} {:>10.1} {each:>14.1} {:>10.1}",
        took.as_secs_f64(),
        mib(rss),
        mib(disk)
    );
}

/// Conversations spread over a week, each with the facts of an answered call.
fn fill(place: impl Into<Place>, tracked: u64) {
    let store = Store::open(place).unwrap();
    let target = Target {
        abandonment_ratio: 0.05,
        service_level_millis: 20_000,
        service_level_ratio: 0.8,
        speed_of_answer_millis: 30_000,
        longest_wait_millis: 180_000,
    };
    let targets = Targets::new(target, [], []);
    let policy = Policy {
        targets,
        max_series_per_metric: 2_000,
        per_agent: false,
    };
    let mut loaded = store
        .load("account", "stream", policy, |_| i64::MAX, || [1; 16])
        .unwrap();
    let now_s = clock::now_s();
    let mut coverage = Coverage::new(now_s, 7 * DAY_S);
    let all = Window {
        from_s: now_s - 7 * DAY_S,
        to_s: now_s,
        why: Why::NeverRead,
    };
    coverage.read(all, now_s, now_s, u32::try_from(tracked).unwrap());
    let progress = json!({ "coverage": coverage, "offset_s": 0, "read_through": true }).to_string();
    let seen = seen();
    const STEP: u64 = 20_000;
    for first in (0..tracked.max(1)).step_by(STEP as usize) {
        let mut commit = Commit::default();
        if first == 0 {
            commit.symbols = ["Voice", "qu-1", "Billing", "inbound", "answered"]
                .map(Arc::from)
                .into();
            let own = Own::directed(Sym(5), Sym(6));
            let queue = QueueSym {
                id: Sym(3),
                name: Sym(4),
            };
            let key = SeriesKey {
                measure: Measure::Conversations,
                channel: Sym(2),
                queue,
                own,
            };
            commit.sums.push((key, Sum::Count(tracked)));
        }
        commit.entries = (first..(first + STEP).min(tracked))
            .map(|number| entry(number, now_s, &seen))
            .collect();
        store
            .commit(
                loaded.key,
                &loaded.ledger,
                &commit,
                Kept::progress(progress.as_bytes()),
            )
            .unwrap();
        loaded.ledger.absorb(
            Commit {
                symbols: commit.symbols,
                ..Commit::default()
            },
            Forgotten::default(),
        );
    }
}

fn entry(number: u64, now_s: i64, seen: &Seen) -> Change {
    // Spread over the key space as hashes are, and over the week.
    let spread = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let ended_s = now_s - (spread % (7 * DAY_S as u64 - 60)) as i64;
    let counted = Counted {
        channel: Sym(2),
        queue: QueueSym {
            id: Sym(3),
            name: Sym(4),
        },
        direction: Sym(5),
        outcome: Outcome::Answered,
        offered: true,
        within_target: true,
        ended_s,
        wait_millis: Some(12_000),
        csat: None,
        nps: None,
    };
    let entry = Entry {
        id: Id(u128::from(spread) << 64 | u128::from(number)),
        session: Some(Id(u128::from(!spread) << 64 | u128::from(number))),
        latest_s: ended_s,
        digest: Some(spread),
        counted: Some(counted),
        seen: seen.clone(),
    };
    Change {
        entry,
        before: None,
    }
}

fn seen() -> Seen {
    let mut seen = Seen::default();
    let conversation = Conversation {
        channel: "Voice",
        queue: Queue::default(),
        direction: Cow::Borrowed("inbound"),
        direction_told: true,
        outcome: Outcome::Answered,
        rule: Rule::AgentAnswered,
        offered: true,
        first_answer: None,
        ended_s: 0,
    };
    seen.take_conversation(&conversation, Sym(6));
    let queue = Queue {
        id: Some("qu-1"),
        name: Some("Billing"),
    };
    let mut facts = Vec::new();
    for kind in [
        Kind::SessionDuration,
        Kind::FinalStatus,
        Kind::Disconnect,
        Kind::Disposition,
        Kind::QueueEntry,
        Kind::QueueWait,
        Kind::AgentPickup,
        Kind::FirstResponse,
        Kind::Interaction,
        Kind::AfterCallWork,
    ] {
        facts.push(Fact {
            kind,
            destination: 0,
            element: None,
            queue: (kind >= Kind::QueueEntry).then_some(queue),
            text: "",
            agent: None,
            millis: 1,
        });
    }
    let derived = Derived {
        identity: Identity {
            conversation: Some("c-1"),
            session: None,
        },
        start_s: None,
        end_s: None,
        latest_s: 0,
        stage: Stage::Ended,
        running: None,
        waits_for: None,
        conversation: Some(conversation),
        facts,
        rejects: Vec::new(),
        destinations: vec![DestinationKey {
            queue,
            agent: None,
            time: Some(Timestamp::Local(0)),
        }],
        names: Vec::new(),
    };
    let places = seen.meet(&derived, true);
    for fact in &derived.facts {
        seen.take(fact, Sym(6), &derived.facts, &places);
    }
    seen
}

/// Until the stored numbers are on the page; then the memory of the process.
fn start(folder: &Path, storage: &str, tracked: u64) -> (Duration, u64) {
    let config = folder.join("config.yml");
    let text = format!(
        "accounts: [{{name: acme, url: 'http://127.0.0.1:9', account_id: account, stream_id: stream, \
         auth: {{client_id: cs-1, client_secret: none}}}}]\n\
         poll: {{initial_lookback: 7d, max_lookback: 7d}}\nstorage: {{{storage}}}\n"
    );
    std::fs::write(&config, text).unwrap();
    let started = Instant::now();
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let address = format!("127.0.0.1:{port}");
    let child = Command::new(env!("CARGO_BIN_EXE_smartassist-exporter"))
        .args(["serve", &format!("--config.file={}", config.display())])
        .arg(format!("--web.listen-address={address}"))
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let running = Running(child);
    let shown = format!("smartassist_exporter_tracked_conversations{{account=\"acme\"}} {tracked}");
    while !scrape(&address).is_some_and(|page| page.lines().any(|line| line == shown)) {
        assert!(
            started.elapsed() < Duration::from_mins(1),
            "the exporter does not answer"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
    let took = started.elapsed();
    let status = std::fs::read_to_string(format!("/proc/{}/status", running.0.id())).unwrap();
    let rss = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap();
    let kib: u64 = rss.trim().trim_end_matches(" kB").parse().unwrap();
    (took, kib * 1024)
}

fn scrape(address: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream
        .write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .ok()?;
    let mut page = String::new();
    stream.read_to_string(&mut page).ok()?;
    Some(page)
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}
