//! The boards in `dashboards/`: that Grafana and people can read them, and that what they ask for exists.
//!
//! `rules` re-states the 17 rules of the public dashboard linter, with no exclusion; `contract` holds the
//! boards against the metrics table, `shape` against each other.

#![allow(clippy::unwrap_used)]

mod board;
mod contract;
mod live;
mod promql;
mod rules;
mod shape;
