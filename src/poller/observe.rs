//! What happened, as the exporter's own metrics and in the log.

use super::coverage::Window;
use super::fetch::Fetched;
use crate::client::{Observer, RequestResult};
use crate::ledger::Tally;
use crate::metrics::AccountMetrics;
use std::sync::Arc;
use std::time::Duration;

/// Counts an account's requests.
pub struct RequestMetrics(pub Arc<AccountMetrics>);

impl Observer for RequestMetrics {
    fn attempt(&self, result: RequestResult, took: Duration) {
        self.0.requested(result.as_str(), took);
    }

    fn throttled(&self, waited: Duration) {
        self.0.throttled.inc_by(waited.as_secs_f64());
    }

    fn budget(&self, per_minute: f64) {
        self.0.budget.set(per_minute);
    }
}

/// Counts what became of a window's records, and logs what was refused: fields and numbers, never values.
pub(super) fn tell_tally(own: &AccountMetrics, account: &str, tally: &Tally) {
    own.received(tally.applied, tally.unchanged, tally.rejected);
    if tally.rejected > 0 {
        tracing::warn!(
            account,
            records = tally.rejected,
            "records without identity refused"
        );
    }
    for (field, values) in &tally.refused {
        own.rejected_values(field.as_str(), *values);
        tracing::warn!(account, field = field.as_str(), values, "values refused");
    }
    for (fact, facts) in &tally.revised {
        own.revised(fact.as_str(), *facts);
        tracing::debug!(
            account,
            fact = fact.as_str(),
            facts,
            "counted facts read differently now"
        );
    }
}

/// A window of which more was there than could be had: never silent.
pub(super) fn tell_truncated(own: &AccountMetrics, account: &str, fetched: &Fetched) {
    if fetched.truncated {
        own.windows_truncated.inc();
        let Window { from_s, to_s, .. } = fetched.window;
        tracing::error!(
            account,
            from_s,
            to_s,
            records = fetched.records(),
            "window truncated: it holds more than the API hands out"
        );
    }
}
