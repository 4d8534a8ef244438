//! The one rule: which window to read next.

use super::ground::{Piece, State};
use super::grow::{Anchor, fill_pages, grow};
use super::{Aside, Coverage};
use crate::api::limits::WINDOW_PAGES;

/// Windows are planned to three quarters of what one yields, since density varies: a window that overflows is read twice.
const FILL: f64 = 0.75;

/// Never-read time that will pass out of `max_lookback` within this many seconds goes first.
const EXPIRING_S: i64 = 3_600;

/// How the past is to be read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule {
    /// Seconds between two readings of the youngest; at least 1.
    pub interval_s: i64,
    /// The part of its age that an instant may go unread; above 0, at most 0.9.
    pub revisit: f64,
    /// Seconds of the past that are read at all.
    pub max_lookback_s: i64,
    /// Rows that one window yields at most, as the account's API pages.
    pub window_rows: u32,
}

impl Rule {
    /// Rows that a single request is planned for: a page.
    pub(super) fn page_rows(&self) -> f64 {
        self.planned_rows() / f64::from(WINDOW_PAGES)
    }

    /// Rows that a window is planned for.
    pub(super) fn planned_rows(&self) -> f64 {
        FILL * f64::from(self.window_rows)
    }
}

/// Why a window is read now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    LiveEdge,
    /// Never read, and about to pass out of `max_lookback`.
    Expiring,
    NeverRead,
    Revisit,
    /// Not due: budget would be left over.
    Spare,
}

/// A part of the past to be read at once. Its bounds are whole seconds, shared with its neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// UTC seconds.
    pub from_s: i64,
    /// UTC seconds; above `from_s`, at most 7 days.
    pub to_s: i64,
    pub why: Why,
}

impl Coverage {
    /// The window to read next, if anything is due, or worth a reading with `spare` budget. Plan, read, and plan again.
    pub fn plan(&self, aside: &Aside, now_s: i64, rule: &Rule, spare: bool) -> Option<Window> {
        match self.plan_beside(aside, now_s, rule, true) {
            None if spare => self.spare(aside, now_s, rule),
            due => due,
        }
    }

    /// The window to read next of what is due among `pieces`.
    pub(super) fn plan_among(
        &self,
        pieces: &[Piece],
        now_s: i64,
        rule: &Rule,
        with_edge: bool,
    ) -> Option<Window> {
        let edge = live_edge(pieces, rule).filter(|_| with_edge);
        let (anchor, why) = edge.or_else(|| self.behind_edge(pieces, now_s, rule))?;
        let window = grow(pieces, anchor, why, rule.planned_rows(), now_s);
        Some(match why {
            Why::LiveEdge => fill_pages(pieces, window, rule),
            _ => window,
        })
    }

    /// When [`plan`](Self::plan) will have something if nothing is read before; never before the next second.
    pub fn due_at_s(&self, now_s: i64, rule: &Rule, spare: bool) -> i64 {
        let believed = self.believed(now_s, rule);
        let edge = believed.last().map_or(self.floor_s, |stretch| stretch.to_s);
        let mut next = edge.saturating_add(rule.interval_s);
        for stretch in &believed {
            // now − read ≥ revisit × (now − youngest), solved for now.
            let youngest = (stretch.to_s - 1) as f64;
            let used_up =
                (stretch.read_at_s as f64 - rule.revisit * youngest) / (1.0 - rule.revisit);
            next = next.min((used_up.ceil() as i64).max(stretch.read_at_s + rule.interval_s));
        }
        if spare {
            next = next.min(self.spare_at_s(now_s, rule).unwrap_or(next));
        }
        next.max(now_s + 1)
    }

    /// The greatest time since read − allowance, in seconds; 0 when nothing is overdue. An instant never read counts as
    /// read when it passed, or when this map was begun if that was later: a stop shows in full, a first start does not.
    pub fn overdue_s(&self, now_s: i64, rule: &Rule) -> i64 {
        let overdue = |piece: &Piece| {
            let (at_s, elapsed) = match piece.state {
                State::Unread => {
                    let at_s = self.begun_s.clamp(piece.from_s, piece.to_s - 1);
                    (at_s, (now_s - at_s.max(self.begun_s)) as f64)
                }
                // What has passed are whole seconds, of which the ratio is a hair more or less.
                State::Due(ratio) => (
                    piece.to_s - 1,
                    (ratio * rule.allowance_s(now_s - (piece.to_s - 1))).round(),
                ),
                State::Ripe | State::Fresh | State::Aside => return 0,
            };
            (elapsed - rule.allowance_s(now_s - at_s)) as i64
        };
        self.pieces(now_s, rule)
            .iter()
            .map(overdue)
            .max()
            .unwrap_or(0)
            .max(0)
    }

    /// Where the next window behind the live edge starts: the never read; the most overdue.
    fn behind_edge(&self, pieces: &[Piece], now_s: i64, rule: &Rule) -> Option<(Anchor, Why)> {
        let last = pieces.last()?;
        let unread = |piece: &Piece| piece.state == State::Unread;
        // The live edge is no gap.
        let past = if unread(last) {
            &pieces[..pieces.len() - 1]
        } else {
            pieces
        };
        let newest = self.newest_start_s.unwrap_or(now_s).min(now_s);
        let expiring_s = newest
            .saturating_sub(rule.max_lookback_s)
            .saturating_add(EXPIRING_S);
        if let Some(oldest) = past
            .iter()
            .position(unread)
            .filter(|&at| pieces[at].from_s < expiring_s)
        {
            return Some((Anchor::Start(oldest), Why::Expiring));
        }
        if let Some(newest) = past.iter().rposition(unread) {
            return Some((Anchor::End(newest), Why::NeverRead));
        }
        let ratio = |piece: &Piece| {
            if let State::Due(ratio) = piece.state {
                ratio
            } else {
                0.0
            }
        };
        let most = (0..past.len()).filter(|&at| ratio(&past[at]) > 0.0);
        let most = most.max_by(|&a, &b| ratio(&past[a]).total_cmp(&ratio(&past[b])))?;
        Some((Anchor::End(most), Why::Revisit))
    }
}

/// The time since the newest reading, once it is an interval long.
fn live_edge(pieces: &[Piece], rule: &Rule) -> Option<(Anchor, Why)> {
    let last = pieces.last()?;
    (last.state == State::Unread && last.seconds() >= rule.interval_s)
        .then_some((Anchor::End(pieces.len() - 1), Why::LiveEdge))
}
