//! From where reading is due to a window worth its requests.

use super::ground::{Piece, State};
use super::plan::{Rule, Why, Window};
use crate::api::limits::WINDOW_S;

/// A gap with no more records than this is read along: two windows, one on either side, would cost more requests.
const BRIDGE: f64 = 50.0;

/// The live edge is read along with what came before it, up to so many pages: the first costs no request, the second one a
/// poll, and half of those who hang up are known some ten seconds sooner.
const EDGE_PAGES: f64 = 2.0;

/// The live edge is read along with no more than this many seconds before it.
const ALONG_S: i64 = 900;

/// Where a window starts to grow.
#[derive(Debug, Clone, Copy)]
pub(super) enum Anchor {
    /// At the old end of the piece at this place.
    Start(usize),
    /// At its young end.
    End(usize),
}

/// The window around an anchor. It grows from there through the anchor's piece and beyond; when nothing more is due on
/// that side, to the other side. It stops when it is expected to hold about `rows` records.
pub(super) fn grow(pieces: &[Piece], anchor: Anchor, why: Why, rows: f64, now_s: i64) -> Window {
    let mut room = Room { window: 1.0, rows };
    let (Anchor::Start(at) | Anchor::End(at)) = anchor;
    if let Some(piece) = pieces.get(at).filter(|piece| piece.apart) {
        let (from_s, to_s) = (piece.from_s.max(piece.to_s - WINDOW_S), piece.to_s);
        return Window { from_s, to_s, why };
    }
    let (mut from_s, mut to_s);
    match anchor {
        Anchor::End(at) => {
            to_s = pieces[at].to_s;
            from_s = to_s - room.reach(pieces[..=at].iter().rev(), 1);
            if from_s <= pieces[at].from_s {
                to_s += room.reach(pieces[at + 1..].iter(), 0);
            }
        }
        Anchor::Start(at) => {
            from_s = pieces[at].from_s;
            to_s = from_s + room.reach(pieces[at..].iter(), 1);
            if to_s >= pieces[at].to_s {
                from_s -= room.reach(pieces[..at].iter().rev(), 0);
            }
        }
    }
    // What was read last reaches to the live edge: to go on to now costs nothing more, and saves a window of its own.
    let edge_s = pieces.last().map(|last| {
        if last.state == State::Unread {
            last.from_s
        } else {
            last.to_s
        }
    });
    if edge_s == Some(to_s) {
        to_s = now_s;
        from_s = from_s.max(to_s - WINDOW_S);
    }
    Window { from_s, to_s, why }
}

/// What is left of a window while it grows.
#[derive(Debug, Clone, Copy)]
struct Room {
    /// From 1 down to 0.
    window: f64,
    /// What a whole window is planned for.
    rows: f64,
}

impl Room {
    /// Takes pieces in from the anchor outwards: those that are unread, due or ripe, and the gaps between them that are
    /// worth bridging. Returns how many seconds were taken, `least` of the first piece in any case.
    fn reach<'p>(&mut self, outward: impl Iterator<Item = &'p Piece>, least: i64) -> i64 {
        let (mut reached, mut passed, mut bridged) = (0, 0, 0.0);
        let mut ahead = *self;
        for piece in outward.take_while(|piece| piece.state != State::Aside && !piece.apart) {
            let fits = ahead.fits_s(piece).max(if passed == 0 { least } else { 0 });
            let taken = piece.seconds().min(fits);
            ahead.take(piece, taken);
            passed += taken;
            bridged = if piece.state == State::Fresh {
                bridged + piece.expected()
            } else {
                0.0
            };
            if piece.state != State::Fresh && taken > 0 {
                *self = ahead;
                reached = passed;
            }
            if taken < piece.seconds() || bridged > BRIDGE {
                break;
            }
        }
        reached
    }

    /// How many seconds of `piece` there is still room for.
    fn fits_s(&self, piece: &Piece) -> i64 {
        // A hair more, so that what just fits is not a second short.
        (self.window / self.share(piece) + 1e-9) as i64
    }

    fn take(&mut self, piece: &Piece, seconds: i64) {
        self.window -= self.share(piece) * seconds as f64;
    }

    /// The part of a whole window that one second of `piece` takes up.
    fn share(&self, piece: &Piece) -> f64 {
        (piece.rate / self.rows).max(1.0 / piece.longest_s as f64)
    }
}

/// The live edge and what came before it, as far as [`EDGE_PAGES`] are expected to hold: most callers who hang up do so within
/// minutes of their call's start, by which they are found.
pub(super) fn fill_pages(pieces: &[Piece], window: Window, rule: &Rule) -> Window {
    let inside = |piece: &Piece| {
        let seconds = piece.to_s.min(window.to_s) - piece.from_s.max(window.from_s);
        piece.rate * seconds.max(0) as f64
    };
    let mut room = EDGE_PAGES * rule.page_rows() - pieces.iter().map(inside).sum::<f64>();
    let oldest_s = window.to_s - ALONG_S;
    let mut from_s = window.from_s;
    for piece in pieces
        .iter()
        .rev()
        .filter(|piece| piece.from_s < window.from_s)
    {
        let reachable = !piece.apart && !matches!(piece.state, State::Aside | State::Unread);
        let seconds = from_s - piece.from_s.max(oldest_s);
        if !reachable || seconds <= 0 || room <= 0.0 {
            break;
        }
        let fits = (room / piece.rate.max(f64::MIN_POSITIVE)) as i64;
        let taken = seconds.min(fits);
        from_s -= taken;
        room -= piece.rate * taken as f64;
        if taken < seconds {
            break;
        }
    }
    Window { from_s, ..window }
}
