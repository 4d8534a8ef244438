//! What still runs of the conversations that are read anyway, told to the live board.

use super::account::AccountPoller;
use super::fetch::Fetched;
use super::ingest::Runs;
use crate::live::{Followed, Source};
use std::sync::Arc;

impl AccountPoller {
    /// Notes what runs of the conversations that began in a window.
    pub(super) fn follow(
        &mut self,
        part: &Fetched<'_>,
        running: Vec<Runs>,
        names: Vec<(String, Arc<str>)>,
    ) {
        let board = &self.surroundings.live;
        board.learn(names);
        if !board.reads(Source::CallDetails) {
            return;
        }
        let running = running.into_iter().map(|runs| {
            let (id, name) = (runs.queue_id.as_deref(), runs.queue_name.as_deref());
            let followed = Followed {
                start_s: runs.start_s,
                place: board.place(&runs.channel, id, name),
                waits_since_s: runs.waits_since_s,
                with_agent: runs.with_agent,
            };
            (runs.id, followed)
        });
        let span = (part.window.from_s, part.until_s);
        self.following.read(span, part.shortfall.is_none(), running);
        self.following
            .forget(self.counts.progress.coverage.floor_s());
    }

    /// Tells what runs, while the last that could be read is of now.
    pub(super) fn tell_running(&self) {
        let board = &self.surroundings.live;
        let (now_s, coverage) = (self.now_s(), &self.counts.progress.coverage);
        let Some(read_s) = coverage.newest_read_s() else {
            return;
        };
        if !board.reads(Source::CallDetails) || now_s - read_s > 2 * self.rule.interval_s {
            return;
        }
        if let Some(outcome) = self.following.reading(now_s, read_s) {
            board.told(Source::CallDetails, outcome);
        }
    }
}
