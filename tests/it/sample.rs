//! The vendor's own sample through the whole path, from the bytes of a page to the text of `/metrics`.
//!
//! `data/vendor-sample.metrics.txt` was counted by hand from the rules of derivation: nothing writes it.

use smartassist_exporter::api::{Offsets, Page};
use smartassist_exporter::fact::Context;
use smartassist_exporter::ledger::{
    Forgotten, Key, Known, Ledger, Policy, RecentWindow, Showing, Target, Targets,
};
use smartassist_exporter::metrics::render;
use smartassist_exporter::poller::ingest::Rows;

const SAMPLE: &str = include_str!("../data/vendor-sample.json");
const COUNTED_BY_HAND: &str = include_str!("../data/vendor-sample.metrics.txt");

/// 2026-09-21T14:13:20Z, half a year after the youngest of the sample's conversations.
const NOW_S: i64 = 1_790_000_000;
const YEAR_S: i64 = 366 * 86_400;

/// The targets of a configuration that sets none.
const DEFAULT: Target = Target {
    abandonment_ratio: 0.05,
    service_level_millis: 20_000,
    service_level_ratio: 0.8,
    speed_of_answer_millis: 30_000,
    longest_wait_millis: 180_000,
};

#[test]
fn the_vendors_sample_gives_exactly_the_series_that_a_person_counts() {
    let mut ledger = Ledger::new(
        Key([7; 16]),
        Policy {
            targets: Targets::new(DEFAULT, [], []),
            max_series_per_metric: 2_000,
            per_agent: false,
        },
    );
    let page = Page::parse(SAMPLE).unwrap();
    let rows = Rows::read(page.rows(), &ledger);
    let offset_s = rows.offset_s(NOW_S, None, &mut Offsets::default());
    assert_eq!(offset_s, Some(19_800), "India");
    let context = Context {
        now_s: NOW_S,
        settle_s: 30,
        offset_s: offset_s.unwrap(),
        offsets: None,
        zone: None,
    };
    let batch = rows.batch(&context);
    let commit = ledger.apply(batch, Known::default(), NOW_S - YEAR_S);
    let tally = &commit.tally;
    assert_eq!((tally.received, tally.applied), (11, 11));
    assert!(tally.refused.is_empty() && tally.revised.is_empty());
    ledger.absorb(commit, Forgotten::default());

    let view = ledger.view(&Showing {
        account: "acme".into(),
        sums: true,
        windows: vec![RecentWindow {
            label: "366d".into(),
            from_s: NOW_S - YEAR_S,
            to_s: NOW_S,
        }],
    });
    let page = render([&view]);
    let series: Vec<&str> = page.lines().filter(|line| !line.starts_with('#')).collect();
    let expected: Vec<&str> = COUNTED_BY_HAND
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    assert_eq!(series, expected, "found:\n{}", series.join("\n"));
}
