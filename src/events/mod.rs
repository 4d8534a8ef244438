//! Which conversations were abandoned: a line of each, once, where `events.abandoned` says; and those of the recent windows,
//! for whoever asks.
//!
//! A line is stored with the count that it tells of, in one commit, and stays there until it is known to be written: a
//! process that dies in between writes it after its next start, and no count is without its line.
//!
//! Invariant: ids, queue, wait and event, and nothing of any person.
//! Not here: which conversations those are (that is found where they are counted), and how they are served.

mod book;
mod call;
mod lines;
mod sink;

pub use book::{Book, Forget, Stored};
pub use call::{Call, Line};
pub use lines::obstacle;
pub use sink::{Outlet, Sink};

/// What an account's state belongs to, whatever it is called.
pub type Identity = (String, String);
