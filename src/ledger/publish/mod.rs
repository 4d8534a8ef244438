//! Ledger → [`View`]: symbols become texts, queues get their shown names, sums of one name add up.

mod queues;
mod recent;

use super::recent::RecentWindow;
use super::seen::Fixed;
use super::series::{Own, QueueSym, SeriesKey, Sum};
use super::symbols::Sym;
use super::targets::NONE;
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
        let mut snapshot = Snapshot {
            ledger: self,
            gauges: Vec::new(),
            limit: (self.policy.max_series_per_metric / showing.windows.len().max(1)).max(1),
            conversations: BTreeMap::new(),
            places: Vec::new(),
            folded: BTreeMap::new(),
        };
        let sums = if showing.sums {
            snapshot.sums()
        } else {
            Vec::new()
        };
        for window in &showing.windows {
            snapshot.recent(window);
        }
        snapshot.queue_info();
        snapshot.targets();
        let overflowed = snapshot.overflowed();
        View {
            account: showing.account.clone(),
            counting: showing.sums,
            sums,
            gauges: snapshot.gauges,
            overflowed,
        }
    }

    /// The label values under which a sum is shown, in the order of the metrics table's labels; `None` for one that is not.
    pub fn labels(&self, key: &SeriesKey) -> Option<Vec<Arc<str>>> {
        let place = (key.channel, self.shown(key.queue));
        self.shows(key.measure)
            .then(|| self.texts(key.measure, place, key.own))
    }

    fn texts(&self, measure: Measure, (channel, queue): Place, own: Own) -> Vec<Arc<str>> {
        let text = |sym| self.symbols.text(sym).clone();
        let label = |label: &&str| match *label {
            "channel" => text(channel),
            "queue" => self.place_text(queue),
            "direction" | "smart_status" => text(own.direction),
            "agent" => text(own.agent),
            "from" => text(own.from),
            "to" => text(own.to),
            _ => text(own.word),
        };
        measure.metric().labels.iter().map(label).collect()
    }

    /// A shown queue, with names like a missing queue's counted as missing.
    fn shown(&self, queue: QueueSym) -> Option<Sym> {
        self.names
            .shown(queue)
            .filter(|sym| &**self.symbols.text(*sym) != NONE)
    }

    /// With the names of queues that one is told to have changed from and to by their ids.
    fn named(&self, key: &SeriesKey) -> Own {
        let own = key.own;
        let is_change = key.measure == Measure::Corrections;
        if !is_change || &**self.symbols.text(own.word) != Fixed::Queue.as_str() {
            return own;
        }
        let name = |sym: Sym| {
            let (id, name) = (sym, Sym::ABSENT);
            self.shown(QueueSym { id, name }).unwrap_or(sym)
        };
        let (from, to) = (name(own.from), name(own.to));
        Own { from, to, ..own }
    }

    fn place_text(&self, queue: Option<Sym>) -> Arc<str> {
        queue.map_or_else(|| Arc::from(NONE), |sym| self.symbols.text(sym).clone())
    }

    /// Agents are shown only while they are wanted; what was counted of them waits.
    fn shows(&self, measure: Measure) -> bool {
        self.policy.per_agent || !measure.shape().agent
    }
}

/// A View in the making.
struct Snapshot<'l> {
    ledger: &'l Ledger,
    gauges: Vec<Sample>,
    /// Label sets that one recent window may have per measure: all windows share `max_series_per_metric`.
    limit: usize,
    /// Recent conversations of the window at hand, by label set.
    conversations: BTreeMap<Vec<Arc<str>>, u64>,
    /// The channels and queues of the recent windows.
    places: Vec<(Sym, QueueSym)>,
    /// Gauge label sets that found no room.
    folded: BTreeMap<Measure, u64>,
}

impl Snapshot<'_> {
    fn sums(&self) -> Vec<Sample> {
        let ledger = self.ledger;
        let mut merged: BTreeMap<(Measure, Place, Own), Sum> = BTreeMap::new();
        for (key, sum) in ledger.sums.iter() {
            if ledger.shows(key.measure) {
                let place = (key.channel, ledger.shown(key.queue));
                merged
                    .entry((key.measure, place, ledger.named(key)))
                    .and_modify(|shown| shown.add(sum))
                    .or_insert_with(|| sum.clone());
            }
        }
        let sample = |((measure, place, own), sum): ((Measure, Place, Own), Sum)| Sample {
            measure,
            labels: ledger.texts(measure, place, own),
            value: Value::of(measure, sum),
        };
        merged.into_iter().map(sample).collect()
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
        let stored = Measure::ALL.iter().copied();
        let shown = stored.filter(|measure| measure.is_sum() && self.ledger.shows(*measure));
        let sums = shown.filter_map(|measure| {
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

impl Value {
    fn of(measure: Measure, sum: Sum) -> Value {
        match sum {
            Sum::Count(millis) if measure.counts_time() => Value::Millis(millis),
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
