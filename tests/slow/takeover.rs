//! Two exporters on one database, and a Prometheus that scrapes them in both ways that there are: an account as one series,
//! whoever holds it, as `prometheus-ha.yml` says; and each exporter by itself. What it knows of the counts, through a kill, a
//! move, and a stop, beside what the witness counted.

use crate::support::postgres::Postgres;
use crate::support::process::{Process, prometheus};
use crate::support::scene::{contract, plan};
use crate::support::{Centre, Exporter, Home, Page, account_of, free_address, get};
use serde_json::Value;
use smartassist_exporter::simulator::{Contract, Witness};
use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

const ACCOUNTS: [&str; 2] = ["first", "second"];
const LEADER: &str = "smartassist_exporter_leader";
const COUNTED: &str = "smartassist_conversations_total";
const PER_HOUR: f64 = 3_600.0;
/// As often as Prometheus scrapes, by the configuration that ships.
const SCRAPE: Duration = Duration::from_secs(15);
/// Long enough for the scrapes of both to show what became of a change.
const SETTLED: Duration = Duration::from_secs(45);

struct Pair {
    homes: [Home; 2],
    addresses: [SocketAddr; 2],
    exporters: [Option<Exporter>; 2],
}

impl Pair {
    fn page(&self, of: usize) -> Page {
        let exporter = self.exporters[of].as_ref();
        exporter.map(Exporter::page).unwrap_or_default()
    }

    fn start(&mut self, which: usize) {
        let exporter = self.homes[which].serve_with(self.addresses[which], &[]);
        self.exporters[which] = Some(exporter);
    }

    /// Who holds an account; nobody, unless it shows the account's counts.
    fn holder(&self, account: &str) -> Option<usize> {
        (0..2).find(|of| {
            let page = self.page(*of);
            let labels = [("account", account)];
            page.value(LEADER, &labels) == Some(1.0) && page.sum(COUNTED, &labels) > 0.0
        })
    }

    /// How long until all accounts are held as wanted.
    fn until(&self, what: &str, wanted: impl Fn([Option<usize>; 2]) -> bool) -> Duration {
        let since = Instant::now();
        while !wanted(ACCOUNTS.map(|account| self.holder(account))) {
            let logs = || self.homes.each_ref().map(Home::log).join("\n---\n");
            assert!(
                since.elapsed() < Duration::from_mins(2),
                "{what}\n{}",
                logs()
            );
            sleep(Duration::from_millis(50));
        }
        since.elapsed()
    }
}

struct Asked {
    address: SocketAddr,
    _process: Process,
    _folder: tempfile::TempDir,
}

type Samples = Vec<(f64, f64)>;

impl Asked {
    /// Scrapes both in both ways, with the rules that ship.
    fn start(exporters: [SocketAddr; 2]) -> Asked {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let shipped = fs::read_to_string(root.join("deploy/prometheus/prometheus-ha.yml")).unwrap();
        let (head, job) = shipped.split_once("scrape_configs:\n").unwrap();
        let (head, _) = head.split_once("alerting:").unwrap();
        let head = head.replace("../../alerts", &root.join("alerts").display().to_string());
        let targets = exporters.map(|address| format!("'{address}'")).join(", ");
        let one = job.replace("exporter-a:10720, exporter-b:10720", &targets);
        assert_ne!(one, job);
        let apart =
            format!("  - job_name: apart\n    static_configs: [{{targets: [{targets}]}}]\n");
        let folder = tempfile::tempdir().unwrap();
        let config = format!("{head}scrape_configs:\n{one}{apart}");
        let (process, address) = prometheus(folder.path(), &config);
        Asked {
            address,
            _process: process,
            _folder: folder,
        }
    }

    fn ask(&self, path: &str, parameters: &[(&str, &str)]) -> Vec<Value> {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(parameters);
        let path = format!("/api/v1/{path}?{}", query.finish());
        let (_, body) = get(self.address, &path).unwrap();
        let answer: Value = serde_json::from_str(&body).unwrap();
        answer["data"]["result"]
            .as_array()
            .unwrap_or_else(|| panic!("{answer}"))
            .clone()
    }

    /// The samples of the last stretch of time, series by series.
    fn samples(&self, selector: &str, last: Duration) -> Vec<Samples> {
        let query = format!("{selector}[{}s]", last.as_secs());
        let series = self.ask("query", &[("query", &query)]);
        series
            .iter()
            .map(|series| pairs(&series["values"]))
            .collect()
    }

    /// What one number was at each second of it; none where there was none.
    fn each_second(&self, expression: &str, last: Duration) -> BTreeMap<u64, f64> {
        let end = smartassist_exporter::clock::now_ms() / 1_000;
        let start = end - last.as_secs() as i64;
        let (start, end) = (start.to_string(), end.to_string());
        let parameters = [
            ("query", expression),
            ("start", &start),
            ("end", &end),
            ("step", "1"),
        ];
        let series = self.ask("query_range", &parameters);
        let values = series.first().map(|series| pairs(&series["values"]));
        let values = values.unwrap_or_default().into_iter();
        values.map(|(at, value)| (at as u64, value)).collect()
    }
}

fn pairs(values: &Value) -> Samples {
    let values = values.as_array().unwrap().iter();
    let pair = |value: &Value| {
        (
            value[0].as_f64().unwrap(),
            value[1].as_str().unwrap().parse().unwrap(),
        )
    };
    values.map(pair).collect()
}

/// What a counter rose by, as `increase()` adds it up, without what that makes up at the ends.
fn rise(samples: &Samples) -> f64 {
    let steps = samples.windows(2).map(|two| (two[0].1, two[1].1));
    steps
        .map(|(before, after)| {
            if after < before {
                after
            } else {
                after - before
            }
        })
        .sum()
}

