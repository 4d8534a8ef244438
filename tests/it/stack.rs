//! `docker-compose.yml`, what it mounts, and the Kubernetes files, as far as they can be judged without an engine.

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;

const COMPOSE: &str = "docker-compose.yml";
const PROMETHEUS: &str = "deploy/prometheus/prometheus.yml";
const PROMETHEUS_HA: &str = "deploy/prometheus/prometheus-ha.yml";
const HA: &str = "deploy/compose/ha.env";
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
        let (image, version) = service["image"].as_str().unwrap().rsplit_once(':').unwrap();
        // PostgreSQL counts in two numbers.
        let numbers = if image == "postgres" { 2 } else { 3 };
        assert!(
            version.trim_start_matches('v').split('.').count() == numbers,
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
    // What the other file sets is no account's.
    let ha = read(HA);
    let of_ha: Vec<&str> = ha
        .lines()
        .filter_map(|line| line.split_once('=').map(|(name, _)| name))
        .collect();
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
            names.contains(&used) || of_ha.contains(&used),
            "`.env.example` does not name `{used}`"
        );
    }
}

#[test]
fn two_exporters_on_a_database_take_the_place_of_the_one_and_are_scraped() {
    let (compose, mut single, mut several) = (yaml(COMPOSE), yaml(PROMETHEUS), yaml(PROMETHEUS_HA));
    let services = compose["services"].as_object().unwrap();
    let ha = read(HA);
    assert!(
        ha.contains("\nCOMPOSE_PROFILES=ha\n") && ha.contains("\nEXPORTERS=0\n"),
        "{ha}"
    );
    let folder = Path::new(PROMETHEUS_HA).parent().unwrap();
    let (_, chosen) = ha.split_once("\nPROMETHEUS_CONFIG=").unwrap();
    assert_eq!(folder.join(chosen.trim()), Path::new(PROMETHEUS_HA));
    let used = |name: &str, text: &str| {
        assert!(
            services[name].to_string().contains(text),
            "{name}: no `{text}`"
        );
    };
    used("exporter", "${EXPORTERS:-1}");
    used("prometheus", "${PROMETHEUS_CONFIG:-prometheus.yml}");

    let scrape = several["scrape_configs"][0].take();
    single["scrape_configs"][0].take();
    assert_eq!(several, single, "they differ in more than the scrape");
    let targets: Vec<&str> = texts(&scrape["static_configs"][0]["targets"]).collect();
    let of_profile = services
        .iter()
        .filter(|(_, service)| service["profiles"] == serde_json::json!(["ha"]));
    let exporters: Vec<String> = of_profile
        .filter(|(_, service)| service["environment"]["SMARTASSIST_STORAGE_URL"].is_string())
        .map(|(name, _)| format!("{name}:10720"))
        .collect();
    assert_eq!(targets, exporters);
    // They share what the database has, and the account of whoever fills in `.env`.
    let environment = |name: &str, variable: &str| services[name]["environment"][variable].clone();
    for name in ["exporter-a", "exporter-b"] {
        assert_eq!(
            environment(name, "SMARTASSIST_URL"),
            environment("exporter", "SMARTASSIST_URL")
        );
        let password = environment(name, "SMARTASSIST_STORAGE_PASSWORD");
        assert_eq!(password, environment("database", "POSTGRES_PASSWORD"));
    }
    assert_eq!(
        environment("exporter", "SMARTASSIST_STORAGE_URL"),
        Value::Null
    );
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
        .args(["check", "config", PROMETHEUS, PROMETHEUS_HA])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("promtool, of the package prometheus");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
