//! What the vendor's page allows of *Call Details*, and the words of it that several rooms go by.

/// Rows of a page at most: the `limit` that is asked for.
pub const PAGE_ROWS: u32 = 100;

/// Pages of one window at most: offsets end at 10.
pub const WINDOW_PAGES: u32 = 11;

/// A window reaches over so many seconds at most.
pub const WINDOW_S: i64 = 7 * 86_400;

/// The channel of mail.
pub const MAIL: &str = "System Mail";
