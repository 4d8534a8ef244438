mod trust;

use super::convert::{self, Starts};
use super::environment::{Settings, Unusable, settings};
use super::page::{self, Family};
use super::send::{Outcome, Sender};
use crate::metrics::own::{Build, Vocabulary};
use crate::metrics::{Encoding, Own, Publisher};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use flate2::read::GzDecoder;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value;
use prost::Message;
use std::collections::BTreeMap;
use std::io::Read;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

const PAGE: &str = include_str!("../testdata/page.txt");

const SECOND: u64 = 1_000_000_000;

/// Series by name, labels and, of a histogram, `le`: as a page has them, made of the message alone.
type Lines = BTreeMap<(String, Vec<(String, String)>), f64>;

fn request(page: &str, now_s: i64, starts: &mut Starts) -> ExportMetricsServiceRequest {
    let families = page::read(page);
    let resource = [convert::attribute("service.name", "x")];
    let request = convert::request(&families, &resource, now_s * 1000, starts);
    // As a collector reads it.
    ExportMetricsServiceRequest::decode(&*request.encode_to_vec()).unwrap()
}

fn told(request: &ExportMetricsServiceRequest) -> (Lines, BTreeMap<String, u64>) {
    let (mut lines, mut starts) = (Lines::new(), BTreeMap::new());
    let metrics = &request.resource_metrics[0].scope_metrics[0].metrics;
    for metric in metrics {
        let labels = |attributes: &[opentelemetry_proto::tonic::common::v1::KeyValue]| {
            let pairs = attributes.iter().map(|pair| {
                let value = pair.value.clone().unwrap().value.unwrap();
                let opentelemetry_proto::tonic::common::v1::any_value::Value::StringValue(text) =
                    value
                else {
                    panic!("{value:?}");
                };
                (pair.key.clone(), text)
            });
            pairs.collect::<Vec<_>>()
        };
        let points = match metric.data.as_ref().unwrap() {
            Data::Gauge(gauge) => &gauge.data_points,
            Data::Sum(sum) => {
                assert!(sum.is_monotonic && sum.aggregation_temporality == 2);
                &sum.data_points
            }
            Data::Histogram(histogram) => {
                assert_eq!(histogram.aggregation_temporality, 2);
                for point in &histogram.data_points {
                    let labels = labels(&point.attributes);
                    starts.insert(metric.name.clone(), point.start_time_unix_nano);
                    let mut up_to = 0;
                    let bounds = point
                        .explicit_bounds
                        .iter()
                        .map(|bound| format!("{bound:?}"));
                    let bounds = bounds.chain(["+Inf".to_owned()]);
                    assert_eq!(point.bucket_counts.len(), point.explicit_bounds.len() + 1);
                    for (bound, count) in bounds.zip(&point.bucket_counts) {
                        up_to += count;
                        let mut labels = labels.clone();
                        labels.push(("le".to_owned(), bound));
                        lines.insert((format!("{}_bucket", metric.name), labels), up_to as f64);
                    }
                    assert_eq!(up_to, point.count);
                    let name = |suffix| (format!("{}_{suffix}", metric.name), labels.clone());
                    lines.insert(name("sum"), point.sum.unwrap());
                    lines.insert(name("count"), point.count as f64);
                }
                continue;
            }
            other => panic!("{other:?}"),
        };
        for point in points {
            let Some(Value::AsDouble(value)) = point.value else {
                panic!("{point:?}");
            };
            starts.insert(metric.name.clone(), point.start_time_unix_nano);
            lines.insert((metric.name.clone(), labels(&point.attributes)), value);
        }
    }
    (lines, starts)
}

/// The lines of a page, by the reader that the tests of the page have: it shares nothing with the one under test.
fn lines(page: &str) -> Lines {
    let mut lines = Lines::new();
    for family in crate::metrics::parse::parse(page).families {
        for line in family.samples {
            let mut labels: Vec<_> = line.labels.into_iter().collect();
            labels.sort();
            assert!(lines.insert((line.name, labels), line.value).is_none());
        }
    }
    lines
}

