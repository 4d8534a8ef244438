//! Our counts held against the vendor's own totals of the same conversations.
//!
//! A stretch of time is compared whole: quarters of an hour that ended an hour ago ([`due`]), of which the coverage proves
//! that all was read. Ours is what was counted of the conversations that began in it ([`Ours`], from the store, so that a
//! running exporter and a command beside it see the same); theirs is *Queue Performance*, else *Contact Volume*
//! ([`Theirs`]). [`Comparison`] says what differs, how much of it is known to be no loss, and what can't be compared;
//! [`Reconciler`] does it on and on.
//!
//! Invariants: what cannot be compared is said and not guessed; nothing here touches a count; a request is sent only while
//! there is one to spare. Not here: how facts are counted (`ledger`), requests and their budget (`client`).
//! Called by `fleet`, and by the command line for a day.

mod ask;
mod compare;
mod explain;
mod habit;
mod measure;
mod memory;
mod ours;
mod plan;
mod reconciler;
mod request;
mod show;
mod side;
#[cfg(test)]
mod tests;
mod theirs;

pub use ask::{Asked, Told, Way};
pub use compare::{Comparison, Judged, Row};
pub use habit::Habit;
pub use measure::Measure;
pub use ours::Ours;
pub use plan::{AGE_S, LONGEST_S, Waits, due, missing};
pub use reconciler::{Reconciler, Terms};
pub use request::totals_request;
pub use side::{Place, Side};
pub use theirs::Theirs;

/// Where the vendor's totals come from, first choice first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    QueuePerformance,
    ContactVolume,
}

impl Source {
    pub const ALL: [Source; 2] = [Source::QueuePerformance, Source::ContactVolume];

    /// The label's value.
    pub fn as_str(self) -> &'static str {
        match self {
            Source::QueuePerformance => "queue_performance",
            Source::ContactVolume => "contact_volume",
        }
    }

    /// In the vendor's words, and the scope that it needs.
    pub fn in_words(self) -> (&'static str, &'static str) {
        match self {
            Source::QueuePerformance => ("Queue Performance", "Configuration"),
            Source::ContactVolume => ("Contact Volume", "WFM Integration"),
        }
    }
}
