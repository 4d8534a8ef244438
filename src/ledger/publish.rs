//! Ledger → [`View`]: symbols become texts, queues get their shown names, sums of one name add up.

mod queues;

use super::recent::{Parts, RecentWindow};
use super::series::{QueueSym, SeriesKey, Sum};
use super::symbols::{OVERFLOW, Sym};
use super::view::{Sample, Value, View};
use super::{Ledger, Measure};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a View is to show.
#[derive(Debug, Clone)]
pub struct Showing {
    pub account: Arc<str>,
    /// False until the first read-through of `initial_lookback` is done.
    pub sums: bool,
    /// The recent windows of which every instant was read.
    pub windows: Vec<RecentWindow>,
}

/// A channel's shown queue; `None` for `none`.
type Place = (Sym, Option<Sym>);

impl Ledger {
    /// A snapshot for the page. Pure.
    pub fn view(&self, showing: &Showing) -> View {
        let mut page = Page {
            ledger: self,
            gauges: Vec::new(),
            limit: (self.policy.max_series_per_metric / showing.windows.len().max(1)).max(1),
            conversations: BTreeMap::new(),
            folded: BTreeMap::new(),
        };
        let sums = if showing.sums {
            page.sums()
        } else {
            Vec::new()
        };
        page.queues(showing.sums);
        for window in &showing.windows {
            page.recent(window);
        }
        let overflowed = page.overflowed();
        View {
            account: showing.account.clone(),
            counting: showing.sums,
            sums,
            gauges: page.gauges,
            overflowed,
        }
    }

    /// A shown queue, with names like a missing queue's counted as missing.
    fn shown(&self, queue: QueueSym) -> Option<Sym> {
        self.names
            .shown(queue)
            .filter(|sym| &**self.symbols.text(*sym) != NONE)
    }

    fn place_text(&self, queue: Option<Sym>) -> Arc<str> {
        queue.map_or_else(|| Arc::from(NONE), |sym| self.symbols.text(sym).clone())
    }
}

const NONE: &str = "none";

/// What every place of a recent window has.
const PARTS: [Measure; 3] = [
    Measure::RecentOffered,
    Measure::RecentAbandoned,
    Measure::RecentAnsweredWithinTarget,
];

/// A View in the making.
struct Page<'a> {
    ledger: &'a Ledger,
    gauges: Vec<Sample>,
    /// Label sets that one recent window may have per measure: all windows share `max_series_per_metric`.
    limit: usize,
    /// Recent conversations of the window at hand, by label set.
    conversations: BTreeMap<Vec<Arc<str>>, u64>,
    /// Gauge label sets that found no room.
    folded: BTreeMap<Measure, u64>,
}

