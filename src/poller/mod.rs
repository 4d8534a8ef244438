//! (room: poller)
