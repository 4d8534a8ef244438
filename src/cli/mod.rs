//! The command line: the edge where arguments become effects.

pub mod explain;

use std::ffi::OsString;
use std::process::ExitCode;

/// Runs one command. 0: done, also after SIGTERM and SIGINT; 1: failed; 2: usage or configuration.
pub fn run(_args: impl IntoIterator<Item = OsString>) -> ExitCode {
    ExitCode::from(2)
}
