//! The past, read from the API and written as OpenMetrics with timestamps, for a Prometheus that did not scrape it.
//!
//! ```text
//! Span ─next→ Window ─fetch→ records ─derive, apply→ Commit + journal ─course→ lines by time ─write→ one file
//! ```
//!
//! Invariants: every conversation counts once, at its own end; what an exporter that runs has counted itself stands in the
//! file up to what it first showed, and no further; a kill at any instant loses one window's reading at most. A store of
//! the exporter's is read, and never written.
//! Not here: arguments, words and bars (`cli`), and the format's text (`metrics`). Called by `cli`.

mod course;
mod journal;
mod owner;
mod reading;
mod resume;
mod span;
mod window;
mod write;

pub use owner::{FirstSums, Owner};
pub use reading::{Read, Reading, Setting, Told};
pub use resume::{Folder, Part, Settings, Standing};
pub use span::{Nothing, Planned, Span, Wanted, knows_its_beginning, plan};
pub use write::{Form, Source, Written, write};

use crate::client::CallError;
use crate::ledger::Measure;
use crate::store::StoreError;
use std::io;
use std::path::{Path, PathBuf};

/// Whether lines have a label of this name by themselves: Prometheus adds none such, and `promtool` refuses a name that
/// stands twice.
pub fn is_own_label(name: &str) -> bool {
    let own = Measure::ALL.iter().flat_map(|it| it.metric().labels);
    ["account", "le", "window"]
        .iter()
        .chain(own)
        .any(|it| *it == name)
}

/// Why the past could not be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot read the past")]
    Call(#[from] CallError),
    #[error("cannot keep what is read")]
    Store(#[from] StoreError),
    #[error("cannot use `{path}`; hint: its folder must be there, writable, and have room")]
    File { path: PathBuf, source: io::Error },
    #[error("what was read so far is damaged; hint: remove the folder of parts, and begin anew")]
    Damaged,
    /// What was begun otherwise is not mixed with this.
    #[error("{0}")]
    BegunOtherwise(String),
}

impl Error {
    fn io(path: &Path, source: io::Error) -> Error {
        Error::File {
            path: path.to_owned(),
            source,
        }
    }
}
