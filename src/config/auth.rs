//! `auth`: how tokens come about. Nothing found here is quoted in a message, for any of it might be a secret.

use super::node::{Entry, Value};
use super::problem::Findings;
use super::section::{Field, Section, listed};
use super::{Algorithm, Auth, secret, spelling};
use secrecy::{ExposeSecret, SecretString};
use std::path::PathBuf;

pub(super) const KEYS: [&str; 6] = [
    "client_id",
    "client_secret",
    "client_secret_file",
    "token_file",
    "algorithm",
    "jti",
];
const SOURCES: [&str; 3] = ["client_secret", "client_secret_file", "token_file"];
const ALGORITHMS: [&str; 4] = ["HS256", "HS512", "RS256", "RS512"];

/// Keys by which people ask for encryption.
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

pub(super) fn read(account: &Section<'_>, findings: &mut Findings) -> Option<Auth> {
    let Some(field) = account.field("auth") else {
        account.missing("auth", &format!("a mapping of {}", listed(&KEYS)), findings);
        return None;
    };
    let Value::Map(entries) = &field.node.value else {
        field.refuse_kind(&format!("a mapping of {}", listed(&KEYS)), findings);
        return None;
    };
    let keys = keys_and_encryption(&field, entries, findings);
    let section = Section::open(&field.path, Some(&field), &keys, findings);
    let algorithm = read_algorithm(&section, findings);
    let jti = match section.field("jti") {
        Some(field) => read_jti(&field, findings),
        None => Some(false),
    };
    match source(&section, findings)? {
        "token_file" => {
            warn_of_idle_keys(&section, findings);
            let path = path(&section, "token_file", findings)?;
            secret::check_file(&section.field("token_file")?, &path, findings)?;
            Some(Auth::TokenFile(path))
        }
        source => {
            let client_id = section.required("client_id", findings);
            let secret = read_secret(&section, source, findings);
            let (algorithm, secret) = (algorithm?, secret?);
            check_key(&section, source, algorithm, &secret, findings)?;
            Some(Auth::Mint {
                client_id: client_id?,
                secret,
                algorithm,
                jti: jti?,
            })
        }
    }
}

/// The known keys, and those for encryption that are written here: these get an answer of their own.
fn keys_and_encryption(
    field: &Field<'_>,
    entries: &[Entry],
    findings: &mut Findings,
) -> Vec<&'static str> {
    let mut keys = KEYS.to_vec();
    for entry in entries {
        let asked = ENCRYPTION_KEYS
            .iter()
            .find(|key| entry.key.eq_ignore_ascii_case(key));
        if let Some(key) = asked.filter(|key| !keys.contains(key)) {
            let message = format!(
                "`{}.{}` asks for encryption; {UNSUPPORTED}",
                field.path, entry.key
            );
            findings.error(entry.place, message, Some(UNSUPPORTED_HINT.to_owned()));
            keys.push(key);
        }
    }
    keys
}

const UNSUPPORTED: &str =
    "encrypted tokens (JWE) and encrypted payloads are not supported; allowed: signed tokens";
const UNSUPPORTED_HINT: &str = "switch encryption off in the app's settings, and remove the key";

/// Which one of the three is written; none and several are refused.
fn source(section: &Section<'_>, findings: &mut Findings) -> Option<&'static str> {
    let written: Vec<_> = SOURCES
        .into_iter()
        .filter(|key| section.field(key).is_some())
        .collect();
    let found = match written.as_slice() {
        [source] => return Some(source),
        [] => "none".to_owned(),
        several => listed(several),
    };
    let message = format!(
        "`{}` has {found}; allowed: exactly one of {}",
        section.path(),
        listed(&SOURCES)
    );
    findings.error(section.place(), message, None);
    None
}

fn read_algorithm(section: &Section<'_>, findings: &mut Findings) -> Option<Algorithm> {
    let Some(field) = section.field("algorithm") else {
        return Some(Algorithm::Hs256);
    };
    let allowed = listed(&ALGORITHMS);
    let text = field.text(&allowed, findings)?;
    match text {
        "HS256" => return Some(Algorithm::Hs256),
        "HS512" => return Some(Algorithm::Hs512),
        "RS256" => return Some(Algorithm::Rs256),
        "RS512" => return Some(Algorithm::Rs512),
        _ => {}
    }
    let name = text.to_ascii_uppercase();
    let plain = text.len() <= LONGEST_ALGORITHM
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_+".contains(&byte));
    let found = if plain {
        format!("`{text}`")
    } else {
        "no algorithm's name".to_owned()
    };
    if plain
        && ENCRYPTION_ALGORITHMS
            .iter()
            .any(|beginning| name.starts_with(beginning))
    {
        let message = format!("{} is {found}; {UNSUPPORTED} by {allowed}", field.name());
        findings.error(field.place(), message, Some(UNSUPPORTED_HINT.to_owned()));
    } else {
        let hint =
            spelling::nearest(text, &ALGORITHMS).map(|near| format!("did you mean `{near}`?"));
        field.refuse(&found, &allowed, hint, findings);
    }
    None
}

fn read_jti(field: &Field<'_>, findings: &mut Findings) -> Option<bool> {
    match &field.node.value {
        Value::Scalar(text) if text == "true" => Some(true),
        Value::Scalar(text) if text == "false" => Some(false),
        _ => {
            field.refuse("something else", "`true` or `false`", None, findings);
            None
        }
    }
}

fn path(section: &Section<'_>, key: &str, findings: &mut Findings) -> Option<PathBuf> {
    section.field(key)?.word(findings).map(PathBuf::from)
}

fn read_secret(
    section: &Section<'_>,
    source: &str,
    findings: &mut Findings,
) -> Option<SecretString> {
    let field = section.field(source)?;
    if source == "client_secret_file" {
        return secret::read_file(&field, &path(section, source, findings)?, findings);
    }
    let text = field.text("the secret as text", findings)?;
    match secret::read(text) {
        Ok(secret) => Some(secret),
        Err(flaw) => {
            let message = format!("{} {flaw}; allowed: a secret on one line", field.name());
            findings.error(field.place(), message, None);
            None
        }
    }
}

/// RS256 and RS512 sign with a private key, and no other secret can be one.
fn check_key(
    section: &Section<'_>,
    source: &str,
    algorithm: Algorithm,
    secret: &SecretString,
    findings: &mut Findings,
) -> Option<()> {
    let is_key = secret::is_private_key(secret.expose_secret());
    let field = section.field(source)?;
    match (algorithm, is_key) {
        (Algorithm::Rs256 | Algorithm::Rs512, false) => {
            field.refuse(
                "no private key",
                "for `RS256` and `RS512`, an RSA private key in PEM",
                None,
                findings,
            );
            None
        }
        (Algorithm::Hs256 | Algorithm::Hs512, true) => {
            let message = format!(
                "{} is a private key, but signs as a plain secret",
                field.name()
            );
            findings.warning(
                field.place(),
                message,
                Some("set `algorithm` to `RS256` or `RS512`".to_owned()),
            );
            Some(())
        }
        _ => Some(()),
    }
}

/// A token from a file is sent as it is.
fn warn_of_idle_keys(section: &Section<'_>, findings: &mut Findings) {
    for field in ["client_id", "algorithm", "jti"]
        .into_iter()
        .filter_map(|key| section.field(key))
    {
        findings.warning(
            field.place(),
            format!("{} has no effect beside `token_file`", field.name()),
            None,
        );
    }
}
