//! A Prometheus exporter for Kore.ai SmartAssist contact centres: every finished conversation counted exactly once.
//!
//! # The way of the data
//!
//! ```text
//! Coverage + now ─plan→ Window ─fetch→ records ─derive→ facts + rejects ─apply→ Commit ─commit→ disk ─publish→ View ─render→ /metrics
//! ```
//!
//! # The rooms, in reading order
//!
//! | room | holds | may use |
//! | --- | --- | --- |
//! | [`api`] | wire records exactly as the vendor sends them, session-id time, offsets | – |
//! | [`fact`] | record → facts and rejects; outcome rules | api |
//! | [`ledger`] | what was counted; apply → Commit; series; recent windows; View; the rows of all measures | fact |
//! | [`evidence`] | how strongly conversations speak for a spike of abandonment; limit; what is usual | – |
//! | [`metrics`] | the exporter's own metrics; the one table of all; rendering; docs of it | ledger |
//! | [`config`] | as written → validated; secrets | – |
//! | [`events`] | which conversations were abandoned: lines of each, and a list | ledger, metrics, config |
//! | [`client`] | one function per endpoint; token; budget; retry | api, config, chain, clock |
//! | [`store`] | open, load, commit in one transaction; who holds which account; stored forms | ledger, fact, events, config, chain |
//! | [`live`] | the queue as it is now: three sources, what is shown of them | client, ledger, metrics, api, config, clock |
//! | [`poller`] | coverage (pure), window fetch, the loop | live, client, store, events, evidence, fact, ledger, metrics, api, config, chain, clock |
//! | [`backfill`] | the past for a Prometheus that did not scrape it: read, kept, written as OpenMetrics | poller, client, store, metrics, fact, ledger, api, clock |
//! | [`reconcile`] | our counts beside the vendor's own totals; what differs and why | poller, live, client, store, fact, ledger, metrics, api, config, chain, clock |
//! | [`fleet`] | the accounts that run; start, reload, whose turn they are | reconcile, poller, live, client, store, events, metrics, config, chain, clock |
//! | [`web`] | router, metrics, health, landing, wall, abandoned; who may ask | metrics, live, events, poller, config, clock |
//! | [`simulator`] | a contact centre and the API over it; scenarios; faults | – |
//! | [`cli`], [`telemetry`], [`clock`], [`fuzzing`] | the edge | all |
//! | [`chain`] | an error with its causes, in one line | – |
//!
//! # Invariants
//!
//! - `api`, `fact`, `ledger`, `evidence` and `poller::coverage` are synchronous and pure: no clock, no log, no I/O; time is an argument.
//! - received = applied + unchanged + rejected, always.
//! - Nothing is shown that is not committed; nothing is committed in part, nor by two processes at a time.
//! - No personal data passes `api`: names, addresses, numbers, notes and remarks are never deserialised.

pub mod api;
pub mod evidence;
pub mod fact;
pub mod ledger;
pub mod metrics;

pub mod config;

pub mod client;
pub mod events;
pub mod live;
pub mod store;

pub mod backfill;
pub mod fleet;
pub mod poller;
pub mod reconcile;
pub mod web;

pub mod simulator;

mod chain;
pub mod cli;
pub mod clock;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod telemetry;
