//! The thread that writes lines: a disk or a reader that hangs holds up lines, and no count.

use super::Identity;
use super::book::Book;
use super::call::Call;
use super::lines::Lines;
use crate::config::Output;
use crate::metrics::AccountMetrics;
use std::collections::BTreeMap;
use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Lines written at once, but for commits that have more.
const MOST_AT_ONCE: usize = 500;
/// After a failure.
const TRY_AGAIN: Duration = Duration::from_secs(2);

/// Writes the lines of all accounts to one output.
#[derive(Debug)]
pub struct Sink {
    output: Output,
    shared: Arc<Shared>,
    wake: SyncSender<()>,
}

/// One account's way to it.
#[derive(Debug, Clone)]
pub struct Outlet {
    pub book: Arc<Book>,
    sink: Arc<Sink>,
}

#[derive(Debug, Default)]
struct Shared {
    books: Mutex<BTreeMap<Identity, Arc<Book>>>,
    /// Told whenever nothing waits any more.
    idle: Condvar,
}

impl Sink {
    /// Its thread ends once the sink is gone.
    ///
    /// # Errors
    /// The system starts no thread.
    pub fn begin(output: &Output) -> io::Result<Sink> {
        let shared = Arc::new(Shared::default());
        // One wake is as good as many.
        let (wake, woken) = sync_channel(1);
        let (lines, writes) = (Lines::to(output), Arc::clone(&shared));
        let name = output.to_string();
        std::thread::Builder::new()
            .name("events".to_owned())
            .spawn(move || write(&writes, lines, &name, &woken))?;
        Ok(Sink {
            output: output.clone(),
            shared,
            wake,
        })
    }

    pub fn output(&self) -> &Output {
        &self.output
    }

    /// An account's, with the same book for as long as lines go here.
    pub fn outlet(self: &Arc<Self>, identity: Identity) -> Outlet {
        let mut books = self.shared.books();
        let book = books
            .entry(identity)
            .or_insert_with(|| Arc::new(Book::new()));
        Outlet {
            book: Arc::clone(book),
            sink: Arc::clone(self),
        }
    }

    /// Forgets the books of accounts that are not to be kept, but for lines that wait.
    pub fn keep(&self, keeps: impl Fn(&Identity) -> bool) {
        let mut books = self.shared.books();
        books.retain(|identity, book| keeps(identity) || book.batch(1).is_some());
    }

    fn wake(&self) {
        match self.wake.try_send(()) {
            Ok(()) | Err(TrySendError::Full(())) => {}
            Err(TrySendError::Disconnected(())) => tracing::error!("nobody writes lines any more"),
        }
    }

    /// Waits until all lines are written, but not longer than that. What is left waits in the store.
    pub fn drain(&self, patience: Duration) {
        self.wake();
        let books = self.shared.books();
        let waits = |books: &mut BTreeMap<Identity, Arc<Book>>| {
            books.values().any(|book| book.batch(1).is_some())
        };
        drop(self.shared.idle.wait_timeout_while(books, patience, waits));
    }
}

impl Outlet {
    /// Begins with what is stored: see [`Book::open`].
    pub fn open(
        &self,
        account: &Arc<str>,
        own: &Arc<AccountMetrics>,
        longest_s: i64,
        stored: Vec<(i64, Call)>,
        reached: (i64, i64),
    ) {
        self.book.open(account, own, longest_s, stored, reached);
        self.sink.wake();
    }

    /// Those that a commit counted. It is durable.
    pub fn add(&self, commit: i64, calls: Vec<Call>) {
        if !calls.is_empty() {
            self.book.add(commit, calls);
            self.sink.wake();
        }
    }
}

impl Shared {
    fn books(&self) -> MutexGuard<'_, BTreeMap<Identity, Arc<Book>>> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn write(shared: &Shared, mut lines: Lines, output: &str, woken: &Receiver<()>) {
    let mut failing = false;
    loop {
        let woken = if failing {
            woken.recv_timeout(TRY_AGAIN)
        } else {
            woken.recv().map_err(|_| RecvTimeoutError::Disconnected)
        };
        match write_all(shared, &mut lines) {
            Ok(()) if failing => {
                failing = false;
                tracing::info!(output, "lines of abandoned conversations are written again");
            }
            Ok(()) => {}
            Err(error) if !failing => {
                failing = true;
                tracing::warn!(
                    output, %error,
                    "lines of abandoned conversations cannot be written; they wait in the store, and are tried again"
                );
            }
            Err(_) => {}
        }
        if woken == Err(RecvTimeoutError::Disconnected) {
            return;
        }
    }
}

