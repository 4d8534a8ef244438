//! The files in `tests/web_config`, in shape those of the toolkit's documentation and tests: what is taken, what is
//! refused, and in which words. `UPDATE_DOCS=1 cargo test --lib config::web_file` writes the words anew.

use super::parse;
use std::fs;
use std::path::{Path, PathBuf};

const EXPECTED: &str = "# expected:\n";

fn files(ending: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/web_config");
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let files: Vec<_> = files
        .filter(|file| file.to_str().unwrap().ends_with(ending))
        .collect();
    assert!(files.len() > 5, "{files:?}");
    files
}

fn said(file: &Path) -> (bool, String) {
    let text = fs::read_to_string(file).unwrap();
    let (taken, problems) = match parse(file, &text) {
        Ok((_, warnings)) => (true, warnings),
        Err(invalid) => (false, invalid.problems),
    };
    let said: String = problems
        .iter()
        .map(|problem| format!("{problem}\n"))
        .collect();
    assert!(
        !said.contains("SECRET") && !said.contains("$2y$10$h"),
        "{}: {said}",
        file.display()
    );
    (
        taken,
        said.lines().map(|line| format!("# {line}\n")).collect(),
    )
}

fn as_expected(file: &Path) {
    let (_, said) = said(file);
    let text = fs::read_to_string(file).unwrap();
    let (written, expected) = text.split_once(EXPECTED).unwrap_or((&text, ""));
    if std::env::var_os("UPDATE_DOCS").is_some() && said != expected {
        fs::write(file, format!("{written}{EXPECTED}{said}")).unwrap();
        return;
    }
    assert_eq!(said, expected, "{}", file.display());
}

#[test]
fn what_the_toolkit_takes_is_taken() {
    for file in files(".ok.yml") {
        assert!(said(&file).0, "{}: {}", file.display(), said(&file).1);
        as_expected(&file);
    }
}

#[test]
fn what_the_toolkit_refuses_is_refused_with_all_that_is_wrong() {
    for file in files(".bad.yml") {
        assert!(!said(&file).0, "{} is taken", file.display());
        as_expected(&file);
    }
}
