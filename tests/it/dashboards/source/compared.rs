//! Our counts beside the vendor's own.

use super::panel::{
    Draw, FAR_OVER, GOOD, OVER, Panel, Table, ask, column, graph, label, steps, table,
};
use super::query::ACCOUNT;
use serde_json::json;

const BY: &str = "account, measure";
const SOURCES: &str = "account, source";

fn of(metric: &str, labels: &str) -> String {
    format!("smartassist_{metric}{{{ACCOUNT}{labels}}}")
}

/// What was compared last, what differs, and who told.
pub fn compared() -> Vec<Panel> {
    let side = |side: &str| {
        format!(
            "sum by ({BY}) ({})",
            of("reconciliation_conversations", side)
        )
    };
    let difference = format!(
        "round(max by ({BY}) ({}), 0.001)",
        of("reconciliation_difference_ratio", "")
    );
    let running = format!(
        "round(max by ({BY}) ({}))",
        of("reconciliation_disagreeing_comparisons", "")
    );
    let up = format!(
        "min by ({SOURCES}) ({})",
        of("exporter_reconciliation_up", "")
    );
    let compared_to = format!(
        "max by (account) ({})",
        of("exporter_reconciliation_timestamp_seconds", "")
    );
    vec![
        table((9, 8), "Beside the vendor's numbers", "Of the conversations that began in the stretch compared last, usually an hour that ended an hour ago: what was counted here, the vendor's own total, the part of it by which ours differ without a known reason, and in how many comparisons running they differ by more than two and more than 1 %. Abandoned and terminated are of callers alone. Mail that was answered is shown and not judged: the vendor counts it once the agent has replied. Nothing with `reconcile.interval: off`.", Table {
            labels: vec![label("measure", "Measure", 0).with("mappings", json!([])), label("account", "Account", 90)],
            columns: vec![
                column("Ours", 76, "none", 0, side(r#", side="ours""#)),
                column("Vendor", 76, "none", 0, side(r#", side="vendor""#)),
                column("Differs", 76, "percentunit", 1, format!("abs({difference})")).limits(GOOD, &[(0.01, OVER), (0.02, FAR_OVER)]),
                column("Running", 76, "none", 0, running).limits(GOOD, &[(1.0, OVER), (3.0, FAR_OVER)]),
            ],
            rows: None,
            sort: ("Vendor", true),
            columns_first: false,
            hidden: &[],
        }),
        graph((9, 8), "Difference from the vendor's numbers", "By how much our counts differ from the vendor's own totals, comparison by comparison: below 0, ours are too few. Three running beyond the dashed lines, and by more than two conversations, are NumbersDisagree.", "percentunit", Draw::Lines, vec![
            ask("A", "{{measure}} · {{account}}", difference),
            ask("T", "too many", "vector(0.01)").dashed(),
            ask("U", "too few", "vector(-0.01)").dashed(),
        ]).decimals(1).set("/fieldConfig/defaults/thresholds", steps("text", &[])),
        table((6, 8), "Who told", "Each source of the vendor's totals that was asked: whether it answered last, and how long ago the time ended that is compared. Two hours are usual.", Table {
            labels: vec![label("source", "Source", 0).with("mappings", json!([])), label("account", "Account", 76)],
            columns: vec![
                column("Answers", 76, "none", 0, up.clone()).words(&[("0", "▲ no", OVER), ("1", "✓ yes", GOOD)]),
                column("Compared to", 90, "s", 0, format!("time() - ({up} * 0 + on (account) group_left () {compared_to})")).limits(GOOD, &[(14_400.0, OVER)]),
            ],
            rows: Some(up),
            sort: ("Source", false),
            columns_first: false,
            hidden: &[],
        }),
    ]
}
