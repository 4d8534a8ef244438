//! Configurations that are taken and such that are refused, with the exact words.
//!
//! A `*.ok.yml` is taken; the warnings it gives, if any, stand in comments at its end. A `*.bad.yml` is refused; what is
//! said stands in comments at its end.

use smartassist_exporter::config::{self, Flags};
use std::path::{Path, PathBuf};

/// Stands for every secret in the fixtures, and may stand in no message.
const SECRET: &str = "squeamish-ossifrage";
const EXPECTED: &str = "# ---\n";

fn fixtures(ending: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/config");
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries
        .filter(|path| path.to_str().unwrap().ends_with(ending))
        .collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

/// The comments at the end of a fixture, without their marks.
fn expected(file: &Path) -> String {
    let text = std::fs::read_to_string(file).unwrap();
    let (_, comments) = text.split_once(EXPECTED).unwrap_or_default();
    comments
        .lines()
        .map(|line| line.strip_prefix("# ").unwrap_or(line))
        .collect::<Vec<_>>()
        .join("\n")
}

fn load(file: &Path) -> (bool, String) {
    let flags = Flags {
        file: Some(file.to_owned()),
        listen_address: None,
    };
    let (taken, said) = match config::load(&flags, |_| None) {
        Ok((config, warnings)) => {
            assert!(
                !format!("{config:?}").contains(SECRET),
                "{} shows its secret",
                file.display()
            );
            (true, warnings)
        }
        Err(invalid) => (false, invalid.problems),
    };
    let said = said
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n");
    assert!(
        !said.contains(SECRET),
        "{} shows its secret:\n{said}",
        file.display()
    );
    (taken, said)
}

#[test]
fn what_is_right_is_taken_with_exactly_these_warnings() {
    for file in fixtures(".ok.yml") {
        let (taken, said) = load(&file);
        assert!(taken, "{}:\n{said}", file.display());
        assert_eq!(said, expected(&file), "{}", file.display());
    }
}

#[test]
fn what_is_wrong_is_refused_with_exactly_these_words() {
    for file in fixtures(".bad.yml") {
        let (taken, said) = load(&file);
        assert!(!taken, "{}", file.display());
        assert_eq!(said, expected(&file), "{}", file.display());
    }
}

#[test]
fn the_example_lacks_nothing_but_the_secret() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/smartassist-exporter.example.yml");
    let example = std::fs::read_to_string(file).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    std::fs::write(&secret, SECRET).unwrap();
    let written = folder.path().join("config.yml");
    let text = example.replace("/run/secrets/acme", secret.to_str().unwrap());
    assert_ne!(text, example);
    std::fs::write(&written, text).unwrap();
    let (taken, said) = load(&written);
    assert!(taken, "{said}");
    assert_eq!(said, "");
}
