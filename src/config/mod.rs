//! Configuration: as written → validated. A [`Config`] that exists is valid.
//!
//! Read from a YAML file; where that has no `accounts`, one account comes from the environment. A flag beats the file,
//! the file beats the environment. Every problem is reported, not the first alone, and no message ever holds a secret.
//! Not here: asking the vendor whether the credentials are any good, and creating what the configuration names.
//! Called by the command line; the rooms that do the work are handed their part of a [`Config`].
//!
//! Every key is one line of `keys`; of what it says there everything else follows. In reading order: `node` (YAML as
//! written), `field` (values and their names), `kind` (how single values are read), `table` (what a key is), `keys`,
//! `rules` (what must hold between keys), `structure` (unknown, repeated and misplaced keys), [`page`] (documentation).

mod auth;
mod base_url;
mod environment;
mod field;
mod keys;
mod kind;
pub mod listen;
mod node;
pub mod page;
mod problem;
mod rules;
pub mod secret;
mod structure;
mod table;
#[cfg(test)]
mod tests;
mod windows;
mod zone;

pub use auth::{Algorithm, Auth};
pub use base_url::is_loopback;
pub use keys::{Account, Config, Metrics, Poll, Storage, Targets, TargetsOverride, Web};
pub use problem::{Invalid, Place, Problem};
pub use windows::Window;

use field::{Field, Section};
use node::{Entry, Node, Value};
use problem::Findings;
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
    let mut findings = Findings::default();
    let written = read(flags.file.as_deref(), &mut findings);
    let config = written.and_then(|written| validate(written, variable, &mut findings));
    match config {
        Some(mut config) if findings.errors.is_empty() => {
            config.web.listen_address = flags.listen_address.unwrap_or(config.web.listen_address);
            findings.warnings.sort_by_key(|problem| problem.place);
            Ok((config, findings.warnings))
        }
        _ => Err(invalid(flags, findings)),
    }
}

/// The listen address alone, for those who only want to ask at it: whatever else is wrong stays unsaid.
///
/// # Errors
/// The file cannot be read, or its listen address is none.
pub fn listen_address(flags: &Flags) -> Result<SocketAddr, Invalid> {
    if let Some(address) = flags.listen_address {
        return Ok(address);
    }
    let mut findings = Findings::default();
    let web = read(flags.file.as_deref(), &mut findings).and_then(|written| {
        let web = root(&written).section("web");
        if let Some(field) = &web.field {
            structure::check(field, &Web::keys(), &mut findings);
        }
        Web::read(&web, &mut findings)
    });
    match web {
        Some(web) if findings.errors.is_empty() => Ok(web.listen_address),
        _ => Err(invalid(flags, findings)),
    }
}

fn invalid(flags: &Flags, mut findings: Findings) -> Invalid {
    findings.errors.sort_by_key(|problem| problem.place);
    Invalid {
        file: flags.file.clone(),
        problems: findings.errors,
        warnings: findings.warnings,
    }
}

fn root(written: &Node) -> Section<'_> {
    let field = Field {
        path: String::new(),
        node: written,
    };
    Section {
        path: String::new(),
        field: Some(field),
    }
}

/// The environment describes an account for a file that has none.
fn validate(
    mut written: Node,
    variable: impl Fn(&str) -> Option<OsString>,
    findings: &mut Findings,
) -> Option<Config> {
    if let Value::Null(_) = written.value {
        written.value = Value::Map(Vec::new());
    }
    if root(&written).field("accounts").is_none()
        && let Value::Map(entries) = &mut written.value
        && let Some(node) = environment::accounts(variable, findings)
    {
        entries.retain(|entry| entry.key != "accounts");
        entries.push(Entry {
            key: "accounts".to_owned(),
            is_text: true,
            place: node.place,
            node,
        });
    }
    let root = root(&written);
    if let Some(field) = &root.field {
        structure::check(field, &Config::keys(), findings);
        field.is_mapping().then_some(())?;
    }
    Config::read(&root, findings)
}

/// The file as written; nothing at all where there is no file.
fn read(file: Option<&Path>, findings: &mut Findings) -> Option<Node> {
    let Some(file) = file else {
        return Some(Node {
            place: Place::Unknown,
            value: Value::Null(String::new()),
        });
    };
    let unreadable = |message| Problem {
        place: Place::Unknown,
        message,
        hint: None,
    };
    let text = text(file).map_err(unreadable);
    match text.and_then(|text| node::parse(&text)) {
        Ok(node) => Some(node),
        Err(problem) => {
            findings.errors.push(problem);
            None
        }
    }
}

fn text(file: &Path) -> Result<String, String> {
    let unreadable = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => "there is no such file".to_owned(),
        ErrorKind::InvalidData => "the file is not UTF-8; allowed: YAML in UTF-8".to_owned(),
        _ => format!("the file cannot be read: {error}"),
    };
    let mut text = String::new();
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
