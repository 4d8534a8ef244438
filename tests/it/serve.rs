//! The first five minutes, and the wrong turns in them: the real binary as a user meets it.

use crate::support::scene::plan_since;
use crate::support::{Centre, Exporter, Home, Labels, Page};
use smartassist_exporter::simulator::Contract;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::time::{Duration, Instant};

fn centre() -> Centre {
    centre_of(30 * 60, 600.0)
}

fn centre_of(history_s: i64, rate_per_hour: f64) -> Centre {
    Centre::open(
        plan_since(history_s, rate_per_hour),
        Contract {
            requests_per_minute: 100_000,
            ..Contract::default()
        },
    )
}

const POLL: &str = "poll: {interval: 1s, settle: 0s, initial_lookback: 1h, max_lookback: 1d}\n";

fn conversations(page: &Page) -> f64 {
    page.sum("smartassist_conversations_total", &[])
}

#[test]
fn a_restart_shows_the_stored_counts_at_once_and_goes_on_where_they_were() {
    let centre = centre();
    let home = Home::new(&format!("{}{POLL}", centre.account(6_000)));
    let exporter = home.serve();
    let page = exporter.wait_for("the first counts", 30, |page| conversations(page) > 0.0);
    let before = conversations(&page);
    assert_eq!(exporter.signal("TERM"), Some(0));
    let done = "first reading done: counters show";
    assert_eq!(home.log().matches(done).count(), 1, "{}", home.log());
    drop(centre);
    let exporter = home.serve();
    let page = exporter.wait_for("the stored counts", 10, |page| conversations(page) > 0.0);
    assert!(conversations(&page) >= before, "counters never fall");
    assert_eq!(exporter.get("/-/ready").unwrap().0, 200);
    assert_eq!(exporter.signal("INT"), Some(0));
    assert_eq!(home.log().matches(done).count(), 1, "{}", home.log());
}

#[test]
fn one_accounts_outage_holds_up_no_other() {
    let centre = centre();
    let good = centre.account(6_000);
    let bad = "- {name: gone, url: 'http://127.0.0.1:9', account_id: a, stream_id: s, \
               auth: {client_id: c, client_secret: wrong}}\n";
    let home = Home::new(&format!("{good}{bad}{POLL}"));
    let exporter = home.serve();
    let page = exporter.wait_for("one counts, one fails", 60, |page| {
        conversations(page) > 0.0
            && page.value("smartassist_exporter_up", &[("account", "gone")]) == Some(0.0)
    });
    assert_eq!(
        page.sum("smartassist_conversations_total", &[("account", "gone")]),
        0.0
    );
    exporter.wait_for("a connection error", 60, |page| {
        page.sum(
            "smartassist_exporter_requests_total",
            &[("account", "gone"), ("result", "connection")],
        ) > 0.0
    });
    assert_eq!(exporter.get("/-/healthy").unwrap().0, 200);
    let (_, landing) = exporter.get("/").unwrap();
    assert!(
        landing.contains("acme") && landing.contains("gone"),
        "{landing}"
    );
}

#[test]
fn a_wrong_secret_is_told_in_words_and_never_printed() {
    let centre = centre();
    let account = centre.account(6_000).replace(
        &centre.simulator.contract().client_secret,
        "hunter2-hunter2",
    );
    let home = Home::new(&format!("{account}{POLL}"));
    let exporter = home.serve();
    exporter.wait_for("an unauthorized answer", 30, |page| {
        page.sum(
            "smartassist_exporter_requests_total",
            &[("result", "unauthorized")],
        ) >= 2.0
            && page.sum("smartassist_exporter_polls_total", &[("result", "failed")]) >= 1.0
    });
    assert_eq!(exporter.get("/-/ready").unwrap().0, 503);
    exporter.kill();
    let log = home.log();
    assert!(
        log.contains("scope"),
        "the operator is told what to check:\n{log}"
    );
    assert!(!log.contains("hunter2"), "the secret is in the log");
}

