//! A small disk of the test's own, mounted where nobody else sees it.
//!
//! The test runs itself once more in a namespace of its own: mounts end with it, however it ends, and need no root where
//! the system lets users have such namespaces.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Set within.
const WITHIN: &str = "SOAK_WITHIN";

/// As root, and as anybody else.
const WAYS: [&[&str]; 2] = [
    &["--mount", "--propagation=private"],
    &["--mount", "--propagation=private", "--map-root-user"],
];

/// Whether the test was done, by itself in a namespace of its own.
pub fn did_it_inside(test: &str) -> bool {
    if are_allowed() {
        return false;
    }
    let folder = tempfile::tempdir().unwrap();
    let try_it = format!("mount -t tmpfs soak '{}'", folder.path().display());
    let may = |way: &&&[&str]| {
        let tried = Command::new("unshare")
            .args(**way)
            .args(["sh", "-c", &try_it])
            .output();
        tried.is_ok_and(|output| output.status.success())
    };
    let Some(way) = WAYS.iter().find(may) else {
        println!(
            "NOT DONE: nothing may be mounted here, neither as root nor by `unshare --map-root-user --mount`, so the steps \
             that need a disk of their own are left out"
        );
        return false;
    };
    let status = Command::new("unshare")
        .args(*way)
        .arg(env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env(WITHIN, "1")
        .status()
        .unwrap();
    assert!(status.success(), "see above");
    true
}

/// Whether this is within.
pub fn are_allowed() -> bool {
    env::var_os(WITHIN).is_some()
}

/// A disk of 256 MiB, or a mere folder where nothing may be mounted.
pub struct Disk(PathBuf);

impl Disk {
    pub fn new(at: PathBuf) -> Disk {
        fs::create_dir(&at).unwrap();
        if are_allowed() {
            mount(&["-t", "tmpfs", "-o", "size=256m", "soak"], &at);
        }
        Disk(at)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn set_writable(&self, writable: bool) {
        // Of this mount alone: a user's own namespace may not change more.
        let how = if writable { "rw" } else { "ro" };
        mount(&["-o", &format!("remount,bind,{how}")], &self.0);
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if are_allowed() {
            Command::new("umount")
                .arg("--lazy")
                .arg(&self.0)
                .status()
                .ok();
        }
    }
}

fn mount(arguments: &[&str], at: &Path) {
    let status = Command::new("mount").args(arguments).arg(at).status();
    assert!(status.unwrap().success(), "mount {arguments:?}");
}
