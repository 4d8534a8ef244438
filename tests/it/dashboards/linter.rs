//! The 17 rules of the public dashboard linter, re-stated: each is a function from a board to its complaints.

use super::board::{Board, Query, asked, list, text};
use super::promql::{self, Selector};
use serde_json::{Value, json};

pub type Rule = fn(&Board) -> Vec<String>;

pub const RULES: [(&str, Rule); 17] = [
    ("template-datasource", template_datasource),
    ("template-job", |board| filter_variable(board, "job", "Job")),
    ("template-instance", |board| {
        filter_variable(board, "instance", "Instance")
    }),
    ("template-label-promql", template_label_promql),
    (
        "template-on-time-change-reload",
        template_on_time_change_reload,
    ),
    ("panel-datasource", panel_datasource),
    ("panel-title-description", panel_title_description),
    ("panel-units", panel_units),
    ("panel-no-targets", panel_no_targets),
    ("target-promql", target_promql),
    ("target-logql", target_logql),
    ("target-logql-auto", target_logql_auto),
    ("target-rate-interval", target_rate_interval),
    ("target-job", |board| target_matcher(board, "job")),
    ("target-instance", |board| target_matcher(board, "instance")),
    ("target-counter-agg", target_counter_agg),
    ("uneditable-dashboard", uneditable),
];

fn template_datasource(board: &Board) -> Vec<String> {
    let sources: Vec<&Value> = board
        .variables()
        .iter()
        .filter(|variable| variable["type"] == "datasource")
        .collect();
    let sound = matches!(sources[..], [source] if source["name"] == "datasource"
        && source["label"] == "Data source" && source["query"] == "prometheus");
    complain(
        sound,
        "wants one data source variable, `datasource`, labelled `Data source`, of type prometheus",
    )
}

fn filter_variable(board: &Board, name: &str, label: &str) -> Vec<String> {
    let sound = board.variable(name).is_some_and(|variable| {
        variable["type"] == "query"
            && variable["label"] == label
            && variable["multi"] == true
            && variable["allValue"] == ".+"
            && from_variable(&variable["datasource"])
    });
    complain(
        sound,
        &format!("wants a query variable `{name}`, labelled `{label}`, multi, all as `.+`"),
    )
}

fn template_label_promql(board: &Board) -> Vec<String> {
    let sound =
        |variable: &&Value| asked(variable).is_some_and(|selector| promql::parse(selector).is_ok());
    let broken = board.query_variables().filter(|variable| !sound(variable));
    broken
        .map(|variable| format!("variable `{}` asks no valid query", text(&variable["name"])))
        .collect()
}

fn template_on_time_change_reload(board: &Board) -> Vec<String> {
    let stale = board
        .query_variables()
        .filter(|variable| variable["refresh"] != 2);
    stale
        .map(|variable| {
            format!(
                "variable `{}` does not follow the time range",
                text(&variable["name"])
            )
        })
        .collect()
}

fn panel_datasource(board: &Board) -> Vec<String> {
    panels_that(
        board,
        |panel| !from_variable(&panel["datasource"]),
        "does not use ${datasource}",
    )
}

fn panel_title_description(board: &Board) -> Vec<String> {
    panels_that(
        board,
        |panel| text(&panel["title"]).is_empty() || text(&panel["description"]).is_empty(),
        "has no title or no description",
    )
}

fn panel_units(board: &Board) -> Vec<String> {
    /// Those of Grafana's units that make sense here; a new one is looked up before it is added.
    const UNITS: [&str; 10] = [
        "none",
        "string",
        "short",
        "percentunit",
        "s",
        "dthms",
        "bytes",
        "dateTimeAsIso",
        "reqps",
        "ops",
    ];
    panels_that(
        board,
        |panel| {
            let overrides = list(&panel["fieldConfig"]["overrides"])
                .iter()
                .flat_map(|change| list(&change["properties"]));
            let mut units = overrides
                .filter(|property| property["id"] == "unit")
                .map(|property| &property["value"])
                .chain([&panel["fieldConfig"]["defaults"]["unit"]]);
            units.any(|unit| !UNITS.contains(&text(unit)))
        },
        "has no unit, or one that Grafana does not know",
    )
}

