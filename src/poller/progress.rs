//! What the poller stores beside the counts, so that a restart goes on where the process before stopped.

use super::compared::Compared;
use super::coverage::Coverage;
use super::fetch::Manners;
use crate::api::Offsets;
use serde::{Deserialize, Serialize};

/// One account's progress. Committed with every window.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Progress {
    pub coverage: Coverage,
    /// Local − UTC of the account's zone-less times in seconds, as last measured.
    pub offset_s: Option<i32>,
    /// Whether `initial_lookback` was read through once: counters show from then on.
    pub read_through: bool,
    /// What the account's API was found to do.
    #[serde(default)]
    pub manners: Manners,
    /// Whether that was found of *Call Details* v2.
    #[serde(default)]
    pub second: bool,
    /// The same of the other one, where it was read before: how one pages says nothing of the other.
    #[serde(default)]
    pub other_manners: Manners,
    /// Of conversations that began from then on, UTC seconds, all that was counted stands in the quarters of an hour, too;
    /// `None` where a version counted that kept none.
    #[serde(default)]
    pub quarters_since_s: Option<i64>,
    /// When counters were first shown; `None` before that, and of a state that an older version began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_shown: Option<FirstShown>,
    /// What its records told of their offsets lately.
    #[serde(default, skip_serializing_if = "Offsets::is_empty")]
    pub offsets: Offsets,
    /// Of all commits up to this one the lines are written that tell which conversations were abandoned.
    #[serde(default)]
    pub lines_written: i64,
    /// How the counts stand beside the vendor's own; `None` where nothing was ever compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compared: Option<Compared>,
}

/// When an account's counters were first shown. What they stood at then is in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstShown {
    /// UTC seconds. They were shown from the next instant on.
    pub at_s: i64,
    /// What ended before this, UTC seconds, is not among them.
    pub since_s: i64,
}

/// What the first version knew of the API: it stood in the coverage.
#[derive(Deserialize)]
struct FirstVersion {
    coverage: FirstCoverage,
}

#[derive(Deserialize)]
struct FirstCoverage {
    #[serde(default)]
    offset_in_rows: bool,
}

/// How far an account's reading has come, for whoever looks at the store from outside. All in UTC seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// Nothing that ended before this is counted any more.
    pub floor_s: i64,
    /// Up to here it was read; `None` if it never was.
    pub read_to_s: Option<i64>,
    /// Of the time between the two, so many seconds were not read yet.
    pub unread_s: i64,
    /// Whether the first reading is done, so that counters show.
    pub read_through: bool,
    /// When the account was first seen.
    pub begun_s: i64,
    pub first_shown: Option<FirstShown>,
}

/// What stored progress tells; `Ok(None)` for an account that was never polled.
///
/// # Errors
/// The bytes are damaged.
pub fn reach(progress: &[u8]) -> Result<Option<Reach>, serde_json::Error> {
    let progress = Progress::from_bytes(progress)?;
    Ok(progress.map(|progress| {
        let coverage = progress.coverage;
        let (floor_s, read_to_s) = (coverage.floor_s(), coverage.newest_read_s());
        let to_s = read_to_s.unwrap_or(floor_s).max(floor_s);
        Reach {
            floor_s,
            read_to_s,
            unread_s: to_s - floor_s - coverage.read_seconds(floor_s, to_s),
            read_through: progress.read_through,
            begun_s: coverage.begun_s(),
            first_shown: progress.first_shown,
        }
    }))
}

/// What was read of an account and when, for whoever holds its counts against others'.
#[derive(Debug, Clone)]
pub struct Proof {
    coverage: Coverage,
    /// Of conversations that began from then on, UTC seconds, it is noted when each began.
    pub since_s: i64,
}

impl Proof {
    /// When the part of a stretch was read that was not read for the longest time, UTC seconds; `None` where some of it
    /// never was.
    pub fn oldest_reading_s(&self, from_s: i64, to_s: i64) -> Option<i64> {
        let whole = from_s >= self.since_s;
        whole.then(|| self.coverage.oldest_reading_s(from_s, to_s))?
    }
}

/// What stored progress proves; `Ok(None)` for an account that was never polled, or by no version that notes when
/// conversations began.
///
/// # Errors
/// The bytes are damaged.
pub fn proof(progress: &[u8]) -> Result<Option<Proof>, serde_json::Error> {
    let progress = Progress::from_bytes(progress)?;
    Ok(progress.and_then(|progress| {
        let since_s = progress.quarters_since_s?;
        Some(Proof {
            since_s: since_s.max(progress.coverage.floor_s()),
            coverage: progress.coverage,
        })
    }))
}

/// What stored progress remembers of comparisons with the vendor's own totals; nothing where it can't be read.
pub fn compared(progress: &[u8]) -> Compared {
    let progress = Progress::from_bytes(progress).ok().flatten();
    progress.and_then(|it| it.compared).unwrap_or_default()
}

