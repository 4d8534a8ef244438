//! The end of a board, and the one that comes after it.

use super::{Board, Told};
use crate::live::Source;
use std::time::Instant;

impl Board {
    /// Shows nothing more, whoever still tells it something.
    pub fn close(&self) {
        self.state().closed = true;
    }

    /// Goes on where another board stood, which is closed by it: what sources told is good for as long as it was, but for
    /// those that are not read any more.
    pub fn take_over(&self, before: &Board) {
        let earlier = {
            let mut closing = before.state();
            closing.closed = true;
            (
                // Who looks at the account before its new board is shown sees it as it was.
                closing.told.clone(),
                closing.places.clone(),
            )
        };
        let mut state = self.state();
        (state.told, state.places) = earlier;
        for (source, told) in Source::ALL.into_iter().zip(&mut state.told) {
            if !self.reads(source) {
                *told = Told::default();
            }
        }
        self.show(&mut state, Instant::now());
    }
}
