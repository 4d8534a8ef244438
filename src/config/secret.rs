//! Secrets in files: read whole, the line's end trimmed, never shown.

use super::problem::Findings;
use super::section::Field;
use secrecy::SecretString;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// An RSA key of 16384 bits in PEM has 13 kB.
const LARGEST: u64 = 64 * 1024;

/// The file's text without the line ends at its end. What goes wrong is reported at `field`.
pub(super) fn read_file(
    field: &Field<'_>,
    path: &Path,
    findings: &mut Findings,
) -> Option<SecretString> {
    match read(path) {
        Ok(secret) => Some(secret),
        Err(reason) => {
            let message = format!(
                "{} names {}, {reason}; allowed: a readable file that holds the secret alone",
                field.name(),
                shown(path)
            );
            let hint = path
                .is_relative()
                .then(|| "relative paths start from the working directory".to_owned());
            findings.error(field.place(), message, hint);
            None
        }
    }
}

/// Whether [`read_file`] would succeed now; the content is not kept.
pub(super) fn check_file(field: &Field<'_>, path: &Path, findings: &mut Findings) -> Option<()> {
    read_file(field, path, findings).map(drop)
}

/// A name without a folder might be the secret itself, written at the wrong key.
fn shown(path: &Path) -> String {
    match path.components().count() {
        1 => "a file".to_owned(),
        _ => format!("`{}`", path.display()),
    }
}

fn read(path: &Path) -> Result<SecretString, String> {
    let unreadable = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => "which does not exist".to_owned(),
        std::io::ErrorKind::InvalidData => "which is no text".to_owned(),
        _ => format!("which cannot be read ({error})"),
    };
    let mut text = String::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(LARGEST + 1)
        .read_to_string(&mut text)
        .map_err(unreadable)?;
    if text.len() as u64 > LARGEST {
        return Err(format!("which has more than {LARGEST} bytes"));
    }
    match text.trim_end_matches(['\r', '\n']) {
        secret if secret.trim().is_empty() => Err("which is empty".to_owned()),
        secret => Ok(SecretString::from(secret)),
    }
}
