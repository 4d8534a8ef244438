//! What a window says of a spike of abandonment: its conversations → evidence, and evidence → what is shown.
//!
//! An offered conversation speaks as soon as it has ended, though it may still settle; what turns out otherwise is taken
//! back. Its names are those of its own record.
//!
//! Invariant: evidence is of what is committed, and is committed with it. The first reading brings the past in no order:
//! evidence begins when it is done, from the recent conversations.

use crate::evidence::{Conversation, Detector, Settings, Taken};
use crate::fact::{self, Outcome, Queue, Stage};
use crate::ledger::{
    Commit, Counted, Id, Ids, Ledger, Measure, NO_QUEUE, Policy, Sample, Value, Version, label,
};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// One record of a window, as far as it matters here.
pub(super) struct Said<'r> {
    ids: Ids,
    /// `None` while it runs.
    ended: Option<(Stage, fact::Conversation<'r>)>,
}

/// Where a conversation was held, as it is shown.
struct Place<'a> {
    channel: &'a str,
    queue_id: Option<&'a str>,
    queue: Option<&'a str>,
}

impl<'a> Place<'a> {
    /// An offered conversation there, held to the targets of the place.
    fn conversation(&self, ledger: &Ledger, ended_s: i64, abandoned: bool) -> Conversation<'a> {
        let targets = &ledger.policy.targets;
        let target = targets.of(Some(self.channel), self.queue_id, self.queue);
        Conversation {
            ended_s,
            channel: self.channel,
            queue: self.queue.filter(|name| *name != NO_QUEUE),
            abandoned,
            target: target.abandonment_ratio,
        }
    }
}

/// How an account is judged.
pub(super) fn settings(policy: &Policy, false_pages_per_month: f64) -> Settings {
    let default = Settings::default();
    Settings {
        false_pages_per_month,
        scopes: default.scopes.min(policy.max_series_per_metric),
        ..default
    }
}

/// Taken before the ledger takes the records themselves.
pub(super) fn said<'r>(records: &[Version<'r>]) -> Vec<Said<'r>> {
    let said = |version: &Version<'r>| {
        let conversation = version.derived.conversation.clone();
        Said {
            ids: version.ids,
            ended: conversation.map(|conversation| (version.derived.stage, conversation)),
        }
    };
    records.iter().map(said).collect()
}

/// Puts in what a window's records say, and tells of those that speak for the first time when they ended, and whether
/// they were abandoned. `commit` is what the ledger makes of them: of those that count, only the first count speaks.
pub(super) fn take(
    detector: &mut Detector,
    said: &[Said<'_>],
    commit: &Commit,
    ledger: &Ledger,
    now_s: i64,
) -> Vec<(i64, bool)> {
    let mut new = Vec::new();
    for change in &commit.entries {
        if let Some(before) = change.before.filter(|before| before.id != change.entry.id) {
            detector.take_back(number(before.id));
        }
    }
    let first: FxHashMap<Id, &Counted> = commit.first_counts().collect();
    for Said { ids, ended } in said {
        let Some(id) = ids.conversation.or(ids.session) else {
            continue;
        };
        let Some((stage, conversation)) = ended else {
            detector.take_back(number(id));
            continue;
        };
        let (offered, outcome, ended_s) = match (stage, first.get(&id)) {
            (Stage::Ended, None) => continue,
            (Stage::Ended, Some(counted)) => (counted.offered, counted.outcome, counted.ended_s),
            (Stage::Settling | Stage::Live, _) => (
                conversation.offered,
                conversation.outcome,
                conversation.ended_s,
            ),
        };
        if !offered {
            detector.take_back(number(id));
            continue;
        }
        let queue = shown(conversation.queue, ledger);
        let place = Place {
            channel: label(conversation.channel),
            queue_id: conversation.queue.id,
            queue: queue.as_deref(),
        };
        let abandoned = outcome == Outcome::Abandoned;
        let known = detector.knows(number(id));
        let taken = detector.put(
            number(id),
            &place.conversation(ledger, ended_s.min(now_s), abandoned),
        );
        if taken == Taken::Judged && !known {
            new.push((ended_s, abandoned));
        }
    }
    new
}

/// A detector that has seen the recent conversations, in the order of their ends.
pub(super) fn anew(ledger: &Ledger, settings: Settings, now_s: i64) -> Detector {
    let mut detector = Detector::new(settings);
    let text = |sym| &**ledger.symbols.text(sym);
    for (id, counted) in ledger.recents.iter().filter(|(_, it)| it.offered) {
        let queue = ledger.names.shown(counted.queue).map(text);
        let queue_id = (!counted.queue.id.is_absent()).then(|| text(counted.queue.id));
        let place = Place {
            channel: text(counted.channel),
            queue_id,
            queue,
        };
        let abandoned = counted.outcome == Outcome::Abandoned;
        let ended_s = counted.ended_s.min(now_s);
        detector.put(number(id), &place.conversation(ledger, ended_s, abandoned));
    }
    detector
}

/// The gauges of every scope that can be judged.
pub(super) fn samples(detector: &mut Detector, now_s: i64) -> Vec<Sample> {
    let mut samples = Vec::new();
    for reading in detector.readings(now_s) {
        let labels: Vec<Arc<str>> = reading.scope.labels().map(Arc::from).to_vec();
        let values = [
            (Measure::AbandonmentEvidence, reading.evidence),
            (Measure::AbandonmentEvidenceLimit, reading.limit),
            (Measure::AbandonmentUsualRatio, reading.usual),
        ];
        samples.extend(values.map(|(measure, value)| Sample {
            measure,
            labels: labels.clone(),
            value: Value::Gauge(value),
        }));
    }
    samples
}

/// The name a record's queue is shown under: its own, else the first learned for its id, else the id.
fn shown(queue: Queue<'_>, ledger: &Ledger) -> Option<Arc<str>> {
    let learned = || {
        let id = ledger.symbols.find(queue.id?)?;
        let name = ledger.names.get(id)?.first;
        Some(ledger.symbols.text(name).clone())
    };
    let name = queue.name.map(|name| Arc::from(label(name)));
    let name = name.or_else(learned);
    name.or_else(|| queue.id.map(|id| Arc::from(label(id))))
}

/// What a conversation is known by; never 0.
fn number(id: Id) -> u64 {
    (id.0 as u64).max(1)
}

#[cfg(test)]
mod tests;
