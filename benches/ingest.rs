//! Page bytes → commit, without I/O, beside bare typed parsing of the same bytes. Ratios in one run: machines are noisy.
//!
//! `cargo bench --bench ingest`

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use serde::Deserialize;
use serde_json::{Value as Json, json};
use smartassist_exporter::api::Page;
use smartassist_exporter::fact::Context;
use smartassist_exporter::ledger::{Forgotten, Key, Known, Ledger, Policy, Target, Targets};
use smartassist_exporter::poller::ingest::Rows;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// As in the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PAGES: usize = 100;
const ROUNDS: usize = 15;
const NOW_S: i64 = 1_790_000_000;

/// The fields that anybody would parse, typed and borrowed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code)]
struct Typed<'a> {
    #[serde(borrow)]
    data: Vec<TypedRecord<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code)]
struct TypedRecord<'a> {
    conversation_id: Option<&'a str>,
    session_id: Option<&'a str>,
    channel: Option<&'a str>,
    session_start_time: Option<&'a str>,
    session_end_time: Option<&'a str>,
    disconnecting_event: Option<&'a str>,
    final_status: Option<&'a str>,
    #[serde(default)]
    dispositions: Vec<&'a str>,
    #[serde(default)]
    destinations: Vec<TypedDestination<'a>>,
    csat_score: Option<u8>,
    nps_score: Option<u8>,
    like_dislike_score: Option<u8>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code)]
struct TypedDestination<'a> {
    destination_type: Option<&'a str>,
    queue_id: Option<&'a str>,
    queue_name: Option<&'a str>,
    #[serde(rename = "EnterTime")]
    enter_time: Option<&'a str>,
    responding_agent: Option<TypedAgent<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code)]
struct TypedAgent<'a> {
    agent_id: Option<&'a str>,
    status: Option<&'a str>,
    assigned_at: Option<&'a str>,
    accepted_time: Option<&'a str>,
    first_response_duration: Option<f64>,
    interaction_duration: Option<f64>,
    interaction_end_time: Option<&'a str>,
    after_call_work_duration: Option<f64>,
    after_call_work_end_time: Option<&'a str>,
}

fn main() {
    let pages = pages();
    let bytes: usize = pages.iter().map(String::len).sum();
    let records = PAGES * 100;
    println!("{records} records, {} bytes each", bytes / records);
    let (mut typed, mut first, mut again) = (Vec::new(), Vec::new(), Vec::new());
    let mut spent = [Duration::ZERO; 5];
    let mut counted = ledger();
    ingest(&pages, &mut counted);
    for _ in 0..ROUNDS {
        typed.push(timed(|| {
            for page in &pages {
                black_box(serde_json::from_str::<Typed>(page).unwrap());
            }
        }));
        let mut empty = ledger();
        first.push(timed(|| spent = ingest(&pages, &mut empty)));
        again.push(timed(|| {
            ingest(&pages, &mut counted);
        }));
    }
    let base = median(typed);
    println!("{:<48} {:>12} {:>8}", "", "records/s", "ratio");
    for (name, took) in [
        ("typed parsing alone", base),
        ("page bytes → commit, all new (target ≥ 0.5)", median(first)),
        ("page bytes → commit, unchanged (target ≥ 1)", median(again)),
    ] {
        let rate = records as f64 / took.as_secs_f64();
        let ratio = base.as_secs_f64() / took.as_secs_f64();
        println!("{name:<48} {rate:>12.0} {ratio:>8.2}");
    }
    let each = |took: &Duration| took.as_nanos() / records as u128;
    let steps = STEPS.iter().zip(&spent);
    let steps: Vec<String> = steps
        .map(|(step, took)| format!("{step} {}", each(took)))
        .collect();
    println!("ns a record, all new: {}", steps.join(" · "));
}

/// The steps between a page's bytes and its commit.
const STEPS: [&str; 5] = ["split", "read", "derive", "apply", "absorb"];

fn ingest(pages: &[String], ledger: &mut Ledger) -> [Duration; 5] {
    let mut spent = [Duration::ZERO; 5];
    for page in pages {
        let mut clock = Instant::now();
        let mut lap = |step: usize| {
            spent[step] += clock.elapsed();
            clock = Instant::now();
        };
        let page = Page::parse(page.as_str()).unwrap();
        lap(0);
        let rows = Rows::read(page.rows(), ledger);
        let offset_s = rows.offset_s(NOW_S, None).unwrap_or(0);
        lap(1);
        let context = Context {
            now_s: NOW_S,
            settle_s: 30,
            offset_s,
            zone: None,
        };
        let batch = rows.batch(&context, ledger);
        lap(2);
        let commit = ledger.apply(batch, Known::default(), 0);
        lap(3);
        ledger.absorb(commit, Forgotten::default());
        lap(4);
    }
    spent
}

fn ledger() -> Ledger {
    let default = Target {
        abandonment_ratio: 0.05,
        service_level_millis: 20_000,
        service_level_ratio: 0.8,
        speed_of_answer_millis: 30_000,
    };
    let targets = Targets::new(default, [], []);
    Ledger::new(
        Key([1; 16]),
        Policy {
            targets,
            max_series_per_metric: 2_000,
            per_agent: false,
        },
    )
}

/// The vendor's sample records, over and over, each under ids of its own.
fn pages() -> Vec<String> {
    let sample: Json =
        serde_json::from_str(include_str!("../tests/data/vendor-sample.json")).unwrap();
    let samples = sample["data"].as_array().unwrap();
    let page = |page: usize| {
        let records: Vec<Json> = (0..100)
            .map(|row| unique(&samples[row % samples.len()], page * 100 + row))
            .collect();
        serde_json::to_string(&json!({ "numResults": 100, "data": records })).unwrap()
    };
    (0..PAGES).map(page).collect()
}

fn unique(sample: &Json, number: usize) -> Json {
    let mut record = sample.clone();
    let session = record["sessionId"].as_str().unwrap_or_default()[..8].to_owned();
    record["sessionId"] = json!(format!("{session}{number:016x}"));
    if record["conversationId"].is_string() {
        record["conversationId"] = json!(format!("c-{number:07x}-6c27-40dd-a882-e0ec25c00000"));
    }
    record
}

fn timed(work: impl FnOnce()) -> Duration {
    let started = Instant::now();
    work();
    started.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
