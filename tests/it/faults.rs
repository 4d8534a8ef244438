//! Every way in which the vendor may misbehave, against the real binary, with the metric that shows it; and after it,
//! the right counts.

use crate::support::Page;
use crate::support::scene::{Scene, Setting};
use smartassist_exporter::simulator::{Fault, Faults};
use std::time::{Duration, Instant};

const REQUESTS: &str = "smartassist_exporter_requests_total";

fn requests(page: &Page, result: &str) -> f64 {
    page.value(REQUESTS, &[("result", result)]).unwrap_or(0.0)
}

#[test]
fn every_fault_shows_in_its_metric_and_spoils_no_count() {
    let scene = Scene::new(Setting::of(1_200.0));
    let exporter = scene.serve();
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
        scene
            .centre
            .simulator
            .set_faults(Faults::new([(fault, 1.0)]).unwrap());
        let shown = format!("`{fault}` shows as `{result}`");
        exporter.wait_for(&shown, 60, |page| requests(page, result) > before);
        scene.centre.simulator.set_faults(Faults::NONE);
        let good = requests(&exporter.page(), "ok");
        exporter.wait_for(&format!("good requests after `{fault}`"), 90, |page| {
            requests(page, "ok") > good + 1.0
        });
    }
    assert_eq!(
        scene.centre.simulator.answers().get("token_elsewhere"),
        None,
        "a token followed a redirect"
    );
    scene.ends_with_the_truth(&exporter, 120);
}

#[test]
fn an_answer_that_never_comes_is_a_timeout() {
    let scene = Scene::new(Setting::of(600.0));
    scene
        .centre
        .simulator
        .set_faults(Faults::new([(Fault::Timeout, 1.0)]).unwrap());
    let exporter = scene.serve();
    exporter.wait_for("a timeout", 90, |page| requests(page, "timeout") > 0.0);
    let (status, _) = exporter.get("/-/healthy").unwrap();
    assert_eq!(status, 200, "whether the vendor answers plays no part");
}

#[test]
fn pages_that_shift_and_repeat_and_bodies_beyond_the_limit_spoil_no_count() {
    let scene = Scene::new(Setting::of(3_000.0));
    let faults = [
        (Fault::Shifted, 0.3),
        (Fault::Repeated, 0.1),
        (Fault::Oversized, 0.01),
        (Fault::Internal, 0.1),
    ];
    scene
        .centre
        .simulator
        .set_faults(Faults::new(faults).unwrap());
    let exporter = scene.serve();
    exporter.wait_for("twenty requests", 60, |page| requests(page, "ok") > 20.0);
    scene.centre.simulator.set_faults(Faults::NONE);
    scene.ends_with_the_truth(&exporter, 90);
}

/// For a whole hour, says the server. At most ten minutes of it are believed, and a poll in between asks nothing.
#[test]
fn a_server_that_says_when_to_come_back_is_left_in_peace_across_polls() {
    let scene = Scene::new(Setting::of(1_200.0));
    let exporter = scene.serve();
    exporter.wait_for("the first counts", 60, |page| {
        page.sum("smartassist_conversations_total", &[]) > 0.0
    });
    let asked = || -> u64 { scene.centre.simulator.answers().values().sum() };
    let simulator = &scene.centre.simulator;
    simulator.set_faults(Faults::new([(Fault::UnavailableRetryAfter, 1.0)]).unwrap());
    let before = requests(&exporter.page(), "server_error");
    exporter.wait_for("an answer with `Retry-After`", 30, |page| {
        requests(page, "server_error") > before
    });
    simulator.set_faults(Faults::NONE);
    // What was under way when it came may still be asked for.
    std::thread::sleep(Duration::from_millis(500));
    let then = asked();
    let quiet_until = Instant::now() + Duration::from_secs(6);
    while Instant::now() < quiet_until {
        assert_eq!(asked(), then, "asked although it was told to wait");
        std::thread::sleep(Duration::from_millis(100));
    }
    exporter.kill();
    scene.ends_with_the_truth(&scene.serve(), 60);
}
