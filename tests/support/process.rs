//! Programs that run beside a test, and end with it.

use super::free_address;
use std::fs;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

pub struct Process(Child);

impl Process {
    pub fn start(command: &mut Command) -> Process {
        Process::try_start(command)
            .unwrap_or_else(|error| panic!("{}: {error}", command.get_program().display()))
    }

    fn try_start(command: &mut Command) -> std::io::Result<Process> {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .map(Process)
    }

    /// Starts the first of these programs that this machine has. Without any the test fails: a chain that is not tried must not
    /// look tried.
    pub fn installed(names: &[&str], package: &str, arguments: &[String]) -> Process {
        for name in names {
            match Process::try_start(Command::new(name).args(arguments)) {
                Ok(process) => return process,
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => panic!("cannot start `{name}`: {error}"),
            }
        }
        panic!(
            "cannot find `{}`\nhint: `make test` installs it; on Debian `apt-get install {package}`",
            names.join("` or `")
        )
    }
}

/// What a process has of memory and files.
#[derive(Debug, Clone, Copy, Default)]
pub struct Taken {
    pub resident_kb: u64,
    pub files: usize,
}

impl Taken {
    pub fn by(process: u32) -> Taken {
        let of = |file: &str| format!("/proc/{process}/{file}");
        let status = fs::read_to_string(of("status")).unwrap();
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let resident = resident.unwrap().trim().trim_end_matches(" kB");
        Taken {
            resident_kb: resident.parse().unwrap(),
            files: fs::read_dir(of("fd")).unwrap().count(),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// A Prometheus with this configuration, and where it answers once it is up.
pub fn prometheus(folder: &Path, config: &str) -> (Process, SocketAddr) {
    let address = free_address();
    let path = folder.join("prometheus.yml");
    fs::write(&path, config).unwrap();
    let arguments = [
        format!("--config.file={}", path.display()),
        format!("--storage.tsdb.path={}", folder.join("tsdb").display()),
        format!("--web.listen-address={address}"),
        "--rules.alert.resend-delay=1s".into(),
        "--log.level=warn".into(),
    ];
    let process = Process::installed(&["prometheus"], "prometheus", &arguments);
    (process, address)
}
