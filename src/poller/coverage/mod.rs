//! What of the past was read, and when: the map from which every poll is planned.
//!
//! One rule plans everything: an instant of age *a* is due again once `max(interval, revisit × a)` has passed since it
//! was last read. So young stretches are read at every poll and old ones ever more rarely, and a change at age *a* is
//! seen within `revisit × a`. The map is committed together with what was counted, so a restart re-reads only what is due.
//!
//! Invariant: stretches are sorted, disjoint, not empty and at or above the floor; the floor never falls.
//!
//! Architecture invariant: pure. Time comes in as an argument, and no clock that jumps can break the map: what claims to
//! have been read in the future is due, and the future itself is never held to be read.
//!
//! Not here: requests, pages, budget. The poller plans, fetches, notes what was read, and plans again for as long as it
//! may ask.

#![deny(
    clippy::disallowed_types,
    reason = "a pure room has no clock: time is an argument"
)]

mod aside;
mod ground;
mod grow;
mod plan;
mod spare;
mod stored;

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;

pub use aside::Aside;
pub use plan::{Rule, Why, Window};

use serde::{Deserialize, Serialize};

/// The most stretches a map keeps, so that it stays small in every commit (about 20 bytes each). A week at 5,000
/// conversations an hour, read in full windows, needs half of them; beyond, the neighbours read closest in time are
/// taken for one, as if read when the earlier was: that costs an early reading, never a late one.
const MOST_STRETCHES: usize = 2_048;

/// A part of the past, from `from_s` up to but not including `to_s`, that was read at one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// UTC seconds.
    pub from_s: i64,
    /// UTC seconds; above `from_s`.
    pub to_s: i64,
    /// When its first page was asked for, UTC seconds.
    pub read_at_s: i64,
    /// How many records it held.
    pub records: u32,
}

impl Stretch {
    fn seconds(&self) -> i64 {
        self.to_s - self.from_s
    }

    /// Records per second.
    fn rate(&self) -> f64 {
        f64::from(self.records) / self.seconds() as f64
    }

    /// Cuts in two at `at_s`, the records shared out by length, none lost.
    fn split(self, at_s: i64) -> (Stretch, Stretch) {
        let share = (at_s - self.from_s) as f64 / self.seconds() as f64;
        let older = (f64::from(self.records) * share).round() as u32;
        (
            Stretch {
                to_s: at_s,
                records: older,
                ..self
            },
            Stretch {
                from_s: at_s,
                records: self.records - older,
                ..self
            },
        )
    }
}

/// When each part of the past was last read. See the [module](self).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "stored::Stored", try_from = "stored::Stored")]
pub struct Coverage {
    stretches: Vec<Stretch>,
    floor_s: i64,
    begun_s: i64,
    newest_start_s: Option<i64>,
    spared_at_s: Option<i64>,
}

/// So many seconds that were never read, the first and the last of them between the two, which are UTC seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unread {
    pub from_s: i64,
    pub to_s: i64,
    pub seconds: u64,
}

impl Coverage {
    /// A map with nothing read, of an account first seen at `now_s`; its floor is `initial_lookback_s` before.
    pub fn new(now_s: i64, initial_lookback_s: i64) -> Coverage {
        Coverage {
            stretches: Vec::new(),
            floor_s: now_s.saturating_sub(initial_lookback_s.max(0)),
            begun_s: now_s,
            newest_start_s: None,
            spared_at_s: None,
        }
    }

    /// Notes that `window` was read up to `until_s`, its first page asked for at `read_at_s`, and held `records`.
    /// It is one stretch from now on; what it covers of older stretches is forgotten.
    pub fn read(&mut self, window: Window, until_s: i64, read_at_s: i64, records: u32) {
        if window.why == Why::Spare {
            self.spared_at_s = Some(read_at_s);
        }
        let from_s = window.from_s.max(self.floor_s);
        let to_s = until_s.min(window.to_s).min(read_at_s);
        if to_s <= from_s {
            return;
        }
        let before = |stretch: &Stretch| between(*stretch, i64::MIN, from_s);
        // Nobody has read the future: what a clock that ran ahead left there is dropped.
        let after = |stretch: &Stretch| between(*stretch, to_s, read_at_s);
        let read = Stretch {
            from_s,
            to_s,
            read_at_s,
            records,
        };
        let older = self.stretches.iter().filter_map(before);
        let newer = self.stretches.iter().filter_map(after);
        self.stretches = older.chain([read]).chain(newer).collect();
        self.bound();
    }

    /// Raises the floor to `max_lookback_s` before the earlier of now and the newest session start ever seen, and
    /// forgets what lies below. It never falls. With no session seen yet it stays.
    ///
    /// Returns what passes out of reach without ever having been read.
    pub fn advance_floor(
        &mut self,
        now_s: i64,
        newest_start_s: Option<i64>,
        max_lookback_s: i64,
    ) -> Option<Unread> {
        // A start in the future is a mistake of the record; taken as it stands, it would disarm this for good.
        let seen = newest_start_s.map(|start| start.min(now_s));
        self.newest_start_s = self.newest_start_s.max(seen);
        let floor = self
            .newest_start_s?
            .min(now_s)
            .saturating_sub(max_lookback_s);
        if floor <= self.floor_s {
            return None;
        }
        let unread = self.unread_before(floor);
        self.floor_s = floor;
        self.stretches = self
            .stretches
            .iter()
            .filter_map(|stretch| between(*stretch, floor, i64::MAX))
            .collect();
        unread
    }

