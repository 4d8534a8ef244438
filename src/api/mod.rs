//! The vendor's words: pages, records, requests, times, exactly as sent. Nothing here interprets.
//!
//! Invariant: any JSON value in any place of a record is survived. A field that holds something else than the vendor's
//! page promises is [`Sent::WrongType`]; it never costs the rest of its record, and a record never costs its page.
//!
//! Not here: what a field means (that is `fact`'s), and personal data: names, addresses, numbers, notes, remarks and
//! feedback are skipped as bytes, never deserialised.

mod page;
mod record;
mod request;
mod session;
mod time;
mod walk;

pub use page::{Page, PageError};
pub use record::{
    Agent, Customer, Destination, LIST_LIMIT, List, NonRespondingAgent, Record, Text,
};
pub use request::CallDetailsRequest;
pub use session::{measure_offset, session_time_s};
pub use time::{Timestamp, format_utc};
pub use walk::Sent;
