//! Which offsets an account's records told lately, and when: whether the account's clock was changed with others.

use super::changes::Change;
use super::{AGREEING, RESIDUAL_S, told};
use crate::api::Record;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// So much of the past is remembered: hardly any zone changes its clocks twice within it.
const REMEMBERED_S: i64 = 30 * 86_400;

/// From when to when records told one offset, UTC seconds, and how many did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    records: usize,
    first_s: i64,
    last_s: i64,
}

/// What the records of one window tell. What a session tells counts once, however often the window brings it.
#[derive(Debug, Clone, Default)]
pub struct Told(FxHashMap<i32, Span>);

impl Told {
    pub fn by<'r, 'a: 'r>(records: impl IntoIterator<Item = &'r Record<'a>>, now_s: i64) -> Told {
        let mut spans: FxHashMap<i32, Span> = FxHashMap::default();
        let records = records.into_iter();
        let most = records.size_hint().1.unwrap_or_default();
        let mut sessions: FxHashSet<&str> =
            FxHashSet::with_capacity_and_hasher(most, FxBuildHasher);
        for record in records {
            if let Some((session, began_s, offset_s)) = told(record, now_s)
                && sessions.insert(session)
            {
                let span = spans.entry(offset_s).or_insert(Span {
                    records: 0,
                    first_s: began_s,
                    last_s: began_s,
                });
                span.records += 1;
                span.first_s = span.first_s.min(began_s);
                span.last_s = span.last_s.max(began_s);
            }
        }
        Told(spans)
    }

    /// The offset that most of them tell, if at least three agree.
    pub fn most(&self) -> Option<i32> {
        let all: usize = self.0.values().map(|span| span.records).sum();
        let agreed = |(_, span): &(&i32, &Span)| span.records >= AGREEING && 2 * span.records > all;
        self.0.iter().find(agreed).map(|(offset_s, _)| *offset_s)
    }
}

/// What an account's records told lately, of each offset from when to when, UTC seconds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offsets(BTreeMap<i32, (i64, i64)>);

impl Offsets {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Remembers what a window told, as far as at least three of its records agree.
    pub fn note(&mut self, told: &Told) {
        for (offset_s, span) in &told.0 {
            if span.records >= AGREEING {
                let known = self.0.entry(*offset_s);
                let (first_s, last_s) = known.or_insert((span.first_s, span.last_s));
                *first_s = span.first_s.min(*first_s);
                *last_s = span.last_s.max(*last_s);
            }
        }
        let newest_s = self.0.values().map(|(_, last_s)| *last_s).max();
        let from_s = newest_s.map_or(i64::MIN, |newest_s| newest_s - REMEMBERED_S);
        self.0.retain(|_, (first_s, last_s)| {
            *first_s = (*first_s).max(from_s);
            *last_s >= from_s
        });
    }

    /// Whether the account's clock was changed so: until then its records told the one offset, from then on the other.
    pub fn follow(&self, change: &Change) -> bool {
        let of = |offset_s: i32| self.0.get(&offset_s).copied();
        let at_s = change.at_s;
        match of(change.before_s).zip(of(change.after_s)) {
            Some(((first_s, last_s), (from_s, to_s))) => {
                first_s < at_s
                    && last_s <= at_s + RESIDUAL_S
                    && from_s >= at_s - RESIDUAL_S
                    && to_s > at_s
            }
            None => false,
        }
    }
}
