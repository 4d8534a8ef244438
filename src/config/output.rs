//! Where lines of events go.

use super::kind::{Kind, Refused, path};
use std::fmt;
use std::path::PathBuf;

/// Where lines go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    Stdout,
    File(PathBuf),
}

const STDOUT: &str = "stdout";

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Output::Stdout => f.write_str(STDOUT),
            Output::File(path) => path.display().fmt(f),
        }
    }
}

pub(super) fn kind() -> Kind<Output> {
    let path = path();
    Kind::new("`stdout`, or a path of a file", move |text| match text {
        STDOUT => Ok(Output::Stdout),
        "-" | "/dev/stdout" | "/proc/self/fd/1" => {
            let hint = "the standard output is written `stdout`";
            Err(Refused::is(text).hint(Some(hint.to_owned())))
        }
        "stderr" | "/dev/stderr" => {
            let hint = "the log is there";
            Err(Refused::is(text).hint(Some(hint.to_owned())))
        }
        _ if text.ends_with('/') => {
            let hint = "that is a folder: add a name for the file";
            Err(Refused::is(text).hint(Some(hint.to_owned())))
        }
        _ => path.parse(text).map(Output::File),
    })
}
