//! One account's abandoned conversations: those of the recent windows, and which of them wait for their line.
//!
//! A book is its account's for as long as the process lives, wherever lines go: so each line is handed to one output alone.
//! What an output has in hand when another takes its place stays its own; the other writes all else.

use super::call::Call;
use super::sink::Desk;
use crate::metrics::AccountMetrics;
use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// Conversations that are kept at most once their lines are written, and as many that wait; where more come, those that ended
/// first make room.
const MOST: usize = 10_000;
/// Old ones are forgotten so often, and not one by one.
const FORGET_EVERY_S: i64 = 600;

/// Shared by the poller that fills it, the thread that writes lines, and whoever serves it.
#[derive(Debug, Default)]
pub struct Book(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    /// The account's label, and where it is counted what becomes of lines; `None` before the account was opened.
    account: Option<(Arc<str>, Arc<AccountMetrics>)>,
    /// Where lines go now.
    desk: Weak<Desk>,
    /// How long one is kept after its end, seconds.
    longest_s: i64,
    /// By their commits.
    calls: VecDeque<(i64, Call)>,
    /// The lines of all commits up to this one were handed out...
    handed_to: i64,
    /// ...but for these, which failed;
    failed: BTreeSet<i64>,
    /// and these are being written.
    under_way: BTreeSet<i64>,
    /// Lines of commits up to this one may be there already, written by a process that died or by an attempt that failed.
    in_doubt_to: i64,
    /// Of those whose lines are written, what ended before this, UTC seconds, had to make room;
    listed_from_s: Option<i64>,
    /// and of those that waited.
    lost_before_s: Option<i64>,
    forgot_at_s: Option<i64>,
}

/// Which stored ones are no longer needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forget {
    /// Of commits up to this one...
    pub written: i64,
    /// ...those that ended before, UTC seconds;
    pub before_s: i64,
    /// and all that ended before this.
    pub lost_before_s: i64,
}

/// What is stored of an account's lines.
#[derive(Debug, Default)]
pub struct Stored {
    /// By their commits.
    pub calls: Vec<(i64, Call)>,
    /// Lines of commits up to this one are written.
    pub written: i64,
    /// The last of all commits.
    pub commits: i64,
}

/// Lines to be written, of whole commits.
pub(super) struct Batch {
    pub lines: Vec<String>,
    pub commits: BTreeSet<i64>,
    /// Whether some may be there already.
    pub in_doubt: bool,
}

impl Entries {
    fn is_of(&self, desk: &Arc<Desk>) -> bool {
        std::ptr::eq(self.desk.as_ptr(), Arc::as_ptr(desk))
    }

    fn waits(&self, commit: i64) -> bool {
        commit > self.handed_to && !self.under_way.contains(&commit)
            || self.failed.contains(&commit)
    }

    fn written(&self) -> i64 {
        let open = self.failed.first().into_iter();
        let open = open.chain(self.under_way.first()).min();
        open.map_or(self.handed_to, |first| self.handed_to.min(first - 1))
    }

    /// Whether its lines wait, or are being written.
    fn is_open(&self, commit: i64) -> bool {
        self.waits(commit) || self.under_way.contains(&commit)
    }

    /// Those that ended first make room.
    fn make_room(&mut self) {
        if self.calls.len() <= MOST {
            return;
        }
        if let Some((_, from_s)) = self.drop_first_ended(false) {
            self.listed_from_s = self.listed_from_s.max(Some(from_s));
        }
        if let Some((lost, from_s)) = self.drop_first_ended(true) {
            self.lost_before_s = self.lost_before_s.max(Some(from_s));
            self.tell_lost(
                lost,
                "could not be written for too long and are lost; their counts are not",
            );
        }
        self.keep_failed();
    }

