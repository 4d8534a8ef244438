//! Facts not counted before → increments. Pure: reads the ledger, returns a [`Commit`].

mod claim;
mod queues;

use super::commit::{Before, Change, Commit, Tally};
use super::entry::{Counted, Entry, Known};
use super::id::{Id, Ids};
use super::increments::{Increment, increments};
use super::names::QueueName;
use super::seen::Take;
use super::series::{QueueSym, SeriesKey, Sum};
use super::symbols::{Interner, Sym};
use super::{Ledger, Measure};
use crate::fact::{Conversation, Derived, Fact, Field, Kind, Queue, Stage};
use rustc_hash::{FxHashMap, FxHashSet};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The records of one window, derived.
#[derive(Debug, Default)]
pub struct Batch<'r> {
    /// Rows whose bytes were counted before: not even parsed.
    pub known: u64,
    /// Digests of those among them that stand beside `records`.
    pub standing: FxHashSet<u64>,
    /// Rows without identity, or that are no object.
    pub rejected: u64,
    pub records: Vec<Record<'r>>,
}

/// One record, and what stands for its bytes.
#[derive(Debug)]
pub struct Record<'r> {
    pub ids: Ids,
    pub digest: u64,
    pub derived: Derived<'r>,
}

impl Ledger {
    /// Counts what was not counted before. `known` holds the stored entries of every id in the batch;
    /// records whose latest time is below `floor_s` are left alone.
    pub fn apply(&self, batch: Batch<'_>, known: Known, floor_s: i64) -> Commit {
        let Batch {
            known: repeats,
            standing,
            rejected,
            mut records,
        } = batch;
        let received = repeats + rejected + records.len() as u64;
        // A window may hold several versions of a conversation in any order. The fullest is taken first, since the
        // first one fixes channel, queue, direction and outcome; then the order of rows and pages means nothing.
        records.sort_by_cached_key(|record| {
            (
                record.ids.conversation.is_none(),
                Reverse(record.derived.facts.len()),
                record.digest,
            )
        });
        let mut draft = Draft {
            ledger: self,
            floor_s,
            known,
            changes: FxHashMap::default(),
            interner: Interner::new(&self.symbols),
            sums: FxHashMap::default(),
            sets: FxHashMap::default(),
            names: FxHashMap::default(),
            counted: FxHashSet::default(),
            standing,
            tally: Tally {
                received,
                unchanged: repeats,
                rejected,
                ..Tally::default()
            },
        };
        draft.learn(&records);
        for record in &records {
            match draft.record(record) {
                true => draft.tally.applied += 1,
                false => draft.tally.unchanged += 1,
            }
        }
        draft.finish()
    }
}

/// A commit in the making.
struct Draft<'a> {
    ledger: &'a Ledger,
    floor_s: i64,
    known: Known,
    /// Entries to be written, and what they were.
    changes: FxHashMap<Id, Option<Before>>,
    interner: Interner<'a>,
    sums: FxHashMap<SeriesKey, Sum>,
    /// Label sets that this commit adds, per measure.
    sets: FxHashMap<Measure, usize>,
    names: FxHashMap<Sym, QueueName>,
    /// Conversations of which the window's fullest version was counted: another beside it, from a page that was read
    /// while the window filled, may add facts, but revises none.
    counted: FxHashSet<Id>,
    /// The same holds beside a version that was counted before and stands in the window still.
    standing: FxHashSet<u64>,
    tally: Tally,
}

