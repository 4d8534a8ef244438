//! `replay`, the real binary on simulated histories.

use crate::replay::Contact;
use crate::replay::arrivals::{Centre, Spike};
use crate::support::scene::{contract, plan_since};
use crate::support::{Centre as Simulated, Home};
use serde_json::{Value, json};
use smartassist_exporter::simulator::Scenario;
use smartassist_exporter::simulator::scenario::Name;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

const HOUR_S: i64 = 3600;
const SPIKE: Spike = Spike {
    at: (48 + 10) * HOUR_S,
    length_s: 1200,
    ratio: 0.6,
};

fn history() -> Vec<Contact> {
    let centre = Centre {
        account: "acme".into(),
        seed: 3,
        days: 3,
        per_hour: 600.0,
        spikes: vec![SPIKE],
    };
    centre.history()
}

fn line(contact: &Contact) -> String {
    json!({
        "started": contact.started, "ended": contact.ended, "queue": contact.queue,
        "abandoned": contact.abandoned, "account": contact.account,
    })
    .to_string()
}

/// Exit code, standard output and standard error of `replay - …`.
fn replay(input: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_smartassist-exporter"))
        .args(["replay", "-"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // Whoever refuses a line reads no further.
    stdin.write_all(input.as_bytes()).ok();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn a_spike_is_one_page_of_each_scope_in_whatever_order_the_history_stands() {
    let history = history();
    let sorted: Vec<String> = history.iter().map(line).collect();
    let mut shuffled = sorted.clone();
    // By the length of the line, then by its end backwards: any order will do.
    shuffled.sort_by_key(|line| (line.len(), line.bytes().rev().collect::<Vec<u8>>()));
    let (code, out, err) = replay(&sorted.join("\n"), &["--format", "json"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));

    let pages: Vec<Value> = out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let third_day: Vec<&Value> = pages
        .iter()
        .filter(|page| page["at"].as_i64().unwrap() >= 48 * HOUR_S)
        .collect();
    let mut scopes: Vec<String> = Vec::new();
    for page in &third_day {
        let keys: Vec<&String> = page.as_object().unwrap().keys().collect();
        let mut expected = [
            "at",
            "account",
            "scope",
            "channel",
            "queue",
            "offered",
            "abandoned",
            "usual",
        ];
        expected.sort_unstable();
        let mut keys: Vec<&str> = keys.into_iter().map(String::as_str).collect();
        keys.sort_unstable();
        assert_eq!(keys, expected);
        assert_eq!(page["account"], "acme");
        let after_s = page["at"].as_i64().unwrap() - SPIKE.at;
        assert!((0..SPIKE.length_s).contains(&after_s), "{page}");
        assert!(page["offered"].as_u64().unwrap() >= 20, "{page}");
        assert!(page["abandoned"].as_u64().unwrap() >= 8, "{page}");
        assert!(
            (0.05..0.1).contains(&page["usual"].as_f64().unwrap()),
            "{page}"
        );
        let label = |name: &str| page[name].as_str().unwrap();
        scopes.push(format!(
            "{} {}{}",
            label("scope"),
            label("channel"),
            label("queue")
        ));
    }
    scopes.sort();
    assert_eq!(
        scopes,
        ["account ", "channel Voice", "queue Billing", "queue Sales"]
    );
    assert_eq!(replay(&shuffled.join("\n"), &["--format", "json"]).1, out);
}

#[test]
fn the_text_tells_pages_a_week_and_what_each_scope_lets_anyone_see() {
    let lines: Vec<String> = history().iter().map(line).collect();
    let (code, out, err) = replay(&lines.join("\n"), &[]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    for told in [
        "1970-01-03T10:0",
        " acme: ",
        " a week\n",
        "within 3 minutes",
        "  acme, queue Sales, ",
        " % abandoned, where 5.",
    ] {
        assert!(out.contains(told), "no `{told}` in:\n{out}");
    }
}

#[test]
fn what_cannot_be_replayed_is_told_and_ends_with_1_and_bad_arguments_with_2() {
    let (code, out, err) = replay("{\"started\": true}\n", &[]);
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(
        err.starts_with("error: `standard input` line 1: `started` is `true`, allowed is whole"),
        "{err}"
    );
    for arguments in [
        ["--target", "5"],
        ["--target", "none"],
        ["--false-pages-per-month", "0"],
        ["--format", "xml"],
    ] {
        let (code, _, err) = replay("", &arguments);
        assert_eq!(code, Some(2), "{err}");
        assert!(err.contains(arguments[1]), "{err}");
    }
}

#[test]
fn what_a_store_remembers_is_replayed_beside_the_exporter_that_runs_on_it() {
    let mut plan = plan_since(4 * HOUR_S, 900.0);
    let spike_ms = plan.start_ms + 3 * HOUR_S * 1000;
    plan.scenario = Scenario {
        name: Name::AbandonmentSpike,
        start_ms: spike_ms,
        duration_ms: 30 * 60_000,
        ..Scenario::STEADY
    };
    let contract = contract();
    let account_id = contract.account_id.clone();
    let centre = Simulated::open(plan, contract);
    let home = Home::new(&format!(
        "{}poll: {{initial_lookback: 5h}}\n",
        centre.account(60_000)
    ));
    let folder = home.folder.path().join("data");
    let from_store = |folder: &Path| {
        Command::new(env!("CARGO_BIN_EXE_smartassist-exporter"))
            .args(["replay", "--format=json", "--from-store"])
            .arg(folder)
            .output()
            .unwrap()
    };
    let missing = from_store(&folder);
    assert_eq!(missing.status.code(), Some(1));
    let said = String::from_utf8(missing.stderr).unwrap();
    assert!(
        said.contains("there is no") && said.contains("storage.path"),
        "{said}"
    );

    let exporter = home.serve();
    exporter.wait_for("the first reading", 120, |page| {
        !page.family("smartassist_abandonment_evidence").is_empty()
    });
    let replayed = from_store(&folder);
    assert_eq!(replayed.status.code(), Some(0), "{replayed:?}");
    let pages: Vec<Value> = String::from_utf8(replayed.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let spike_s = spike_ms / 1000;
    let of_account = pages.iter().filter(|page| page["scope"] == "account");
    let at: Vec<i64> = of_account
        .map(|page| page["at"].as_i64().unwrap())
        .collect();
    assert!(
        at.iter()
            .any(|at| (spike_s..spike_s + 40 * 60).contains(at)),
        "{pages:#?}"
    );
    assert!(
        pages.iter().all(|page| page["account"] == *account_id),
        "{pages:#?}"
    );
}
