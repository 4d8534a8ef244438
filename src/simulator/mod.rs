//! A simulated contact centre, and the vendor's interfaces over it: *Call Details*, *Queue Performance*, *List of
//! Conversations*.
//!
//! Reading order: [`centre`] (the house), [`conversation`] (what happened), [`world`] (how it comes to happen),
//! [`intent`] (what the bot understood), [`second`] (what v2 tells alone), [`wire`] (the vendor's record of it), [`truth`] (what must be counted of it),
//! [`http`] (the interface), [`now`] (what goes on), [`fault`] (how it misbehaves), [`oddity`] (how records do), [`scenario`] (what befalls the centre).
//!
//! Invariants: the same seed makes the same world; what a record shows is a pure function of (conversation, now);
//! nothing of the exporter is used here, so that the two cannot share a mistake: dates, tokens, outcomes and the
//! counting of [`truth`] are written a second time, from what happened and not from the record.
//! Called by the commands `simulate` and `demo`, and by tests, benches and replays.

mod centre;
mod conversation;
mod dice;
mod fault;
pub mod http;
mod intent;
mod named;
pub mod now;
mod oddity;
pub mod scenario;
mod second;
pub mod truth;
mod wire;
pub(crate) mod world;

pub use fault::{Aim, Fault, Faults, Interface};
pub use http::{Contract, Simulator, serve};
pub use oddity::{Odd, Oddity};
pub use scenario::Scenario;
pub use truth::{Truth, Witness};
pub use wire::PERSONAL;
pub use world::{Plan, World};
