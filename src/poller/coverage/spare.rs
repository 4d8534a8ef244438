//! Budget left over: what is not due, and yet worth a reading.
//!
//! A conversation counts when it has ended, and is found by its start. Long ones are thus seen only when the time they
//! began in is read again, later than short abandoned ones, and recent ratios would lean upwards. So the last hour is
//! read over and over while there are requests to spare.

use super::ground::{Piece, State};
use super::grow::{Anchor, grow};
use super::plan::{Rule, Why, Window};
use super::{Aside, Coverage, Stretch, between};
use crate::api::limits::WINDOW_S;

/// Of the stretches that reach into the past of this many seconds, the one read longest ago is read again.
const YOUNG_S: i64 = 3_600;

/// Neighbours are read along up to this age: cut off at the hour sharp, conversations that last just longer than it
/// would be all but absent from recent ratios.
const ALONG_S: i64 = YOUNG_S + 900;

/// Neighbours are read along when the time since they were read is at least this part of the longest: stretches grow to
/// whole pages, and the hour is gone around in about a minute and a half at 1,000 conversations an hour.
const ALONG: f64 = 0.5;

/// At most once in so long, and never more often than the live edge: what is left of the budget stays left.
const EVERY_S: i64 = 30;

/// The most records of a window: four pages, so that what falls due meanwhile does not wait long.
const ROWS: f64 = 400.0;

impl Coverage {
    /// The stretch of the last hour that was read longest ago, with its neighbours.
    /// Nothing is due, so every instant but the live edge was read: stretches touch.
    /// What cannot be read waits until it is due.
    pub(super) fn spare(&self, aside: &Aside, now_s: i64, rule: &Rule) -> Option<Window> {
        if self.spare_at_s(now_s, rule)? > now_s {
            return None;
        }
        let apart = |stretch: &Stretch| aside.touches(stretch.from_s, stretch.to_s);
        let near = |stretch| between(stretch, now_s - ALONG_S, now_s);
        let stretches: Vec<Stretch> = self
            .believed(now_s, rule)
            .into_iter()
            .filter_map(near)
            .collect();
        let young = (0..stretches.len())
            .filter(|&at| is_young(&stretches[at], now_s) && !apart(&stretches[at]));
        let anchor = young.min_by_key(|&at| stretches[at].read_at_s)?;
        let long_ago = ALONG * (now_s - stretches[anchor].read_at_s) as f64;
        let piece = |stretch: &Stretch| Piece {
            from_s: stretch.from_s,
            to_s: stretch.to_s,
            state: if (now_s - stretch.read_at_s) as f64 >= long_ago {
                State::Ripe
            } else {
                State::Fresh
            },
            rate: stretch.rate(),
            longest_s: WINDOW_S,
            apart: apart(stretch),
        };
        let pieces: Vec<Piece> = stretches.iter().map(piece).collect();
        Some(grow(
            &pieces,
            Anchor::End(anchor),
            Why::Spare,
            ROWS.min(rule.planned_rows()),
            now_s,
        ))
    }

    /// When the next spare window may be read; none while nothing of the last hour was read.
    pub(super) fn spare_at_s(&self, now_s: i64, rule: &Rule) -> Option<i64> {
        let stretches = self.believed(now_s, rule);
        let young = stretches.iter().filter(|stretch| is_young(stretch, now_s));
        let longest_ago_s = young.map(|stretch| stretch.read_at_s).min()?;
        // A last time in the future was a clock that ran ahead.
        let last_s = self.spared_at_s.filter(|&at_s| at_s <= now_s);
        Some(
            last_s
                .map_or(longest_ago_s, |at_s| at_s.max(longest_ago_s))
                .saturating_add(EVERY_S.max(rule.interval_s)),
        )
    }
}

fn is_young(stretch: &Stretch, now_s: i64) -> bool {
    stretch.to_s > now_s - YOUNG_S
}
