//! `docker-compose.yml`, what it mounts, and the Kubernetes files, as far as they can be judged without an engine.

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;

const COMPOSE: &str = "docker-compose.yml";
const PROMETHEUS: &str = "deploy/prometheus/prometheus.yml";
const DATASOURCES: &str = "deploy/grafana/provisioning/datasources/prometheus.yaml";
const DASHBOARDS: &str = "deploy/grafana/provisioning/dashboards/smartassist.yaml";

const KUBERNETES: &str = "deploy/kubernetes/exporter.yaml";
const MONITOR: &str = "deploy/kubernetes/servicemonitor.yaml";

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn yaml(path: &str) -> Value {
    serde_saphyr::from_str(&read(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .map(|item| item.as_str().unwrap())
}

#[test]
fn every_service_is_pinned_checked_and_on_loopback_only() {
    let compose = yaml(COMPOSE);
    for (name, service) in compose["services"].as_object().unwrap() {
        let version = service["image"]
            .as_str()
            .unwrap()
            .rsplit_once(':')
            .unwrap()
            .1;
        assert!(
            version.trim_start_matches('v').split('.').count() == 3,
            "{name}: `{version}` is no exact version"
        );
        assert!(
            service["healthcheck"]["test"].is_array(),
            "{name}: no health check"
        );
        assert!(
            texts(&service["ports"]).all(|port| port.starts_with("127.0.0.1:")),
            "{name}: open to the network"
        );
    }
}

#[test]
fn every_volume_is_declared_and_every_file_mounted_exists() {
    let compose = yaml(COMPOSE);
    let mounts = compose["services"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|service| texts(&service["volumes"]));
    for mount in mounts {
        let source = mount.split(':').next().unwrap();
        match source.strip_prefix("./") {
            Some(path) => assert!(
                Path::new(env!("CARGO_MANIFEST_DIR")).join(path).exists(),
                "{source}"
            ),
            None => assert!(compose["volumes"].get(source).is_some(), "{source}"),
        }
    }
}

#[test]
fn a_real_account_takes_one_file() {
    let compose = read(COMPOSE);
    let example = read(".env.example");
    let set = example
        .lines()
        .filter_map(|line| line.split_once('='))
        .filter(|(name, _)| !name.starts_with('#'));
    let names: Vec<&str> = set.map(|(name, _)| name).collect();
    for name in &names {
        assert!(
            compose.contains(&format!("${{{name}")),
            "{COMPOSE} does not use `{name}`"
        );
    }
    for used in compose
        .split("${")
        .skip(1)
        .filter_map(|rest| rest.split([':', '-', '}']).next())
    {
        assert!(
            names.contains(&used),
            "`.env.example` does not name `{used}`"
        );
    }
}

#[test]
fn grafana_finds_its_boards_and_knows_the_scrape_interval() {
    let folder = &yaml(DASHBOARDS)["providers"][0]["options"]["path"];
    let mount = format!("./dashboards:{}:ro", folder.as_str().unwrap());
    let compose = yaml(COMPOSE);
    assert!(
        texts(&compose["services"]["grafana"]["volumes"]).any(|volume| volume == mount),
        "{mount}"
    );

    let scraped = &yaml(PROMETHEUS)["global"]["scrape_interval"];
    assert_eq!(
        yaml(DATASOURCES)["datasources"][0]["jsonData"]["timeInterval"],
        *scraped
    );
}

#[test]
fn kubernetes_finds_the_exporter_and_scrapes_it() {
    let documents: Vec<Value> = serde_saphyr::from_multiple(&read(KUBERNETES)).unwrap();
    let of_kind = |kind: &str| {
        documents
            .iter()
            .find(|document| document["kind"] == kind)
            .unwrap()
    };
    let pod = &of_kind("Deployment")["spec"]["template"];
    let service = of_kind("Service");
    let monitor = &yaml(MONITOR)["spec"];

    assert_eq!(service["spec"]["selector"], pod["metadata"]["labels"]);
    assert_eq!(
        monitor["selector"]["matchLabels"],
        service["metadata"]["labels"]
    );
    assert_eq!(
        monitor["endpoints"][0]["port"],
        service["spec"]["ports"][0]["name"]
    );
    assert_eq!(
        service["spec"]["ports"][0]["targetPort"],
        pod["spec"]["containers"][0]["ports"][0]["name"]
    );
    assert_eq!(
        monitor["endpoints"][0]["interval"],
        yaml(PROMETHEUS)["global"]["scrape_interval"]
    );
}

#[test]
fn prometheus_accepts_its_configuration_and_every_rule() {
    let output = Command::new("promtool")
        .args(["check", "config", PROMETHEUS])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("promtool, of the package prometheus");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
