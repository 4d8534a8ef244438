//! Budget left over: what is not due, and yet worth a reading.
//!
//! A conversation counts when it has ended, and is found by its start. Long ones are thus seen only when the time they
//! began in is read again, later than short abandoned ones, and recent ratios would lean upwards. So the last hour is
//! read around and around for as long as it costs nobody anything.

use super::plan::{Rule, Why, Window};
use super::{Coverage, Stretch, between};

/// The past of this many seconds is read again.
const YOUNG_S: i64 = 3_600;

/// Neighbours are read along when the time since they were read is at least this part of the longest: stretches grow to
/// whole pages, and the hour is gone around in about a minute and a half at 1,000 conversations an hour.
const ALONG: f64 = 0.5;

/// The most records of a window: four pages, so that what falls due meanwhile does not wait long.
const ROWS: f64 = 400.0;

impl Coverage {
    /// The stretch of the last hour that was read longest ago, with its neighbours; at most once an `interval`.
    pub(super) fn spare(&self, now_s: i64, rule: &Rule) -> Option<Window> {
        if self.spare_at_s(now_s, rule)? > now_s {
            return None;
        }
        let young = self.young(now_s, rule);
        let longest_ago = (0..young.len()).min_by_key(|&at| young[at].read_at_s)?;
        let elapsed = (now_s - young[longest_ago].read_at_s) as f64;
        let most = ROWS.min(self.rows());
        let mut window = young[longest_ago];
        let mut rows = f64::from(window.records);
        let mut along = |stretch: &Stretch, touches: bool| {
            let fits = rows + f64::from(stretch.records) <= most;
            let taken = touches && fits && (now_s - stretch.read_at_s) as f64 >= ALONG * elapsed;
            rows += if taken {
                f64::from(stretch.records)
            } else {
                0.0
            };
            taken
        };
        for older in young[..longest_ago].iter().rev() {
            if !along(older, older.to_s == window.from_s) {
                break;
            }
            window.from_s = older.from_s;
        }
        for newer in &young[longest_ago + 1..] {
            if !along(newer, newer.from_s == window.to_s) {
                break;
            }
            window.to_s = newer.to_s;
        }
        if rows > most {
            let part = window.seconds() as f64 * most / rows;
            window.from_s = window.to_s - (part as i64).max(1);
            rows = most;
        }
        Some(Window {
            from_s: window.from_s,
            to_s: window.to_s,
            why: Why::Spare,
            expected: rows as u32,
        })
    }

    /// When the next spare window may be read; none while nothing of the last hour was read.
    pub(super) fn spare_at_s(&self, now_s: i64, rule: &Rule) -> Option<i64> {
        let longest_ago_s = self
            .young(now_s, rule)
            .iter()
            .map(|stretch| stretch.read_at_s)
            .min()?;
        // A last time in the future was a clock that ran ahead.
        let last_s = self.spared_at_s.filter(|&at_s| at_s <= now_s);
        Some(
            last_s
                .map_or(longest_ago_s, |at_s| at_s.max(longest_ago_s))
                .saturating_add(rule.interval_s),
        )
    }

    /// What was read of the last hour, oldest first.
    fn young(&self, now_s: i64, rule: &Rule) -> Vec<Stretch> {
        let from_s = self.floor_s.max(now_s - YOUNG_S);
        self.believed(now_s, rule)
            .into_iter()
            .filter_map(|stretch| between(stretch, from_s, now_s))
            .collect()
    }
}
