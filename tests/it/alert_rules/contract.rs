//! The rules against the metrics table: nothing is asked for that nobody shows or records.

use super::{Rule, rules};
use promql_parser::parser::{self, Expr, VectorSelector};
use promql_parser::util::{ExprVisitor, walk_expr};
use smartassist_exporter::metrics::table::{self, Metric, MetricKind, Scope};
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

/// What Prometheus itself adds to a scrape.
pub const SCRAPED: [&str; 2] = ["job", "instance"];
const UP: &str = "up";

#[test]
fn every_metric_and_label_in_a_rule_is_in_the_metrics_table_or_recorded() {
    let rules = rules();
    let recorded: BTreeMap<&str, BTreeSet<&str>> = rules
        .iter()
        .filter(|rule| rule.record.is_some())
        .fold(BTreeMap::new(), |mut known, rule| {
            let labels: &mut BTreeSet<&str> = known.entry(rule.name()).or_default();
            labels.extend(rule.labels.keys().map(String::as_str));
            known
        });
    for rule in &rules {
        for selector in selectors(rule) {
            let metric = selector
                .name
                .as_deref()
                .unwrap_or_else(|| panic!("{}: a selector without a name", rule.name()));
            let labels = match (recorded.get(metric), family(metric)) {
                (Some(own), _) => Some(own.iter().copied().chain(every_label()).collect()),
                (None, Some(family)) => Some(labels(family, metric.ends_with("_bucket"))),
                (None, None) => (metric == UP).then(|| SCRAPED.into()),
            };
            let labels: BTreeSet<&str> =
                labels.unwrap_or_else(|| panic!("{}: nothing shows `{metric}`", rule.name()));
            for matcher in &selector.matchers.matchers {
                assert!(
                    labels.contains(matcher.name.as_str()),
                    "{}: `{metric}` has no label `{}`",
                    rule.name(),
                    matcher.name
                );
            }
        }
    }
}

#[test]
fn recordings_are_named_level_metric_operation() {
    for rule in rules().iter().filter(|rule| rule.record.is_some()) {
        let parts: Vec<&str> = rule.name().split(':').collect();
        let [level, metric, operation] = parts[..] else {
            panic!("`{}`", rule.name())
        };
        if level == "smartassist" {
            assert!(metric == "threshold", "`{}`", rule.name());
            continue;
        }
        assert!(
            [
                "account",
                "channel",
                "queue",
                "channel_queue",
                "channel_event",
                "scope",
                "field"
            ]
            .contains(&level),
            "`{}`",
            rule.name()
        );
        assert!(
            metric.starts_with("smartassist_") && !operation.is_empty(),
            "`{}`",
            rule.name()
        );
    }
}

/// No recording or alert may lose what boards filter by: sums go `without`, or `by` with job in it.
#[test]
fn every_sum_keeps_job_and_instance() {
    for rule in rules() {
        let sums = rule
            .expr
            .replace("clamp_min(", "clamp(")
            .replace(" without (", " without(")
            .replace(" by (", " by(");
        for by in sums.split(" by(").skip(1) {
            assert!(by.starts_with("job"), "{}: {}", rule.name(), rule.expr);
        }
        for word in ["sum(", "max(", "min(", "avg(", "count("] {
            assert!(
                !sums.contains(word),
                "{}: `{word}` over everything",
                rule.name()
            );
        }
    }
}

fn selectors(rule: &Rule) -> Vec<VectorSelector> {
    struct Selectors(Vec<VectorSelector>);
    impl ExprVisitor for Selectors {
        type Error = Infallible;
        fn pre_visit(&mut self, expr: &Expr) -> Result<bool, Infallible> {
            match expr {
                Expr::VectorSelector(selector) => self.0.push(selector.clone()),
                Expr::MatrixSelector(matrix) => self.0.push(matrix.vs.clone()),
                _ => {}
            }
            Ok(true)
        }
    }
    let expr = parser::parse(&rule.expr).unwrap_or_else(|error| panic!("{}: {error}", rule.name()));
    let mut found = Selectors(Vec::new());
    walk_expr(&mut found, &expr).unwrap_or_else(|never| match never {});
    found.0
}

/// The family of a series: itself, or the histogram it is a part of.
fn family(series: &str) -> Option<&'static Metric> {
    let histogram = ["_bucket", "_sum", "_count"]
        .iter()
        .find_map(|part| series.strip_suffix(part));
    table::all().find(|metric| match metric.kind {
        MetricKind::Histogram => histogram == Some(metric.name),
        _ => metric.name == series,
    })
}

/// Every label that a series of the metric may carry; one more on a `bucket`.
pub fn labels(metric: &Metric, bucket: bool) -> BTreeSet<&'static str> {
    let account = (metric.scope == Scope::Account).then_some(table::ACCOUNT);
    metric
        .labels
        .iter()
        .copied()
        .chain(SCRAPED)
        .chain(account)
        .chain(bucket.then_some("le"))
        .collect()
}

/// A recording keeps labels of what it records; which, its expression says.
fn every_label() -> Vec<&'static str> {
    table::all()
        .flat_map(|metric| metric.labels.iter().copied())
        .chain(SCRAPED)
        .chain([table::ACCOUNT])
        .collect()
}
