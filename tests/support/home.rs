//! A folder of its own for the exporters of a test.

use super::{Exporter, free_address};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A folder with a configuration, in which exporters run one after the other.
pub struct Home {
    pub folder: tempfile::TempDir,
}

impl Home {
    /// `config` without `web`, and without `storage` where that is to be the home's own folder.
    pub fn new(config: &str) -> Home {
        let folder = tempfile::tempdir().unwrap();
        let home = Home { folder };
        home.configure(config);
        home
    }

    /// The same for what runs. Written beside it and renamed over it, as whoever writes such a file should.
    pub fn configure(&self, config: &str) {
        let data = self.folder.path().join("data");
        let storage = if config.contains("storage:") {
            String::new()
        } else {
            format!("storage: {{path: '{}'}}\n", data.display())
        };
        // Unless a test is about it: its one request more is in nobody's count.
        let reconcile = if config.contains("reconcile:") {
            ""
        } else {
            "reconcile: {interval: off}\n"
        };
        let next = self.folder.path().join("next.yml");
        std::fs::write(&next, format!("{config}{reconcile}{storage}")).unwrap();
        std::fs::rename(&next, self.config()).unwrap();
    }

    pub fn config(&self) -> PathBuf {
        self.folder.path().join("config.yml")
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    pub fn serve(&self) -> Exporter {
        self.serve_with(free_address(), &[])
    }

    /// At an address, with variables added to the environment.
    pub fn serve_with(&self, address: SocketAddr, environment: &[(&str, &str)]) -> Exporter {
        self.serve_as(address, environment, &[])
    }

    /// The same, with further flags.
    pub fn serve_as(
        &self,
        address: SocketAddr,
        environment: &[(&str, &str)],
        flags: &[&str],
    ) -> Exporter {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.folder.path().join("log"))
            .unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_smartassist-exporter"))
            .arg("serve")
            .args(
                flags
                    .iter()
                    .all(|flag| !flag.starts_with("--log.level"))
                    .then_some("--log.level=debug"),
            )
            .arg(format!("--config.file={}", self.config().display()))
            .arg(format!("--web.listen-address={address}"))
            .args(flags)
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        Exporter {
            child,
            url: format!("http://{address}"),
            address,
        }
    }
}
