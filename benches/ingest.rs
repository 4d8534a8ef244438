//! Page bytes → commit, without I/O, beside bare typed parsing of the same bytes. Ratios in one run: machines are noisy.
//!
//! `cargo bench --bench ingest`

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench prints its figures, and fails loudly"
)]

use serde::Deserialize;
use serde_json::{Value as Json, json};
use smartassist_exporter::api::{Offsets, Page};
use smartassist_exporter::client::{CallError, Effort};
use smartassist_exporter::fact::Context;
use smartassist_exporter::ledger::{Forgotten, Key, Known, Ledger, Policy, Target, Targets};
use smartassist_exporter::poller::coverage::{Why, Window};
use smartassist_exporter::poller::fetch::{
    Denial, Fetch, Fetched, Manners, Splits, Start, Step, Texts,
};
use std::cell::RefCell;
use std::future::ready;
use std::hint::black_box;
use std::pin::pin;
use std::task::{self, Poll, Waker};
use std::time::{Duration, Instant};

/// As in the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Ten a window.
const PAGES: usize = 100;
const ROUNDS: usize = 15;
const NOW_S: i64 = 1_790_000_000;

/// The fields that are read for what is counted, typed and borrowed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "parsed, and not looked at")]
struct Typed<'a> {
    #[serde(borrow)]
    data: Vec<TypedRecord<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "parsed, and not looked at")]
struct TypedRecord<'a> {
    conversation_id: Option<&'a str>,
    session_id: Option<&'a str>,
    channel: Option<&'a str>,
    session_start_time: Option<&'a str>,
    session_end_time: Option<&'a str>,
    #[serde(rename = "Direction")]
    direction: Option<&'a str>,
    disconnecting_event: Option<&'a str>,
    final_status: Option<&'a str>,
    smart_status: Option<&'a str>,
    is_voicemail: Option<bool>,
    #[serde(default)]
    dispositions: Vec<&'a str>,
    customerinfo: Option<TypedCustomer<'a>>,
    meta_info: Option<TypedMeta<'a>>,
    #[serde(default)]
    destinations: Vec<TypedDestination<'a>>,
    csat_score: Option<u8>,
    nps_score: Option<u8>,
    like_dislike_score: Option<u8>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "parsed, and not looked at")]
struct TypedCustomer<'a> {
    #[serde(rename = "Direction")]
    direction: Option<&'a str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "parsed, and not looked at")]
struct TypedMeta<'a> {
    #[serde(borrow)]
    agent_transfer_config: Option<TypedTransfer<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "parsed, and not looked at")]
struct TypedTransfer<'a> {
    last_intent_name: Option<&'a str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "parsed, and not looked at")]
struct TypedDestination<'a> {
    destination_type: Option<&'a str>,
    queue_id: Option<&'a str>,
    queue_name: Option<&'a str>,
    #[serde(rename = "EnterTime")]
    enter_time: Option<&'a str>,
    #[serde(rename = "CallbackOptedTime")]
    callback_opted_time: Option<&'a str>,
    user_callback_accept_time: Option<&'a str>,
    responding_agent: Option<TypedAgent<'a>>,
    #[serde(default, borrow)]
    non_responding_agents: Vec<TypedOffer<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "parsed, and not looked at")]
struct TypedOffer<'a> {
    agent_id: Option<&'a str>,
    assigned_at: Option<&'a str>,
    non_response_event: Option<&'a str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "parsed, and not looked at")]
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
    let mut spent = [Duration::ZERO; 4];
    let mut counted = ledger();
    ingest(pages.clone(), &mut counted);
    for _ in 0..ROUNDS {
        typed.push(timed(|| {
            for page in &pages {
                black_box(serde_json::from_str::<Typed>(page).unwrap());
            }
        }));
        let (mut empty, bodies) = (ledger(), pages.clone());
        first.push(timed(|| spent = ingest(bodies, &mut empty)));
        let bodies = pages.clone();
        again.push(timed(|| {
            ingest(bodies, &mut counted);
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
const STEPS: [&str; 4] = ["fetch", "derive", "apply", "absorb"];

/// Bodies as they come from the network, window by window, on the way that the poller takes.
fn ingest(bodies: Vec<String>, ledger: &mut Ledger) -> [Duration; 4] {
    let mut spent = [Duration::ZERO; 4];
    let bodies = RefCell::new(bodies.into_iter());
    while bodies.borrow().len() > 0 {
        let mut clock = Instant::now();
        let mut lap = |step: usize| {
            spent[step] += clock.elapsed();
            clock = Instant::now();
        };
        let texts = Texts::default();
        let part = fetch(&bodies, &texts, ledger);
        lap(0);
        let offset_s = part
            .rows
            .offset_s(NOW_S, None, &mut Offsets::default())
            .unwrap_or(0);
        let context = Context {
            now_s: NOW_S,
            settle_s: 30,
            offset_s,
            offsets: None,
            zone: None,
        };
        let batch = part.rows.batch(&context);
        lap(1);
        let commit = ledger.apply(batch, Known::default(), 0);
        lap(2);
        ledger.absorb(commit, Forgotten::default());
        lap(3);
    }
    spent
}

#[allow(clippy::unnecessary_box_returns, reason = "as the poller holds it")]
/// One window: ten full pages, and an empty one behind them.
fn fetch<'b>(
    bodies: &RefCell<std::vec::IntoIter<String>>,
    texts: &'b Texts,
    ledger: &Ledger,
) -> Box<Fetched<'b>> {
    let start = Start {
        window: Window {
            from_s: NOW_S - 900,
            to_s: NOW_S,
            why: Why::NeverRead,
        },
        manners: Manners::default(),
        control: None,
        unreadable: false,
        ends_unreadable: false,
    };
    let mut splits = Splits::default();
    let mut fetch = Fetch::new(start, &mut splits);
    let ask = |_: Window, page: u32, _: Effort| {
        let next = if page < 10 {
            bodies.borrow_mut().next()
        } else {
            None
        };
        let body = next.unwrap_or_else(|| r#"{"numResults":0,"data":[]}"#.to_owned());
        ready(Page::parse(body).map_err(|_| Denial::OfAll(CallError::no_data())))
    };
    let mut step = pin!(fetch.step(texts, ledger, ask, || NOW_S * 1_000));
    match step
        .as_mut()
        .poll(&mut task::Context::from_waker(Waker::noop()))
    {
        Poll::Ready(Ok(Step::Part(part))) => part,
        _ => panic!("a window in memory is there at once"),
    }
}

fn ledger() -> Ledger {
    let default = Target {
        abandonment_ratio: 0.05,
        service_level_millis: 20_000,
        service_level_ratio: 0.8,
        speed_of_answer_millis: 30_000,
        longest_wait_millis: 180_000,
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
