//! Queues by id and name, and what each is held to.

use super::Snapshot;
use crate::ledger::symbols::{OVERFLOW, Sym};
use crate::ledger::targets::{NONE, same};
use crate::ledger::{Measure, QueueSym, Target};
use rustc_hash::FxHashSet;
use std::array;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What is known of the queues that are shown under one name.
#[derive(Default)]
struct Shown<'l> {
    /// The ids that go by the name.
    ids: BTreeSet<&'l str>,
    /// The channels of conversations in it, those alone that have targets of their own.
    channels: BTreeSet<&'l Arc<str>>,
}

/// What a channel is held to in a queue, in the order of [`TARGETS`]; of a channel's own, only what differs.
struct Held {
    /// Empty for all channels.
    channel: Arc<str>,
    queue: Arc<str>,
    values: [Option<f64>; 5],
}

type Queues<'l> = BTreeMap<Arc<str>, Shown<'l>>;

impl<'l> Snapshot<'l> {
    /// Every id with its latest name.
    pub(super) fn queue_info(&mut self) {
        let text = |sym| self.ledger.symbols.text(sym).clone();
        let names = self.ledger.names.iter();
        let ids: BTreeMap<_, _> = names.map(|(id, it)| (text(id), text(it.latest))).collect();
        let most = self.ledger.policy.max_series_per_metric;
        self.fold(&[Measure::QueueInfo], ids.len().saturating_sub(most));
        let rest = (ids.len() > most).then(|| (Arc::from(OVERFLOW), Arc::from(OVERFLOW)));
        for (id, name) in ids.into_iter().take(most).chain(rest) {
            self.gauge(Measure::QueueInfo, vec![id, name], 1.0);
        }
    }

    /// The targets of every known queue: for all channels, and for each channel that is held to another one there.
    pub(super) fn targets(&mut self) {
        let targets = &self.ledger.policy.targets;
        let (mut held, mut of_channels) = (Vec::new(), Vec::new());
        for (queue, shown) in self.known_queues() {
            let id = shown.ids.iter().find(|id| targets.has_queue(id)).copied();
            let of_all = values(&targets.of(None, id, Some(&queue)));
            for channel in shown.channels {
                let own = values(&targets.of(Some(channel), id, Some(&queue)));
                of_channels.push(Held {
                    channel: channel.clone(),
                    queue: queue.clone(),
                    values: array::from_fn(|at| Some(own[at]).filter(|own| *own != of_all[at])),
                });
            }
            held.push(Held {
                channel: Arc::from(""),
                queue,
                values: of_all.map(Some),
            });
        }
        // Whole queues come first: where there is no room for the channels' own targets, rules fall back on the queue's.
        held.extend(of_channels);
        let most = self.ledger.policy.max_series_per_metric;
        let of_account = values(&targets.of(None, None, None));
        for (at, measure) in TARGETS.into_iter().enumerate() {
            let sets = held.iter().filter_map(|it| Some((it, it.values[at]?)));
            let folded = sets.clone().count().saturating_sub(most);
            for (it, value) in sets.take(most) {
                self.gauge(measure, vec![it.channel.clone(), it.queue.clone()], value);
            }
            if folded > 0 {
                self.fold(&[measure], folded);
                let rest = vec![Arc::from(""), Arc::from(OVERFLOW)];
                self.gauge(measure, rest, of_account[at]);
            }
        }
    }

    /// Every queue that is named anywhere: by a record, a sum, a recent window or the configuration.
    fn known_queues(&self) -> Queues<'l> {
        let ledger = self.ledger;
        let targets = &ledger.policy.targets;
        let text = |sym: Sym| ledger.symbols.text(sym);
        let mut queues = Queues::new();
        let mut ids: BTreeSet<String> = BTreeSet::new();
        for (id, names) in ledger.names.iter() {
            ids.insert(same(text(id)));
            for name in [names.first, names.latest] {
                let shown = queues.entry(text(name).clone()).or_default();
                shown.ids.insert(text(id));
            }
        }
        let mut own: BTreeMap<Sym, bool> = BTreeMap::new();
        let mut has_own = |channel: Sym| {
            *own.entry(channel)
                .or_insert_with(|| targets.has_channel(text(channel)))
        };
        let of_sums = ledger.sums.iter().map(|(key, _)| (key.channel, key.queue));
        let of_recents = self.places.iter().copied();
        // There are a hundred sums to a place.
        let places: FxHashSet<(Sym, QueueSym)> = of_sums.chain(of_recents).collect();
        for (channel, queue) in places {
            let Some(name) = ledger.shown(queue) else {
                continue;
            };
            let shown = queues.entry(text(name).clone()).or_default();
            if !queue.id.is_absent() {
                shown.ids.insert(text(queue.id));
            }
            if has_own(channel) {
                shown.channels.insert(text(channel));
            }
        }
        // Whoever set a target wants to see it before the first conversation; an id is shown by its name.
        let named: BTreeSet<String> = queues.keys().map(|name| same(name)).collect();
        for queue in targets.queues() {
            let key = same(queue);
            if !named.contains(&key) && !ids.contains(&key) {
                queues.entry(queue.clone()).or_default();
            }
        }
        queues.retain(|name, _| &**name != NONE && &**name != OVERFLOW);
        queues
    }
}

const TARGETS: [Measure; 5] = [
    Measure::AbandonmentTargetRatio,
    Measure::ServiceLevelTargetSeconds,
    Measure::ServiceLevelTargetRatio,
    Measure::SpeedOfAnswerTargetSeconds,
    Measure::LongestWaitTargetSeconds,
];

/// In the order of [`TARGETS`].
fn values(target: &Target) -> [f64; 5] {
    let seconds = |millis: u64| millis as f64 / 1000.0;
    [
        target.abandonment_ratio,
        seconds(target.service_level_millis),
        target.service_level_ratio,
        seconds(target.speed_of_answer_millis),
        seconds(target.longest_wait_millis),
    ]
}
