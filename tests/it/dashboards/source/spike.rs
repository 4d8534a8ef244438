//! How strongly the exporter takes what it sees for a spike of abandonment, and what is usual.

use super::panel::{Ask, Draw, Panel, TEAL, ask, graph};
use super::query::ACCOUNT;
use serde_json::json;

/// Which scope a line is of.
const SCOPES: &str = "account, scope, channel, queue";

/// What is usual at each hour: a band behind the ratio.
pub fn usual() -> Ask {
    let usual =
        format!(r#"max(smartassist_abandonment_usual_ratio{{{ACCOUNT}, scope="account"}})"#);
    ask("U", "usual at this hour", usual)
        .coloured(TEAL)
        .with("custom.lineWidth", json!(1))
        .with("custom.fillOpacity", json!(12))
}

/// Evidence as a part of its limit: scopes have limits of their own, and one line at which each of them pages.
pub fn evidence(size: (u64, u64)) -> Panel {
    let of_limit = |scope: &str| {
        let of = |metric: &str| {
            format!(
                "max by ({SCOPES}) (smartassist_abandonment_{metric}{{{ACCOUNT}, scope{scope}}})"
            )
        };
        format!("{} / {}", of("evidence"), of("evidence_limit"))
    };
    let parts = of_limit(r#"!="account""#);
    graph(
        size,
        "Evidence of a spike",
        "How strongly the newest conversations speak for a spike of abandonment, as a part of the evidence that pages: at 100 % AbandonmentSpike fires, if enough were offered and abandoned. White: the account, or each of them. The eight channels and queues with the most at their worst moment. What is usual at this hour stands behind the abandonment ratio. A gap is a time that was not read.",
        "percentunit",
        Draw::Lines,
        vec![
            ask("A", "{{queue}}{{channel}} · {{account}}", format!("{parts} and on ({SCOPES}) topk(8, max_over_time(({parts})[$__range:1m] @ end()))")),
            ask("W", "all of {{account}}", of_limit(r#"="account""#)).whole(),
            ask("T", "limit", format!("group(smartassist_abandonment_evidence_limit{{{ACCOUNT}}})")).dashed(),
        ],
    )
    .decimals(0)
}
