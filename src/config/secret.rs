//! Secrets: where they begin and end, what cannot be in one, and files that hold one. None is ever shown.

use super::field::{Field, trimmed};
use super::invisible;
use super::kind::{Kind, Refused, path};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

pub(super) const ALONE: &str = "is it the secret alone, as it was shown when it was made?";

/// An RSA key of 16384 bits in PEM has 13 kB.
const LARGEST: u64 = 64 * 1024;

/// Whose it is: people choose a database's password as they like, the vendor makes an app's secret of letters and digits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Of {
    App,
    Database,
}

/// A secret, and the file that it is from, if it is from one.
#[derive(Debug, Clone)]
pub struct Secret {
    value: SecretString,
    file: Option<PathBuf>,
    of: Of,
}

/// What is wrong with a secret, not saying what it holds.
#[derive(Debug)]
pub(crate) struct Flaw {
    pub(super) what: String,
    pub(super) hint: Option<&'static str>,
}

impl Secret {
    /// What the file holds now; `None` where the secret stands in the configuration itself.
    ///
    /// # Errors
    /// What is wrong with the file, in words that show nothing of what it holds.
    pub fn read_again(&self) -> Option<Result<SecretString, String>> {
        let file = self.file.as_deref()?;
        Some(read_file(file, self.of).map_err(|refused| refused.words()))
    }

    /// Warns of what it holds that is seldom meant.
    pub(super) fn warn_of_oddities(&self, key: &Field<'_>) {
        let holds = if self.file.is_some() {
            "holds a secret that "
        } else {
            ""
        };
        for (odd, hint) in self.oddities() {
            key.warning(format!("{} {holds}{odd}", key.name()), Some(hint));
        }
    }

    /// Each with a hint.
    fn oddities(&self) -> Vec<(String, &'static str)> {
        let secret = self.expose_secret();
        let mut odd = Vec::new();
        if in_quotes(secret) {
            let what = "begins and ends with a quotation mark, which counts as a part of it";
            odd.push((what.to_owned(), "leave the marks away, unless they are"));
        }
        if self.of == Of::App && !is_private_key(secret) && secret.contains(char::is_whitespace) {
            odd.push(("has a blank inside".to_owned(), ALONE));
        }
        // Elsewhere it is refused.
        odd.extend(invisible::first(secret).map(|sign| (unseen(sign), invisible::HINT)));
        odd
    }
}

impl ExposeSecret<str> for Secret {
    fn expose_secret(&self) -> &str {
        self.value.expose_secret()
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Secret {
        Secret {
            value: text.into(),
            file: None,
            of: Of::App,
        }
    }
}

/// The same file is the same secret, whatever it holds by now: that is read again when it is needed.
impl PartialEq for Secret {
    fn eq(&self, other: &Secret) -> bool {
        match (&self.file, &other.file) {
            (None, None) => self.expose_secret() == other.expose_secret(),
            (one, another) => one == another,
        }
    }
}

/// An app's secret in the configuration itself.
pub(super) fn inline() -> Kind<Secret> {
    inline_of(Of::App)
}

/// A file that holds an app's secret and nothing else.
pub(super) fn file() -> Kind<Secret> {
    file_of(Of::App)
}

/// A database's password in the configuration itself.
pub(super) fn password() -> Kind<Secret> {
    inline_of(Of::Database)
}

/// A file that holds a database's password and nothing else.
pub(super) fn password_file() -> Kind<Secret> {
    file_of(Of::Database)
}

fn inline_of(of: Of) -> Kind<Secret> {
    Kind::new("a secret on one line", move |text| {
        let value =
            read(text, of).map_err(|flaw| Refused::because(flaw.what).hint(hint(flaw.hint)))?;
        let file = None;
        Ok(Secret { value, file, of })
    })
}

fn file_of(of: Of) -> Kind<Secret> {
    Kind::new("a readable file that holds the secret alone", move |text| {
        let path = path().parse(text)?;
        let value = read_file(&path, of)?;
        let file = Some(path);
        Ok(Secret { value, file, of })
    })
}

/// The secret in `text`, or what is wrong with it, not saying what it holds. A private key in PEM keeps the line ends
/// inside; nothing else has control characters.
pub(super) fn read(text: &str, of: Of) -> Result<SecretString, Flaw> {
    let secret = trimmed(text);
    if let (Of::App, Some(sign)) = (of, invisible::first(secret)) {
        let hint = Some(invisible::HINT);
        return Err(Flaw {
            what: unseen(sign),
            hint,
        });
    }
    without_control(secret).map_err(|what| Flaw {
        what: what.to_owned(),
        hint: None,
    })
}

fn without_control(secret: &str) -> Result<SecretString, &'static str> {
    let of_a_key = |sign: &char| is_private_key(secret) && matches!(sign, '\n' | '\r' | '\t');
    let mut control = secret.chars().filter(|sign| sign.is_control());
    match control.find(|sign| !of_a_key(sign)) {
        _ if secret.is_empty() => Err("is empty"),
        Some('\n' | '\r') => Err("has a line end inside"),
        Some('\t') => Err("has a tab inside"),
        Some(_) => Err("has a control character inside"),
        None => Ok(SecretString::from(secret)),
    }
}

