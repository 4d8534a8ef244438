//! Spans to a collector, when the standard environment asks for it.

mod metrics;

pub(crate) use metrics::begin as push_metrics;

use super::LogLevel;
use opentelemetry::{Key, KeyValue};
use opentelemetry_otlp::{ExporterBuildError, Protocol, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// For the last spans to be delivered at exit: the process has 8 s to end, most of them for its work.
const SHUTDOWN: Duration = Duration::from_secs(2);

/// Why traces are off although they are asked for.
#[derive(Debug, thiserror::Error)]
pub(super) enum TracesError {
    #[error(
        "`{variable}` is `{found}`, but only `{allowed}` is supported; hint: unset it, or set it to that"
    )]
    Unsupported {
        variable: &'static str,
        found: String,
        allowed: &'static str,
    },

    #[error("cannot set up the exporter; hint: check the `OTEL_EXPORTER_OTLP_*` variables")]
    Exporter(#[from] ExporterBuildError),
}

/// Delivers the last spans, and hands out the level of the log.
#[must_use = "without `shutdown` the last spans are lost"]
pub(crate) struct Guard {
    provider: Option<SdkTracerProvider>,
    log_level: LogLevel,
}

impl Guard {
    pub(super) fn new(provider: Option<SdkTracerProvider>, log_level: LogLevel) -> Self {
        Self {
            provider,
            log_level,
        }
    }

    pub(crate) fn log_level(&self) -> LogLevel {
        self.log_level.clone()
    }

    /// Delivers what is queued, and ends within a few seconds even when no collector answers. Blocks its thread: call it
    /// when the runtime has ended, or from `spawn_blocking`.
    pub(crate) fn shutdown(self) {
        let Some(provider) = self.provider else {
            return;
        };
        if let Err(error) = provider.shutdown_with_timeout(SHUTDOWN) {
            tracing::debug!(%error, "the last spans are lost");
        }
    }
}

/// The provider that the environment asks for, if it does. Endpoint, headers, timeouts, sampler, batches and resource
/// are read by the SDK itself.
pub(super) fn provider_from_environment() -> Result<Option<SdkTracerProvider>, TracesError> {
    if !wanted(|name| std::env::var(name).ok())? {
        return Ok(None);
    }
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .build()?;
    let exporter = Watched {
        exporter,
        failing: AtomicBool::new(false),
    };
    Ok(Some(
        SdkTracerProvider::builder()
            .with_resource(resource())
            .with_batch_exporter(exporter)
            .build(),
    ))
}

/// Whether the environment asks for traces in a way that can be served.
fn wanted(read: impl Fn(&str) -> Option<String>) -> Result<bool, TracesError> {
    let read = given(read);
    if is_disabled(&read) {
        return Ok(false);
    }
    let named = match read("OTEL_TRACES_EXPORTER") {
        None => false,
        Some(name) if name == "none" => return Ok(false),
        Some(name) if name == "otlp" => true,
        Some(found) => {
            return Err(TracesError::Unsupported {
                variable: "OTEL_TRACES_EXPORTER",
                found,
                allowed: "otlp",
            });
        }
    };
    let endpoints = [
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
    ];
    if !named && endpoints.into_iter().all(|name| read(name).is_none()) {
        return Ok(false);
    }
    let protocols = [
        "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
        "OTEL_EXPORTER_OTLP_PROTOCOL",
    ];
    let protocol = protocols
        .into_iter()
        .find_map(|variable| Some((variable, read(variable)?)));
    match protocol {
        Some((variable, found)) if found != "http/protobuf" => Err(TracesError::Unsupported {
            variable,
            found,
            allowed: "http/protobuf",
        }),
        _ => Ok(true),
    }
}

/// The specification reads an empty variable as an unset one.
fn given(read: impl Fn(&str) -> Option<String>) -> impl Fn(&str) -> Option<String> {
    move |name| {
        read(name)
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
    }
}

fn is_disabled(read: &impl Fn(&str) -> Option<String>) -> bool {
    read("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

/// What the environment says of this process, and our name where it says none.
fn resource() -> Resource {
    const NAME: Key = Key::from_static_str("service.name");
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let resource = Resource::builder().with_attribute(version);
    let named = Resource::builder().build();
    let nameless = named
        .get(&NAME)
        .is_none_or(|name| name.as_str().starts_with("unknown_service"));
    if nameless {
        resource.with_service_name(env!("CARGO_PKG_NAME")).build()
    } else {
        resource.build()
    }
}

/// Says once when spans stop being delivered, and once when they are again: the SDK drops them without a word.
#[derive(Debug)]
struct Watched<E> {
    exporter: E,
    failing: AtomicBool,
}

impl<E: SpanExporter> SpanExporter for Watched<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let result = self.exporter.export(batch).await;
        let failed_before = self.failing.swap(result.is_err(), Ordering::Relaxed);
        match &result {
            Err(error) if !failed_before => {
                let error: &dyn std::error::Error = error;
                tracing::warn!(error, "spans are dropped: the collector does not take them");
            }
            Ok(()) if failed_before => tracing::info!("the collector takes spans again"),
            _ => {}
        }
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> Result<(), OTelSdkError> {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

#[cfg(test)]
mod tests;
