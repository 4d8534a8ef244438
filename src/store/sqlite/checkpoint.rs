//! Commits go into the write-ahead log; a thread of its own carries them over into the database's file.
//!
//! SQLite does it inside whichever commit makes the log long. That one then takes several times as long as the others,
//! and with many accounts some account is always waiting for it. A passive checkpoint on another connection holds up
//! neither readers nor the writer.

use super::readers;
use crate::chain::chain;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

/// Rows written between two checkpoints. Each changes a page or two of 4 KiB.
const ROWS: u64 = 1_000;

/// In pages: where the log grows by so much all the same, a commit carries it over by itself. SQLite's default is 1,000.
pub(super) const AT_LATEST: i64 = 16_000;

/// The thread, which ends with this.
#[derive(Debug)]
pub(super) struct Checkpoints {
    rows: AtomicU64,
    due: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpoints {
    pub(super) fn of(database: &Path) -> std::io::Result<Checkpoints> {
        let (due, wakes) = sync_channel(1);
        let database = database.to_owned();
        let thread = std::thread::Builder::new()
            .name("checkpoint".to_owned())
            .spawn(move || run(database, wakes))?;
        Ok(Checkpoints {
            rows: AtomicU64::new(0),
            due: Some(due),
            thread: Some(thread),
        })
    }

    /// So many rows were committed.
    pub(super) fn note(&self, rows: u64) {
        if self.rows.fetch_add(rows, Ordering::Relaxed) + rows >= ROWS {
            self.rows.store(0, Ordering::Relaxed);
            if let Some(due) = &self.due {
                // Full: one is due already.
                let _ = due.try_send(());
            }
        }
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        self.due = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(database: PathBuf, due: Receiver<()>) {
    let mut connection = None;
    let mut failed = false;
    for () in due {
        let result = carry_over(&database, &mut connection);
        if let Err(error) = &result
            && !failed
        {
            tracing::warn!(
                path = %database.display(), error = %chain(error),
                "the write-ahead log cannot be carried over into the database, and grows until it can; no count is lost"
            );
        }
        failed = result.is_err();
    }
}

fn carry_over(database: &Path, connection: &mut Option<Connection>) -> rusqlite::Result<()> {
    let open = match connection.take() {
        Some(open) => open,
        None => readers::open(database)?,
    };
    open.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
    *connection = Some(open);
    Ok(())
}
