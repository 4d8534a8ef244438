//! Facts not counted before → increments. Pure: reads the ledger, returns a [`Commit`].
//!
//! One window may hold several versions of one conversation: its pages are read one after the other while the record
//! changes, and repeat rows. Which version is the newest nobody can tell, so one of them *leads*: the one that was
//! counted before, if it stands in the window still; else the fullest. The others may add facts that the leading one
//! lacks. They revise none: that they read differently, or lack a fact, only means that they are older.

mod claim;
mod corrections;
mod quarters;
mod queues;
mod sums;

use super::commit::{Commit, Tally};
use super::entry::{Counted, Entry, Known};
use super::id::Ids;
use super::names::QueueName;
use super::quarters::Quarter;
use super::seen::{Fixed, Missed, Read, Seen, Take, Was};
use super::series::{QueueSym, SeriesKey, Sum};
use super::symbols::{Interner, Sym};
use super::{Id, Ledger, Measure};
use crate::fact::{Conversation, Derived, Fact, Field, Kind, Queue, Stage};
use claim::{Claimed, Claims};
use rustc_hash::{FxHashMap, FxHashSet};
use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The records of one window, derived.
#[derive(Debug, Default)]
pub struct Batch<'r> {
    /// Rows whose bytes were counted before: not even parsed.
    pub known: u64,
    /// Their digests, where there are `records` beside them: a conversation of which one of these stands in the window
    /// is led by it.
    pub standing: FxHashSet<u64>,
    /// Rows without identity, or that are no object.
    pub rejected: u64,
    pub records: Vec<Version<'r>>,
}

/// One record, as a version of its conversation, and what stands for its bytes.
#[derive(Debug)]
pub struct Version<'r> {
    pub ids: Ids,
    pub digest: u64,
    pub derived: Derived<'r>,
}

/// One increment of a sum, and of whom it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Increment {
    pub key: SeriesKey,
    /// What a histogram observes; 0 of a counter.
    pub millis: u64,
    pub id: Id,
    /// End of the conversation, UTC seconds.
    pub ended_s: i64,
}

impl Ledger {
    /// The same as [`apply`](Self::apply), and each increment that the commit is made of.
    pub fn apply_told(
        &self,
        batch: Batch<'_>,
        known: Known,
        floor_s: i64,
    ) -> (Commit, Vec<Increment>) {
        let mut told = Vec::new();
        let commit = self.counting(batch, known, floor_s, Some(&mut told));
        (commit, told)
    }

    /// Counts what was not counted before. `known` holds the stored entries of every id in the batch;
    /// records whose latest time is below `floor_s` are left alone.
    pub fn apply(&self, batch: Batch<'_>, known: Known, floor_s: i64) -> Commit {
        self.counting(batch, known, floor_s, None)
    }

    fn counting(
        &self,
        batch: Batch<'_>,
        known: Known,
        floor_s: i64,
        told: Option<&mut Vec<Increment>>,
    ) -> Commit {
        let Batch {
            known: repeats,
            standing,
            rejected,
            records,
        } = batch;
        let received = repeats + rejected + records.len() as u64;
        // The fullest version first: it leads, and the first one counted fixes channel, queue, direction and outcome.
        // So the order of rows and pages means nothing. Only references are put in order: a record is hundreds of bytes.
        let mut ordered: Vec<&Version<'_>> = records.iter().collect();
        ordered.sort_by_cached_key(|record| {
            (
                record.ids.conversation.is_none(),
                Reverse(record.derived.facts.len()),
                record.digest,
            )
        });
        let mut claims = Claims::new(known, records.len());
        let mut draft = Draft {
            ledger: self,
            floor_s,
            interner: Interner::new(&self.symbols),
            latest_queue: (Queue::default(), QueueSym::default()),
            sums: FxHashMap::default(),
            sets: FxHashMap::default(),
            names: FxHashMap::default(),
            quarters: BTreeMap::new(),
            standing,
            whose: (Id(0), 0),
            told,
            tally: Tally {
                received,
                unchanged: repeats,
                rejected,
                ..Tally::default()
            },
        };
        draft.learn(&records);
        for record in ordered {
            let latest_s = record.derived.latest_s;
            let claimed = (latest_s >= floor_s)
                .then(|| claims.claim(&record.ids, latest_s))
                .flatten();
            if claimed.is_some_and(|claimed| draft.record(record, claimed)) {
                draft.tally.applied += 1;
            } else {
                draft.tally.unchanged += 1;
            }
        }
        draft.finish(claims)
    }
}

