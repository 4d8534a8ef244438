//! One account's abandoned conversations: those of the recent windows, and which of them wait for their line.

use super::call::Call;
use crate::metrics::AccountMetrics;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Conversations that are kept at most; where more come, the oldest make room.
const MOST: usize = 10_000;
/// Old ones are forgotten so often, and not one by one.
const FORGET_EVERY_S: i64 = 600;

/// Shared by the poller that fills it, the thread that writes lines, and whoever serves it.
#[derive(Debug)]
pub struct Book(Mutex<Entries>);

#[derive(Debug)]
struct Entries {
    /// The account's label, and where it is counted what becomes of lines; `None` before the account was opened.
    account: Option<(Arc<str>, Arc<AccountMetrics>)>,
    /// How long one is kept after its end, seconds.
    longest_s: i64,
    /// By their commits.
    calls: VecDeque<(i64, Call)>,
    /// The lines of all commits up to this one are written.
    written: i64,
    /// Lines of commits up to this one may be there already, written by a process that died or by an attempt that failed.
    in_doubt_to: i64,
    forgot_at_s: i64,
}

/// Which stored ones are no longer needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forget {
    /// Of commits up to this one...
    pub written: i64,
    /// ...those that ended before, UTC seconds;
    pub before_s: i64,
    /// and all of commits before this one.
    pub below: i64,
}

/// Lines to be written, of whole commits.
pub(super) struct Batch {
    pub lines: Vec<String>,
    /// The last of the commits.
    pub commit: i64,
    /// Whether some may be there already.
    pub in_doubt: bool,
}

