//! What is shown: the one table of all metrics, their rendering, and the documentation made from both.
//!
//! Invariant: a metric is one row of one table; to change it, touch the row and the one place that measures it. A page
//! holds committed numbers only, and asking for it renders no business metric.
//!
//! Not here: counting (the ledger's), HTTP (the web's), the wall clock (time comes in as an argument).
//!
//! Called by the poller, which publishes a View after every poll and keeps the exporter's own metrics, and by the
//! web, which serves [`Publisher::page`].

pub mod docs;
mod gzip;
mod live;
mod openmetrics;
pub mod own;
mod publish;
mod render;
pub mod table;
mod text;
mod zero_first;

#[cfg(test)]
pub(crate) mod parse;
#[cfg(test)]
mod tests;

pub use live::{Gauge, LiveSample};
pub use openmetrics::{Lines, OpenMetrics, named};
pub use own::{AccountMetrics, Own, PollResult, PushResult};
pub use publish::{Encoding, Publisher, Scrape};
pub use render::render;

/// When an account's counts began, as the page tells it.
pub const COUNTING_SINCE: &str = "smartassist_exporter_counting_since_timestamp_seconds";

/// The media type of [`Scrape`]'s text.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";
