//! What the standard environment asks for, as the specification reads it: pure.

use super::super::{TracesError, given, is_disabled};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use std::time::Duration;
use url::Url;

const LOCAL: &str = "http://localhost:4318/";
const PATH: &str = "v1/metrics";

/// Why metrics are not pushed although they are asked for.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unusable {
    #[error(transparent)]
    Unsupported(#[from] TracesError),
    #[error("`{variable}` is no address such as `http://127.0.0.1:4318`; hint: correct it")]
    Address { variable: &'static str },
    #[error("the file of `{variable}` cannot be read")]
    File {
        variable: &'static str,
        source: std::io::Error,
    },
    #[error("the file of `{variable}` holds no {what} in PEM; hint: correct it")]
    Content {
        variable: &'static str,
        what: &'static str,
    },
    #[error("`{given}` is set without `{missing}`; hint: a client shows both")]
    Half {
        given: &'static str,
        missing: &'static str,
    },
    #[error("cannot set up HTTP; hint: are the system's CA certificates installed?")]
    Http(#[from] reqwest::Error),
}

pub(super) struct Settings {
    pub endpoint: Url,
    pub headers: HeaderMap,
    pub gzip: bool,
    /// Files in PEM: who is trusted, and what we show.
    pub certificate: Given,
    pub client_certificate: Given,
    pub client_key: Given,
    /// For one attempt.
    pub timeout: Duration,
    pub interval: Duration,
    /// For all attempts of one push.
    pub export_timeout: Duration,
    /// What is ignored, and why.
    pub warnings: Vec<String>,
}

/// `None` where nothing is asked for.
pub(super) fn settings(
    read: impl Fn(&str) -> Option<String>,
) -> Result<Option<Settings>, Unusable> {
    let read = given(read);
    if is_disabled(&read) || !wanted(&read)? {
        return Ok(None);
    }
    let either = |of_metrics: &'static str, general: &'static str| {
        let found = [of_metrics, general].into_iter();
        found
            .into_iter()
            .find_map(|variable| Some((variable, read(variable)?)))
    };
    only(
        either(
            "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL",
            "OTEL_EXPORTER_OTLP_PROTOCOL",
        ),
        &["http/protobuf"],
    )?;
    let temporality = "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE";
    only(
        read(temporality).map(|found| (temporality, found)),
        &["cumulative"],
    )?;
    let compression = only(
        either(
            "OTEL_EXPORTER_OTLP_METRICS_COMPRESSION",
            "OTEL_EXPORTER_OTLP_COMPRESSION",
        ),
        &["gzip", "none"],
    )?;
    let mut warnings = Vec::new();
    let one = |variable: &'static str| Some((variable, read(variable)?));
    let timeout = millis(
        either(
            "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT",
            "OTEL_EXPORTER_OTLP_TIMEOUT",
        ),
        10_000,
        &mut warnings,
    );
    let interval = millis(one("OTEL_METRIC_EXPORT_INTERVAL"), 60_000, &mut warnings);
    let export_timeout = millis(one("OTEL_METRIC_EXPORT_TIMEOUT"), 30_000, &mut warnings);
    let headers = headers(&read, &mut warnings);
    let [certificate, client_certificate, client_key] = files(either)?;
    Ok(Some(Settings {
        endpoint: endpoint(&read)?,
        headers,
        certificate,
        client_certificate,
        client_key,
        gzip: compression.is_some_and(|found| found.eq_ignore_ascii_case("gzip")),
        timeout,
        interval,
        export_timeout,
        warnings,
    }))
}

/// A variable that is given, and what it holds.
pub(super) type Given = Option<(&'static str, String)>;

/// Who is trusted, and what we show: a client shows both, or nothing.
fn files(either: impl Fn(&'static str, &'static str) -> Given) -> Result<[Given; 3], Unusable> {
    let certificate = either(
        "OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE",
        "OTEL_EXPORTER_OTLP_CERTIFICATE",
    );
    let client_certificate = either(
        "OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE",
        "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
    );
    let client_key = either(
        "OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY",
        "OTEL_EXPORTER_OTLP_CLIENT_KEY",
    );
    let half = |given, missing| Err(Unusable::Half { given, missing });
    match (&client_certificate, &client_key) {
        (Some((given, _)), None) => half(given, "OTEL_EXPORTER_OTLP_CLIENT_KEY"),
        (None, Some((given, _))) => half(given, "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE"),
        _ => Ok([certificate, client_certificate, client_key]),
    }
}

/// One of the words that are allowed, the first of which is told where it is another.
fn only(found: Given, allowed: &'static [&'static str]) -> Result<Option<String>, TracesError> {
    match found {
        Some((variable, found)) if !allowed.contains(&found.to_ascii_lowercase().as_str()) => {
            Err(TracesError::Unsupported {
                variable,
                found,
                allowed: allowed[0],
            })
        }
        found => Ok(found.map(|(_, found)| found)),
    }
}

fn millis(found: Given, default: u64, warnings: &mut Vec<String>) -> Duration {
    let Some((variable, found)) = found else {
        return Duration::from_millis(default);
    };
    if let Ok(millis @ 1..) = found.parse() {
        return Duration::from_millis(millis);
    }
    warnings.push(format!(
        "`{variable}` is `{found}`, but milliseconds above 0 are allowed: {default} is used"
    ));
    Duration::from_millis(default)
}

/// Those of metrics are added to the general ones, and beat them.
fn headers(read: &impl Fn(&str) -> Option<String>, warnings: &mut Vec<String>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for variable in [
        "OTEL_EXPORTER_OTLP_HEADERS",
        "OTEL_EXPORTER_OTLP_METRICS_HEADERS",
    ] {
        let Some(text) = read(variable) else { continue };
        for pair in text.split(',').filter(|pair| !pair.trim().is_empty()) {
            match header(pair) {
                Some((name, value)) => {
                    headers.insert(name, value);
                }
                // It may hold a secret, so it is not shown.
                None => warnings.push(format!(
                    "`{variable}` holds something else than `name=value`: that is left out"
                )),
            }
        }
    }
    headers
}

/// The general endpoint alone asks for traces, as it always did.
fn wanted(read: &impl Fn(&str) -> Option<String>) -> Result<bool, TracesError> {
    match read("OTEL_METRICS_EXPORTER") {
        None => Ok(read("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT").is_some()),
        Some(name) if name == "none" => Ok(false),
        Some(name) if name == "otlp" => Ok(true),
        Some(found) => Err(TracesError::Unsupported {
            variable: "OTEL_METRICS_EXPORTER",
            found,
            allowed: "otlp",
        }),
    }
}

/// That of metrics as it stands; the general one, and a path behind it.
fn endpoint(read: &impl Fn(&str) -> Option<String>) -> Result<Url, Unusable> {
    let parse = |variable, text: &str| {
        let url = Url::parse(text).ok();
        let http = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        http.ok_or(Unusable::Address { variable })
    };
    let own = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT";
    if let Some(text) = read(own) {
        return parse(own, &text);
    }
    let general = "OTEL_EXPORTER_OTLP_ENDPOINT";
    let text = read(general).unwrap_or_else(|| LOCAL.to_owned());
    let mut url = parse(general, &text)?;
    let path = format!("{}/{PATH}", url.path().trim_end_matches('/'));
    url.set_path(&path);
    Ok(url)
}

/// `name=value`, with `%` and two digits for what can't stand there.
fn header(pair: &str) -> Option<(HeaderName, HeaderValue)> {
    let (name, value) = pair.split_once('=')?;
    let name = HeaderName::from_bytes(name.trim().as_bytes()).ok()?;
    let mut value = HeaderValue::from_bytes(&unquoted(value.trim())).ok()?;
    value.set_sensitive(true);
    Some((name, value))
}

fn unquoted(text: &str) -> Vec<u8> {
    let (mut out, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let [first, others @ ..] = rest {
        let digit = |at: usize| {
            others
                .get(at)
                .and_then(|byte| char::from(*byte).to_digit(16))
        };
        match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                rest = &others[2..];
            }
            _ => {
                out.push(*first);
                rest = others;
            }
        }
    }
    out
}
