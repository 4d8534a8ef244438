//! `metrics.windows`: lengths of the recent gauges, each with the label it was written as.

use super::field::{Field, quoted};
use super::kind::span;
use super::node::Value;
use super::problem::Findings;
use super::table::{Inside, Preset, Row, read_default};
use std::time::Duration;

/// Each window holds its recent conversations in memory and has its own series for every queue.
const MOST: usize = 16;
const LEAST: Duration = Duration::from_secs(1);

/// A recent window: its length, and its label as it was written (`24h` stays `24h`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    pub label: String,
    pub length: Duration,
}

pub(super) fn row(default: &'static str) -> Row<Vec<Window>> {
    let allowed = format!("a list of 1 to {MOST} durations, such as `{default}`");
    let inside = Inside::Value {
        allowed: allowed.clone(),
        default: Preset::Default(default),
    };
    Row {
        inside,
        take: Box::new(move |section, key, findings| match section.field(key) {
            Some(field) => Some(read(&field, &allowed, findings)),
            None => read_default(default, |field| {
                Some(read(field, &allowed, &mut Findings::default()))
            }),
        }),
    }
}

fn read(field: &Field<'_>, allowed: &str, findings: &mut Findings) -> Vec<Window> {
    let mut windows: Vec<Window> = Vec::new();
    match &field.node.value {
        Value::List(items) if (1..=MOST).contains(&items.len()) => {}
        Value::List(items) => {
            let found = format!("a list of {}", items.len());
            field.refuse(&found, allowed, None, findings);
        }
        _ => field.refuse_kind(allowed, findings),
    }
    for item in field.items() {
        let (Some(length), Value::Scalar(label)) =
            (span(LEAST).read(&item, findings), &item.node.value)
        else {
            continue;
        };
        let label = label.trim().to_owned();
        if let Some(same) = windows.iter().find(|window| window.length == length) {
            let found = format!("{}, as long as `{}`", quoted(&label), same.label);
            item.refuse(&found, "windows of different lengths", None, findings);
        }
        windows.push(Window { label, length });
    }
    windows
}
