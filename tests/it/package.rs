//! The Debian package, as far as it can be judged without building it: `make deb` does that, and `docs/development.md`
//! tells what was tried of it.

use crate::support::is_accepted;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;

const CONFIGURATION: &str = "deploy/debian/config.yml";
const UNIT: &str = "deploy/systemd/smartassist-exporter.service";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// `[package.metadata.deb]`.
fn package() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--offline", "--no-deps", "--format-version=1"])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"][0]["metadata"]["deb"].clone()
}

/// From where, to where, with which rights.
fn assets(package: &Value) -> Vec<[String; 3]> {
    serde_json::from_value(package["assets"].clone()).unwrap()
}

/// How many files a pattern names; a star stands for a name without dots of its own.
fn matches(pattern: &str) -> usize {
    let Some((folder, name)) = pattern.split_once('*') else {
        return usize::from(root().join(pattern).is_file());
    };
    fs::read_dir(root().join(folder)).map_or(0, |entries| {
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|file| file.ends_with(name)).count()
    })
}

#[test]
fn all_that_the_package_holds_is_there_and_nobody_but_root_may_write_it() {
    let package = package();
    for [from, to, mode] in assets(&package) {
        let built = from.starts_with("target/");
        assert!(built || matches(&from) > 0, "{from} names no file");
        assert_eq!(mode, if built { "755" } else { "644" }, "{to}");
    }
    for kept in package["conf-files"].as_array().unwrap() {
        let kept = kept.as_str().unwrap().trim_start_matches('/');
        let shipped = |[from, to, _]: &[String; 3]| {
            let name = Path::new(from).file_name().unwrap().to_str().unwrap();
            *to == kept || format!("{to}{name}") == kept
        };
        assert!(assets(&package).iter().any(shipped), "{kept} is not in it");
    }
}

/// With the secret that the unit hands over.
#[test]
fn the_package_brings_a_configuration_that_its_unit_can_run() {
    let unit = fs::read_to_string(root().join(UNIT)).unwrap();
    let package = package();
    let kept = package["conf-files"][0].as_str().unwrap();
    assert!(unit.contains(&format!(
        "ExecStart=smartassist-exporter serve --config.file={kept}\n"
    )));

    let (_, credential) = unit.split_once("\nLoadCredential=").unwrap();
    let (name, _) = credential.split_once(':').unwrap();
    let handed_over = format!("/run/credentials/smartassist-exporter.service/{name}");
    let configuration = fs::read_to_string(root().join(CONFIGURATION)).unwrap();
    assert!(configuration.contains(&handed_over));
    is_accepted(&configuration, &handed_over);
}
