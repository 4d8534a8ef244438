//! What the server needs of the machine: its programs, somebody to run as, and somebody who clears up.

use std::fs;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{LazyLock, mpsc};
use tokio::runtime::Runtime;

const DEBIANS: &str = "/usr/lib/postgresql";
const HINT: &str = "hint: `make test` installs it; on Debian `apt-get install postgresql`";

/// Ends the server and removes its folder once nobody holds the other end of its standard input any more: however the
/// test ends, also by a kill.
const KEEPER: &str = r#"
trap '' HUP INT TERM
read -r _
id=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)
if [ -n "$id" ] && grep -qaF "$1" "/proc/$id/cmdline" 2>/dev/null; then
    kill -CONT "$id"; kill -QUIT "$id"
    tries=0
    while kill -0 "$id" 2>/dev/null && [ "$(cut -d ' ' -f 3 "/proc/$id/stat" 2>/dev/null)" != Z ]; do
        tries=$((tries + 1)); [ "$tries" -gt 100 ] && kill -KILL "$id"
        sleep 0.05
    done
fi
rm -rf "$1"
"#;

/// The folder of the server's programs: Debian's newest, else that of the first on the path.
pub(super) fn programs() -> PathBuf {
    let has_all = |folder: &PathBuf| {
        let is_there = |name: &&str| folder.join(name).is_file();
        ["initdb", "postgres"].iter().all(is_there)
    };
    let version = |folder: &PathBuf| {
        let name = folder.file_name().and_then(|name| name.to_str());
        name.and_then(|name| name.parse::<u32>().ok())
    };
    let mut debians: Vec<_> = fs::read_dir(DEBIANS)
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path())
        .filter_map(|folder| Some((version(&folder)?, folder.join("bin"))))
        .collect();
    debians.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let debians = debians.into_iter().rev().map(|(_, folder)| folder);
    let mut folders = debians.chain(std::env::split_paths(&path));
    let found = folders.find(has_all);
    found.unwrap_or_else(|| panic!("cannot find `initdb` and `postgres`\n{HINT}"))
}

/// User and group to run the server as, where the test runs as root.
pub(super) fn other_user() -> Option<(u32, u32)> {
    let id = |arguments: &[&str]| {
        let output = Command::new("id").args(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        output.status.success().then(|| said.parse().unwrap())
    };
    if id(&["-u"]) != Some(0) {
        return None;
    }
    let of = |user: &str| Some((id(&["-u", user])?, id(&["-g", user])?));
    Some(of("postgres").or_else(|| of("nobody")).unwrap())
}

/// A program of the server's, in a folder that its user may enter, beyond the reach of Ctrl-C.
pub(super) fn as_user(program: &Path, folder: &Path, user: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(folder)
        .stdin(Stdio::null())
        .process_group(0)
        .env("LC_ALL", "C");
    if let Some((user, group)) = user {
        command.uid(user).gid(group);
    }
    command
}

pub(super) fn keep(folder: &Path) -> (Child, Option<ChildStdin>) {
    let mut keeper = Command::new("sh")
        .args(["-c", KEEPER, "keeper"])
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .unwrap();
    let held = keeper.stdin.take();
    (keeper, held)
}

pub(super) fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

pub(super) fn send(signal: &str, process: u32) {
    let process = process.to_string();
    let sent = Command::new("kill")
        .args([&format!("-{signal}"), &process])
        .status();
    match sent {
        Ok(status) => assert!(status.success(), "kill -{signal} {process}"),
        Err(error) if error.kind() == ErrorKind::NotFound => panic!("there is no `kill`"),
        Err(error) => panic!("kill: {error}"),
    }
}

/// From any thread, also one of another runtime: it waits on another.
pub(super) fn wait_for<T: Send + 'static>(asked: impl Future<Output = T> + Send + 'static) -> T {
    static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        runtime.worker_threads(1).enable_all().build().unwrap()
    });
    let (done, answered) = mpsc::channel();
    RUNTIME.spawn(async move { done.send(asked.await).ok() });
    answered.recv().unwrap()
}
