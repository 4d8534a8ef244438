//! Two exporters on one database, and a Prometheus that scrapes them in both ways that there are: an account as one series,
//! whoever holds it, as `prometheus-ha.yml` says; and each exporter by itself. What it knows of the counts, through a kill, a
//! move, and a stop, beside what the witness counted.

use crate::support::postgres::{Database, Postgres};
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

/// Counters of conversations, as Prometheus has them.
struct Risen {
    first: f64,
    by: f64,
    by_increase: f64,
    falls: usize,
}

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

    /// What the counters of a job rose by.
    fn risen(&self, job: &str, last: Duration) -> Risen {
        let (selector, last) = (format!("{COUNTED}{{job=\"{job}\"}}"), last.as_secs());
        let samples = self.ask("query", &[("query", &format!("{selector}[{last}s]"))]);
        let series: Vec<Samples> = samples.iter().map(|it| pairs(&it["values"])).collect();
        let steps = || series.iter().flat_map(|samples| samples.windows(2));
        let increase = format!("sum(increase({selector}[{last}s]))");
        let increase = self.ask("query", &[("query", &increase)]);
        Risen {
            first: series.iter().map(|samples| samples[0].1).sum(),
            by: series.iter().map(rise).sum(),
            by_increase: pairs(&serde_json::json!([increase[0]["value"]]))[0].1,
            falls: steps().filter(|two| two[1].1 < two[0].1).count(),
        }
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

/// How long it took until others had the accounts.
struct Taken {
    killed: Duration,
    moved: Duration,
    stopped: Duration,
}

/// One is killed and comes back, the other is stopped and comes back.
fn course(pair: &mut Pair) -> Taken {
    let doomed = pair.holder("first").unwrap();
    let other = 1 - doomed;
    pair.exporters[doomed].take().unwrap().kill();
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
    Taken {
        killed,
        moved,
        stopped,
    }
}

fn is_spread(held: [Option<usize>; 2]) -> bool {
    held[0].is_some() && held[1].is_some() && held[0] != held[1]
}

/// The world stands still, and all that it told of is counted and scraped. How many conversations that are.
fn ends(pair: &Pair, centres: &[Centre]) -> f64 {
    let counted = |centre: &Centre| {
        centre.simulator.freeze();
        centre.simulator.truth(&Witness::default()).counted as f64
    };
    let truth: f64 = centres.iter().map(counted).sum();
    let shown = || {
        [0, 1]
            .map(|of| pair.page(of).sum(COUNTED, &[]))
            .iter()
            .sum::<f64>()
    };
    let deadline = Instant::now() + Duration::from_mins(2);
    while (shown() - truth).abs() > 0.5 {
        assert!(Instant::now() < deadline, "{} shown of {truth}", shown());
        sleep(Duration::from_secs(1));
    }
    sleep(2 * SCRAPE + Duration::from_secs(2));
    truth
}

/// Two that share what they count of these centres.
fn pair(centres: &[Centre], database: &Database) -> Pair {
    let account = |(name, centre): (&&str, &Centre)| {
        let keys = "requests_per_minute: 60000, ";
        account_of(name, &centre.url, centre.simulator.contract(), keys)
    };
    let accounts: String = ACCOUNTS.iter().zip(centres).map(account).collect();
    let config = format!(
        "accounts:\n{accounts}poll: {{interval: 5s, settle: 0s, revisit: 0.01, initial_lookback: 1h, max_lookback: 1d}}\n\
         metrics: {{zero_first: 30s}}\nstorage: {{url: '{}', password: '{}'}}\n",
        database.url(),
        database.password()
    );
    let mut pair = Pair {
        homes: [(); 2].map(|()| Home::new(&config)),
        addresses: [(); 2].map(|()| free_address()),
        exporters: [None, None],
    };
    (0..2).for_each(|which| pair.start(which));
    pair.until("each holds one", is_spread);
    sleep(Duration::from_secs(20));
    pair
}

#[test]
fn what_prometheus_knows_of_the_counts_goes_through_a_takeover() {
    let centres = ACCOUNTS.map(|name| {
        let contract = Contract {
            account_id: format!("account-{name}"),
            stream_id: format!("st-{name}"),
            ..contract()
        };
        Centre::open(plan(PER_HOUR), contract)
    });
    let database = Postgres::shared().database();
    let mut pair = pair(&centres, &database);
    let prometheus = Asked::start(pair.addresses);
    let began = Instant::now();
    sleep(2 * SETTLED);
    let Taken {
        killed,
        moved,
        stopped,
    } = course(&mut pair);
    let truth = ends(&pair, &centres);

    let all = began.elapsed();
    let [one, apart] = ["smartassist", "apart"].map(|job| prometheus.risen(job, all));
    let wanted = truth - one.first;
    let after_first = all.saturating_sub(SCRAPE);
    let [gauge, rate] = [
        "count(smartassist_exporter_up{job=\"smartassist\"}) > 1",
        "sum(channel_queue:smartassist_offered:rate15m{job=\"smartassist\"})",
    ]
    .map(|expression| longest_hole(&prometheus.each_second(expression, after_first)));
    println!(
        "killed: {killed:.1?}, moved: {moved:.1?}, stopped: {stopped:.1?}\n\
         counted meanwhile: {wanted}; one series: {} ({:.0} by increase()); apart: {} ({:.0})\n\
         longest hole: {gauge} s of a gauge, {rate} s of a recorded rate",
        one.by, one.by_increase, apart.by, apart.by_increase,
    );
    assert_eq!(one.falls, 0, "a counter fell");
    assert!((one.by - wanted).abs() < 0.5, "{} of {wanted}", one.by);
    assert!(gauge <= SCRAPE.as_secs() + 2 && rate == 0);
    let unwanted = "max_over_time((count(ALERTS{alertname=~\"SmartassistAccount.+\",alertstate=\"firing\"}) or vector(0))[30m:15s])";
    let told = prometheus.ask("query", &[("query", unwanted)]);
    assert_eq!(told[0]["value"][1], "0");
    assert!(killed < Duration::from_secs(30) && stopped < Duration::from_secs(5));
}