fn sorted(lines: Lines) -> Lines {
    let sort = |((name, mut labels), value): ((String, Vec<(String, String)>), f64)| {
        labels.sort();
        ((name, labels), value)
    };
    lines.into_iter().map(sort).collect()
}

#[test]
fn what_is_pushed_is_what_a_scrape_shows_one_by_one() {
    let vocabulary = Vocabulary {
        requests: vec!["ok"],
        fields: vec!["csatScore"],
        facts: vec!["csat"],
    };
    let build = Build {
        version: "1".to_owned(),
        revision: String::new(),
    };
    let own = Arc::new(Own::new(build, vocabulary));
    own.account("acme").windows_split.inc_by(3);
    own.account("acme").throttled.inc_by(1.25);
    own.account("b\"a\\r\n").budget.set(29.5);
    let publisher = Publisher::new(own, Duration::ZERO);
    let page: Vec<u8> = publisher
        .page(Encoding::Plain, Instant::now())
        .flatten()
        .collect();
    let page = String::from_utf8(page).unwrap();
    for page in [PAGE, &page] {
        let (pushed, _) = told(&request(page, 9_000, &mut Starts::default()));
        assert_eq!(sorted(pushed), lines(page));
        let families = crate::metrics::parse::parse(page).families.into_iter();
        let kinds: Vec<_> = families.map(|it| (it.name, it.help)).collect();
        let message = request(page, 9_000, &mut Starts::default());
        let metrics = &message.resource_metrics[0].scope_metrics[0].metrics;
        let told = metrics.iter();
        let told: Vec<_> = told
            .map(|it| (it.name.clone(), it.description.clone()))
            .collect();
        assert_eq!(told, kinds);
    }
}

#[test]
fn an_accounts_sums_start_with_its_counting_and_the_exporters_with_the_process() {
    let mut starts = Starts::default();
    let (_, first) = told(&request(PAGE, 9_000, &mut starts));
    assert_eq!(first["smartassist_conversations_total"], 1_000 * SECOND);
    assert_eq!(first["smartassist_wait_seconds"], 1_000 * SECOND);
    assert_eq!(
        first["smartassist_exporter_requests_total"],
        5_000_250_000_000
    );
    assert_eq!(first["smartassist_queue_waiting"], 0, "a gauge has none");

    let restarted = PAGE.replace("5000.25", "9500").replace(" 42\n", " 45\n");
    let (_, second) = told(&request(&restarted, 9_600, &mut Starts::default()));
    assert_eq!(second["smartassist_conversations_total"], 1_000 * SECOND);
    assert_eq!(
        second["smartassist_exporter_requests_total"],
        9_500 * SECOND
    );
}

#[test]
fn a_start_moves_only_where_a_sum_begins_anew() {
    let mut starts = Starts::default();
    let start = |page: &str, now_s, starts: &mut Starts| told(&request(page, now_s, starts)).1["smartassist_conversations_total"];
    let since = |since: &str| PAGE.replace("} 1000\n", &format!("}} {since}\n"));
    assert_eq!(start(PAGE, 9_000, &mut starts), 1_000 * SECOND);
    assert_eq!(start(&since("8000"), 9_060, &mut starts), 1_000 * SECOND);
    let fallen = PAGE.replace(" 42\n", " 1\n");
    assert_eq!(start(&fallen, 9_120, &mut starts), 9_060 * SECOND);
    assert_eq!(start(PAGE, 9_180, &mut starts), 9_060 * SECOND);
    // A point never lies before its start, whatever the clock does.
    assert_eq!(start(PAGE, 500, &mut starts), 500 * SECOND);
}

#[test]
fn labels_and_help_are_read_as_they_were_meant() {
    let families: Vec<Family<'_>> = page::read(PAGE);
    assert_eq!(families[0].help, "Conversations that \"ended\".");
    assert_eq!(families[0].series[0].label("queue"), Some("a \"b\\c,d=\ne"));
}

