//! The real binary under a clock that is wrong: libfaketime in front of the system's own functions. Nothing of it is in
//! the binary.

use std::fs;
use std::path::{Path, PathBuf};

/// A clock that a test sets while the process runs.
pub struct FakeClock {
    file: PathBuf,
    library: PathBuf,
}

impl FakeClock {
    /// Ahead of the true time by so many seconds.
    pub fn ahead(folder: &Path, seconds: i64) -> FakeClock {
        let clock = FakeClock {
            file: folder.join("clock"),
            library: library(),
        };
        clock.set(seconds);
        clock
    }

    /// Renamed into place, so that no reading sees half of it.
    pub fn set(&self, ahead_s: i64) {
        let whole = self.file.with_extension("new");
        fs::write(&whole, format!("{ahead_s:+}\n")).unwrap();
        fs::rename(&whole, &self.file).unwrap();
    }

    /// For the process. Durations go on as they are: a clock that is set moves no monotonic one.
    pub fn environment(&self) -> Vec<(String, String)> {
        let text = |path: &Path| path.display().to_string();
        [
            ("LD_PRELOAD", text(&self.library)),
            ("FAKETIME_TIMESTAMP_FILE", text(&self.file)),
            ("FAKETIME_NO_CACHE", "1".to_owned()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
            ("FAKETIME_DONT_RESET", "1".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }
}

/// For a process whose whole time, durations and waits as well, goes faster by so much from its start on; its clock begins
/// ahead of the true one.
pub fn hurried(ahead_ms: i64, pace: f64) -> Vec<(String, String)> {
    let ahead_s = ahead_ms as f64 / 1_000.0;
    [
        ("LD_PRELOAD", library().display().to_string()),
        ("FAKETIME", format!("{ahead_s:+.3} x{pace}")),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

/// Where Debian puts it, on any architecture.
fn library() -> PathBuf {
    let folders = fs::read_dir("/usr/lib").unwrap();
    let mut found = folders
        .filter_map(|folder| Some(folder.ok()?.path().join("faketime/libfaketimeMT.so.1")))
        .filter(|path| path.exists());
    found
        .next()
        .expect("libfaketime is installed: see .ci/install-tools")
}
