//! Scrapes of 10,000 series over loopback, beside a fixed body of the same bytes on the same server.
//!
//! Both are measured in turns within one run, so that what else the machine does falls on both alike.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench prints its figures, and fails loudly"
)]

use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use axum::routing::get;
use bytes::Bytes;
use smartassist_exporter::ledger::{Measure, Sample, Value, View};
use smartassist_exporter::metrics::own::{Build, Vocabulary};
use smartassist_exporter::metrics::{
    CONTENT_TYPE as EXPOSITION, Encoding, Own, Publisher, Scrape, render,
};
use smartassist_exporter::web::{AccountStatus, Source, Wall, bind, router, serve};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

const SERIES: usize = 10_000;
const ROUNDS: usize = 25;
const TURN: Duration = Duration::from_millis(200);

fn main() {
    let view = view();
    let lines = render([&view])
        .lines()
        .filter(|line| !line.starts_with('#'))
        .count();
    assert!(lines.abs_diff(SERIES) < SERIES / 20, "{lines} series");

    let publisher = Arc::new(publisher());
    let publishing = fastest(|| publisher.publish(view.clone(), Instant::now()));
    let rendering = fastest(|| drop(render([&view])));
    let length = |encoding| publisher.page(encoding, Instant::now()).length() / 1000;
    let [plain, gzip] = [Encoding::Plain, Encoding::Gzip].map(length);

    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let address = runtime.block_on(listen(Arc::clone(&publisher)));

    println!(
        "| scrape of {lines} series, {plain} kB, {gzip} kB gzipped | requests/s | fixed body | ratio | target |",
    );
    println!("| --- | --- | --- | --- | --- |");
    for (name, encoding) in [("plain", "identity"), ("gzip", "gzip")] {
        let [ours, fixed, ratio] = compare(address, encoding);
        println!("| /metrics, {name} | {ours:.0} | {fixed:.0} | {ratio:.2} | ≥ 0.80 |");
    }
    println!(
        "\nrendering {:.2} ms, publication (rendering and gzip) {:.2} ms",
        millis(rendering),
        millis(publishing)
    );
}

/// Requests a second of ours and of the fixed body, and their ratio: medians over turns, the ratio over pairs of
/// turns, since two that follow each other saw the same machine.
fn compare(address: SocketAddr, encoding: &str) -> [f64; 3] {
    let mut ours = Client::new(address, "/metrics", encoding);
    let mut fixed = Client::new(address, &format!("/fixed/{encoding}"), encoding);
    let mut turns = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        let (ours, fixed) = (ours.turn(), fixed.turn());
        for (values, value) in turns.iter_mut().zip([ours, fixed, ours / fixed]) {
            values.push(value);
        }
    }
    turns.map(|mut values| {
        values.sort_by(f64::total_cmp);
        values[ROUNDS / 2]
    })
}

/// One connection that asks for one path again and again.
struct Client {
    connection: BufReader<TcpStream>,
    request: String,
    body: Vec<u8>,
}

impl Client {
    fn new(address: SocketAddr, path: &str, encoding: &str) -> Client {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: bench\r\nAccept-Encoding: {encoding}\r\n\r\n");
        let mut client = Client {
            connection: BufReader::with_capacity(256 * 1024, stream),
            request,
            body: Vec::new(),
        };
        client.get();
        client
    }

    fn turn(&mut self) -> f64 {
        let start = Instant::now();
        let mut requests = 0;
        while start.elapsed() < TURN {
            self.get();
            requests += 1;
        }
        f64::from(requests) / start.elapsed().as_secs_f64()
    }

    fn get(&mut self) {
        self.connection
            .get_mut()
            .write_all(self.request.as_bytes())
            .unwrap();
        let mut line = String::new();
        self.connection.read_line(&mut line).unwrap();
        assert_eq!(line, "HTTP/1.1 200 OK\r\n");
        let mut length = 0;
        while line != "\r\n" {
            line.clear();
            self.connection.read_line(&mut line).unwrap();
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.trim().parse().unwrap();
            }
        }
        assert!(length > 10_000);
        self.body.resize(length, 0);
        self.connection.read_exact(&mut self.body).unwrap();
    }
}

async fn listen(publisher: Arc<Publisher>) -> SocketAddr {
    let whole = |encoding| {
        let pieces: Vec<Bytes> = publisher.page(encoding, Instant::now()).collect();
        Bytes::from(pieces.concat())
    };
    let [text, gzip] = [Encoding::Plain, Encoding::Gzip].map(whole);
    let router = router(Arc::new(Served(publisher)))
        .route(
            "/fixed/identity",
            get(move || async { ([(CONTENT_TYPE, EXPOSITION)], text) }),
        )
        .route(
            "/fixed/gzip",
            get(move || async {
                (
                    [(CONTENT_TYPE, EXPOSITION), (CONTENT_ENCODING, "gzip")],
                    gzip,
                )
            }),
        );
    let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(
        listener,
        router,
        smartassist_exporter::web::Gate::open(),
        CancellationToken::new(),
    ));
    address
}

struct Served(Arc<Publisher>);

impl Source for Served {
    fn metrics(&self, encoding: Encoding) -> Scrape {
        self.0.page(encoding, Instant::now())
    }

    fn accounts(&self) -> Vec<AccountStatus> {
        Vec::new()
    }

    fn wall(&self) -> Wall {
        Wall::default()
    }

    fn healthy(&self) -> bool {
        true
    }
}

fn publisher() -> Publisher {
    let build = Build {
        version: "bench".to_owned(),
        revision: String::new(),
    };
    let own = Own::new(
        build,
        Vocabulary {
            requests: Vec::new(),
            fields: Vec::new(),
            facts: Vec::new(),
        },
    );
    Publisher::new(Arc::new(own), Duration::ZERO)
}

/// As a contact centre has them: half of the lines are histograms' buckets.
fn view() -> View {
    let mut sums = Vec::new();
    for queue in 0..69 {
        let plain = |measure: &Measure| measure.is_sum() && !measure.shape().agent;
        for measure in Measure::ALL.iter().copied().filter(plain) {
            let labels = measure
                .metric()
                .labels
                .iter()
                .map(|label| Arc::from(format!("Some {label} {queue}")))
                .collect();
            let value = match measure.bounds_s() {
                None => Value::Count(1000 + queue),
                Some(bounds) => Value::Histogram {
                    buckets: (0..=bounds.len() as u64)
                        .map(|bucket| bucket * queue)
                        .collect(),
                    sum_millis: queue * 1_234_567,
                },
            };
            sums.push(Sample {
                measure,
                labels,
                value,
            });
        }
    }
    View {
        account: "acme".into(),
        counting: true,
        sums,
        gauges: Vec::new(),
        overflowed: Vec::new(),
    }
}

fn fastest(mut run: impl FnMut()) -> Duration {
    let time = |_| {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    (0..30).map(time).min().unwrap()
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