impl Draft<'_> {
    /// True if at least one fact was new.
    fn record(&mut self, record: &Record<'_>) -> bool {
        let derived = &record.derived;
        let Some(latest_s) = derived.start_s.max(derived.end_s) else {
            // Without any time it could never be forgotten, so it is not remembered either. It can't have ended.
            self.refuse_untracked(derived);
            return false;
        };
        if latest_s < self.floor_s {
            return false;
        }
        let Some((mut entry, before)) = self.claim(&record.ids, latest_s) else {
            return false;
        };
        let mut dirty =
            before.is_none_or(|before| before.id != entry.id || entry.latest_s < latest_s);
        entry.latest_s = entry.latest_s.max(latest_s);
        for (field, values) in refused(derived) {
            let new = entry.seen.take_refused(field, values);
            if new > 0 {
                *self.tally.refused.entry(field).or_default() += new;
                dirty = true;
            }
        }
        let mut applied = false;
        if let (Stage::Ended, Some(conversation)) = (derived.stage, &derived.conversation) {
            let stands = |digest| self.standing.contains(&digest);
            let alone = !entry.digest.is_some_and(stands) && self.counted.insert(entry.id);
            let (new, revised) = self.count(&mut entry, conversation, &derived.facts, alone);
            applied = new;
            dirty |= new || revised;
            if alone {
                dirty |= entry.digest != Some(record.digest);
                entry.digest = Some(record.digest);
            }
        }
        if dirty {
            self.changes.entry(entry.id).or_insert(before);
        }
        self.known.entries.insert(entry.id, entry);
        applied
    }

    fn refuse_untracked(&mut self, derived: &Derived<'_>) {
        for (field, values) in refused(derived) {
            *self.tally.refused.entry(field).or_default() += u64::from(values);
        }
    }

    /// Counts the facts that are new: (any new, any revised). Nothing is revised by a record that does not stand
    /// `alone` for its conversation.
    fn count(
        &mut self,
        entry: &mut Entry,
        conversation: &Conversation<'_>,
        facts: &[Fact<'_>],
        alone: bool,
    ) -> (bool, bool) {
        let mut counted = match entry.counted {
            None => self.first_count(conversation),
            Some(counted) => counted,
        };
        counted.ended_s = counted.ended_s.max(conversation.ended_s);
        let (mut new, mut revised) = (false, false);
        // Facts of one destination follow each other: its queue is looked up once.
        let mut place = (Queue::default(), QueueSym::default());
        entry.seen.reserve(facts.len());
        for fact in facts {
            if !alone && entry.seen.has(fact) {
                continue;
            }
            let take = match fact.kind {
                Kind::Conversation => entry.seen.take_conversation(conversation),
                _ => entry.seen.take(fact),
            };
            match take {
                Take::Known => {}
                Take::Revised => {
                    *self.tally.revised.entry(fact.kind).or_default() += 1;
                    revised = true;
                }
                Take::New => {
                    let queue = fact.queue.unwrap_or_default();
                    if queue != place.0 {
                        place = (queue, self.queue(queue));
                    }
                    self.increment(&counted, fact, place.1);
                    match fact.kind {
                        Kind::Csat => counted.csat = fact.text.parse().ok(),
                        Kind::Nps => counted.nps = fact.text.parse().ok(),
                        _ => {}
                    }
                    new = true;
                }
            }
        }
        if alone {
            entry.seen.miss(facts, |kind| {
                *self.tally.revised.entry(kind).or_default() += 1;
                revised = true;
            });
        }
        revised |= entry.counted != Some(counted);
        entry.counted = Some(counted);
        (new, revised)
    }

    /// What a conversation keeps for good, with the targets of this moment.
    fn first_count(&mut self, conversation: &Conversation<'_>) -> Counted {
        let wait_millis = conversation.first_answer.and_then(|(_, wait)| wait);
        let within_target = conversation.offered
            && conversation.first_answer.is_some_and(|(queue, wait)| {
                wait.is_some_and(|wait| {
                    wait <= self.service_level_millis(conversation.channel, queue)
                })
            });
        Counted {
            channel: self.interner.sym(conversation.channel),
            queue: self.queue(conversation.queue),
            direction: self.interner.sym(&conversation.direction),
            outcome: conversation.outcome,
            offered: conversation.offered,
            within_target,
            ended_s: conversation.ended_s,
            wait_millis,
            csat: None,
            nps: None,
        }
    }

    /// `place` is the queue of the fact's destination; facts of the whole conversation carry the conversation's.
    fn increment(&mut self, counted: &Counted, fact: &Fact<'_>, place: QueueSym) {
        let queue = if fact.queue.is_some() {
            place
        } else {
            counted.queue
        };
        let agent = match (self.ledger.policy.per_agent, fact.agent) {
            (true, Some(agent)) => Some(self.interner.sym(agent)),
            _ => None,
        };
        let text = self.interner.sym(&fact.text);
        let interner = &mut self.interner;
        let mut sym = |text: &str| interner.sym(text);
        for Increment { measure, own } in increments(fact.kind, counted, text, agent, &mut sym) {
            let key = SeriesKey {
                measure,
                channel: counted.channel,
                queue: if measure.shape().queue {
                    queue
                } else {
                    QueueSym::default()
                },
                own,
            };
            self.add(key, fact.millis);
        }
    }

    fn add(&mut self, key: SeriesKey, millis: u64) {
        if let Some(sum) = self.sums.get_mut(&key) {
            return sum.observe(key.measure, millis);
        }
        let key = self.admit(key);
        let base = self.ledger.sums.get(&key);
        let sum = self.sums.entry(key);
        sum.or_insert_with(|| base.cloned().unwrap_or_else(|| Sum::zero(key.measure)))
            .observe(key.measure, millis);
    }

    /// The key itself while its measure has room, else the overflow series.
    fn admit(&mut self, key: SeriesKey) -> SeriesKey {
        let base = &self.ledger.sums;
        if base.get(&key).is_some() {
            return key;
        }
        let added = self.sets.entry(key.measure).or_default();
        if base.sets(key.measure) + *added >= self.ledger.policy.max_series_per_metric {
            return SeriesKey::overflow(key.measure);
        }
        *added += 1;
        key
    }

    fn finish(mut self) -> Commit {
        let entries = &mut self.known.entries;
        let mut changes: Vec<Change> = self
            .changes
            .into_iter()
            .filter_map(|(id, before)| entries.remove(&id).map(|entry| Change { entry, before }))
            .collect();
        changes.sort_unstable_by_key(|change| change.entry.id);
        let mut sums: Vec<_> = self.sums.into_iter().collect();
        sums.sort_unstable_by_key(|(key, _)| *key);
        let mut names: Vec<_> = self.names.into_iter().collect();
        names.sort_unstable_by_key(|(id, _)| *id);
        Commit {
            entries: changes,
            sums,
            symbols: self.interner.new,
            names,
            floor_s: self.floor_s,
            tally: self.tally,
        }
    }
}

/// A record's refused values by field.
fn refused(derived: &Derived<'_>) -> BTreeMap<Field, u32> {
    let mut values = BTreeMap::new();
    for reject in &derived.rejects {
        let sum: &mut u32 = values.entry(reject.field).or_default();
        *sum = sum.saturating_add(reject.values);
    }
    values
}
