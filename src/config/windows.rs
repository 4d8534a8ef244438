//! `metrics.windows`: lengths of the recent gauges, each with the label it was written as.

use super::field::{Field, quoted};
use super::kind::span;
use super::node::{self, Value};
use super::problem::Findings;
use super::table::{Inside, Preset, Row};
use std::time::Duration;

/// Each window holds its recent conversations in memory and has its own series for every queue.
const MOST: usize = 16;
const LEAST: Duration = Duration::from_secs(1);

/// A recent window: its length, and its label as it was written (`24h` stays `24h`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecentWindow {
    pub label: String,
    pub length: Duration,
}

pub(super) fn row(default: &'static str) -> Row<Vec<RecentWindow>> {
    let allowed = format!("a list of 1 to {MOST} durations, such as `{default}`");
    let inside = Inside::Value {
        allowed: allowed.clone(),
        preset: Preset::Default(default),
    };
    Row::new(inside, move |field| {
        if field.is_written() {
            Some(read(field, &allowed))
        } else {
            let node = node::parse(default).ok()?;
            let findings = Findings::default();
            Some(read(&Field::root(&node, &findings), &allowed))
        }
    })
}

fn read(field: &Field<'_>, allowed: &str) -> Vec<RecentWindow> {
    match field.value() {
        Some(Value::List(items)) if (1..=MOST).contains(&items.len()) => {}
        Some(Value::List(items)) => {
            field.refuse(&format!("is a list of {}", items.len()), allowed, None);
        }
        _ => field.refuse_kind(allowed),
    }
    let mut windows: Vec<RecentWindow> = Vec::new();
    for item in field.items() {
        let (Some(length), Some(label)) = (span(LEAST).read(&item), item.scalar()) else {
            continue;
        };
        let label = label.trim().to_owned();
        if let Some(same) = windows.iter().find(|window| window.length == length) {
            let found = format!("is {}, as long as `{}`", quoted(&label), same.label);
            item.refuse(&found, "windows of different lengths", None);
        }
        windows.push(RecentWindow { label, length });
    }
    windows
}
