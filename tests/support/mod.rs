//! The real binary, the simulated centre, and what is read off the page: for every test that runs them together.

#![allow(dead_code, reason = "no test uses all of it")]

pub mod certificates;
pub mod compare;
pub mod fake_clock;
mod home;
pub mod kept;
pub mod past;
mod place;
pub mod postgres;
pub mod process;
pub mod proxy;
pub mod reconciling;
pub mod replicas;
pub mod scene;
pub mod wait;

pub use home::Home;
#[allow(unused_imports, reason = "not all tests have a store of their own")]
pub use place::place_of;

use smartassist_exporter::simulator::{Contract, Faults, Plan, Simulator, serve};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::process::{Child, Command};
use std::sync::{Arc, LazyLock, mpsc};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

/// A simulated centre, served on loopback in this process until dropped.
pub struct Centre {
    pub simulator: Arc<Simulator>,
    pub url: String,
    stop: CancellationToken,
    _runtime: Runtime,
}

impl Centre {
    pub fn open(plan: Plan, contract: Contract) -> Centre {
        Centre::open_at(plan, contract, 0)
    }

    /// Whose clock is so far ahead of this machine's.
    pub fn open_at(plan: Plan, contract: Contract, ahead_ms: i64) -> Centre {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let (opened, opened_ms) = (Instant::now(), smartassist_exporter::clock::now_ms());
        let pace = contract.pace;
        let clock = Box::new(move || {
            let passed_ms = opened.elapsed().as_secs_f64() * 1_000.0 * pace;
            opened_ms + ahead_ms + passed_ms as i64
        });
        let simulator = Simulator::new(plan, contract, Faults::default(), clock);
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let stop = CancellationToken::new();
        runtime.spawn(serve(listener, Arc::clone(&simulator), stop.clone()));
        Centre {
            simulator,
            url,
            stop,
            _runtime: runtime,
        }
    }

    /// The `accounts` section of a configuration that polls this centre.
    pub fn account(&self, requests_per_minute: u32) -> String {
        let keys = format!("requests_per_minute: {requests_per_minute}, ");
        account("acme", &self.url, self.simulator.contract(), &keys)
    }
}

/// The `accounts` section of a configuration that polls the centre at `url`, which has this contract; further keys each as
/// `key: value, `.
pub fn account(name: &str, url: &str, contract: &Contract, keys: &str) -> String {
    format!("accounts:\n{}", account_of(name, url, contract, keys))
}

/// One account of that section.
pub fn account_of(name: &str, url: &str, contract: &Contract, keys: &str) -> String {
    let Contract {
        account_id,
        stream_id,
        client_id,
        client_secret,
        ..
    } = contract;
    format!(
        "- {{name: {name}, url: '{url}', account_id: {account_id}, stream_id: {stream_id}, {keys}\
         auth: {{client_id: {client_id}, client_secret: {client_secret}}}}}\n"
    )
}

impl Drop for Centre {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// A running exporter; killed when dropped.
pub struct Exporter {
    child: Child,
    pub address: SocketAddr,
    pub url: String,
}

/// `check` finds nothing wrong with this configuration where a secret lies at `handed_over`, which it names.
pub fn is_accepted(configuration: &str, handed_over: &str) {
    let folder = tempfile::tempdir().unwrap();
    let (file, secret) = (
        folder.path().join("config.yml"),
        folder.path().join("secret"),
    );
    std::fs::write(&secret, "s".repeat(32)).unwrap();
    let configuration = configuration.replace(handed_over, secret.to_str().unwrap());
    std::fs::write(&file, &configuration).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_smartassist-exporter"))
        .arg("check")
        .arg(format!("--config.file={}", file.display()))
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words}\n{configuration}");
}

/// Free a moment ago.
pub fn free_address() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

/// Status and body of a GET; `None` while nobody answers.
pub fn get(address: SocketAddr, path: &str) -> Option<(u16, String)> {
    ask("GET", address, path, "")
}

/// The same of any method, on a connection of its own. From any thread: it waits on another.
pub fn ask(method: &str, address: SocketAddr, path: &str, body: &str) -> Option<(u16, String)> {
    static HTTP: LazyLock<(Runtime, reqwest::Client)> = LazyLock::new(|| {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let client = reqwest::Client::builder()
            .no_proxy()
            .tls_certs_only([])
            .redirect(reqwest::redirect::Policy::none())
            .pool_max_idle_per_host(0)
            .timeout(Duration::from_secs(10));
        let runtime = runtime.worker_threads(1).enable_all().build().unwrap();
        (runtime, client.build().unwrap())
    });
    let (runtime, client) = &*HTTP;
    let (done, answered) = mpsc::channel();
    let method = method.parse::<reqwest::Method>().unwrap();
    let request = client.request(method, format!("http://{address}{path}"));
    let request = request.body(body.to_owned());
    runtime.spawn(async move {
        let answer = async {
            let answer = request.send().await.ok()?;
            let status = answer.status().as_u16();
            Some((status, answer.text().await.ok()?))
        };
        // Whoever asked may have given up.
        done.send(answer.await).ok();
    });
    answered.recv().ok().flatten()
}

impl Exporter {
    /// SIGKILL: nothing is flushed, nothing is said.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Its exit code, once it has ended by itself.
    pub fn code(&mut self) -> Option<i32> {
        self.child.try_wait().unwrap()?.code()
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal by its name.
    pub fn send(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([&format!("-{name}"), &pid])
                .status()
                .unwrap()
                .success()
        );
    }

