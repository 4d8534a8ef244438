//! Where lines of events go.

use super::kind::{Kind, Refused, path};
use std::fmt;
use std::path::{Path, PathBuf};

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

/// `None`: nowhere. A path is one that looks like it: whoever writes `no`, `STDOUT` or `5` means no file of that name.
pub(super) fn kind() -> Kind<Option<Output>> {
    let path = path();
    let allowed = "`off`, `stdout`, or a path of a file";
    Kind::new(allowed, move |text| {
        let refuse = |hint: &str| Err(Refused::is(text).hint(Some(hint.to_owned())));
        match text {
            // YAML of old takes the bare word for a truth value, and people write it so.
            "off" | "false" => return Ok(None),
            STDOUT => return Ok(Some(Output::Stdout)),
            "-" | "/dev/stdout" | "/proc/self/fd/1" | "/dev/fd/1" => {
                return refuse("the standard output is written `stdout`");
            }
            "stderr" | "/dev/stderr" => return refuse("the log is there"),
            _ => {}
        }
        if text.eq_ignore_ascii_case(STDOUT) {
            return refuse("the standard output is written `stdout`");
        }
        if text.starts_with('~') {
            return refuse("`~` is a shell's: write the whole path");
        }
        let device = text.starts_with("/dev/") && !text.starts_with("/dev/shm/");
        if device || text.starts_with("/proc/") {
            return refuse("lines are looked for where they were written, and a device keeps none");
        }
        let is_folder = text.ends_with('/') || text.ends_with("/.");
        if is_folder || !text.is_empty() && Path::new(text).file_name().is_none() {
            return refuse("that is a folder: add a name for the file");
        }
        let is_number = text.parse::<f64>().is_ok();
        if !text.is_empty() && (is_number || !text.contains(['/', '.'])) {
            let hint = format!(
                "`off` leaves them out; a file in the working directory is written `./{text}`"
            );
            return refuse(&hint);
        }
        path.parse(text).map(Output::File).map(Some)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_look_like_a_file_is_none() {
        let read = |text: &str| kind().parse(text).map_err(Refused::words);
        assert_eq!(read("off"), Ok(None));
        assert_eq!(read("stdout"), Ok(Some(Output::Stdout)));
        for text in ["./off", "/var/log/x", "lines.jsonl", "a/b", ".hidden"] {
            assert_eq!(read(text), Ok(Some(Output::File(text.into()))), "{text}");
        }
        for text in [
            "no",
            "No",
            "OFF",
            "on",
            "true",
            "TRUE",
            "yes",
            "none",
            "null",
            "~",
            "~/lines",
            "5",
            "5.5",
            "-1",
            "STDOUT",
            "Stdout",
            "std",
            "/dev/full",
            "/dev/null",
            "/dev/fd/1",
            "/",
            ".",
            "..",
            "a/.",
            "a/..",
            "a/",
        ] {
            assert!(
                read(text).is_err_and(|words| words.contains("; hint: ")),
                "{text}"
            );
        }
        assert!(read("").is_err());
    }
}
