//! Logs and traces: what the exporter tells of itself while it runs.
//!
//! Log lines go to standard error, one event a line, as logfmt or JSON. Spans go to a collector over OTLP when the
//! standard `OTEL_*` environment asks for it, and log lines then carry their `trace_id`.
//!
//! Invariant: telling never disturbs doing. Lines that cannot be written and spans that cannot be delivered are
//! dropped; the queue of spans is bounded, and so is the wait for it at exit.
//!
//! Not here: metrics, which have a room of their own. The command line calls [`init`] once.

mod level;
mod lines;
mod otlp;

pub(crate) use otlp::push_metrics;

pub(crate) use level::LogLevel;
pub(crate) use otlp::Guard;

use lines::Lines;
use opentelemetry::trace::TracerProvider;
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::{FilterExt, Targets, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry};
use tracing_subscriber::reload;

/// Our own events and spans have targets below this.
const OURS: &str = "smartassist_exporter";

/// The least severe events that are logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, clap::ValueEnum)]
pub(crate) enum Level {
    Error,
    Warn,
    #[default]
    Info,
    Debug,
    Trace,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(crate) enum Format {
    /// `key=value` pairs, as Prometheus writes them.
    #[default]
    Logfmt,
    /// One object a line.
    Json,
}

/// The flags of a command that logs, named as Prometheus names them.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
#[command(next_help_heading = "Logging")]
pub(crate) struct Options {
    /// Log events of this severity and above, to standard error
    #[arg(
        long = "log.level",
        id = "log.level",
        value_name = "LEVEL",
        value_enum,
        default_value_t
    )]
    pub level: Level,

    /// Write log lines in this form
    #[arg(
        long = "log.format",
        id = "log.format",
        value_name = "FORMAT",
        value_enum,
        default_value_t
    )]
    pub format: Format,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum InitError {
    #[error("logging is set up already")]
    Twice(#[from] tracing::subscriber::SetGlobalDefaultError),
}

/// Sets up logs, and traces when the environment asks for them. What is wrong with the latter is logged and leaves them
/// off: a collector's settings must not keep the exporter from its work.
///
/// Keep the guard, and end with [`Guard::shutdown`], or the last spans are lost.
///
/// # Errors
/// When called twice in one process.
pub(crate) fn init(options: &Options) -> Result<Guard, InitError> {
    let (provider, problem) = match otlp::provider_from_environment() {
        Ok(provider) => (provider, None),
        Err(problem) => (None, Some(problem)),
    };
    let traces = provider.as_ref().map(|provider| {
        // Of our spans alone: those of the HTTP client that delivers them would beget ever more.
        tracing_opentelemetry::layer()
            .with_tracer(provider.tracer(OURS))
            .with_location(false)
            .with_threads(false)
            .with_filter(Targets::new().with_target(OURS, LevelFilter::DEBUG))
    });
    let (lines, level) = log_lines(options.level, options.format, std::io::stderr);
    tracing::subscriber::set_global_default(Registry::default().with(traces).with(lines))?;

    if let Some(problem) = problem {
        let error: &dyn std::error::Error = &problem;
        tracing::warn!(error, "traces are off");
    } else if provider.is_some() {
        tracing::info!("traces are sent over OTLP");
    }
    Ok(Guard::new(provider, level))
}

/// Our spans pass at any level: a warning inside one must still say which account it is about.
fn log_lines<S, W>(level: Level, format: Format, writer: W) -> (impl Layer<S>, LogLevel)
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let spans = filter_fn(|metadata| metadata.is_span() && metadata.target().starts_with(OURS))
        .with_max_level_hint(LevelFilter::DEBUG);
    let (events, handle) = reload::Layer::new(level.targets());
    let lines = Lines::new(format, writer).with_filter(events.or(spans));
    (lines, LogLevel::new(level, handle))
}

impl Level {
    fn filter(self) -> LevelFilter {
        match self {
            Self::Error => LevelFilter::ERROR,
            Self::Warn => LevelFilter::WARN,
            Self::Info => LevelFilter::INFO,
            Self::Debug => LevelFilter::DEBUG,
            Self::Trace => LevelFilter::TRACE,
        }
    }

    /// Libraries are heard from a warning upwards, whatever our own level.
    fn targets(self) -> Targets {
        let filter = self.filter();
        Targets::new()
            .with_default(filter.min(LevelFilter::WARN))
            .with_target(OURS, filter)
            // It warns of every stranger who misbehaves, and so would fill the log at his wish.
            .with_target("h2", filter.min(LevelFilter::ERROR))
    }
}

#[cfg(test)]
mod tests;
