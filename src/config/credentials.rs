//! What is made of `auth`: one source of tokens, with what belongs to it. Nothing found here is quoted in a message, for
//! any of it might be a secret.

use super::auth::{Algorithm, Auth};
use super::field::{Field, listed};
use super::keys::AuthKeys;
use super::secret::{Secret, is_private_key};
use super::table::{Makes, Table, mapping_of};
use super::token;
use jsonwebtoken::EncodingKey;
use secrecy::ExposeSecret;

const SOURCES: [&str; 3] = ["client_secret", "client_secret_file", "token_file"];

impl Makes<Auth> for AuthKeys {
    fn make(field: &Field<'_>) -> Option<Auth> {
        if !field.is_mapping() {
            if !field.is_written() {
                field.missing(&mapping_of(&AuthKeys::keys()));
            }
            return None;
        }
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
            let path = written.token_file?;
            if let Some((odd, hint)) = token::odd(&path) {
                let key = field.at(source);
                key.warning(format!("{} {odd}", key.name()), Some(hint));
            }
            return Some(Auth::TokenFile(path));
        }
        let client_id = field.at("client_id");
        if !client_id.is_written() {
            client_id.missing("text that is not empty");
        }
        let secret = written.client_secret.or(written.client_secret_file)?;
        let key = field.at(source);
        secret.warn_of_oddities(&key);
        check_key(&key, written.algorithm, &secret)?;
        Some(Auth::Mint {
            client_id: written.client_id?,
            secret,
            algorithm: written.algorithm,
            jti: written.jti,
        })
    }
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

/// RS256 and RS512 sign with a private key, and no other secret can be one.
fn check_key(field: &Field<'_>, algorithm: Algorithm, secret: &Secret) -> Option<()> {
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
