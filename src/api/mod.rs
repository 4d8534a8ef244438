//! The vendor's words: pages, records, requests, times, exactly as sent. Nothing here interprets.
//!
//! Invariant: any JSON value in any place of a record is survived, and any spelling of a value that a person can read
//! reads the same. A field that holds something else is [`Sent::WrongType`] or [`Sent::Unreadable`]; it never costs the
//! rest of its record, and a record never costs its page.
//!
//! Not here: what a field means (that is `fact`'s), and personal data: names, addresses, numbers, notes, remarks and
//! feedback are skipped as bytes, never deserialised. Called by the client (pages), the poller (rows), `fact` (records)
//! and `explain`.

#![deny(
    clippy::disallowed_types,
    reason = "a pure room has no clock: time is an argument"
)]

pub mod limits;
mod live;
mod offset;
mod page;
mod plain;
mod record;
mod request;
mod session;
mod time;
mod totals;
mod walk;
mod wire;

pub use live::{Assigned, LiveRows, OpenConversation, Participant, QueueRow, Staff};
pub use offset::{Change, Offsets, RESIDUAL_S, Told, changes_between, measure_offset, own_offset};
pub use page::{Page, PageError, Row};
pub use record::{
    Agent, AgentTransfer, ConsultingAgent, Customer, Destination, LIST_LIMIT, List, MetaInfo,
    NonRespondingAgent, Record, Text,
};
pub use request::CallDetailsRequest;
pub use session::session_time_s;
pub use time::{Timestamp, format_iso, format_utc};
pub use totals::{ContactVolume, Organisation, QueueTotals, Terminated, organisation};
pub use walk::Sent;
