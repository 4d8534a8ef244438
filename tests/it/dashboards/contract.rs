//! The boards against the metrics table: nothing is asked for that is not shown, nothing is shown that no board has.

use super::board::{self, Board, asked, list, text};
use super::promql::{self, Selector};
use crate::alert_rules::contract;
use smartassist_exporter::ledger::Measure;
use smartassist_exporter::metrics::table::{self, Metric, MetricKind};
use std::collections::BTreeSet;

/// Prometheus' own, on what its rules have found.
const ALERTS: &str = "ALERTS";
/// And what the rules that ship label them with.
const ALERT_LABELS: [&str; 9] = [
    "alertname",
    "severity",
    "account",
    "scope",
    "channel",
    "queue",
    "pace",
    "job",
    "instance",
];

/// Every expression of a board, annotations and variables included, with the place it stands in.
fn expressions(board: &Board) -> Vec<(String, &str)> {
    let annotations = list(&board.json["annotations"]["list"])
        .iter()
        .map(|annotation| &annotation["expr"]);
    let variables = board.query_variables().filter_map(asked);
    board
        .queries()
        .into_iter()
        .map(|query| (query.place, query.expr))
        .chain(annotations.map(|expr| (format!("{}: annotation", board.name), text(expr))))
        .chain(variables.map(|selector| (format!("{}: variable", board.name), selector)))
        .collect()
}

/// The family a series belongs to, and whether the series is a histogram's bucket.
fn family(series: &str) -> Option<(&'static Metric, bool)> {
    let exact =
        table::all().find(|metric| metric.name == series && metric.kind != MetricKind::Histogram);
    exact.map(|metric| (metric, false)).or_else(|| {
        let (name, suffix) = series.rsplit_once('_')?;
        let part = ["bucket", "sum", "count"].contains(&suffix);
        let metric = table::all()
            .find(|metric| metric.name == name && metric.kind == MetricKind::Histogram && part)?;
        Some((metric, suffix == "bucket"))
    })
}

/// Every label that a series may carry.
fn labels(series: &str) -> Option<BTreeSet<&'static str>> {
    let (metric, bucket) = family(series)?;
    Some(contract::labels(metric, bucket))
}

/// Calls with every selector of every expression of every board.
fn for_each_selector(mut check: impl FnMut(&str, &Selector<'_>)) {
    for board in board::all() {
        for (place, expr) in expressions(&board) {
            let expr = promql::parse(expr).unwrap_or_else(|error| panic!("{place}: {error}"));
            promql::selectors(&expr)
                .iter()
                .for_each(|selector| check(&place, selector));
        }
    }
}

#[test]
fn every_metric_and_label_is_in_the_metrics_table() {
    for_each_selector(|place, selector| {
        let metrics = selector.metrics();
        assert!(
            !metrics.is_empty(),
            "{place}: `{}` names no metric",
            selector.vector
        );
        for name in metrics.iter().filter(|name| *name != ALERTS) {
            let known = labels(name).unwrap_or_else(|| panic!("{place}: nothing shows `{name}`"));
            for matcher in selector
                .vector
                .matchers
                .matchers
                .iter()
                .filter(|matcher| matcher.name != "__name__")
            {
                assert!(
                    known.contains(matcher.name.as_str()),
                    "{place}: `{name}` has no label `{}`",
                    matcher.name
                );
            }
        }
    });
}

#[test]
fn every_label_grouped_by_or_shown_is_one_of_the_query() {
    for board in board::all() {
        for query in board.queries() {
            let expr = promql::parse(query.expr).unwrap();
            let selectors = promql::selectors(&expr);
            let mut known: BTreeSet<&str> = selectors
                .iter()
                .flat_map(Selector::metrics)
                .filter_map(|name| labels(&name))
                .flatten()
                .collect();
            let made = promql::made_labels(&expr);
            known.extend(made.iter().map(String::as_str));
            if selectors
                .iter()
                .flat_map(Selector::metrics)
                .any(|name| name == ALERTS)
            {
                known.extend(ALERT_LABELS);
            }
            let legend = text(&query.target["legendFormat"]);
            let shown = legend
                .split("{{")
                .skip(1)
                .filter_map(|rest| rest.split("}}").next());
            for label in promql::grouping(&expr)
                .iter()
                .map(String::as_str)
                .chain(shown)
            {
                assert!(
                    known.contains(label),
                    "{}: no metric of the query has `{label}`",
                    query.place
                );
            }
        }
    }
}

#[test]
fn every_bucket_asked_for_exists() {
    for_each_selector(|place, selector| {
        for matcher in selector
            .vector
            .matchers
            .matchers
            .iter()
            .filter(|matcher| matcher.name == "le")
        {
            let name = selector.metrics().remove(0);
            let (metric, _) = family(&name).unwrap();
            let mut measures = Measure::ALL.iter();
            let measure = measures.find(|measure| measure.metric() == metric);
            let bounds = measure.and_then(|measure| measure.bounds_s()).unwrap();
            let printed: BTreeSet<String> =
                bounds.iter().map(|bound| format!("{bound}.0")).collect();
            for bound in matcher.value.split('|') {
                assert!(
                    printed.contains(bound),
                    "{place}: `{name}` has no bucket `{bound}`"
                );
            }
        }
    });
}

#[test]
fn every_metric_is_on_some_board() {
    // Shown for the sake of convention; what they say is seen elsewhere.
    const LEFT_OUT: [&str; 3] = [
        "process_max_fds",
        "process_virtual_memory_bytes",
        "process_threads",
    ];
    let mut asked = BTreeSet::new();
    for board in board::all() {
        for query in board.queries() {
            let expr = promql::parse(query.expr).unwrap();
            asked.extend(promql::selectors(&expr).iter().flat_map(Selector::metrics));
        }
    }
    let on_boards: BTreeSet<&str> = asked
        .iter()
        .filter_map(|name| family(name))
        .map(|(metric, _)| metric.name)
        .collect();
    let missing: Vec<&str> = table::all()
        .map(|metric| metric.name)
        .filter(|name| !on_boards.contains(name))
        .collect();
    assert_eq!(missing, LEFT_OUT);
}
