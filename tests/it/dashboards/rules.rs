//! Every board keeps every rule of the linter, and no rule is blind.

use super::board::{self, Board};
use super::linter::RULES;
use serde_json::{Value, json};

#[test]
fn every_board_keeps_every_rule() {
    let complaints: Vec<String> = board::all()
        .iter()
        .flat_map(|board| {
            RULES.iter().flat_map(move |(name, rule)| {
                rule(board)
                    .into_iter()
                    .map(move |complaint| format!("{}: {name}: {complaint}", board.name))
            })
        })
        .collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn every_rule_complains_of_a_board_that_breaks_it() {
    let faults: [(&str, &str, Value); 17] = [
        (
            "template-datasource",
            "/templating/list/0/label",
            json!("Source"),
        ),
        ("template-job", "/templating/list/1/allValue", json!(".*")),
        (
            "template-instance",
            "/templating/list/2/multi",
            json!(false),
        ),
        (
            "template-label-promql",
            "/templating/list/1/query/query",
            json!("label_values(up{, job)"),
        ),
        (
            "template-on-time-change-reload",
            "/templating/list/1/refresh",
            json!(1),
        ),
        (
            "panel-datasource",
            "/panels/0/datasource/uid",
            json!("prometheus"),
        ),
        (
            "panel-title-description",
            "/panels/0/description",
            json!(""),
        ),
        (
            "panel-units",
            "/panels/0/fieldConfig/defaults/unit",
            json!("conversations"),
        ),
        ("panel-no-targets", "/panels/0/targets", json!([])),
        ("target-promql", "/panels/0/targets/0/expr", json!("sum(")),
        (
            "target-logql",
            "/panels/0/targets/0/datasource/type",
            json!("loki"),
        ),
        (
            "target-logql-auto",
            "/panels/0/targets/0/expr",
            json!("count_over_time({job=~\"$job\"}[$__auto])"),
        ),
        (
            "target-rate-interval",
            "/panels/0/targets/0/expr",
            json!("rate(up{job=~\"$job\", instance=~\"$instance\"}[5m])"),
        ),
        (
            "target-job",
            "/panels/0/targets/0/expr",
            json!("up{instance=~\"$instance\"}"),
        ),
        (
            "target-instance",
            "/panels/0/targets/0/expr",
            json!("up{job=~\"$job\"}"),
        ),
        (
            "target-counter-agg",
            "/panels/0/targets/0/expr",
            json!("sum(a_total{job=~\"$job\", instance=~\"$instance\"})"),
        ),
        ("uneditable-dashboard", "/editable", json!(true)),
    ];
    let sound = sound_board();
    for ((name, rule), (broken, pointer, value)) in RULES.iter().zip(faults) {
        assert_eq!(*name, broken);
        assert_eq!(
            rule(&sound),
            Vec::<String>::new(),
            "{name} on a sound board"
        );
        let mut board = sound_board();
        *board.json.pointer_mut(pointer).unwrap() = value;
        assert!(!rule(&board).is_empty(), "{name} does not see {pointer}");
    }
}

/// The smallest board that keeps all rules.
fn sound_board() -> Board {
    let datasource = json!({ "type": "prometheus", "uid": "${datasource}" });
    let variable = |name: &str, label: &str| {
        json!({ "name": name, "label": label, "type": "query", "multi": true, "allValue": ".+", "refresh": 2,
                "datasource": datasource, "query": { "query": format!("label_values(up, {name})") } })
    };
    let json = json!({
        "editable": false,
        "templating": { "list": [
            { "name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus" },
            variable("job", "Job"),
            variable("instance", "Instance"),
        ] },
        "panels": [{
            "type": "stat", "title": "Up", "description": "Whether it is up.", "datasource": datasource,
            "fieldConfig": { "defaults": { "unit": "none" } },
            "targets": [{ "refId": "A", "datasource": datasource, "expr": "up{job=~\"$job\", instance=~\"$instance\"}" }],
        }],
    });
    Board {
        name: "sound".to_owned(),
        json,
    }
}
