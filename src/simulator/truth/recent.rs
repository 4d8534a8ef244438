//! What the recent windows must show: written a second time, from what happened.

use super::super::conversation::Answer;
use super::{Series, series};
use std::collections::BTreeMap;

/// A window as the exporter under test is set up: its label, and how far it reaches back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecentWindow {
    pub label: &'static str,
    pub length_s: i64,
}

impl RecentWindow {
    /// The end belongs to a window, the beginning does not.
    pub fn holds(&self, at_s: i64, to_s: i64) -> bool {
        to_s - self.length_s < at_s && at_s <= to_s
    }
}

/// One finished conversation, as far as windows tell of it.
pub(super) struct Glance {
    pub ended_s: i64,
    pub channel: &'static str,
    pub queue: &'static str,
    pub direction: &'static str,
    pub outcome: &'static str,
    pub offered: bool,
    pub within_target: bool,
    /// Of offered ones alone.
    pub wait_ms: Option<i64>,
    pub survey: Option<Answer>,
}

/// Everything the windows hold, by window, channel and queue.
#[derive(Debug, Clone, Default)]
pub struct Recent(BTreeMap<(&'static str, &'static str, &'static str), Place>);

#[derive(Debug, Clone, Default)]
struct Place {
    conversations: BTreeMap<(&'static str, &'static str), u64>,
    offered: u64,
    abandoned: u64,
    within_target: u64,
    waits_ms: Vec<i64>,
    csat: Vec<u8>,
    nps: Vec<u8>,
}

impl Recent {
    pub(super) fn add(&mut self, window: &'static str, glance: &Glance) {
        let key = (window, glance.channel, glance.queue);
        let place = self.0.entry(key).or_default();
        let kind = (glance.direction, glance.outcome);
        *place.conversations.entry(kind).or_default() += 1;
        place.offered += u64::from(glance.offered);
        place.abandoned += u64::from(glance.offered && glance.outcome == "abandoned");
        place.within_target += u64::from(glance.within_target);
        place.waits_ms.extend(glance.wait_ms);
        match glance.survey {
            Some(Answer::Csat(score)) => place.csat.push(score),
            Some(Answer::Nps(score)) => place.nps.push(score),
            Some(Answer::Like(_)) | None => {}
        }
    }

    /// Conversations in all windows together: 0 is no test.
    pub fn conversations(&self) -> u64 {
        self.0
            .values()
            .flat_map(|place| place.conversations.values())
            .sum()
    }

    /// Every gauge as it must stand on the page; what is not here must not stand there.
    pub fn gauges(&self) -> BTreeMap<Series, f64> {
        let mut gauges = BTreeMap::new();
        for ((window, channel, queue), place) in &self.0 {
            let labels = [
                ("window", *window),
                ("channel", *channel),
                ("queue", *queue),
            ];
            for ((direction, outcome), count) in &place.conversations {
                let own = [("direction", *direction), ("outcome", *outcome)];
                let labels = [&labels[..], &own[..]].concat();
                gauges.insert(
                    series("smartassist_recent_conversations", &labels),
                    *count as f64,
                );
            }
            for (metric, value) in place.values(*queue != "none") {
                gauges.insert(series(metric, &labels), value);
            }
        }
        gauges
    }
}

impl Place {
    /// No value rather than 0/0; no ratio for those who reached no queue.
    fn values(&self, in_queue: bool) -> Vec<(&'static str, f64)> {
        let mut values = vec![
            ("smartassist_recent_offered", self.offered as f64),
            ("smartassist_recent_abandoned", self.abandoned as f64),
            (
                "smartassist_recent_answered_within_target",
                self.within_target as f64,
            ),
        ];
        if in_queue && self.offered > 0 {
            let of_offered = |part: u64| part as f64 / self.offered as f64;
            values.push((
                "smartassist_recent_abandonment_ratio",
                of_offered(self.abandoned),
            ));
            values.push((
                "smartassist_recent_service_level_ratio",
                of_offered(self.within_target),
            ));
        }
        if let Some(mean_ms) = mean(self.waits_ms.iter().map(|wait_ms| *wait_ms as f64)) {
            values.push((
                "smartassist_recent_speed_of_answer_seconds",
                mean_ms / 1000.0,
            ));
        }
        if let Some(score) = mean(self.csat.iter().map(|score| f64::from(*score))) {
            values.push(("smartassist_recent_csat_mean", score));
        }
        // A ratio as the others.
        if in_queue
            && let Some(part) = mean(
                self.csat
                    .iter()
                    .map(|score| f64::from(u8::from(*score > 3))),
            )
        {
            values.push(("smartassist_recent_csat_ratio", part));
        }
        let promotes = |score: &u8| match score {
            0..=6 => -100.0,
            7 | 8 => 0.0,
            _ => 100.0,
        };
        if let Some(score) = mean(self.nps.iter().map(promotes)) {
            values.push(("smartassist_recent_nps", score));
        }
        values
    }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (count, sum) = values.fold((0u32, 0.0), |(count, sum), value| (count + 1, sum + value));
    (count > 0).then(|| sum / f64::from(count))
}
