//! A window that is left for later, and gone on with.

use super::halving::{Part, Splits};
use super::{Fetch, Manners, Window};

/// A window that fails alone, as far as its shrinking has come: to go on with when nothing else is due.
#[derive(Debug)]
pub struct Paused {
    pub window: Window,
    parts: Vec<Part>,
    in_doubt: Vec<(Part, i64)>,
    unreadable: Vec<(Part, i64)>,
}

impl<'s> Fetch<'s> {
    /// Goes on with a window that was paused.
    pub fn resume(
        paused: Paused,
        manners: Manners,
        control: Option<Window>,
        splits: &'s mut Splits,
    ) -> Self {
        Fetch {
            window: paused.window,
            parts: paused.parts,
            splits,
            manners,
            control,
            trial: None,
            avoided_s: None,
            fails_alone: true,
            in_doubt: paused.in_doubt,
            unreadable: paused.unreadable,
        }
    }

    /// What is left to do.
    pub fn pause(self) -> Paused {
        Paused {
            window: self.window,
            parts: self.parts,
            in_doubt: self.in_doubt,
            unreadable: self.unreadable,
        }
    }
}
