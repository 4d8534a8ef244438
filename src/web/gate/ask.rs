//! How this program asks itself, on the same machine, for its health: `health` has read the same file and can do without
//! a password and without a client certificate.
//!
//! It shows a word made of the file, which only those know who may read it; the word opens `/-/healthy` and nothing else.
//! The certificate of the server must be the one in the file, whatever name it is for. Where clients must show one, it
//! shows the server's own, of which it can read the key.

use super::GateError;
use super::files::Files;
use super::tls::{self, Tls};
use crate::config::web_file;
use aws_lc_rs::{constant_time, hmac};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use rustls::ClientConfig;
use std::path::Path;

const SCHEME: &str = "Health ";

/// How to ask.
pub struct Ask {
    /// `None` over plain HTTP.
    pub tls: Option<ClientConfig>,
    /// The header `Authorization`.
    pub authorization: String,
}

impl Ask {
    /// As the file `path` has it.
    ///
    /// # Errors
    /// The file, or one that it names, cannot be used.
    pub fn with(path: &Path) -> Result<Ask, GateError> {
        let unusable = |message: String| GateError::Unusable {
            file: path.to_owned(),
            message,
        };
        let files = Files::read(path);
        let text = files.text().map_err(unusable)?;
        let (file, _) = web_file::parse(path, text)?;
        let tls = match Tls::new(&file, &files, false, None).map_err(unusable)? {
            Some(_) => Some(tls::client(&file, &files).map_err(unusable)?),
            None => None,
        };
        Ok(Ask {
            tls,
            authorization: word(&files),
        })
    }
}

/// The header of whoever has read the file.
pub(super) fn word(files: &Files) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &files.digest_of_own());
    let tag = hmac::sign(&key, b"smartassist-exporter health");
    let hex = tag.as_ref().iter().map(|byte| format!("{byte:02x}"));
    format!("{SCHEME}{}", hex.collect::<String>())
}

pub(super) fn knows(word: &str, headers: &HeaderMap) -> bool {
    let said = headers.get(AUTHORIZATION).map(|value| value.as_bytes());
    said.is_some_and(|said| {
        !word.is_empty() && constant_time::verify_slices_are_equal(said, word.as_bytes()).is_ok()
    })
}
