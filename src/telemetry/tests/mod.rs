//! The whole of it, in processes of their own: the environment and the global subscriber exist once in each.

use super::*;
use crate::api::CallDetailsRequest;
use crate::client::{Client, Effort, FirstPage, Limits, Unobserved};
use crate::config::{Account, AccountTargets, Auth, CallDetails};
use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use clap::Parser;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use std::net::SocketAddr;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tracing::Instrument;

#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<ExportTraceServiceRequest>>>);

impl Collector {
    async fn start(&self) -> SocketAddr {
        let received = self.0.clone();
        let take = move |body: Bytes| async move {
            received
                .lock()
                .unwrap()
                .push(ExportTraceServiceRequest::decode(body).unwrap());
        };
        listen(Router::new().route("/v1/traces", post(take))).await
    }

    fn spans(&self) -> Vec<Span> {
        let received = self.0.lock().unwrap();
        let scopes = received
            .iter()
            .flat_map(|request| &request.resource_spans)
            .flat_map(|each| &each.scope_spans);
        scopes.flat_map(|scope| scope.spans.clone()).collect()
    }

    fn service_names(&self) -> Vec<String> {
        let received = self.0.lock().unwrap();
        let resources = received
            .iter()
            .flat_map(|request| &request.resource_spans)
            .flat_map(|each| &each.resource);
        let names = resources
            .flat_map(|resource| &resource.attributes)
            .filter(|pair| pair.key == "service.name");
        names.map(|pair| format!("{:?}", pair.value)).collect()
    }
}

async fn listen(router: Router) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async { axum::serve(listener, router).await });
    address
}

/// Runs [`a_poll_in_its_own_process`] with this environment.
async fn poll_with(environment: &[(&'static str, String)]) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([
        "--exact",
        "telemetry::tests::a_poll_in_its_own_process",
        "--ignored",
        "--nocapture",
    ]);
    for (name, _) in
        std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("OTEL_"))
    {
        command.env_remove(name);
    }
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    let output = tokio::task::spawn_blocking(move || command.output())
        .await
        .unwrap()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

fn lines(output: &Output) -> Vec<serde_json::Value> {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    text.lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}

#[test]
#[ignore = "run by the tests below in a process of its own"]
fn a_poll_in_its_own_process() {
    let guard = init(&Options {
        level: Level::Info,
        format: Format::Json,
    })
    .unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let vendor = listen(Router::new().fallback(|| async { r#"{"data":[]}"# })).await;
        let client = Client::new(
            &account(vendor),
            Limits::default(),
            || 0,
            Arc::new(Unobserved),
        )
        .unwrap();
        async {
            let window = CallDetailsRequest::between(0, 60, true);
            client
                .call_details(&window, 0, FirstPage::ShowsRows, Effort::Full)
                .await
                .unwrap();
            tracing::info_span!("derive").in_scope(|| ());
            tracing::info_span!("commit").in_scope(|| tracing::info!("committed"));
        }
        .instrument(tracing::info_span!("poll", account = "acme"))
        .await;
    });
    guard.shutdown();
}

fn account(vendor: SocketAddr) -> Account {
    let targets = AccountTargets {
        abandonment_ratio: 0.05,
        service_level_within: Duration::from_secs(20),
        service_level_ratio: 0.8,
        speed_of_answer: Duration::from_secs(30),
        longest_wait: Duration::from_mins(3),
    };
    Account {
        name: "acme".into(),
        url: format!("http://{vendor}").parse().unwrap(),
        account_id: "a-1".into(),
        stream_id: "st-1".into(),
        auth: Auth::Mint {
            client_id: "cs-1".into(),
            secret: "secret".into(),
            algorithm: crate::config::Algorithm::Hs256,
            jti: false,
        },
        call_details: CallDetails::V1,
        requests_per_minute: 30,
        targets,
        channels: std::collections::BTreeMap::default(),
        queues: std::collections::BTreeMap::default(),
        time_zone: None,
        org_id: None,
        ca_file: None,
    }
}

#[tokio::test]
async fn spans_of_a_poll_reach_the_collector_and_lines_carry_their_trace() {
    let collector = Collector::default();
    let endpoint = format!("http://{}", collector.start().await);
    let output = poll_with(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint),
        (
            "OTEL_RESOURCE_ATTRIBUTES",
            "deployment.environment=test".into(),
        ),
    ])
    .await;

    let spans = collector.spans();
    let mut names: Vec<&str> = spans.iter().map(|span| span.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["commit", "derive", "poll", "request"]);
    let trace = &spans[0].trace_id;
    assert!(
        spans.iter().all(|span| span.trace_id == *trace),
        "one poll is one trace"
    );

    let hexadecimal: String = trace.iter().map(|byte| format!("{byte:02x}")).collect();
    let lines = lines(&output);
    let committed = lines
        .iter()
        .find(|line| line["msg"] == "committed")
        .unwrap();
    assert_eq!(committed["trace_id"], hexadecimal.as_str());
    assert_eq!(committed["account"], "acme");
    assert!(
        collector
            .service_names()
            .iter()
            .all(|name| name.contains("smartassist-exporter"))
    );
}