/// A commit in the making: what is counted. Of whom, [`Claims`] know.
struct Draft<'a> {
    ledger: &'a Ledger,
    floor_s: i64,
    interner: Interner<'a>,
    /// The queue that was looked up last: mostly it is asked for again.
    latest_queue: (Queue<'a>, QueueSym),
    sums: FxHashMap<SeriesKey, Sum>,
    /// Label sets that this commit adds, per measure.
    sets: FxHashMap<Measure, usize>,
    names: FxHashMap<Sym, QueueName>,
    /// Those in which a conversation began of which something was counted.
    quarters: BTreeMap<i64, Quarter>,
    /// Digests of versions in this window that were counted before.
    standing: FxHashSet<u64>,
    /// The conversation that is counted just now, and its end.
    whose: (Id, i64),
    /// Where each increment is to be told.
    told: Option<&'a mut Vec<Increment>>,
    tally: Tally,
}

impl<'a> Draft<'a> {
    /// True if at least one fact was new.
    fn record(&mut self, record: &Version<'a>, claimed: &mut Claimed) -> bool {
        let derived = &record.derived;
        let Claimed {
            entry, dirty, led, ..
        } = claimed;
        let latest_s = latest_s(derived, entry);
        *dirty |= entry.latest_s != latest_s;
        entry.latest_s = latest_s;
        for (field, values) in refused(derived) {
            *dirty |= self.refuse(entry, field, values);
        }
        let mut applied = false;
        if let (Stage::Ended, Some(conversation)) = (derived.stage, &derived.conversation) {
            let led_by_another = entry
                .digest
                .is_some_and(|digest| self.standing.contains(&digest));
            let leads = !led_by_another && !*led;
            *led |= leads;
            *dirty |= entry.counted.is_some() && entry.seen.leave_requests();
            let (new, changed) = self.count(entry, conversation, derived, leads);
            applied = new;
            *dirty |= new || changed;
            if leads {
                *dirty |= entry.digest != Some(record.digest);
                entry.digest = Some(record.digest);
            } else if new {
                // The one that leads lacks what this one told: it is to be read once more, so that this is corrected.
                entry.digest = None;
            }
        }
        applied
    }

    /// Counts refused values of one field, as far as they were not counted before; true if any was new.
    fn refuse(&mut self, entry: &mut Entry, field: Field, values: u32) -> bool {
        let new = entry.seen.take_refused(field, values);
        if new > 0 {
            *self.tally.refused.entry(field).or_default() += new;
        }
        new > 0
    }

    /// Counts the facts that are new: (any new, anything else to be remembered). Only a version that `leads` revises.
    fn count(
        &mut self,
        entry: &mut Entry,
        conversation: &Conversation<'a>,
        derived: &Derived<'a>,
        leads: bool,
    ) -> (bool, bool) {
        let facts = &derived.facts;
        let told = self.told(conversation, entry);
        let conversation = &*told;
        let mut counted = match entry.counted {
            None => self.first_count(conversation),
            Some(counted) => counted,
        };
        counted.ended_s = counted.ended_s.max(conversation.ended_s);
        self.whose = (entry.id, counted.ended_s);
        let places = entry.seen.meet(derived, leads);
        let (mut new, mut changed) = (false, places.changed);
        if places.full() {
            changed |= self.refuse(entry, Field::Destinations, 1);
        }
        entry.seen.reserve(facts.len());
        let again = entry.counted.is_some();
        let of_this_version = entry.seen.knows_reads();
        for fact in facts {
            if !leads && entry.seen.has(fact, &places) || again && is_left(fact.kind, &entry.seen) {
                continue;
            }
            let word = self.interner.sym(fact.text);
            let take = match fact.kind {
                Kind::Conversation => entry.seen.take_conversation(conversation, word),
                _ => entry.seen.take(fact, word, facts, &places),
            };
            match take {
                Take::Known if fact.kind == Kind::Conversation && leads && of_this_version => {
                    if self.reread(&mut entry.seen, &counted, conversation) {
                        *self.tally.revised.entry(fact.kind).or_default() += 1;
                        changed = true;
                    }
                }
                Take::Known | Take::NoRoom => {}
                Take::Revised(was) => {
                    self.correct(fact.kind, was, Some(Read::of(fact, word)));
                    self.began_otherwise(derived.start_s, &counted, fact, was);
                    if fact.kind == Kind::Conversation {
                        self.reread(&mut entry.seen, &counted, conversation);
                    }
                    changed = true;
                }
                Take::New if comes_first(fact.kind) && again => {
                    self.correct(fact.kind, Was::Gone, Some(Read::of(fact, word)));
                    changed = true;
                }
                Take::New => {
                    self.increment(&counted, fact, word);
                    self.began(derived.start_s, &counted, fact);
                    match fact.kind {
                        Kind::Csat => counted.csat = fact.text.parse().ok(),
                        Kind::Nps => counted.nps = fact.text.parse().ok(),
                        _ => {}
                    }
                    new = true;
                }
            }
        }
        // Of what is counted now for the first time nothing can be gone.
        if leads && again {
            let word = |fact: &Fact<'_>| self.interner.sym(fact.text);
            let missed = entry.seen.miss(facts, &places, word);
            changed |= !missed.is_empty();
            for Missed { kind, was, now } in missed {
                self.correct(kind, was, now);
            }
        }
        changed |= entry.counted != Some(counted);
        entry.counted = Some(counted);
        (new, changed)
    }