fn panel_no_targets(board: &Board) -> Vec<String> {
    panels_that(
        board,
        |panel| list(&panel["targets"]).is_empty(),
        "asks for nothing",
    )
}

fn target_promql(board: &Board) -> Vec<String> {
    queries_that(
        board,
        |query| promql::parse(query.expr).is_err(),
        "is no PromQL",
    )
}

/// Nothing here asks a log store, so no query can be wrong LogQL.
fn target_logql(board: &Board) -> Vec<String> {
    queries_that(
        board,
        |query| !from_variable(&query.target["datasource"]),
        "is not for Prometheus",
    )
}

/// `$__auto` is LogQL's; PromQL has `$__rate_interval`.
fn target_logql_auto(board: &Board) -> Vec<String> {
    queries_that(
        board,
        |query| query.expr.contains("$__auto"),
        "uses `$__auto`",
    )
}

fn target_rate_interval(board: &Board) -> Vec<String> {
    selectors_that(
        board,
        |selector| match selector.range {
            Some((range, Some("rate" | "irate"))) => range != promql::RATE_INTERVAL,
            Some((range, Some("increase"))) => {
                range != promql::RATE_INTERVAL && range != promql::RANGE
            }
            _ => false,
        },
        "has a fixed range",
    )
}

fn target_matcher(board: &Board, label: &str) -> Vec<String> {
    selectors_that(
        board,
        |selector| !selector.keeps(label, &format!("${label}")),
        &format!("lacks {label}=~\"${label}\""),
    )
}

fn target_counter_agg(board: &Board) -> Vec<String> {
    selectors_that(
        board,
        |selector| {
            let counter = selector
                .metrics()
                .iter()
                .any(|metric| metric.ends_with("_total"));
            counter
                && !matches!(
                    selector.range,
                    Some((_, Some("rate" | "irate" | "increase")))
                )
        },
        "shows a counter as it stands",
    )
}

fn uneditable(board: &Board) -> Vec<String> {
    complain(board.json["editable"] == false, "can be edited in place")
}

fn complain(sound: bool, complaint: &str) -> Vec<String> {
    if sound {
        Vec::new()
    } else {
        vec![complaint.to_owned()]
    }
}

fn from_variable(datasource: &Value) -> bool {
    *datasource == json!({ "type": "prometheus", "uid": "${datasource}" })
}

fn panels_that(board: &Board, broken: impl Fn(&Value) -> bool, complaint: &str) -> Vec<String> {
    let broken = board.data_panels().filter(|panel| broken(panel));
    broken
        .map(|panel| format!("panel `{}` {complaint}", text(&panel["title"])))
        .collect()
}

fn queries_that(
    board: &Board,
    broken: impl Fn(&Query<'_>) -> bool,
    complaint: &str,
) -> Vec<String> {
    let broken = board.queries().into_iter().filter(|query| broken(query));
    broken
        .map(|query| format!("{} {complaint}", query.place))
        .collect()
}

/// Over the selectors of the queries that parse; the others are another rule's.
fn selectors_that(
    board: &Board,
    broken: impl Fn(&Selector<'_>) -> bool,
    complaint: &str,
) -> Vec<String> {
    let mut complaints = Vec::new();
    for query in board.queries() {
        let Ok(expr) = promql::parse(query.expr) else {
            continue;
        };
        let broken = promql::selectors(&expr)
            .into_iter()
            .filter(|selector| broken(selector));
        complaints.extend(
            broken.map(|selector| format!("{}: `{}` {complaint}", query.place, selector.vector)),
        );
    }
    complaints
}
