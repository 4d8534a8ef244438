//! The alert rules, as they ship: valid, tested, explained, and about metrics that exist.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test panics to fail"
)]

mod alert_rules;

use alert_rules::{Rule, amtool, folder, promtool, rule_files, rules, test_files};
use std::collections::BTreeSet;
use std::fs;
use std::thread;

const RUNBOOKS: &str =
    "https://github.com/smartassist-exporter/smartassist-exporter/blob/main/docs/runbooks.md#";
const BOARDS: [&str; 5] = [
    "smartassist-operations",
    "smartassist-queue",
    "smartassist-customer-voice",
    "smartassist-bots-channels",
    "smartassist-exporter",
];

#[test]
fn promtool_finds_no_fault_in_any_rule() {
    let mut arguments = vec![
        "check".into(),
        "rules".into(),
        "--lint=all".into(),
        "--lint-fatal".into(),
    ];
    arguments.extend(rule_files());
    promtool(&arguments);
}

#[test]
fn every_promtool_unit_test_passes() {
    let runs: Vec<_> = test_files()
        .into_iter()
        .map(|file| thread::spawn(move || promtool(&["test".into(), "rules".into(), file])))
        .collect();
    for run in runs {
        run.join().expect("a unit test file failed, see above");
    }
}

#[test]
fn alertmanager_accepts_its_configuration() {
    amtool(&[
        "check-config".into(),
        folder().join("alertmanager.yml").display().to_string(),
    ]);
}

#[test]
fn each_severity_reaches_its_receiver() {
    for (severity, receiver) in [
        ("critical", "pages"),
        ("warning", "warnings"),
        ("ticket", "tickets"),
    ] {
        amtool(&[
            "config".into(),
            "routes".into(),
            "test".into(),
            format!(
                "--config.file={}",
                folder().join("alertmanager.yml").display()
            ),
            format!("--verify.receivers={receiver}"),
            format!("severity={severity}"),
            "alertname=Any".into(),
        ]);
    }
}

#[test]
fn every_alert_says_how_bad_what_and_where_to_look() {
    for rule in alerts() {
        let name = rule.name();
        let label = |key: &str| rule.labels.get(key).map(String::as_str);
        assert!(
            matches!(label("severity"), Some("critical" | "warning" | "ticket")),
            "{name}: severity"
        );
        assert!(
            matches!(label("category"), Some("business" | "exporter")),
            "{name}: category"
        );
        let annotation = |key: &str| {
            rule.annotations
                .get(key)
                .unwrap_or_else(|| panic!("{name} has no {key}"))
                .as_str()
        };
        assert!(
            annotation("summary").contains("{{ $labels."),
            "{name}: the summary does not say where"
        );
        assert!(
            annotation("description").contains("value")
                || annotation("description").contains(|c: char| c.is_ascii_digit()),
            "{name}: the description has no number in it"
        );
        assert_eq!(
            annotation("runbook_url"),
            format!("{RUNBOOKS}{}", name.to_lowercase())
        );
        let board =
            annotation("dashboard_url").strip_prefix("{{ $externalLabels.grafana_url }}/d/");
        let board = board.unwrap_or_else(|| panic!("{name}: {}", annotation("dashboard_url")));
        assert!(
            BOARDS.contains(&board.split('?').next().unwrap()),
            "{name} links to no board: {board}"
        );
    }
}

#[test]
fn every_alert_has_a_runbook_section_of_four_parts_and_every_section_an_alert() {
    let runbooks = fs::read_to_string(folder().join("../docs/runbooks.md")).unwrap();
    let mut sections = BTreeSet::new();
    for section in runbooks.split("\n## ").skip(1) {
        let name = section.lines().next().unwrap().trim();
        for part in [
            "**What it means.**",
            "**How to look.**",
            "**What to do.**",
            "**When it is a false alarm.**",
        ] {
            assert!(section.contains(part), "{name} lacks {part}");
        }
        sections.insert(name.to_owned());
    }
    let names: BTreeSet<String> = alerts().iter().map(|rule| rule.name().to_owned()).collect();
    assert_eq!(sections, names);
}

#[test]
fn every_alert_is_tested_firing_and_quiet() {
    let tests: String = test_files()
        .iter()
        .map(|file| fs::read_to_string(file).unwrap())
        .collect();
    let mut missing = Vec::new();
    for rule in alerts() {
        let name = rule.name();
        let checks: Vec<bool> = tests
            .split("- eval_time:")
            .filter(|check| {
                check
                    .lines()
                    .any(|line| line.trim() == format!("alertname: {name}"))
            })
            .map(|check| check.contains("exp_alerts:"))
            .collect();
        if !checks.contains(&true) || !checks.contains(&false) {
            missing.push(name.to_owned());
        }
    }
    assert!(
        missing.is_empty(),
        "without a firing and a quiet unit test: {missing:?}"
    );
}

#[test]
fn every_threshold_is_defined_once_in_its_file_and_read_somewhere() {
    let rules = rules();
    let prefix = "smartassist:threshold:";
    let defined: BTreeSet<&str> = rules
        .iter()
        .filter(|rule| rule.name().starts_with(prefix))
        .map(Rule::name)
        .collect();
    let mut read = BTreeSet::new();
    for rule in &rules {
        for part in rule.expr.split(prefix).skip(1) {
            let end = part
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .unwrap_or(part.len());
            read.insert(format!("{prefix}{}", &part[..end]));
        }
    }
    assert_eq!(defined, read.iter().map(String::as_str).collect());
    for rule in rules.iter().filter(|rule| rule.name().starts_with(prefix)) {
        assert_eq!(rule.file, "thresholds.rules.yml");
    }
}

fn alerts() -> Vec<Rule> {
    rules()
        .into_iter()
        .filter(|rule| rule.alert.is_some())
        .collect()
}

/// The same groups, comments and all, as the Prometheus operator takes them.
#[test]
fn the_kubernetes_rules_are_the_same_rules() {
    let path = folder().join("../deploy/kubernetes/prometheusrule.yaml");
    let mut wanted = String::from(PROMETHEUS_RULE);
    for file in rule_files() {
        let text = fs::read_to_string(file).unwrap();
        let (_, groups) = text.split_once("\ngroups:\n").unwrap();
        for line in groups.trim_end().lines() {
            let indent = if line.is_empty() { "" } else { "  " };
            wanted.push_str(&format!("{indent}{line}\n"));
        }
        wanted.push('\n');
    }
    let wanted = format!("{}\n", wanted.trim_end());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &wanted).unwrap();
    }
    assert!(
        fs::read_to_string(&path).unwrap_or_default() == wanted,
        "`{}` differs from alerts/*.rules.yml\nhint: UPDATE_DOCS=1 cargo test --test alerts kubernetes",
        path.display()
    );
}

const PROMETHEUS_RULE: &str = "\
# Generated from alerts/*.rules.yml; `UPDATE_DOCS=1 cargo test --test alerts kubernetes` writes it anew.
# The operator's Prometheus may select rules by label: add what yours asks for.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: smartassist-exporter
  labels: { app.kubernetes.io/name: smartassist-exporter }
spec:
  groups:
";
