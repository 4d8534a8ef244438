//! Several changes that a scrape sees as one.

use super::{Publisher, lock};
use std::time::Instant;

/// Until it is dropped every scrape sees the page of the moment in which it was made; then all that changed meanwhile.
#[must_use = "it ends when it is dropped"]
#[derive(Debug)]
pub struct Hold<'p>(&'p Publisher);

impl Publisher {
    /// For a change of several accounts, or of one account's name: half of it must not be seen. One at a time.
    pub fn hold(&self, now: Instant) -> Hold<'_> {
        // Whoever puts a moment together ends first, and whoever comes later finds the one that is held.
        let _looking = lock(&self.looking);
        let moment = self.fresh(now).unwrap_or_else(|| self.look(now));
        self.held.store(Some(moment));
        Hold(self)
    }
}

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        self.0.held.store(None);
        self.0.look_again();
    }
}
