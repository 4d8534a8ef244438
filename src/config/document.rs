//! The whole file: its sections, their defaults, and what must hold between them.

use super::node::{Node, Value};
use super::problem::{Findings, Place};
use super::scalar::quoted;
use super::section::{Field, Section};
use super::{Account, Config, Metrics, Poll, Storage, Web, Window, account, listen};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

pub(super) const KEYS: [&str; 5] = ["accounts", "poll", "metrics", "storage", "web"];
pub(super) const POLL_KEYS: [&str; 5] = [
    "interval",
    "settle",
    "revisit",
    "initial_lookback",
    "max_lookback",
];
pub(super) const METRICS_KEYS: [&str; 5] = [
    "windows",
    "zero_first",
    "max_series_per_metric",
    "per_agent",
    "direction",
];
pub(super) const STORAGE_KEYS: [&str; 1] = ["path"];
pub(super) const WEB_KEYS: [&str; 1] = ["listen_address"];

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);
/// Each window holds its recent conversations in memory and has its own series for every queue.
const MOST_WINDOWS: usize = 16;

/// `written` is the file; `environment` describes an account, for a file that has none.
pub(super) fn read(
    written: &Node,
    environment: impl FnOnce(&mut Findings) -> Option<Node>,
    findings: &mut Findings,
) -> Option<Config> {
    let root = Field {
        path: String::new(),
        node: written,
    };
    let document = Section::open("", Some(&root), &KEYS, findings);
    if !matches!(written.value, Value::Null | Value::Map(_)) {
        return None;
    }
    let accounts = match document.field("accounts") {
        Some(field) => account::read_all(&field, findings),
        None => from_environment(environment, findings),
    };
    let open = |key, keys: &[&str], findings: &mut Findings| {
        Section::open(key, document.field(key).as_ref(), keys, findings)
    };
    let poll = read_poll(&open("poll", &POLL_KEYS, findings), findings);
    let metrics = read_metrics(&open("metrics", &METRICS_KEYS, findings), &poll, findings);
    let storage = read_storage(&open("storage", &STORAGE_KEYS, findings), findings);
    let listen_address = listen_address(&document, findings);
    findings.errors.is_empty().then_some(Config {
        accounts,
        poll,
        metrics,
        storage,
        web: Web { listen_address },
    })
}

/// The listen address alone: all else of the file may be wrong.
pub(super) fn read_listen_address(written: &Node, findings: &mut Findings) -> SocketAddr {
    let root = Field {
        path: String::new(),
        node: written,
    };
    let document = Section::open("", Some(&root), &KEYS, &mut Findings::default());
    listen_address(&document, findings)
}

fn from_environment(
    environment: impl FnOnce(&mut Findings) -> Option<Node>,
    findings: &mut Findings,
) -> Vec<Account> {
    let Some(node) = environment(findings) else {
        return Vec::new();
    };
    account::read_all(
        &Field {
            path: "accounts".to_owned(),
            node: &node,
        },
        findings,
    )
}

fn read_poll(section: &Section<'_>, findings: &mut Findings) -> Poll {
    let revisit = section.field("revisit").and_then(|field| {
        field.number(
            "a number above 0, at most 0.9",
            |revisit| revisit > 0.0 && revisit <= 0.9,
            findings,
        )
    });
    let max_lookback = section.duration("max_lookback", 7 * DAY, SECOND, findings);
    // A short `max_lookback` alone shortens the first look back with it.
    let initial_lookback = section.duration(
        "initial_lookback",
        DAY.min(max_lookback),
        Duration::ZERO,
        findings,
    );
    if let Some(field) = section.field("initial_lookback")
        && initial_lookback > max_lookback
    {
        let most = section
            .field("max_lookback")
            .map_or("`7d`".to_owned(), |field| field.found());
        let allowed = format!("at most `poll.max_lookback`, which is {most}");
        field.refuse(&field.found(), &allowed, None, findings);
    }
    Poll {
        interval: section.duration("interval", Duration::from_secs(30), SECOND, findings),
        settle: section.duration("settle", Duration::from_secs(30), Duration::ZERO, findings),
        revisit: revisit.unwrap_or(0.25),
        initial_lookback,
        max_lookback,
    }
}

fn read_metrics(section: &Section<'_>, poll: &Poll, findings: &mut Findings) -> Metrics {
    let windows = match section.field("windows") {
        Some(field) => read_windows(&field, findings),
        None => [("15m", 15 * MINUTE), ("1h", HOUR), ("24h", DAY)]
            .map(|(label, length)| Window {
                label: label.to_owned(),
                length,
            })
            .to_vec(),
    };
    warn_of_long_windows(section, &windows, poll, findings);
    let most = section.whole("max_series_per_metric", 2000, 1, findings);
    Metrics {
        windows,
        zero_first: section.duration("zero_first", 2 * MINUTE, Duration::ZERO, findings),
        max_series_per_metric: usize::try_from(most).unwrap_or(usize::MAX),
        per_agent: section.switch("per_agent", false, findings),
        direction: section.switch("direction", true, findings),
    }
}

fn read_windows(field: &Field<'_>, findings: &mut Findings) -> Vec<Window> {
    let allowed = format!("a list of 1 to {MOST_WINDOWS} durations, such as `[15m, 1h, 24h]`");
    let Value::List(items) = &field.node.value else {
        field.refuse_kind(&allowed, findings);
        return Vec::new();
    };
    if items.is_empty() || items.len() > MOST_WINDOWS {
        field.refuse(
            &format!("a list of {}", items.len()),
            &allowed,
            None,
            findings,
        );
    }
    let mut windows: Vec<Window> = Vec::new();
    for (at, node) in items.iter().enumerate() {
        let item = Field {
            path: format!("{}[{at}]", field.path),
            node,
        };
        let Some(length) = item.duration(SECOND, findings) else {
            continue;
        };
        let label = item
            .text(&allowed, findings)
            .unwrap_or_default()
            .trim()
            .to_owned();
        if let Some(same) = windows.iter().find(|window| window.length == length) {
            let found = format!("{}, as long as `{}`", quoted(&label), same.label);
            item.refuse(&found, "windows of different lengths", None, findings);
        }
        windows.push(Window { label, length });
    }
    windows
}

/// What is older than `max_lookback` is forgotten.
fn warn_of_long_windows(
    section: &Section<'_>,
    windows: &[Window],
    poll: &Poll,
    findings: &mut Findings,
) {
    let place = section
        .field("windows")
        .map_or(Place::Unknown, |field| field.place());
    for window in windows
        .iter()
        .filter(|window| window.length > poll.max_lookback)
    {
        let message = format!(
            "`{}` of `metrics.windows` is longer than `poll.max_lookback`",
            window.label
        );
        let back = humantime::format_duration(poll.max_lookback);
        findings.warning(
            place,
            message,
            Some(format!("it shows the last {back} only")),
        );
    }
}

fn read_storage(section: &Section<'_>, findings: &mut Findings) -> Storage {
    let path = section.field("path").and_then(|field| field.word(findings));
    Storage {
        path: PathBuf::from(path.unwrap_or("./data")),
    }
}

fn listen_address(document: &Section<'_>, findings: &mut Findings) -> SocketAddr {
    let section = Section::open("web", document.field("web").as_ref(), &WEB_KEYS, findings);
    let address = section.field("listen_address").and_then(|field| {
        let text = field.text(listen::ALLOWED, findings)?;
        let address = listen::parse(text);
        if address.is_none() {
            field.refuse(&quoted(text), listen::ALLOWED, None, findings);
        }
        address
    });
    address.unwrap_or(listen::DEFAULT)
}
