//! What the environment says: one account, for those who need no file; and the storage, beside any file.

use super::field::Field;
use super::node::{Entry, Node, Value};
use super::problem::{Findings, Place};
use std::ffi::OsString;

/// Its `account` label.
pub(super) const NAME: &str = "default";

const URL: &str = "SMARTASSIST_URL";
const CLIENT_SECRET: &str = "SMARTASSIST_CLIENT_SECRET";
const CLIENT_SECRET_FILE: &str = "SMARTASSIST_CLIENT_SECRET_FILE";

/// Each variable, and the key of an account that it stands for.
pub(super) const VARIABLES: [(&str, &str); 6] = [
    (URL, "url"),
    ("SMARTASSIST_ACCOUNT_ID", "account_id"),
    ("SMARTASSIST_STREAM_ID", "stream_id"),
    ("SMARTASSIST_CLIENT_ID", "auth.client_id"),
    (CLIENT_SECRET, "auth.client_secret"),
    (CLIENT_SECRET_FILE, "auth.client_secret_file"),
];

const STORAGE_URL: &str = "SMARTASSIST_STORAGE_URL";
const STORAGE_PASSWORD: &str = "SMARTASSIST_STORAGE_PASSWORD";
const STORAGE_PASSWORD_FILE: &str = "SMARTASSIST_STORAGE_PASSWORD_FILE";
/// As every program that speaks to PostgreSQL takes it.
const PGPASSWORD: &str = "PGPASSWORD";

/// The same of `storage`; the last one only for who has no password otherwise.
pub(super) const STORAGE: [(&str, &str); 4] = [
    (STORAGE_URL, "url"),
    (STORAGE_PASSWORD, "password"),
    (STORAGE_PASSWORD_FILE, "password_file"),
    (PGPASSWORD, "password"),
];

/// Variables that are set, each with its key and what it says.
type Given = Vec<(&'static str, &'static str, String)>;

fn given(
    variables: &[(&'static str, &'static str)],
    variable: impl Fn(&str) -> Option<OsString>,
    findings: &Findings,
) -> Given {
    let mut given = Vec::new();
    for (name, key) in variables {
        match variable(name).map(OsString::into_string) {
            None => {}
            Some(Ok(text)) if text.trim().is_empty() => {}
            Some(Ok(text)) => given.push((*name, *key, text)),
            Some(Err(_)) => {
                let message = format!("`{name}` is not UTF-8; allowed: text");
                findings.error(Place::Variable(name), message, None);
                given.push((*name, *key, String::new()));
            }
        }
    }
    given
}

/// What the environment adds to `storage`, which is written in the file or not. The file beats it key by key.
pub(super) fn storage(
    variable: impl Fn(&str) -> Option<OsString>,
    written: &Field<'_>,
    findings: &Findings,
) -> Vec<Entry> {
    let is_written = |key| written.at(key).is_written();
    let mut given = given(&STORAGE, variable, findings);
    let is_given = |given: &Given, name| given.iter().any(|(given, _, _)| *given == name);
    if is_written("path") && !is_written("url") && is_given(&given, STORAGE_URL) {
        let message = format!("`{STORAGE_URL}` has no effect beside `storage.path`");
        findings.warning(Place::Variable(STORAGE_URL), message, None);
    }
    given.retain(|(_, key, _)| match *key {
        "url" => !is_written("url") && !is_written("path"),
        _ => !is_written("password") && !is_written("password_file"),
    });
    if is_given(&given, STORAGE_PASSWORD) && is_given(&given, STORAGE_PASSWORD_FILE) {
        let message = format!(
            "both are set; allowed: one of `{STORAGE_PASSWORD}`, `{STORAGE_PASSWORD_FILE}`"
        );
        findings.error(Place::Variable(STORAGE_PASSWORD), message, None);
        return Vec::new();
    }
    // It may be there for other programs.
    let has_url = is_written("url") || is_given(&given, STORAGE_URL);
    let has_own = [STORAGE_PASSWORD, STORAGE_PASSWORD_FILE].map(|name| is_given(&given, name));
    given.retain(|(name, _, _)| *name != PGPASSWORD || has_url && has_own == [false; 2]);
    let entries = given.into_iter();
    entries
        .map(|(name, key, text)| entry(key, name, Value::Scalar(text.into())))
        .collect()
}

/// `accounts` as if the file had said it; every value keeps the name of its variable.
pub(super) fn accounts(
    variable: impl Fn(&str) -> Option<OsString>,
    findings: &Findings,
) -> Option<Node> {
    let given = given(&VARIABLES, variable, findings);
    if given.is_empty() {
        let message = format!(
            "no account is configured; allowed: `accounts` in the file of `--config.file`, or `{URL}` and its like in the environment"
        );
        let hint = "`smartassist-exporter demo` needs no account".to_owned();
        findings.error(Place::Unknown, message, Some(hint));
        return None;
    }
    let is_given = |name: &str| given.iter().any(|(given, _, _)| *given == name);
    for (name, key) in VARIABLES {
        if !key.starts_with("auth.client_secret") && !is_given(name) {
            let message = format!("`{name}` is missing; allowed: text that is not empty");
            findings.error(Place::Variable(name), message, None);
        }
    }
    let found = match (is_given(CLIENT_SECRET), is_given(CLIENT_SECRET_FILE)) {
        (true, true) => Some("both are"),
        (false, false) => Some("neither is"),
        _ => None,
    };
    if let Some(found) = found {
        let message = format!(
            "{found} set; allowed: exactly one of `{CLIENT_SECRET}`, `{CLIENT_SECRET_FILE}`"
        );
        findings.error(Place::Variable(CLIENT_SECRET), message, None);
    }
    (!findings.are_errors()).then(|| list_of_one(given))
}

fn list_of_one(given: Given) -> Node {
    let mut account = vec![entry("name", URL, Value::Scalar(NAME.to_owned().into()))];
    let mut auth = Vec::new();
    for (variable, key, text) in given {
        let (entries, key) = match key.split_once('.') {
            Some((_, key)) => (&mut auth, key),
            None => (&mut account, key),
        };
        entries.push(entry(key, variable, Value::Scalar(text.into())));
    }
    account.push(entry("auth", URL, Value::Map(auth)));
    let account = Node {
        place: Place::Unknown,
        value: Value::Map(account),
    };
    Node {
        place: Place::Unknown,
        value: Value::List(vec![account]),
    }
}

fn entry(key: &str, variable: &'static str, value: Value) -> Entry {
    let place = Place::Variable(variable);
    Entry {
        key: key.to_owned(),
        is_text: true,
        place,
        node: Node { place, value },
    }
}
