//! A comparison, as the page shows it.

use super::{Comparison, Source};
use crate::ledger::OVERFLOW;
use crate::metrics::{Gauge, LiveSample};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

/// What is shown of the last comparison.
pub(super) struct Shown<'s> {
    pub comparison: &'s Comparison,
    /// In how many comparisons running a measure disagreed.
    pub running: &'s BTreeMap<String, u32>,
    pub until: Instant,
    /// So many rows one by one.
    pub most: usize,
}

/// The last comparison, and how the sources stand.
pub(super) fn samples(last: Option<Shown<'_>>, up: &BTreeMap<Source, bool>) -> Vec<LiveSample> {
    let mut samples: Vec<LiveSample> = up
        .iter()
        .map(|(source, up)| LiveSample {
            gauge: Gauge::ReconciliationUp,
            labels: vec![source.as_str().into()],
            value: f64::from(*up),
            until: None,
        })
        .collect();
    let Some(Shown {
        comparison,
        running,
        until,
        most,
    }) = last
    else {
        return samples;
    };
    samples.push(LiveSample {
        gauge: Gauge::ReconciledTo,
        labels: Vec::new(),
        value: comparison.range.end as f64,
        until: None,
    });
    for ([queue, channel, direction, measure], sides) in folded(comparison, most) {
        for (side, value) in ["ours", "vendor"].into_iter().zip(sides) {
            let labels = [&queue, &channel, &direction, &measure];
            let labels = labels.into_iter().cloned().chain([Arc::from(side)]);
            samples.push(LiveSample {
                gauge: Gauge::Reconciled,
                labels: labels.collect(),
                value: value as f64,
                until: Some(until),
            });
        }
    }
    for judged in &comparison.judged {
        let measure = judged.measure.as_str();
        let running = running.get(measure).copied().unwrap_or(0);
        for (gauge, value) in [
            (Gauge::ReconciliationDifference, judged.ratio()),
            (Gauge::DisagreeingComparisons, f64::from(running)),
        ] {
            samples.push(LiveSample {
                gauge,
                labels: vec![measure.into()],
                value,
                until: Some(until),
            });
        }
    }
    samples
}

/// Of each place and measure both sides; what is beyond the most shown under one name, as other series are. Each measure is
/// judged by its sum over the vendor's side, so none of it may be left out.
fn folded(comparison: &Comparison, most: usize) -> BTreeMap<[Arc<str>; 4], [u64; 2]> {
    let mut folded: BTreeMap<[Arc<str>; 4], [u64; 2]> = BTreeMap::new();
    for (at, row) in comparison.rows.iter().enumerate() {
        let measure = Arc::from(row.measure.as_str());
        let overflow = || Arc::from(OVERFLOW);
        let key = if at < most {
            let place = row.place.clone();
            [place.queue, place.channel, place.direction, measure]
        } else {
            [overflow(), overflow(), overflow(), measure]
        };
        let [ours, vendor] = folded.entry(key).or_default();
        *ours = ours.saturating_add(row.ours);
        *vendor = vendor.saturating_add(row.vendor);
    }
    folded
}
