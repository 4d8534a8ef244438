//! Prometheus and Alertmanager as they ship, in copies that differ in addresses and in pace; and whom they call.

pub mod inbox;
pub mod moment;

use crate::support::free_address;
use crate::support::process::{self, Process};
use serde_json::Value;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// For each thing waited for: seconds on an idle machine, and this one may be anything but idle.
const PATIENCE: Duration = Duration::from_mins(2);

/// Longer than one exporter takes over from another, so that no alert ends for want of numbers.
const KEEP_FIRING: &str = "15s";

/// Waits for a state.
pub async fn until(what: &str, mut reached: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !reached().await {
        assert!(Instant::now() < deadline, "{what}: not within {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

pub struct Alertmanager {
    pub address: SocketAddr,
    _process: Process,
}

impl Alertmanager {
    pub fn start(folder: &Path, inbox: SocketAddr) -> Alertmanager {
        let address = free_address();
        let shipped = read(&root().join("alerts/alertmanager.yml"));
        let config = paced(&shipped, &[("group_wait", "0s"), ("group_interval", "1s")]);
        let config = replaced(&config, "127.0.0.1:9095", &inbox.to_string());
        let path = folder.join("alertmanager.yml");
        fs::write(&path, config).unwrap();
        let arguments = [
            format!("--config.file={}", path.display()),
            format!("--storage.path={}", folder.join("alertmanager").display()),
            format!("--web.listen-address={address}"),
            "--cluster.listen-address=".into(),
            "--log.level=error".into(),
        ];
        Alertmanager {
            address,
            _process: Process::installed(
                &["prometheus-alertmanager", "alertmanager"],
                "prometheus-alertmanager",
                &arguments,
            ),
        }
    }
}

pub struct Prometheus {
    address: SocketAddr,
    asking: reqwest::Client,
    _process: Process,
}

impl Prometheus {
    pub fn start(folder: &Path, exporter: SocketAddr, alertmanager: SocketAddr) -> Prometheus {
        let rules = copy_rules(folder);
        let shipped = read(&root().join("deploy/prometheus/prometheus.yml"));
        let pace = [("scrape_interval", "1s"), ("evaluation_interval", "1s")];
        let config = paced(&shipped, &pace);
        let config = replaced(&config, "../../alerts", &rules.display().to_string());
        let config = replaced(&config, "exporter:10720", &exporter.to_string());
        let config = replaced(&config, "alertmanager:9093", &alertmanager.to_string());
        let (process, address) = process::prometheus(folder, &config);
        Prometheus {
            address,
            asking: reqwest::Client::new(),
            _process: process,
        }
    }

    /// At the pace that ships, with nobody to call.
    pub fn as_shipped(folder: &Path, exporter: SocketAddr) -> Prometheus {
        let shipped = read(&root().join("deploy/prometheus/prometheus.yml"));
        let rules = root().join("alerts");
        let config = replaced(&shipped, "../../alerts", &rules.display().to_string());
        let config = replaced(&config, "exporter:10720", &exporter.to_string());
        let config = replaced(&config, "alertmanager:9093", &free_address().to_string());
        let (process, address) = process::prometheus(folder, &config);
        Prometheus {
            address,
            asking: reqwest::Client::new(),
            _process: process,
        }
    }

    /// When a series had its samples within the last ten minutes, in Unix time.
    pub async fn times(&self, series: &str) -> Vec<f64> {
        let found = self.query(&format!("{series}[10m]")).await.unwrap();
        let samples = found[0]["values"].as_array().unwrap();
        samples
            .iter()
            .map(|sample| sample[0].as_f64().unwrap())
            .collect()
    }

    /// Whether any series of `expr` had so many samples or evaluations since the start.
    pub async fn has_seen(&self, expr: &str, times: usize) -> bool {
        let often = format!("count_over_time(({expr})[10m:1s]) >= {times}");
        self.query(&often)
            .await
            .is_some_and(|found| !found.is_empty())
    }

    /// The series of `expr` that ever were there.
    pub async fn seen(&self, expr: &str) -> Vec<Value> {
        let ever = format!("max_over_time(({expr})[10m:1s])");
        self.query(&ever).await.unwrap()
    }

    /// The series of an answer; nothing while Prometheus starts.
    async fn query(&self, expr: &str) -> Option<Vec<Value>> {
        let url = format!("http://{}/api/v1/query", self.address);
        let url = url::Url::parse_with_params(&url, [("query", expr)]).unwrap();
        let answer = self.asking.get(url).send().await.ok()?;
        let answer: Value = serde_json::from_slice(&answer.bytes().await.ok()?).ok()?;
        assert_eq!(answer["status"], "success", "{expr}: {}", answer["error"]);
        answer["data"]["result"].as_array().cloned()
    }
}

/// The rules that ship, evaluated every second; an alert is held for [`KEEP_FIRING`] where it is held at all.
fn copy_rules(folder: &Path) -> PathBuf {
    let copies = folder.join("alerts");
    fs::create_dir(&copies).unwrap();
    for file in fs::read_dir(root().join("alerts")).unwrap() {
        let file = file.unwrap();
        let name = file.file_name().into_string().unwrap();
        if name.ends_with(".rules.yml") {
            let pace = [("interval", "1s"), ("keep_firing_for", KEEP_FIRING)];
            fs::write(copies.join(name), paced(&read(&file.path()), &pace)).unwrap();
        }
    }
    copies
}

/// The YAML with other values for some keys.
fn paced(yaml: &str, values: &[(&str, &str)]) -> String {
    let line = |line: &str| {
        let key = line.trim_start();
        let value = values.iter().find(|(name, _)| {
            key.strip_prefix(name)
                .is_some_and(|rest| rest.starts_with(':'))
        });
        value.map_or(format!("{line}\n"), |(name, value)| {
            let indent = &line[..line.len() - key.len()];
            format!("{indent}{name}: {value}\n")
        })
    };
    yaml.lines().map(line).collect()
}

/// An address that is not there any more would leave the shipped one in force.
fn replaced(yaml: &str, from: &str, to: &str) -> String {
    assert!(yaml.contains(from), "no `{from}` in\n{yaml}");
    yaml.replace(from, to)
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
