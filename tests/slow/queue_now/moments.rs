//! Whether a day may page at all: whether it ever is as an alert wants it, were it for a moment. A day on which it never is needs
//! no rules to be quiet, which would take a minute.

use super::MAIL_TARGET_S;
use crate::replay::gauges::Series;
use std::collections::BTreeMap;

/// Readings within three minutes.
const WINDOW: usize = 13;

fn named<'s>(
    series: &'s [Series],
    start: &'static str,
) -> impl Iterator<Item = (&'s str, &'s Vec<Option<f64>>)> {
    series
        .iter()
        .filter_map(move |one| Some((one.name.strip_prefix(start)?, &one.values)))
}

/// The sums of all that `of` gives, step by step, by what it gives of their labels.
fn sums<'s>(
    series: &'s [Series],
    start: &'static str,
    of: impl Fn(&'s str) -> Option<&'s str>,
) -> BTreeMap<&'s str, Vec<f64>> {
    let mut all: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (labels, values) in named(series, start) {
        let Some(key) = of(labels) else { continue };
        let sum = all.entry(key).or_insert_with(|| vec![0.0; values.len()]);
        for (sum, value) in sum.iter_mut().zip(values) {
            *sum += value.unwrap_or_default();
        }
    }
    all
}

fn queue_of(labels: &str) -> &str {
    let queue = labels.split("queue=\"").nth(1).unwrap();
    queue.split('"').next().unwrap()
}

fn is(labels: &str, state: &str) -> bool {
    labels.contains(&format!("state=\"{state}\""))
}

/// Of each queue, step by step: agents who serve or could.
fn ready(series: &[Series]) -> BTreeMap<&str, Vec<f64>> {
    sums(series, "smartassist_queue_agents", |labels| {
        (is(labels, "available") || is(labels, "busy")).then(|| queue_of(labels))
    })
}

/// Of each queue, step by step: who waits there and won't for long.
fn hurried(series: &[Series]) -> BTreeMap<&str, Vec<f64>> {
    sums(series, "smartassist_queue_waiting", |labels| {
        (!labels.contains("System Mail")).then(|| queue_of(labels))
    })
}

/// Whether it ever is as AgentsLeaving wants it, however many of the rest are free.
pub fn agents_may_page(series: &[Series]) -> bool {
    let free = sums(series, "smartassist_queue_agents", |labels| {
        is(labels, "available").then(|| queue_of(labels))
    });
    let (ready, hurried) = (ready(series), hurried(series));
    let steps = ready.values().next().map_or(0, Vec::len);
    (0..steps).any(|step| {
        let window = step.saturating_sub(WINDOW)..=step;
        let now: f64 = ready.values().map(|queue| queue[step]).sum();
        let best: f64 = ready
            .values()
            .map(|queue| queue[window.clone()].iter().copied().fold(0.0, f64::max))
            .sum();
        let stranded: f64 = hurried
            .iter()
            .filter(|(queue, _)| free[*queue][step] == 0.0)
            .map(|(_, waiting)| waiting[step])
            .sum();
        stranded >= 3.0 && now <= 0.85 * best
    })
}

/// Whether it ever is as QueueBackedUp or NobodyToAnswer want it.
pub fn waits_may_page(series: &[Series], target_s: f64) -> bool {
    let backs_up = named(series, "smartassist_queue_waiting").any(|(labels, waiting)| {
        let mail = labels.contains("System Mail");
        let target_s = if mail { MAIL_TARGET_S } else { target_s };
        let (_, longest) = named(series, "smartassist_queue_longest_wait_seconds")
            .find(|(other, _)| *other == labels)
            .unwrap();
        let mut both = waiting.iter().flatten().zip(longest.iter().flatten());
        both.any(|(waiting, longest)| *waiting >= 3.0 && *longest > target_s)
    });
    let ready = ready(series);
    backs_up
        || hurried(series).iter().any(|(queue, waiting)| {
            let mut both = waiting.iter().zip(&ready[queue]);
            both.any(|(waiting, ready)| *waiting >= 3.0 && *ready == 0.0)
        })
}