#[test]
fn a_second_exporter_on_the_same_state_is_refused() {
    let centre = centre();
    let home = Home::new(&format!("{}{POLL}", centre.account(6_000)));
    let first = home.serve();
    first.wait_for("the first counts", 30, |page| conversations(page) > 0.0);
    let output = Command::new(env!("CARGO_BIN_EXE_smartassist-exporter"))
        .args(["serve", "--web.listen-address=127.0.0.1:0"])
        .arg(format!("--config.file={}", home.config().display()))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("in use by another process") && said.contains("hint:"),
        "{said}"
    );
}

#[test]
fn a_store_that_cannot_be_written_stops_counting_but_not_serving() {
    let centre = centre();
    let home = Home::new(&format!("{}{POLL}", centre.account(6_000)));
    let exporter = home.serve();
    let before = exporter.wait_for("the first counts", 30, |page| conversations(page) > 0.0);
    // A trigger fails every commit, as a full disk would.
    let intruder = intruder(&home);
    intruder
        .execute_batch("CREATE TRIGGER full BEFORE UPDATE ON account BEGIN SELECT RAISE(ABORT, 'disk full'); END")
        .unwrap();
    let page = exporter.wait_for("the failure shows", 30, |page| {
        page.sum("smartassist_exporter_store_errors_total", &[]) >= 1.0
            && page.sum("smartassist_exporter_up", &[]) == 0.0
            && page.sum(
                "smartassist_exporter_polls_total",
                &[("result", "store_failed")],
            ) >= 1.0
    });
    assert!(
        conversations(&page) >= conversations(&before),
        "the last committed numbers stay up"
    );
    intruder.execute_batch("DROP TRIGGER full").unwrap();
    exporter.wait_for("recovery", 30, |page| {
        page.sum("smartassist_exporter_up", &[]) == 1.0
    });
}

/// Business counters; the exporter's own stand at 0 from the first scrape anyway.
fn counters(page: &Page) -> BTreeMap<(String, Labels), f64> {
    let is_counter = |name: &str| {
        name.starts_with("smartassist_")
            && !name.starts_with("smartassist_exporter_")
            && name.ends_with("_total")
    };
    page.samples
        .iter()
        .filter(|((name, _), _)| is_counter(name))
        .map(|(series, value)| (series.clone(), *value))
        .collect()
}

