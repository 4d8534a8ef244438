//! Our counts beside the vendor's own: on simulated time, and through the real binary.

use crate::support::reconciling::Watched;
use crate::support::scene::{contract, plan_since};
use crate::support::{Centre, Home, Page};
use serde_json::Value;
use smartassist_exporter::reconcile::{Comparison, Source};
use smartassist_exporter::simulator::http::{Face, QueueCounts, Reading};
use smartassist_exporter::simulator::{Contract, Plan, Scenario};
use std::process::Command;

/// Monday, 2026-09-21T06:00:00Z.
const MORNING_S: i64 = 1_789_970_400;

fn plan(seed: u64, rate_per_hour: f64) -> Plan {
    Plan {
        seed,
        start_ms: MORNING_S * 1_000,
        rate_per_hour,
        local_offset_minutes: 0,
        scenario: Scenario::STEADY,
        late_segments: true,
        replaced_dispositions: 0.3,
    }
}

fn told(comparison: &Comparison) -> String {
    format!("{:#?}\n{:#?}", comparison.judged, comparison.notes)
}

#[test]
fn an_hour_of_our_counts_is_that_of_the_vendors_to_the_last_conversation() {
    let mut watched = Watched::open(plan(3, 400.0), Reading::default());
    watched.every_s = 3_600;
    watched.pass(5 * 3_600);
    let comparison = watched.compare_hour();
    assert_eq!(comparison.source, Source::QueuePerformance);
    println!("{}", told(&comparison));
    for judged in &comparison.judged {
        assert_eq!(judged.difference(), 0, "{}", told(&comparison));
    }
}

/// The same centre, as the vendor may tell of it otherwise; then with one in a hundred of its records lost.
#[test]
fn whatever_way_the_vendor_counts_it_agrees_until_records_are_lost() {
    let mut watched = Watched::open(plan(5, 1_000.0), Reading::default());
    watched.every_s = 3_600;
    watched.pass(3 * 3_600);
    let agrees = |watched: &Watched, what: &str| {
        let comparison = watched.compare_hour();
        for judged in &comparison.judged {
            assert!(!judged.is_found(), "{what}: {}", told(&comparison));
        }
        assert!(comparison.judged[0].vendor > 300, "{}", told(&comparison));
        comparison
    };
    agrees(&watched, "as it is");
    let change = |change: &dyn Fn(&mut Reading)| watched.simulator.change(|it| change(it));
    change(&|it| it.live_page = Some(2));
    agrees(&watched, "in many pages");
    change(&|it| (it.live_page, it.queue_counts) = (None, QueueCounts::Conversations));
    let once = agrees(&watched, "once");
    assert!(
        told(&once).contains("once, at its last queue"),
        "{}",
        told(&once)
    );
    change(&|it| it.queue_counts = QueueCounts::Entries);
    change(&|it| it.queue_performance = Face::Unscoped);
    let volume = agrees(&watched, "by contact volume");
    assert_eq!(volume.source, Source::ContactVolume);
    let said = told(&volume);
    assert!(said.contains("`terminated` is not compared"), "{said}");
    change(&|it| it.queue_performance = Face::Open);

    change(&|it| it.lost = 0.01);
    watched.pass(2 * 3_600);
    let lacking = watched.compare_hour();
    let entries = lacking.judged[0];
    assert!(
        entries.is_found() && entries.difference() < 0,
        "{}",
        told(&lacking)
    );
    // What began before is as it was.
    let before = watched.compare(watched.now_s - 4 * 3_600, watched.now_s - 2 * 3_600);
    assert!(
        before.judged.iter().all(|it| !it.is_found()),
        "{}",
        told(&before)
    );
}

const RATIO: &str = "smartassist_reconciliation_difference_ratio";
const COUNTS: &str = "smartassist_reconciliation_conversations";
const RUNNING: &str = "smartassist_reconciliation_disagreeing_comparisons";
const UP: &str = "smartassist_exporter_reconciliation_up";

/// What `reconcile` ends with, and says.
fn reconcile(home: &Home, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_smartassist-exporter"))
        .arg("reconcile")
        .arg(format!("--config.file={}", home.config().display()))
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (said, warned) = (text(output.stdout), text(output.stderr));
    let said = if said.is_empty() { warned } else { said };
    (output.status.code(), said)
}

