//! The one place where the wall clock is read; everything else is told the time.

use std::time::{SystemTime, UNIX_EPOCH};

/// A wall clock, in UTC epoch milliseconds: [`now_ms`], or that of a test.
pub type WallClock = fn() -> i64;

/// Milliseconds since 1970-01-01T00:00:00Z; negative on a machine set before that.
#[allow(clippy::disallowed_methods, reason = "here, and nowhere else")]
pub fn now_ms() -> i64 {
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_millis()).unwrap_or(i64::MAX),
        Err(before) => -i64::try_from(before.duration().as_millis()).unwrap_or(i64::MAX),
    }
}

/// Whole seconds since 1970-01-01T00:00:00Z.
pub fn now_s() -> i64 {
    now_ms().div_euclid(1000)
}
