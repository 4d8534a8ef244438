//! The alert rules, as they ship: valid, tested, explained, and about metrics that exist.

use crate::alert_rules::{Rule, amtool, folder, promtool, rule_files, rules, test_files};
use crate::support::kept::is_as_written;
use std::collections::BTreeSet;
use std::fs;
use std::thread;

const RUNBOOKS: &str = "{{ $externalLabels.smartassist_exporter_url }}/runbooks#";
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
        ("info", "notes"),
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
            matches!(label("severity"), Some("critical" | "warning" | "info")),
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
        assert_eq!(annotation("runbook_url"), format!("{RUNBOOKS}{name}"));
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
            "**What to look at first.**",
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

/// While an account can't be seen, and for a while after, its business alerts are mute, and the exporter's own alert tells
/// why. That one takes its time; and a short blindness has none. An incident that is known must outlast both, for its end
/// would read as "all is well".
#[test]
fn no_business_alert_ends_because_the_exporter_is_blind() {
    let takes_over = alerts()
        .iter()
        .find(|rule| rule.name() == "SmartassistDataStale")
        .map(|rule| seconds(&rule.hold))
        .expect("an alert on stale data");
    for rule in alerts() {
        if rule.labels["category"] != "business" {
            continue;
        }
        let mute = rule
            .expr
            .split_once("unsettled:bool[")
            .and_then(|(_, rest)| rest.split_once(']'))
            .map_or(0, |(window, _)| seconds(window) + seconds(&rule.hold));
        let held = seconds(&rule.keep_firing);
        assert!(
            held >= takes_over + 240 && held > mute,
            "{} is held for {held} s, its guard may mute it for {mute} s",
            rule.name()
        );
    }
}

/// What goes by the queue now is not seen when its numbers are older than three readings. LiveDataStale tells why, in its own
/// time; until then an incident that is known goes on.
#[test]
fn no_alert_on_the_queue_now_ends_because_it_cannot_be_seen() {
    let rules = rules();
    let told = rules
        .iter()
        .find(|rule| rule.name() == "LiveDataStale")
        .expect("an alert on stale numbers");
    let stale = rules
        .iter()
        .find(|rule| rule.name() == "smartassist:threshold:live_stale_seconds")
        .and_then(|rule| rule.expr.strip_prefix("vector(")?.strip_suffix(')'))
        .and_then(|seconds| seconds.parse::<u64>().ok())
        .expect("its threshold");
    for name in ["QueueBackedUp", "NobodyToAnswer", "AgentsLeaving"] {
        let rule = rules.iter().find(|rule| rule.name() == name).unwrap();
        let held = seconds(&rule.keep_firing);
        assert!(
            held >= stale + seconds(&told.hold),
            "{name} is held for {held} s"
        );
    }
}

/// Prometheus' way to write it: `2h30m`.
fn seconds(duration: &str) -> u64 {
    let mut total = 0;
    let mut number = 0;
    for c in duration.chars() {
        match (c.to_digit(10), c) {
            (Some(digit), _) => number = number * 10 + u64::from(digit),
            (None, unit) => {
                total += number
                    * match unit {
                        's' => 1,
                        'm' => 60,
                        'h' => 3600,
                        'd' => 86_400,
                        _ => panic!("`{duration}`"),
                    };
                number = 0;
            }
        }
    }
    total
}

const TABLE_BEGINS: &str = "<!-- The table of alerts, written by a test: UPDATE_DOCS=1 -->\n";
const TABLE_ENDS: &str = "<!-- The end of the table. -->\n";

/// Each alert in a line: what stands in its rule, and its runbook's first sentence.
#[test]
fn the_documented_table_of_alerts_is_that_of_the_rules() {
    let path = folder().join("../docs/alerts.md");
    let text = fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(TABLE_BEGINS).expect("the table's begin");
    let (_, after) = rest.split_once(TABLE_ENDS).expect("the table's end");
    let wanted = format!("{before}{TABLE_BEGINS}{}{TABLE_ENDS}{after}", table());
    is_as_written(&path, &wanted, "UPDATE_DOCS", "documented_table");
}

fn table() -> String {
    let runbooks = fs::read_to_string(folder().join("../docs/runbooks.md")).unwrap();
    let mut table = String::from(
        "\n| alert | severity | about | fires after | held for | what it means |\n| --- | --- | --- | --- | --- | --- |\n",
    );
    for rule in alerts() {
        let name = rule.name();
        let anchor = name.to_lowercase();
        let pace = rule
            .labels
            .get("pace")
            .map_or_else(String::new, |pace| format!(", pace `{pace}`"));
        let held = if rule.keep_firing.is_empty() {
            "–"
        } else {
            &rule.keep_firing
        };
        let meaning = runbooks
            .split_once(&format!("\n## {name}\n"))
            .and_then(|(_, section)| section.split_once("**What it means.** "))
            .and_then(|(_, means)| means.split_once('\n'))
            .map(|(means, _)| means.split_once(". ").map_or(means, |(first, _)| first))
            .map_or_else(
                || panic!("{name} has no runbook"),
                |means| means.trim_end_matches('.').replace("](#", "](runbooks.md#"),
            );
        table.push_str(&format!(
            "| [{name}](runbooks.md#{anchor}){pace} | `{}` | {} | {} | {held} | {meaning}. |\n",
            rule.labels["severity"], rule.labels["category"], rule.hold
        ));
    }
    table.push('\n');
    table
}

fn alerts() -> Vec<Rule> {
    rules()
        .into_iter()
        .filter(|rule| rule.alert.is_some())
        .collect()
}