fn asked(environment: &[(&str, &str)]) -> Result<Option<Settings>, Unusable> {
    let read = |name: &str| {
        let mut known = environment.iter();
        known.find_map(|(known, value)| (*known == name).then(|| (*value).to_owned()))
    };
    settings(read)
}

#[test]
fn metrics_are_pushed_where_the_environment_asks_for_metrics() {
    let endpoint = |environment: &[(&str, &str)]| {
        let settings = asked(environment).unwrap();
        settings.map(|settings| settings.endpoint.to_string())
    };
    let general = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318/otlp/");
    let own = ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "https://m/x");
    let otlp = ("OTEL_METRICS_EXPORTER", "otlp");
    let said = |url: &str| Some(url.to_owned());
    assert_eq!(endpoint(&[]), None);
    assert_eq!(endpoint(&[general]), None, "that is traces alone, as ever");
    assert_eq!(
        endpoint(&[general, otlp]),
        said("http://c:4318/otlp/v1/metrics")
    );
    assert_eq!(
        endpoint(&[own, general]),
        said("https://m/x"),
        "as it stands"
    );
    assert_eq!(endpoint(&[otlp]), said("http://localhost:4318/v1/metrics"));
    assert_eq!(endpoint(&[own, ("OTEL_METRICS_EXPORTER", "none")]), None);
    assert_eq!(endpoint(&[own, ("OTEL_SDK_DISABLED", "TRUE")]), None);
}