    /// What beyond the most ended first goes, of those whose lines are still open or of the others. How many lines that waited
    /// went with it, and when the first of the rest ended.
    fn drop_first_ended(&mut self, open: bool) -> Option<(u64, i64)> {
        let ends = self.calls.iter().filter(|it| self.is_open(it.0) == open);
        let mut ends: Vec<i64> = ends.map(|it| it.1.ended_s).collect();
        let over = ends.len().checked_sub(MOST).filter(|over| *over > 0)?;
        let (earlier, first_s, _) = ends.select_nth_unstable(over);
        let first_s = *first_s;
        // Of those that ended in that very second only as many as it takes.
        let mut of_second = earlier.iter().filter(|end_s| **end_s == first_s).count();
        let mut lost = 0;
        for (commit, call) in std::mem::take(&mut self.calls) {
            let same = call.ended_s == first_s && of_second > 0;
            if self.is_open(commit) == open && (call.ended_s < first_s || same) {
                of_second -= usize::from(same);
                lost += u64::from(self.waits(commit));
            } else {
                self.calls.push_back((commit, call));
            }
        }
        Some((lost, first_s))
    }

    /// Of what is gone nothing can be tried again.
    fn keep_failed(&mut self) {
        let there: BTreeSet<i64> = self.calls.iter().map(|it| it.0).collect();
        self.failed.retain(|commit| there.contains(commit));
    }

    fn tell_lost(&self, lines: u64, why: &str) {
        if let Some((account, own)) = self.account.as_ref().filter(|_| lines > 0) {
            own.event_lines("lost", lines);
            tracing::warn!(
                account = &**account,
                lines,
                "lines of abandoned conversations {why}"
            );
        }
    }
}

impl Book {
    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins with what is stored, and goes on with what this process knows to be written or to be under way; but for a store
    /// that was put back to an older one. From now on lines go to this desk, and to no other. The one that they went to.
    pub(super) fn open(
        &self,
        account: &Arc<str>,
        own: &Arc<AccountMetrics>,
        longest_s: i64,
        stored: Stored,
        desk: &Arc<Desk>,
    ) -> Option<Arc<Desk>> {
        let mut entries = self.entries();
        entries.account = Some((Arc::clone(account), Arc::clone(own)));
        entries.longest_s = longest_s;
        entries.calls = stored.calls.into();
        entries.in_doubt_to = stored.commits;
        if entries.handed_to > stored.commits {
            entries.handed_to = stored.written;
            entries.failed.clear();
            entries.under_way.clear();
        } else {
            entries.handed_to = entries.handed_to.max(stored.written);
        }
        // What another process wrote meanwhile.
        entries.failed.retain(|commit| *commit > stored.written);
        entries.keep_failed();
        entries.make_room();
        std::mem::replace(&mut entries.desk, Arc::downgrade(desk)).upgrade()
    }

    /// Lines go nowhere from now on, and nothing is listed. Those that wait stay in the store, unless nobody wants them: then
    /// that is told.
    pub(super) fn close(&self, unwanted: bool) -> Option<Arc<Desk>> {
        let mut entries = self.entries();
        let calls = std::mem::take(&mut entries.calls);
        if unwanted {
            let waiting = calls.iter().filter(|it| entries.waits(it.0)).count();
            entries.tell_lost(
                waiting as u64,
                "waited when they were switched off, and are not written; their counts are not touched",
            );
            entries.failed.clear();
            let last = calls.iter().map(|it| it.0).max();
            entries.handed_to = entries.handed_to.max(last.unwrap_or(i64::MIN));
        }
        std::mem::take(&mut entries.desk).upgrade()
    }

    /// Whether an output has lines in hand.
    pub fn is_under_way(&self) -> bool {
        !self.entries().under_way.is_empty()
    }

    /// Those that a commit counted. It is durable.
    pub(super) fn add(&self, commit: i64, calls: Vec<Call>) {
        let mut entries = self.entries();
        entries
            .calls
            .extend(calls.into_iter().map(|call| (commit, call)));
        entries.make_room();
    }

    /// The lines of all commits up to this one are written.
    pub fn written(&self) -> i64 {
        self.entries().written()
    }

