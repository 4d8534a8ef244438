//! Secrets: where they begin and end, what cannot be in one, and files that hold one. None is ever shown.

use super::problem::Findings;
use super::section::Field;
use secrecy::SecretString;
use std::fmt;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

/// An RSA key of 16384 bits in PEM has 13 kB.
const LARGEST: u64 = 64 * 1024;

/// The secret without what editors, shells and copying leave around it: blanks, line ends, byte order marks and spaces
/// of no width. Every secret passes here, wherever it was written.
pub fn trimmed(text: &str) -> &str {
    text.trim_matches(|sign: char| sign.is_whitespace() || matches!(sign, '\u{feff}' | '\u{200b}'))
}

/// Why a text is no secret; says nothing of what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    Empty,
    LineEnd,
    Tab,
    Control,
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Flaw::Empty => "is empty",
            Flaw::LineEnd => "has a line end inside",
            Flaw::Tab => "has a tab inside",
            Flaw::Control => "has a control character inside",
        })
    }
}

/// The secret in `text`. A private key in PEM keeps the line ends inside; nothing else has control characters.
pub(super) fn read(text: &str) -> Result<SecretString, Flaw> {
    let secret = trimmed(text);
    let of_a_key = |sign: &char| is_private_key(secret) && matches!(sign, '\n' | '\r' | '\t');
    let mut control = secret.chars().filter(|sign| sign.is_control());
    match control.find(|sign| !of_a_key(sign)) {
        _ if secret.is_empty() => Err(Flaw::Empty),
        Some('\n' | '\r') => Err(Flaw::LineEnd),
        Some('\t') => Err(Flaw::Tab),
        Some(_) => Err(Flaw::Control),
        None => Ok(SecretString::from(secret)),
    }
}

pub(super) fn is_private_key(secret: &str) -> bool {
    secret.contains("PRIVATE KEY-----")
}

/// The secret that is all a file holds. What goes wrong is reported at `field`.
pub(super) fn read_file(
    field: &Field<'_>,
    path: &Path,
    findings: &mut Findings,
) -> Option<SecretString> {
    match content(path).and_then(|text| read(&text).map_err(|flaw| format!("which {flaw}"))) {
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

fn content(path: &Path) -> Result<String, String> {
    let unreadable = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => "which does not exist".to_owned(),
        _ => format!("which cannot be read ({error})"),
    };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST {
        return Err(format!("which has more than {LARGEST} bytes"));
    }
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err("which is UTF-16 and not UTF-8".to_owned());
    }
    String::from_utf8(bytes).map_err(|_| "which is no text".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use secrecy::ExposeSecret;

    #[test]
    fn what_is_no_secret_is_said_without_showing_it() {
        for (text, flaw) in [
            ("", Flaw::Empty),
            (" \u{feff}\r\n", Flaw::Empty),
            ("user\npassword\n", Flaw::LineEnd),
            ("user\rpassword", Flaw::LineEnd),
            ("user\tpassword", Flaw::Tab),
            ("pass\u{0}word", Flaw::Control),
            ("\u{1b}[Apassword", Flaw::Control),
        ] {
            assert_eq!(read(text).unwrap_err(), flaw, "{text:?}");
        }
    }

    #[test]
    fn a_private_key_keeps_its_lines() {
        let key = "-----BEGIN PRIVATE KEY-----\r\nAAAA\r\n-----END PRIVATE KEY-----";
        let around = format!("\u{feff}\n {key} \r\n");
        assert_eq!(read(&around).unwrap().expose_secret(), key);
    }

    proptest! {
        #[test]
        fn what_stands_around_a_secret_is_no_part_of_it(
            before in "[ \t\r\n\u{feff}\u{a0}]{0,5}",
            secret in "[!-~]([ -~]{0,40}[!-~])?",
            behind in "[ \t\r\n\u{feff}\u{a0}]{0,5}",
        ) {
            let read = read(&format!("{before}{secret}{behind}")).unwrap();
            prop_assert_eq!(read.expose_secret(), secret);
        }
    }
}
