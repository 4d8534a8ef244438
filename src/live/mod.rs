//! The queue as it is now: who waits, how long, who could answer.
//!
//! Three sources, each read by itself: a source that is refused, missing, slow or nonsensical costs no other its numbers,
//! and no count. [`reading`] is what one of them told, [`Board`] holds the last of each and says what is shown,
//! [`Collector`] asks for two of them, [`Following`] makes the third of records that the poller reads anyway.
//!
//! Invariants: one number is of one source within an account; what is older than three readings is not shown; no value is
//! not 0. Not here: requests and their budget (`client`), the page (`metrics`).

mod board;
mod channels;
mod collector;
mod follow;
mod present;
mod reading;
mod request;
mod sources;
mod terms;
#[cfg(test)]
mod tests;

pub use board::Board;
pub use channels::Channels;
pub use collector::Collector;
pub use follow::{Followed, Following};
pub use present::{Ended, Figure, Going, HeldTo, Lately, Present};
pub use reading::{Numbers, Place, Reading};
pub use request::{conversations_request, queue_performance_request};
pub use terms::Terms;

/// Where live numbers come from, in the order in which they are preferred for who waits and who is with an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    QueuePerformance,
    Conversations,
    CallDetails,
}

impl Source {
    pub const ALL: [Source; 3] = [
        Source::QueuePerformance,
        Source::Conversations,
        Source::CallDetails,
    ];

    /// The label's value, and the key under `live`.
    pub fn as_str(self) -> &'static str {
        match self {
            Source::QueuePerformance => "queue_performance",
            Source::Conversations => "conversations",
            Source::CallDetails => "call_details",
        }
    }
}
