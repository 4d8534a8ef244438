//! The wall: one page for a screen that a whole room sees, and the JSON it is drawn from.
//!
//! [`Wall`] is what the exporter knows, given by a [`Source`](super::Source). `judge` says which number is beyond its
//! target, `order` which queue stands first, `document` makes the JSON of it; the page (`wall.js`) only draws.
//!
//! Invariants: unknown is not 0; a number carries when it was read and until when it may be shown, so that the page grows
//! old by itself when nobody answers any more; whatever comes from outside has a limit.
//! Not here: where numbers come from, and Grafana.

mod document;
mod judge;
mod order;
mod routes;
#[cfg(test)]
mod tests;

pub(super) use routes::routes;

pub use crate::live::Figure;

use crate::poller::Status;
use std::sync::Arc;

/// What is known now, all accounts together.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Wall {
    /// UTC seconds.
    pub now_s: i64,
    /// In the order of the configuration.
    pub accounts: Vec<WallAccount>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct WallAccount {
    pub name: Arc<str>,
    pub status: Status,
    /// Of which recent time the ratios and the offered are; `None` while none is known whole.
    pub window: Option<WallWindow>,
    pub numbers: WallNumbers,
    /// In any order.
    pub queues: Vec<WallQueue>,
}

/// A stretch of recent time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WallWindow {
    /// How long it is, as the label of recent gauges has it: `15m`.
    pub label: Arc<str>,
    /// Its end, UTC seconds.
    pub to_s: i64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct WallQueue {
    pub queue: Arc<str>,
    /// Empty where a queue is shown over all its channels.
    pub channel: Arc<str>,
    pub numbers: WallNumbers,
}

/// The numbers of an account or of a queue, each beside its target. `None`: not known.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct WallNumbers {
    pub waiting: Option<Figure<u64>>,
    /// 0 where none waits.
    pub longest_wait_s: Option<Figure<u64>>,
    pub longest_wait_target_s: Option<u64>,
    pub agents_available: Option<Figure<u64>>,
    pub with_agent: Option<Figure<u64>>,
    /// Answered within target ÷ offered, 0–1.
    pub service_level: Option<Figure<f64>>,
    pub service_level_target: Option<f64>,
    /// Abandoned ÷ offered, 0–1.
    pub abandonment: Option<Figure<f64>>,
    pub abandonment_target: Option<f64>,
    pub offered: Option<Figure<u64>>,
}
