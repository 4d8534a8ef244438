//! Windows that fail while others are read: they come last, so that a stretch which the server can't answer for holds up
//! nothing but itself.
//!
//! Not stored: a new process tries them in their turn.

use super::Coverage;
use super::ground::{Piece, State};
use super::plan::{Rule, Window};

/// What could not be read lately.
#[derive(Debug, Default)]
pub struct Aside(Vec<Failed>);

#[derive(Debug, Clone, Copy)]
struct Failed {
    from_s: i64,
    to_s: i64,
    /// Others were read in the same poll: it is this window that fails, and not the server.
    alone: bool,
}

impl Aside {
    /// Notes that `window` failed; `alone`: in a poll that could read others.
    pub fn put(&mut self, window: Window, alone: bool) {
        let mut failed = Failed {
            from_s: window.from_s,
            to_s: window.to_s,
            alone,
        };
        self.0.retain(|other| {
            let apart = other.to_s < failed.from_s || other.from_s > failed.to_s;
            if !apart && other.alone == alone {
                failed.from_s = failed.from_s.min(other.from_s);
                failed.to_s = failed.to_s.max(other.to_s);
            }
            apart || other.alone != alone
        });
        self.0.push(failed);
    }

    /// Notes that a window was read: the server answers again, and what failed with all others has its turn at once.
    pub fn answered(&mut self) {
        self.0.retain(|failed| failed.alone);
    }

    /// Gives all of them another try.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn holds(&self, at_s: i64) -> bool {
        let within = |failed: &Failed| (failed.from_s..failed.to_s).contains(&at_s);
        self.0.iter().any(within)
    }

    /// The pieces, cut where a failed window begins or ends.
    fn cut(&self, pieces: Vec<Piece>) -> Vec<Piece> {
        let mut cuts: Vec<i64> = self.0.iter().flat_map(|it| [it.from_s, it.to_s]).collect();
        cuts.sort_unstable();
        let mut all = Vec::with_capacity(pieces.len() + cuts.len());
        for piece in pieces {
            let inner = cuts
                .iter()
                .filter(|&&at| piece.from_s < at && at < piece.to_s);
            let mut from_s = piece.from_s;
            for &to_s in inner.chain([&piece.to_s]) {
                if to_s > from_s {
                    let aside = self.holds(from_s);
                    let state = if aside { State::Aside } else { piece.state };
                    all.push(Piece {
                        from_s,
                        to_s,
                        state,
                        ..piece
                    });
                    from_s = to_s;
                }
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
