//! Where lines of abandoned conversations go, and what becomes of them when that changes: each is written in one place.

use super::crew::{Crew, Midway};
use super::opening::Prepared;
use super::plan::{Plan, Step};
use super::running::Resting;
use super::settings::Identity;
use crate::config::{Config, Output};
use crate::events::{Book, Sink};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Lines that wait at the end, or for an output that is left, have so long.
const LAST_LINES: Duration = Duration::from_secs(1);

impl Crew {
    /// What writes to an output.
    pub(super) fn sink(&mut self, output: &Output) -> std::io::Result<Arc<Sink>> {
        if let Some(sink) = self.sinks.iter().find(|sink| sink.output() == output) {
            return Ok(Arc::clone(sink));
        }
        let sink = Arc::new(Sink::begin(output)?);
        self.sinks.push(Arc::clone(&sink));
        Ok(sink)
    }

    /// An account's book, the same wherever its lines go.
    pub(super) fn book(&mut self, identity: Identity) -> Arc<Book> {
        Arc::clone(self.books.entry(identity).or_default())
    }

    /// Outputs that the configuration does not name end, but for those that have lines in hand: should it name them again, two
    /// would write there at once. `None` where there is no configuration yet.
    pub(super) fn keep_sinks(&mut self, config: Option<&Config>) {
        let named = config.and_then(|config| config.events.abandoned.as_ref());
        self.sinks
            .retain(|sink| Some(sink.output()) == named || sink.is_busy());
        let running: BTreeSet<Identity> = self.identities().collect();
        self.books
            .retain(|identity, book| running.contains(identity) || book.is_under_way());
    }
}

/// Of accounts that are to end, or whose lines are to go elsewhere, what waits is written where it was to go, if that takes no
/// longer than a moment; and up to where is stored, so that nobody writes it again. All may go on as they were after this.
pub(super) fn part(midway: &mut Midway, plan: &Plan, prepared: &[Option<Prepared>]) {
    let stays = |at: usize, resting: &Resting| {
        let step = plan.steps.iter().position(|step| *step == Step::Change(at));
        let after = step.and_then(|step| prepared[step].as_ref()?.lines.as_ref());
        let before = resting.berth.lines.as_ref();
        match (before, after) {
            (Some(before), Some(after)) => Arc::ptr_eq(before.sink(), after.sink()),
            (before, _) => before.is_none(),
        }
    };
    let halted = midway.halted.iter_mut();
    let leaving = halted.filter(|(at, resting)| !stays(**at, resting));
    keep(&mut leaving.map(|(_, resting)| resting).collect::<Vec<_>>());
}

/// Lines of those that end go nowhere more, and neither do those of accounts that are to have none.
pub(super) fn close(plan: &Plan, halted: &BTreeMap<usize, Resting>, opened: &[Option<Resting>]) {
    let close = |at: &usize, unwanted| {
        let lines = halted.get(at).and_then(|it| it.berth.lines.as_ref());
        if let Some(lines) = lines {
            lines.close(unwanted);
        }
    };
    for gone in &plan.gone {
        close(gone, false);
    }
    for (step, opened) in plan.steps.iter().zip(opened) {
        if let (Step::Change(at), Some(opened)) = (step, opened)
            && opened.berth.lines.is_none()
        {
            close(at, true);
        }
    }
}

/// Writes what waits of these, for a moment, and stores up to where.
pub(super) fn keep(halted: &mut [&mut Resting]) {
    let until = Instant::now() + LAST_LINES;
    let mut drained: Vec<Arc<Sink>> = Vec::new();
    for lines in halted.iter().filter_map(|it| it.berth.lines.as_ref()) {
        if !drained.iter().any(|sink| Arc::ptr_eq(sink, lines.sink())) {
            lines
                .sink()
                .drain(until.saturating_duration_since(Instant::now()));
            drained.push(Arc::clone(lines.sink()));
        }
    }
    for Resting { berth, poller } in halted.iter_mut().map(|it| &mut **it) {
        // Another may count what was lost by now, and knows what it wrote.
        let is_ours = berth.lease.as_ref().is_none_or(|lease| !lease.has_ended());
        if let Some(poller) = poller.as_mut().filter(|_| is_ours) {
            poller.keep_last();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Scene, config, damage};
    use std::sync::Arc;

    /// A later account cannot be opened: lines of the earlier go where they went, under the name that they had.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_change_that_fails_moves_no_lines() {
        let scene = Scene::new();
        let to = |file: &str| {
            let path = scene.folder.path().join(file);
            format!("events: {{abandoned: '{}'}}", path.display())
        };
        let calls = || scene.fleet.shown()[0].calls.clone().unwrap();
        damage(&scene, "3").await;
        let before = config(&[("one", "1", "")], &to("lines"));
        scene.fleet.follow(&before).await.unwrap();
        let (book, longest_s) = (calls(), calls().longest_s());
        for (rest, file) in [("", "others"), ("metrics: {windows: [5m]}\n", "lines")] {
            let wanted = config(
                &[("uno", "1", ""), ("bad", "3", "")],
                &format!("{rest}{}", to(file)),
            );
            assert!(scene.fleet.follow(&wanted).await.is_err());
            assert!(Arc::ptr_eq(&book, &calls()));
            assert_eq!(book.longest_s(), longest_s, "of the last that was followed");
            let crew = scene.fleet.crew.lock().await;
            let outputs: Vec<_> = crew.sinks.iter().map(|it| it.output().clone()).collect();
            assert_eq!(
                outputs,
                before.events.abandoned.iter().cloned().collect::<Vec<_>>()
            );
        }
        scene
            .fleet
            .follow(&config(&[("one", "1", "")], &to("others")))
            .await
            .unwrap();
        assert!(
            Arc::ptr_eq(&book, &calls()),
            "an account's book stays its own"
        );
        scene
            .fleet
            .follow(&config(&[("one", "1", "")], ""))
            .await
            .unwrap();
        assert!(scene.fleet.shown()[0].calls.is_none());
        assert!(scene.fleet.crew.lock().await.sinks.is_empty());
    }
}
