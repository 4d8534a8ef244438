//! Configuration: as written → validated. A [`Config`] that exists is valid.
//!
//! Read from a YAML file; where that has no `accounts`, one account comes from the environment. A flag beats the file,
//! the file beats the environment. Every problem is reported, not the first alone, and no message ever holds a secret.
//! Not here: asking the vendor whether the credentials are any good, and creating what the configuration names.
//! Called by the command line; the rooms that do the work are handed their part of a [`Config`].
//!
//! Every key is one line of `keys`; of what it says there everything else follows. In reading order: `node` (YAML as
//! written), `field` (values and their names), `kind` (how single values are read), `table` (what a key is), `keys`,
//! `rules` and `credentials` (what must hold between keys), `structure` (unknown, repeated and misplaced keys), [`page`]
//! (documentation).

mod auth;
mod authority;
mod base_url;
mod credentials;
mod database_url;
mod environment;
mod field;
mod fixed;
mod interface;
mod invisible;
mod keys;
mod kind;
pub(crate) mod listen;
mod live;
mod node;
mod output;
pub mod page;
mod problem;
mod proxy;
mod reconcile;
mod rules;
mod secret;
mod span;
mod spelling;
mod storage;
mod structure;
mod table;
#[cfg(test)]
mod tests;
pub(crate) mod token;
pub mod web_file;
mod windows;
mod zone;

pub use auth::{Algorithm, Auth};
pub use authority::Authorities;
pub use base_url::is_loopback;
pub use database_url::DatabaseUrl;
pub use fixed::Fixed;
pub use interface::CallDetails;
pub use keys::{
    Account, AccountTargets, Alerts, Config, Events, Live, Metrics, Poll, Reconcile,
    TargetsOverride, Web,
};
pub use live::Choice;
pub use output::Output;
pub use problem::{Invalid, Place, Problem, one_line};
pub use proxy::passed_over as proxies_passed_over;
pub use rules::VENDOR_REQUESTS_PER_MINUTE;
pub use secret::Secret;
pub use span::as_written;
pub use storage::Storage;
pub use windows::RecentWindow;
pub use zone::from_flag as time_zone;

use field::Field;
use node::{Entry, Node, Value};
use problem::Findings;
use secrecy::zeroize::Zeroizing;
use std::ffi::OsString;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use table::Table;

/// A configuration of a megabyte is no configuration.
const LARGEST: u64 = 1024 * 1024;

/// What the command line says about the configuration.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// `--config.file`
    pub file: Option<PathBuf>,
    /// `--web.listen-address`
    pub listen_address: Option<SocketAddr>,
}

