//! What has no room.

use super::*;

#[test]
fn beyond_the_limit_label_sets_share_one_series() {
    let mut bench = Bench::with(Policy {
        targets: targets(),
        max_series_per_metric: 2,
        per_agent: false,
    });
    let events = ["a", "b", "c", "d"];
    let facts = events.map(|event| Fact {
        element: Some(short_hash(event)),
        ..fact(Kind::Disposition, event)
    });
    bench.read(&[with(answered(Some("c-1"), None), facts)]);
    assert_eq!(
        bench
            .sum("Dispositions{__overflow__,__overflow__,__overflow__}")
            .as_deref(),
        Some("2")
    );
    assert_eq!(
        bench
            .sums()
            .iter()
            .filter(|line| line.starts_with("Dispositions"))
            .count(),
        3
    );
    let showing = Showing {
        account: "acme".into(),
        sums: true,
        windows: Vec::new(),
    };
    assert_eq!(
        bench.ledger.view(&showing).overflowed,
        [(Measure::Dispositions, 2)]
    );
}

#[test]
fn queues_beyond_the_limit_share_one_series_that_is_held_to_the_default() {
    let mut bench = Bench::with(Policy {
        targets: targets(),
        max_series_per_metric: 1,
        per_agent: false,
    });
    let mut record = live(Some("c-1"), None);
    record.names = vec![("qu-1", "Billing"), ("qu-2", "Sales"), ("qu-3", "Service")];
    bench.read(&[record]);
    assert_eq!(
        gauges(&bench, Measure::QueueInfo),
        ["qu-1,Billing 1", "__overflow__,__overflow__ 1"]
    );
    assert_eq!(
        gauges(&bench, Measure::ServiceLevelTargetSeconds),
        [",Billing 30", ",__overflow__ 20"]
    );
}

#[test]
fn labels_are_cut_to_128_characters() {
    let long: &'static str = "ü".repeat(200).leak();
    let mut bench = Bench::new();
    bench.read(&[with(
        answered(Some("c-1"), None),
        [fact(Kind::Disconnect, long)],
    )]);
    let line = bench
        .sums()
        .into_iter()
        .find(|line| line.starts_with("Disconnects"))
        .unwrap();
    assert_eq!(line.matches('ü').count(), 128);
}

#[test]
fn what_just_fits_the_limit_has_no_overflow() {
    let mut bench = Bench::with(Policy {
        targets: targets_of([], []),
        max_series_per_metric: 2,
        per_agent: false,
    });
    let mut record = live(Some("c-1"), None);
    record.names = vec![("qu-1", "Billing"), ("qu-2", "Sales")];
    bench.read(&[record]);
    assert_eq!(
        gauges(&bench, Measure::QueueInfo),
        ["qu-1,Billing 1", "qu-2,Sales 1"]
    );
    let showing = Showing {
        account: "acme".into(),
        sums: true,
        windows: Vec::new(),
    };
    assert_eq!(bench.ledger.view(&showing).overflowed, []);
}

#[test]
fn a_label_value_is_found_by_its_text_once_it_was_counted() {
    let mut bench = Bench::new();
    assert_eq!(bench.ledger.symbols.find("Voice"), None);
    bench.read(&[answered(Some("c-1"), None)]);
    let symbols = &bench.ledger.symbols;
    let voice = symbols.find("Voice").unwrap();
    assert_eq!(&**symbols.text(voice), "Voice");
    assert_eq!(symbols.find("Chat"), None);
}
