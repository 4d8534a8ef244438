//! What happens to an account, one call each.

use super::AccountMetrics;
use super::table::RECORD_RESULTS;
use crate::ledger::Measure;
use std::time::Duration;

/// How a poll ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PollResult {
    Ok,
    /// Some of what was planned could not be read.
    Partial,
    /// Nothing could be read.
    Failed,
    /// Read, but not to be committed.
    StoreFailed,
}

impl PollResult {
    pub const ALL: [PollResult; 4] = [
        PollResult::Ok,
        PollResult::Partial,
        PollResult::Failed,
        PollResult::StoreFailed,
    ];

    /// The label.
    pub fn as_str(self) -> &'static str {
        match self {
            PollResult::Ok => "ok",
            PollResult::Partial => "partial",
            PollResult::Failed => "failed",
            PollResult::StoreFailed => "store_failed",
        }
    }
}

impl AccountMetrics {
    /// A poll ended. `now_s` is UTC seconds.
    pub fn polled(&self, result: PollResult, took: Duration, now_s: i64) {
        self.polls.inc_by(result.as_str(), 1);
        self.poll_duration.observe(took.as_secs_f64());
        self.up.set(i64::from(result == PollResult::Ok));
        if result == PollResult::Ok {
            self.last_success.set(now_s);
        }
    }

    /// An attempt at a request ended, with one of [`Vocabulary::requests`].
    pub fn requested(&self, result: &'static str, took: Duration) {
        self.requests.inc_by(result, 1);
        self.request_duration.observe(took.as_secs_f64());
    }

    /// A request beside the poll ended, with one of [`Vocabulary::requests`].
    pub fn requested_aside(&self, result: &'static str) {
        self.live_requests.inc_by(result, 1);
    }

    /// Records were received.
    pub fn received(&self, applied: u64, unchanged: u64, rejected: u64) {
        for (result, records) in RECORD_RESULTS.iter().zip([applied, unchanged, rejected]) {
            self.records.inc_by(result, records);
        }
    }

    /// A conversation was counted for the first time, so long after its end. One that ends after now, by a clock that
    /// differs from ours, was counted at once.
    pub fn counted_after(&self, channel: &str, seconds: f64) {
        self.end_to_count.observe(channel, seconds.max(0.0));
    }

    /// Values of a field were refused.
    pub fn rejected_values(&self, field: &'static str, values: u64) {
        self.rejected_values.inc_by(field, values);
    }

    /// Conversations that evidence leaves out, for a reason of the table.
    pub fn evidence_left_out(&self, reason: &'static str, conversations: u64) {
        self.evidence_left_out.inc_by(reason, conversations);
    }

    /// Lines of abandoned conversations, by a result of the table.
    pub fn event_lines(&self, result: &'static str, lines: u64) {
        self.event_lines.inc_by(result, lines);
    }

    /// Counted facts of a kind read differently now, or vanished.
    pub fn revised(&self, fact: &'static str, facts: u64) {
        self.revised_facts.inc_by(fact, facts);
    }

    /// A commit is on disk.
    pub fn committed(&self, took: Duration) {
        self.commit_duration.observe(took.as_secs_f64());
    }

    /// A commit failed: down until a poll succeeds.
    pub fn store_failed(&self) {
        self.store_errors.inc();
        self.up.set(0);
    }

    /// Totals of what was counted under `__overflow__`, of a View.
    pub(in crate::metrics) fn overflowed(&self, totals: &[(Measure, u64)]) {
        for (measure, total) in totals {
            if let Some(count) = self.series_overflow.of(measure.metric().name) {
                count.raise_to(*total);
            }
        }
    }
}