#[test]
fn a_new_series_stands_at_zero_first() {
    // Ten conversations a second, and half a minute of history: most label sets are yet to come.
    let centre = centre_of(30, 36_000.0);
    let home = Home::new(&format!(
        "{}{POLL}metrics: {{zero_first: 3s}}\n",
        centre.account(6_000)
    ));
    let exporter = home.serve();
    let page = exporter.wait_for("the first counts", 30, |page| conversations(page) > 0.0);
    let mut known: BTreeSet<_> = counters(&page).into_keys().collect();
    let mut new = BTreeSet::new();
    let deadline = Instant::now() + Duration::from_mins(1);
    loop {
        let page = counters(&exporter.page());
        for (series, value) in &page {
            if known.insert(series.clone()) {
                assert_eq!(*value, 0.0, "{series:?} is new and does not stand at 0");
                new.insert(series.clone());
            }
        }
        if new.iter().any(|series| page.get(series) > Some(&0.0)) {
            break;
        }
        assert!(
            Instant::now() < deadline,
            "of {} none shows a value",
            new.len()
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The exporter's database, as another process may open it.
fn intruder(home: &Home) -> rusqlite::Connection {
    let file = home
        .folder
        .path()
        .join("data")
        .join(smartassist_exporter::store::FILE);
    rusqlite::Connection::open(file).unwrap()
}

/// An exporter that has counted, and whose commits wait in vain: whoever writes now waits for 5 s, over and over, as
/// long as the connection is held.
fn held_up(home: &Home) -> (Exporter, rusqlite::Connection) {
    let exporter = home.serve();
    exporter.wait_for("the first counts", 30, |page| conversations(page) > 0.0);
    let intruder = intruder(home);
    intruder.execute_batch("BEGIN IMMEDIATE").unwrap();
    exporter.wait_for("a commit that waits in vain", 30, |page| {
        page.sum("smartassist_exporter_store_errors_total", &[]) >= 1.0
    });
    (exporter, intruder)
}

#[test]
fn a_disk_that_does_not_answer_holds_up_no_end() {
    let centre = centre_of(1800, 3_600.0);
    let home = Home::new(&format!("{}{POLL}", centre.account(6_000)));
    let (exporter, _intruder) = held_up(&home);
    exporter.ends_in_time();
}

#[test]
fn a_second_signal_ends_at_once() {
    let centre = centre_of(1800, 3_600.0);
    let home = Home::new(&format!("{}{POLL}", centre.account(6_000)));
    let (exporter, _intruder) = held_up(&home);
    exporter.send("TERM");
    let deadline = Instant::now() + Duration::from_secs(10);
    while !home.log().contains("msg=stopping") {
        assert!(Instant::now() < deadline, "{}", home.log());
        std::thread::sleep(Duration::from_millis(10));
    }
    let told = Instant::now();
    assert_eq!(exporter.signal("INT"), Some(0));
    assert!(
        told.elapsed() < Duration::from_secs(1),
        "{:?}",
        told.elapsed()
    );
}

#[test]
fn a_folder_that_is_gone_is_a_store_error_until_it_is_back() {
    let centre = centre_of(1800, 3_600.0);
    let home = Home::new(&format!("{}{POLL}", centre.account(6_000)));
    let exporter = home.serve();
    let before = exporter.wait_for("the first counts", 30, |page| conversations(page) > 0.0);
    let (data, away) = (
        home.folder.path().join("data"),
        home.folder.path().join("away"),
    );
    std::fs::rename(&data, &away).unwrap();
    let page = exporter.wait_for("the failure shows", 30, |page| {
        page.sum("smartassist_exporter_store_errors_total", &[]) >= 1.0
            && page.sum("smartassist_exporter_up", &[]) == 0.0
    });
    let shown = conversations(&page);
    assert!(shown >= conversations(&before), "the last numbers stay up");
    assert!(home.log().contains("is gone"), "{}", home.log());
    std::fs::rename(&away, &data).unwrap();
    exporter.wait_for("counting goes on", 60, |page| {
        page.sum("smartassist_exporter_up", &[]) == 1.0 && conversations(page) > shown
    });
}

/// Takes what is posted to it, one body after the other.
fn collector() -> (String, std::sync::mpsc::Receiver<Vec<u8>>) {
    use std::io::{BufRead, BufReader, Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (send, bodies) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut reader = BufReader::new(stream.unwrap());
            loop {
                let (mut line, mut length) = (String::new(), 0);
                while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
                    let lower = line.to_ascii_lowercase();
                    if let Some(value) = lower.strip_prefix("content-length:") {
                        length = value.trim().parse().unwrap();
                    }
                    line.clear();
                }
                let mut body = vec![0; length];
                if length == 0 || reader.read_exact(&mut body).is_err() || send.send(body).is_err()
                {
                    break;
                }
                let answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n";
                reader.get_mut().write_all(answer).unwrap();
            }
        }
    });
    (url, bodies)
}

#[test]
fn every_poll_request_derivation_and_commit_is_traced() {
    let (collector, bodies) = collector();
    let centre = centre();
    let home = Home::new(&format!("{}{POLL}", centre.account(6_000)));
    let environment = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.as_str()),
        ("OTEL_BSP_SCHEDULE_DELAY", "200"),
    ];
    let exporter = home.serve_with(crate::support::free_address(), &environment);
    exporter.wait_for("the first counts", 30, |page| conversations(page) > 0.0);
    let mut missing = vec!["poll", "request", "derive", "commit"];
    while !missing.is_empty() {
        let body = bodies
            .recv_timeout(std::time::Duration::from_secs(30))
            .expect("spans arrive");
        // A span's name stands in protobuf as its field (5, text), its length and its bytes.
        let holds = |name: &str| {
            let field = [&[0x2a, name.len() as u8], name.as_bytes()].concat();
            body.windows(field.len()).any(|bytes| bytes == field)
        };
        missing.retain(|name| !holds(name));
    }
    assert_eq!(exporter.signal("TERM"), Some(0));
}
