//! `--web.config.file` with the real binary: who is answered, what `health` and `check` make of it, what TLS is spoken.

use crate::support::certificates::Authority;
use crate::support::{Exporter, Home, free_address};
use std::fs;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

const ACCOUNT: &str = "accounts: [{name: acme, url: 'http://127.0.0.1:9', account_id: a, stream_id: s, auth: {client_id: c, client_secret: wrong}}]\n";

/// `password`, as cheap as a hash may be.
const USERS: &str =
    "basic_auth_users: {alice: $2y$04$pXN9ORbz7OidQqnvcNFHeOy9gakLpL1DuTQlUmQ3g4QXgw5gch7z2}\n";
const REQUIRED: &str = "tls_server_config: {cert_file: server.crt, key_file: server.key, client_ca_file: ca.crt, client_auth_type: RequireAndVerifyClientCert}\n";

/// A home with an authority's certificates beside its configuration.
fn home(web: &str) -> Home {
    let home = Home::new(ACCOUNT);
    let authority = Authority::new("ours");
    let server = authority.loopback();
    let client = authority.certify(&["prometheus.example.org"], |_| {});
    for (name, text) in [
        ("web.yml", web),
        ("ca.crt", &authority.pem()),
        ("server.crt", &server.certificate),
        ("server.key", &server.key),
        ("client.crt", &client.certificate),
        ("client.key", &client.key),
    ] {
        fs::write(home.folder.path().join(name), text).unwrap();
    }
    home
}

fn flag(home: &Home) -> String {
    format!(
        "--web.config.file={}",
        home.folder.path().join("web.yml").display()
    )
}

fn run(home: &Home, command: &str, flags: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_smartassist-exporter"))
        .arg(command)
        .arg(format!("--config.file={}", home.config().display()))
        .args(flags)
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    let text = [&output.stdout[..], &output.stderr].concat();
    String::from_utf8(text).unwrap()
}

