//! Paging quality: the shipped rules over days of simulated arrivals with spikes at known times.

use crate::replay::arrivals::{Centre, Spike};
use crate::replay::{Contact, Page, pages};
use std::path::Path;

const DAYS: i64 = 2;
const SPIKE_RATIO: f64 = 0.9;
const SPIKE_S: i64 = 1200;
const HOUR_S: i64 = 3600;

/// So long after the first spike of its day the second begins: it must be no excuse.
const AGAIN_S: i64 = 3 * HOUR_S;

/// Four centres of 1,500 conversations in the busiest hour, two days each: one to learn, one with two spikes.
fn centres() -> Vec<Centre> {
    (0..4)
        .map(|number| Centre {
            account: format!("centre-{number:02}"),
            seed: number as u64,
            days: DAYS,
            per_hour: 1500.0,
            spikes: [0, AGAIN_S]
                .map(|later| Spike {
                    at: (24 + 10) * HOUR_S + number * 1500 + later,
                    length_s: SPIKE_S,
                    ratio: SPIKE_RATIO,
                })
                .into(),
        })
        .collect()
}

#[test]
fn spikes_page_within_two_minutes_and_little_else_does() {
    let centres = centres();
    let history: Vec<Contact> = centres.iter().flat_map(Centre::history).collect();
    let alerts = Path::new(env!("CARGO_MANIFEST_DIR")).join("alerts");
    let pages = pages(&history, &alerts, 0.05).expect("promtool runs; `make test` installs it");

    let mut delays = Vec::new();
    let mut explained: Vec<&Page> = Vec::new();
    for centre in &centres {
        for spike in &centre.spikes {
            // The last minutes of a spike are in the window for 15 more.
            let during = spike.at..spike.at + spike.length_s + 900;
            let found: Vec<&Page> = pages
                .iter()
                .filter(|page| page.account == centre.account && during.contains(&page.at))
                .collect();
            delays.extend(found.first().map(|page| page.at - spike.at));
            explained.extend(found);
        }
    }
    delays.sort_unstable();
    // The first day knows no past: the rush of its noon, twice the usual ratio and above the target, is news once.
    let (first_day, later): (Vec<&Page>, Vec<&Page>) = pages
        .iter()
        .filter(|page| !explained.contains(page))
        .partition(|page| page.at < 24 * HOUR_S);
    println!(
        "detection delay in seconds: {delays:?}\nfalse pages on {0} first days: {1}, on {0} days after: {2}",
        centres.len(),
        first_day.len(),
        later.len()
    );
    assert_eq!(
        delays.len(),
        2 * centres.len(),
        "a spike was missed: {pages:?}"
    );
    assert!(delays[delays.len() / 2] <= 120, "median delay: {delays:?}");
    assert!(delays[delays.len() - 1] <= 150, "longest delay: {delays:?}");
    // A day is half of what it takes to learn: the noon of the second may be news in half of the centres.
    assert!(later.len() <= centres.len() / 2, "{later:?}");
    assert!(first_day.len() <= 2 * centres.len(), "{first_day:?}");
}
