//! What is remembered of comparisons with the vendor's own totals, for those who make them.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Of one account. Stored with the progress, so that a restart goes on where the process before stopped.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Compared {
    /// All that began before it was compared, UTC seconds.
    pub to_s: Option<i64>,
    /// In how many comparisons running each measure disagreed; those that agreed last are not among them.
    pub running: BTreeMap<String, u32>,
    /// Whether the vendor counts a conversation once, however many queues it came to; `None` until his numbers told.
    pub counts_once: Option<bool>,
    /// In how many comparisons running his numbers told otherwise.
    pub otherwise: u32,
}

/// The same, shared by who compares, and the poller, who stores it with its next commit.
#[derive(Debug, Clone, Default)]
pub struct Memory(Arc<Mutex<Option<Compared>>>);

impl Memory {
    pub fn get(&self) -> Compared {
        self.stored().unwrap_or_default()
    }

    pub fn set(&self, compared: Compared) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(compared);
    }

    /// `None` where nothing was ever compared.
    pub(super) fn stored(&self) -> Option<Compared> {
        let compared = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        compared.clone()
    }

    pub(super) fn load(&self, stored: Option<Compared>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = stored;
    }
}