impl Page<'_> {
    fn sums(&self) -> Vec<Sample> {
        let ledger = self.ledger;
        let mut merged: BTreeMap<(Measure, Place, [Sym; 2], Sym), Sum> = BTreeMap::new();
        for (key, sum) in ledger.sums.iter() {
            let agent = if ledger.policy.per_agent {
                key.agent
            } else {
                Sym::ABSENT
            };
            let place = (key.channel, ledger.shown(key.queue));
            merged
                .entry((key.measure, place, key.own, agent))
                .and_modify(|shown| shown.add(sum))
                .or_insert_with(|| sum.clone());
        }
        let sample = |((measure, (channel, queue), own, agent), sum): (
            (Measure, Place, [Sym; 2], Sym),
            Sum,
        )| {
            let (shape, text) = (measure.shape(), |sym| ledger.symbols.text(sym).clone());
            let mut labels = Vec::with_capacity(5);
            labels.push(text(channel));
            labels.extend(shape.queue.then(|| ledger.place_text(queue)));
            labels.extend(own.into_iter().take(shape.own).map(text));
            labels.extend((shape.agent && ledger.policy.per_agent).then(|| text(agent)));
            Sample {
                measure,
                labels,
                value: sum.into(),
            }
        };
        merged.into_iter().map(sample).collect()
    }

    fn recent(&mut self, window: &RecentWindow) {
        let ledger = self.ledger;
        let limit = self.limit;
        let mut kept: BTreeMap<Place, Parts> = BTreeMap::new();
        for ((channel, queue), parts) in ledger.recents.parts(window, &ledger.names) {
            let queue = queue.filter(|sym| &**ledger.symbols.text(*sym) != NONE);
            let place = match kept.len() < limit || kept.contains_key(&(channel, queue)) {
                true => (channel, queue),
                false => {
                    self.fold(&PARTS, 1);
                    (Sym::OVERFLOW, Some(Sym::OVERFLOW))
                }
            };
            kept.entry(place).or_default().add(&parts);
        }
        for ((channel, queue), parts) in &kept {
            self.recent_place(window, *channel, *queue, parts);
        }
        self.recent_conversations(window);
    }

    /// Direction and outcome make several label sets of one place: they are held to the limit apart.
    fn recent_conversations(&mut self, window: &RecentWindow) {
        let overflow: Arc<str> = Arc::from(OVERFLOW);
        let mut folded = 0;
        for (at, (labels, count)) in std::mem::take(&mut self.conversations)
            .into_iter()
            .enumerate()
        {
            match at < self.limit {
                true => self.gauge(Measure::RecentConversations, labels, count as f64),
                false => folded += count,
            }
        }
        if folded > 0 {
            *self.folded.entry(Measure::RecentConversations).or_default() += folded;
            let labels = std::iter::once(window.label.clone())
                .chain(std::iter::repeat_n(overflow, 4))
                .collect();
            self.gauge(Measure::RecentConversations, labels, folded as f64);
        }
    }

    fn recent_place(
        &mut self,
        window: &RecentWindow,
        channel: Sym,
        queue: Option<Sym>,
        parts: &Parts,
    ) {
        let ledger = self.ledger;
        let labels = vec![
            window.label.clone(),
            ledger.symbols.text(channel).clone(),
            ledger.place_text(queue),
        ];
        for ((direction, outcome), count) in &parts.conversations {
            let mut labels = labels.clone();
            labels.extend([
                ledger.symbols.text(*direction).clone(),
                Arc::from(outcome.as_str()),
            ]);
            *self.conversations.entry(labels).or_default() += count;
        }
        let named = queue.is_some();
        let values = [
            (Measure::RecentOffered, Some(parts.offered as f64)),
            (Measure::RecentAbandoned, Some(parts.abandoned as f64)),
            (
                Measure::RecentAnsweredWithinTarget,
                Some(parts.answered_within_target as f64),
            ),
            // Whoever hangs up before any queue is in no queue's ratio.
            (
                Measure::RecentAbandonmentRatio,
                parts.abandonment_ratio().filter(|_| named),
            ),
            (
                Measure::RecentServiceLevelRatio,
                parts.service_level_ratio().filter(|_| named),
            ),
            (
                Measure::RecentSpeedOfAnswer,
                parts.speed_of_answer_seconds(),
            ),
            (Measure::RecentCsatMean, parts.csat_mean()),
            (
                Measure::RecentCsatRatio,
                parts.csat_ratio().filter(|_| named),
            ),
            (Measure::RecentNps, parts.nps()),
        ];
        for (measure, value) in values {
            if let Some(value) = value {
                self.gauge(measure, labels.clone(), value);
            }
        }
    }

    /// Notes label sets that found no room.
    fn fold(&mut self, measures: &[Measure], sets: usize) {
        for measure in measures.iter().filter(|_| sets > 0) {
            *self.folded.entry(*measure).or_default() += sets as u64;
        }
    }

    fn gauge(&mut self, measure: Measure, labels: Vec<Arc<str>>, value: f64) {
        self.gauges.push(Sample {
            measure,
            labels,
            value: Value::Gauge(value),
        });
    }

    /// Increments that stand in overflow series, per measure that has any.
    fn overflowed(&self) -> Vec<(Measure, u64)> {
        let sums = Measure::SUMS.into_iter().filter_map(|measure| {
            let sum = self.ledger.sums.get(&SeriesKey::overflow(measure))?;
            Some((measure, sum.count()))
        });
        sums.chain(
            self.folded
                .iter()
                .map(|(measure, count)| (*measure, *count)),
        )
        .collect()
    }
}

impl From<Sum> for Value {
    fn from(sum: Sum) -> Value {
        match sum {
            Sum::Count(count) => Value::Count(count),
            Sum::Histogram {
                buckets,
                sum_millis,
            } => Value::Histogram {
                buckets,
                sum_millis,
            },
        }
    }
}
