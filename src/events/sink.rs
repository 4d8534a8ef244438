//! The thread that writes lines: a disk or a reader that hangs holds up lines, and no count.

use super::Identity;
use super::book::{Book, Stored};
use super::call::Call;
use super::lines::Lines;
use crate::config::Output;
use crate::metrics::AccountMetrics;
use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
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
    desk: Arc<Desk>,
}

/// One account's way to it.
#[derive(Debug, Clone)]
pub struct Outlet {
    pub book: Arc<Book>,
    identity: Identity,
    sink: Arc<Sink>,
}

/// What a sink and its thread share.
#[derive(Debug)]
pub(super) struct Desk {
    /// Those whose lines go here.
    books: Mutex<BTreeMap<Identity, Arc<Book>>>,
    /// Told whenever nothing waits any more.
    idle: Condvar,
    wake: SyncSender<()>,
    /// Lines are taken, or written.
    busy: AtomicBool,
    /// Its sink is gone: nothing more is begun.
    closed: AtomicBool,
}

impl Sink {
    /// Its thread ends once the sink is gone, and with it what is under way.
    ///
    /// # Errors
    /// The system starts no thread.
    pub fn begin(output: &Output) -> io::Result<Sink> {
        let (desk, woken) = Desk::new();
        let (lines, writes) = (Lines::to(output), Arc::clone(&desk));
        let name = output.to_string();
        std::thread::Builder::new()
            .name("events".to_owned())
            .spawn(move || write(&writes, lines, &name, &woken))?;
        Ok(Sink {
            output: output.clone(),
            desk,
        })
    }

    pub fn output(&self) -> &Output {
        &self.output
    }

    /// Whether it has lines in hand: nobody else is to write there meanwhile.
    pub fn is_busy(&self) -> bool {
        self.desk.busy.load(Ordering::SeqCst)
    }

    /// The way of an account's book. Its lines go here once that is opened.
    pub fn outlet(self: &Arc<Self>, identity: Identity, book: Arc<Book>) -> Outlet {
        Outlet {
            book,
            identity,
            sink: Arc::clone(self),
        }
    }

    /// Waits until all lines are written, but not longer than that. What is left waits in the store.
    pub fn drain(&self, patience: Duration) {
        self.desk.wake();
        let books = self.desk.books();
        let waits = |books: &mut BTreeMap<Identity, Arc<Book>>| {
            books.values().any(|book| book.occupies(&self.desk))
        };
        drop(self.desk.idle.wait_timeout_while(books, patience, waits));
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.desk.closed.store(true, Ordering::Release);
        self.desk.wake();
    }
}

impl Outlet {
    /// Begins with what is stored: see [`Book::open`].
    pub fn open(
        &self,
        account: &Arc<str>,
        own: &Arc<AccountMetrics>,
        longest_s: i64,
        stored: Stored,
    ) {
        let desk = &self.sink.desk;
        let before = self.book.open(account, own, longest_s, stored, desk);
        if let Some(before) = before {
            before.books().remove(&self.identity);
        }
        desk.books()
            .insert(self.identity.clone(), Arc::clone(&self.book));
        desk.wake();
    }

    /// Lines of the account go nowhere from now on: see [`Book::close`].
    pub fn close(&self, unwanted: bool) {
        if let Some(desk) = self.book.close(unwanted) {
            desk.books().remove(&self.identity);
        }
    }

    /// Those that a commit counted. It is durable.
    pub fn add(&self, commit: i64, calls: Vec<Call>) {
        if !calls.is_empty() {
            self.book.add(commit, calls);
            self.sink.desk.wake();
        }
    }

    pub fn sink(&self) -> &Arc<Sink> {
        &self.sink
    }
}

impl Desk {
    fn new() -> (Arc<Desk>, Receiver<()>) {
        // One wake is as good as many.
        let (wake, woken) = sync_channel(1);
        let desk = Desk {
            books: Mutex::default(),
            idle: Condvar::new(),
            wake,
            busy: AtomicBool::new(false),
            closed: AtomicBool::new(false),
        };
        (Arc::new(desk), woken)
    }

    /// One at which nobody sits.
    #[cfg(test)]
    pub(super) fn any() -> Arc<Desk> {
        Desk::new().0
    }

