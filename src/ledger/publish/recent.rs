//! Recent windows: parts that add up over queues, and the ratios and means that do not.

use super::{Place, Snapshot};
use crate::ledger::recent::{Parts, RecentWindow};
use crate::ledger::symbols::{OVERFLOW, Sym};
use crate::ledger::targets::NONE;
use crate::ledger::{Measure, QueueSym};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What every place of a recent window has.
const PARTS: [Measure; 3] = [
    Measure::RecentOffered,
    Measure::RecentAbandoned,
    Measure::RecentAnsweredWithinTarget,
];

impl Snapshot<'_> {
    pub(super) fn recent(&mut self, window: &RecentWindow) {
        let ledger = self.ledger;
        let limit = self.limit;
        let mut kept: BTreeMap<Place, Parts> = BTreeMap::new();
        for ((channel, queue), parts) in ledger.recents.parts(window, &ledger.names) {
            let queue = queue.filter(|sym| &**ledger.symbols.text(*sym) != NONE);
            let place = if kept.len() < limit || kept.contains_key(&(channel, queue)) {
                (channel, queue)
            } else {
                self.fold(&PARTS, 1);
                (Sym::OVERFLOW, Some(Sym::OVERFLOW))
            };
            kept.entry(place).or_default().add(&parts);
        }
        for ((channel, queue), parts) in &kept {
            let (id, name) = (Sym::ABSENT, queue.unwrap_or(Sym::ABSENT));
            self.places.push((*channel, QueueSym { id, name }));
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
            if at < self.limit {
                self.gauge(Measure::RecentConversations, labels, count as f64);
            } else {
                folded += count;
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
}
