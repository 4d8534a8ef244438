//! What was counted: apply → Commit, series, recent windows, View.

pub mod measure;
pub mod view;

pub use measure::Measure;
pub use view::{Sample, Value, View};
