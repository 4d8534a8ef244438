//! The disk: full, read-only, gone.

use super::life::Life;
use super::step::{Shows, Step};
use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

const ERRORS: Shows = Shows::Rises("smartassist_exporter_store_errors_total", "", "");

pub fn steps() -> Vec<Step> {
    vec![
        Step::new(
            "disk: full while it runs",
            ERRORS,
            &["store failed", "disk is full", "hint: make room"],
            |life| {
                // The write-ahead log begins anew, and has to grow.
                life.stop();
                life.serve();
                let filler = fill(life);
                life.is_told();
                serves_on(life);
                fs::remove_file(filler).unwrap();
                life.until("up again", Duration::from_secs(30), |page| {
                    page.sum("smartassist_exporter_up", &[]) == 1.0
                });
            },
        )
        .mounted(),
        Step::new(
            "disk: full at the start",
            Shows::Nobody,
            &["full", "hint: "],
            |life| {
                life.stop();
                let filler = fill(life);
                life.is_refused();
                fs::remove_file(filler).unwrap();
                life.serve();
            },
        )
        .mounted(),
        Step::new(
            "disk: read-only at the start",
            Shows::Nobody,
            &["Read-only file system", "hint: "],
            |life| {
                life.kill();
                life.disk.set_writable(false);
                life.is_refused();
                life.disk.set_writable(true);
                life.serve();
            },
        )
        .mounted(),
        Step::new(
            "disk: the folder is gone for a while",
            ERRORS,
            &["store failed", "is gone", "hint: put it back"],
            |life| {
                let folder = life.database("").parent().unwrap().to_owned();
                let away = folder.with_file_name("away");
                fs::rename(&folder, &away).unwrap();
                life.is_told();
                serves_on(life);
                fs::rename(&away, &folder).unwrap();
            },
        ),
    ]
}

/// Nothing new is counted, and the last numbers are answered: for as long as anybody asks.
fn serves_on(life: &mut Life) {
    let page = life.page();
    assert_eq!(page.sum("smartassist_exporter_up", &[]), 0.0);
    assert!(page.sum("smartassist_conversations_total", &[]) > 0.0);
    life.goes_on(Duration::from_secs(3));
    assert_eq!(life.exporter().get("/-/healthy").unwrap().0, 200);
}

/// To the last byte.
fn fill(life: &Life) -> PathBuf {
    let path = life.disk.path().join("filler");
    let mut file = File::create(&path).unwrap();
    for size in [1 << 20, 4_096, 1] {
        while file.write(&vec![0; size]).is_ok_and(|written| written > 0) {}
    }
    path
}
