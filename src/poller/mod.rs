//! (room: poller)

pub mod coverage;
pub mod fetch;
