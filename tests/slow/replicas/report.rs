//! What was done, how often, and how long it took until all was well again.

use super::judge::{Window, longest_silence};
use super::trouble::Kind;
use std::collections::BTreeMap;
use std::time::Duration;

#[derive(Default)]
struct Row {
    times: usize,
    /// Of every account that changed hands.
    taken: Vec<Duration>,
    silences: Vec<Duration>,
    settled: Vec<Duration>,
}

/// Printed when it ends, also by a failure. `None` stands for two troubles at the same time.
#[derive(Default)]
pub struct Report(BTreeMap<Option<Kind>, Row>);

impl Report {
    pub fn took(&mut self, kind: Kind, window: &Window, taken: Vec<(usize, Duration)>) {
        let row = self.0.entry(Some(kind)).or_default();
        row.add(window);
        row.taken.extend(taken.into_iter().map(|(_, took)| took));
    }

    pub fn both(&mut self, window: &Window) {
        self.0.entry(None).or_default().add(window);
    }
}

impl Row {
    fn add(&mut self, window: &Window) {
        self.times += 1;
        self.silences.push(longest_silence(window));
        self.settled.push(window.settled - window.ended);
    }
}

fn both(times: &[Duration]) -> String {
    let mut times: Vec<f64> = times.iter().map(Duration::as_secs_f64).collect();
    times.sort_by(f64::total_cmp);
    match times.last() {
        Some(most) => format!("{:.1} / {most:.1}", times[times.len() / 2]),
        None => "–".to_owned(),
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        println!(
            "\nSeconds, median / most:\n| trouble | times | accounts that changed hands | taken over after | nobody asked for \
             | all well after its end |\n| --- | --- | --- | --- | --- | --- |"
        );
        for (kind, row) in &self.0 {
            let kind = kind.map_or("two at once".to_owned(), |kind| format!("{kind:?}"));
            println!(
                "| {kind} | {} | {} | {} | {} | {} |",
                row.times,
                row.taken.len(),
                both(&row.taken),
                both(&row.silences),
                both(&row.settled)
            );
        }
    }
}
