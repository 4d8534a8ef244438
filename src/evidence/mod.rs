//! How strongly conversations speak for a spike of abandonment: evidence, its limit, and what is usual, for every scope.
//!
//! Each conversation that ends is asked how much likelier its end were in an incident than on a usual day. The sum of
//! these, never below 0, is the evidence (a CUSUM of log likelihood ratios): no other way of looking at the same
//! conversations finds spikes sooner at as few false alarms. The limit is set so that an account pages falsely as often as
//! it is allowed to, by arithmetic where conversations stand for themselves and by the scope's own quiet past where they
//! do not.
//!
//! Invariants: pure, no clock, no log, no I/O. The order in which conversations become known changes nothing while the
//! quarter of an hour is open in which they ended; what comes later is counted as late and judged no more. Cost of a
//! conversation is constant, state is bounded by the number of scopes. Stored and loaded at any point, all goes on as if
//! it had not been.
//!
//! Not here: which conversations are offered or abandoned, and what is done about a page. Called by the
//! poller and by `replay`.

#![deny(
    clippy::disallowed_types,
    reason = "a pure room has no clock: time is an argument"
)]

mod alarms;
mod count;
mod detector;
mod follow;
mod pages;
mod past;
mod plan;
mod scope;
mod spread;
mod steady;
mod stored;
mod tail;
mod usual;
mod walk;
mod weights;

#[cfg(test)]
mod tests;

pub use detector::Detector;
pub use pages::{Page, Pages};
pub use scope::{Conversation, Counts, Reading, Scope, Settings, Taken};
pub use stored::Unreadable;
