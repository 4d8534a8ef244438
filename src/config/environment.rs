//! One account from the environment, for those who need no file.

use super::node::{Entry, Node, Value};
use super::problem::{Findings, Place};
use std::ffi::OsString;

/// Its `account` label.
const NAME: &str = "default";

const URL: &str = "SMARTASSIST_URL";
const ACCOUNT_ID: &str = "SMARTASSIST_ACCOUNT_ID";
const STREAM_ID: &str = "SMARTASSIST_STREAM_ID";
const CLIENT_ID: &str = "SMARTASSIST_CLIENT_ID";
const CLIENT_SECRET: &str = "SMARTASSIST_CLIENT_SECRET";
const CLIENT_SECRET_FILE: &str = "SMARTASSIST_CLIENT_SECRET_FILE";

/// `accounts` as if the file had said it; every value keeps the name of its variable.
pub(super) fn accounts(
    variable: impl Fn(&str) -> Option<OsString>,
    findings: &mut Findings,
) -> Option<Node> {
    let mut read = |name: &'static str| match variable(name)?.into_string() {
        Ok(text) => (!text.trim().is_empty()).then(|| scalar(name, text)),
        Err(_) => {
            findings.error(
                Place::Variable(name),
                format!("`{name}` is no UTF-8; allowed: text"),
                None,
            );
            Some(scalar(name, NAME.to_owned()))
        }
    };
    let address = [
        ("url", URL),
        ("account_id", ACCOUNT_ID),
        ("stream_id", STREAM_ID),
    ]
    .map(|(k, v)| (k, v, read(v)));
    let client_id = read(CLIENT_ID);
    let secrets = [
        ("client_secret", CLIENT_SECRET),
        ("client_secret_file", CLIENT_SECRET_FILE),
    ]
    .map(|(k, v)| (k, v, read(v)));

    let given = address
        .iter()
        .chain(&secrets)
        .filter(|(_, _, node)| node.is_some())
        .count();
    if given == 0 && client_id.is_none() {
        let message = format!(
            "no account is configured; allowed: `accounts` in the file of `--config.file`, or `{URL}` and its like in the environment"
        );
        let hint = "`smartassist-exporter demo` needs no account".to_owned();
        findings.error(Place::Unknown, message, Some(hint));
        return None;
    }
    let missing = address
        .iter()
        .filter(|(_, _, node)| node.is_none())
        .map(|(_, name, _)| *name);
    for name in missing.chain(client_id.is_none().then_some(CLIENT_ID)) {
        let message = format!("`{name}` is missing; allowed: text that is not empty");
        findings.error(Place::Variable(name), message, None);
    }
    let one = secrets.iter().filter(|(_, _, node)| node.is_some()).count();
    if one != 1 {
        let found = if one == 0 { "neither is" } else { "both are" };
        let message = format!(
            "{found} set; allowed: exactly one of `{CLIENT_SECRET}`, `{CLIENT_SECRET_FILE}`"
        );
        findings.error(Place::Variable(CLIENT_SECRET), message, None);
    }
    if !findings.errors.is_empty() {
        return None;
    }
    let auth = [("client_id", CLIENT_ID, client_id)]
        .into_iter()
        .chain(secrets);
    let auth = ("auth", CLIENT_ID, Some(mapping(auth)));
    let name = ("name", URL, Some(scalar(URL, NAME.to_owned())));
    let account = mapping([name].into_iter().chain(address).chain([auth]));
    Some(Node {
        place: Place::Unknown,
        value: Value::List(vec![account]),
    })
}

fn scalar(name: &'static str, text: String) -> Node {
    Node {
        place: Place::Variable(name),
        value: Value::Scalar(text),
    }
}

fn mapping(entries: impl Iterator<Item = (&'static str, &'static str, Option<Node>)>) -> Node {
    let entry = |(key, name, node): (&str, _, Option<Node>)| {
        Some(Entry {
            key: key.to_owned(),
            place: Place::Variable(name),
            node: node?,
        })
    };
    Node {
        place: Place::Unknown,
        value: Value::Map(entries.filter_map(entry).collect()),
    }
}
