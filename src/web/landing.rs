//! The page at `/`, for people who open the port in a browser.

use super::status::{AccountStatus, State};
use jiff::Timestamp;
use std::fmt::Write;

const STYLE: &str = "\
:root{color-scheme:light dark;--line:#8884;--soft:color-mix(in srgb,CanvasText 65%,Canvas)}\
body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:4rem auto;padding:0 1.25rem}\
h1{font-size:1.5rem;font-weight:600;margin:0}\
h1 small{font-weight:400;color:var(--soft);margin-left:.5rem}\
p{margin:.5rem 0 1.5rem}\
table{border-collapse:collapse;width:100%;margin:0 0 1.5rem;font-variant-numeric:tabular-nums}\
th,td{text-align:left;padding:.5rem .75rem .5rem 0;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}\
th{font-weight:500;color:var(--soft);font-size:.875rem}\
td small{display:block;color:var(--soft)}\
.dot{display:inline-block;width:.6rem;height:.6rem;border-radius:50%;margin-right:.5rem}\
.current{background:#2e9e5b}.catching-up{background:#3b82c4}.waiting{background:#8888}.failing{background:#d64545}\
nav a{margin-right:1.25rem}\
a{color:LinkText;text-underline-offset:.2em}";

/// The whole document; every value in it is escaped.
pub(super) fn page(accounts: &[AccountStatus]) -> String {
    let rows: String = accounts.iter().map(row).collect();
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "<!doctype html>\n\
        <html lang=\"en\">\n\
        <head>\n\
        <meta charset=\"utf-8\">\n\
        <meta name=\"viewport\" content=\"width=device-width\">\n\
        <link rel=\"icon\" href=\"data:,\">\n\
        <title>SmartAssist exporter</title>\n\
        <style>{STYLE}</style>\n\
        </head>\n\
        <body>\n\
        <h1>SmartAssist exporter<small>{version}</small></h1>\n\
        <p>Every finished conversation of these contact centres, counted exactly once, for Prometheus.</p>\n\
        <table>\n\
        <thead><tr><th>Account<th>State<th>Last successful poll</tr></thead>\n\
        <tbody>\n{rows}</tbody>\n\
        </table>\n\
        <nav><a href=\"/metrics\">Metrics</a><a href=\"/-/ready\">Ready</a><a href=\"/-/healthy\">Healthy</a></nav>\n\
        </body>\n\
        </html>\n"
    )
}

fn row(account: &AccountStatus) -> String {
    let state = State::of(account);
    let class = match state {
        State::Failing => "failing",
        State::Waiting => "waiting",
        State::CatchingUp => "catching-up",
        State::Current => "current",
    };
    let error = account
        .last_error
        .as_ref()
        .map(|error| format!("<small>{}</small>", escaped(error)));
    format!(
        "<tr><td>{name}<td><span class=\"dot {class}\"></span>{words}{error}<td>{at}</tr>\n",
        name = escaped(&account.name),
        words = state.words(),
        error = error.unwrap_or_default(),
        at = account.last_success_s.map_or("none yet".to_owned(), utc),
    )
}

/// `2026-11-22 10:15:00 UTC`
fn utc(seconds: i64) -> String {
    match Timestamp::from_second(seconds) {
        Ok(time) => time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        Err(_) => "unknown".to_owned(),
    }
}

/// Text that is text wherever it stands.
fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' | '<' | '>' | '"' | '\'' => {
                write!(html, "&#{};", u32::from(character)).unwrap_or_default()
            }
            _ => html.push(character),
        }
    }
    html
}
