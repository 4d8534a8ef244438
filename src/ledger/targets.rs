//! What a queue is held to.

use std::collections::BTreeMap;

/// Targets of one queue, or of an account's queues that have none of their own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Target {
    /// Abandoned ÷ offered, 0–1.
    pub abandonment_ratio: f64,
    /// An offered conversation answered within this counts for the service level.
    pub service_level_millis: u64,
    /// Answered within ÷ offered, 0–1.
    pub service_level_ratio: f64,
    /// Mean wait of the answered.
    pub speed_of_answer_millis: u64,
}

/// An account's targets.
#[derive(Debug, Clone, PartialEq)]
pub struct Targets {
    pub default: Target,
    /// By queue name or id, as configured.
    pub queues: BTreeMap<String, Target>,
}

impl Targets {
    /// The target of a queue: by its id, else by its name, else the default.
    pub fn of(&self, id: Option<&str>, name: Option<&str>) -> &Target {
        [id, name]
            .into_iter()
            .flatten()
            .find_map(|key| self.queues.get(key))
            .unwrap_or(&self.default)
    }
}
