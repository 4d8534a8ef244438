//! The list for people.

use super::Found;
use super::asked::Asked;
use crate::config::as_written;
use crate::web::html::{document, escaped};
use std::fmt::Write;

const STYLE: &str = "\
:root{color-scheme:light dark;--line:#8884;--soft:color-mix(in srgb,CanvasText 68%,Canvas)}\
body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:0 auto;padding:2rem 1.25rem}\
h1{font-size:1.5rem;font-weight:600;margin:0}\
p{margin:.25rem 0 1.5rem;color:var(--soft)}\
div{overflow-x:auto}\
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}\
th,td{text-align:left;padding:.5rem 1rem .5rem 0;border-bottom:1px solid var(--line);vertical-align:top}\
th{font-weight:500;color:var(--soft);font-size:.875rem;white-space:nowrap}\
td.number,th.number{text-align:right}\
code{font:.875em ui-monospace,monospace;overflow-wrap:anywhere}";

pub(super) fn page(asked: &Asked, found: &[Found], left_out: usize) -> String {
    let all = found.len() + left_out;
    let mut body = format!(
        "<h1>{all} abandoned conversation{plural}</h1>\n<p>Ended in the last {since}{scope}, the latest first; times are UTC.",
        plural = if all == 1 { "" } else { "s" },
        since = as_written(asked.since),
        scope = scope(asked),
    );
    if left_out > 0 {
        write!(body, " The {left_out} oldest are left out.").unwrap_or_default();
    }
    body.push_str("</p>\n");
    if !found.is_empty() {
        body.push_str("<div><table>\n<thead><tr><th>Ended<th>Account<th>Channel<th>Queue<th class=\"number\">Waited<th>Event<th>Conversation<th>Session</tr></thead>\n<tbody>\n");
        found.iter().for_each(|it| row(&mut body, it));
        body.push_str("</tbody>\n</table></div>\n");
    }
    document(
        "Abandoned conversations – SmartAssist exporter",
        "",
        STYLE,
        &body,
    )
}

/// `, account acme, queue Billing`
fn scope(asked: &Asked) -> String {
    let named = [
        ("account", &asked.account),
        ("channel", &asked.channel),
        ("queue", &asked.queue),
    ];
    let named = named
        .iter()
        .filter_map(|(word, name)| Some((word, name.as_ref()?)));
    named
        .map(|(word, name)| format!(", {word} {}", escaped(name)))
        .collect()
}

fn row(body: &mut String, (account, _, call): &Found) {
    let waited = call.wait_millis.map_or_else(|| "–".to_owned(), waited);
    let optional = |text: &Option<String>| text.as_deref().map_or_else(|| "–".to_owned(), escaped);
    writeln!(
        body,
        "<tr><td>{ended}<td>{account}<td>{channel}<td>{queue}<td class=\"number\">{waited}<td>{event}<td><code>{conversation}</code><td><code>{session}</code></tr>",
        ended = call.time().replace('T', " ").trim_end_matches('Z'),
        account = escaped(account),
        channel = escaped(&call.channel),
        queue = escaped(&call.queue),
        event = optional(&call.event),
        conversation = optional(&call.conversation_id),
        session = optional(&call.session_id),
    )
    .unwrap_or_default();
}

/// `1:05`, or `1:02:03` from an hour on.
fn waited(millis: u64) -> String {
    let seconds = millis / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        hours => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}
