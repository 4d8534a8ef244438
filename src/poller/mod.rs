//! (room: poller)

pub mod coverage;
