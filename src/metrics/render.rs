//! Samples of one family → lines of a page.
//!
//! Invariant: pure and total; families in the table's order, all accounts of a family together, series sorted, so that
//! the same Views in any order give the same bytes.

use super::table::{self, ACCOUNT};
use super::text::{self, Encoder};
use super::zero_first;
use crate::ledger::{Measure, Sample, Value, View};
use std::collections::BTreeMap;
use std::iter;

/// The page of some accounts' Views, no two of one account.
pub fn render<'v>(views: impl IntoIterator<Item = &'v View>) -> String {
    let mut families: BTreeMap<(usize, &str), Vec<&Sample>> = BTreeMap::new();
    for view in views {
        for sample in view.sums.iter().chain(&view.gauges) {
            let family = (table::place(sample.measure), &*view.account);
            families.entry(family).or_default().push(sample);
        }
    }
    let mut page = Encoder::default();
    let mut opened = None;
    for ((place, account), mut samples) in families {
        if opened.replace(place) != Some(place) {
            page.family(Measure::ALL[place].metric());
        }
        samples.sort_by(|one, other| zero_first::order(one, other));
        render_family(&mut page, account, samples, |_| false);
    }
    page.finish()
}

/// One account's lines of the family that the page stands in. What is `held` stands at 0.
pub(super) fn render_family<'s>(
    page: &mut Encoder,
    account: &str,
    samples: impl IntoIterator<Item = &'s Sample>,
    held: impl Fn(&Sample) -> bool,
) {
    let mut samples = samples.into_iter().peekable();
    let Some(measure) = samples.peek().map(|sample| sample.measure) else {
        return;
    };
    let bounds = measure.bounds_s().into_iter().flatten();
    let bounds: Vec<String> = bounds
        .map(|seconds| *seconds as f64)
        .chain([f64::INFINITY])
        .map(text::bound)
        .collect();
    let names = measure.metric().labels;
    for sample in samples {
        let labels = names.iter().copied();
        let labels = labels.zip(sample.labels.iter().map(|value| &**value));
        page.labels(iter::once((ACCOUNT, account)).chain(labels));
        let is_held = held(sample);
        let shown = |value: u64| if is_held { 0 } else { value };
        match &sample.value {
            Value::Count(value) => page.count(shown(*value)),
            Value::Millis(millis) => page.millis(shown(*millis)),
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
