//! One account from the environment, for those who need no file.

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

/// `accounts` as if the file had said it; every value keeps the name of its variable.
pub(super) fn accounts(
    variable: impl Fn(&str) -> Option<OsString>,
    findings: &Findings,
) -> Option<Node> {
    let mut given = Vec::new();
    for (name, key) in VARIABLES {
        match variable(name).map(OsString::into_string) {
            None => {}
            Some(Ok(text)) if text.trim().is_empty() => {}
            Some(Ok(text)) => given.push((name, key, text)),
            Some(Err(_)) => {
                let message = format!("`{name}` is not UTF-8; allowed: text");
                findings.error(Place::Variable(name), message, None);
                given.push((name, key, String::new()));
            }
        }
    }
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

fn list_of_one(given: Vec<(&'static str, &'static str, String)>) -> Node {
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
