//! (room: web)
