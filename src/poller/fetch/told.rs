//! What fetching is told by the one who asks for pages, and what it tells the poller.

use super::super::coverage::Window;
use super::super::ingest::Rows;
use super::Manners;
use crate::client::CallError;

/// What one window is fetched with.
pub struct Start {
    pub window: Window,
    pub manners: Manners,
    /// A window that could be read lately. When another one fails, this is asked for again: if it can still be read, the
    /// other one is at fault, else the server is. `None`: nothing was read yet, so a failure is taken for the server's.
    pub control: Option<Window>,
    /// Was found unreadable before: it is tried once, and so are its halves.
    pub unreadable: bool,
    /// The second in which the window ends was: bounds are inclusive, so the window is asked for without it.
    pub ends_unreadable: bool,
}

/// Why a page was not to be had.
#[derive(Debug)]
pub enum Denial<E> {
    /// The body was larger than is accepted: a shorter window is to be asked for.
    TooLarge,
    /// Asked again, it will be refused again; another page or window may well be had.
    Refused(E),
    /// Another window may well be readable.
    OfWindow(E),
    /// Nothing can be read now.
    OfAll(E),
}

impl<E> Denial<E> {
    /// What a call that brought no page means for its window.
    pub fn of(error: CallError, told: impl Fn(CallError) -> E) -> Denial<E> {
        match error {
            CallError::TooLarge { .. } => Denial::TooLarge,
            CallError::Refused { .. } => Denial::Refused(told(error)),
            CallError::Unavailable { .. } => Denial::OfWindow(told(error)),
            error => Denial::OfAll(told(error)),
        }
    }
}

/// Why a part is not all that was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shortfall {
    /// It holds more than the API hands out, and no halving helps.
    TooFull,
    /// It ended below a `numResults` that is known to be a total.
    BelowTotal,
    /// It can't be read, while others can.
    Unreadable,
    /// The page behind the one that looked like the last can't be read, while others can.
    PageBehind,
}

/// A window, or the part of one, with all the rows that could be had of it.
pub struct Fetched<'b> {
    pub window: Window,
    /// The window is covered up to here: UTC seconds.
    pub until_s: i64,
    /// When its first page was asked for, UTC seconds.
    pub read_at_s: i64,
    /// What is in `rows` is not all.
    pub shortfall: Option<Shortfall>,
    /// All rows of all pages as they came, repeats included.
    pub rows: Rows<'b>,
    /// How many records the rows are, repeats left out.
    pub records: u32,
    /// What is known of the API now.
    pub manners: Manners,
}

/// What one step of fetching came to.
pub enum Step<'b> {
    /// A part to be counted.
    Part(Box<Fetched<'b>>),
    /// A part was halved, or waits for proof that it is unreadable.
    Onward,
    /// The whole window is fetched.
    Done,
}