    /// A direction that is only assumed, since nothing tells it, revises none that was told.
    fn told<'c>(
        &self,
        conversation: &'c Conversation<'a>,
        entry: &Entry,
    ) -> Cow<'c, Conversation<'a>> {
        let counted = entry.counted.filter(|_| !conversation.direction_told);
        let read = |counted: Counted| entry.seen.fixed(Fixed::Direction, counted.direction);
        match counted.map(|counted| self.interner.text(read(counted))) {
            Some(direction) if direction != conversation.direction => Cow::Owned(Conversation {
                offered: conversation.rule.meant_for_agent() && direction == "inbound",
                direction: direction.to_owned().into(),
                ..conversation.clone()
            }),
            _ => Cow::Borrowed(conversation),
        }
    }

    /// What a conversation keeps for good, with the targets of this moment.
    fn first_count(&mut self, conversation: &Conversation<'a>) -> Counted {
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

    fn finish(mut self, claims: Claims) -> Commit {
        let (quarters, quarters_from_s) = self.quarters();
        let mut sums: Vec<_> = self.sums.into_iter().collect();
        sums.sort_unstable_by_key(|(key, _)| *key);
        let mut names: Vec<_> = self.names.into_iter().collect();
        names.sort_unstable_by_key(|(id, _)| *id);
        Commit {
            entries: claims.into_changes(),
            sums,
            symbols: self.interner.new,
            names,
            quarters,
            quarters_from_s,
            floor_s: self.floor_s,
            tally: self.tally,
        }
    }
}

/// Whether facts of a kind count with a conversation's first count or not at all, but as corrections: a version that
/// knows more of a conversation than the one that counted it must not count a week of them, as if they were of today.
fn comes_first(kind: Kind) -> bool {
    matches!(kind, Kind::AgentRequest)
}

/// Whether facts of a kind are left alone in a conversation that was counted before. *Call Details* v2 tells more than v1:
/// what only it tells belongs to the conversations that were counted from it, or else a switch would count a week of them
/// as if they were of today. So do requests for an agent belong to those that this version counted: whichever of the others is
/// read anew, by a change or by a switch, would else be corrected by what it said all along.
fn is_left(kind: Kind, counted: &Seen) -> bool {
    match kind {
        // What it said first stands: it is a summary of the moment, and may be behind.
        Kind::SmartStatus => true,
        Kind::Voicemail | Kind::Consult => !counted.is_of_v2(),
        Kind::AgentRequest => counted.leaves_requests(),
        _ => false,
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

/// Until when an entry must be remembered. A record without any time is kept by the time of its first reading, so that
/// it is not written again at each; by a later reading's if that clock ran ahead.
fn latest_s(derived: &Derived<'_>, entry: &Entry) -> i64 {
    if derived.start_s.is_none() && derived.end_s.is_none() {
        entry.latest_s.min(derived.latest_s)
    } else {
        entry.latest_s.max(derived.latest_s)
    }
}
