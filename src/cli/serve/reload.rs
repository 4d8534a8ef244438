//! The configuration read again while the exporter runs: at a SIGHUP, and where somebody asks over HTTP.
//!
//! Invariant: a reload is whole or changes nothing, and says why. One at a time; those who ask while one is under way are
//! answered by the next, all of them by one.

use super::house::House;
use crate::chain::chain;
use crate::clock;
use crate::config::{self, Config, Flags, Invalid, Problem, as_written};
use crate::fleet::{Change, FleetError};
use crate::metrics::Own;
use crate::telemetry::LogLevel;
use crate::web::{Lifecycle, Reloaded, Reloading, Source};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

/// Who may wait for the next reload at once.
const MOST_WAITING: usize = 64;
/// For the configuration and the files that it names to be read.
const PATIENCE: Duration = Duration::from_secs(30);
/// Names that a line tells of one kind.
const MOST_NAMED: usize = 10;

/// What a reload reads, and who asks for one.
pub(in crate::cli) struct Reloads {
    pub flags: Flags,
    pub hangup: Arc<Notify>,
    /// What is answered over HTTP, if that is allowed.
    pub lifecycle: Option<LogLevel>,
}

type Answer = oneshot::Sender<Reloaded>;

/// Asks over HTTP.
pub(super) struct Asking {
    asked: mpsc::Sender<Answer>,
    level: LogLevel,
}

/// Reads the configuration when asked to.
pub(super) struct Reloader {
    pub own: Arc<Own>,
    pub house: Arc<House>,
    /// What is in force.
    pub config: Config,
}

pub(super) fn asking(level: LogLevel) -> (Asking, mpsc::Receiver<Answer>) {
    let (asked, asks) = mpsc::channel(MOST_WAITING);
    (Asking { asked, level }, asks)
}

impl Lifecycle for Asking {
    fn reload(&self) -> Reloading {
        let (answer, answered) = oneshot::channel();
        let asked = self.asked.try_send(answer);
        Box::pin(async move {
            let stopping = || Reloaded::NotNow(FleetError::Stopping.to_string());
            match asked {
                Ok(()) => answered.await.unwrap_or_else(|_| stopping()),
                Err(mpsc::error::TrySendError::Full(_)) => {
                    let said = format!("{MOST_WAITING} others wait for the next reload already");
                    Reloaded::NotNow(said)
                }
                Err(mpsc::error::TrySendError::Closed(_)) => stopping(),
            }
        })
    }

    fn log_level(&self) -> &'static str {
        self.level.get()
    }

    fn set_log_level(&self, word: &str) -> Result<(), String> {
        self.level.set(word)
    }
}

impl Reloader {
    /// Reloads whenever somebody asks, until `stop`; one under way is finished.
    pub(super) async fn run(
        mut self,
        flags: Flags,
        hangup: Arc<Notify>,
        asks: Option<mpsc::Receiver<Answer>>,
        stop: CancellationToken,
    ) {
        // Where nobody may ask, nobody does.
        let mut asks = asks.unwrap_or_else(|| mpsc::channel(1).1);
        loop {
            let mut waiting = Vec::new();
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = hangup.notified() => {
                    tracing::info!(signal = "SIGHUP", "reading the configuration again");
                }
                Some(answer) = asks.recv() => {
                    tracing::info!(path = "/-/reload", "reading the configuration again");
                    waiting.push(answer);
                }
            }
            while let Ok(answer) = asks.try_recv() {
                waiting.push(answer);
            }
            let loaded = stop.run_until_cancelled(load(flags.clone())).await;
            let reloaded = match loaded {
                Some(loaded) => self.take(loaded).await,
                None => Reloaded::NotNow(FleetError::Stopping.to_string()),
            };
            for answer in waiting {
                // Whoever asked may be gone.
                answer.send(reloaded.clone()).ok();
            }
        }
    }

    async fn take(&mut self, loaded: Loaded) -> Reloaded {
        let (mut config, warnings) = match loaded {
            Ok(Ok(loaded)) => loaded,
            Ok(Err(invalid)) => {
                for problem in &invalid.problems {
                    tracing::error!("{}", problem.in_a_line());
                }
                return self.failed(invalid.to_string());
            }
            Err(why) => return self.failed(why),
        };
        let mut warnings: Vec<String> = warnings.iter().map(|it| it.in_a_line()).collect();
        // Its files are looked at whenever somebody asks for something; whoever has all read again wants to hear of them now.
        if let Some(why) = self.house.gate.looked_at().await {
            let said = "the web configuration cannot be used; the last good one stands";
            warnings.push(format!("{said}: {why}"));
        }
        for fixed in self.config.hold_fixed(&mut config) {
            warnings.push(format!(
                "`{}` is `{}` now, but this process runs with `{}`; hint: restart to change it",
                fixed.key, fixed.says, fixed.runs_with
            ));
        }
        for warning in &warnings {
            tracing::warn!("{warning}");
        }
        // Who was ready stays so: an account that is added does not take that back.
        self.house.ready().ok();
        match self.house.fleet.follow(&config).await {
            Ok(change) => {
                self.config = config;
                self.own.configured(clock::now_s());
                self.house.not_reloaded.store(None);
                self.house.publisher.look_again();
                Reloaded::Done(told(&change, &warnings))
            }
            Err(FleetError::Stopping) => Reloaded::NotNow(FleetError::Stopping.to_string()),
            Err(error) => self.failed(chain(&error)),
        }
    }

    fn failed(&self, why: String) -> Reloaded {
        self.own.not_configured();
        let error = why.lines().next().unwrap_or_default().trim_end_matches(':');
        self.house
            .not_reloaded
            .store(Some(Arc::new(error.to_owned())));
        self.house.publisher.look_again();
        tracing::error!(error, "the configuration is not reloaded: nothing changed");
        Reloaded::Failed(why)
    }
}

/// Read, or not; and what is wrong with it.
type Loaded = Result<Result<(Config, Vec<Problem>), Invalid>, String>;

/// On a thread of its own: a file may be on a disk that hangs.
async fn load(flags: Flags) -> Loaded {
    let load = move || config::load(&flags, |name| std::env::var_os(name));
    match tokio::time::timeout(PATIENCE, tokio::task::spawn_blocking(load)).await {
        Ok(Ok(loaded)) => Ok(loaded),
        Ok(Err(ended)) => Err(ended.to_string()),
        Err(_) => {
            let waited = as_written(PATIENCE);
            Err(format!(
                "a file could not be read within {waited}; hint: is its disk there?"
            ))
        }
    }
}

/// In the log, and for whoever asked.
fn told(change: &Change, warnings: &[String]) -> String {
    let named = |names: &[Arc<str>]| {
        let mut named = names
            .iter()
            .take(MOST_NAMED)
            .map(|name| &**name)
            .collect::<Vec<_>>()
            .join(", ");
        if names.len() > MOST_NAMED {
            named.push_str(&format!(" and {} more", names.len() - MOST_NAMED));
        }
        named
    };
    let Change {
        added,
        changed,
        removed,
        unchanged,
    } = change;
    tracing::info!(
        added = named(added),
        changed = named(changed),
        removed = named(removed),
        unchanged,
        "configuration reloaded"
    );
    let mut text = format!(
        "reloaded: {} added, {} changed, {} removed, {unchanged} unchanged\n",
        added.len(),
        changed.len(),
        removed.len()
    );
    for warning in warnings {
        text.push_str(&format!("warning: {warning}\n"));
    }
    text
}
