//! The page at `/`, for people who open the port in a browser.
//!
//! Its links are relative, so that it works below whatever path a proxy shows it at.

use super::html::{document, escaped};
use super::shelf::{BOARDS, Leaf, MANUAL};
use super::status::{AccountStatus, State};
use jiff::Timestamp;
use std::fmt::Write;
use std::sync::Arc;

const STYLE: &str = "\
:root{color-scheme:light dark;--line:#8884;--soft:color-mix(in srgb,CanvasText 68%,Canvas)}\
*{box-sizing:border-box}\
body{font:16px/1.5 system-ui,sans-serif;max-width:48rem;margin:0 auto;padding:3rem 1.25rem}\
h1{font-size:1.5rem;font-weight:600;margin:0}\
h1 small{font-weight:400;font-size:1rem;color:var(--soft);margin-left:.5rem;white-space:nowrap}\
h2{font-size:.875rem;font-weight:500;color:var(--soft);margin:0 0 .25rem}\
p{margin:.5rem 0 2rem}\
table{border-collapse:collapse;width:100%;margin:0 0 2rem;font-variant-numeric:tabular-nums}\
th,td{text-align:left;padding:.625rem 1rem .625rem 0;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:break-word}\
th{font-weight:500;color:var(--soft);font-size:.875rem;white-space:nowrap}\
td:first-child{font-weight:600;max-width:16rem}\
td:last-child{white-space:nowrap;padding-right:0}\
td small{display:block;color:var(--soft);line-height:1.4;margin-top:.125rem;max-width:28rem}\
code{font:.925em ui-monospace,monospace;overflow-wrap:anywhere}\
progress{display:block;width:100%;max-width:16rem;height:.5rem;margin:.5rem 0 .25rem;accent-color:#3b82c4}\
.dot{display:inline-block;width:.6rem;height:.6rem;border-radius:50%;margin-right:.5rem}\
.current{background:#2e9e5b}.catching-up{background:#3b82c4}.waiting{background:#8888}.failing{background:#d64545}\
p.notice{border-left:.25rem solid #d64545;padding-left:.75rem}\
nav{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:1.5rem}\
nav ul{list-style:none;margin:0;padding:0}\
nav a{display:inline-block;padding:.125rem 0}\
a{color:LinkText;text-underline-offset:.2em}\
@media(max-width:36rem){body{padding-top:1.5rem}thead{display:none}tr{display:block;padding:.625rem 0;border-bottom:1px solid var(--line)}\
td,td:last-child,td:first-child{display:block;border:0;padding:0 0 .25rem;max-width:none;white-space:normal}\
td[data-name]{font-size:.875rem}td[data-name]::before{content:attr(data-name) ' ';color:var(--soft)}nav{grid-template-columns:repeat(auto-fit,minmax(9rem,1fr))}}";

/// While the past is read for the first time somebody may be watching.
const REFRESH: &str = "<meta http-equiv=\"refresh\" content=\"10\">\n";

/// The whole document; every value in it is escaped.
pub(super) fn page(
    accounts: &[AccountStatus],
    elsewhere: &[(Arc<str>, Option<Arc<str>>)],
    notices: &[String],
    lists_abandoned: bool,
) -> String {
    let others = elsewhere.iter().map(other);
    let rows: String = accounts.iter().map(row).chain(others).collect();
    let share = match elsewhere.len() {
        0 => String::new(),
        others => format!(
            "<p>This one counts {} of {} accounts; all exporters that share the database together count every one.</p>\n",
            accounts.len(),
            accounts.len() + others
        ),
    };
    let notices: String = notices.iter().map(|it| notice(it)).collect();
    let moves = |account: &AccountStatus| State::of(&account.status) != State::Current;
    let refresh = if accounts.iter().any(moves) {
        REFRESH
    } else {
        ""
    };
    let mut live = vec![
        ("wall", "Wall"),
        ("runbooks", "Runbooks"),
        ("metrics", "Metrics"),
        ("-/ready", "Ready"),
        ("-/healthy", "Healthy"),
    ];
    if lists_abandoned {
        live.insert(1, ("abandoned", "Abandoned lately"));
    }
    let live = links(live);
    let shelf = |leaves: &'static [Leaf]| links(leaves.iter().map(|leaf| (leaf.path, leaf.title)));
    let body = format!(
        "<h1>SmartAssist exporter <small>{version}</small></h1>\n\
        <p>Every finished conversation of these contact centres, counted exactly once, for Prometheus.</p>\n\
        {notices}{share}\
        <table>\n\
        <thead><tr><th>Account<th>State<th>Last successful poll</tr></thead>\n\
        <tbody>\n{rows}</tbody>\n\
        </table>\n\
        <nav>\n\
        <div><h2>This exporter</h2><ul>{live}</ul></div>\n\
        <div><h2>Manual</h2><ul>{manual}</ul></div>\n\
        <div><h2>Boards to import into Grafana</h2><ul>{boards}</ul></div>\n\
        </nav>\n",
        version = env!("CARGO_PKG_VERSION"),
        manual = shelf(&MANUAL),
        boards = shelf(&BOARDS),
    );
    document("SmartAssist exporter", refresh, STYLE, &body)
}