impl Progress {
    pub fn new(now_s: i64, initial_lookback_s: i64) -> Progress {
        Progress {
            coverage: Coverage::new(now_s, initial_lookback_s),
            offset_s: None,
            offsets: Offsets::default(),
            read_through: false,
            manners: Manners::default(),
            second: false,
            other_manners: Manners::default(),
            quarters_since_s: Some(0),
            first_shown: None,
            lines_written: 0,
            compared: None,
        }
    }

    /// From the stored bytes; `Ok(None)` for an account that was never polled.
    pub fn from_bytes(bytes: &[u8]) -> Result<Option<Progress>, serde_json::Error> {
        if bytes.is_empty() {
            return Ok(None);
        }
        let mut progress: Progress = serde_json::from_slice(bytes)?;
        let first: FirstVersion = serde_json::from_slice(bytes)?;
        if first.coverage.offset_in_rows {
            progress.manners = Manners::counting_offset_in_rows();
        }
        Ok(Some(progress))
    }

    pub fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    /// From now on *Call Details* v2 is read, or v1 (not `second`).
    pub fn read_by(&mut self, second: bool) {
        if self.second != second {
            self.second = second;
            std::mem::swap(&mut self.manners, &mut self.other_manners);
        }
    }

    /// A clock that ran ahead has left times in the future; once it is right again, at `now_s`, they are taken back. A
    /// floor younger than `initial_lookback_s` is such a time as long as nothing was counted: then all begins anew.
    pub fn take_back(
        &mut self,
        now_s: i64,
        interval_s: i64,
        initial_lookback_s: i64,
        counted: bool,
    ) {
        self.coverage.take_back(now_s, interval_s);
        if !counted && self.coverage.floor_s() > now_s.saturating_sub(initial_lookback_s) {
            self.begin_anew(now_s, initial_lookback_s);
        }
    }

    /// Begins the reading of the past anew, as at a first start. What is known of the API stays.
    pub fn begin_anew(&mut self, now_s: i64, initial_lookback_s: i64) {
        self.coverage = Coverage::new(now_s, initial_lookback_s);
        self.read_through = false;
        self.first_shown = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_first_version_knew_of_the_api_is_taken_over() {
        let coverage = |by_rows| {
            format!(
                r#"{{"coverage":{{"floor_s":5,"begun_s":9,"newest_start_s":null,"spared_at_s":null,"offset_in_rows":{by_rows},"stretches":[[0,2,1,3]]}},"offset_s":19800,"read_through":true}}"#
            )
        };
        for by_rows in [true, false] {
            let stored = coverage(by_rows);
            let progress = Progress::from_bytes(stored.as_bytes()).unwrap().unwrap();
            assert_eq!(
                progress.manners.window_rows(),
                if by_rows { 100 } else { 1_100 }
            );
            assert_eq!(progress.coverage.newest_read_s(), Some(7));
            assert!(progress.read_through);
            let again = Progress::from_bytes(&progress.to_bytes().unwrap()).unwrap();
            assert_eq!(again.unwrap().manners, progress.manners);
        }
    }

    #[test]
    fn how_one_call_details_pages_is_not_believed_of_the_other_and_not_forgotten() {
        let mut progress = Progress::new(1_790_000_000, 86_400);
        progress.manners = Manners::counting_offset_in_rows();
        progress.read_by(false);
        progress.read_by(true);
        assert_eq!(progress.manners, Manners::default());
        let stored = progress.to_bytes().unwrap();
        let mut progress = Progress::from_bytes(&stored).unwrap().unwrap();
        progress.read_by(true);
        assert_eq!(progress.manners, Manners::default());
        progress.read_by(false);
        assert_eq!(progress.manners, Manners::counting_offset_in_rows());
    }

    /// Whatever a clock wrote that was hours or days ahead: once it is right, nothing of it lies in the future, and the
    /// first reading ends where it would have ended without it.
    #[test]
    fn a_clock_that_ran_ahead_at_the_first_start_leaves_nothing_in_the_future() {
        let (now_s, day_s) = (1_790_000_000, 86_400);
        for ahead_s in [180, 3_600, 25 * 3_600, 3 * day_s] {
            let mut progress = Progress::new(now_s + ahead_s, day_s);
            let aside = super::super::coverage::Aside::default();
            let rule = super::super::coverage::Rule {
                interval_s: 30,
                revisit: 0.25,
                max_lookback_s: 7 * day_s,
                window_rows: 1_100,
            };
            let ahead = progress
                .coverage
                .plan(&aside, now_s + ahead_s, &rule, false);
            let window = ahead.unwrap();
            progress
                .coverage
                .read(window, window.to_s, now_s + ahead_s, 3);
            progress.take_back(now_s, 30, day_s, false);
            let coverage = &progress.coverage;
            assert_eq!(
                (coverage.begun_s(), coverage.floor_s()),
                (now_s, now_s - day_s)
            );
            assert!(coverage.newest_read_s().is_none_or(|at_s| at_s <= now_s));
            assert!(coverage.stretches().iter().all(|it| it.read_at_s <= now_s));
        }
    }
}
