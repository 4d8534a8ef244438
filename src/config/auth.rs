//! `auth`: how tokens come about. Nothing found here is quoted in a message, for any of it might be a secret.

use super::field::listed;
use super::kind::{Kind, Refused};
use super::secret::Secret;
use super::spelling::did_you_mean;
use std::path::PathBuf;

#[derive(Debug, Clone, PartialEq)]
pub enum Auth {
    /// Tokens minted from the client secret (HS256, HS512) or private key (RS256, RS512).
    Mint {
        client_id: String,
        secret: Secret,
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
