//! What takes minutes, or proves the same thing many times over: `make soak` runs it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test panics to fail, and says why"
)]
#![allow(
    unreachable_pub,
    reason = "nothing of a binary is reachable from outside"
)]

mod paging;
#[path = "../replay/mod.rs"]
mod replay;
#[path = "../support/mod.rs"]
mod support;

mod live_hour;
mod page_end_to_end;
mod paging_evidence;
mod paging_quality;
mod past;
mod pipeline;
mod queue_now;
mod reconcile;
mod reloads;
mod replicas;
mod scraped;
mod soak;
mod takeover;
