//! What was done, how often, who told it, and what was measured.

use super::step::Step;
use crate::support::process::Taken;

/// What stood at the end of a step.
#[derive(Debug, Clone, Copy)]
pub struct After {
    pub seconds: f64,
    /// Conversations counted, by the exporter and by the witness.
    pub counted: u64,
    pub taken: Taken,
}

struct Row {
    name: String,
    shows: String,
    line: String,
    done: Vec<After>,
    left_out: bool,
}

/// Printed when it ends, also by a failure.
pub struct Table {
    rows: Vec<Row>,
    rounds: usize,
}

impl Table {
    pub fn of(steps: &[Step]) -> Table {
        let row = |step: &Step| Row {
            name: step.name.clone(),
            shows: step.shows.to_string(),
            line: step.line.join("` … `"),
            done: Vec::new(),
            left_out: false,
        };
        Table {
            rows: steps.iter().map(row).collect(),
            rounds: 0,
        }
    }

    fn row(&mut self, step: &Step) -> &mut Row {
        let mut rows = self.rows.iter_mut();
        rows.find(|row| row.name == step.name).unwrap()
    }

    pub fn done(&mut self, step: &Step, after: After) {
        self.row(step).done.push(after);
    }

    /// Said aloud, never left out in silence.
    pub fn left_out(&mut self, step: &Step) {
        self.row(step).left_out = true;
    }

    pub fn round(&mut self) {
        self.rounds += 1;
    }

    /// How often each step was done.
    pub fn rounds(&self) -> usize {
        self.rounds
    }
}

/// The least and the most, or the one there is.
fn range<T: Ord + ToString>(values: impl Iterator<Item = T> + Clone) -> String {
    let (least, most) = (values.clone().min(), values.max());
    match (least, most) {
        (Some(least), Some(most)) if least < most => {
            format!("{}–{}", least.to_string(), most.to_string())
        }
        (Some(only), _) => only.to_string(),
        _ => "–".to_owned(),
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        println!(
            "\n| step | times | seconds | metric | line | counted | RSS, MB | files |\n\
             | --- | --- | --- | --- | --- | --- | --- | --- |"
        );
        for row in &self.rows {
            let times = match (row.done.len(), row.left_out) {
                (0, true) => "NOT DONE: nothing may be mounted here".to_owned(),
                (times, _) => times.to_string(),
            };
            let done = row.done.iter();
            println!(
                "| {} | {times} | {} | {} | `{}` | {} | {} | {} |",
                row.name,
                range(done.clone().map(|it| it.seconds.round() as u64)),
                row.shows,
                row.line,
                range(done.clone().map(|it| it.counted)),
                range(done.clone().map(|it| it.taken.resident_kb / 1_000)),
                range(done.map(|it| it.taken.files)),
            );
        }
    }
}
