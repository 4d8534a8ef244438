//! What the poller stores beside the counts, so that a restart goes on where the process before stopped.

use super::coverage::Coverage;
use serde::{Deserialize, Serialize};

/// One account's progress. Committed with every window.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Progress {
    pub coverage: Coverage,
    /// Local − UTC of the account's zone-less times in seconds, as last measured.
    pub offset_s: Option<i32>,
    /// Whether `initial_lookback` was read through once: counters show from then on.
    pub read_through: bool,
}

impl Progress {
    pub fn new(now_s: i64, initial_lookback_s: i64) -> Progress {
        Progress {
            coverage: Coverage::new(now_s, initial_lookback_s),
            offset_s: None,
            read_through: false,
        }
    }

    /// From the stored bytes; `Ok(None)` for an account that was never polled.
    pub fn from_bytes(bytes: &[u8]) -> Result<Option<Progress>, serde_json::Error> {
        if bytes.is_empty() {
            return Ok(None);
        }
        serde_json::from_slice(bytes).map(Some)
    }

    pub fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }
}
