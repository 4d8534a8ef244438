//! The shipped rules as data, and the tools that judge them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test panics to fail"
)]

pub mod contract;

use serde::Deserialize;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One recording or alerting rule, as written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    #[serde(default)]
    pub record: Option<String>,
    #[serde(default)]
    pub alert: Option<String>,
    pub expr: String,
    /// How long it must be so before it fires; empty for recordings.
    #[serde(default, rename = "for")]
    pub hold: String,
    /// How long it fires after it is no longer so; empty where it ends at once.
    #[serde(default, rename = "keep_firing_for")]
    pub keep_firing: String,
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
    /// The file it stands in, without its folder.
    #[serde(skip)]
    pub file: String,
}

impl Rule {
    pub fn name(&self) -> &str {
        self.alert
            .as_deref()
            .or(self.record.as_deref())
            .expect("a rule records or alerts")
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    #[serde(rename = "name")]
    _name: String,
    #[serde(default, rename = "interval")]
    _interval: Option<String>,
    rules: Vec<Rule>,
}

pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("alerts")
}

pub fn rule_files() -> Vec<String> {
    files(&folder(), ".rules.yml")
}

pub fn test_files() -> Vec<String> {
    files(&folder().join("tests"), ".test.yml")
}

pub fn rules() -> Vec<Rule> {
    let mut rules = Vec::new();
    for path in rule_files() {
        let file: File = serde_saphyr::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let name = Path::new(&path)
            .file_name()
            .and_then(OsStr::to_str)
            .unwrap()
            .to_owned();
        for rule in file.groups.into_iter().flat_map(|group| group.rules) {
            rules.push(Rule {
                file: name.clone(),
                ..rule
            });
        }
    }
    rules
}

pub fn promtool(arguments: &[String]) {
    run("promtool", "prometheus", arguments);
}

pub fn amtool(arguments: &[String]) {
    run("amtool", "prometheus-alertmanager", arguments);
}

/// Runs a tool to success. A missing tool is a failure, not a skip: unchecked rules must not look checked.
fn run(tool: &str, package: &str, arguments: &[String]) {
    // Its garbage collector would take a third of the time, for memory that nobody lacks.
    let command = Command::new(tool)
        .env("GOGC", "800")
        .args(arguments)
        .output();
    let output = command.unwrap_or_else(|cause| {
        panic!("cannot run `{tool}`: {cause}\nhint: `make test` installs it; on Debian `apt-get install {package}`")
    });
    let (said, warned) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(
        output.status.success(),
        "`{tool} {}`\n{said}{warned}",
        arguments.join(" ")
    );
}

fn files(folder: &Path, suffix: &str) -> Vec<String> {
    let mut found: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().display().to_string())
        .filter(|path| path.ends_with(suffix))
        .collect();
    found.sort();
    assert!(!found.is_empty(), "no *{suffix} in {}", folder.display());
    found
}
