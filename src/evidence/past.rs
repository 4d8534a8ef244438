//! What is known of a scope's past: three weeks of half hours, and how far its evidence rose in quiet hours.

use super::count::Count;
use super::steady::{PARTS as FIVES, steady};
use super::weights::{Levels, PARTS};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Half an hour.
pub(super) const SLOT_S: i64 = 1800;
pub(super) const SLOTS: usize = 48;
pub(super) const HOURS: usize = 24;
/// Three weeks: what is usual on a weekday at this hour has been seen twice before.
pub(super) const DAYS: i64 = 21;

/// In days.
pub(super) const WEEK: i64 = 7;

/// Half hours are numbered from 1970 on, in UTC.
pub(super) fn slot_of(at_s: i64) -> i64 {
    at_s.div_euclid(SLOT_S)
}

pub(super) fn day_of(slot: i64) -> i64 {
    slot.div_euclid(SLOTS as i64)
}

pub(super) fn of_day(slot: i64) -> usize {
    slot.rem_euclid(SLOTS as i64) as usize
}

/// A day of closed half hours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Day {
    /// All offered.
    pub offered: u32,
    /// The hour that ends with each half hour, but for its incidents: offered, abandoned.
    pub hours: [(u16, u16); SLOTS],
    /// How far each of the bank rose in each hour of the day, in hundredths; `NONE` where it was not judged.
    pub peaks: [[u16; PARTS.len()]; HOURS],
}

pub(super) const NONE: [u16; PARTS.len()] = [u16::MAX; PARTS.len()];

impl Default for Day {
    fn default() -> Day {
        Day {
            offered: 0,
            hours: [(0, 0); SLOTS],
            peaks: [NONE; HOURS],
        }
    }
}

/// Half hours that are not over yet, as far as they are settled; and the one before, which makes the hour whole.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Open {
    pub slots: VecDeque<(i64, [(u16, u16); FIVES])>,
    /// Sum of the targets of those offered in these half hours, in millionths: whole numbers, so that their order changes
    /// nothing.
    pub tolerated: f64,
    pub offered: f64,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Past {
    /// Shared by the copies of a detector until one of them changes it, twice an hour.
    pub days: Arc<BTreeMap<i64, Day>>,
    pub open: Open,
    /// Mean of the targets, of the last hundred conversations or so.
    pub target: Option<f64>,
}

impl Past {
    pub(super) fn count(&mut self, ended_s: i64, abandoned: bool, target_millionths: u32) {
        let slot = slot_of(ended_s);
        let part = (ended_s.rem_euclid(SLOT_S) * FIVES as i64 / SLOT_S) as usize;
        let slots = &mut self.open.slots;
        if slots.back().is_none_or(|(last, _)| *last < slot) {
            slots.push_back((slot, Default::default()));
        }
        if let Some((_, parts)) = slots.iter_mut().rev().find(|(open, _)| *open == slot) {
            let (offered, of_them) = &mut parts[part];
            // Beyond 65,535 in five minutes the ratio is kept, and no more is known of it.
            if *offered < u16::MAX {
                *offered += 1;
                *of_them += u16::from(abandoned);
            }
        }
        self.open.tolerated += f64::from(target_millionths);
        self.open.offered += 1.0;
    }

    /// Closes a half hour. Half hours are closed in their order, each once.
    pub(super) fn close(&mut self, slot: i64) {
        let parts_of = |wanted: i64| {
            let found = self.open.slots.iter().find(|(open, _)| *open == wanted);
            found.map(|(_, parts)| {
                parts.map(|(offered, abandoned)| Count {
                    offered: f64::from(offered),
                    abandoned: f64::from(abandoned),
                })
            })
        };
        let (before, now) = (parts_of(slot - 1), parts_of(slot));
        while self
            .days
            .first_key_value()
            .is_some_and(|(day, _)| *day <= day_of(slot) - DAYS)
        {
            Arc::make_mut(&mut self.days).pop_first();
        }
        if before.is_none() && now.is_none() {
            return;
        }
        let parts: Vec<Count> = [before, now].into_iter().flatten().flatten().collect();
        let offered = now.iter().flatten().map(|part| part.offered).sum::<f64>();
        let hour = steady(&parts);
        // Halved until it has room, the ratio kept.
        let shrink = (hour.offered / 65_535.0).max(1.0);
        let day = Arc::make_mut(&mut self.days)
            .entry(day_of(slot))
            .or_default();
        day.offered = day.offered.saturating_add(offered as u32);
        day.hours[of_day(slot)] = (
            (hour.offered / shrink) as u16,
            (hour.abandoned / shrink).round() as u16,
        );
        self.open.slots.retain(|(open, _)| *open >= slot);
        self.learn_target(offered);
    }

    fn learn_target(&mut self, offered: f64) {
        if self.open.offered > 0.0 {
            let mean = self.open.tolerated / self.open.offered / 1e6;
            let weight = (offered / 100.0).min(1.0);
            let known = self.target.unwrap_or(mean);
            self.target = Some(known + weight * (mean - known));
        }
        (self.open.tolerated, self.open.offered) = (0.0, 0.0);
    }

    pub(super) fn note_peak(&mut self, hour: i64, peak: Levels) {
        let day = Arc::make_mut(&mut self.days)
            .entry(hour.div_euclid(HOURS as i64))
            .or_default();
        day.peaks[hour.rem_euclid(HOURS as i64) as usize] =
            peak.map(|nats| (nats * 100.0).clamp(0.0, 65_000.0) as u16);
    }

    /// How far one of the bank rose in each hour that was judged, of the last week.
    pub(super) fn peaks(&self, number: usize) -> Vec<f64> {
        let last = self.days.keys().next_back().copied().unwrap_or(0);
        let recent = self.days.range(last - WEEK..);
        let peaks = recent.flat_map(|(_, day)| day.peaks);
        let judged = peaks.filter(|peak| *peak != NONE);
        judged.map(|peak| f64::from(peak[number]) / 100.0).collect()
    }

    /// The hour that ended with a half hour, but for its incidents.
    pub(super) fn hour(&self, slot: i64) -> Count {
        let day = self.days.get(&day_of(slot));
        let (offered, abandoned) = day.map_or((0, 0), |day| day.hours[of_day(slot)]);
        Count {
            offered: f64::from(offered),
            abandoned: f64::from(abandoned),
        }
    }

    /// Conversations in 30 days like these, seen from the beginning of a half hour.
    pub(super) fn a_month(&self, slot: i64) -> f64 {
        let offered: f64 = self.days.values().map(|day| f64::from(day.offered)).sum();
        let Some(first) = self.days.keys().next() else {
            return 0.0;
        };
        let days = ((slot - first * SLOTS as i64) as f64 / SLOTS as f64).max(1.0);
        // On the first day: ten hours like those seen.
        30.0 * (offered / days).max(10.0 * offered / self.hours_seen().max(10.0))
    }

    /// Conversations in a mean hour of those that had any.
    pub(super) fn an_hour(&self) -> f64 {
        let offered: f64 = self.days.values().map(|day| f64::from(day.offered)).sum();
        offered / self.hours_seen().max(0.5)
    }

    fn hours_seen(&self) -> f64 {
        let hours = self.days.values().flat_map(|day| day.hours);
        hours.filter(|(offered, _)| *offered > 0).count() as f64 / 2.0
    }

    /// Whether there ever was an hour in which the least could be offered that a page needs.
    pub(super) fn could_page(&self, a_quarter: u32) -> bool {
        let mut hours = self.days.values().flat_map(|day| day.hours);
        hours.any(|(offered, _)| u32::from(offered) >= 2 * a_quarter)
    }
}
