//! The page's series to a collector, when the standard environment asks for it, for those who do not scrape.
//!
//! Invariants: what is pushed is what a scrape would show at that instant; no collector, however slow or gone, disturbs
//! polling or serving; one payload is held at most, since a later one says all that an earlier one did. The last push is
//! made when all else has ended, and takes [`LAST`] at most.

mod convert;
mod environment;
mod page;
mod send;
#[cfg(test)]
mod tests;
mod trust;

use crate::chain::chain;
use crate::clock;
use crate::metrics::{Encoding, Own, Publisher, PushResult};
use convert::Starts;
use environment::{Settings, settings};
use opentelemetry_proto::tonic::common::v1::KeyValue;
use prost::Message;
use send::{Outcome, Sender};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

/// For the last push: the process has 8 s to end, and may need some of them for its work.
const LAST: Duration = Duration::from_secs(2);

/// Pushing goes on until `stop`; then there is one push left.
#[must_use = "without `end` what was counted last is not pushed"]
pub(crate) struct Pushing(Option<JoinHandle<Push>>);

impl Pushing {
    /// Pushes for a last time. To be called after `stop`, when nothing is counted any more.
    pub(crate) async fn end(self) {
        let Some(pushing) = self.0 else { return };
        if let Ok(mut push) = pushing.await {
            push.push(LAST).await;
        }
    }
}

/// Pushes from now on, if the environment asks for it, until `stop`. What is wrong with what it asks for is logged.
pub(crate) fn begin(
    publisher: &Arc<Publisher>,
    own: &Arc<Own>,
    stop: &CancellationToken,
) -> Pushing {
    let sender = settings(|name| std::env::var(name).ok()).and_then(|wanted| {
        let Some(wanted) = wanted else {
            return Ok(None);
        };
        for warning in &wanted.warnings {
            tracing::warn!("{warning}");
        }
        Ok(Some((Sender::new(&wanted)?, wanted)))
    });
    let pushing = match sender {
        Ok(None) => None,
        Ok(Some((sender, settings))) => {
            tracing::info!(
                interval_s = settings.interval.as_secs_f64(),
                "metrics are pushed over OTLP"
            );
            let push = Push {
                publisher: Arc::clone(publisher),
                own: Arc::clone(own),
                resource: resource(),
                settings,
                sender,
                starts: Starts::default(),
                failing: false,
            };
            Some(tokio::spawn(push.run(stop.clone())))
        }
        Err(unusable) => {
            let error = chain(&unusable);
            tracing::warn!(error, "metrics are not pushed");
            None
        }
    };
    Pushing(pushing)
}

struct Push {
    publisher: Arc<Publisher>,
    own: Arc<Own>,
    resource: Vec<KeyValue>,
    settings: Settings,
    sender: Sender,
    starts: Starts,
    /// The last push failed, which is told.
    failing: bool,
}

impl Push {
    async fn run(mut self, stop: CancellationToken) -> Push {
        let limit = self.settings.interval.min(self.settings.export_timeout);
        let mut ticks = tokio::time::interval(self.settings.interval);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let next = async {
                ticks.tick().await;
                self.push(limit).await;
            };
            if stop.run_until_cancelled(next).await.is_none() {
                return self;
            }
        }
    }

    /// All attempts together take no longer than `limit`.
    async fn push(&mut self, limit: Duration) {
        let body = tokio::task::block_in_place(|| self.body());
        let deadline = Instant::now() + limit;
        let outcome = self.sender.deliver(body, deadline).await;
        self.own.pushed(match &outcome {
            Outcome::Taken => PushResult::Ok,
            Outcome::Rejected(_) => PushResult::Rejected,
            Outcome::Failed(_) => PushResult::Failed,
        });
        let failed_before = std::mem::replace(&mut self.failing, outcome != Outcome::Taken);
        match outcome {
            Outcome::Taken if failed_before => tracing::info!("the collector takes metrics again"),
            Outcome::Rejected(error) | Outcome::Failed(error) if !failed_before => {
                tracing::warn!(
                    error,
                    "metrics are not taken by the collector; the next push says all that this one did"
                );
            }
            _ => {}
        }
    }

    fn body(&mut self) -> Vec<u8> {
        let pieces = self.publisher.page(Encoding::Plain, Instant::now());
        let mut text = Vec::with_capacity(pieces.length() as usize);
        pieces.for_each(|piece| text.extend_from_slice(&piece));
        let text = String::from_utf8_lossy(&text);
        let families = page::read(&text);
        let now_ms = clock::now_ms();
        let request = convert::request(&families, &self.resource, now_ms, &mut self.starts);
        request.encode_to_vec()
    }
}

fn resource() -> Vec<KeyValue> {
    super::resource()
        .iter()
        .map(|(key, value)| convert::attribute(key.as_str(), &value.as_str()))
        .collect()
}
