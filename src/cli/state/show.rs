//! What `state show` says: overview → rows → text or JSON.

use crate::api::format_utc;
use crate::poller::{self, Reach};
use crate::store::{Overview, Standing};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// One account of it.
pub(super) struct Row<'a> {
    standing: &'a Standing,
    /// In the configuration.
    name: Option<&'a str>,
    /// `Err` where it is damaged, `Ok(None)` for an account that was never polled.
    reach: Result<Option<Reach>, ()>,
}

pub(super) fn rows<'a>(
    overview: &'a Overview,
    name: impl Fn(&'a Standing) -> Option<&'a str>,
) -> Vec<Row<'a>> {
    let row = |standing: &'a Standing| Row {
        standing,
        name: name(standing),
        reach: poller::reach(&standing.progress).map_err(|_| ()),
    };
    overview.accounts.iter().map(row).collect()
}

pub(super) fn text(overview: &Overview, rows: &[Row<'_>]) -> String {
    let used = match overview.exporters {
        0 => "no exporter runs on it".to_owned(),
        1 => "an exporter runs on it".to_owned(),
        more => format!("{more} exporters run on it"),
    };
    let mut text = format!("{}: {}, {used}", overview.place, size(overview.bytes));
    if rows.is_empty() {
        text.push_str("\nno account yet");
    }
    for Row {
        standing,
        name,
        reach,
    } in rows
    {
        let ids = format!("{}, stream {}", standing.account_id, standing.stream_id);
        let _ = match name {
            Some(name) => write!(text, "\n\n{name} ({ids})"),
            None => write!(text, "\n\n{ids}"),
        };
        let mut line = |key: &str, value: String| {
            let _ = write!(text, "\n  {key:<15}{value}");
        };
        if let Some(holder) = &standing.holder {
            line("counted by", holder.clone());
        }
        match reach {
            Err(()) => line("progress", "damaged: see `state check`".into()),
            Ok(None) => line("progress", "never polled".into()),
            Ok(Some(reach)) => {
                line("floor", time(Some(reach.floor_s)));
                line("read up to", time(reach.read_to_s));
                line("not read yet", format!("{} s", reach.unread_s));
                let done = if reach.read_through {
                    "done"
                } else {
                    "going on"
                };
                line("first reading", done.into());
            }
        }
        line(
            "conversations",
            format!(
                "{}, {} of them counted",
                standing.conversations, standing.counted
            ),
        );
        line("newest", time(standing.newest_s));
        line("series", standing.series.to_string());
    }
    text
}

pub(super) fn json(overview: &Overview, rows: &[Row<'_>]) -> String {
    let account = |row: &Row<'_>| -> Value {
        let reach = row.reach.as_ref().ok().and_then(Option::as_ref);
        json!({
            "name": row.name,
            "account_id": row.standing.account_id,
            "stream_id": row.standing.stream_id,
            "counted_by": row.standing.holder,
            "damaged": row.reach.is_err(),
            "floor": reach.map(|reach| reach.floor_s),
            "read_to": reach.and_then(|reach| reach.read_to_s),
            "unread_seconds": reach.map(|reach| reach.unread_s),
            "first_reading_done": reach.is_some_and(|reach| reach.read_through),
            "conversations": row.standing.conversations,
            "counted": row.standing.counted,
            "newest": row.standing.newest_s,
            "series": row.standing.series,
        })
    };
    json!({
        "path": overview.place,
        "bytes": overview.bytes,
        "in_use": overview.exporters > 0,
        "exporters": overview.exporters,
        "accounts": rows.iter().map(account).collect::<Vec<_>>(),
    })
    .to_string()
}

fn time(at_s: Option<i64>) -> String {
    at_s.map_or("–".into(), |at_s| format!("{} UTC", format_utc(at_s)))
}

/// Bytes, as people say them.
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}
