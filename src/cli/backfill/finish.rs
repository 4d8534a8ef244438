//! The file is handed over, and what is in it is said.

use super::super::{complain, say};
use super::Target;
use crate::api::format_utc;
use crate::backfill::{Folder, Form, Read, Source, Written};
use anyhow::Context as _;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// Hands the file over, and says what is in it.
pub(super) fn finish(
    (target, folder): (&Target, &Folder),
    part: &Path,
    sources: &[Source],
    written: Written,
    form: &Form,
) -> Result<(), anyhow::Error> {
    let bytes = fs::metadata(part)?.len();
    let named = match target {
        Target::File(path) => {
            fs::rename(part, path).with_context(|| format!("cannot write `{}`", path.display()))?;
            path.display().to_string()
        }
        Target::Output => {
            let mut out = io::stdout().lock();
            io::copy(&mut File::open(part)?, &mut out)?;
            out.flush()?;
            fs::remove_file(part)?;
            "standard output".to_owned()
        }
    };
    let mut lines = Vec::new();
    for Source {
        read: Read {
            name, span, told, ..
        },
        ..
    } in sources
    {
        let end = match span.meets {
            Some(_) => "meeting the exporter's own counters",
            None => "ending at 0",
        };
        lines.push(format!(
            "account `{name}`: {} to {} UTC, {end}; {} conversations by {} requests",
            format_utc(span.from_s),
            format_utc(span.to_s),
            told.conversations,
            told.requests
        ));
        if told.short > 0 {
            complain(&format!(
                "warning: account `{name}`: {} windows could not be read whole: their counts are too low",
                told.short
            ));
        }
    }
    tell_missing(sources, written.missing);
    let labels: Vec<_> = form
        .identity
        .iter()
        .map(|(name, value)| format!("{name}=\"{value}\""))
        .collect();
    lines.push(format!(
        "{named}: {} samples of {} label sets with {}; {:.1} MB",
        written.samples,
        written.series,
        labels.join(", "),
        bytes as f64 / 1e6
    ));
    lines.push(format!(
        "`{0}` is kept: with another `--instance`, `--job`, `--label` or `--step` the same command writes the file anew from it, \
         without a request; remove `{0}` once Prometheus shows the past",
        folder.path().display()
    ));
    let text = lines.join("\n");
    match target {
        Target::File(_) => say(&text),
        Target::Output => {
            complain(&text);
            Ok(())
        }
    }
}

/// What the exporter first showed and this did not find.
fn tell_missing(sources: &[Source], missing: u64) {
    if missing > 0 {
        complain(&format!(
            "warning: {} conversations that the exporter first showed {}: they show where the file ends",
            missing,
            if sources.iter().all(|it| it.known) {
                "are not to be had of the API any more"
            } else {
                "are not to be had of the API any more, or its store no longer knows that it counted them"
            }
        ));
    }
}
