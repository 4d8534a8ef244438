//! A day, for people and for programs.

use super::Day;
use crate::api::format_iso;
use crate::reconcile::{Comparison, Judged, Row};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Whether a column's words end at its right edge.
const TO_THE_RIGHT: [bool; 7] = [false, false, false, false, true, true, true];
const HEAD: [&str; 7] = [
    "queue",
    "channel",
    "direction",
    "measure",
    "ours",
    "vendor",
    "difference",
];

pub(super) fn text(day: &Day) -> String {
    let (from, to) = (&day.range.start, &day.range.end);
    let mut text = format!(
        "{}: conversations that began from {} to {}",
        day.account,
        shown(*from, &day.zone),
        shown(*to, &day.zone)
    );
    let comparison = match &day.outcome {
        Ok(comparison) => comparison,
        Err(why) => {
            // Writing to a string cannot fail.
            let _ = write!(text, "\nnot compared: {why}");
            return text;
        }
    };
    let (name, _) = comparison.source.in_words();
    let _ = writeln!(text, ", beside the vendor's {name}\n");
    text.push_str(&table(comparison));
    text.push('\n');
    let verdict = if comparison.disagrees() {
        "the numbers DISAGREE: by more than two and more than 1 %"
    } else {
        "the numbers agree"
    };
    let _ = write!(text, "{verdict}");
    let unseen = comparison.unseen();
    if unseen > 0 {
        let _ = write!(
            text,
            "; up to {unseen} that ours lacks are taken for conversations that go on, and may be missing without being seen"
        );
    }
    for note in &comparison.notes {
        let _ = write!(text, "\n- {note}");
    }
    text
}

fn shown(at_s: i64, zone: &TimeZone) -> String {
    let at = Timestamp::from_second(at_s).unwrap_or_default();
    let at = at.to_zoned(zone.clone());
    at.strftime("%Y-%m-%d %H:%M %:z").to_string()
}

fn table(comparison: &Comparison) -> String {
    let mut lines = vec![HEAD.map(str::to_owned)];
    lines.extend(comparison.rows.iter().map(row));
    lines.extend(comparison.judged.iter().map(total));
    let width = |at: usize| {
        let widths = lines.iter().map(|line| line[at].chars().count());
        widths.max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..HEAD.len()).map(width).collect();
    let mut text = String::new();
    for line in &lines {
        let cells = line.iter().zip(&widths).zip(TO_THE_RIGHT);
        let cells: Vec<String> = cells
            .map(|((cell, width), right)| {
                if right {
                    format!("{cell:>width$}")
                } else {
                    format!("{cell:<width$}")
                }
            })
            .collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

fn row(row: &Row) -> [String; 7] {
    let difference = i128::from(row.ours) - i128::from(row.vendor);
    [
        row.place.queue.to_string(),
        row.place.channel.to_string(),
        row.place.direction.to_string(),
        row.measure.as_str().to_owned(),
        row.ours.to_string(),
        row.vendor.to_string(),
        signed(difference),
    ]
}

fn total(judged: &Judged) -> [String; 7] {
    let difference = i128::from(judged.ours) - i128::from(judged.vendor);
    let mut told = signed(difference);
    if judged.explained > 0 {
        told = format!("{told} ({} explained)", judged.explained);
    }
    if judged.disagrees() {
        told += " !";
    }
    [
        "all".to_owned(),
        String::new(),
        String::new(),
        judged.measure.as_str().to_owned(),
        judged.ours.to_string(),
        judged.vendor.to_string(),
        told,
    ]
}

/// Nothing where nothing differs.
fn signed(difference: i128) -> String {
    if difference == 0 {
        "0".to_owned()
    } else {
        format!("{difference:+}")
    }
}

pub(super) fn json(day: &Day) -> String {
    let mut object = json!({
        "account": day.account,
        "from": format_iso(day.range.start),
        "to": format_iso(day.range.end),
        "compared": day.outcome.is_ok(),
    });
    match &day.outcome {
        Err(why) => object["why"] = json!(why),
        Ok(comparison) => {
            object["source"] = json!(comparison.source.as_str());
            object["agrees"] = json!(!comparison.disagrees());
            object["measures"] = comparison.judged.iter().map(measure).collect();
            object["unseen"] = json!(comparison.unseen());
            object["rows"] = comparison.rows.iter().map(place).collect();
            object["notes"] = json!(comparison.notes);
        }
    }
    object.to_string()
}

fn measure(judged: &Judged) -> Value {
    json!({
        "measure": judged.measure.as_str(),
        "ours": judged.ours,
        "vendor": judged.vendor,
        "explained": judged.explained,
        "difference": judged.difference(),
        "ratio": judged.ratio(),
        "disagrees": judged.disagrees(),
    })
}

fn place(row: &Row) -> Value {
    json!({
        "queue": *row.place.queue,
        "channel": *row.place.channel,
        "direction": *row.place.direction,
        "measure": row.measure.as_str(),
        "ours": row.ours,
        "vendor": row.vendor,
    })
}