#[test]
fn what_is_asked_for_and_cannot_be_is_named_with_what_can() {
    let own = ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://m/");
    for (variable, value, allowed) in [
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "`http/protobuf`"),
        (
            "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL",
            "http/json",
            "`http/protobuf`",
        ),
        ("OTEL_METRICS_EXPORTER", "console", "`otlp`"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd", "`gzip`"),
        (
            "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
            "delta",
            "`cumulative`",
        ),
    ] {
        let refused = asked(&[own, (variable, value)]).err().unwrap().to_string();
        let named = refused.contains(&format!("`{variable}` is `{value}`"));
        assert!(named && refused.contains(allowed), "{refused}");
    }
    let refused = asked(&[("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "c:4318")]);
    assert!(refused.err().unwrap().to_string().contains("is no address"));
}

#[test]
fn intervals_headers_and_compression_are_read_as_specified() {
    let settings = asked(&[
        ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://m/"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "5000"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "soon"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a=1, b=two%20words ,secret"),
        ("OTEL_EXPORTER_OTLP_METRICS_HEADERS", "a=2"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "none"),
        ("OTEL_EXPORTER_OTLP_METRICS_COMPRESSION", "gzip"),
    ]);
    let settings = settings.unwrap().unwrap();
    assert_eq!(settings.interval, Duration::from_secs(5));
    assert_eq!(settings.timeout, Duration::from_secs(10));
    assert_eq!(settings.headers["a"], "2");
    assert_eq!(settings.headers["b"], "two words");
    assert!(settings.gzip);
    let warnings = settings.warnings.join("\n");
    assert!(warnings.contains("`OTEL_EXPORTER_OTLP_TIMEOUT` is `soon`"));
    assert!(warnings.contains("name=value") && !warnings.contains("secret"));
    let shown = format!("{:?}", settings.headers);
    assert!(!shown.contains("words"), "{shown}");
}

/// A status, and a `Retry-After`.
type Answer = (u16, Option<&'static str>);

/// A collector that answers as it is told, and then well; with what came.
#[derive(Clone, Default)]
struct Collector {
    answers: Arc<Mutex<Vec<Answer>>>,
    came: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
}

async fn answer(
    State(it): State<Collector>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, HeaderMap) {
    it.came.lock().unwrap().push((headers, body));
    let (status, after) = it.answers.lock().unwrap().pop().unwrap_or((200, None));
    let mut headers = HeaderMap::new();
    if let Some(after) = after {
        headers.insert("retry-after", after.parse().unwrap());
    }
    (StatusCode::from_u16(status).unwrap(), headers)
}

impl Collector {
    async fn open(answers: &[Answer]) -> (Collector, Sender) {
        let collector = Collector::default();
        collector
            .answers
            .lock()
            .unwrap()
            .extend(answers.iter().rev());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1/metrics", listener.local_addr().unwrap());
        let router = Router::new().route("/v1/metrics", post(answer));
        let router = router.with_state(collector.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let settings = asked(&[
            ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", &url),
            ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=k"),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
        ]);
        (collector, Sender::new(&settings.unwrap().unwrap()).unwrap())
    }

    fn came(&self) -> usize {
        self.came.lock().unwrap().len()
    }
}

fn soon(millis: u64) -> Instant {
    Instant::now() + Duration::from_millis(millis)
}

#[tokio::test]
async fn a_payload_arrives_whole_packed_and_with_its_headers() {
    let (collector, sender) = Collector::open(&[]).await;
    let sent = request(PAGE, 9_000, &mut Starts::default());
    let outcome = sender.deliver(sent.encode_to_vec(), soon(5_000)).await;
    assert_eq!(outcome, Outcome::Taken);
    let came = collector.came.lock().unwrap();
    let (headers, body) = &came[0];
    assert_eq!(headers["content-type"], "application/x-protobuf");
    assert_eq!(headers["content-encoding"], "gzip");
    assert_eq!(headers["api-key"], "k");
    let mut plain = Vec::new();
    GzDecoder::new(&**body).read_to_end(&mut plain).unwrap();
    assert_eq!(ExportMetricsServiceRequest::decode(&*plain).unwrap(), sent);
}

#[tokio::test]
async fn what_may_succeed_later_is_tried_again_and_what_will_not_is_not() {
    for status in [429, 502, 503, 504] {
        let (collector, sender) = Collector::open(&[(status, Some("0"))]).await;
        assert_eq!(
            sender.deliver(Vec::new(), soon(5_000)).await,
            Outcome::Taken
        );
        assert_eq!(collector.came(), 2, "{status}");
    }
    // A date, which is over.
    let past = "Wed, 25 Feb 2026 06:13:20 GMT";
    let (collector, sender) = Collector::open(&[(503, Some(past))]).await;
    let outcome = sender.deliver(Vec::new(), soon(5_000)).await;
    assert_eq!((outcome, collector.came()), (Outcome::Taken, 2));
    // Asked for no pause again and again, it makes one, and a longer one each time.
    let (collector, sender) = Collector::open(&[(503, Some("0")); 100]).await;
    let outcome = sender.deliver(Vec::new(), soon(2_000)).await;
    assert_eq!(outcome, Outcome::Failed("status `503`".to_owned()));
    assert!(collector.came() < 5, "{} attempts", collector.came());
    for status in [400, 401, 404, 413, 500, 307] {
        let (collector, sender) = Collector::open(&[(status, None)]).await;
        let outcome = sender.deliver(Vec::new(), soon(5_000)).await;
        assert_eq!(outcome, Outcome::Rejected(format!("status `{status}`")));
        assert_eq!(collector.came(), 1, "{status}");
    }
}

#[tokio::test]
async fn no_push_outlives_its_turn() {
    for far in [
        "3600",
        "18446744073709551615",
        "Sun, 25 Feb 2125 06:13:20 GMT",
    ] {
        let (collector, sender) = Collector::open(&[(503, Some(far))]).await;
        let outcome = sender.deliver(Vec::new(), soon(5_000)).await;
        assert_eq!(outcome, Outcome::Failed("status `503`".to_owned()));
        assert_eq!(collector.came(), 1, "{far}");
    }
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", nobody.local_addr().unwrap());
    let silent = asked(&[("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", &url)]);
    let silent = Sender::new(&silent.unwrap().unwrap()).unwrap();
    let outcome = silent.deliver(Vec::new(), soon(50)).await;
    assert_eq!(outcome, Outcome::Failed("no answer in time".to_owned()));
}