/// What is around a secret in a shell or in YAML comes along where nothing takes it away, as from a file of variables.
pub(super) fn in_quotes(secret: &str) -> bool {
    const MARKS: [(char, char); 5] = [
        ('"', '"'),
        ('\'', '\''),
        ('`', '`'),
        ('\u{201c}', '\u{201d}'),
        ('\u{2018}', '\u{2019}'),
    ];
    let mut signs = secret.chars();
    match (signs.next(), signs.next_back()) {
        (Some(first), Some(last)) => MARKS.contains(&(first, last)),
        _ => false,
    }
}

fn unseen(sign: char) -> String {
    format!(
        "has a character inside that nobody sees, {}",
        invisible::named(sign)
    )
}

fn hint(hint: Option<&str>) -> Option<String> {
    hint.map(str::to_owned)
}

pub(super) fn is_private_key(secret: &str) -> bool {
    secret.contains("PRIVATE KEY-----")
}

fn read_file(path: &Path, of: Of) -> Result<SecretString, Refused> {
    read(&read_text(path)?, of).map_err(|flaw| flawed(path, flaw))
}

pub(super) fn flawed(path: &Path, flaw: Flaw) -> Refused {
    refused(path, &flaw.what).hint(hint(flaw.hint))
}

pub(super) fn read_text(path: &Path) -> Result<Zeroizing<String>, Refused> {
    let bytes = read_bytes(path, LARGEST)?;
    let refused = |reason: &str| refused(path, reason);
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(refused("is UTF-16").hint(Some("save it as UTF-8".to_owned())));
    }
    let text = str::from_utf8(&bytes).map_err(|_| refused("is not text"))?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// What a file holds, overwritten when it is dropped.
pub(super) fn read_bytes(path: &Path, most: u64) -> Result<Zeroizing<Vec<u8>>, Refused> {
    let unreadable = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => {
            let hint = "relative paths start from the working directory";
            refused(path, "does not exist").hint(path.is_relative().then(|| hint.to_owned()))
        }
        _ => refused(path, &format!("cannot be read ({error})")),
    };
    // As large as it may become, so that no copy of it is left behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(most as usize + 64));
    File::open(path)
        .and_then(|file| file.take(most + 1).read_to_end(&mut bytes))
        .map_err(unreadable)?;
    if bytes.len() as u64 > most {
        return Err(refused(path, &format!("has more than {most} bytes")));
    }
    Ok(bytes)
}

/// A name without a folder is not shown: it might be the secret itself, written at the wrong key.
fn refused(path: &Path, reason: &str) -> Refused {
    let shown = match path.components().count() {
        1 => "a file".to_owned(),
        _ => format!("`{}`", path.display()),
    };
    Refused::because(format!("names {shown}, which {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use secrecy::ExposeSecret;

    #[test]
    fn what_is_no_secret_is_said_without_showing_it() {
        for (text, flaw) in [
            ("", "is empty"),
            (" \u{feff}\r\n", "is empty"),
            ("user\npassword\n", "has a line end inside"),
            ("user\rpassword", "has a line end inside"),
            ("user\tpassword", "has a tab inside"),
            ("pass\u{0}word", "has a control character inside"),
            ("\u{1b}[Apassword", "has a control character inside"),
        ] {
            for of in [Of::App, Of::Database] {
                assert_eq!(read(text, of).unwrap_err().what, flaw, "{text:?}");
            }
        }
    }

    #[test]
    fn a_private_key_keeps_its_lines() {
        let key = "-----BEGIN PRIVATE KEY-----\r\nAAAA\r\n-----END PRIVATE KEY-----";
        let around = format!("\u{feff}\n {key} \r\n");
        let key_read = read(&around, Of::App).unwrap();
        assert_eq!(key_read.expose_secret(), key);
        let key = Secret::from(key);
        assert!(key.oddities().is_empty(), "{:?}", key.oddities());
    }

    proptest! {
        #[test]
        fn what_stands_around_a_secret_is_no_part_of_it(
            before in "[ \t\r\n\u{feff}\u{a0}]{0,5}",
            secret in "[!-~]([ -~]{0,40}[!-~])?",
            behind in "[ \t\r\n\u{feff}\u{a0}]{0,5}",
        ) {
            let read = read(&format!("{before}{secret}{behind}"), Of::App).unwrap();
            prop_assert_eq!(read.expose_secret(), secret);
        }

        #[test]
        fn what_nobody_sees_is_in_no_apps_secret_and_is_told_of_a_databases(
            before in "[!-~]{1,20}",
            sign in r"[\p{Cf}\u{2028}\u{2029}\u{fe0f}]",
            behind in "[!-~]{1,20}",
        ) {
            let text = format!("{before}{sign}{behind}");
            let flaw = read(&text, Of::App).unwrap_err();
            prop_assert!(flaw.what.starts_with("has a character inside that nobody sees, U+"));
            prop_assert!(flaw.hint.is_some());
            let value = read(&text, Of::Database).unwrap();
            let secret = Secret { value, file: None, of: Of::Database };
            let odd = secret.oddities();
            prop_assert!(odd.iter().any(|(what, _)| what.contains("nobody sees")), "{:?}", odd);
        }
    }
}
