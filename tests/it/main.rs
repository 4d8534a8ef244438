//! All tests that `make test` runs, in one binary.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test panics to fail, and says why"
)]
#![allow(
    unreachable_pub,
    reason = "nothing of a binary is reachable from outside"
)]
#![allow(clippy::too_many_lines, reason = "a board is one long list")]

#[allow(dead_code, reason = "shared with the slow tests, who use more of it")]
#[path = "../replay/mod.rs"]
mod replay;
#[path = "../support/mod.rs"]
mod support;

mod abandoned;
mod alert_rules;
mod alerts;
mod backfill;
mod canary;
mod clocks;
mod command_line;
mod config;
mod counting;
mod crash;
mod dashboards;
mod evidence;
mod exactly_once;
mod faults;
mod fields;
mod first_version;
mod helm;
mod links;
mod live;
mod live_departures;
mod man_page;
mod oddities;
mod otlp;
mod outgoing;
mod package;
mod paging_sample;
mod paging_soon;
mod postgres;
mod readings;
mod reconcile;
mod reconfigure;
mod recount;
mod reload;
mod replay_command;
mod replicas;
mod rooms;
mod sample;
mod second_version;
mod serve;
mod stack;
mod stored_forms;
mod versions;
mod wall;
mod web_config;
