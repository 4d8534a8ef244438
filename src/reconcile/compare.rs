//! Both sides, and what differs.

use super::habit::{Habit, again};
use super::side::{Place, Side};
use super::theirs::Words;
use super::{Measure, Ours, Source, Theirs, Told};
use crate::live::Channels;
use crate::poller::compared;
use crate::store::Recounted;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

/// So much may differ: conversations that end between both readings, and what is corrected late.
pub(super) const ALWAYS_ALLOWED: u64 = 2;
/// Or this part of the vendor's number.
pub(super) const ALLOWED_PART: u64 = 100;

/// One stretch of time, compared.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// UTC seconds, the end not in it.
    pub range: Range<i64>,
    pub source: Source,
    /// How he counts who comes to another queue.
    pub habit: Habit,
    pub rows: Vec<Row>,
    /// Of what both sides mean the same by.
    pub judged: Vec<Judged>,
    /// What is known of how both sides differ, and what can't be compared, for people.
    pub notes: Vec<String>,
}

/// One number of both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub place: Place,
    pub measure: Measure,
    pub ours: u64,
    pub vendor: u64,
}

/// A measure over all places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judged {
    pub measure: Measure,
    pub ours: u64,
    pub vendor: u64,
    /// As many as what is known may set ours apart by, as far as that brings both together.
    pub explained: u64,
}

impl Judged {
    /// Ours less theirs, without what is explained: below 0, ours are too few.
    pub fn difference(&self) -> i64 {
        let apart = i128::from(self.ours) - i128::from(self.vendor);
        let rest = apart.unsigned_abs().saturating_sub(self.explained.into());
        let rest = i64::try_from(rest).unwrap_or(i64::MAX);
        if apart < 0 { -rest } else { rest }
    }

    /// The part of the vendor's number that this is.
    pub fn ratio(&self) -> f64 {
        self.difference() as f64 / self.vendor.max(1) as f64
    }

    /// Whether it is more than two, and more than one in a hundred.
    pub fn disagrees(&self) -> bool {
        let (off, vendor) = (self.difference().unsigned_abs(), self.vendor);
        off > ALWAYS_ALLOWED && off.saturating_mul(ALLOWED_PART) > vendor
    }

    /// Whether it is more than what both may see differently at one instant: worth a word, if not an alert.
    pub fn is_found(&self) -> bool {
        self.difference().unsigned_abs() > ALWAYS_ALLOWED
    }
}

impl Comparison {
    /// Of what the vendor told of each part of a range, and what stands in the store of the same range.
    ///
    /// # Errors
    /// What the vendor told is no answer, in words that hold nothing of it; or of several sources, or can't be compared.
    pub fn read(
        range: Range<i64>,
        parts: &[(Range<i64>, Told)],
        counted: &Recounted,
        channels: &Channels,
    ) -> Result<Comparison, String> {
        let before = compared(&counted.progress).counts_once;
        Comparison::read_knowing(before, range, parts, counted, channels)
    }

    /// The same, where comparisons `before` may have told whether the vendor counts a conversation once.
    pub(super) fn read_knowing(
        before: Option<bool>,
        range: Range<i64>,
        parts: &[(Range<i64>, Told)],
        counted: &Recounted,
        channels: &Channels,
    ) -> Result<Comparison, String> {
        let source = parts.first().map(|(_, told)| told.source);
        let source = source.ok_or("nothing was asked for")?;
        let mut theirs = Theirs::new(source);
        let words = Words {
            symbols: &counted.symbols,
            names: &counted.names,
            channels,
        };
        for (part, told) in parts {
            if told.source != source {
                return Err("the vendor changed the source of his totals meanwhile".to_owned());
            }
            theirs.add(&told.pages, part, words)?;
        }
        let ours = Ours::of(counted, source);
        match theirs.refusal(&ours) {
            Some(why) => Err(why),
            None => Ok(Comparison::of(before, range, &ours, &theirs)),
        }
    }

    pub(super) fn of(
        before: Option<bool>,
        range: Range<i64>,
        ours: &Ours,
        theirs: &Theirs,
    ) -> Comparison {
        let habit = Habit::of(ours, theirs, before);
        let side = ours.side(habit.once);
        let told = |measure: &Measure| {
            theirs.told[*measure as usize] && !(habit.once && *measure == Measure::Transferred)
        };
        let measures: Vec<Measure> = Measure::ALL.into_iter().filter(told).collect();
        let judge = |measure: &Measure| judge(*measure, habit, ours, theirs);
        let judged = measures.iter().filter(|it| it.is_judged()).map(judge);
        let mut comparison = Comparison {
            range,
            source: theirs.source,
            habit,
            rows: rows(&measures, side, &theirs.side),
            judged: judged.collect(),
            notes: Vec::new(),
        };
        comparison.explain(ours, theirs);
        comparison
    }

    /// Whether any measure differs by more than is allowed.
    pub fn disagrees(&self) -> bool {
        self.judged.iter().any(Judged::disagrees)
    }

    /// As many as might be missing of any measure without being seen: they are taken for conversations that go on.
    pub fn unseen(&self) -> u64 {
        let lacking = self.judged.iter().filter(|it| it.ours < it.vendor);
        let unseen = lacking.filter(|it| it.measure.waits_for_the_end());
        unseen.map(|it| it.explained).max().unwrap_or(0)
    }
}

fn judge(measure: Measure, habit: Habit, ours: &Ours, theirs: &Theirs) -> Judged {
    let (side, vendor) = (ours.side(habit.once), theirs.side.sum(measure));
    let counted = side.sum(measure);
    // While his habit is not known, his number may be that of either.
    let (entries, once) = match measure {
        _ if !habit.is_unknown() => (counted, counted),
        Measure::Transferred => (counted, counted.saturating_sub(again(ours))),
        _ => (ours.entries.sum(measure), ours.once.sum(measure)),
    };
    let known = if counted < vendor {
        let open = if measure.waits_for_the_end() {
            ours.open
        } else {
            0
        };
        let unnamed = if measure == Measure::Terminated {
            theirs.others
        } else {
            0
        };
        open + unnamed + once.saturating_sub(entries)
    } else {
        let untold = untold(side, theirs);
        let places = side.places().filter(|place| untold.contains(&place.queue));
        let gone: u64 = places.map(|place| side.number(place, measure)).sum();
        gone + entries.saturating_sub(once)
    };
    Judged {
        measure,
        ours: counted,
        vendor,
        explained: counted.abs_diff(vendor).min(known),
    }
}

/// Queues of ours that *Queue Performance* tells nothing of: it tells of those that are active now.
pub(super) fn untold(side: &Side, theirs: &Theirs) -> BTreeSet<Arc<str>> {
    let tells_of_active_ones = theirs.source == Source::QueuePerformance;
    let places = side.places().filter(|_| tells_of_active_ones);
    let queues = places.filter(|place| !theirs.queues.contains(&place.queue));
    queues.map(|place| Arc::clone(&place.queue)).collect()
}

/// Those in which anything happened.
fn rows(measures: &[Measure], ours: &Side, theirs: &Side) -> Vec<Row> {
    let places: BTreeSet<&Place> = ours.places().chain(theirs.places()).collect();
    let row = |place: &Place, measure: Measure| Row {
        place: place.clone(),
        measure,
        ours: ours.number(place, measure),
        vendor: theirs.number(place, measure),
    };
    let rows = places
        .iter()
        .flat_map(|place| measures.iter().map(|measure| row(place, *measure)));
    rows.filter(|row| row.ours.max(row.vendor) > 0).collect()
}
