//! The boards in `dashboards/`: that Grafana and people can read them, and that what they ask for exists.
//!
//! `rules` holds them to the public dashboard linter (`linter` re-states it), with no exclusion; `contract` to the
//! metrics table; `shape` to each other; `judgement` to what they may claim. `source` is what they are written from. `live` asks every query of a real Prometheus behind the real exporter.

mod board;
mod contract;
mod judgement;
mod linter;
mod live;
mod promql;
mod rules;
mod shape;
mod source;
