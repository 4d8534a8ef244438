//! What is usual at this time of day, learnt from the past.
//!
//! The base is the scope's ratio of a week. A time of day has a ratio of its own where its counts speak for one: over
//! the week; or as the last two days agree, so that a new habit is learnt within two days; or as the same weekday had it
//! twice. A day that stands out from the others by itself is left out.

use super::count::Count;
use super::past::{Past, SLOTS, WEEK};

/// A usual ratio, and how sure it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Usual {
    pub ratio: f64,
    /// One standard error.
    pub error: f64,
}

/// Nats from which on a time of day is believed to differ, and nats from which on wholly.
const DIFFERS: (f64, f64) = (2.0, 4.0);
/// Nats by which one day stands out from the others.
const ODD_DAY: f64 = 6.0;
/// Fewer offered say nothing.
const LEAST: f64 = 5.0;

/// At a half hour that is not closed yet; `None` where nothing is known.
pub(super) fn usual(past: &Past, slot: i64) -> Option<Usual> {
    let base = base(past, slot)?;
    let of = |slot: i64| at_this_time(past, slot, base);
    // A habit may begin at the full hour or at half past.
    let (ending, beginning) = (of(slot), of(slot + 1));
    Some(if beginning.ratio > ending.ratio {
        beginning
    } else {
        ending
    })
}

/// The ratio of a week, without the hours that stand out.
fn base(past: &Past, slot: i64) -> Option<Count> {
    let week = (slot - WEEK * SLOTS as i64)..slot;
    let hours: Vec<Count> = week
        .map(|slot| past.hour(slot))
        .filter(|hour| hour.offered >= LEAST)
        .collect();
    let mut base: Count = hours.iter().copied().sum();
    if base.offered < 1.0 {
        return None;
    }
    for _ in 0..3 {
        let ratio = base.ratio();
        let like_it = hours
            .iter()
            .filter(|hour| hour.ratio() <= ratio || hour.nats_from(ratio) < DIFFERS.1);
        base = like_it.copied().sum();
    }
    // Each conversation is in two hours.
    Some(Count {
        offered: base.offered / 2.0,
        abandoned: base.abandoned / 2.0,
    })
}

fn at_this_time(past: &Past, slot: i64, base: Count) -> Usual {
    let ago = |days: i64| past.hour(slot - days * SLOTS as i64);
    let known = |days: &[i64]| -> Vec<Count> {
        let hours = days.iter().map(|days| ago(*days));
        hours.filter(|hour| hour.offered >= LEAST).collect()
    };
    let week = known(&[1, 2, 3, 4, 5, 6, 7]);
    let mut own = without_odd_days(&week);
    let last_two = without_odd_days(&week[..week.len().min(2)]);
    if last_two.nats_above(own) > DIFFERS.1 {
        own = last_two;
    }
    let weekdays = known(&[7, 14]);
    let weekday = without_odd_days(&weekdays);
    if weekdays.len() >= 2 && weekday.nats_above(own) > DIFFERS.1 {
        own = weekday;
    }
    let standard_error = |count: Count| {
        let ratio = (count.abandoned + 1.0) / (count.offered + 2.0);
        (ratio * (1.0 - ratio) / (count.offered + 2.0)).sqrt()
    };
    let nats = own.nats_from(base.ratio());
    let differs = ((nats - DIFFERS.0) / (DIFFERS.1 - DIFFERS.0)).clamp(0.0, 1.0);
    let mixed = |own: f64, base: f64| base + differs * (own - base);
    Usual {
        ratio: mixed(own.ratio(), base.ratio()),
        error: mixed(standard_error(own), standard_error(base)),
    }
}

/// Added up, but for up to half of them that stand out above the others. Of two that disagree the lower counts.
fn without_odd_days(days: &[Count]) -> Count {
    let mut kept: Vec<Count> = days.to_vec();
    kept.sort_by(|one, other| one.ratio().total_cmp(&other.ratio()));
    for _ in 0..days.len() / 2 {
        let all: Count = kept.iter().copied().sum();
        let Some(highest) = kept.last() else { break };
        if highest.nats_above(all.minus(*highest)) <= ODD_DAY {
            break;
        }
        kept.pop();
    }
    kept.into_iter().sum()
}