/// The longest time between two seconds at which there is a number, in seconds.
fn longest_hole(seconds: &BTreeMap<u64, f64>) -> u64 {
    let known: Vec<u64> = seconds.keys().copied().collect();
    known
        .windows(2)
        .map(|two| two[1] - two[0] - 1)
        .max()
        .unwrap_or(u64::MAX)
}

#[test]
fn what_prometheus_knows_of_the_counts_goes_through_a_takeover() {
    let database = Postgres::shared().database();
    let centres = ACCOUNTS.map(|name| {
        let contract = Contract {
            account_id: format!("account-{name}"),
            stream_id: format!("st-{name}"),
            ..contract()
        };
        Centre::open(plan(PER_HOUR), contract)
    });
    let accounts: String = ACCOUNTS
        .iter()
        .zip(&centres)
        .map(|(name, centre)| {
            account_of(
                name,
                &centre.url,
                centre.simulator.contract(),
                "requests_per_minute: 60000, ",
            )
        })
        .collect();
    let config = format!(
        "accounts:\n{accounts}poll: {{interval: 5s, settle: 0s, revisit: 0.01, initial_lookback: 1h, max_lookback: 1d}}\n\
         metrics: {{zero_first: 30s}}\nstorage: {{url: '{}', password: '{}'}}\n",
        database.url(),
        database.password()
    );
    let homes = [(); 2].map(|()| Home::new(&config));
    let mut pair = Pair {
        homes,
        addresses: [(); 2].map(|()| free_address()),
        exporters: [None, None],
    };
    (0..2).for_each(|which| pair.start(which));
    let is_spread =
        |held: [Option<usize>; 2]| held[0].is_some() && held[1].is_some() && held[0] != held[1];
    pair.until("each holds one", is_spread);
    sleep(Duration::from_secs(20));
    let prometheus = Asked::start(pair.addresses);
    let began = Instant::now();
    sleep(2 * SETTLED);

    let doomed = pair.holder("first").unwrap();
    pair.exporters[doomed].take().unwrap().kill();
    let other = 1 - doomed;
    let killed = pair.until("the other takes over", |held| held == [Some(other); 2]);
    sleep(SETTLED);
    pair.start(doomed);
    let moved = pair.until("one moves back", is_spread);
    sleep(SETTLED);
    let left = pair.exporters[other].take().unwrap();
    assert_eq!(left.signal("TERM"), Some(0));
    let stopped = pair.until("the other takes over", |held| held == [Some(doomed); 2]);
    sleep(SETTLED);
    pair.start(other);
    pair.until("one moves back", is_spread);
    sleep(SETTLED);

    // The world stands still, and all that it told of is counted and scraped.
    let truth: f64 = centres
        .iter()
        .map(|centre| {
            centre.simulator.freeze();
            centre.simulator.truth(&Witness::default()).counted as f64
        })
        .sum();
    let shown = |pair: &Pair| {
        [0, 1]
            .map(|of| pair.page(of).sum(COUNTED, &[]))
            .iter()
            .sum::<f64>()
    };
    let deadline = Instant::now() + Duration::from_mins(2);
    while (shown(&pair) - truth).abs() > 0.5 {
        assert!(
            Instant::now() < deadline,
            "{} shown of {truth}",
            shown(&pair)
        );
        sleep(Duration::from_secs(1));
    }
    sleep(2 * SCRAPE + Duration::from_secs(2));

    let all = began.elapsed();
    let of = |job: &str| prometheus.samples(&format!("{COUNTED}{{job=\"{job}\"}}"), all);
    let (one, apart) = (of("smartassist"), of("apart"));
    let first: f64 = one.iter().map(|samples| samples[0].1).sum();
    let rose = |series: &[Samples]| series.iter().map(rise).sum::<f64>();
    let falls = one
        .iter()
        .flat_map(|samples| samples.windows(2))
        .filter(|two| two[1].1 < two[0].1)
        .count();
    let wanted = truth - first;
    let promql = |job: &str| {
        let query = format!(
            "sum(increase({COUNTED}{{job=\"{job}\"}}[{}s]))",
            all.as_secs()
        );
        let answer = prometheus.ask("query", &[("query", &query)]);
        pairs(&serde_json::json!([answer[0]["value"]]))[0].1
    };
    let hole = |expression: &str| longest_hole(&prometheus.each_second(expression, all - SCRAPE));
    let (gauge, rate) = (
        hole("count(smartassist_exporter_up{job=\"smartassist\"}) > 1"),
        hole("sum(channel_queue:smartassist_offered:rate15m{job=\"smartassist\"})"),
    );
    println!(
        "killed: {killed:.1?}, moved: {moved:.1?}, stopped: {stopped:.1?}\n\
         counted meanwhile: {wanted}; one series: {} ({:.0} by increase()); apart: {} ({:.0})\n\
         longest hole: {gauge} s of a gauge, {rate} s of a recorded rate",
        rose(&one),
        promql("smartassist"),
        rose(&apart),
        promql("apart"),
    );
    assert_eq!(falls, 0, "a counter fell");
    assert!(
        (rose(&one) - wanted).abs() < 0.5,
        "{} of {wanted}",
        rose(&one)
    );
    assert_eq!(rate, 0);
    let unwanted = "max_over_time((count(ALERTS{alertname=~\"SmartassistAccount.+\",alertstate=\"firing\"}) or vector(0))[30m:15s])";
    let told = prometheus.ask("query", &[("query", unwanted)]);
    assert_eq!(told[0]["value"][1], "0");
    assert!(killed < Duration::from_secs(30) && stopped < Duration::from_secs(5));
}
