//! Every way in which the vendor may misbehave, against the real binary, with the metric that shows it; and after it,
//! the right counts.

use crate::support::compare::all_differences;
use crate::support::{Centre, Exporter, Home, Page};
use smartassist_exporter::simulator::http::{NumResults, OffsetCounts, Reading, SelectsOn, Zone};
use smartassist_exporter::simulator::{Contract, Fault, Faults, PERSONAL, Plan, Scenario, Witness};
use std::time::{Duration, Instant};

const REQUESTS: &str = "smartassist_exporter_requests_total";

fn plan(rate_per_hour: f64) -> Plan {
    Plan {
        seed: 11,
        start_ms: smartassist_exporter::clock::now_ms() - 30 * 60_000,
        rate_per_hour,
        local_offset_minutes: 0,
        scenario: Scenario::STEADY,
        late_segments: false,
        replaced_dispositions: 0.0,
    }
}

fn contract() -> Contract {
    Contract {
        requests_per_minute: 1_000_000,
        ..Contract::default()
    }
}

fn home(centre: &Centre) -> Home {
    Home::new(&format!(
        "{}poll: {{interval: 1s, settle: 0s, revisit: 0.005, initial_lookback: 1h, max_lookback: 1d}}\n\
         metrics: {{zero_first: 0s}}\n",
        centre.account(60_000)
    ))
}

fn requests(page: &Page, result: &str) -> f64 {
    page.value(REQUESTS, &[("result", result)]).unwrap_or(0.0)
}

/// The vendor's world stands still, and the page comes to what the witness counted.
fn ends_with_the_truth(centre: &Centre, exporter: &Exporter, seconds: u64) {
    ends_with(centre, exporter, &Witness::default(), seconds);
}