#[tokio::test]
async fn a_request_span_tells_what_was_asked_and_how_it_ended() {
    let collector = Collector::default();
    let endpoint = format!("http://{}", collector.start().await);
    poll_with(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint),
        ("OTEL_SERVICE_NAME", "mine".into()),
    ])
    .await;

    assert!(
        collector
            .service_names()
            .iter()
            .all(|name| name.contains("mine"))
    );
    let spans = collector.spans();
    let request = spans.iter().find(|span| span.name == "request").unwrap();
    let attributes = format!("{:?}", request.attributes);
    for told in [
        "acme",
        "1970-01-01 00:00:00",
        "1970-01-01 00:01:00",
        "attempt",
        "\"ok\"",
    ] {
        assert!(attributes.contains(told), "{told} is not in {attributes}");
    }
    assert!(!attributes.contains("eyJ"), "{attributes}");
}

#[tokio::test]
async fn a_collector_that_is_not_there_is_told_once_and_disturbs_nothing() {
    let started = Instant::now();
    let output = poll_with(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1".into())]).await;
    assert!(
        started.elapsed() < Duration::from_secs(20),
        "{:?}",
        started.elapsed()
    );

    let lines = lines(&output);
    assert!(
        lines.iter().any(|line| line["msg"] == "committed"),
        "{lines:?}"
    );
    let dropped = lines.iter().filter(|line| {
        line["msg"]
            .as_str()
            .unwrap()
            .starts_with("spans are dropped")
    });
    assert_eq!(dropped.count(), 1, "{lines:?}");
}

#[tokio::test]
async fn a_collector_that_never_answers_holds_up_no_exit() {
    let mute = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", mute.local_addr().unwrap());
    let started = Instant::now();
    let output = poll_with(&[("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)]).await;
    assert!(
        started.elapsed() < Duration::from_secs(9),
        "{:?}",
        started.elapsed()
    );
    assert!(lines(&output).iter().any(|line| line["msg"] == "committed"));
}

#[tokio::test]
async fn the_sampler_of_the_environment_is_heard() {
    let collector = Collector::default();
    let endpoint = format!("http://{}", collector.start().await);
    poll_with(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint),
        ("OTEL_TRACES_SAMPLER", "always_off".into()),
    ])
    .await;
    assert_eq!(collector.spans(), []);
}

#[tokio::test]
async fn settings_that_cannot_be_served_leave_traces_off_with_a_warning() {
    let output = poll_with(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9".into()),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc".into()),
    ])
    .await;
    let lines = lines(&output);
    let warning = lines.iter().find(|line| line["level"] == "warn").unwrap();
    assert!(
        warning["error"].as_str().unwrap().contains("`grpc`"),
        "{warning}"
    );
    let committed = lines
        .iter()
        .find(|line| line["msg"] == "committed")
        .unwrap();
    assert_eq!(committed.get("trace_id"), None);
}

#[test]
fn flags_are_named_as_prometheus_names_them() {
    #[derive(clap::Parser)]
    struct Arguments {
        #[command(flatten)]
        logs: Options,
    }
    let read = |arguments: &[&str]| {
        Arguments::try_parse_from(arguments).map(|read| (read.logs.level, read.logs.format))
    };
    assert_eq!(read(&["x"]).unwrap(), (Level::Info, Format::Logfmt));
    let given = ["x", "--log.level=debug", "--log.format", "json"];
    assert_eq!(read(&given).unwrap(), (Level::Debug, Format::Json));
    let refused = read(&["x", "--log.level=loud"]).unwrap_err().to_string();
    assert!(
        refused.contains("error, warn, info, debug, trace"),
        "{refused}"
    );
}

#[test]
fn libraries_are_heard_from_a_warning_upwards() {
    for level in [Level::Info, Level::Debug, Level::Trace] {
        let targets = level.targets();
        assert!(targets.would_enable("hyper::client", &tracing::Level::WARN));
        assert!(!targets.would_enable("hyper::client", &tracing::Level::INFO));
        assert!(!targets.would_enable("h2::proto", &tracing::Level::WARN));
        assert!(targets.would_enable("smartassist_exporter::poller", &tracing::Level::INFO));
    }
    let targets = Level::Error.targets();
    assert!(!targets.would_enable("hyper::client", &tracing::Level::WARN));
    assert!(!targets.would_enable("smartassist_exporter::poller", &tracing::Level::WARN));
}
