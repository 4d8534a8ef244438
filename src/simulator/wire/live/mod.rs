//! The rows of *Queue Performance* and of *List of Conversations*: one world, seen as it is now.

mod listed;
mod queues;
mod volume;

pub(in crate::simulator) use listed::{STATUSES, changed_ms, created_ms, listed_row, status};
pub(in crate::simulator) use queues::queue_rows;
pub(in crate::simulator) use volume::volume_row;