    /// Sends a signal by its name and waits for the exit code.
    pub fn signal(mut self, name: &str) -> Option<i32> {
        self.send(name);
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("still running 10 s after {name}");
    }

    /// Told to, it ends well, and within the time in which whoever told it would kill it.
    pub fn ends_in_time(self) {
        let told = Instant::now();
        assert_eq!(self.signal("TERM"), Some(0));
        assert!(
            told.elapsed() < Duration::from_secs(8),
            "{:?}",
            told.elapsed()
        );
    }

    /// The body of a GET, and its status; `None` while nobody listens.
    pub fn get(&self, path: &str) -> Option<(u16, String)> {
        get(self.address, path)
    }

    /// Has the configuration read again.
    pub fn reload(&self) -> (u16, String) {
        ask("POST", self.address, "/-/reload", "").unwrap()
    }

    pub fn page(&self) -> Page {
        self.get("/metrics")
            .map(|(_, text)| Page::parse(&text))
            .unwrap_or_default()
    }

    /// Waits until the page is as wanted; panics with `what` and the page's own metrics after the deadline.
    pub fn wait_for(&self, what: &str, seconds: u64, wanted: impl Fn(&Page) -> bool) -> Page {
        let found = wait::until(Duration::from_secs(seconds), || {
            let page = self.page();
            if wanted(&page) { Ok(page) } else { Err(page) }
        });
        found.unwrap_or_else(|page| panic!("{what}: not within {seconds} s\n{}", page.own()))
    }

    /// Waits until the page is what somebody else says it should be, by what `differences` finds in it.
    pub fn comes_to(&self, seconds: u64, differences: impl Fn(&Page) -> Vec<String>) -> Page {
        let mut page = Page::default();
        let ended = compare::until_nothing_differs(Duration::from_secs(seconds), || {
            page = self.page();
            differences(&page)
        });
        ended.unwrap_or_else(|left| panic!("{left}\n{}", page.own()));
        page
    }
}

impl Drop for Exporter {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

pub type Labels = BTreeMap<String, String>;

/// A page of metrics, read by a parser of the test's own.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    pub samples: BTreeMap<(String, Labels), f64>,
}

impl Page {
    pub fn parse(text: &str) -> Page {
        let lines = text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        Page {
            samples: lines.map(sample).collect(),
        }
    }

    /// The one sample that has these labels among its own; `None` if there is none.
    pub fn value(&self, metric: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let mut found = self.matching(metric, labels);
        let first = found.next();
        assert!(
            found.next().is_none(),
            "several samples of {metric} with {labels:?}"
        );
        first
    }

    /// Sum over all samples that have these labels among their own.
    pub fn sum(&self, metric: &str, labels: &[(&str, &str)]) -> f64 {
        self.matching(metric, labels).sum()
    }

    fn matching(&self, metric: &str, labels: &[(&str, &str)]) -> impl Iterator<Item = f64> {
        self.samples
            .iter()
            .filter(move |((name, own), _)| {
                name == metric
                    && labels
                        .iter()
                        .all(|(label, value)| own.get(*label).is_some_and(|own| own == value))
            })
            .map(|(_, value)| *value)
    }

    /// What is shown of one account.
    pub fn of_account(&self, name: &str) -> Page {
        let of = |labels: &Labels| labels.get("account").is_some_and(|it| it == name);
        let samples = self.samples.iter().filter(|((_, labels), _)| of(labels));
        Page {
            samples: samples.map(|(key, value)| (key.clone(), *value)).collect(),
        }
    }

    /// What several exporters show of different accounts.
    pub fn joined(pages: &[Page]) -> Page {
        let samples = pages.iter().flat_map(|page| page.samples.clone());
        Page {
            samples: samples.collect(),
        }
    }

    /// The samples of a metric, without the label `account`.
    pub fn family(&self, metric: &str) -> BTreeMap<Labels, f64> {
        let own = self.samples.iter().filter(|((name, _), _)| name == metric);
        own.map(|((_, labels), value)| {
            let mut labels = labels.clone();
            labels.remove("account");
            (labels, *value)
        })
        .collect()
    }

    /// The exporter's own metrics that are not 0, for messages.
    pub fn own(&self) -> String {
        let own = self.samples.iter().filter(|((name, _), value)| {
            name.starts_with("smartassist_exporter_") && !name.contains("_bucket") && **value != 0.0
        });
        own.map(|((name, labels), value)| format!("{name}{labels:?} {value}\n"))
            .collect()
    }
}

fn sample(line: &str) -> ((String, Labels), f64) {
    let (series, value) = line.rsplit_once(' ').unwrap();
    let Some((name, labels)) = series.split_once('{') else {
        return ((series.to_owned(), Labels::new()), value.parse().unwrap());
    };
    let mut rest = labels.strip_suffix('}').unwrap();
    let mut own = Labels::new();
    while let Some((label, after)) = rest.split_once("=\"") {
        let (mut text, mut chars) = (String::new(), after.char_indices());
        let end = loop {
            match chars.next().unwrap() {
                (_, '\\') => match chars.next().unwrap().1 {
                    'n' => text.push('\n'),
                    other => text.push(other),
                },
                (end, '"') => break end,
                (_, other) => text.push(other),
            }
        };
        own.insert(label.trim_start_matches(',').to_owned(), text);
        rest = &after[end + 1..];
    }
    ((name.to_owned(), own), value.parse().unwrap())
}
