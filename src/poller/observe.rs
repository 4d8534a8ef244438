//! What happened, as the exporter's own metrics and in the log.

use super::coverage::Window;
use super::drift::TOLERANCE_S;
use super::fetch::{Fetched, Shortfall};
use super::ingest::Counted;
use crate::api::format_utc;
use crate::client::{Observer, RequestResult};
use crate::metrics::AccountMetrics;
use std::sync::Arc;
use std::time::Duration;

/// Counts an account's requests.
pub struct RequestMetrics(pub Arc<AccountMetrics>);

impl Observer for RequestMetrics {
    fn attempt(&self, result: RequestResult, took: Duration) {
        self.0.requested(result.as_str(), took);
    }

    fn aside(&self, result: RequestResult) {
        self.0.requested_aside(result.as_str());
    }

    fn throttled(&self, waited: Duration) {
        self.0.throttled.inc_by(waited.as_secs_f64());
    }

    fn budget(&self, per_minute: f64) {
        self.0.budget.set(per_minute);
    }
}

/// Counts what became of a window's records, committed just now, and logs what was refused: fields and numbers, never values.
pub(super) fn tell_counted(own: &AccountMetrics, account: &str, counted: &Counted, now_ms: i64) {
    let tally = &counted.tally;
    own.committed(counted.commit_took);
    own.received(tally.applied, tally.unchanged, tally.rejected);
    own.never_ended.inc_by(counted.never_ended);
    for (channel, ended_s) in &counted.first_counts {
        own.counted_after(channel, (now_ms - ended_s * 1000) as f64 / 1000.0);
    }
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
    if let Some(unread) = counted.unread {
        own.unread_seconds.inc_by(unread.seconds);
        tracing::error!(
            account,
            seconds = unread.seconds,
            from = %format_utc(unread.from_s),
            to = %format_utc(unread.to_s),
            "time passed out of `max_lookback` unread: what ended in it is not counted; \
             hint: the exporter was stopped, or could not read, for longer than that"
        );
    }
}

/// A window that was read, and one of which more was there than could be had: never silent.
pub(super) fn tell_window(own: &AccountMetrics, account: &str, part: &Fetched<'_>) {
    let Window { from_s, to_s, why } = part.window;
    let (from, to) = (format_utc(from_s), format_utc(to_s));
    let Some(shortfall) = part.shortfall else {
        tracing::debug!(account, %from, %to, ?why, rows = part.rows.len(), records = part.records, "window read");
        return;
    };
    own.windows_truncated.inc();
    let cause = match shortfall {
        Shortfall::TooFull => "it holds more than the API hands out",
        Shortfall::BelowTotal => "fewer rows came than its `numResults` tells of",
        Shortfall::Unreadable => "it can't be read, though others can",
        Shortfall::PageBehind => {
            "the page behind the one that looked like its last can't be read, though others can"
        }
    };
    tracing::error!(
        account, %from, %to, rows = part.rows.len(), records = part.records,
        "window truncated: {cause}; it is read again when it is due"
    );
}

/// A database that knows of fewer commits than were made is no error: it is whole, as it stood then. But its counts are lower
/// than they were shown, and nobody would learn why.
pub(super) fn tell_lost(own: &AccountMetrics, account: &str, commits: u64) {
    // An account that is opened anew in the same process has lost nothing since; what was lost before stays told.
    if commits == 0 {
        return;
    }
    own.lost_commits
        .set(i64::try_from(commits).unwrap_or(i64::MAX));
    tracing::warn!(
        account,
        commits,
        "the database is older than it was: it lacks the last commits of this account, as many as are named here. Its counts stand as \
         they stood then, and what ended since is counted again, back to `poll.max_lookback`; hint: was an older copy \
         restored, or the `-wal` removed or cut? If you have what is missing, stop, restore the database with its `-wal`, \
         and start again"
    );
}

/// A clock that was set while no process ran shows in nothing but what the last one wrote.
pub(super) fn tell_ahead(account: &str, last_reading_s: Option<i64>, now_s: i64) {
    let ahead_s = last_reading_s.map_or(0, |at_s| at_s.saturating_sub(now_s));
    if ahead_s > TOLERANCE_S {
        tracing::warn!(
            account,
            ahead_s,
            "the last reading was at a time that is still to come: this machine's clock was ahead then, or is behind now; \
             what may have been missed is read again"
        );
    }
}
