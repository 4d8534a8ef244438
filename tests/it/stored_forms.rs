//! A state of each form in which one was stored since the first version: taken over, nothing falls and nothing is counted
//! again.
//!
//! `data/stored` has a folder for each pair of the database's format and that of evidence. `served.db` is of the real binary
//! on a simulated centre, `served.metrics.txt` what it showed then; `counted.db` is of the records of `data/first-version`,
//! with `metrics.per_agent`. Once a form has changed, this version's folder is made with
//! `UPDATE_STATES=1 cargo test --test it stored_forms`; one that is there is never written again.

use super::first_version;
use crate::support::scene::{contract, plan_since};
use crate::support::{Centre, Exporter, Home, Page};
use smartassist_exporter::evidence::{Detector, Settings};
use smartassist_exporter::store::{self, FILE};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/stored")
}

/// What this version writes.
fn form() -> String {
    let home = tempfile::tempdir().unwrap();
    drop(store::Store::open(home.path()).unwrap());
    let evidence = &Detector::new(Settings::default()).parts(None)[0].1;
    format!("{}-{}", format_of(&home.path().join(FILE)), evidence[0])
}

fn format_of(file: &Path) -> i64 {
    let database = rusqlite::Connection::open(file).unwrap();
    let format = database.pragma_query_value(None, "user_version", |row| row.get(0));
    format.unwrap()
}

/// The account's counters, and observations and sums of its histograms, as far as they are above 0: lines of the page.
fn counted(exporter: &Exporter) -> Vec<String> {
    let (_, page) = exporter.get("/metrics").unwrap_or_default();
    let is_sum = |line: &&str| {
        let name = line.split('{').next().unwrap_or_default();
        let business = name.starts_with("smartassist_") && !name.contains("_exporter_");
        let ends = ["_total", "_sum", "_count"];
        business && ends.iter().any(|end| name.ends_with(end)) && !line.ends_with(" 0")
    };
    page.lines().filter(is_sum).map(str::to_owned).collect()
}

fn state(command: &[&str]) {
    let mut state = Command::new(env!("CARGO_BIN_EXE_smartassist-exporter"));
    let ended = state.arg("state").args(command).output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{command:?}: {said}");
}

fn make(into: &Path) {
    fs::create_dir_all(into).unwrap();
    let data = tempfile::tempdir().unwrap();
    let mut exporter = first_version::open(data.path(), true);
    exporter.read(&first_version::records());
    drop(exporter);
    let backup = |data: &Path, name: &str| {
        let file = into.join(name).display().to_string();
        state(&[
            "backup",
            &file,
            "--storage.path",
            &data.display().to_string(),
        ]);
    };
    backup(data.path(), "counted.db");

    let centre = Centre::open(plan_since(1_800, 200.0), contract());
    centre.simulator.freeze();
    let home = Home::new(&format!(
        "{}poll: {{interval: 1s, settle: 0s, initial_lookback: 1h}}\nmetrics: {{per_agent: true, zero_first: 0s}}\n",
        centre.account(60_000)
    ));
    let exporter = home.serve();
    let mut shown = Vec::new();
    let deadline = Instant::now() + Duration::from_mins(1);
    loop {
        std::thread::sleep(Duration::from_secs(2));
        let next = counted(&exporter);
        if !next.is_empty() && next == shown {
            break;
        }
        assert!(Instant::now() < deadline);
        shown = next;
    }
    assert_eq!(exporter.signal("TERM"), Some(0));
    backup(&home.folder.path().join("data"), "served.db");
    fs::write(into.join("served.metrics.txt"), shown.join("\n") + "\n").unwrap();
}

fn each(check: impl Fn(&Path)) {
    let mut folders: Vec<_> = fs::read_dir(folder())
        .unwrap()
        .map(|it| it.unwrap().path())
        .collect();
    folders.retain(|it| it.is_dir());
    assert!(!folders.is_empty());
    for folder in folders {
        println!("{}", folder.display());
        check(&folder);
    }
}

#[test]
fn there_is_a_state_of_each_form_up_to_this_versions() {
    let mine = folder().join(form());
    if !mine.exists() {
        let asked = std::env::var_os("UPDATE_STATES").is_some();
        assert!(
            asked,
            "no `{}`: a form has changed; hint: UPDATE_STATES=1 cargo test --test it stored_forms",
            mine.display()
        );
        make(&mine);
    }
    each(|folder| {
        let form = folder.file_name().unwrap().to_str().unwrap();
        for file in ["served.db", "counted.db"] {
            let copy = tempfile::tempdir().unwrap().keep();
            fs::copy(folder.join(file), copy.join(FILE)).unwrap();
            let format = format_of(&copy.join(FILE)).to_string();
            assert_eq!(form.split_once('-').unwrap().0, format, "{form}/{file}");
            fs::remove_dir_all(copy).unwrap();
        }
    });
}

#[test]
fn a_stored_state_is_taken_over_and_shows_what_it_showed() {
    each(|folder| {
        let account = "accounts: [{name: acme, url: 'http://127.0.0.1:9', account_id: 67654be356840f366e790000, \
             stream_id: st-5e17ab1e-0000-5000-8000-00000000c0de, auth: {client_id: c, client_secret: s}}]\n\
             metrics: {per_agent: true}\n";
        let home = Home::new(account);
        let data = home.folder.path().join("data");
        fs::create_dir(&data).unwrap();
        fs::copy(folder.join("served.db"), data.join(FILE)).unwrap();
        let exporter = home.serve();
        let shown = |page: &Page| page.sum("smartassist_conversations_total", &[]) > 0.0;
        exporter.wait_for("its counts", 20, shown);
        let wanted = fs::read_to_string(folder.join("served.metrics.txt")).unwrap();
        assert_eq!(counted(&exporter), wanted.lines().collect::<Vec<_>>());
        assert_eq!(exporter.signal("TERM"), Some(0));
        let log = home.log();
        assert!(
            !log.contains("is lost") && !log.contains("new database"),
            "{log}"
        );
        state(&["check", "--storage.path", &data.display().to_string()]);
    });
}

#[test]
fn what_was_counted_in_an_older_form_is_not_counted_again() {
    each(|folder| {
        let data = tempfile::tempdir().unwrap();
        fs::copy(folder.join("counted.db"), data.path().join(FILE)).unwrap();
        let mut exporter = first_version::open(data.path(), true);
        let before = exporter.view();
        assert!(before.sums.len() > 100, "the state is no empty one");
        let tally = exporter.read(&first_version::records());
        assert_eq!((tally.applied, tally.rejected), (0, 0));
        assert_eq!(exporter.view(), before);
    });
}
