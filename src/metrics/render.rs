//! Views of all accounts → one page of business metrics.
//!
//! Invariant: pure and total; families in the table's order, all accounts of a family together, series sorted, so
//! that the same Views in any order give the same bytes.

use super::table::{self, ACCOUNT, Metric};
use super::text::{self, Encoder};
use crate::ledger::{Sample, Value, View};
use std::iter;

/// The page of some accounts' Views, no two of one account.
pub fn render<'v>(views: impl IntoIterator<Item = &'v View>) -> String {
    render_held(views.into_iter().map(|view| (view, |_: &Sample| false)))
}

/// The same, each View with the rule which of its counters and histograms still stand at 0.
pub(super) fn render_held<'v, H>(views: impl IntoIterator<Item = (&'v View, H)>) -> String
where
    H: Fn(&Sample) -> bool,
{
    let mut series = Vec::new();
    for (view, held) in views {
        let sums = view.sums.iter().map(|sample| (sample, held(sample)));
        let gauges = view.gauges.iter().map(|sample| (sample, false));
        series.extend(
            sums.chain(gauges)
                .filter_map(|(sample, held)| Series::of(view, sample, held)),
        );
    }
    // Stable, since Views come sorted or nearly so, which the stable sort is quick on.
    series.sort_by(|a, b| a.key().cmp(&b.key()));

    let mut page = Encoder::with_capacity(page_bytes(&series));
    for family in series.chunk_by(|a, b| a.place == b.place) {
        render_family(&mut page, family);
    }
    page.finish()
}

/// A sample, where it goes, and whether it stands at 0.
struct Series<'v> {
    place: usize,
    metric: &'static Metric,
    account: &'v str,
    sample: &'v Sample,
    held: bool,
}

impl<'v> Series<'v> {
    fn of(view: &'v View, sample: &'v Sample, held: bool) -> Option<Series<'v>> {
        Some(Series {
            place: table::place(sample.measure),
            metric: sample.measure.metric(),
            account: &view.account,
            sample,
            held,
        })
    }

    fn key(&self) -> impl Ord + use<'v> {
        (self.place, self.account, self.sample.labels.as_slice())
    }

    fn labels(&self) -> impl Iterator<Item = (&'v str, &'v str)> + use<'v> {
        let names = self.metric.labels.iter().copied();
        let values = self.sample.labels.iter().map(|value| &**value);
        iter::once((ACCOUNT, self.account)).chain(names.zip(values))
    }
}

fn render_family(page: &mut Encoder, family: &[Series]) {
    let Some(Series { metric, sample, .. }) = family.first() else {
        return;
    };
    page.family(metric);
    let bounds: Vec<String> = sample
        .measure
        .bounds_s()
        .into_iter()
        .flatten()
        .map(|seconds| *seconds as f64)
        .chain([f64::INFINITY])
        .map(text::bound)
        .collect();
    for series in family {
        page.labels(series.labels());
        let shown = |value: u64| if series.held { 0 } else { value };
        match &series.sample.value {
            Value::Count(value) => page.count(shown(*value)),
            Value::Gauge(value) => page.number(*value),
            Value::Histogram {
                buckets,
                sum_millis,
            } => {
                let mut observations = 0;
                page.buckets(bounds.iter().zip(buckets).map(|(bound, bucket)| {
                    observations += shown(*bucket);
                    (bound.as_str(), observations)
                }));
                page.sum_millis(shown(*sum_millis));
                page.observations(observations);
            }
        }
    }
}

/// About what the page will take: 140 bytes a line, as measured.
fn page_bytes(series: &[Series]) -> usize {
    let lines = |series: &Series| match &series.sample.value {
        Value::Histogram { buckets, .. } => buckets.len() + 2,
        _ => 1,
    };
    140 * series.iter().map(lines).sum::<usize>()
}
