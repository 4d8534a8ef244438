//! A step: what befalls the exporter, and how the operator is told.

use super::life::Life;
use crate::support::Page;
use smartassist_exporter::clock;
use std::fmt;

/// Which metric shows it, while it lasts.
#[derive(Debug, Clone, Copy)]
pub enum Shows {
    /// A counter goes up.
    Rises(&'static str, &'static str, &'static str),
    /// A gauge stands at a value.
    Is(&'static str, f64),
    /// A time moves on, whichever process tells it.
    Later(&'static str),
    /// The last success lies in the future.
    Ahead,
    /// Nobody answers: Prometheus's own `up` is 0.
    Nobody,
}

impl Shows {
    /// The number that it is about.
    pub fn value(self, page: &Page) -> f64 {
        match self {
            Shows::Rises(metric, "", _) | Shows::Is(metric, _) | Shows::Later(metric) => {
                page.sum(metric, &[])
            }
            Shows::Rises(metric, label, value) => page.sum(metric, &[(label, value)]),
            Shows::Ahead => page.sum("smartassist_exporter_last_success_timestamp_seconds", &[]),
            Shows::Nobody => 0.0,
        }
    }

    /// Whether the page shows it; `before` is what the number was before, in the same process or in another.
    pub fn on(self, page: &Page, before: f64, same_process: bool) -> bool {
        let value = self.value(page);
        match self {
            Shows::Rises(..) if !same_process => value > 0.0,
            Shows::Rises(..) | Shows::Later(_) => value > before,
            Shows::Is(_, wanted) => !page.samples.is_empty() && value == wanted,
            Shows::Ahead => value > (clock::now_s() + 60) as f64,
            Shows::Nobody => page.samples.is_empty(),
        }
    }
}

impl fmt::Display for Shows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Shows::Rises(metric, "", _) => write!(f, "{metric} rises"),
            Shows::Rises(metric, label, value) => write!(f, "{metric}{{{label}={value}}} rises"),
            Shows::Is(metric, value) => write!(f, "{metric} is {value}"),
            Shows::Later(metric) => write!(f, "{metric} is later"),
            Shows::Ahead => {
                f.write_str("smartassist_exporter_last_success_timestamp_seconds is in the future")
            }
            Shows::Nobody => f.write_str("nobody answers: `up` of Prometheus is 0"),
        }
    }
}

type Befalls = Box<dyn Fn(&mut Life)>;

pub struct Step {
    pub name: String,
    pub shows: Shows,
    /// All of it stands in one line of the log.
    pub line: &'static [&'static str],
    /// It needs a file system of its own.
    pub needs_mounts: bool,
    pub befalls: Befalls,
}

impl Step {
    pub fn new(
        name: impl Into<String>,
        shows: Shows,
        line: &'static [&'static str],
        befalls: impl Fn(&mut Life) + 'static,
    ) -> Step {
        Step {
            name: name.into(),
            shows,
            line,
            needs_mounts: false,
            befalls: Box::new(befalls),
        }
    }

    /// Which needs a file system of its own.
    pub fn mounted(self) -> Step {
        Step {
            needs_mounts: true,
            ..self
        }
    }
}
