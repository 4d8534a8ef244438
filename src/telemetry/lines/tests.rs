use super::*;
use crate::telemetry::{Level, log_lines};
use std::sync::{Arc, Mutex};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::Registry;

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What is logged within `tell`, without the time at each line's start.
fn logged(level: Level, format: Format, tell: impl FnOnce()) -> String {
    let lines = Shared::default();
    let writer = lines.clone();
    let subscriber = Registry::default().with(log_lines(level, format, move || writer.clone()).0);
    tracing::subscriber::with_default(subscriber, tell);
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    text.lines()
        .map(|line| {
            line.split_once(" level")
                .map_or(line, |(_, rest)| rest)
                .to_owned()
                + "\n"
        })
        .collect()
}

#[test]
fn a_line_holds_the_event_and_the_spans_around_it() {
    let text = logged(Level::Info, Format::Logfmt, || {
        let _poll = tracing::info_span!("poll", account = "acme").entered();
        let request = tracing::info_span!(
            "request",
            otel.kind = "client",
            page = 3,
            result = tracing::field::Empty
        );
        request.record("result", "timeout");
        let _request = request.entered();
        tracing::warn!(attempt = 2, "request failed");
    });
    assert_eq!(
        text,
        "=warn msg=\"request failed\" attempt=2 page=3 result=timeout account=acme\n"
    );
}

#[test]
fn a_name_told_twice_is_shown_once_as_the_innermost_has_it() {
    let text = logged(Level::Info, Format::Logfmt, || {
        let _outer = tracing::info_span!("outer", account = "acme", page = 1).entered();
        let _inner = tracing::info_span!("inner", account = "acme", page = 2).entered();
        tracing::info!(page = 3, "here");
    });
    assert_eq!(text, "=info msg=here page=3 account=acme\n");
}

#[test]
fn a_warning_names_its_account_at_any_level() {
    let text = logged(Level::Warn, Format::Logfmt, || {
        let _poll = tracing::info_span!("poll", account = "acme").entered();
        tracing::info!("not severe enough");
        tracing::warn!(target: "hyper", "of a library");
        tracing::warn!("windows were cut");
    });
    assert_eq!(
        text,
        "=warn msg=\"of a library\" account=acme\n=warn msg=\"windows were cut\" account=acme\n"
    );
}

#[test]
fn an_error_is_shown_with_its_causes() {
    let text = logged(Level::Info, Format::Logfmt, || {
        let cause = std::io::Error::other("disk full");
        let error: &dyn Error = &crate::client::TokenError::File {
            path: "/token".into(),
            source: cause,
        };
        tracing::error!(error, "no token");
    });
    assert_eq!(
        text,
        "=error msg=\"no token\" error=\"cannot read the token file `/token`: disk full\"\n"
    );
}

#[test]
fn json_lines_are_objects_with_a_time() {
    let text = logged(Level::Info, Format::Json, || {
        tracing::info!(records = 100, ratio = 0.5, done = true, "read");
    });
    let line: Value = serde_json::from_str(&text).unwrap();
    let at: jiff::Timestamp = line["ts"].as_str().unwrap().parse().unwrap();
    assert!(at.as_second() > 1_700_000_000);
    assert_eq!(
        (&line["level"], &line["msg"]),
        (&"info".into(), &"read".into())
    );
    assert_eq!(
        (&line["records"], &line["ratio"], &line["done"]),
        (&100.into(), &0.5.into(), &true.into())
    );
    assert_eq!(line.get("trace_id"), None);
}

#[test]
fn times_are_written_to_the_millisecond() {
    assert_eq!(timestamp(1_772_000_000_007), "2026-02-25T06:13:20.007Z");
    assert_eq!(timestamp(1_772_000_000_000), "2026-02-25T06:13:20.000Z");
}
