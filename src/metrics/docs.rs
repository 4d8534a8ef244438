//! Documentation of all metrics, generated from the table.
//!
//! A test holds `docs/metrics.md` equal to what this generates.

use super::table::{ACCOUNT, GROUPS, Group, Metric, Scope};
use crate::ledger::Measure;
use std::fmt::Write;

/// The whole of `docs/metrics.md`.
pub fn page() -> String {
    format!(
        "# Metrics\n\n\
         Generated from the one table of metrics; `UPDATE_DOCS=1 cargo test --lib metrics::docs` writes it anew.\n\n\
         {}",
        tables("##")
    )
}

/// A table for each group, under headings of the given level.
pub fn tables(heading: &str) -> String {
    let mut out = format!(
        "Times are in seconds, ratios 0–1. `channel`, `status`, `event` and `disposition` are the vendor's words; \
         `queue` is `none` where there is none. At most `metrics.max_series_per_metric` label sets per metric: \
         what comes beyond is counted under `__overflow__`. Label values are cut to 128 characters.\n\n\
         Bucket bounds, fixed: waits, pick-up, first response and callback wait {}; \
         session, interaction and after-call work {}.\n",
        bounds(Measure::QueueWait),
        bounds(Measure::SessionDuration),
    );
    for group in &GROUPS {
        push_group(&mut out, heading, group);
    }
    out
}

fn push_group(out: &mut String, heading: &str, group: &Group) {
    let header = "| metric | kind | labels | unit | meaning |\n| --- | --- | --- | --- | --- |";
    // Writing into a String cannot fail.
    let _ = writeln!(
        out,
        "\n{heading} {}\n\n{}\n\n{header}",
        group.title, group.note
    );
    for metric in group.metrics {
        let Metric {
            name,
            kind,
            unit,
            help,
            ..
        } = metric;
        let _ = writeln!(
            out,
            "| `{name}` | {} | {} | {unit} | {help} |",
            kind.as_str(),
            labels(metric)
        );
    }
}

fn labels(metric: &Metric) -> String {
    let account = (metric.scope == Scope::Account).then_some(ACCOUNT);
    let labels: Vec<String> = account
        .iter()
        .chain(metric.labels)
        .map(|label| format!("`{label}`"))
        .collect();
    if labels.is_empty() {
        "–".to_owned()
    } else {
        labels.join(", ")
    }
}

fn bounds(of: Measure) -> String {
    let bounds: Vec<String> = of
        .bounds_s()
        .into_iter()
        .flatten()
        .map(u64::to_string)
        .collect();
    bounds.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;

    /// Holds a file to what it should be, or makes it so.
    fn hold(path: &Path, held: &str, expected: &str) {
        if held == expected {
            return;
        }
        assert!(
            std::env::var_os("UPDATE_DOCS").is_some(),
            "`{}` differs from the metrics table\nhint: UPDATE_DOCS=1 cargo test --lib metrics::docs",
            path.display()
        );
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, expected).unwrap();
    }

    #[test]
    fn the_documentation_is_what_the_table_says() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/metrics.md");
        let held = fs::read_to_string(&path).unwrap_or_default();
        hold(&path, &held, &page());
    }

    #[test]
    fn no_text_breaks_a_table() {
        let whole = tables("##");
        for row in whole.lines().filter(|line| line.starts_with('|')) {
            assert_eq!(row.matches('|').count(), 6, "{row}");
        }
    }
}