fn ends_with(centre: &Centre, exporter: &Exporter, witness: &Witness, seconds: u64) {
    centre.simulator.freeze();
    let truth = centre.simulator.truth(witness);
    assert!(
        truth.counted > 100,
        "{} conversations are no test",
        truth.counted
    );
    let deadline = Instant::now() + Duration::from_secs(seconds);
    loop {
        let page = exporter.page();
        let left = all_differences(&page, &centre.simulator, witness);
        if left.is_empty() {
            return;
        }
        assert!(
            Instant::now() < deadline,
            "{} differences after {seconds} s:\n{}\n{}",
            left.len(),
            left[..left.len().min(30)].join("\n"),
            page.own()
        );
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn every_fault_shows_in_its_metric_and_spoils_no_count() {
    let centre = Centre::open(plan(1_200.0), contract());
    let home = home(&centre);
    let exporter = home.serve();
    exporter.wait_for("the first counts", 30, |page| {
        page.sum("smartassist_conversations_total", &[]) > 0.0
    });
    for (fault, result) in [
        (Fault::TooManyRetryAfter, "rate_limited"),
        (Fault::RateText, "rate_limited"),
        (Fault::TooMany, "rate_limited"),
        (Fault::Unauthorized, "unauthorized"),
        (Fault::NotFound, "not_found"),
        (Fault::Invalid, "invalid"),
        (Fault::Internal, "server_error"),
        (Fault::Unavailable, "server_error"),
        (Fault::Html, "server_error"),
        (Fault::HtmlOk, "bad_body"),
        (Fault::Redirect, "redirect"),
        (Fault::Reset, "connection"),
        (Fault::CutOff, "connection"),
    ] {
        let before = requests(&exporter.page(), result);
        centre
            .simulator
            .set_faults(Faults::new([(fault, 1.0)]).unwrap());
        let shown = format!("`{fault}` shows as `{result}`");
        exporter.wait_for(&shown, 60, |page| requests(page, result) > before);
        centre.simulator.set_faults(Faults::NONE);
        let good = requests(&exporter.page(), "ok");
        exporter.wait_for(&format!("good requests after `{fault}`"), 90, |page| {
            requests(page, "ok") > good + 1.0
        });
    }
    assert_eq!(
        centre.simulator.answers().get("token_elsewhere"),
        None,
        "a token followed a redirect"
    );
    ends_with_the_truth(&centre, &exporter, 120);
}

#[test]
fn an_answer_that_never_comes_is_a_timeout() {
    let centre = Centre::open(plan(600.0), contract());
    centre
        .simulator
        .set_faults(Faults::new([(Fault::Timeout, 1.0)]).unwrap());
    let home = home(&centre);
    let exporter = home.serve();
    exporter.wait_for("a timeout", 90, |page| requests(page, "timeout") > 0.0);
    let (status, _) = exporter.get("/-/healthy").unwrap();
    assert_eq!(status, 200, "whether the vendor answers plays no part");
}

#[test]
fn pages_that_shift_and_repeat_and_bodies_beyond_the_limit_spoil_no_count() {
    let centre = Centre::open(plan(3_000.0), contract());
    let faults = [
        (Fault::Shifted, 0.3),
        (Fault::Repeated, 0.1),
        (Fault::Oversized, 0.01),
        (Fault::Internal, 0.1),
    ];
    centre.simulator.set_faults(Faults::new(faults).unwrap());
    let home = home(&centre);
    let exporter = home.serve();
    exporter.wait_for("twenty requests", 60, |page| requests(page, "ok") > 20.0);
    centre.simulator.set_faults(Faults::NONE);
    ends_with_the_truth(&centre, &exporter, 90);
}

#[test]
fn any_json_in_any_place_is_survived_and_no_customer_shows() {
    let centre = Centre::open(plan(1_200.0), contract());
    centre
        .simulator
        .set_faults(Faults::new([(Fault::Garbage, 1.0)]).unwrap());
    let home = home(&centre);
    let exporter = home.serve();
    let page = exporter.wait_for("refused values", 60, |page| {
        page.sum("smartassist_exporter_rejected_values_total", &[]) > 10.0
            && requests(page, "ok") > 10.0
    });
    let records = |result| page.sum("smartassist_exporter_records_total", &[("result", result)]);
    assert!(records("applied") > 100.0, "the rest of the page goes on");
    let (_, text) = exporter.get("/metrics").unwrap();
    assert!(!text.contains(PERSONAL), "a customer shows on the page");
    let (_, landing) = exporter.get("/").unwrap();
    assert!(!landing.contains(PERSONAL));
    exporter.kill();
    assert!(
        !home.log().contains(PERSONAL),
        "a customer shows in the log"
    );
    let stored = std::fs::read(
        home.folder
            .path()
            .join("data")
            .join(smartassist_exporter::store::FILE),
    )
    .unwrap();
    assert!(
        !stored
            .windows(PERSONAL.len())
            .any(|bytes| bytes == PERSONAL.as_bytes()),
        "a customer is stored"
    );
}

/// What the vendor's page leaves open, one reading each; the counts must not depend on it. Gives the last page.
fn reading(change: impl FnOnce(&mut Reading), rate_per_hour: f64) -> Page {
    let mut contract = contract();
    change(&mut contract.reading);
    let centre = Centre::open(plan(rate_per_hour), contract);
    let home = home(&centre);
    let exporter = home.serve();
    exporter.wait_for("the first counts", 60, |page| {
        page.sum("smartassist_conversations_total", &[]) > 0.0
    });
    ends_with_the_truth(&centre, &exporter, 60);
    exporter.page()
}

#[test]
fn offset_may_count_rows() {
    reading(|reading| reading.offset = OffsetCounts::Rows, 1_200.0);
}

#[test]
fn num_results_may_be_the_size_of_the_page() {
    reading(|reading| reading.num_results = NumResults::Page, 3_000.0);
}

#[test]
fn num_results_may_be_missing() {
    reading(|reading| reading.num_results = NumResults::Missing, 3_000.0);
}

#[test]
fn times_may_be_shown_in_the_accounts_zone() {
    let page = reading(|reading| reading.zone = Zone::Fixed(330), 1_200.0);
    assert_eq!(
        page.sum("smartassist_exporter_response_utc_offset_seconds", &[]),
        19_800.0
    );
}

#[test]
fn windows_may_select_on_the_end() {
    reading(|reading| reading.select = SelectsOn::End, 1_200.0);
}

#[test]
fn pages_may_hold_more_than_the_limit() {
    reading(|reading| reading.page_overfull = true, 3_000.0);
}

#[test]
fn live_conversations_may_be_hidden() {
    reading(|reading| reading.hide_live = true, 1_200.0);
}

#[test]
fn the_time_of_day_may_be_ignored() {
    reading(|reading| reading.ignore_time_of_day = true, 900.0);
}

#[test]
fn more_than_a_window_yields_is_split() {
    // The first windows are planned for 15 minutes, the density being unknown: several hundred records too many.
    let page = reading(|_| {}, 8_000.0);
    assert!(page.sum("smartassist_exporter_windows_split_total", &[]) > 0.0);
    assert_eq!(
        page.sum("smartassist_exporter_windows_truncated_total", &[]),
        0.0
    );
}
