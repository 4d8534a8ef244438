//! Metrics pushed by the real binary: what a collector decodes is what `/metrics` shows, one by one.

use crate::support::scene::{contract, plan_since};
use crate::support::{Centre, Exporter, Home, Labels, Page, free_address};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Text;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value;
use opentelemetry_proto::tonic::metrics::v1::{HistogramDataPoint, NumberDataPoint};
use prost::Message as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A collector that takes all, and keeps the last.
struct Collector {
    address: SocketAddr,
    last: Arc<Mutex<Option<ExportMetricsServiceRequest>>>,
}

impl Collector {
    fn open() -> Collector {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let last = Arc::new(Mutex::new(None));
        let keep = Arc::clone(&last);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let keep = Arc::clone(&keep);
                std::thread::spawn(move || {
                    let mut stream = BufReader::new(stream.unwrap());
                    while let Some(body) = body(&mut stream) {
                        let request = ExportMetricsServiceRequest::decode(body.as_slice());
                        *keep.lock().unwrap() = Some(request.unwrap());
                        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
                        stream.get_mut().write_all(answer).unwrap();
                    }
                });
            }
        });
        Collector { address, last }
    }
}

/// That of the next request; `None` at the end of the connection.
fn body(stream: &mut BufReader<TcpStream>) -> Option<Vec<u8>> {
    let (mut length, mut line) = (None, String::new());
    loop {
        line.clear();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok();
        }
    }
    let mut body = vec![0; length?];
    stream.read_exact(&mut body).ok()?;
    Some(body)
}

fn labels(attributes: &[KeyValue], le: Option<String>) -> Labels {
    let attributes = attributes.iter().map(|attribute| {
        let value = attribute.value.as_ref().and_then(|it| it.value.clone());
        let Some(Text::StringValue(value)) = value else {
            panic!("an attribute that is no text: {attribute:?}");
        };
        (attribute.key.clone(), value)
    });
    let le = le.map(|le| ("le".to_owned(), le));
    attributes.chain(le).collect()
}

/// What was pushed, as a scrape would show it. Every sum says since when.
fn page(request: &ExportMetricsServiceRequest) -> Page {
    let mut page = Page::default();
    for metric in &request.resource_metrics[0].scope_metrics[0].metrics {
        let name = &metric.name;
        match metric.data.as_ref().unwrap() {
            Data::Gauge(gauge) => numbers(&mut page, name, &gauge.data_points),
            Data::Sum(sum) => {
                assert!(
                    sum.is_monotonic && sum.aggregation_temporality == 2,
                    "{name}"
                );
                let points = sum.data_points.iter();
                let mut starts = points.map(|it| (it.start_time_unix_nano, it.time_unix_nano));
                assert!(
                    starts.all(|(start, now)| 0 < start && start <= now),
                    "{name}"
                );
                numbers(&mut page, name, &sum.data_points);
            }
            Data::Histogram(histogram) => {
                assert_eq!(histogram.aggregation_temporality, 2, "{name}");
                let points = histogram.data_points.iter();
                points.for_each(|point| buckets(&mut page, name, point));
            }
            other => panic!("{name}: {other:?}"),
        }
    }
    page
}

fn numbers(page: &mut Page, name: &str, points: &[NumberDataPoint]) {
    for point in points {
        let value = match point.value.unwrap() {
            Value::AsDouble(value) => value,
            Value::AsInt(value) => value as f64,
        };
        let labels = labels(&point.attributes, None);
        page.samples.insert((name.to_owned(), labels), value);
    }
}

fn buckets(page: &mut Page, name: &str, point: &HistogramDataPoint) {
    let bounds = point
        .explicit_bounds
        .iter()
        .map(|bound| format!("{bound:?}"));
    let bounds = bounds.chain(["+Inf".to_owned()]);
    let mut below = 0;
    for (bound, count) in bounds.zip(&point.bucket_counts) {
        below += count;
        let labels = labels(&point.attributes, Some(bound));
        let sample = (format!("{name}_bucket"), labels);
        page.samples.insert(sample, below as f64);
    }
    assert!(0 < point.start_time_unix_nano, "{name}");
    let own = labels(&point.attributes, None);
    let sum = (format!("{name}_sum"), own.clone());
    page.samples.insert(sum, point.sum.unwrap());
    page.samples
        .insert((format!("{name}_count"), own), point.count as f64);
}

