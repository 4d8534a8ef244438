//! Queues by id and name, and what each is held to.

use super::{NONE, Page};
use crate::ledger::symbols::{OVERFLOW, Sym};
use crate::ledger::{Measure, QueueSym, Target};
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Shown queue name → the target of an id that goes by it, where one was set for the id.
type Named<'l> = BTreeMap<Arc<str>, Option<&'l Target>>;

impl<'l> Page<'l> {
    /// Every id with its latest name, and the targets of every queue that is named anywhere: by a record, by the
    /// configuration, or, if `sums` are shown, by one of them.
    pub(super) fn queues(&mut self, sums: bool) {
        let targets = self.named(sums);
        let text = |sym| self.ledger.symbols.text(sym).clone();
        let names = self.ledger.names.iter();
        let ids: BTreeMap<_, _> = names.map(|(id, it)| (text(id), text(it.latest))).collect();
        let most = self.ledger.policy.max_series_per_metric;
        self.fold(&[Measure::QueueInfo], ids.len().saturating_sub(most));
        let rest = (ids.len() > most).then(|| (Arc::from(OVERFLOW), Arc::from(OVERFLOW)));
        for (id, name) in ids.into_iter().take(most).chain(rest) {
            self.gauge(Measure::QueueInfo, vec![id, name], 1.0);
        }
        self.targets(targets, most);
    }

    fn named(&self, sums: bool) -> Named<'l> {
        let ledger = self.ledger;
        let configured = &ledger.policy.targets.queues;
        let mut queues: FxHashSet<QueueSym> = FxHashSet::default();
        let mut ids: FxHashSet<&str> = FxHashSet::default();
        for (id, names) in ledger.names.iter() {
            ids.insert(ledger.symbols.text(id));
            queues.extend([names.first, names.latest].map(|name| QueueSym { id, name }));
        }
        if sums {
            queues.extend(ledger.sums.iter().map(|(key, _)| key.queue));
        }
        let mut named: Named = configured
            .keys()
            .filter(|key| !ids.contains(key.as_str()))
            .map(|key| (Arc::from(key.as_str()), None))
            .collect();
        for queue in queues {
            let Some(name) = ledger.shown(queue).filter(|name| *name != Sym::OVERFLOW) else {
                continue;
            };
            let target = configured.get(&**ledger.symbols.text(queue.id));
            let known = named
                .entry(ledger.symbols.text(name).clone())
                .or_insert(target);
            *known = known.or(target);
        }
        named.retain(|name, _| &**name != NONE && &**name != OVERFLOW);
        named
    }

    fn targets(&mut self, named: Named<'l>, most: usize) {
        let targets = &self.ledger.policy.targets;
        self.fold(&TARGETS, named.len().saturating_sub(most));
        let rest = (named.len() > most).then(|| (Arc::from(OVERFLOW), None));
        for (name, target) in named.into_iter().take(most).chain(rest) {
            let target = target.unwrap_or_else(|| targets.of(None, Some(&name)));
            let seconds = |millis: u64| millis as f64 / 1000.0;
            let values = [
                target.abandonment_ratio,
                seconds(target.service_level_millis),
                target.service_level_ratio,
                seconds(target.speed_of_answer_millis),
            ];
            for (measure, value) in TARGETS.into_iter().zip(values) {
                self.gauge(measure, vec![name.clone()], value);
            }
        }
    }
}

const TARGETS: [Measure; 4] = [
    Measure::AbandonmentTargetRatio,
    Measure::ServiceLevelTargetSeconds,
    Measure::ServiceLevelTargetRatio,
    Measure::SpeedOfAnswerTargetSeconds,
];
