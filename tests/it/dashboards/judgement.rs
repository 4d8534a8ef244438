//! What boards may claim. Each test stands for a kind of fault that misled people: a stale number that looked calm, a colour
//! on one call, a rate of single events, a threshold met by rounding.

use crate::dashboards::board::{self, Board, list, text};
use crate::dashboards::promql::{self, Selector};
use serde_json::Value;
use std::time::Duration;

const LAST_SUCCESS: &str = "smartassist_exporter_last_success_timestamp_seconds";
const LIVE_TIMESTAMP: &str = "smartassist_exporter_live_timestamp_seconds";
const CATCHING_UP: &str = "smartassist_exporter_catching_up";

fn metrics(expr: &str) -> Vec<String> {
    let expr = promql::parse(expr).unwrap();
    promql::selectors(&expr)
        .iter()
        .flat_map(Selector::metrics)
        .collect()
}

fn asks(expr: &str, metric: &str) -> bool {
    metrics(expr).iter().any(|name| name == metric)
}

fn recent(expr: &str) -> bool {
    metrics(expr)
        .iter()
        .any(|name| name.starts_with("smartassist_recent_"))
}

/// Numbers of this moment, which are read apart from the counts.
fn live(expr: &str) -> bool {
    [
        "waiting",
        "longest_wait_seconds",
        "with_agent",
        "overdue",
        "agents",
    ]
    .iter()
    .any(|number| asks(expr, &format!("smartassist_queue_{number}")))
}

/// Below this nothing is judged: of those who wait now three are some, of those who were offered twenty.
fn least_judged(expr: &str) -> &'static str {
    if live(expr) { ">= 3" } else { ">= 20" }
}

/// Counters and histograms of conversations, which are rare next to scrapes and polls.
fn counts_conversations(expr: &str) -> bool {
    let business = |name: &String| {
        name.starts_with("smartassist_") && !name.starts_with("smartassist_exporter_")
    };
    let grown = ["_total", "_bucket", "_sum", "_count"];
    metrics(expr)
        .iter()
        .any(|name| business(name) && grown.iter().any(|end| name.ends_with(end)))
}

/// Calls with every panel that shows data and its expressions; complaints are collected, so that a run names them all.
fn complaints(complain: impl Fn(&Board, &Value) -> Vec<String>) -> String {
    let mut all = Vec::new();
    for board in board::all() {
        for panel in board.data_panels() {
            let place = format!("{}: `{}`", board.name, text(&panel["title"]));
            all.extend(
                complain(&board, panel)
                    .into_iter()
                    .map(|complaint| format!("{place} {complaint}")),
            );
        }
    }
    all.join("\n")
}

fn exprs(panel: &Value) -> Vec<&str> {
    list(&panel["targets"])
        .iter()
        .map(|target| text(&target["expr"]))
        .collect()
}

fn unless(sound: bool, complaint: &str) -> Vec<String> {
    if sound {
        Vec::new()
    } else {
        vec![complaint.to_owned()]
    }
}

