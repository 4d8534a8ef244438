//! Secrets, tokens, and what records hold of people are planted wherever they may stand, and looked for in all that the
//! program says: nothing of them shows.

use crate::support::scene::{Scene, Setting};
use crate::support::{Home, ask};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;
use smartassist_exporter::config::{self, Flags};
use smartassist_exporter::simulator::{Contract, Fault, Faults, PERSONAL};
use smartassist_exporter::{clock, store};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

/// A secret that stands where it should not: in an address, in the wrong key.
const MISPLACED: &str = "zq7misplaced";
/// Of the proxy in the environment, and of the collector's headers.
const PASSWORD: &str = "zq7password";
/// In a token file.
const TOKEN: &str = "zq7token.of.others";
/// How every token begins that is minted here: its header, coded.
const MINTED: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9";

/// All that is looked for.
fn canaries(contract: &Contract) -> Vec<String> {
    let words = [PERSONAL, MISPLACED, PASSWORD, TOKEN, MINTED];
    let mut canaries = words.map(str::to_owned).to_vec();
    canaries.push(contract.client_secret.clone());
    canaries
}

/// All that was said, by what said it.
struct Said {
    canaries: Vec<String>,
    voices: usize,
}

impl Said {
    /// Something that was said; `known` must be in it, or this would prove nothing.
    fn hears(&mut self, voice: &str, said: impl AsRef<[u8]>, known: &str) {
        let said = said.as_ref();
        let holds = |wanted: &str| {
            let wanted = wanted.as_bytes();
            said.windows(wanted.len()).any(|bytes| bytes == wanted)
        };
        let text = String::from_utf8_lossy(&said[..said.len().min(3_000)]);
        assert!(holds(known), "{voice} does not hold `{known}`: {text}");
        for canary in &self.canaries {
            assert!(!holds(canary), "{voice} shows `{canary}`: {text}");
        }
        self.voices += 1;
    }
}

/// Keeps what is posted to it, and is content.
fn collector() -> (SocketAddr, Arc<Mutex<Vec<u8>>>) {
    let kept: Arc<Mutex<Vec<u8>>> = Arc::default();
    let keeps = Arc::clone(&kept);
    let answer = move |_: &str, body: &[u8], _: usize| {
        keeps.lock().unwrap().extend_from_slice(body);
        "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_owned()
    };
    (listen(answer), kept)
}