fn links<'l>(links: impl IntoIterator<Item = (&'l str, &'l str)>) -> String {
    links
        .into_iter()
        .map(|(path, title)| format!("<li><a href=\"{path}\">{title}</a>"))
        .collect()
}

fn notice(words: &str) -> String {
    format!("<p class=\"notice\" role=\"status\">{}</p>\n", prose(words))
}

fn row(account: &AccountStatus) -> String {
    let status = &account.status;
    let state = State::of(status);
    let class = match state {
        State::Failing => "failing",
        State::Waiting => "waiting",
        State::CatchingUp => "catching-up",
        State::Current => "current",
    };
    let mut details = String::new();
    if let Some(error) = &status.failure {
        write!(details, "<small>{}</small>", prose(error)).unwrap_or_default();
    }
    if let Some(reading) = status.first_reading {
        write!(
            details,
            "<progress max=\"{}\" value=\"{}\"></progress><small>first reading: {reading}; counters show once it is done</small>",
            reading.of_s, reading.read_s
        )
        .unwrap_or_default();
    }
    for (source, said) in &account.live {
        let source = source.as_str();
        write!(
            details,
            "<small>queue now, <code>{source}</code>: {}</small>",
            prose(said)
        )
        .unwrap_or_default();
    }
    let at = status.last_success_s.map_or("none yet".to_owned(), utc);
    format!(
        "<tr><td>{name}<td><span class=\"dot {class}\"></span>{words}{details}<td data-name=\"last successful poll\">{at}</tr>\n",
        name = escaped(&account.name),
        words = state.words(),
    )
}

/// An account that is counted elsewhere.
fn other((name, holder): &(Arc<str>, Option<Arc<str>>)) -> String {
    let words = match holder {
        Some(holder) => format!("counted by <code>{}</code>", escaped(holder)),
        None => "counted by nobody yet".to_owned(),
    };
    format!(
        "<tr><td>{name}<td><span class=\"dot waiting\"></span>{words}<td data-name=\"last successful poll\">–</tr>\n",
        name = escaped(name),
    )
}

/// `2026-11-22 10:15:00 UTC`
fn utc(seconds: i64) -> String {
    match Timestamp::from_second(seconds) {
        Ok(time) => time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        Err(_) => "unknown".to_owned(),
    }
}

/// A message to people: what stands in backticks is shown as such, and a hint begins a line.
fn prose(message: &str) -> String {
    let mut html = String::with_capacity(message.len());
    let mut parts = message.split('`').peekable();
    let mut quoted = false;
    while let Some(part) = parts.next() {
        let closes = parts.peek().is_some();
        match (quoted, closes) {
            (true, true) => write!(html, "<code>{}</code>", escaped(part)).unwrap_or_default(),
            // A backtick without its other half stands for itself.
            (true, false) => write!(html, "`{}", escaped(part)).unwrap_or_default(),
            (false, _) => html.push_str(&escaped(part)),
        }
        quoted = !quoted;
    }
    html.replace("; hint: ", "<br>hint: ").replace('\n', "<br>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_amiss_stands_above_the_accounts_and_is_escaped() {
        let why = "`/etc/<web>.yml` cannot be used; hint: mend it".to_owned();
        let page = page(&[], &[], &[why], false);
        let said = "role=\"status\"><code>/etc/&#60;web&#62;.yml</code> cannot be used<br>hint: mend it</p>";
        assert!(page.find(said) < page.find("<table>"), "{page}");
        assert!(page.contains(said), "{page}");
    }

    #[test]
    fn what_stands_in_backticks_is_shown_without_them_and_stays_escaped() {
        assert_eq!(
            prose("cannot open `a<b>`: `x`; hint: see `url`"),
            "cannot open <code>a&#60;b&#62;</code>: <code>x</code><br>hint: see <code>url</code>"
        );
        assert_eq!(prose("it's `half"), "it&#39;s `half");
        assert_eq!(prose("``"), "<code></code>");
        assert_eq!(prose(""), "");
    }
}
