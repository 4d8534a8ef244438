//! What fails while other windows are read: it holds up nothing but itself.
//!
//! A window that *failed* comes last: everything else that is due is read before it is tried again. Seconds that were
//! found *unreadable*, each by itself, count as read and fall due like any other time; but no window takes them in
//! together with what is beside them, or it would fail as well.
//!
//! Not stored: a new process tries all of it in its turn and finds out again.

use super::Coverage;
use super::ground::{Piece, State};
use super::plan::{Rule, Window};

/// What could not be read lately.
#[derive(Debug, Default)]
pub struct Aside {
    failed: Vec<Failed>,
    /// Sorted and apart from each other: from, up to but not including to.
    unreadable: Vec<(i64, i64)>,
}

#[derive(Debug, Clone, Copy)]
struct Failed {
    from_s: i64,
    to_s: i64,
    /// Others could be read meanwhile: it is this window that fails, and not the server.
    alone: bool,
}

impl Aside {
    /// Notes that `window` failed; `alone`: while others could be read.
    pub fn put(&mut self, window: Window, alone: bool) {
        let mut failed = Failed {
            from_s: window.from_s,
            to_s: window.to_s,
            alone,
        };
        self.failed.retain(|other| {
            let apart = other.to_s < failed.from_s || other.from_s > failed.to_s;
            if !apart && other.alone == alone {
                failed.from_s = failed.from_s.min(other.from_s);
                failed.to_s = failed.to_s.max(other.to_s);
            }
            apart || other.alone != alone
        });
        self.failed.push(failed);
    }

    /// Notes that a window was read: the server answers again, and what failed with all others has its turn at once.
    pub fn answered(&mut self) {
        self.failed.retain(|failed| failed.alone);
    }

    /// Notes that a window which failed alone is done with.
    pub fn done(&mut self, window: Window) {
        self.failed
            .retain(|failed| failed.to_s <= window.from_s || window.to_s <= failed.from_s);
    }

    /// Gives all that failed another try.
    pub fn clear_failed(&mut self) {
        self.failed.clear();
    }

    /// Whether any window failed and waits for its turn.
    pub fn has_failed(&self) -> bool {
        !self.failed.is_empty()
    }

    /// Notes that nothing between the two can be read. For seconds that were given up one by one, not for a window that
    /// merely failed.
    pub fn unreadable(&mut self, from_s: i64, to_s: i64) {
        let (mut from_s, mut to_s) = (from_s, to_s);
        self.unreadable.retain(|&(other_from_s, other_to_s)| {
            let apart = other_to_s < from_s || other_from_s > to_s;
            if !apart {
                from_s = from_s.min(other_from_s);
                to_s = to_s.max(other_to_s);
            }
            apart
        });
        self.unreadable.push((from_s, to_s));
        self.unreadable.sort_unstable();
    }

    /// Notes that all between the two was read after all.
    pub fn readable(&mut self, from_s: i64, to_s: i64) {
        let left = |&(other_from_s, other_to_s): &(i64, i64)| {
            [
                (other_from_s, other_to_s.min(from_s)),
                (other_from_s.max(to_s), other_to_s),
            ]
        };
        let mut rest: Vec<(i64, i64)> = self.unreadable.iter().flat_map(left).collect();
        rest.retain(|(from_s, to_s)| from_s < to_s);
        self.unreadable = rest;
    }

    /// Whether the whole window was found unreadable before.
    pub fn is_unreadable(&self, window: Window) -> bool {
        self.unreadable
            .iter()
            .any(|&(from_s, to_s)| from_s <= window.from_s && window.to_s <= to_s)
    }

    /// Whether this second was found unreadable.
    pub fn is_unreadable_at(&self, at_s: i64) -> bool {
        self.touches(at_s, at_s + 1)
    }

    /// Whether any second of the stretch is unreadable.
    pub(super) fn touches(&self, from_s: i64, to_s: i64) -> bool {
        self.unreadable
            .iter()
            .any(|&(other_from_s, other_to_s)| other_from_s < to_s && from_s < other_to_s)
    }

    fn has_failed_at(&self, at_s: i64) -> bool {
        let within = |failed: &Failed| (failed.from_s..failed.to_s).contains(&at_s);
        self.failed.iter().any(within)
    }

    /// The pieces, cut where something failed begins or ends, each marked for what it is.
    pub(super) fn cut(&self, pieces: Vec<Piece>) -> Vec<Piece> {
        if self.failed.is_empty() && self.unreadable.is_empty() {
            return pieces;
        }
        let failed = self.failed.iter().map(|it| (it.from_s, it.to_s));
        let bounds = failed.chain(self.unreadable.iter().copied());
        let mut cuts: Vec<i64> = bounds.flat_map(|(from_s, to_s)| [from_s, to_s]).collect();
        cuts.sort_unstable();
        cuts.dedup();
        let mut all = Vec::with_capacity(pieces.len() + cuts.len());
        for piece in pieces {
            let inner = cuts
                .iter()
                .filter(|&&at| piece.from_s < at && at < piece.to_s);
            let mut from_s = piece.from_s;
            for &to_s in inner.chain([&piece.to_s]) {
                let failed = self.has_failed_at(from_s);
                all.push(Piece {
                    from_s,
                    to_s,
                    state: if failed { State::Aside } else { piece.state },
                    apart: self.touches(from_s, to_s),
                    ..piece
                });
                from_s = to_s;
            }
        }
        all
    }
}

impl Coverage {
    /// The window to read next of all that is due beside what failed; `live_edge`: whether that is to be read, too.
    pub fn plan_beside(
        &self,
        aside: &Aside,
        now_s: i64,
        rule: &Rule,
        live_edge: bool,
    ) -> Option<Window> {
        self.plan_among(&aside.cut(self.pieces(now_s, rule)), now_s, rule, live_edge)
    }
}