/// A vendor who says back all that it is told, in every way there is of refusing a request.
fn echo() -> SocketAddr {
    listen(|head, _, turn| {
        let token = head
            .lines()
            .find_map(|line| line.strip_prefix("auth: "))
            .unwrap_or_default();
        let told = format!("{token} {PERSONAL}");
        let status = [200, 301, 400, 401, 404, 412, 429, 500, 503][turn % 9];
        let body = [
            format!("<html>{told}</html>"),
            format!(r#"{{"error": "{told}"}}"#),
            format!(r#"{{"data": "{told}", "numResults": "{told}"}}"#),
            format!(r#"{{"data": [{{"sessionId": "{told}", "{told}": 1}}]}}"#),
            format!(r#"{{"data": [{told}"#),
        ];
        let body = &body[turn / 9 % body.len()];
        format!(
            "HTTP/1.1 {status} {told}\r\nlocation: http://user:{token}@127.0.0.1:1/{token}\r\nretry-after: {told}\r\n\
             date: {told}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        )
    })
}

/// Answers each request on a connection of its own, until the test ends.
fn listen(mut answer: impl FnMut(&str, &[u8], usize) -> String + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for (turn, stream) in listener.incoming().enumerate() {
            let mut stream = stream.unwrap();
            let mut request = Vec::new();
            let mut part = [0; 16 * 1024];
            while let Ok(read @ 1..) = stream.read(&mut part) {
                request.extend_from_slice(&part[..read]);
                let Some(end) = request.windows(4).position(|it| it == b"\r\n\r\n") else {
                    continue;
                };
                let head = String::from_utf8_lossy(&request[..end]).to_lowercase();
                let length = head
                    .lines()
                    .find_map(|it| it.strip_prefix("content-length: "));
                let length: usize = length.and_then(|it| it.parse().ok()).unwrap_or(0);
                if request.len() >= end + 4 + length {
                    let head = String::from_utf8_lossy(&request[..end]);
                    let said = answer(&head, &request[end + 4..], turn);
                    stream.write_all(said.as_bytes()).ok();
                    break;
                }
            }
        }
    });
    address
}

/// Exit code, and what was said on both streams.
fn run(arguments: &[&str], input: &str) -> (Option<i32>, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_smartassist-exporter"))
        .args(arguments)
        .env("HTTPS_PROXY", format!("http://user:{PASSWORD}@127.0.0.1:1"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).ok();
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.code(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

/// A proxy that lets nobody through and says so in full; its address as the environment has it, and what it was asked.
fn proxy() -> (String, Arc<Mutex<String>>) {
    let asked: Arc<Mutex<String>> = Arc::default();
    let keeps = Arc::clone(&asked);
    let address = listen(move |head, _, _| {
        keeps.lock().unwrap().push_str(head);
        format!("HTTP/1.1 407 {PASSWORD} {head}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
    });
    (format!("http://user:{PASSWORD}@{address}"), asked)
}

/// Three more accounts: at an echo, behind a proxy that lets nobody through, and with a token from a file.
fn plant(home: &Home) {
    let token = home.folder.path().join("token");
    std::fs::write(&token, TOKEN).unwrap();
    let account = |name: &str, url: &str, auth: &str| {
        format!(
            "- {{name: {name}, url: '{url}', account_id: a-{name}, stream_id: s, requests_per_minute: 6000, auth: {{{auth}}}}}\n"
        )
    };
    let minting = format!("client_id: c, client_secret: {PERSONAL}");
    let from_file = format!("token_file: '{}'", token.display());
    let echo = format!("http://{}", echo());
    let more = [
        account("echo", &echo, &minting),
        account("proxied", "https://canary.invalid", &minting),
        account("handed", &echo, &from_file),
    ];
    let text = std::fs::read_to_string(home.config()).unwrap();
    let text = text.replacen("poll:", &(more.concat() + "poll:"), 1);
    std::fs::write(home.config(), text).unwrap();
}

/// Configurations with a secret where it should not be, and what each is refused for.
fn misplaced(home: &Home) -> Vec<(String, &'static str)> {
    let text = std::fs::read_to_string(home.config()).unwrap();
    let replace = |from: &str, to: String| text.replacen(from, &to, 1);
    vec![
        (
            replace(
                "https://canary.invalid",
                format!("https://u:{MISPLACED}@canary.invalid"),
            ),
            "with credentials",
        ),
        (
            replace(
                "client_secret: ",
                format!("client_secret_file: {MISPLACED}, x: "),
            ),
            "does not exist",
        ),
        (
            replace("client_secret: ", format!("client_secret:{MISPLACED} ")),
            "accounts[0]",
        ),
        (
            replace(
                "client_secret: ",
                format!("algorithm: {MISPLACED}{MISPLACED}, client_secret: "),
            ),
            "name of an algorithm",
        ),
        (format!("{text}\n{MISPLACED}: [\n"), "YAML"),
        (format!("{text}\n{MISPLACED}{MISPLACED}\n"), "line"),
    ]
}

fn stored(folder: &Path) -> Vec<u8> {
    let file = |name: String| std::fs::read(folder.join("data").join(name)).unwrap_or_default();
    [
        file(store::FILE.to_owned()),
        file(format!("{}-wal", store::FILE)),
    ]
    .concat()
}

/// A page as the vendor would send it.
fn vendors_page(scene: &Scene) -> String {
    let Contract {
        account_id,
        stream_id,
        client_id,
        client_secret,
        ..
    } = scene.centre.simulator.contract();
    let now_s = clock::now_ms() / 1_000;
    let claims =
        json!({"sub": client_id, "appId": client_id, "iat": now_s - 30, "exp": now_s + 300});
    let key = EncodingKey::from_secret(client_secret.as_bytes());
    let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).unwrap();
    assert!(token.starts_with(MINTED), "tokens begin otherwise: {token}");
    let window = smartassist_exporter::api::CallDetailsRequest::between(now_s - 1_200, now_s, true);
    let url = format!(
        "{}/agentassist/api/public/analytics/account/{account_id}/calldetails?limit=100&offset=0",
        scene.centre.url
    );
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let client = reqwest::Client::builder()
            .no_proxy()
            .tls_certs_only([])
            .build()
            .unwrap();
        let request = client
            .post(url)
            .header("auth", token)
            .header("accountId", account_id);
        let request = request
            .header("iId", stream_id)
            .header("content-type", "application/json");
        let request = request.body(serde_json::to_string(&window).unwrap());
        request.send().await.unwrap().text().await.unwrap()
    })
}

#[test]
fn nothing_secret_and_nobody_shows_in_anything_that_is_said() {
    let scene = Scene::new(Setting::of(1_200.0));
    let home = &scene.home;
    plant(home);
    let simulator = &scene.centre.simulator;
    simulator.set_faults(Faults::new([(Fault::Garbage, 0.7)]).unwrap());
    let mut said = Said {
        canaries: canaries(simulator.contract()),
        voices: 0,
    };
    let config: PathBuf = home.config();
    let flag = format!("--config.file={}", config.display());

    let (proxy, asked) = proxy();
    let (collector, spans) = collector();
    let endpoint = format!("http://{collector}");
    let headers = format!("authorization={PASSWORD}");
    let environment = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
        ("OTEL_EXPORTER_OTLP_HEADERS", &headers),
        ("HTTPS_PROXY", &proxy),
    ];
    let flags = ["--log.level=trace", "--web.enable-lifecycle"];
    let exporter = home.serve_as(crate::support::free_address(), &environment, &flags);
    exporter.wait_for("records, refused values, refused requests", 60, |page| {
        let refused = |account| {
            let requests = "smartassist_exporter_requests_total";
            let of = |labels: &[(&str, &str)]| page.sum(requests, labels);
            of(&[("account", account)]) - of(&[("account", account), ("result", "ok")])
        };
        let records = page.sum(
            "smartassist_exporter_records_total",
            &[("result", "applied")],
        );
        let values = page.sum("smartassist_exporter_rejected_values_total", &[]);
        let others = ["echo", "proxied", "handed"];
        records > 100.0 && values > 10.0 && others.iter().all(|it| refused(it) > 1.0)
    });

    for (path, known) in [
        ("/metrics", "smartassist_exporter_records_total"),
        ("/", "acme"),
        ("/wall", "<html"),
        ("/wall.json", "acme"),
        ("/runbooks", "AbandonmentSpike"),
        ("/-/healthy", "healthy"),
        ("/-/ready", "ready"),
        ("/nowhere", "not found"),
        ("/-/log-level", "trace"),
    ] {
        said.hears(path, exporter.get(path).unwrap().1, known);
    }
    let log_level = format!("/-/log-level?level={}", "x".repeat(100));
    let (_, answer) = ask("PUT", exporter.address, &log_level, PASSWORD).unwrap();
    said.hears("the log level", answer, "is not a log level");
    said.hears(
        "check",
        run(&["check", &flag], "").1,
        "the configuration is valid",
    );
    for (format, known) in [
        (
            "text",
            ["account echo", "account proxied", "account handed"],
        ),
        ("json", [r#": "echo""#, r#": "proxied""#, r#": "handed""#]),
    ] {
        let (code, examined) = run(&["doctor", &flag, "--format", format], "");
        // The others can't be used.
        assert_eq!(code, Some(1), "{examined}");
        for known in known {
            said.hears("doctor", &examined, known);
        }
    }
    let loaded = config::load(
        &Flags {
            file: Some(config.clone()),
            listen_address: None,
        },
        |_| None,
    );
    said.hears("Debug", format!("{:?}", loaded.unwrap()), "acme");

    let good = std::fs::read_to_string(&config).unwrap();
    for (text, known) in misplaced(home) {
        std::fs::write(&config, text).unwrap();
        let (code, refused) = run(&["check", &flag], "");
        assert_eq!(code, Some(2), "{refused}");
        said.hears("check", refused, known);
        let (status, refused) = exporter.reload();
        assert_eq!(status, 500);
        said.hears("a reload", refused, known);
    }
    std::fs::write(&config, good).unwrap();
    said.hears("a reload", exporter.reload().1, "reloaded");

    // What people keep in files: pages of the vendor's, and histories of their own.
    simulator.set_faults(Faults::NONE);
    let page = vendors_page(&scene);
    assert!(
        page.contains(PERSONAL),
        "a page without anybody on it: {page}"
    );
    said.hears("explain", run(&["explain", "-"], &page).1, "outcome");
    simulator.set_faults(Faults::new([(Fault::Garbage, 1.0)]).unwrap());
    let (_, explained) = run(&["explain", "-"], &vendors_page(&scene));
    said.hears("explain", explained, "refused");
    let line = json!({"started": 1_790_000_000, "ended": 1_790_000_060, "queue": "Billing", "abandoned": true,
        "customerName": PERSONAL});
    let broken = format!(r#"{{"started": "{PERSONAL}", "queue": {PERSONAL}"#);
    let mistaken = json!({"started": PERSONAL, "ended": 1, "queue": "a", "abandoned": true});
    said.hears(
        "replay",
        run(&["replay", "-"], &line.to_string()).1,
        "Billing",
    );
    for wrong in [broken, mistaken.to_string()] {
        said.hears("replay", run(&["replay", "-"], &wrong).1, "line 1");
    }

    assert_eq!(exporter.signal("TERM"), Some(0));
    let asked = asked.lock().unwrap().clone();
    assert!(
        asked.contains("CONNECT canary.invalid:443") && asked.contains("proxy-authorization"),
        "the proxy was not asked: {asked}"
    );
    let log = home.log();
    for known in [
        "level=debug",
        "level=warn",
        "account=echo",
        "account=proxied",
        "account=handed",
    ] {
        said.hears("the log", &log, known);
    }
    said.hears("the spans", &*spans.lock().unwrap(), "calldetails");
    said.hears("the state", stored(home.folder.path()), "SQLite");
    assert!(said.voices > 30, "{} voices", said.voices);
}
