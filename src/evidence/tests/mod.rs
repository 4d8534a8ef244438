//! The laws of evidence, over whole kinds of histories.

mod alarms;
mod centre;
mod habits;
mod order;