    /// What was never read between the floor and an instant above it.
    fn unread_before(&self, to_s: i64) -> Option<Unread> {
        let read = |stretch: &Stretch| between(*stretch, self.floor_s, to_s);
        let read = self.stretches.iter().filter_map(read);
        let ends = read.map(|stretch| (stretch.from_s, stretch.to_s));
        let (mut read_to_s, mut unread) = (self.floor_s, None::<Unread>);
        for (from_s, until_s) in ends.chain([(to_s, to_s)]) {
            if from_s > read_to_s {
                let before = unread.unwrap_or(Unread {
                    from_s: read_to_s,
                    to_s: read_to_s,
                    seconds: 0,
                });
                unread = Some(Unread {
                    to_s: from_s,
                    seconds: before.seconds + from_s.abs_diff(read_to_s),
                    ..before
                });
            }
            read_to_s = until_s;
        }
        unread
    }

    /// Takes back what a clock that ran ahead has written down, once it is right again at `now_s`: nothing stays in the
    /// future. What was "read in the future" was read at some time that nobody knows; it is held to be read when it
    /// ended, which makes it due early, never late. Its last `interval_s` may have been read before all of it had
    /// passed, and counts as unread.
    pub fn take_back(&mut self, now_s: i64, interval_s: i64) {
        self.begun_s = self.begun_s.min(now_s);
        self.newest_start_s = self.newest_start_s.map(|start_s| start_s.min(now_s));
        self.spared_at_s = self.spared_at_s.filter(|at_s| *at_s <= now_s);
        let right = |stretch: &Stretch| {
            if stretch.read_at_s <= now_s {
                return Some(*stretch);
            }
            let kept = between(*stretch, i64::MIN, now_s - interval_s)?;
            Some(Stretch {
                read_at_s: kept.to_s,
                ..kept
            })
        };
        self.stretches = self.stretches.iter().filter_map(right).collect();
    }

    /// When any of it was read last, UTC seconds.
    pub fn last_reading_s(&self) -> Option<i64> {
        self.stretches.iter().map(|it| it.read_at_s).max()
    }

    /// Forgets what was read, so that all above the floor is read again.
    pub fn forget(&mut self) {
        self.stretches.clear();
    }

    /// Nothing before this is planned or counted. UTC seconds.
    pub fn floor_s(&self) -> i64 {
        self.floor_s
    }

    /// When this map was made, UTC seconds: from the first floor to here reaches the first read-through.
    pub fn begun_s(&self) -> i64 {
        self.begun_s
    }

    /// The newest session start ever seen, UTC seconds.
    pub fn newest_start_s(&self) -> Option<i64> {
        self.newest_start_s
    }

    /// All that was read, oldest first.
    #[cfg(test)]
    pub(crate) fn stretches(&self) -> &[Stretch] {
        &self.stretches
    }

    /// The end of the newest stretch, UTC seconds: recent windows end here.
    pub fn newest_read_s(&self) -> Option<i64> {
        self.stretches.last().map(|stretch| stretch.to_s)
    }

    /// Whether every instant from `from_s` to `to_s` that is not below the floor was read at least once.
    pub fn fully_read(&self, from_s: i64, to_s: i64) -> bool {
        let mut read_to = from_s.max(self.floor_s);
        for stretch in &self.stretches {
            if stretch.to_s <= read_to {
                continue;
            }
            if stretch.from_s > read_to || read_to >= to_s {
                break;
            }
            read_to = stretch.to_s;
        }
        read_to >= to_s
    }

    /// When the part of a stretch was read that was not read for the longest time, UTC seconds; `None` where some of it
    /// never was.
    pub fn oldest_reading_s(&self, from_s: i64, to_s: i64) -> Option<i64> {
        let inside = |it: &&Stretch| it.to_s > from_s && it.from_s < to_s;
        let oldest_s = self.stretches.iter().filter(inside).map(|it| it.read_at_s);
        let whole = from_s >= self.floor_s && self.fully_read(from_s, to_s);
        oldest_s.min().filter(|_| whole)
    }

    /// How many seconds from `from_s` to `to_s` were read, or lie below the floor and will never be.
    pub fn read_seconds(&self, from_s: i64, to_s: i64) -> i64 {
        let below = self.floor_s.clamp(from_s, to_s) - from_s;
        let parts = self.stretches.iter();
        let read: i64 = parts
            .filter_map(|stretch| between(*stretch, from_s, to_s))
            .map(|stretch| stretch.seconds())
            .sum();
        below + read
    }

    fn bound(&mut self) {
        while self.stretches.len() > MOST_STRETCHES {
            let closest = (1..self.stretches.len())
                .filter(|&at| self.stretches[at - 1].to_s == self.stretches[at].from_s)
                .min_by_key(|&at| {
                    self.stretches[at - 1]
                        .read_at_s
                        .abs_diff(self.stretches[at].read_at_s)
                });
            // Without neighbours that touch, the oldest is forgotten: it will be read again.
            let older = self.stretches.remove(closest.map_or(0, |at| at - 1));
            if let Some(at) = closest {
                let newer = &mut self.stretches[at - 1];
                newer.from_s = older.from_s;
                newer.read_at_s = newer.read_at_s.min(older.read_at_s);
                newer.records = newer.records.saturating_add(older.records);
            }
        }
    }
}

/// The part of a stretch from `from_s` to `to_s`, if there is one.
fn between(stretch: Stretch, from_s: i64, to_s: i64) -> Option<Stretch> {
    let (from_s, to_s) = (stretch.from_s.max(from_s), stretch.to_s.min(to_s));
    (from_s < to_s).then(|| stretch.split(from_s).1.split(to_s).0)
}