    /// What the store may forget by now, if it is time to look.
    pub fn forget(&self, now_s: i64) -> Option<Forget> {
        let mut entries = self.entries();
        // A clock that was set back makes it look again, too.
        let ago_s = entries.forgot_at_s.map(|at_s| now_s.abs_diff(at_s));
        if ago_s.is_some_and(|ago_s| ago_s < FORGET_EVERY_S.unsigned_abs()) {
            return None;
        }
        entries.forgot_at_s = Some(now_s);
        let (written, before_s) = (entries.written(), now_s - entries.longest_s);
        let old = |(commit, call): &(i64, Call)| *commit <= written && call.ended_s < before_s;
        entries.calls.retain(|it| !old(it));
        Some(Forget {
            written,
            before_s: entries.listed_from_s.unwrap_or(i64::MIN).max(before_s),
            lost_before_s: entries.lost_before_s.unwrap_or(i64::MIN),
        })
    }

    /// Those that ended since `from_s`, the latest first, each with its commit.
    pub fn since(&self, from_s: i64, fits: impl Fn(&Call) -> bool) -> Vec<(i64, Call)> {
        let entries = self.entries();
        let fits = |(_, call): &&(i64, Call)| call.ended_s >= from_s && fits(call);
        let mut found: Vec<_> = entries.calls.iter().filter(fits).cloned().collect();
        drop(entries);
        found.sort_by_key(|(commit, call)| std::cmp::Reverse((call.ended_s, *commit)));
        found
    }

    /// How long one is kept, seconds.
    pub fn longest_s(&self) -> i64 {
        self.entries().longest_s
    }

    /// Whether a desk has lines to write, or has some in hand.
    pub(super) fn occupies(&self, desk: &Arc<Desk>) -> bool {
        let entries = self.entries();
        let mut commits = entries.calls.iter().map(|it| it.0);
        entries.is_of(desk)
            && (!entries.under_way.is_empty() || commits.any(|it| entries.waits(it)))
    }

    /// Hands out the lines that wait, if they are for this desk; of whole commits, and about `most` at a time.
    pub(super) fn batch(&self, desk: &Arc<Desk>, most: usize) -> Option<Batch> {
        let mut entries = self.entries();
        if !entries.is_of(desk) {
            return None;
        }
        let (account, _) = entries.account.as_ref()?;
        let mut batch = Batch {
            lines: Vec::new(),
            commits: BTreeSet::new(),
            in_doubt: false,
        };
        let waiting = entries.calls.iter().filter(|it| entries.waits(it.0));
        for (commit, call) in waiting {
            if batch.lines.len() >= most && !batch.commits.contains(commit) {
                break;
            }
            batch.in_doubt |= *commit <= entries.in_doubt_to;
            batch.commits.insert(*commit);
            batch.lines.push(call.line(account, *commit));
        }
        let last = *batch.commits.last()?;
        entries.handed_to = entries.handed_to.max(last);
        for commit in &batch.commits {
            entries.failed.remove(commit);
            entries.under_way.insert(*commit);
        }
        Some(batch)
    }

    pub(super) fn note_written(&self, batch: &Batch, written: u64) {
        let mut entries = self.entries();
        entries.under_way.retain(|it| !batch.commits.contains(it));
        if let Some((_, own)) = &entries.account {
            own.event_lines("written", written);
        }
    }

    /// They wait again, for wherever lines go by now; which is woken where that is elsewhere.
    pub(super) fn note_failure(&self, batch: &Batch, desk: &Arc<Desk>) {
        let mut entries = self.entries();
        for commit in &batch.commits {
            if entries.under_way.remove(commit) {
                entries.failed.insert(*commit);
                entries.in_doubt_to = entries.in_doubt_to.max(*commit);
            }
        }
        if let Some((_, own)) = &entries.account {
            own.event_write_errors.inc();
        }
        let elsewhere = (!entries.is_of(desk)).then(|| entries.desk.upgrade());
        drop(entries);
        if let Some(elsewhere) = elsewhere.flatten() {
            elsewhere.wake();
        }
    }
}

#[cfg(test)]
mod tests;
