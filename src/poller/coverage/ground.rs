//! The past as the plan sees it: pieces from the floor to now, each in one state throughout.

use super::{Coverage, Rule, Stretch, between};
use crate::api::limits::WINDOW_S;

/// A window of unknown density reaches over this much at most, in seconds.
pub(super) const UNKNOWN_S: i64 = 900;

/// What was read in this many seconds beside a gap tells its density: a day has one daily shape.
const TELLING_S: i64 = 86_400;

/// Neighbours that have used this part of their allowance are read along.
const RIPE: f64 = 0.8;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum State {
    Unread,
    /// Its allowance has passed; with the greatest time since read ÷ allowance in it, which is at its end.
    Due(f64),
    /// At least four fifths of its allowance have passed.
    Ripe,
    Fresh,
    /// Failed lately: no window takes it in.
    Aside,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    pub from_s: i64,
    pub to_s: i64,
    pub state: State,
    /// Records to expect per second.
    pub rate: f64,
    /// The most seconds of it that one window may take.
    pub longest_s: i64,
    /// Cannot be read: no window takes it in beside anything else.
    pub apart: bool,
}

impl Piece {
    pub(super) fn seconds(&self) -> i64 {
        self.to_s - self.from_s
    }

    pub(super) fn expected(&self) -> f64 {
        self.rate * self.seconds() as f64
    }
}

impl Rule {
    /// How long an instant of `age_s` may go unread.
    pub(super) fn allowance_s(&self, age_s: i64) -> f64 {
        (self.interval_s as f64).max(self.revisit * age_s as f64)
    }

    /// The oldest age at which `elapsed_s` since the last reading use up `part` of the allowance; none if nowhere.
    fn age_used_up(&self, elapsed_s: i64, part: f64) -> Option<i64> {
        let elapsed = elapsed_s as f64 / part;
        (elapsed >= self.interval_s as f64).then_some((elapsed / self.revisit) as i64)
    }
}

impl Coverage {
    /// The stretches as they can be believed at `now_s`: nothing of the future is read, and of a stretch that was read
    /// in the future, all but the last `interval`, which then counts as the live edge.
    pub(super) fn believed(&self, now_s: i64, rule: &Rule) -> Vec<Stretch> {
        let believed = |stretch: &Stretch| {
            let late = if stretch.read_at_s > now_s {
                rule.interval_s
            } else {
                0
            };
            between(*stretch, i64::MIN, now_s - late)
        };
        self.stretches.iter().filter_map(believed).collect()
    }

    /// The pieces from the floor to `now_s`, oldest first, without gaps.
    pub(super) fn pieces(&self, now_s: i64, rule: &Rule) -> Vec<Piece> {
        let believed = self.believed(now_s, rule);
        let mut pieces = Vec::with_capacity(2 * believed.len() + 2);
        let mut end = self.floor_s;
        for (place, stretch) in believed.iter().enumerate() {
            if stretch.from_s > end {
                pieces.push(unread(end, stretch.from_s, &believed, place));
            }
            push_read(&mut pieces, stretch, now_s, rule);
            end = stretch.to_s;
        }
        if now_s > end {
            pieces.push(unread(end, now_s, &believed, believed.len()));
        }
        pieces
    }
}

/// The gap before the stretch at `place`. Its density is that of what was read beside it, first on the newer side; it
/// may be read in windows as long as that, so that first steps are short, and each twice the one before.
fn unread(from_s: i64, to_s: i64, stretches: &[Stretch], place: usize) -> Piece {
    let newer = run_beside(stretches[place..].iter(), |end, next| {
        end.to_s == next.from_s
    });
    let older = run_beside(stretches[..place].iter().rev(), |end, next| {
        end.from_s == next.to_s
    });
    let known = if newer.0 >= UNKNOWN_S { newer } else { older };
    let (rate, longest_s) = match known {
        (seconds, records) if seconds >= UNKNOWN_S => {
            (records / seconds as f64, seconds.min(WINDOW_S))
        }
        _ => (0.0, UNKNOWN_S),
    };
    Piece {
        from_s,
        to_s,
        state: State::Unread,
        rate,
        longest_s,
        apart: false,
    }
}

/// Seconds and records of the unbroken run that begins with the first of `stretches`.
fn run_beside<'s>(
    stretches: impl Iterator<Item = &'s Stretch>,
    touch: impl Fn(&Stretch, &Stretch) -> bool,
) -> (i64, f64) {
    let (mut seconds, mut records) = (0, 0.0);
    let mut last: Option<&Stretch> = None;
    for stretch in stretches {
        if seconds >= TELLING_S || last.is_some_and(|last| !touch(last, stretch)) {
            break;
        }
        seconds += stretch.seconds();
        records += f64::from(stretch.records);
        last = Some(stretch);
    }
    (seconds, records)
}

/// A stretch as up to three pieces: its young end may be due, and what comes before it ripe, while the rest is fresh.
fn push_read(pieces: &mut Vec<Piece>, stretch: &Stretch, now_s: i64, rule: &Rule) {
    let Stretch {
        from_s,
        to_s,
        read_at_s,
        ..
    } = *stretch;
    let rate = stretch.rate();
    let elapsed_s = now_s - read_at_s;
    let (ripe_s, due_s, ratio) = if elapsed_s < 0 {
        (from_s, from_s, 1.0)
    } else {
        let begin = |part| {
            rule.age_used_up(elapsed_s, part)
                .map_or(to_s, |age| now_s.saturating_sub(age))
        };
        let ratio = elapsed_s as f64 / rule.allowance_s(now_s - (to_s - 1));
        (
            begin(RIPE).clamp(from_s, to_s),
            begin(1.0).clamp(from_s, to_s),
            ratio,
        )
    };
    for (from_s, to_s, state) in [
        (from_s, ripe_s, State::Fresh),
        (ripe_s, due_s, State::Ripe),
        (due_s, to_s, State::Due(ratio)),
    ] {
        if from_s < to_s {
            pieces.push(Piece {
                from_s,
                to_s,
                state,
                rate,
                longest_s: WINDOW_S,
                apart: false,
            });
        }
    }
}