#[test]
fn an_exporter_compares_by_itself_and_a_command_beside_it_a_whole_day() {
    // Two days of a small centre.
    let centre = Centre::open(plan_since(50 * 3_600, 30.0), contract());
    let config = format!(
        "{}poll: {{interval: 1s, settle: 0s, initial_lookback: 49h}}\nlive: {{queue_performance: off, conversations: off}}\n\
         reconcile: {{interval: 6h}}\n",
        centre.account(60_000)
    );
    let home = Home::new(&config);
    let exporter = home.serve();
    exporter.wait_for("a comparison", 60, |page| !page.family(RATIO).is_empty());
    let counted = |page: &Page| page.sum("smartassist_conversations_total", &[]) > 0.0;
    exporter.wait_for("the end of the first reading", 60, counted);
    let page = exporter.page();
    for (labels, ratio) in page.family(RATIO) {
        assert_eq!(ratio, 0.0, "{labels:?}");
    }
    let side = |page: &Page, side| page.sum(COUNTS, &[("side", side), ("measure", "entries")]);
    assert!(side(&page, "ours") > 30.0);
    assert_eq!(side(&page, "ours"), side(&page, "vendor"));
    assert_eq!(
        page.value(UP, &[("source", "queue_performance")]),
        Some(1.0)
    );
    assert_eq!(page.value(UP, &[("source", "contact_volume")]), None);
    let asked = centre.simulator.answers()["queue-performance:200"];
    assert_eq!(asked, 1, "one request, and none for six hours");
    assert!(home.log().contains("our counts agree with the vendor's"));

    let (code, said) = reconcile(&home, &[]);
    assert_eq!(code, Some(0), "{said}");
    for part in [
        "beside the vendor's Queue Performance",
        "the numbers agree",
        "Billing",
        "mail_answered",
    ] {
        assert!(said.contains(part), "{said}");
    }
    let (code, said) = reconcile(&home, &["--format=json"]);
    let day: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(
        (code, &day["agrees"]),
        (Some(0), &Value::Bool(true)),
        "{said}"
    );
    assert!(day["measures"][0]["ours"].as_u64().unwrap() > 100, "{said}");

    // Half of all is lost from now on; the past stays as it was counted, whoever tells of it.
    centre
        .simulator
        .change(|it| it.queue_performance = Face::Missing);
    let (code, said) = reconcile(&home, &[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("beside the vendor's Contact Volume"),
        "{said}"
    );
    centre
        .simulator
        .change(|it| it.contact_volume = Face::Unscoped);
    let (code, said) = reconcile(&home, &[]);
    assert_eq!(code, Some(1), "{said}");
    for part in [
        "not compared: the vendor refuses",
        "scope Configuration",
        "scope WFM Integration",
    ] {
        assert!(said.contains(part), "{said}");
    }
    let (code, said) = reconcile(&home, &["--date=2020-01-01"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("more than eight days ago"), "{said}");
    let (code, said) = reconcile(&home, &["--date=2999-01-01"]);
    assert_eq!(code, Some(2), "{said}");
    let (code, said) = reconcile(&home, &["--account=nobody"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("there are `acme`"), "{said}");
}

#[test]
fn what_is_lost_is_shown_and_a_refusal_is_said_once() {
    let lossy = Contract {
        reading: Reading {
            lost: 0.3,
            queue_performance: Face::Unscoped,
            ..Reading::default()
        },
        ..contract()
    };
    let centre = Centre::open(plan_since(4 * 3_600, 200.0), lossy);
    let config = format!(
        "{}poll: {{interval: 1s, settle: 0s, initial_lookback: 3h}}\nreconcile: {{}}\n",
        centre.account(60_000)
    );
    let home = Home::new(&config);
    let exporter = home.serve();
    exporter.wait_for("a comparison", 60, |page| !page.family(RATIO).is_empty());
    let page = exporter.page();
    let entries = page.value(RATIO, &[("measure", "entries")]).unwrap();
    assert!((-0.5..-0.1).contains(&entries), "{entries}");
    assert_eq!(
        page.value(UP, &[("source", "queue_performance")]),
        Some(0.0)
    );
    assert_eq!(page.value(UP, &[("source", "contact_volume")]), Some(1.0));
    let log = home.log();
    assert!(log.contains("our counts differ from the vendor's"), "{log}");
    let running = |page: &Page| page.value(RUNNING, &[("measure", "entries")]);
    assert_eq!(running(&page), Some(1.0));
    // Another setting takes nothing away, and asks for nothing anew.
    let asked = || centre.simulator.answers()["contact-volume:200"];
    let before = asked();
    home.configure(&config.replace("settle: 0s", "settle: 1s"));
    exporter.send("HUP");
    exporter.wait_for("another setting", 20, |page| {
        assert_eq!(page.value(RATIO, &[("measure", "entries")]), Some(entries));
        home.log().contains("configuration reloaded")
    });
    assert_eq!(asked(), before);
    // Neither does a restart make a second comparison of the one that was.
    assert_eq!(exporter.signal("TERM"), Some(0));
    let exporter = home.serve();
    exporter.wait_for("the same again", 60, |page| running(page).is_some());
    assert_eq!(running(&exporter.page()), Some(1.0));
    // Nothing compares any more, and nothing is shown of it.
    home.configure(&config.replace("reconcile: {}", "reconcile: {interval: off}"));
    exporter.send("HUP");
    exporter.wait_for("nothing compared", 20, |page| {
        page.family(RATIO).is_empty() && page.family(UP).is_empty()
    });
    centre
        .simulator
        .change(|it| it.contact_volume = Face::Unscoped);
    home.configure(&config);
    exporter.send("HUP");
    exporter.wait_for("both refused", 20, |page| {
        page.sum(UP, &[]) == 0.0 && page.family(UP).len() == 2
    });
    let refused = home
        .log()
        .matches("the vendor's totals are refused")
        .count();
    assert_eq!(refused, 1, "{}", home.log());
    assert!(exporter.page().family(RATIO).is_empty());
}

/// A budget that spares one request at a time, as that of 30 a minute does: the refusal takes it, and the organisation and
/// the other source have to wait for theirs.
#[test]
fn a_refused_source_does_not_keep_the_other_one_from_being_asked() {
    let unscoped = Contract {
        reading: Reading {
            queue_performance: Face::Unscoped,
            ..Reading::default()
        },
        requests_per_minute: 100_000,
        ..contract()
    };
    let centre = Centre::open(plan_since(4 * 3_600, 60.0), unscoped);
    let config = format!(
        "{}poll: {{interval: 1s, settle: 0s, initial_lookback: 3h}}\nlive: {{queue_performance: off, conversations: off}}\n\
         reconcile: {{interval: 15m}}\n",
        centre.account(1_200)
    );
    let home = Home::new(&config);
    let exporter = home.serve();
    exporter.wait_for("a comparison", 60, |page| !page.family(RATIO).is_empty());
    let answers = centre.simulator.answers();
    let asked = |answer: &str| answers.get(answer).copied();
    assert_eq!(asked("queue-performance:401"), Some(1), "{answers:?}");
    assert_eq!(asked("contact-volume:200"), Some(1), "{answers:?}");
}