fn write_all(shared: &Shared, lines: &mut Lines) -> io::Result<()> {
    let books: Vec<Arc<Book>> = shared.books().values().cloned().collect();
    for book in books {
        while let Some(batch) = book.batch(MOST_AT_ONCE) {
            match lines.append(&batch.lines, batch.in_doubt) {
                Ok(written) => book.note_written(&batch, written),
                Err(error) => {
                    book.note_failure(&batch);
                    return Err(error);
                }
            }
        }
    }
    // Whoever waits looks while it holds the books, and so can't miss this.
    drop(shared.books());
    shared.idle.notify_all();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::call::call;
    use crate::metrics::Own;
    use std::fs;
    use std::path::Path;

    fn sink(path: &Path) -> Arc<Sink> {
        Arc::new(Sink::begin(&Output::File(path.to_owned())).unwrap())
    }

    fn open(sink: &Arc<Sink>, name: &str, stored: Vec<(i64, Call)>, written: i64) -> Outlet {
        let outlet = sink.outlet((name.to_owned(), String::new()));
        let own = Own::any().begin();
        let commits = stored.last().map_or(written, |(commit, _)| *commit);
        outlet.open(&name.into(), &own, 3_600, stored, (written, commits));
        outlet
    }

    /// The commits of the lines of an account.
    fn commits(path: &Path, account: &str) -> Vec<i64> {
        let text = fs::read_to_string(path).unwrap_or_default();
        let told = text
            .lines()
            .map(|line| -> serde_json::Value { serde_json::from_str(line).unwrap() });
        let own = told.filter(|told| told["account"] == account);
        own.map(|told| told["commit"].as_i64().unwrap()).collect()
    }

    #[test]
    fn lines_of_all_accounts_are_written_once_each() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines");
        let sink = sink(&path);
        let (eu, us) = (
            open(&sink, "eu", vec![(3, call(1)), (5, call(2))], 3),
            open(&sink, "us", Vec::new(), 0),
        );
        eu.add(6, vec![call(3), call(4)]);
        us.add(1, vec![call(5)]);
        sink.drain(Duration::from_secs(10));
        assert_eq!(commits(&path, "eu"), [5, 6, 6]);
        assert_eq!(commits(&path, "us"), [1]);
        assert_eq!((eu.book.written(), us.book.written()), (6, 1));
        // Opened anew, as after a reload, before a later commit said how far lines were written.
        let again = open(
            &sink,
            "eu",
            vec![(5, call(2)), (6, call(3)), (6, call(4))],
            3,
        );
        again.add(7, vec![call(6)]);
        sink.drain(Duration::from_secs(10));
        assert_eq!(commits(&path, "eu"), [5, 6, 6, 7]);
    }

    /// Another process may have written them and died before it could say so.
    #[test]
    fn what_a_process_wrote_that_died_is_not_repeated() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines");
        let stored = || vec![(5, call(2)), (6, call(3))];
        for _ in 0..3 {
            let sink = sink(&path);
            let outlet = open(&sink, "eu", stored(), 3);
            sink.drain(Duration::from_secs(10));
            assert_eq!(outlet.book.written(), 6);
            assert_eq!(commits(&path, "eu"), [5, 6]);
        }
    }

    /// Of several accounts, and of more than is written at once.
    #[test]
    fn nothing_of_all_that_waited_is_repeated() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines");
        let stored = |from: i64| -> Vec<(i64, Call)> {
            let commits = [(from, 400), (from + 1, 400), (from + 2, 400)];
            let calls = commits
                .iter()
                .flat_map(|(commit, calls)| vec![*commit; *calls]);
            (0..)
                .zip(calls)
                .map(|(at, commit)| (commit, call(at)))
                .collect()
        };
        for _ in 0..3 {
            let sink = sink(&path);
            let _outlets =
                [("eu", 5), ("us", 70)].map(|(name, from)| open(&sink, name, stored(from), 1));
            sink.drain(Duration::from_secs(20));
            assert_eq!(
                (commits(&path, "eu").len(), commits(&path, "us").len()),
                (1_200, 1_200)
            );
        }
        // Taken out by one reload, put back by the next, before a commit said what was written.
        let sink = sink(&path);
        open(&sink, "eu", stored(5), 7).add(8, vec![call(9_000)]);
        sink.drain(Duration::from_secs(20));
        sink.keep(|_| false);
        let mut again = stored(5);
        again.push((8, call(9_000)));
        open(&sink, "eu", again, 7);
        sink.drain(Duration::from_secs(20));
        assert_eq!(commits(&path, "eu").len(), 1_201);
    }

    #[test]
    fn what_cannot_be_written_waits_and_is_tried_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("later/lines");
        let sink = sink(&path);
        let outlet = open(&sink, "eu", Vec::new(), 0);
        outlet.add(1, vec![call(1)]);
        sink.drain(Duration::from_millis(200));
        assert_eq!(outlet.book.written(), 0);
        fs::create_dir(folder.path().join("later")).unwrap();
        outlet.add(2, vec![call(2)]);
        sink.drain(Duration::from_secs(10));
        assert_eq!(commits(&path, "eu"), [1, 2]);
    }
}
