//! The past that `backfill` writes, taken by `promtool` into a real Prometheus, and what that makes of it.

use super::compare::differences;
use super::process::{Process, prometheus};
use super::{Home, Labels, Page, get};
use serde_json::Value;
use smartassist_exporter::simulator::Truth;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// All that is counted, and nothing of the exporter's own.
const COUNTED: &str = "{__name__=~\"smartassist_.+(_total|_bucket|_sum|_count)\", __name__!~\"smartassist_exporter_.+\"}";

/// Since when Prometheus holds nothing.
const ALL_S: i64 = 30 * 86_400;

/// `backfill`, ready to be started, as for what is scraped at `instance`.
pub fn backfill(home: &Home, instance: SocketAddr, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_smartassist-exporter"));
    command
        .arg("backfill")
        .arg(format!("--config.file={}", home.config().display()))
        .args(["--instance", &instance.to_string(), "--job", "centre"])
        .args(arguments)
        .current_dir(home.folder.path())
        .stdin(Stdio::null());
    command
}

/// What it said, if it ended well.
pub fn said(output: &Output) -> String {
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words}");
    String::from_utf8_lossy(&output.stdout).into_owned() + &words
}

/// Blocks of all that is in the file, in the folder in which a Prometheus is to start.
pub fn take(file: &Path, folder: &Path) {
    let taken = Command::new("promtool")
        .args([
            "tsdb",
            "create-blocks-from",
            "openmetrics",
            "--max-block-duration=24h",
        ])
        .args([file, &folder.join("tsdb")])
        .output()
        .expect("promtool runs; `make test` installs it");
    let words = String::from_utf8_lossy(&taken.stderr);
    assert!(taken.status.success(), "{words}");
}

/// A Prometheus with that past, that scrapes the exporter from now on.
pub fn scraping(folder: &Path, exporter: SocketAddr) -> (Process, SocketAddr) {
    let config = format!(
        "global: {{scrape_interval: 1s, scrape_timeout: 1s}}\nscrape_configs:\n  - job_name: centre\n    static_configs: [{{targets: ['{exporter}']}}]\n"
    );
    let (process, address) = prometheus(folder, &config);
    let deadline = Instant::now() + Duration::from_secs(30);
    while get(address, "/-/ready").is_none_or(|(status, _)| status != 200) {
        assert!(Instant::now() < deadline, "Prometheus is not ready");
        std::thread::sleep(Duration::from_millis(50));
    }
    (process, address)
}

/// The series that an expression finds at a time, with their values: one, or all of a range.
pub fn ask(prometheus: SocketAddr, expression: &str, at: &str) -> Vec<(String, Labels, Vec<f64>)> {
    let text: String = url::form_urlencoded::byte_serialize(expression.as_bytes()).collect();
    let (_, body) = get(prometheus, &format!("/api/v1/query?query={text}&time={at}")).unwrap();
    let answer: Value = serde_json::from_str(&body).unwrap();
    let results = answer["data"]["result"]
        .as_array()
        .unwrap_or_else(|| panic!("{expression}: {}", &body[..body.len().min(500)]));
    let number = |sample: &Value| sample[1].as_str().unwrap().parse().unwrap();
    let series = |series: &Value| {
        let labels = series["metric"].as_object().unwrap();
        let mut labels: Labels = labels
            .iter()
            .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
            .collect();
        let values = match series["values"].as_array() {
            Some(values) => values.iter().map(number).collect(),
            None => vec![number(&series["value"])],
        };
        let name = labels.remove("__name__").unwrap_or_default();
        (name, labels, values)
    };
    results.iter().map(series).collect()
}

/// By how much each series rose over all of its samples, as `increase()` has it, and without its guess at what lies beyond
/// them. All of one target.
pub fn rose(prometheus: SocketAddr, target: SocketAddr) -> Page {
    let mut page = Page::default();
    let now_s = smartassist_exporter::clock::now_ms() / 1_000 + 5;
    let range = format!("{COUNTED}[{ALL_S}s]");
    for (name, mut labels, values) in ask(prometheus, &range, &now_s.to_string()) {
        let rose: f64 = values
            .windows(2)
            .map(|pair| {
                if pair[1] < pair[0] {
                    pair[1]
                } else {
                    pair[1] - pair[0]
                }
            })
            .sum();
        scraped_off(&mut labels, target);
        page.samples.insert((name, labels), rose);
    }
    page
}

/// What `increase()` says of each series between two times, UTC milliseconds. Exact where samples are at both.
pub fn increase(prometheus: SocketAddr, target: SocketAddr, from_ms: i64, to_ms: i64) -> Page {
    let mut page = Page::default();
    let at = format!("{}.{:03}", to_ms / 1_000, to_ms % 1_000);
    // It leaves the name out: so each is asked by itself.
    let names = format!("count by (__name__) ({COUNTED})");
    for (name, _, _) in ask(prometheus, &names, &at) {
        let expression = format!("increase({name}[{}ms])", to_ms - from_ms);
        for (_, mut labels, values) in ask(prometheus, &expression, &at) {
            scraped_off(&mut labels, target);
            page.samples.insert((name.clone(), labels), values[0]);
        }
    }
    page
}

/// When the exporter was scraped last, UTC milliseconds.
pub fn scraped_ms(prometheus: SocketAddr) -> i64 {
    let now_s = smartassist_exporter::clock::now_ms() / 1_000 + 1;
    let found = ask(prometheus, "timestamp(up)", &now_s.to_string());
    found
        .first()
        .map_or(0, |(_, _, values)| (values[0] * 1_000.0).round() as i64)
}

/// Written and scraped samples have the same labels, or they would be two series.
fn scraped_off(labels: &mut Labels, target: SocketAddr) {
    assert_eq!(labels.remove("job").as_deref(), Some("centre"));
    assert_eq!(labels.remove("instance"), Some(target.to_string()));
}

/// Where a page of increases is not what the witness counted. What did not rise need not be known to it.
pub fn increases_differ(page: &Page, truth: &Truth) -> Vec<String> {
    let mut differences = differences(page, truth);
    differences.retain(|difference| !difference.ends_with(": shown 0, unknown to the witness"));
    differences
}
