//! The boards as they are written: `dashboards/*.json` is made from this, and a test holds the files equal to it.
//! `UPDATE_DASHBOARDS=1 cargo test dashboards` writes them anew.
//!
//! `query` says what is asked, `panel` what it looks like, one file a board what stands where. Files that are edited by hand
//! drift: a rule that holds for every tile is written once here, and can't be forgotten on one of them.

mod bots_channels;
mod compared;
mod customer_voice;
mod exporter;
mod now;
mod operations;
mod panel;
mod query;
mod queue;
mod spike;

use crate::support::kept::is_as_written;
use serde_json::{Value, json};

#[test]
fn the_boards_that_ship_are_those_written_here() {
    for (name, board) in boards() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join(format!("dashboards/{name}.json"));
        let written = serde_json::to_string_pretty(&board).unwrap() + "\n";
        is_as_written(&path, &written, "UPDATE_DASHBOARDS", "dashboards");
    }
}

/// File name without `.json`, and content.
pub fn boards() -> [(&'static str, Value); 5] {
    [
        ("bots-channels", bots_channels::board()),
        ("customer-voice", customer_voice::board()),
        ("exporter", exporter::board()),
        ("operations", operations::board()),
        ("queue", queue::board()),
    ]
}

/// What every board has in common.
struct Board {
    uid: &'static str,
    title: &'static str,
    description: &'static str,
    refresh: &'static str,
    from: &'static str,
    variables: Vec<Value>,
    panels: Vec<Value>,
}

impl Board {
    fn json(self) -> Value {
        json!({
            "uid": self.uid, "title": self.title, "description": self.description, "tags": ["smartassist"],
            "id": null, "version": 1, "schemaVersion": 39, "editable": false, "graphTooltip": 1, "fiscalYearStartMonth": 0,
            "liveNow": false, "refresh": self.refresh, "time": { "from": self.from, "to": "now" }, "timepicker": {},
            "timezone": "browser", "weekStart": "",
            "links": [{
                "type": "dashboards", "title": "SmartAssist", "tags": ["smartassist"], "asDropdown": false, "icon": "external link",
                "includeVars": true, "keepTime": true, "targetBlank": false, "tooltip": "", "url": "",
            }],
            "annotations": { "list": annotations() },
            "templating": { "list": self.variables },
            "panels": self.panels,
        })
    }
}

/// Alerts and restarts as lines; times that can't be trusted as shaded stretches, since neighbouring points join.
fn annotations() -> Vec<Value> {
    let note = |name: &str, colour: &str, expr: &str, title: &str, text: &str, tags: &str| {
        json!({
            "name": name, "enable": true, "hide": false, "iconColor": colour, "expr": expr, "step": "30s",
            "datasource": { "type": "prometheus", "uid": "${datasource}" },
            "titleFormat": title, "textFormat": text, "tagKeys": tags,
        })
    };
    vec![
        note(
            "Alerts",
            "red",
            r#"ALERTS{alertstate="firing", job=~"$job", instance=~"$instance", account=~"$account|"}"#,
            "{{alertname}}",
            "{{severity}} {{account}} {{channel}} {{queue}}",
            "severity",
        ),
        note(
            "Stale",
            "purple",
            r#"time() - smartassist_exporter_last_success_timestamp_seconds{job=~"$job", instance=~"$instance", account=~"$account"} >= 300"#,
            "Stale: the account could not be read",
            "{{account}}",
            "account",
        ),
        note(
            "Catching up",
            "#8E8E8E",
            r#"smartassist_exporter_catching_up{job=~"$job", instance=~"$instance", account=~"$account"} > 0"#,
            "Catching up: counters hold conversations of the past",
            "{{account}}",
            "account",
        ),
        note(
            "Exporter restarts",
            "blue",
            r#"changes(process_start_time_seconds{job=~"$job", instance=~"$instance"}[1m]) > 0"#,
            "Exporter restarted",
            "{{instance}}",
            "instance",
        ),
    ]
}

/// The data source and the filters that every board has.
fn filters() -> Vec<Value> {
    vec![
        json!({
            "name": "datasource", "type": "datasource", "label": "Data source", "query": "prometheus", "refresh": 1, "multi": false,
            "includeAll": false, "current": {}, "hide": 0, "regex": "", "options": [],
        }),
        filter(
            "job",
            "Job",
            ".+",
            "label_values(smartassist_exporter_build_info, job)",
        ),
        filter(
            "instance",
            "Instance",
            ".+",
            // Exporters that share a database tell of their accounts under one name, and of themselves under their own.
            r#"label_values({__name__=~"smartassist_exporter_build_info|smartassist_exporter_up", job=~"$job"}, instance)"#,
        ),
        filter(
            "account",
            "Account",
            ".*",
            r#"label_values(smartassist_exporter_leader{job=~"$job", instance=~"$instance"}, account)"#,
        ),
    ]
}

fn channel() -> Value {
    filter(
        "channel",
        "Channel",
        ".*",
        r#"label_values(smartassist_conversations_total{job=~"$job", instance=~"$instance", account=~"$account"}, channel)"#,
    )
}

fn queue() -> Value {
    filter(
        "queue",
        "Queue",
        ".*",
        r#"label_values({__name__=~"smartassist_conversations_total|smartassist_queue_entries_total", job=~"$job", instance=~"$instance", account=~"$account", channel=~"$channel"}, queue)"#,
    )
}

fn filter(name: &str, label: &str, all: &str, query: &str) -> Value {
    let mut filter = variable(name, label, query);
    filter["sort"] = json!(5);
    filter["multi"] = json!(true);
    filter["includeAll"] = json!(true);
    filter["allValue"] = json!(all);
    filter["current"] = json!({ "selected": true, "text": ["All"], "value": ["$__all"] });
    filter
}

fn variable(name: &str, label: &str, query: &str) -> Value {
    json!({
        "name": name, "type": "query", "label": label, "datasource": { "type": "prometheus", "uid": "${datasource}" },
        "definition": query, "query": { "query": query, "refId": "PrometheusVariableQueryEditor-VariableQuery" },
        "refresh": 2, "sort": 0, "multi": false, "includeAll": false, "hide": 0, "regex": "", "options": [],
    })
}

/// One of the exporter's windows. A name of its own for every use, since links between boards carry it by name.
fn window(name: &str, label: &str, default: &str) -> Value {
    let mut window = variable(
        name,
        label,
        r#"label_values(smartassist_recent_offered{job=~"$job", instance=~"$instance", account=~"$account"}, window)"#,
    );
    window["current"] = json!({ "selected": true, "text": default, "value": default });
    window
}

/// What "before" is: the same time of another day, for a day has its own shape.
fn baseline() -> Value {
    let option = |text: &str, value: &str| json!({ "selected": value == "1d", "text": text, "value": value });
    json!({
        "name": "baseline", "type": "custom", "label": "Compared with", "query": "same time yesterday : 1d, a week ago : 7d",
        "multi": false, "includeAll": false, "hide": 0,
        "current": { "selected": true, "text": "same time yesterday", "value": "1d" },
        "options": [option("same time yesterday", "1d"), option("a week ago", "7d")],
    })
}

/// Channels that headlines leave out, as a pattern.
fn apart() -> Value {
    let mail = json!({ "selected": true, "text": "System Mail", "value": "System Mail" });
    json!({
        "name": "apart", "type": "textbox", "label": "Headline without", "query": "System Mail", "hide": 0,
        "current": mail, "options": [mail],
    })
}

/// The exporter's list of abandoned conversations, for a table's row: of that row's account and queue.
const ABANDONED_OF_ROW: &str = "${exporter_url}/abandoned?account=${__data.fields.Account:percentencode}&queue=${__value.raw:percentencode}&since=${window}";

/// Where people reach the exporter, for links to what it serves itself: set once, in the board's settings.
fn exporter_url() -> Value {
    let here = "http://127.0.0.1:10720";
    let here = json!({ "selected": true, "text": here, "value": here });
    json!({
        "name": "exporter_url", "type": "textbox", "label": "Exporter's address", "query": here["value"], "hide": 2,
        "current": here, "options": [here],
    })
}

/// The address of the queue board for a table's row: of that row's account and queue, with the filters that stand.
const QUEUE_OF_ROW: &str = "/d/smartassist-queue?${datasource:queryparam}&${job:queryparam}&${instance:queryparam}&var-account=${__data.fields.Account:percentencode}&${channel:queryparam}&var-queue=${__value.raw:percentencode}&${window:queryparam}&${baseline:queryparam}&${apart:queryparam}&${exporter_url:queryparam}&${__url_time_range}";