/// Without what changes from one instant to the next: the exporter's own.
fn business(page: Page) -> Page {
    let is_own =
        |name: &str| name.starts_with("smartassist_exporter_") || name.starts_with("process_");
    let samples = page.samples.into_iter();
    Page {
        samples: samples.filter(|((name, _), _)| !is_own(name)).collect(),
    }
}

fn pushed(collector: &Collector, exporter: &Exporter) -> Option<(Page, Page)> {
    let pushed = collector.last.lock().unwrap().clone()?;
    Some((business(page(&pushed)), business(exporter.page())))
}

fn scene() -> (Centre, Home) {
    let centre = Centre::open(plan_since(3_600, 900.0), contract());
    let home = Home::new(&format!(
        "{}poll: {{interval: 1s, settle: 1s, initial_lookback: 2h}}\n",
        centre.account(60_000)
    ));
    (centre, home)
}

#[test]
fn a_collector_gets_what_a_scrape_shows_one_by_one() {
    let (centre, home) = scene();
    centre.simulator.freeze();
    let collector = Collector::open();
    let endpoint = format!("http://{}/v1/metrics", collector.address);
    let exporter = home.serve_with(
        free_address(),
        &[
            ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", endpoint.as_str()),
            ("OTEL_METRIC_EXPORT_INTERVAL", "200"),
        ],
    );
    exporter.wait_for("counts", 60, |page| {
        page.sum("smartassist_conversations_total", &[]) > 100.0
    });
    // A page may change between the push and the scrape.
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let both = pushed(&collector, &exporter);
        if let Some((pushed, shown)) = &both
            && shown.samples.len() > 200
            && pushed == shown
        {
            break;
        }
        assert!(Instant::now() < deadline, "{both:#?}");
        std::thread::sleep(Duration::from_millis(50));
    }
    let page = exporter.page();
    assert!(
        page.sum(
            "smartassist_exporter_otlp_pushes_total",
            &[("result", "ok")]
        ) > 0.0
    );
}

/// Pushed at the start, when nothing is counted yet, and then not for an hour.
fn seldom(home: &Home, endpoint: &str) -> Exporter {
    let exporter = home.serve_with(
        free_address(),
        &[
            ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", endpoint),
            ("OTEL_METRIC_EXPORT_INTERVAL", "3600000"),
        ],
    );
    exporter.wait_for("counts", 60, |page| {
        page.sum("smartassist_conversations_total", &[]) > 10.0
    });
    exporter
}

#[test]
fn what_was_counted_last_is_pushed_at_the_stop() {
    let (centre, home) = scene();
    centre.simulator.freeze();
    let collector = Collector::open();
    let exporter = seldom(&home, &format!("http://{}/v1/metrics", collector.address));
    let mut shown = business(exporter.page());
    let deadline = Instant::now() + Duration::from_secs(30);
    // Nothing changes any more.
    loop {
        std::thread::sleep(Duration::from_millis(1_500));
        let next = business(exporter.page());
        if next == shown {
            break;
        }
        assert!(Instant::now() < deadline);
        shown = next;
    }
    let (first, _) = pushed(&collector, &exporter).unwrap();
    assert_ne!(first, shown, "pushed before all was counted");
    assert_eq!(exporter.signal("TERM"), Some(0));
    let last = collector.last.lock().unwrap().clone().unwrap();
    // Recent gauges move with the clock.
    let counted = |page: Page| -> Vec<_> {
        let samples = page.samples.into_iter();
        samples
            .filter(|((name, _), _)| name.ends_with("_total"))
            .collect()
    };
    assert_eq!(counted(business(page(&last))), counted(shown));
}

#[test]
fn a_collector_that_says_nothing_holds_up_no_stop() {
    let (_centre, home) = scene();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let exporter = seldom(&home, &format!("http://{}/", silent.local_addr().unwrap()));
    exporter.ends_in_time();
}
