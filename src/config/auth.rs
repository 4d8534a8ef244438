//! `auth`: how tokens come about. Nothing found here is quoted in a message, for any of it might be a secret.

use super::field::{Section, listed};
use super::keys::AuthKeys;
use super::kind::{Kind, Refused};
use super::problem::Findings;
use super::secret::is_private_key;
use super::structure::nearest;
use super::table::{Inside, Key, Row, Table, mapping_of};
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

/// Keys by which people ask for encryption; they get an answer of their own.
const ENCRYPTION_KEYS: [&str; 8] = [
    "jwe",
    "encryption",
    "encrypt",
    "encrypted",
    "enc",
    "encryption_key",
    "encryption_algorithm",
    "payload_encryption",
];
/// Beginnings of the names of JWE algorithms, in upper case.
const ENCRYPTION_ALGORITHMS: [&str; 7] =
    ["JWE", "RSA-OAEP", "RSA1_5", "ECDH-ES", "PBES2", "A", "DIR"];
/// The longest algorithm name there is has 18 characters; anything longer is something else, perhaps the secret.
const LONGEST_ALGORITHM: usize = 18;
const UNSUPPORTED: &str = "encrypted tokens (JWE) and encrypted payloads are not supported";
const UNSUPPORTED_HINT: &str = "switch encryption off in the app's settings, and remove the key";

pub(super) fn row() -> Row<Auth> {
    let mut keys = AuthKeys::keys();
    let allowed = mapping_of(&keys);
    keys.extend(ENCRYPTION_KEYS.map(Key::hidden));
    Row {
        inside: Inside::Section(keys),
        take: Box::new(move |account, key, findings| {
            let section = account.section(key);
            match &section.field {
                None => account.missing(key, &allowed, findings),
                Some(field) if !field.is_mapping() => {}
                Some(_) => return read(&section, findings),
            }
            None
        }),
    }
}

fn read(section: &Section<'_>, findings: &mut Findings) -> Option<Auth> {
    for key in ENCRYPTION_KEYS {
        if let Some(field) = section.field(key) {
            let message = format!(
                "{} asks for encryption; {UNSUPPORTED}; allowed: signed tokens",
                field.name()
            );
            findings.error(field.place(), message, Some(UNSUPPORTED_HINT.to_owned()));
        }
    }
    let written = AuthKeys::read(section, findings);
    let source = source(section, findings)?;
    let written = written?;
    if source == "token_file" {
        warn_of_idle_keys(section, findings);
        return Some(Auth::TokenFile(written.token_file?));
    }
    if section.field("client_id").is_none() {
        section.missing("client_id", "text that is not empty", findings);
    }
    let secret = written.client_secret.or(written.client_secret_file)?;
    check_key(section, source, written.algorithm, &secret, findings)?;
    Some(Auth::Mint {
        client_id: written.client_id?,
        secret,
        algorithm: written.algorithm,
        jti: written.jti,
    })
}

/// Which one of the three is written; none and several are refused.
fn source(section: &Section<'_>, findings: &mut Findings) -> Option<&'static str> {
    let is_written = |key: &&str| section.field(key).is_some();
    let written: Vec<_> = SOURCES.into_iter().filter(is_written).collect();
    let found = match written.as_slice() {
        [source] => return Some(source),
        [] => "none".to_owned(),
        several => listed(several.iter().copied()),
    };
    let sources = listed(SOURCES);
    let message = format!(
        "`{}` has {found}; allowed: exactly one of {sources}",
        section.path
    );
    findings.error(section.place(), message, None);
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
        let near = nearest(text, names());
        let hint = near.map(|near| format!("did you mean `{near}`?"));
        Err(Refused::because(format!("is `{text}`")).hint(hint))
    })
}

pub(super) fn jti() -> Kind<bool> {
    Kind::new("`true` or `false`", |text| {
        let something_else = |_| Refused::because("is something else");
        text.parse().map_err(something_else)
    })
}

/// RS256 and RS512 sign with a private key, and no other secret can be one.
fn check_key(
    section: &Section<'_>,
    source: &str,
    algorithm: Algorithm,
    secret: &SecretString,
    findings: &mut Findings,
) -> Option<()> {
    let field = section.field(source)?;
    let signs_with_key = matches!(algorithm, Algorithm::Rs256 | Algorithm::Rs512);
    match (signs_with_key, is_private_key(secret.expose_secret())) {
        (true, false) => {
            let allowed = "for `RS256` and `RS512`, an RSA private key in PEM";
            field.refuse("not a private key", allowed, None, findings);
            return None;
        }
        (false, true) => {
            let message = format!(
                "{} is a private key, but signs as a plain secret",
                field.name()
            );
            let hint = "set `algorithm` to `RS256` or `RS512`".to_owned();
            findings.warning(field.place(), message, Some(hint));
        }
        _ => {}
    }
    Some(())
}

/// A token from a file is sent as it is.
fn warn_of_idle_keys(section: &Section<'_>, findings: &mut Findings) {
    for key in ["client_id", "algorithm", "jti"] {
        if let Some(field) = section.field(key) {
            let message = format!("{} has no effect beside `token_file`", field.name());
            findings.warning(field.place(), message, None);
        }
    }
}
