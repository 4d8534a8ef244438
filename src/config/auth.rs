//! `auth`: how tokens come about. Nothing found here is quoted in a message, for any of it might be a secret.

use super::field::{Field, listed};
use super::keys::AuthKeys;
use super::kind::{Kind, Refused};
use super::secret::is_private_key;
use super::spelling::did_you_mean;
use super::table::{Inside, Row, Table, mapping_of};
use jsonwebtoken::EncodingKey;
use secrecy::{ExposeSecret, SecretString};
use std::path::PathBuf;

#[derive(Debug, Clone)]
pub enum Auth {
    /// Tokens minted from the client secret (HS256, HS512) or private key (RS256, RS512).
    Mint {
        client_id: String,
        secret: SecretString,
        algorithm: Algorithm,
        jti: bool,
    },
    /// A token minted elsewhere, read anew from this file whenever it is needed.
    TokenFile(PathBuf),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    Hs256,
    Hs512,
    Rs256,
    Rs512,
}

const SOURCES: [&str; 3] = ["client_secret", "client_secret_file", "token_file"];
const ALGORITHMS: [(&str, Algorithm); 4] = [
    ("HS256", Algorithm::Hs256),
    ("HS512", Algorithm::Hs512),
    ("RS256", Algorithm::Rs256),
    ("RS512", Algorithm::Rs512),
];

/// Beginnings of the names of JWE algorithms, in upper case.
const ENCRYPTION_ALGORITHMS: [&str; 7] =
    ["JWE", "RSA-OAEP", "RSA1_5", "ECDH-ES", "PBES2", "A", "DIR"];
/// The longest algorithm name there is has 18 characters; anything longer is something else, perhaps the secret.
const LONGEST_ALGORITHM: usize = 18;
const UNSUPPORTED: &str = "encrypted tokens (JWE) and encrypted payloads are not supported";
const UNSUPPORTED_HINT: &str = "switch encryption off in the app's settings, and remove the key";
const UNSUPPORTED_KEY: &str = "encrypted tokens (JWE) and encrypted payloads are not supported: switch encryption off in the app's settings, and remove the key";

/// What is said to keys by which people ask for encryption.
pub(super) fn unsupported_key(key: &str) -> Option<&'static str> {
    let key = key.to_ascii_lowercase();
    let asks = key.starts_with("enc") || matches!(key.as_str(), "jwe" | "payload_encryption");
    asks.then_some(UNSUPPORTED_KEY)
}

pub(super) fn row() -> Row<Auth> {
    let keys = AuthKeys::keys();
    let allowed = mapping_of(&keys);
    Row::new(Inside::Section(keys), move |field| {
        match field.is_written() {
            true if field.is_mapping() => return read(field),
            true => {}
            false => field.missing(&allowed),
        }
        None
    })
}

fn read(field: &Field<'_>) -> Option<Auth> {
    let written = AuthKeys::read(field);
    let source = source(field)?;
    let written = written?;
    if source == "token_file" {
        // A token from a file is sent as it is.
        for key in ["client_id", "algorithm", "jti"].map(|key| field.at(key)) {
            if key.is_written() {
                let message = format!("{} has no effect beside `token_file`", key.name());
                key.warning(message, None);
            }
        }
        return Some(Auth::TokenFile(written.token_file?));
    }
    let client_id = field.at("client_id");
    if !client_id.is_written() {
        client_id.missing("text that is not empty");
    }
    let secret = written.client_secret.or(written.client_secret_file)?;
    check_key(&field.at(source), written.algorithm, &secret)?;
    Some(Auth::Mint {
        client_id: written.client_id?,
        secret,
        algorithm: written.algorithm,
        jti: written.jti,
    })
}

/// Which one of the three is written; none and several are refused.
fn source(field: &Field<'_>) -> Option<&'static str> {
    let is_written = |key: &&str| field.at(key).is_written();
    let written: Vec<_> = SOURCES.into_iter().filter(is_written).collect();
    let found = match written.as_slice() {
        [source] => return Some(source),
        [] => "has none".to_owned(),
        several => format!("has {}", listed(several.iter().copied())),
    };
    let allowed = format!("exactly one of {}", listed(SOURCES));
    field.refuse(&found, &allowed, None);
    None
}

pub(super) fn algorithm() -> Kind<Algorithm> {
    let names = || ALGORITHMS.map(|(name, _)| name);
    Kind::new(listed(names()), move |text| {
        if let Some((_, algorithm)) = ALGORITHMS.iter().find(|(name, _)| *name == text) {
            return Ok(*algorithm);
        }
        let sign = |byte: u8| byte.is_ascii_alphanumeric() || b"-_+".contains(&byte);
        if text.len() > LONGEST_ALGORITHM || !text.bytes().all(sign) {
            return Err(Refused::because("is not the name of an algorithm"));
        }
        let name = text.to_ascii_uppercase();
        if ENCRYPTION_ALGORITHMS
            .iter()
            .any(|start| name.starts_with(start))
        {
            let refused = Refused::because(format!("is `{text}`; {UNSUPPORTED}"));
            let allowed = format!("signed tokens by {}", listed(names()));
            return Err(refused
                .allowed(allowed)
                .hint(Some(UNSUPPORTED_HINT.to_owned())));
        }
        Err(Refused::is(text).hint(did_you_mean(text, names())))
    })
}

pub(super) fn jti() -> Kind<bool> {
    Kind::new("`true` or `false`", |text| {
        let something_else = |_| Refused::because("is something else");
        text.parse().map_err(something_else)
    })
}

/// RS256 and RS512 sign with a private key, and no other secret can be one.
fn check_key(field: &Field<'_>, algorithm: Algorithm, secret: &SecretString) -> Option<()> {
    let secret = secret.expose_secret();
    let signs_with_key = matches!(algorithm, Algorithm::Rs256 | Algorithm::Rs512);
    let allowed = "for `RS256` and `RS512`, an RSA private key in PEM";
    match (signs_with_key, is_private_key(secret)) {
        (true, false) => field.refuse("is not a private key", allowed, None),
        (true, true) if EncodingKey::from_rsa_pem(secret.as_bytes()).is_err() => {
            field.refuse("is not a readable private key", allowed, None);
        }
        (false, true) => {
            let message = "is a private key, but signs as a plain secret";
            let hint = "set `algorithm` to `RS256` or `RS512`";
            field.warning(format!("{} {message}", field.name()), Some(hint));
            return Some(());
        }
        _ => return Some(()),
    }
    None
}
