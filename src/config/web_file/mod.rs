//! The file of `--web.config.file`, in the format of Prometheus' exporter-toolkit: as written → validated.
//!
//! What the toolkit takes is taken, and what it refuses is refused. Where this program cannot do what is asked (a
//! cipher suite nobody should offer any more, TLS 1.0), the rest of it is done and a warning says what is not; where
//! nothing would be left, or less would be protected than it seems, it is an error. Not here: reading the files that it
//! names, which is the gate's business at `web`.

mod kinds;
mod rules;
#[cfg(test)]
mod tests;
mod words;

use super::field::Field;
use super::kind::{path, whole};
use super::problem::{Findings, Invalid, Problem};
use super::table::{Held, Key, Row, Table, keys, section};
use super::{node, structure};
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
pub use words::{Cipher, ClientAuth, Curve, TlsVersion};

keys! {
    /// All of the file.
    pub struct WebFile, held {
        /// Certificates and what of TLS is spoken.
        tls_server_config: TlsServer = section();
        /// HTTP/2, and headers to add.
        http_server_config: HttpServer = section();
        /// Names and bcrypt hashes of passwords.
        basic_auth_users: BTreeMap<String, SecretString> = kinds::users();
        /// How many requests are answered.
        rate_limit: RateLimit = section();
    }

    /// `tls_server_config`
    pub struct TlsServer, held {
        /// Certificate in PEM, here.
        cert: Option<String> = kinds::pem("a certificate in PEM").optional("…");
        /// Key in PEM, here.
        key: Option<SecretString> = kinds::secret_pem().optional("…");
        /// Authorities of clients in PEM, here.
        client_ca: Option<String> = kinds::pem("certificates in PEM").optional("…");
        /// Certificate in PEM.
        cert_file: Option<PathBuf> = kinds::file().optional("server.crt");
        /// Key in PEM.
        key_file: Option<PathBuf> = kinds::file().optional("server.key");
        /// What clients have to show.
        client_auth_type: Option<ClientAuth> = kinds::client_auth();
        /// Authorities of clients in PEM.
        client_ca_file: Option<PathBuf> = kinds::file().optional("ca.crt");
        /// Names of which a client's certificate must have one.
        client_allowed_sans: Option<Vec<String>> = kinds::names();
        /// Lowest version.
        min_version: TlsVersion = kinds::version().or("TLS12");
        /// Highest version.
        max_version: TlsVersion = kinds::version().or("TLS13");
        /// Cipher suites up to TLS 1.2, by Go's names.
        cipher_suites: Vec<Cipher> = kinds::row_of(kinds::cipher, "[TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]");
        /// Whether the order of `cipher_suites` beats the client's.
        prefer_server_cipher_suites: bool = kinds::switch().or("true");
        /// Curves, by Go's names.
        curve_preferences: Vec<Curve> = kinds::row_of(kinds::curve, "[X25519, CurveP256]");
    }

    /// `http_server_config`
    pub struct HttpServer {
        /// HTTP/2, with TLS alone.
        http2: bool = kinds::switch().or("true");
        /// Headers of every answer.
        headers: Vec<(&'static str, String)> = kinds::headers();
    }

    /// `rate_limit`
    pub struct RateLimit, held {
        /// Time until one more request may come; 0 for no limit.
        interval: Duration = kinds::go_duration().or("0s");
        /// Requests that may come at once.
        burst: u32 = whole(0).or("0");
    }
}

impl TlsServer {
    /// Whether TLS is asked for, as the toolkit judges it.
    pub fn is_enabled(&self) -> bool {
        let files = [&self.cert_file, &self.key_file, &self.client_ca_file];
        self.cert.is_some()
            || self.key.is_some()
            || self.client_ca.is_some()
            || files.iter().any(|file| file.is_some())
            || self.client_auth_type.is_some()
    }

    pub fn client_auth(&self) -> ClientAuth {
        self.client_auth_type.unwrap_or(ClientAuth::NoClientCert)
    }
}

/// Reads the text of the file `path`, which is told in messages.
///
/// # Errors
/// All that is wrong with it. No message holds a secret, or the hash of one.
pub fn parse(path: &Path, text: &str) -> Result<(WebFile, Vec<Problem>), Invalid> {
    let findings = Findings::default();
    let read = match node::parse(text) {
        Err(problem) => {
            findings.error(problem.place, problem.message, problem.hint);
            None
        }
        Ok(mut written) => {
            if let node::Value::Null(_) = written.value {
                written.value = node::Value::Map(Vec::new());
            }
            let root = Field::root(&written, &findings);
            structure::check(&root, &WebFile::keys());
            root.is_mapping().then(|| WebFile::read(&root)).flatten()
        }
    };
    let flags = super::Flags {
        file: Some(path.to_owned()),
        ..super::Flags::default()
    };
    super::finish(&flags, read, findings)
}
