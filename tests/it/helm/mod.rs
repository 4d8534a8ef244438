//! The chart, rendered by Helm's own engine: what it makes is taken by the exporter and is what the plain files in
//! `deploy/kubernetes` say; every value does something and is explained. What Kubernetes' schemas say of it was asked by
//! hand: see `docs/development.md`.

mod values;

use crate::support::is_accepted;
use crate::support::kept::is_as_written;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const CHART: &str = "deploy/helm/smartassist-exporter";
const PLAIN_VALUES: &str = "deploy/helm/plain.values.yaml";
const EVERY_VALUE: &str = "tests/it/helm/every.values.yaml";

fn path(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(relative)
}

fn read(relative: &str) -> String {
    fs::read_to_string(path(relative)).unwrap_or_else(|error| panic!("{relative}: {error}"))
}

fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// What the engine makes of each of these values, in a release of the chart's name; with `digest`, of its sum alone.
fn engine(values: &[Value], digest: bool) -> Vec<Value> {
    let job = |values: &Value| {
        json!({
            "release": "smartassist-exporter", "namespace": "monitoring", "values": values, "digest": digest,
        })
    };
    let question = json!({
        "chart": path(CHART), "jobs": values.iter().map(job).collect::<Vec<_>>(),
    });
    let mut child = Command::new(path(".cache/helm/bin/python"))
        .arg(path("tests/it/helm/engine.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("Helm's engine, which .ci/install-tools brings");
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(question.to_string().as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

/// The templates and what became of each, where Helm's linter finds nothing to warn of.
fn rendered(values: Value) -> BTreeMap<String, String> {
    let [mut answer] = <[Value; 1]>::try_from(engine(&[values], false)).unwrap();
    assert_eq!(answer["lint"], json!([]), "{answer}");
    serde_json::from_value(answer["rendered"].take()).unwrap()
}

fn every_value() -> Vec<Value> {
    serde_saphyr::from_multiple(&read(EVERY_VALUE)).unwrap()
}

/// What a release writes that nobody needs without Helm.
fn without_helm(text: &str) -> String {
    const HELMS: [&str; 5] = [
        "helm.sh/",
        "app.kubernetes.io/instance: ",
        "app.kubernetes.io/managed-by: ",
        "app.kubernetes.io/version: ",
        "namespace: monitoring",
    ];
    let lines = text.trim().lines();
    let kept = lines.filter(|line| !HELMS.iter().any(|word| line.trim_start().starts_with(word)));
    kept.map(|line| format!("{}\n", line.trim_end())).collect()
}

#[test]
fn the_plain_kubernetes_files_are_what_the_chart_makes() {
    let objects = rendered(yaml(&read(PLAIN_VALUES)));
    let files = [
        (
            "exporter.yaml",
            "# The exporter on Kubernetes. Fill in the ConfigMap and the Secret; everything else can stay.\n#\n#   \
             kubectl apply --namespace monitoring --filename deploy/kubernetes/\n",
            vec![
                "configmap",
                "secret",
                "persistentvolumeclaim",
                "deployment",
                "service",
            ],
        ),
        (
            "servicemonitor.yaml",
            "# For the Prometheus operator. Its Prometheus may select monitors by label: add what yours asks for.\n",
            vec!["servicemonitor"],
        ),
        (
            "prometheusrule.yaml",
            "# The operator's Prometheus may select rules by label: add what yours asks for.\n",
            vec!["prometheusrule"],
        ),
    ];
    let made: Vec<&str> = files
        .iter()
        .flat_map(|(_, _, names)| names.clone())
        .collect();
    for name in objects.keys().filter(|name| *name != "NOTES.txt") {
        let name = name.trim_end_matches(".yaml");
        assert!(made.contains(&name), "`{name}` is in no plain file");
    }
    for (file, head, names) in files {
        let parts: Vec<String> = names
            .iter()
            .map(|name| without_helm(&objects[&format!("{name}.yaml")]))
            .collect();
        let wanted = format!(
            "{head}#\n# Made of the chart in deploy/helm; `UPDATE_DOCS=1 cargo test --test it kubernetes` writes it anew.\n{}",
            parts.join("---\n")
        );
        let place = path("deploy/kubernetes").join(file);
        is_as_written(&place, &wanted, "UPDATE_DOCS", "kubernetes");
    }
}

#[test]
fn the_chart_ships_the_very_rules_and_boards_of_the_project() {
    let [releases @ .., with_boards] = &every_value()[..] else {
        panic!("{EVERY_VALUE} has no release")
    };
    let objects = rendered(releases[0].clone());
    let mut groups = Vec::new();
    for file in crate::alert_rules::rule_files() {
        let mut rules = yaml(&fs::read_to_string(file).unwrap());
        groups.append(rules["groups"].as_array_mut().unwrap());
    }
    let rule = yaml(&objects["prometheusrule.yaml"]);
    assert!(
        rule["spec"]["groups"] == Value::Array(groups),
        "the rules differ"
    );

    let objects = rendered(with_boards.clone());
    let maps: Vec<Option<Value>> =
        serde_saphyr::from_multiple(&objects["dashboards.yaml"]).unwrap();
    let boards: BTreeMap<String, String> = maps
        .into_iter()
        .flatten()
        .flat_map(|map| serde_json::from_value::<BTreeMap<_, _>>(map["data"].clone()).unwrap())
        .collect();
    let mut found = 0;
    for entry in fs::read_dir(path("dashboards")).unwrap() {
        let file = entry.unwrap().path();
        let name = format!(
            "smartassist-{}",
            file.file_name().unwrap().to_string_lossy()
        );
        assert!(
            boards.get(&name).map(|board| board.trim_end())
                == Some(fs::read_to_string(&file).unwrap().trim_end()),
            "{name} differs"
        );
        found += 1;
    }
    assert_eq!(boards.len(), found);
}

/// A ConfigMap's limit is that of every object.
#[test]
fn each_object_is_small_enough_for_a_cluster() {
    const LARGEST: usize = 1024 * 1024;
    for values in every_value() {
        let objects = rendered(values);
        for object in objects.values().flat_map(|text| text.split("\n---\n")) {
            assert!(object.len() < LARGEST, "{}", &object[..200]);
        }
    }
}

#[test]
fn the_exporter_takes_the_configuration_that_the_chart_writes() {
    for values in every_value() {
        let objects = rendered(values);
        let map = yaml(&objects["configmap.yaml"]);
        let text = map["data"]["config.yaml"].as_str().unwrap();
        let database = tempfile::tempdir().unwrap();
        fs::write(database.path().join("word"), "squeamish").unwrap();
        fs::write(
            database.path().join("ca.crt"),
            read("tests/config/authority.pem"),
        )
        .unwrap();
        let database = database.path().display().to_string();
        let text = text.replace("/run/secrets/smartassist-database", &database);
        is_accepted(&text, "/run/secrets/smartassist/client-secret");
    }
}

fn names(list: &Value) -> Vec<&str> {
    let list = list.as_array().unwrap().iter();
    let mut names: Vec<&str> = list.map(|item| item["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    names
}

#[test]
fn pods_that_share_a_database_have_no_volume_and_stand_apart() {
    let objects = rendered(every_value().swap_remove(2));
    assert!(!objects.contains_key("persistentvolumeclaim.yaml"));
    let deployment = &yaml(&objects["deployment.yaml"])["spec"];
    assert_eq!(deployment["replicas"], 3);
    // A new one is there before an old one goes.
    assert_eq!(
        deployment["strategy"],
        json!({"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}})
    );
    let pod = &deployment["template"]["spec"];
    let mounts = &pod["containers"][0]["volumeMounts"];
    assert_eq!(names(mounts), ["config", "database"]);
    assert_eq!(names(mounts), names(&pod["volumes"]));
    let keys: Vec<&Value> = pod["topologySpreadConstraints"]
        .as_array()
        .unwrap()
        .iter()
        .map(|spread| &spread["topologyKey"])
        .collect();
    assert_eq!(
        keys,
        ["kubernetes.io/hostname", "topology.kubernetes.io/zone"]
    );
    let labels = &pod["topologySpreadConstraints"][0]["labelSelector"];
    assert_eq!(*labels, deployment["selector"]);

    let map = yaml(&objects["configmap.yaml"]);
    let storage = &yaml(map["data"]["config.yaml"].as_str().unwrap())["storage"];
    assert_eq!(
        storage["password_file"],
        "/run/secrets/smartassist-database/word"
    );
    assert_eq!(
        storage["ca_file"],
        "/run/secrets/smartassist-database/ca.crt"
    );
    assert_eq!(storage.get("path"), None);
    let egress = yaml(&objects["networkpolicy.yaml"])["spec"]["egress"].take();
    let ports = egress.as_array().unwrap().last().unwrap()["ports"]
        .as_array()
        .unwrap();
    let ports: Vec<&Value> = ports.iter().map(|port| &port["port"]).collect();
    assert_eq!(ports, [5432, 5433, 5434]);
}

#[test]
fn pods_that_share_accounts_are_scraped_as_prometheus_ha_yml_says() {
    let objects = rendered(every_value().swap_remove(2));
    let endpoint = &yaml(&objects["servicemonitor.yaml"])["spec"]["endpoints"][0];
    // Two pods must not be one instance, or their own series would be each other's.
    assert_eq!(
        endpoint["relabelings"][0],
        json!({"sourceLabels": ["__meta_kubernetes_pod_name"], "targetLabel": "instance"})
    );
    let plain = yaml(&read("deploy/prometheus/prometheus-ha.yml"));
    let scrape = &plain["scrape_configs"][0]["metric_relabel_configs"];
    let words = [
        ("source_labels", "sourceLabels"),
        ("target_label", "targetLabel"),
    ];
    let operators = words
        .iter()
        .fold(scrape.to_string(), |text, (plain, operators)| {
            text.replace(plain, operators)
        });
    let mut wanted: Value = serde_json::from_str(&operators).unwrap();
    wanted[1]["replacement"] = json!("monitoring/smartassist-exporter");
    let wanted = wanted.as_array().unwrap();
    let own = endpoint["metricRelabelings"].as_array().unwrap();
    assert_eq!(own[..wanted.len()], wanted[..]);
    assert_eq!(own[wanted.len()]["action"], "drop");
}

#[test]
fn probes_ports_and_volumes_follow_the_configuration() {
    let objects = rendered(every_value().swap_remove(0));
    let pod = &yaml(&objects["deployment.yaml"])["spec"]["template"]["spec"];
    let container = &pod["containers"][0];
    assert_eq!(container["ports"][0]["containerPort"], 9999);
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        assert_eq!(container[probe]["httpGet"]["scheme"], "HTTPS", "{probe}");
    }
    let monitor = &yaml(&objects["servicemonitor.yaml"])["spec"];
    assert_eq!(monitor["endpoints"][0]["scheme"], "https");
    assert_eq!(
        monitor["namespaceSelector"]["matchNames"],
        json!(["monitoring"])
    );
    let mounts = container["volumeMounts"].as_array().unwrap();
    assert!(
        mounts
            .iter()
            .any(|mount| mount["name"] == "store" && mount["mountPath"] == "/data/exporter")
    );
    // What is mounted is a volume, and the other way round.
    assert_eq!(names(&container["volumeMounts"]), names(&pod["volumes"]));
    // A kubelet shows neither password nor certificate.
    let map = yaml(&objects["configmap.yaml"]);
    let config = yaml(map["data"]["config.yaml"].as_str().unwrap());
    assert_eq!(config["web"]["open_health"], true);
}

#[test]
fn what_the_chart_cannot_do_is_refused_with_words() {
    let plain = yaml(&read(PLAIN_VALUES));
    let with = |more: Value| {
        let mut values = plain.clone();
        for (key, value) in more.as_object().unwrap() {
            values[key] = value.clone();
        }
        values
    };
    let cases = [
        (json!({}), "config.accounts: no account to read"),
        (
            with(json!({"replicaCount": 2})),
            "additional properties 'replicaCount' not allowed",
        ),
        (
            with(json!({"replicas": 2})),
            "replicas: more than one needs `storage.url`, a database that they share",
        ),
        (
            with(json!({"storage": {"existingSecret": "a"}})),
            "storage.existingSecret: there is no `storage.url`",
        ),
        (
            with(json!({"storage": {"url": "mysql://db"}})),
            "'/storage/url'",
        ),
        (
            with(json!({"config": {"accounts": [{}], "storage": {"url": "postgres://u@db"}}})),
            "config.storage.url: say it as `storage.url`",
        ),
        (
            with(json!({"persistance": {"size": "1Gi"}})),
            "additional properties 'persistance' not allowed",
        ),
        (
            with(json!({"credentials": {"existingSecret": "a", "data": {"b": "c"}}})),
            "credentials: give `existingSecret` or `data`, not both",
        ),
        (with(json!({"service": {"port": 0}})), "'/service/port'"),
        (
            with(json!({"podLabels": {"on": true}})),
            "'/podLabels/on': got boolean, want string",
        ),
    ];
    let values: Vec<Value> = cases.iter().map(|(values, _)| values.clone()).collect();
    for (answer, (_, words)) in engine(&values, true).iter().zip(&cases) {
        let refused = answer["refused"].as_str().unwrap_or_default();
        assert!(refused.contains(words), "`{words}` is not in {answer}");
    }
}
