//! The level of the log, changed while the process runs.

use super::Level;
use clap::ValueEnum;
use std::sync::{Arc, Mutex, PoisonError};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::reload;

/// Of a word that is no level, what a message shows.
const SHOWN_CHARS: usize = 20;

/// The least severe events that are logged; shared by whoever may change that.
#[derive(Clone)]
pub(crate) struct LogLevel(Arc<Mutex<InForce>>);

struct InForce {
    level: Level,
    /// Has the log heed another level.
    heed: Box<dyn Fn(Level) + Send>,
}

impl LogLevel {
    pub(super) fn new<S: 'static>(level: Level, log: reload::Handle<Targets, S>) -> LogLevel {
        // It fails where the log is gone, and then there is nothing to heed.
        let heed = Box::new(move |level: Level| log.reload(level.targets()).unwrap_or_default());
        LogLevel(Arc::new(Mutex::new(InForce { level, heed })))
    }

    pub(crate) fn get(&self) -> &'static str {
        let in_force = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        in_force.level.word()
    }

    /// From now on this is the level.
    ///
    /// # Errors
    /// It is none; what is allowed.
    pub(crate) fn set(&self, word: &str) -> Result<(), String> {
        let known = Level::value_variants().iter();
        let Some(level) = known
            .copied()
            .find(|it| it.word().eq_ignore_ascii_case(word))
        else {
            let words = Level::value_variants().iter();
            let words: Vec<String> = words.map(|it| format!("`{}`", it.word())).collect();
            let shown: String = word
                .chars()
                .take(SHOWN_CHARS)
                .flat_map(char::escape_debug)
                .collect();
            return Err(format!(
                "`{shown}` is not a log level; allowed: {}",
                words.join(", ")
            ));
        };
        let mut in_force = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut in_force.level, level);
        // Told while the log heeds the one of the two that lets it be heard.
        let tell = || {
            tracing::info!(
                before = before.word(),
                now = level.word(),
                "log level changed"
            );
        };
        if level < before {
            tell();
        }
        (in_force.heed)(level);
        if level >= before {
            tell();
        }
        Ok(())
    }
}

impl Level {
    fn word(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warn => "warn",
            Level::Info => "info",
            Level::Debug => "debug",
            Level::Trace => "trace",
        }
    }
}
