//! The real binary, as shells, containers and service managers see it: output, exit codes, signals.

use crate::support::get;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const SECRET: &str = "squeamish-ossifrage";
/// Far longer than anything here should take.
const DEADLINE: Duration = Duration::from_mins(1);

const ENVIRONMENT: [&str; 10] = [
    "SMARTASSIST_URL",
    "SMARTASSIST_ACCOUNT_ID",
    "SMARTASSIST_STREAM_ID",
    "SMARTASSIST_CLIENT_ID",
    "SMARTASSIST_CLIENT_SECRET",
    "SMARTASSIST_CLIENT_SECRET_FILE",
    "SMARTASSIST_STORAGE_URL",
    "SMARTASSIST_STORAGE_PASSWORD",
    "SMARTASSIST_STORAGE_PASSWORD_FILE",
    "PGPASSWORD",
];

fn exporter(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_smartassist-exporter"));
    command.args(arguments);
    ENVIRONMENT.iter().for_each(|name| {
        command.env_remove(name);
    });
    command
}

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    told(exporter(arguments).output().unwrap())
}

fn told(output: Output) -> (Option<i32>, String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// A configuration whose vendor is not there.
fn configuration(folder: &Path) -> String {
    let path = folder.join("config.yml");
    let storage = folder.join("data");
    let text = format!(
        "accounts:\n  - name: acme\n    url: http://127.0.0.1:9\n    account_id: a\n    stream_id: st-1\n    \
        auth: {{client_id: cs-1, client_secret: {SECRET}}}\n\
        storage: {{path: '{}'}}\nweb: {{listen_address: '127.0.0.1:0'}}\n",
        storage.display()
    );
    std::fs::write(&path, text).unwrap();
    format!("--config.file={}", path.display())
}

/// A running `serve`, killed when dropped.
struct Serving {
    child: Child,
    address: SocketAddr,
    /// What it said until it listened.
    begun: String,
    log: BufReader<std::process::ChildStderr>,
}

impl Serving {
    fn start(configuration: &str) -> Serving {
        let mut child = exporter(&["serve", configuration])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        // From here on it ends with this, also where it never listens.
        let mut serving = Serving {
            child,
            address: ([127, 0, 0, 1], 0).into(),
            begun: String::new(),
            log,
        };
        loop {
            let mut line = String::new();
            let read = serving.log.read_line(&mut line).unwrap();
            assert_ne!(read, 0, "it ended before it listened: {}", serving.begun);
            serving.begun.push_str(&line);
            if let Some((_, address)) = line.split_once("address=") {
                serving.address = address.trim().trim_matches('"').parse().unwrap();
                return serving;
            }
        }
    }

    fn get(&self, path: &str) -> (u16, String) {
        get(self.address, path).unwrap()
    }

    /// Sends a signal; exit code and the whole log.
    fn stop(mut self, signal: &str) -> (Option<i32>, String) {
        kill(signal, &self.child);
        let mut log = std::mem::take(&mut self.begun);
        self.log.read_to_string(&mut log).unwrap();
        (self.child.wait().unwrap().code(), log)
    }
}

fn kill(signal: &str, child: &Child) {
    let pid = child.id().to_string();
    assert!(
        Command::new("kill")
            .args([signal, &pid])
            .status()
            .unwrap()
            .success()
    );
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[test]
fn without_a_command_the_help_is_shown_and_nothing_done() {
    let (code, out, err) = run(&[]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(
        err.contains("Usage: smartassist-exporter <COMMAND>"),
        "{err}"
    );
}

#[test]
fn help_names_every_command_the_environment_and_the_exit_codes() {
    let (code, out, err) = run(&["--help"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    for word in [
        "serve",
        "demo",
        "simulate",
        "check",
        "explain",
        "replay",
        "health",
        "Exit codes",
        "Examples",
    ]
    .iter()
    .chain(&ENVIRONMENT)
    {
        assert!(out.contains(word), "`{word}` is not in\n{out}");
    }
}

#[test]
fn the_version_is_the_crates() {
    let (code, out, _) = run(&["--version"]);
    assert_eq!(code, Some(0));
    assert_eq!(
        out,
        concat!("smartassist-exporter ", env!("CARGO_PKG_VERSION"), "\n")
    );
}

#[test]
fn a_wrong_argument_is_a_usage_error() {
    for arguments in [
        &["serv"][..],
        &["serve", "--config"],
        &["check", "--web.listen-address=here"],
        &["explain"],
    ] {
        let (code, out, err) = run(arguments);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(err.starts_with("error: "), "{err}");
    }
}

#[test]
fn check_shows_what_would_be_done_but_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, err) = run(&["check", &configuration(folder.path())]);
    assert_eq!(code, Some(0), "{err}");
    assert!(
        out.contains("acme") && out.contains("requests a minute"),
        "{out}"
    );
    assert!(!out.contains(SECRET) && !err.contains(SECRET), "{out}{err}");
}

#[test]
fn a_proxy_that_is_none_is_told_by_whatever_would_go_through_it() {
    let folder = tempfile::tempdir().unwrap();
    let configuration = configuration(folder.path());
    for arguments in [&["check"][..], &["doctor"], &["reconcile"]] {
        let mut command = exporter(arguments);
        let output = command
            .arg(&configuration)
            .env("HTTPS_PROXY", format!("garbage://{SECRET}"))
            .output();
        let (_, out, err) = told(output.unwrap());
        assert!(
            err.contains("warning: `HTTPS_PROXY` is no address of a proxy"),
            "{arguments:?}: {err}"
        );
        assert!(!out.contains(SECRET) && !err.contains(SECRET), "{out}{err}");
    }
    let mut command = exporter(&["serve", &configuration]);
    command.env("HTTPS_PROXY", ":::").stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
    let told = log.any(|line| {
        line.unwrap()
            .contains("`HTTPS_PROXY` is no address of a proxy")
    });
    kill("-TERM", &child);
    log.for_each(drop);
    child.wait().unwrap();
    assert!(told);
}

#[test]
fn check_and_serve_refuse_a_wrong_configuration_with_every_problem() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.yml");
    std::fs::write(&path, "accounts: []\npoll: {interval: 0s}\n").unwrap();
    for command in ["check", "serve"] {
        let (code, out, err) = run(&[command, &format!("--config.file={}", path.display())]);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{command}");
        assert!(err.contains("line 1: `accounts` is an empty list"), "{err}");
        assert!(err.contains("line 2: `poll.interval` is `0s`"), "{err}");
    }
}

#[test]
fn the_environment_alone_is_a_configuration() {
    let mut command = exporter(&["check"]);
    for (name, value) in
        ENVIRONMENT
            .iter()
            .zip(["https://platform.kore.ai", "a", "st-1", "cs-1", SECRET])
    {
        command.env(name, value);
    }
    let (code, out, err) = told(command.output().unwrap());
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("default") && !out.contains(SECRET), "{out}");
}

#[test]
fn the_state_is_where_the_environment_says_unless_a_folder_is_named() {
    let database = "postgres://somebody@127.0.0.1:9/counts";
    let of_environment = |arguments: &[&str]| {
        let mut command = exporter(&[&["state", "show"], arguments].concat());
        let account = ["https://platform.kore.ai", "a", "st-1", "cs-1", SECRET];
        command.envs(ENVIRONMENT.iter().zip(account));
        command.env("SMARTASSIST_STORAGE_URL", database);
        command.env("SMARTASSIST_STORAGE_PASSWORD", SECRET);
        let (code, _, err) = told(command.output().unwrap());
        assert_eq!(code, Some(1), "{err}");
        assert!(!err.contains(SECRET), "{err}");
        err
    };
    let err = of_environment(&[]);
    assert!(err.contains("database") && !err.contains("./data"), "{err}");
    let err = of_environment(&["--storage.path=/nowhere"]);
    assert!(err.contains("there is no `/nowhere/"), "{err}");
}

#[test]
fn serve_answers_while_the_vendor_is_away_and_ends_well_on_either_signal() {
    for signal in ["-TERM", "-INT"] {
        let folder = tempfile::tempdir().unwrap();
        let serving = Serving::start(&configuration(folder.path()));
        assert_eq!(serving.get("/-/healthy").0, 200);
        assert_eq!(serving.get("/-/ready").0, 503);
        assert!(
            serving
                .get("/metrics")
                .1
                .contains("smartassist_exporter_up{account=\"acme\"} 0")
        );
        assert!(serving.get("/").1.contains("acme"));
        let listen = format!("--web.listen-address={}", serving.address);
        let (code, out, _) = run(&["health", &listen]);
        assert_eq!((code, out.as_str()), (Some(0), "healthy\n"));
        // A connection that stays open holds nothing up.
        let _idle = TcpStream::connect(serving.address).unwrap();
        let asked = Instant::now();
        let (code, log) = serving.stop(signal);
        assert_eq!(code, Some(0), "{log}");
        assert!(asked.elapsed() < DEADLINE / 4, "{:?}", asked.elapsed());
        assert!(!log.contains(SECRET), "{log}");
    }
}

#[test]
fn a_start_is_told_with_version_accounts_storage_and_address() {
    let folder = tempfile::tempdir().unwrap();
    let configuration = configuration(folder.path());
    for begins_anew in [true, false] {
        let serving = Serving::start(&configuration);
        let address = serving.address.to_string();
        let (code, log) = serving.stop("-TERM");
        assert_eq!(code, Some(0));
        let storage = folder.path().join("data");
        for told in [
            concat!("version=", env!("CARGO_PKG_VERSION")),
            "accounts=1",
            &format!("storage={}", storage.display()),
            &format!("address={address}"),
            "msg=stopping",
            "msg=stopped",
        ] {
            assert!(log.contains(told), "`{told}` is not in {log}");
        }
        assert_eq!(
            log.contains("level=warn msg=\"a new database"),
            begins_anew,
            "{log}"
        );
    }
    // And a lost one is named.
    std::fs::remove_file(folder.path().join("data/smartassist-exporter.db")).unwrap();
    let (_, log) = Serving::start(&configuration).stop("-TERM");
    assert!(log.contains("the database is missing or empty"), "{log}");
    assert!(log.contains("smartassist-exporter.db"), "{log}");
}

#[test]
fn a_hangup_ends_nothing_that_serves() {
    let folder = tempfile::tempdir().unwrap();
    let configuration = configuration(folder.path());
    let serve = ["serve", configuration.as_str()];
    let demo = ["demo", "--web.listen-address=127.0.0.1:0", "--history=10m"];
    let simulate = [
        "simulate",
        "--web.listen-address=127.0.0.1:0",
        "--history=10m",
    ];
    for arguments in [&serve[..], &demo, &simulate] {
        let mut child = exporter(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut told = String::new();
        let deadline = Instant::now() + DEADLINE;
        // From the first moment on at which it can be asked to, if not earlier: then it says so.
        if arguments[0] == "simulate" {
            wait_until_caught(&child, SIGTERM, deadline);
        } else {
            log.read_line(&mut told).unwrap();
        }
        kill("-HUP", &child);
        while !told.contains("SIGHUP") {
            assert_ne!(
                log.read_line(&mut told).unwrap(),
                0,
                "{arguments:?} ended: {told}"
            );
            assert!(Instant::now() < deadline, "{told}");
        }
        kill("-TERM", &child);
        log.read_to_string(&mut told).unwrap();
        assert_eq!(
            child.wait().unwrap().code(),
            Some(0),
            "{arguments:?}: {told}"
        );
    }
}

const SIGHUP: u32 = 1;
/// Heard last of all.
const SIGTERM: u32 = 15;

/// Until the process has an ear for a signal.
fn wait_until_caught(child: &Child, signal: u32, deadline: Instant) {
    loop {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        let caught = status
            .lines()
            .find_map(|line| line.strip_prefix("SigCgt:"))
            .unwrap();
        if u64::from_str_radix(caught.trim(), 16).unwrap() >> (signal - 1) & 1 == 1 {
            return;
        }
        assert!(Instant::now() < deadline);
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_log_that_nobody_reads_holds_up_no_end() {
    let folder = tempfile::tempdir().unwrap();
    let (reader, mut writer) = std::io::pipe().unwrap();
    // As much as the system keeps: whoever writes one line more waits for ever.
    writer.write_all(&vec![b'\n'; 65_536]).unwrap();
    let mut child = exporter(&["serve", &configuration(folder.path())])
        .stderr(writer)
        .spawn()
        .unwrap();
    wait_until_caught(&child, SIGTERM, Instant::now() + DEADLINE);
    let asked = Instant::now();
    kill("-TERM", &child);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(
        asked.elapsed() < Duration::from_secs(8),
        "{:?}",
        asked.elapsed()
    );
    drop(reader);
}

#[test]
fn health_fails_where_nobody_answers() {
    // A port that was free a moment ago.
    let address = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let (code, out, err) = run(&["health", &format!("--web.listen-address={address}")]);
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(err.contains(&address.to_string()), "{err}");
}

#[test]
fn a_taken_port_is_a_failure_with_a_hint() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let listen = format!("--web.listen-address={}", taken.local_addr().unwrap());
    let (code, _, err) = run(&["serve", &configuration(folder.path()), &listen]);
    assert_eq!(code, Some(1), "{err}");
    assert!(
        err.contains("cannot listen on") && err.contains("hint: "),
        "{err}"
    );
}

#[test]
fn a_second_process_on_the_same_state_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let configuration = configuration(folder.path());
    let first = Serving::start(&configuration);
    let (code, _, err) = run(&["serve", &configuration]);
    assert_eq!(code, Some(1), "{err}");
    assert!(err.contains("storage.path"), "{err}");
    assert_eq!(first.stop("-TERM").0, Some(0));
}

/// Not even a command that serves nothing, such as one that somebody started and left with their terminal.
#[test]
fn a_hangup_ends_no_command() {
    let mut replay = exporter(&["replay", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_until_caught(&replay, SIGHUP, Instant::now() + DEADLINE);
    kill("-HUP", &replay);
    replay
        .stdin
        .take()
        .unwrap()
        .write_all(b"no history\n")
        .unwrap();
    assert_eq!(replay.wait().unwrap().code(), Some(1));
}