    fn books(&self) -> MutexGuard<'_, BTreeMap<Identity, Arc<Book>>> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn wake(&self) {
        let is_gone = self.wake.try_send(()) == Err(TrySendError::Disconnected(()));
        if is_gone && !self.is_closed() {
            tracing::error!("nobody writes lines any more");
        }
    }

    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }
}

fn write(desk: &Arc<Desk>, mut lines: Lines, output: &str, woken: &Receiver<()>) {
    let mut failing = false;
    while !desk.is_closed() {
        if failing {
            // Woken or not, it is tried again.
            woken.recv_timeout(TRY_AGAIN).ok();
        } else if woken.recv().is_err() {
            return;
        }
        desk.busy.store(true, Ordering::SeqCst);
        let written = write_all(desk, &mut lines);
        desk.busy.store(false, Ordering::SeqCst);
        match written {
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
    }
}

fn write_all(desk: &Arc<Desk>, lines: &mut Lines) -> io::Result<()> {
    let books: Vec<Arc<Book>> = desk.books().values().cloned().collect();
    for book in books {
        while !desk.is_closed()
            && let Some(batch) = book.batch(desk, MOST_AT_ONCE)
        {
            match lines.append(&batch.lines, batch.in_doubt) {
                Ok(written) => book.note_written(&batch, written),
                Err(error) => {
                    book.note_failure(&batch, desk);
                    return Err(error);
                }
            }
        }
    }
    // Whoever waits looks while it holds the books, and so can't miss this.
    drop(desk.books());
    desk.idle.notify_all();
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

    fn open(sink: &Arc<Sink>, name: &str, calls: Vec<(i64, Call)>, written: i64) -> Outlet {
        let book = Arc::default();
        again(
            &sink.outlet((name.to_owned(), String::new()), book),
            calls,
            written,
        )
    }

    /// As after a reload.
    fn again(outlet: &Outlet, calls: Vec<(i64, Call)>, written: i64) -> Outlet {
        let own = Own::any().begin();
        let commits = calls.last().map_or(written, |(commit, _)| *commit);
        let stored = Stored {
            calls,
            written,
            commits,
        };
        let name = outlet.identity.0.as_str();
        outlet.open(&name.into(), &own, 3_600, stored);
        outlet.clone()
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
        let again = again(&eu, vec![(5, call(2)), (6, call(3)), (6, call(4))], 3);
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
        let outlet = open(&sink, "eu", stored(5), 7);
        outlet.add(8, vec![call(9_000)]);
        sink.drain(Duration::from_secs(20));
        outlet.close(false);
        let mut calls = stored(5);
        calls.push((8, call(9_000)));
        again(&outlet, calls, 7);
        sink.drain(Duration::from_secs(20));
        assert_eq!(commits(&path, "eu").len(), 1_201);
    }

    /// Back and forth between two files, with lines on the way all the time.
    #[test]
    fn lines_that_move_are_in_one_place_each() {
        let folder = tempfile::tempdir().unwrap();
        let paths = ["one", "two"].map(|name| folder.path().join(name));
        let book: Arc<Book> = Arc::default();
        let mut all = Vec::new();
        let mut sinks: Vec<Arc<Sink>> = Vec::new();
        for (turn, path) in (0..40).zip(paths.iter().cycle()) {
            let output = Output::File(path.clone());
            let there = sinks.iter().find(|sink| *sink.output() == output);
            let sink = there.map_or_else(|| sink(path), Arc::clone);
            let outlet = sink.outlet(("eu".to_owned(), String::new()), Arc::clone(&book));
            again(&outlet, all.clone(), 0);
            // As a fleet keeps them.
            sinks.push(Arc::clone(&sink));
            sinks.retain(|sink| *sink.output() == output || sink.is_busy());
            for commit in turn * 20 + 1..=turn * 20 + 20 {
                all.push((commit, call(commit)));
                outlet.add(commit, vec![call(commit)]);
            }
            if turn == 39 {
                sink.drain(Duration::from_secs(20));
            }
        }
        // What was in hand when its sink ended is finished by its thread.
        let deadline = std::time::Instant::now() + Duration::from_secs(20);
        while book.is_under_way() && std::time::Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
        }
        let mut found: Vec<i64> = paths.iter().flat_map(|path| commits(path, "eu")).collect();
        found.sort_unstable();
        assert_eq!(found, (1..=800).collect::<Vec<_>>());
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