#[test]
fn what_speaks_of_now_in_words_or_colours_knows_when_it_is_stale() {
    let wrong = complaints(|_, panel| {
        let now = exprs(panel).into_iter().any(recent);
        // A dash claims nothing; a word, a colour or a state does.
        let claims = match text(&panel["type"]) {
            "stat" => text(&panel["fieldConfig"]["defaults"]["noValue"]) != "–",
            "table" => list(&panel["transformations"]).iter().any(|step| {
                let names = step["options"]["renameByName"].as_object();
                names.is_some_and(|names| names.values().any(|name| name == "State"))
            }),
            _ => false,
        };
        let knows = exprs(panel)
            .into_iter()
            .any(|expr| asks(expr, LAST_SUCCESS));
        unless(!(now && claims) || knows, "does not say that it is stale")
    });
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn what_judges_this_moment_knows_when_it_was_not_read() {
    let wrong = complaints(|_, panel| {
        let judges = text(&panel["type"]) == "stat"
            && exprs(panel)
                .into_iter()
                .any(|expr| live(expr) && expr.contains("count_values(\"state\""));
        let knows = exprs(panel)
            .into_iter()
            .any(|expr| asks(expr, LIVE_TIMESTAMP));
        unless(!judges || knows, "does not say that it is stale")
    });
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn agents_are_not_added_up_over_queues() {
    // An agent of two queues is among those of both.
    let wrong = complaints(|_, panel| {
        exprs(panel)
            .into_iter()
            .filter(|expr| asks(expr, "smartassist_queue_agents"))
            .flat_map(|expr| {
                expr.match_indices("(smartassist_queue_agents{")
                    .map(|(at, _)| expr[..at].trim_end().to_owned())
                    .filter(|before| !before.ends_with("queue)") && !before.ends_with("state)"))
                    .collect::<Vec<_>>()
            })
            .map(|before| format!("adds agents up: {before}"))
            .collect()
    });
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn counters_over_time_break_where_the_account_was_stale_or_catching_up() {
    let wrong = complaints(|_, panel| {
        let over_time = list(&panel["targets"])
            .iter()
            .filter(|target| target["range"] == true);
        over_time
            .map(|target| text(&target["expr"]))
            .filter(|expr| counts_conversations(expr))
            .filter(|expr| !asks(expr, LAST_SUCCESS) || !asks(expr, CATCHING_UP))
            .map(|expr| format!("draws what is not known: {expr}"))
            .collect()
    });
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn conversations_are_counted_over_ten_minutes_or_more() {
    const LEAST: Duration = Duration::from_mins(10);
    let wrong = complaints(|_, panel| {
        // Grafana's `$__rate_interval`: at least the panel's least interval, and four times the query's own.
        let interval = |of: &Value| {
            let text = text(&of["interval"]);
            let number = text.trim_end_matches(char::is_alphabetic).parse();
            let unit = match text.chars().last() {
                Some('m') => 60,
                Some('h') => 3600,
                _ => 1,
            };
            Duration::from_secs(unit * number.unwrap_or(0))
        };
        list(&panel["targets"])
            .iter()
            .filter(|target| {
                let expr = text(&target["expr"]);
                counts_conversations(expr) && expr.contains("$__rate_interval")
            })
            .filter(|target| (4 * interval(target)).max(interval(panel)) < LEAST)
            .map(|target| format!("{} takes a rate of single events", text(&target["refId"])))
            .collect()
    });
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn values_are_rounded_before_they_are_coloured() {
    // Ages and counts of the exporter have limits in whole seconds and events.
    let exact = |expr: &str| {
        metrics(expr)
            .iter()
            .all(|name| name.starts_with("smartassist_exporter_"))
    };
    let judges = |value: &Value| list(&value["steps"]).len() > 1;
    let wrong = complaints(|_, panel| {
        let defaults = &panel["fieldConfig"]["defaults"];
        let by_value = judges(&defaults["thresholds"]) && defaults["color"]["mode"] == "thresholds";
        let whole = exprs(panel).into_iter().filter(|_| by_value);
        let columns = list(&panel["fieldConfig"]["overrides"])
            .iter()
            .filter(|change| {
                list(&change["properties"])
                    .iter()
                    .any(|property| property["id"] == "thresholds" && judges(&property["value"]))
            });
        let columns = columns.map(|change| column(panel, text(&change["matcher"]["options"])));
        let graded = exprs(panel)
            .into_iter()
            .filter(|expr| expr.contains("count_values(\"state\""));
        whole
            .chain(columns)
            .chain(graded)
            .filter(|expr| !exact(expr) && !expr.contains("round("))
            .map(|expr| format!("is coloured as it stands: {expr}"))
            .collect()
    });
    assert!(wrong.is_empty(), "{wrong}");
}

/// The query behind a column of a table.
fn column<'a>(panel: &'a Value, name: &str) -> &'a str {
    let organize = list(&panel["transformations"])
        .iter()
        .find(|step| step["id"] == "organize")
        .unwrap();
    let names = organize["options"]["renameByName"].as_object().unwrap();
    let (value, _) = names.iter().find(|(_, shown)| *shown == name).unwrap();
    let id = value.strip_prefix("Value #").unwrap_or("A");
    let target = list(&panel["targets"])
        .iter()
        .find(|target| target["refId"] == id);
    text(&target.unwrap()["expr"])
}

#[test]
fn too_few_to_judge_are_not_judged() {
    let wrong = complaints(|_, panel| {
        let scores = |expr: &str| expr.contains("csat_responses") || expr.contains("nps_responses");
        let coloured = text(&panel["fieldConfig"]["defaults"]["noValue"]) == "no answers";
        exprs(panel)
            .into_iter()
            .filter(|expr| {
                expr.contains("count_values(\"state\"") && !expr.contains(least_judged(expr))
                    || expr.contains("histogram_quantile(0.99") && !expr.contains(">= 100")
                    || coloured && scores(expr) && expr.contains('/') && !expr.contains(" 30")
            })
            .map(|expr| format!("judges by a few: {expr}"))
            .collect()
    });
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn a_percentile_without_observations_blanks_no_panel() {
    let wrong = complaints(|_, panel| {
        exprs(panel)
            .into_iter()
            .filter(|expr| expr.contains("histogram_quantile(") && !expr.contains(">= 0"))
            .map(|expr| format!("may be no number: {expr}"))
            .collect()
    });
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn no_series_of_a_graph_has_a_colour_of_judgement() {
    let wrong = complaints(|_, panel| {
        if panel["type"] != "timeseries" {
            return Vec::new();
        }
        let defaults = &panel["fieldConfig"]["defaults"]["color"];
        // The classic palette begins with green and has orange and red.
        let palette = text(&defaults["mode"]).starts_with("palette");
        let judging = |colour: &Value| {
            ["green", "orange", "red", "yellow"]
                .iter()
                .any(|judged| text(colour).contains(judged))
        };
        let series = list(&panel["fieldConfig"]["overrides"])
            .iter()
            .flat_map(|change| list(&change["properties"]))
            .filter(|property| property["id"] == "color")
            .any(|property| judging(&property["value"]["fixedColor"]));
        unless(
            !palette && !series && !judging(&defaults["fixedColor"]),
            "has a series in green, orange or red",
        )
    });
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn queues_and_channels_of_two_accounts_are_never_one() {
    let wrong = complaints(|_, panel| {
        list(&panel["targets"])
            .iter()
            .filter(|target| {
                let legend = text(&target["legendFormat"]);
                let names = |text: &str| {
                    ["queue", "channel"]
                        .iter()
                        .any(|label| text.contains(&format!("{{{{{label}}}}}")))
                };
                let grouped = text(&target["expr"])
                    .split("by (")
                    .skip(1)
                    .filter_map(|rest| rest.split(')').next());
                let merged = grouped
                    .map(|labels| labels.split(", ").collect::<Vec<_>>())
                    .any(|labels| {
                        (labels.contains(&"queue") || labels.contains(&"channel"))
                            && !labels.contains(&"account")
                    });
                merged || names(legend) && !legend.contains("{{account}}")
            })
            .map(|target| format!("{} goes by queue or channel alone", text(&target["refId"])))
            .collect()
    });
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn a_channel_is_held_to_its_own_target() {
    let wrong = complaints(|_, panel| {
        let mut wrong = Vec::new();
        for expr in exprs(panel) {
            let parsed = promql::parse(expr).unwrap();
            for selector in promql::selectors(&parsed) {
                let target = selector
                    .metrics()
                    .iter()
                    .any(|name| name.contains("_target_ratio") || name.contains("_target_seconds"));
                let chosen = selector
                    .vector
                    .matchers
                    .matchers
                    .iter()
                    .any(|matcher| matcher.name == "channel");
                if target && !chosen {
                    wrong.push(format!("joins `{}` whatever its channel", selector.vector));
                }
            }
        }
        wrong
    });
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn alerts_are_those_of_the_chosen_accounts() {
    let wrong = complaints(|_, panel| {
        exprs(panel)
            .into_iter()
            .flat_map(|expr| {
                let parsed = promql::parse(expr).unwrap();
                let selectors = promql::selectors(&parsed);
                let alerts = selectors
                    .iter()
                    .filter(|selector| selector.metrics() == ["ALERTS"]);
                let all = alerts.filter(|selector| {
                    !selector
                        .vector
                        .matchers
                        .matchers
                        .iter()
                        .any(|matcher| matcher.name == "account")
                });
                all.map(|selector| format!("shows `{}` of every account", selector.vector))
                    .collect::<Vec<_>>()
            })
            .collect()
    });
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_alert_on_a_board_leads_to_its_runbook() {
    // What the page serves by these names is tried where the alerts' own links are.
    let boards = board::all();
    let mut links = Vec::new();
    for board in &boards {
        for change in board
            .data_panels()
            .flat_map(|panel| list(&panel["fieldConfig"]["overrides"]))
            .filter(|change| change["matcher"]["options"] == "Runbook")
        {
            let link = list(&change["properties"])
                .iter()
                .find(|property| property["id"] == "links")
                .unwrap();
            links.push(text(&link["value"][0]["url"]).to_owned());
        }
    }
    assert_eq!(links, ["${exporter_url}/runbooks#${__value.text}"; 2]);
}