impl Book {
    pub(super) fn new() -> Book {
        Book(Mutex::new(Entries {
            account: None,
            longest_s: 0,
            calls: VecDeque::new(),
            written: 0,
            in_doubt_to: 0,
            forgot_at_s: i64::MIN,
        }))
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins with what is stored, by commits, of which `commits` is the last. Lines of commits up to `written` are written,
    /// and those that this process knows to be; but for a store that was put back to an older one.
    pub(super) fn open(
        &self,
        account: &Arc<str>,
        own: &Arc<AccountMetrics>,
        longest_s: i64,
        stored: Vec<(i64, Call)>,
        (written, commits): (i64, i64),
    ) {
        let mut entries = self.entries();
        entries.account = Some((Arc::clone(account), Arc::clone(own)));
        entries.longest_s = longest_s;
        entries.calls = stored.into();
        entries.in_doubt_to = commits;
        entries.written = if entries.written > commits {
            written
        } else {
            entries.written.max(written)
        };
    }

    /// Those that a commit counted. It is durable.
    pub(super) fn add(&self, commit: i64, calls: Vec<Call>) {
        let mut entries = self.entries();
        entries
            .calls
            .extend(calls.into_iter().map(|call| (commit, call)));
        let over = entries.calls.len().saturating_sub(MOST);
        let written = entries.written;
        let lost = entries.calls.drain(..over);
        let lost = lost.filter(|(commit, _)| *commit > written).count();
        if let Some((account, own)) = entries.account.as_ref().filter(|_| lost > 0) {
            own.event_lines("lost", lost as u64);
            tracing::warn!(
                account = &**account,
                lines = lost,
                "lines of abandoned conversations could not be written for too long and are lost; their counts are not"
            );
        }
    }

    /// The lines of all commits up to this one are written.
    pub fn written(&self) -> i64 {
        self.entries().written
    }

    /// What the store may forget by now, if it is time to look.
    pub fn forget(&self, now_s: i64) -> Option<Forget> {
        let mut entries = self.entries();
        // A clock that was set back makes it look again, too.
        if now_s.abs_diff(entries.forgot_at_s) < FORGET_EVERY_S.unsigned_abs() {
            return None;
        }
        entries.forgot_at_s = now_s;
        let (written, before_s) = (entries.written, now_s - entries.longest_s);
        let old = |(commit, call): &(i64, Call)| *commit <= written && call.ended_s < before_s;
        entries.calls.retain(|it| !old(it));
        let below = if entries.calls.len() < MOST {
            i64::MIN
        } else {
            entries
                .calls
                .front()
                .map_or(i64::MIN, |(commit, _)| *commit)
        };
        Some(Forget {
            written,
            before_s,
            below,
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

    /// The lines that wait; of whole commits, and about `most` at a time.
    pub(super) fn batch(&self, most: usize) -> Option<Batch> {
        let entries = self.entries();
        let (account, _) = entries.account.as_ref()?;
        let mut batch: Option<Batch> = None;
        let waiting = entries.calls.iter();
        for (commit, call) in waiting.filter(|(commit, _)| *commit > entries.written) {
            let batch = batch.get_or_insert(Batch {
                lines: Vec::new(),
                commit: *commit,
                in_doubt: *commit <= entries.in_doubt_to,
            });
            if batch.lines.len() >= most && *commit != batch.commit {
                break;
            }
            batch.commit = *commit;
            batch.lines.push(call.line(account, *commit));
        }
        batch
    }

    pub(super) fn note_written(&self, batch: &Batch, written: u64) {
        let mut entries = self.entries();
        entries.written = entries.written.max(batch.commit);
        if let Some((_, own)) = &entries.account {
            own.event_lines("written", written);
        }
    }

    pub(super) fn note_failure(&self, batch: &Batch) {
        let mut entries = self.entries();
        entries.in_doubt_to = entries.in_doubt_to.max(batch.commit);
        if let Some((_, own)) = &entries.account {
            own.event_write_errors.inc();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::call::call;
    use crate::metrics::Own;

    fn book(stored: Vec<(i64, Call)>, written: i64) -> Book {
        let book = Book::new();
        book.open(
            &"acme".into(),
            &Own::any().begin(),
            3_600,
            stored,
            (written, 1_000),
        );
        book
    }

    fn commits(book: &Book) -> Vec<i64> {
        let all = book.since(i64::MIN, |_| true).into_iter();
        let mut commits: Vec<i64> = all.map(|(commit, _)| commit).collect();
        commits.sort_unstable();
        commits
    }

    #[test]
    fn a_batch_is_of_whole_commits() {
        let calls = [(1, 3), (2, 2), (3, 4)];
        let calls = calls
            .iter()
            .flat_map(|(commit, calls)| vec![*commit; *calls]);
        let book = book(
            (0..)
                .zip(calls)
                .map(|(at, commit)| (commit, call(at)))
                .collect(),
            0,
        );
        let sizes = std::iter::from_fn(|| {
            let batch = book.batch(4)?;
            book.note_written(&batch, 0);
            Some((batch.lines.len(), batch.commit))
        });
        assert_eq!(sizes.collect::<Vec<_>>(), [(5, 2), (4, 3)]);
    }

    #[test]
    fn the_oldest_make_room_and_what_waited_is_told() {
        let book = book(Vec::new(), 0);
        for commit in 1..=11 {
            book.add(commit, vec![call(commit); 1_000]);
        }
        assert_eq!(commits(&book).len(), MOST);
        assert_eq!(commits(&book)[0], 2);
        let forget = book.forget(0).unwrap();
        assert_eq!(forget.below, 2, "the store keeps no more than that");
        assert_eq!(forget.written, 0);
    }

    #[test]
    fn those_are_forgotten_that_are_old_and_written() {
        let ended_s = call(0).ended_s;
        let book = book(vec![(1, call(0)), (2, call(1)), (3, call(9_000))], 1);
        let now_s = ended_s + 3_602;
        let wanted = Forget {
            written: 1,
            before_s: ended_s + 2,
            below: i64::MIN,
        };
        assert_eq!(book.forget(now_s), Some(wanted));
        assert_eq!(commits(&book), [2, 3], "the line of the second waits");
        assert_eq!(book.forget(now_s + 1), None, "not at every commit");
        assert!(
            book.forget(now_s - 10_000).is_some(),
            "a clock that was set back"
        );
    }
}
