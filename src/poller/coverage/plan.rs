//! The one rule: which window to read next.

use super::Coverage;
use super::ground::{LONGEST_S, Piece, State};

/// Windows are planned to three quarters of what one yields, since density varies: a window that overflows is read twice.
const FILL: f64 = 0.75;

/// What one window yields, in rows: 11 pages of 100.
const YIELD: f64 = 1_100.0;

/// What one window is to stay below, in rows, where `offset` counts rows: its second page brings one more.
const YIELD_BY_ROWS: f64 = 100.0;

/// A gap that holds no more records than this is cheaper to read along than to ask around.
const BRIDGE: f64 = 50.0;

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
    /// Records to expect; 0 while nothing is known.
    pub expected: u32,
}

impl Coverage {
    /// The window to read next, if anything is due, or worth a reading with `spare` budget. Plan, read, and plan again.
    pub fn plan(&self, now_s: i64, rule: &Rule, spare: bool) -> Option<Window> {
        let pieces = self.pieces(now_s, rule);
        let due = self
            .first_due(&pieces, now_s, rule)
            .map(|(anchor, why)| self.grow(&pieces, anchor, why, now_s));
        match due {
            None if spare => self.spare(now_s, rule),
            due => due,
        }
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
                State::Due(ratio) => (
                    piece.to_s - 1,
                    ratio * rule.allowance_s(now_s - (piece.to_s - 1)),
                ),
                State::Ripe | State::Fresh => return 0,
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

    /// Where the next window starts: the live edge; the never read; the most overdue.
    fn first_due(&self, pieces: &[Piece], now_s: i64, rule: &Rule) -> Option<(Anchor, Why)> {
        let last = pieces.last()?;
        let unread = |piece: &Piece| piece.state == State::Unread;
        if unread(last) && last.seconds() >= rule.interval_s {
            return Some((Anchor::End(pieces.len() - 1), Why::LiveEdge));
        }
        // The live edge that is not due yet is no gap.
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

    /// The window around an anchor: first away from it into its piece and on, then to the other side, for as long as
    /// one window yields it all.
    fn grow(&self, pieces: &[Piece], anchor: Anchor, why: Why, now_s: i64) -> Window {
        let mut room = Room {
            window: 1.0,
            rows: self.rows(),
            expected: 0.0,
        };
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
        // Up to the live edge costs nothing more, and saves a window of its own.
        let edge = pieces
            .last()
            .filter(|piece| piece.state == State::Unread && piece.from_s == to_s);
        if edge.is_some_and(|edge| edge.seconds() <= edge.longest_s) {
            to_s = now_s;
        }
        from_s = from_s.max(to_s - LONGEST_S);
        Window {
            from_s,
            to_s,
            why,
            expected: room.expected.round() as u32,
        }
    }

    /// Rows that a window is planned for.
    pub(super) fn rows(&self) -> f64 {
        FILL * if self.offset_in_rows {
            YIELD_BY_ROWS
        } else {
            YIELD
        }
    }
}

/// Where a window starts to grow.
#[derive(Debug, Clone, Copy)]
enum Anchor {
    /// At the old end of the piece at this place.
    Start(usize),
    /// At its young end.
    End(usize),
}

/// What is left of a window while it grows.
#[derive(Debug, Clone, Copy)]
struct Room {
    /// From 1 down to 0.
    window: f64,
    /// What a whole window is planned for.
    rows: f64,
    /// Records of what it has taken so far.
    expected: f64,
}

impl Room {
    /// Takes pieces in from the anchor outwards: those that are unread, due or ripe, and the gaps between them that are
    /// worth bridging. Returns how many seconds were taken, `least` of the first piece in any case.
    fn reach<'p>(&mut self, outward: impl Iterator<Item = &'p Piece>, least: i64) -> i64 {
        let (mut reached, mut passed, mut bridged) = (0, 0, 0.0);
        let mut ahead = *self;
        for piece in outward {
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
        self.expected += piece.rate * seconds as f64;
    }

    /// The part of a whole window that one second of `piece` takes up.
    fn share(&self, piece: &Piece) -> f64 {
        (piece.rate / self.rows).max(1.0 / piece.longest_s as f64)
    }
}
