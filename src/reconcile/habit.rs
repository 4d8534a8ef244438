//! Whether the vendor counts again who comes to another queue, which nobody says.

use super::compare::{ALLOWED_PART, ALWAYS_ALLOWED};
use super::{Measure, Ours, Theirs};
use crate::poller::Compared;

/// So many of ours are needed who came to another queue, to tell it from one comparison.
const TELLING: u64 = 10;

/// So many comparisons running must tell otherwise than before, or a loss of as many as come again would pass for it.
const OTHERWISE: u32 = 3;

/// What one comparison takes him to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Habit {
    /// Each conversation counts once, at its last queue.
    pub once: bool,
    /// What his number of this comparison shows by itself, where it fits one of both and not the other.
    pub shown: Option<bool>,
    /// Why it is taken so.
    pub(super) by: By,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// As comparisons before told.
    Before,
    /// It is nearer, and near enough.
    Fit,
    /// It is nearer, and neither is near: whether ours are too few or too many is a guess where his number is between both.
    Guess { between: bool },
    /// Too few come again to tell, or he does not tell how many came.
    Nothing,
}

impl Habit {
    /// `before`: whether comparisons before told that he counts once, or does not.
    pub(super) fn of(ours: &Ours, theirs: &Theirs, before: Option<bool>) -> Habit {
        let vendor = theirs.side.sum(Measure::Entries);
        let (entries, once) = (
            ours.entries.sum(Measure::Entries),
            ours.once.sum(Measure::Entries),
        );
        // What goes on is in his numbers and not in ours.
        let off = |counted: u64| {
            let most = counted.saturating_add(ours.open);
            vendor.abs_diff(vendor.clamp(counted, most))
        };
        let near = ALWAYS_ALLOWED.max(vendor / ALLOWED_PART);
        let tells = theirs.told[Measure::Entries as usize] && again(ours) >= TELLING;
        let fits = [off(entries) <= near, off(once) <= near];
        let shown = match fits {
            [true, false] if tells => Some(false),
            [false, true] if tells => Some(true),
            _ => None,
        };
        let nearer = tells && off(once) < off(entries);
        let (once, by) = match before {
            Some(once) => (once, By::Before),
            None if !tells => (false, By::Nothing),
            None if fits == [false, false] => {
                let between = (once..entries).contains(&vendor);
                (nearer, By::Guess { between })
            }
            None => (nearer, By::Fit),
        };
        Habit { once, shown, by }
    }

    /// Whether ours may be as many too many as came again, and no mistake.
    pub(super) fn is_unknown(&self) -> bool {
        self.by == By::Nothing
    }

    /// Remembers what was shown; whether that is another habit than before.
    pub(super) fn note(&self, compared: &mut Compared) -> bool {
        match (self.shown, compared.counts_once) {
            (None, _) => return false,
            (Some(shown), Some(before)) if shown != before => {
                compared.otherwise += 1;
                if compared.otherwise < OTHERWISE {
                    return false;
                }
            }
            (Some(_), _) => {}
        }
        let changed = compared.otherwise > 0 && self.shown != compared.counts_once;
        (compared.counts_once, compared.otherwise) = (self.shown, 0);
        changed
    }
}

/// How often ours came to another queue.
pub(super) fn again(ours: &Ours) -> u64 {
    let entries = ours.entries.sum(Measure::Entries);
    entries.saturating_sub(ours.once.sum(Measure::Entries))
}
