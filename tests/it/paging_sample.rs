//! Paging quality in small: one morning, one spike. `tests/slow/paging_quality.rs` measures it over days.

use crate::replay::arrivals::{Centre, Spike};
use crate::replay::{Contact, pages};
use std::path::Path;

const HOUR_S: i64 = 3600;
const SPIKE: Spike = Spike {
    at: 10 * HOUR_S,
    length_s: 1200,
    ratio: 0.9,
};

#[test]
fn a_spike_in_a_busy_morning_pages_within_four_minutes_and_nothing_else_does() {
    let centre = Centre {
        account: "acme".into(),
        seed: 0,
        days: 1,
        per_hour: 1500.0,
        spikes: vec![SPIKE],
    };
    let morning: Vec<Contact> = centre
        .history()
        .into_iter()
        .filter(|contact| contact.ended < SPIKE.at + SPIKE.length_s)
        .collect();
    let alerts = Path::new(env!("CARGO_MANIFEST_DIR")).join("alerts");
    let pages = pages(&morning, &alerts, 0.05).expect("promtool runs; `make test` installs it");

    assert_eq!(pages.len(), 1, "{pages:?}");
    let delay = pages[0].at - SPIKE.at;
    assert!((1..=240).contains(&delay), "after {delay} s");
}
