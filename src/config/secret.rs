//! Secrets: where they begin and end, what cannot be in one, and files that hold one. None is ever shown.

pub(crate) use super::field::trimmed;
use super::kind::{Kind, Refused, path};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

/// An RSA key of 16384 bits in PEM has 13 kB.
const LARGEST: u64 = 64 * 1024;

/// A secret, and the file that it is from, if it is from one.
#[derive(Debug, Clone)]
pub struct Secret {
    value: SecretString,
    file: Option<PathBuf>,
}

impl Secret {
    /// What the file holds now; `None` where the secret stands in the configuration itself.
    ///
    /// # Errors
    /// What is wrong with the file, in words that show nothing of what it holds.
    pub fn read_again(&self) -> Option<Result<SecretString, String>> {
        let file = self.file.as_deref()?;
        Some(read_file(file).map_err(|refused| refused.words()))
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

/// A secret in the configuration itself.
pub(super) fn inline() -> Kind<Secret> {
    Kind::new("a secret on one line", |text| {
        let value = read(text).map_err(Refused::because)?;
        Ok(Secret { value, file: None })
    })
}

/// A file that holds a secret and nothing else.
pub(super) fn file() -> Kind<Secret> {
    Kind::new("a readable file that holds the secret alone", |text| {
        let path = path().parse(text)?;
        let value = read_file(&path)?;
        let file = Some(path);
        Ok(Secret { value, file })
    })
}

/// The same, to be read later: the content is not kept.
pub(super) fn token_file() -> Kind<PathBuf> {
    Kind::new("a readable file that holds the token alone", |text| {
        let path = path().parse(text)?;
        read_file(&path).map(|_| path)
    })
}

/// The secret in `text`, or what is wrong with it, not saying what it holds. A private key in PEM keeps the line ends
/// inside; nothing else has control characters.
fn read(text: &str) -> Result<SecretString, &'static str> {
    let secret = trimmed(text);
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

pub(super) fn is_private_key(secret: &str) -> bool {
    secret.contains("PRIVATE KEY-----")
}

fn read_file(path: &Path) -> Result<SecretString, Refused> {
    let bytes = read_bytes(path, LARGEST)?;
    let refused = |reason: &str| refused(path, reason);
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(refused("is UTF-16").hint(Some("save it as UTF-8".to_owned())));
    }
    let text = str::from_utf8(&bytes).map_err(|_| refused("is not text"))?;
    read(text).map_err(refused)
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
