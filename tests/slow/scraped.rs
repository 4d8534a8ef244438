//! A real Prometheus that shows a certificate, or a password, and `openssl s_client` that tries what is not offered.

use crate::support::certificates::Authority;
use crate::support::process::prometheus;
use crate::support::{Exporter, Home, free_address, get};
use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ACCOUNT: &str = "accounts: [{name: acme, url: 'http://127.0.0.1:9', account_id: a, stream_id: s, auth: {client_id: c, client_secret: wrong}}]\n";
const HASH: &str = "$2y$04$pXN9ORbz7OidQqnvcNFHeOy9gakLpL1DuTQlUmQ3g4QXgw5gch7z2";

struct Set {
    home: Home,
    exporter: Exporter,
}

impl Set {
    fn new(web: &str) -> Set {
        let home = Home::new(ACCOUNT);
        let authority = Authority::new("ours");
        let identities = [
            ("server", authority.loopback()),
            (
                "client",
                authority.certify(&["prometheus.example.org"], |_| {}),
            ),
            ("other", authority.certify(&["other.example.org"], |_| {})),
            (
                "stranger",
                Authority::new("theirs").certify(&["prometheus.example.org"], |_| {}),
            ),
        ];
        let write =
            |name: &str, text: &str| fs::write(home.folder.path().join(name), text).unwrap();
        write("web.yml", web);
        write("ca.crt", &authority.pem());
        for (name, identity) in identities {
            write(&format!("{name}.crt"), &identity.certificate);
            write(&format!("{name}.key"), &identity.key);
        }
        let flag = format!(
            "--web.config.file={}",
            home.folder.path().join("web.yml").display()
        );
        let exporter = home.serve_as(free_address(), &[], &[&flag]);
        until("it listens", || home.log().contains("msg=listening"));
        Set { home, exporter }
    }

    fn path(&self, name: &str) -> String {
        self.home.folder.path().join(name).display().to_string()
    }

    /// Whether a Prometheus with this in its configuration reaches the exporter; it must say so one way or the other.
    fn is_up(&self, scheme: &str, more: &str) -> bool {
        let folder = tempfile::tempdir().unwrap();
        let config = format!(
            "global: {{scrape_interval: 1s}}\nscrape_configs:\n  - job_name: x\n    scheme: {scheme}\n{more}    static_configs: [{{targets: ['{}']}}]\n",
            self.exporter.address
        );
        let (_process, address) = prometheus(folder.path(), &config);
        let mut up = None;
        until("a scrape", || {
            let answer = get(address, "/api/v1/query?query=min_over_time(up[1m])");
            let answer = answer.map(|(_, body)| body).unwrap_or_default();
            up = [("\"1\"]", true), ("\"0\"]", false)]
                .into_iter()
                .find_map(|(end, up)| answer.contains(end).then_some(up));
            up.is_some()
        });
        up.unwrap()
    }

    /// What `openssl s_client` says to a request for the metrics.
    fn openssl(&self, flags: &[&str]) -> String {
        let mut child = Command::new("openssl")
            .args([
                "s_client",
                "-connect",
                &self.exporter.address.to_string(),
                "-CAfile",
                &self.path("ca.crt"),
            ])
            .args(["-ign_eof", "-verify_return_error"])
            .args(flags)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("hint: on Debian `apt-get install openssl`");
        // Where nothing is offered it is gone before it reads.
        let request = b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        child.stdin.take().unwrap().write_all(request).ok();
        let output = child.wait_with_output().unwrap();
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    }
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(
            begun.elapsed() < Duration::from_mins(1),
            "{what} takes too long"
        );
        std::thread::sleep(Duration::from_millis(100));
    }
}

const ANSWERED: &str = "HTTP/1.1 200 OK";

#[test]
fn prometheus_comes_in_with_its_certificate_and_with_no_other() {
    let set = Set::new(
        "tls_server_config: {cert_file: server.crt, key_file: server.key, client_ca_file: ca.crt, \
         client_auth_type: RequireAndVerifyClientCert, client_allowed_sans: [prometheus.example.org]}\n",
    );
    let ca = set.path("ca.crt");
    let shows = |name: &str| {
        format!(
            "    tls_config: {{ca_file: '{ca}', cert_file: '{}', key_file: '{}'}}\n",
            set.path(&format!("{name}.crt")),
            set.path(&format!("{name}.key"))
        )
    };
    assert!(set.is_up("https", &shows("client")), "{}", set.home.log());
    assert!(!set.is_up("https", &shows("other")));
    assert!(!set.is_up("https", &shows("stranger")));
    assert!(!set.is_up("https", &format!("    tls_config: {{ca_file: '{ca}'}}\n")));
    // HTTP/1.1 as well as HTTP/2, which was spoken above.
    assert!(set.is_up(
        "https",
        &format!("    enable_http2: false\n{}", shows("client"))
    ));
}

#[test]
fn prometheus_comes_in_with_its_password_and_with_no_other() {
    let web = format!(
        "tls_server_config: {{cert_file: server.crt, key_file: server.key}}\nbasic_auth_users: {{prometheus: {HASH}}}\n"
    );
    let set = Set::new(&web);
    let says = |password: &str| {
        format!(
            "    tls_config: {{ca_file: '{}'}}\n    basic_auth: {{username: prometheus, password: {password}}}\n",
            set.path("ca.crt")
        )
    };
    assert!(set.is_up("https", &says("password")), "{}", set.home.log());
    assert!(!set.is_up("https", &says("passwort")));
    assert!(!set.is_up("http", &says("password")));
}

#[test]
fn openssl_gets_what_is_offered_and_nothing_else() {
    let set = Set::new(
        "tls_server_config: {cert_file: server.crt, key_file: server.key, cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256], curve_preferences: [CurveP521, X25519]}\n",
    );
    for (flags, wanted) in [
        (&["-tls1_3"][..], true),
        (&["-tls1_2"], true),
        (&["-tls1_1", "-cipher", "ALL@SECLEVEL=0"], false),
        (&["-tls1", "-cipher", "ALL@SECLEVEL=0"], false),
        (
            &["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"],
            true,
        ),
        (
            &["-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-GCM-SHA384"],
            false,
        ),
        (&["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA"], false),
        (&["-tls1_3", "-curves", "P-521"], true),
        (&["-tls1_2", "-curves", "P-521:P-256"], true),
        (&["-tls1_3", "-curves", "X25519"], true),
        (&["-tls1_3", "-curves", "P-256"], false),
    ] {
        let said = set.openssl(flags);
        assert_eq!(said.contains(ANSWERED), wanted, "{flags:?}: {said}");
    }
    // A certificate that changes under way.
    let asked = format!(
        "tls_server_config: {{cert_file: server.crt, key_file: server.key, client_ca_file: '{}', client_auth_type: RequireAndVerifyClientCert}}\n",
        set.path("ca.crt")
    );
    fs::write(set.path("web.yml"), asked).unwrap();
    let shows = |name: &str| {
        [
            set.path(&format!("{name}.crt")),
            set.path(&format!("{name}.key")),
        ]
    };
    for (name, wanted) in [("client", true), ("other", true), ("stranger", false)] {
        let [certificate, key] = shows(name);
        for version in ["-tls1_2", "-tls1_3"] {
            let said = set.openssl(&[version, "-cert", &certificate, "-key", &key]);
            assert_eq!(said.contains(ANSWERED), wanted, "{name} {version}: {said}");
        }
    }
    assert!(!set.openssl(&[]).contains(ANSWERED));
}
