//! How an account's polling stands, for people and for readiness.

/// Told through a watch channel after every poll.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Status {
    /// Counters and histograms are shown.
    pub published: bool,
    /// A poll failed before counters were shown; stays, so that who was ready for it remains ready.
    pub failed_unpublished: bool,
    /// Some of the longest recent window was never read.
    pub catching_up: bool,
    /// UTC seconds; `None` before the first success of this process.
    pub last_success_s: Option<i64>,
    /// Why the last poll failed; `None` after a success.
    pub failure: Option<String>,
}
