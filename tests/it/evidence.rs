//! Evidence of a spike is committed with the counts: whatever happens to the process, it is that of one that read all at
//! once.

use crate::support::compare::all_differences;
use crate::support::scene::{contract, plan_since};
use crate::support::{Centre, Exporter, Home};
use smartassist_exporter::simulator::Witness;
use std::time::Duration;

const HOUR_S: i64 = 3_600;
const KILLS: u64 = 12;

const GAUGES: [&str; 3] = [
    "smartassist_abandonment_evidence",
    "smartassist_abandonment_evidence_limit",
    "smartassist_abandonment_usual_ratio",
];

fn home(centre: &Centre) -> Home {
    Home::new(&format!(
        "{}poll: {{interval: 1s, settle: 1s, revisit: 0.005, initial_lookback: 4h, max_lookback: 1d}}\n\
         metrics: {{zero_first: 0s}}\n",
        centre.account(60_000)
    ))
}

/// What is shown once all is read of a centre that stands still, as `metric{labels} value`.
fn evidence(centre: &Centre, exporter: &Exporter) -> Vec<String> {
    exporter.comes_to(120, |page| {
        all_differences(page, &centre.simulator, &Witness::default())
    });
    let page = exporter.wait_for("evidence", 30, |page| !page.family(GAUGES[1]).is_empty());
    let lines = GAUGES.iter().flat_map(|gauge| {
        let family = page.family(gauge).into_iter();
        family.map(move |(labels, value)| format!("{gauge} {labels:?} {value}"))
    });
    lines.collect()
}

#[test]
fn killed_again_and_again_the_evidence_is_that_of_one_that_read_all_at_once() {
    let centre = Centre::open(plan_since(3 * HOUR_S, 900.0), contract());
    let killed = home(&centre);
    let exporter = killed.serve();
    exporter.wait_for("the first reading", 120, |page| {
        !page.family(GAUGES[0]).is_empty()
    });
    exporter.kill();
    for round in 0..KILLS {
        let exporter = killed.serve();
        std::thread::sleep(Duration::from_millis(300 + round * 337 % 900));
        exporter.kill();
    }
    centre.simulator.freeze();
    let survived = evidence(&centre, &killed.serve());
    let fresh = home(&centre);
    let expected = evidence(&centre, &fresh.serve());
    assert!(expected.len() > 15, "{expected:#?}");
    assert_eq!(survived, expected);
}
