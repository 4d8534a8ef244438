//! Every value of the chart: explained in the README, and of consequence.

use super::{CHART, engine, every_value, path, read, yaml};
use crate::support::kept::is_as_written;
use serde_json::Value;
use std::fs;

/// A key of values.yaml with its `# --`.
struct Row {
    key: String,
    default: Value,
    meaning: String,
}

/// What the comments say. A key without one is the heading of those below it; one with it speaks for all below it.
fn rows() -> Vec<Row> {
    let text = read(&format!("{CHART}/values.yaml"));
    let values = yaml(&text);
    let mut rows = Vec::new();
    let mut above: Vec<&str> = Vec::new();
    let mut said: Option<&str> = None;
    let mut spoken_for = usize::MAX;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let depth = (line.len() - line.trim_start().len()) / 2;
        if let Some(meaning) = line.trim_start().strip_prefix("# -- ") {
            said = Some(meaning);
            continue;
        }
        if depth > spoken_for {
            continue;
        }
        spoken_for = usize::MAX;
        let (name, rest) = line.trim_start().split_once(':').unwrap();
        above.truncate(depth);
        above.push(name);
        match said.take() {
            Some(meaning) => {
                spoken_for = depth;
                rows.push(Row {
                    key: above.join("."),
                    default: values
                        .pointer(&format!("/{}", above.join("/")))
                        .unwrap()
                        .clone(),
                    meaning: meaning.to_owned(),
                });
            }
            None => assert!(
                rest.is_empty(),
                "{}: no `# --` explains it",
                above.join(".")
            ),
        }
    }
    rows
}

fn table() -> String {
    let row = |row: Row| format!("| `{}` | `{}` | {} |\n", row.key, row.default, row.meaning);
    let rows: String = rows().into_iter().map(row).collect();
    format!("| value | default | meaning |\n| --- | --- | --- |\n{rows}")
}

#[test]
fn the_documented_table_of_the_chart_is_its_values() {
    let place = path(CHART).join("README.md");
    let page = fs::read_to_string(&place).unwrap();
    let (head, _) = page
        .split_once("| value | default |")
        .expect("a table of values");
    let wanted = format!("{head}{}", table());
    is_as_written(&place, &wanted, "UPDATE_DOCS", "documented_table");
}

/// The same values without this one.
fn without(values: &Value, key: &str) -> Option<Value> {
    let mut without = values.clone();
    let mut place = &mut without;
    let (last, above) = match key.rsplit_once('.') {
        Some((above, last)) => (last, above.split('.').collect()),
        None => (key, Vec::new()),
    };
    for name in above {
        place = place.get_mut(name)?;
    }
    place.as_object_mut()?.remove(last)?;
    Some(without)
}

/// Whoever takes it out of a release gets another, or is refused.
#[test]
fn every_value_does_something() {
    let mut jobs = every_value();
    let wholes = jobs.len();
    let mut asked = Vec::new();
    for row in rows() {
        for whole in 0..wholes {
            if let Some(values) = without(&jobs[whole], &row.key) {
                asked.push((row.key.clone(), whole));
                jobs.push(values);
            }
        }
    }
    let answers = engine(&jobs, true);
    let idle: Vec<String> = rows()
        .into_iter()
        .map(|row| row.key)
        .filter(|key| {
            let mut tried = asked.iter().zip(&answers[wholes..]);
            !tried.any(|((of, whole), answer)| of == key && *answer != answers[*whole])
        })
        .collect();
    assert!(
        answers[..wholes]
            .iter()
            .all(|answer| answer["digest"].is_string()),
        "{answers:?}"
    );
    assert_eq!(idle, Vec::<String>::new());
}
