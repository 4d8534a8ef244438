//! The boards in `dashboards/`: that Grafana and people can read them, and that what they ask for exists.
//!
//! `rules` holds them to the public dashboard linter (`linter` re-states it), with no exclusion; `contract` to the
//! metrics table; `shape` to each other. `live` asks every query of a real Prometheus behind the real exporter.

mod board;
mod contract;
mod linter;
mod live;
mod promql;
mod rules;
mod shape;
