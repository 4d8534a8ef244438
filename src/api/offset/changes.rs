//! When clocks were and will be changed anywhere, by the time zone database.

use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use std::sync::LazyLock;

/// 2015-01-01 and 2045-01-01: no record is older than the one, and nobody knows the rules beyond the other.
const FROM_S: i64 = 1_420_070_400;
const TO_S: i64 = 2_366_841_600;
const DAY_S: i64 = 86_400;

/// The clocks of some zone were put forward or back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// UTC epoch seconds.
    pub at_s: i64,
    /// Local − UTC in seconds.
    pub before_s: i32,
    pub after_s: i32,
}

/// All of them, each once, in the order of time.
static CHANGES: LazyLock<Vec<Change>> = LazyLock::new(|| {
    let database = TimeZoneDatabase::bundled();
    let zones = database
        .available()
        .filter_map(|name| database.get(name.as_str()).ok());
    let mut changes: Vec<Change> = zones.flat_map(|zone| changes_of(&zone)).collect();
    changes.sort_unstable();
    changes.dedup();
    changes
});

/// For each day since [`FROM_S`], the first change that is not before it: asked for each record, a search by halves would
/// take longer than all else that is done with its times.
static BY_DAY: LazyLock<Vec<usize>> = LazyLock::new(|| {
    let starts = (FROM_S..TO_S).step_by(DAY_S as usize);
    starts
        .map(|start_s| CHANGES.partition_point(|change| change.at_s < start_s))
        .collect()
});

/// The changes from one instant to another, the second included; UTC epoch seconds.
pub fn changes_between(from_s: i64, to_s: i64) -> &'static [Change] {
    let day = usize::try_from((from_s - FROM_S).div_euclid(DAY_S)).unwrap_or_default();
    let first = BY_DAY.get(day).copied().unwrap_or(CHANGES.len());
    let of_day = CHANGES.get(first..).unwrap_or_default();
    let before = of_day.iter().take_while(|change| change.at_s <= from_s);
    let later = of_day.get(before.count()..).unwrap_or_default();
    // Hardly ever is there one within a conversation, so that a second search by halves would be the slower way.
    let until = later.iter().take_while(|change| change.at_s <= to_s);
    later.get(..until.count()).unwrap_or_default()
}

fn changes_of(zone: &TimeZone) -> Vec<Change> {
    let mut changes = Vec::new();
    let Ok(from) = Timestamp::from_second(FROM_S) else {
        return changes;
    };
    let mut before_s = zone.to_offset(from).seconds();
    for transition in zone.following(from) {
        let at_s = transition.timestamp().as_second();
        if at_s >= TO_S {
            break;
        }
        let after_s = transition.offset().seconds();
        // A zone may change its name alone.
        if after_s != before_s {
            changes.push(Change {
                at_s,
                before_s,
                after_s,
            });
        }
        before_s = after_s;
    }
    changes
}