/// A running exporter, once `health` says so; it has to within seconds.
fn healthy(home: &Home) -> Exporter {
    let exporter = home.serve_as(free_address(), &[], &[&flag(home)]);
    let address = format!("--web.listen-address={}", exporter.address);
    let begun = Instant::now();
    loop {
        let asked = run(home, "health", &[&flag(home), &address]);
        if asked.status.code() == Some(0) {
            return exporter;
        }
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "{}{}",
            said(&asked),
            home.log()
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn health_needs_neither_password_nor_certificate_but_the_file() {
    let home = home(&format!("{REQUIRED}{USERS}"));
    let exporter = healthy(&home);
    let address = format!("--web.listen-address={}", exporter.address);
    let without = run(&home, "health", &[&address]);
    assert_eq!(without.status.code(), Some(1));
    assert!(
        said(&without).contains("hint: give the same `--web.config.file`"),
        "{}",
        said(&without)
    );
    // TLS is off and only the password is left: it is asked in plain, and still needs none.
    fs::write(home.folder.path().join("web.yml"), USERS).unwrap();
    let plain = run(&home, "health", &[&flag(&home), &address]);
    assert_eq!(plain.status.code(), Some(0), "{}", said(&plain));
    assert_eq!(exporter.get("/metrics").unwrap().0, 401);
    fs::write(home.folder.path().join("web.yml"), "junk: 1").unwrap();
    assert_eq!(
        run(&home, "health", &[&flag(&home), &address])
            .status
            .code(),
        Some(2)
    );
    assert_eq!(exporter.get("/metrics").unwrap().0, 401);
    let log = home.log();
    let told = "the web configuration changed and cannot be used; the last good one stands";
    assert_eq!(log.matches(told).count(), 1, "{log}");
    assert!(!log.contains("$2y$"), "{log}");
}

#[test]
fn check_says_what_is_open_and_what_is_wrong() {
    let home = home(REQUIRED);
    let beyond = "--web.listen-address=0.0.0.0:10720";
    let open = run(&home, "check", &[beyond]);
    assert_eq!(open.status.code(), Some(0));
    assert!(
        said(&open).contains("with neither TLS nor a password"),
        "{}",
        said(&open)
    );
    // The account is away, so it is `found` that tells.
    let doctor = |flags: &[&str]| {
        let examined = run(&home, "doctor", &[&["--format=json"], flags].concat());
        let told: serde_json::Value = serde_json::from_slice(&examined.stdout).unwrap();
        told["exporter"][0].clone()
    };
    assert_eq!(doctor(&[])["found"], "loopback");
    let told = doctor(&[beyond]);
    assert_eq!(
        (&told["found"], &told["state"]),
        (&"open".into(), &"warning".into())
    );
    let told = doctor(&[beyond, &flag(&home)]);
    assert_eq!(
        (&told["found"], &told["state"]),
        (&"guarded".into(), &"ok".into())
    );
    assert!(
        told["text"]
            .to_string()
            .contains("must show a client certificate"),
        "{told}"
    );
    let closed = run(&home, "check", &[beyond, &flag(&home)]);
    assert!(!said(&closed).contains("warning"), "{}", said(&closed));
    assert!(
        said(&closed).contains("https://0.0.0.0:10720/metrics"),
        "{}",
        said(&closed)
    );
    fs::write(home.folder.path().join("server.key"), "garbage").unwrap();
    let told = doctor(&[&flag(&home)]);
    assert_eq!(told["state"], "failed");
    assert!(
        told["text"]
            .to_string()
            .contains("`key_file` holds no private key"),
        "{told}"
    );
    for command in ["check", "serve", "health"] {
        let refused = run(
            &home,
            command,
            &["--web.listen-address=127.0.0.1:1", &flag(&home)],
        );
        assert_eq!(
            refused.status.code(),
            Some(2),
            "{command}: {}",
            said(&refused)
        );
        assert!(
            said(&refused).contains("`key_file` holds no private key in PEM"),
            "{command}"
        );
    }
}

#[test]
fn a_damaged_web_configuration_is_told_wherever_somebody_looks() {
    let home = home("http_server_config: {http2: false}\n");
    let flags = [&*flag(&home), "--web.enable-lifecycle"];
    let exporter = home.serve_as(free_address(), &[], &flags);
    let in_force = |exporter: &Exporter| {
        let page = exporter.page();
        let value = |name: &str| {
            let name = format!("smartassist_exporter_web_config_last_reload_{name}");
            page.value(&name, &[])
        };
        (value("successful"), value("success_timestamp_seconds"))
    };
    exporter.wait_for("a page", 20, |page| !page.samples.is_empty());
    let (stands, since) = in_force(&exporter);
    assert!(stands == Some(1.0) && since > Some(1.6e9), "{since:?}");

    let web = home.folder.path().join("web.yml");
    fs::write(&web, "junk: 1").unwrap();
    let (status, told) = exporter.reload();
    assert_eq!(status, 200, "{told}");
    let why = "the web configuration cannot be used; the last good one stands: `";
    assert!(
        told.contains(why) && told.contains("`junk` is not a known key"),
        "{told}"
    );
    assert_eq!(in_force(&exporter), (Some(0.0), since));
    let (_, page) = exporter.get("/").unwrap();
    assert!(
        page.contains("<code>junk</code> is not a known key"),
        "{page}"
    );

    fs::write(&web, "http_server_config: {http2: true}\n").unwrap();
    assert_eq!(exporter.reload().0, 200);
    exporter.wait_for("the good file", 5, |page| {
        page.value(
            "smartassist_exporter_web_config_last_reload_successful",
            &[],
        ) == Some(1.0)
    });
    assert!(in_force(&exporter).1 >= since);
    assert!(!exporter.get("/").unwrap().1.contains("class=\"notice\""));
}
