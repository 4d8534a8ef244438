use super::table::EXPORTER;
use super::*;
use crate::ledger::Measure;
use crate::metrics::parse::parse;
use std::collections::BTreeSet;
use std::time::Duration;

fn own() -> Own {
    let build = Build {
        version: "1.2.3".to_owned(),
        revision: String::new(),
    };
    Own::new(
        build,
        Vocabulary {
            requests: vec!["ok"],
            fields: vec!["csatScore"],
            facts: vec!["disposition"],
        },
    )
}

fn value(page: &str, name: &str, labels: &[(&str, &str)]) -> f64 {
    parse(page)
        .value(name, labels)
        .unwrap_or_else(|| panic!("no `{name}` {labels:?} in\n{page}"))
}

const ACME: (&str, &str) = ("account", "acme");

#[test]
fn all_own_metrics_are_there_at_0_from_the_first_scrape() {
    let own = own();
    own.account("acme");
    own.leads(vec![("acme".to_owned(), false)]);
    let page = parse(&own.render());
    let expected: BTreeSet<&str> = EXPORTER
        .iter()
        .chain(PROCESS)
        .map(|metric| metric.name)
        .collect();
    let shown: BTreeSet<&str> = page
        .families
        .iter()
        .map(|family| family.name.as_str())
        .collect();
    assert_eq!(shown, expected);
    for family in page
        .families
        .iter()
        .filter(|family| family.name.starts_with("smartassist_"))
    {
        for sample in &family.samples {
            let expected = if family.name.ends_with("build_info") {
                1.0
            } else {
                0.0
            };
            assert_eq!(sample.value, expected, "{sample:?}");
        }
    }
}

#[test]
fn the_closed_sets_are_complete() {
    let own = own();
    own.account("acme");
    let page = parse(&own.render());
    let values = |name: &str, label: &str| -> BTreeSet<String> {
        let samples = page
            .families
            .iter()
            .filter(|family| family.name == name)
            .flat_map(|family| &family.samples);
        samples
            .filter_map(|sample| sample.labels.get(label).cloned())
            .collect()
    };
    let set = |values: &[&str]| {
        values
            .iter()
            .map(|value| value.to_string())
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(
        values("smartassist_exporter_polls_total", "result"),
        set(&["ok", "partial", "failed", "store_failed"])
    );
    assert_eq!(
        values("smartassist_exporter_requests_total", "result"),
        set(&["ok"])
    );
    assert_eq!(
        values("smartassist_exporter_records_total", "result"),
        set(&["applied", "unchanged", "rejected"])
    );
    assert_eq!(
        values("smartassist_exporter_rejected_values_total", "field"),
        set(&["csatScore"])
    );
    assert_eq!(
        values("smartassist_exporter_revised_facts_total", "fact"),
        set(&["disposition"])
    );
    assert!(
        values("smartassist_exporter_series_overflow_total", "metric")
            .contains("smartassist_dispositions_total")
    );
}

#[test]
fn only_success_moves_the_time_of_the_last_success() {
    let own = own();
    let acme = own.account("acme");
    let read = |name: &str| {
        value(
            &own.render(),
            &format!("smartassist_exporter_{name}"),
            &[ACME],
        )
    };
    acme.polled(PollResult::Ok, Duration::from_millis(300), 1_700_000_000);
    assert_eq!(
        (read("up"), read("last_success_timestamp_seconds")),
        (1.0, 1_700_000_000.0)
    );
    for result in [
        PollResult::Partial,
        PollResult::Failed,
        PollResult::StoreFailed,
    ] {
        acme.polled(result, Duration::from_millis(300), 1_700_000_030);
        assert_eq!(
            (read("up"), read("last_success_timestamp_seconds")),
            (0.0, 1_700_000_000.0)
        );
    }
    assert_eq!(read("poll_duration_seconds_count"), 4.0);
}

#[test]
fn a_store_that_cannot_be_written_takes_the_account_down() {
    let own = own();
    let acme = own.account("acme");
    acme.polled(PollResult::Ok, Duration::ZERO, 1);
    acme.store_failed();
    assert_eq!(
        value(&own.render(), "smartassist_exporter_up", &[ACME]),
        0.0
    );
    assert_eq!(
        value(
            &own.render(),
            "smartassist_exporter_store_errors_total",
            &[ACME]
        ),
        1.0
    );
}

#[test]
fn accounts_are_told_apart_and_asked_for_twice_are_the_same() {
    let own = own();
    own.account("acme").never_ended.inc();
    own.account("acme").never_ended.inc();
    own.account("other");
    let page = own.render();
    let name = "smartassist_exporter_never_ended_total";
    assert_eq!(value(&page, name, &[ACME]), 2.0);
    assert_eq!(value(&page, name, &[("account", "other")]), 0.0);
    assert_eq!(
        page.matches("# TYPE smartassist_exporter_never_ended_total counter")
            .count(),
        1
    );
}

#[test]
fn what_overflowed_never_falls() {
    let own = own();
    let acme = own.account("acme");
    let overflow = || {
        let labels = [ACME, ("metric", "smartassist_dispositions_total")];
        value(
            &own.render(),
            "smartassist_exporter_series_overflow_total",
            &labels,
        )
    };
    acme.overflowed(&[(Measure::Dispositions, 5)]);
    assert_eq!(overflow(), 5.0);
    acme.overflowed(&[(Measure::Dispositions, 3)]);
    assert_eq!(overflow(), 5.0);
    acme.overflowed(&[(Measure::Dispositions, 8)]);
    assert_eq!(overflow(), 8.0);
}

#[test]
fn own_histograms_print_their_bounds_as_business_histograms_do() {
    let own = own();
    own.account("acme")
        .requested("ok", Duration::from_millis(700));
    let page = own.render();
    assert!(page.contains(
        "smartassist_exporter_request_duration_seconds_bucket{account=\"acme\",le=\"1.0\"} 1\n"
    ));
    assert!(page.contains(
        "smartassist_exporter_request_duration_seconds_bucket{account=\"acme\",le=\"0.5\"} 0\n"
    ));
}

#[test]
fn how_long_a_count_took_is_told_by_channel_and_so_many_channels_alone() {
    let own = own();
    let acme = own.account("acme");
    let name = "smartassist_exporter_end_to_count_seconds";
    assert!(!own.render().contains("end_to_count_seconds_count"));
    acme.counted_after("Voice", 12.5);
    acme.counted_after("Voice", 901.0);
    // By a clock that is behind ours.
    acme.counted_after("System Mail", -3.0);
    let page = own.render();
    let of = |suffix: &str, channel: &str| {
        let labels = [ACME, ("channel", channel)];
        value(&page, &format!("{name}{suffix}"), &labels)
    };
    assert_eq!(of("_count", "Voice"), 2.0);
    assert_eq!(of("_sum", "Voice"), 913.5);
    assert_eq!(of("_sum", "System Mail"), 0.0);
    let bucket = |le: &str| {
        let labels = [ACME, ("channel", "Voice"), ("le", le)];
        value(&page, &format!("{name}_bucket"), &labels)
    };
    assert_eq!(
        ["10.0", "15.0", "900.0", "+Inf"].map(bucket),
        [0.0, 1.0, 1.0, 2.0]
    );

    for number in 0..200 {
        acme.counted_after(&format!("channel {number}"), 1.0);
    }
    let page = own.render();
    let channels = page.matches(&format!("{name}_count{{")).count();
    assert_eq!(channels, 101);
    let labels = [ACME, ("channel", "__overflow__")];
    assert_eq!(value(&page, &format!("{name}_count"), &labels), 102.0);
}