/// Reads, validates and joins flags, file and environment; the warnings stand beside the configuration.
///
/// `variable` is the environment: `std::env::var_os`, or a test's.
///
/// # Errors
/// Everything that is wrong, in the order of the file.
pub fn load(
    flags: &Flags,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<(Config, Vec<Problem>), Invalid> {
    let findings = Findings::default();
    proxy::check(&variable, &findings);
    let written = read(flags.file.as_deref(), &findings);
    let config = written.and_then(|written| validate(written, variable, &findings));
    let (mut config, warnings) = finish(flags, config, findings)?;
    config.web.listen_address = flags.listen_address.unwrap_or(config.web.listen_address);
    Ok((config, warnings))
}

/// Validates a configuration that is at hand, with no environment.
///
/// # Errors
/// As [`load`].
#[cfg(any(test, fuzzing))]
pub(crate) fn of_text(text: &str) -> Result<(Config, Vec<Problem>), Invalid> {
    let findings = Findings::default();
    let refuse = |problem: Problem| findings.error(problem.place, problem.message, problem.hint);
    let written = node::parse(text).map_err(refuse).ok();
    let config = written.and_then(|written| validate(written, |_| None, &findings));
    let flags = Flags {
        file: None,
        listen_address: None,
    };
    finish(&flags, config, findings)
}

/// The listen address alone, for those who only want to ask at it: whatever else is wrong stays unsaid.
///
/// # Errors
/// The file cannot be read, or its listen address is none.
pub fn listen_address(flags: &Flags) -> Result<SocketAddr, Invalid> {
    if let Some(address) = flags.listen_address {
        return Ok(address);
    }
    let findings = Findings::default();
    let web = read(flags.file.as_deref(), &findings).and_then(|written| {
        let web = Field::root(&written, &findings).at("web");
        structure::check(&web, &Web::keys());
        Web::read(&web)
    });
    finish(flags, web, findings).map(|(web, _)| web.listen_address)
}

/// What was read, and the warnings; or all that is wrong.
fn finish<T>(
    flags: &Flags,
    read: Option<T>,
    findings: Findings,
) -> Result<(T, Vec<Problem>), Invalid> {
    let (problems, warnings) = findings.in_order();
    match read {
        Some(read) if problems.is_empty() => Ok((read, warnings)),
        _ => Err(Invalid {
            file: flags.file.clone(),
            problems,
            warnings,
        }),
    }
}

/// The environment describes an account for a file that has none, and the storage where the file leaves it open.
fn validate(
    mut written: Node,
    variable: impl Fn(&str) -> Option<OsString>,
    findings: &Findings,
) -> Option<Config> {
    if let Value::Null(_) = written.value {
        written.value = Value::Map(Vec::new());
    }
    let has_accounts = Field::root(&written, findings).at("accounts").is_written();
    if let Value::Map(entries) = &mut written.value
        && !has_accounts
        && let Some(node) = environment::accounts(&variable, findings)
    {
        entries.retain(|entry| entry.key != "accounts");
        entries.push(Entry {
            key: "accounts".to_owned(),
            is_text: true,
            place: node.place,
            node,
        });
    }
    let storage = Field::root(&written, findings).at("storage");
    let of_storage = environment::storage(variable, &storage, findings);
    add(&mut written, "storage", of_storage);
    let root = Field::root(&written, findings);
    structure::check(&root, &Config::keys());
    root.is_mapping().then(|| Config::read(&root))?
}

/// Adds entries to a section, which need not be there; where something else than a section is, that is what is wrong.
fn add(written: &mut Node, section: &str, added: Vec<Entry>) {
    let Value::Map(entries) = &mut written.value else {
        return;
    };
    let Some(first) = added.first() else { return };
    let (place, key) = (first.place, section.to_owned());
    match entries.iter_mut().find(|entry| entry.key == section) {
        Some(entry) => match &mut entry.node.value {
            Value::Map(entries) => entries.extend(added),
            value @ Value::Null(_) => *value = Value::Map(added),
            Value::List(_) | Value::Scalar(_) => {}
        },
        None => entries.push(Entry {
            key,
            is_text: true,
            place,
            node: Node {
                place,
                value: Value::Map(added),
            },
        }),
    }
}

/// The file as written; nothing at all where there is no file.
fn read(file: Option<&Path>, findings: &Findings) -> Option<Node> {
    let Some(file) = file else {
        return Some(Node {
            place: Place::Unknown,
            value: Value::Null(String::new()),
        });
    };
    let refuse = |problem: Problem| findings.error(problem.place, problem.message, problem.hint);
    match text(file) {
        Ok(text) => node::parse(&text).map_err(refuse).ok(),
        Err(message) => {
            findings.error(Place::Unknown, message, None);
            None
        }
    }
}

fn text(file: &Path) -> Result<Zeroizing<String>, String> {
    let unreadable = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => "there is no such file".to_owned(),
        ErrorKind::InvalidData => "the file is not UTF-8; allowed: YAML in UTF-8".to_owned(),
        _ => format!("the file cannot be read: {error}"),
    };
    // As large as it may become, so that no copy of a secret in it is left behind; and overwritten at the end.
    let mut text = Zeroizing::new(String::with_capacity(LARGEST as usize + 64));
    let file = File::open(file).map_err(unreadable)?;
    file.take(LARGEST + 1)
        .read_to_string(&mut text)
        .map_err(unreadable)?;
    match text.len() as u64 {
        ..=LARGEST => Ok(text),
        _ => Err(format!(
            "the file is too large; allowed: at most {LARGEST} bytes"
        )),
    }
}
