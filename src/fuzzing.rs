//! Whatever bytes come, from the vendor, an operator or the disk: nothing panics, and what is read holds to its own laws.
//!
//! `fuzz` calls these with bytes of its own making, and what it finds is kept under `tests/fuzz`, which the test below
//! reads again each time.

#![allow(clippy::missing_panics_doc, reason = "a panic is what is looked for")]

use crate::api::{LiveRows, Page, Record, Timestamp, measure_offset};
use crate::evidence::{Detector, Settings};
use crate::fact::{Context, derive};
use crate::ledger::Seen;
use serde::de::IgnoredAny;
use serde_json::Value;
use std::path::Path;
use std::str::from_utf8;

type Target = (&'static str, fn(&[u8]));

/// What can be fuzzed.
pub const TARGETS: [Target; 6] = [
    ("page", page),
    ("record", record),
    ("time", time),
    ("config", config),
    ("web_config", web_config),
    ("stored", stored),
];

/// 2026-09-21T14:13:20Z.
const NOW_S: i64 = 1_790_000_000;

/// A body of Call Details, or of a live interface. What any JSON reader takes for a page has its rows here.
pub fn page(bytes: &[u8]) {
    let Ok(text) = from_utf8(bytes) else { return };
    let page = Page::parse(text);
    if let Ok(live) = LiveRows::read(text) {
        live.queues();
        live.conversations();
    }
    let rows = |value: Value| value.get("data")?.as_array().map(Vec::len);
    let Ok(page) = page else {
        return;
    };
    let is_twice = text.matches("data").count() > 1;
    if let Some(rows) = serde_json::from_str(text).ok().and_then(rows)
        && !is_twice
    {
        assert_eq!(page.rows().len(), rows, "rows of a page");
    }
    for row in page.rows() {
        // Deeper than that serde_json does not look.
        let is_deep = row.text().matches(['[', '{']).count() > 100;
        assert!(is_deep || serde_json::from_str::<IgnoredAny>(row.text()).is_ok());
    }
}

/// One record, with and without a zone: what is derived of it is the same each time, and no time lies beyond tomorrow.
pub fn record(bytes: &[u8]) {
    let Ok(text) = from_utf8(bytes) else { return };
    let Ok(page) = Page::parse(format!("{{\"data\":[{text}]}}")) else {
        return;
    };
    let zone = jiff::tz::TimeZone::get("America/New_York").ok();
    for row in page.rows() {
        let Some(record) = Record::read(row) else {
            continue;
        };
        let offset_s = measure_offset([&record], NOW_S, None).unwrap_or_default();
        for zone in [None, zone.as_ref()] {
            let context = Context {
                now_s: NOW_S,
                settle_s: 60,
                offset_s,
                offsets: None,
                zone,
            };
            let derived = derive(&record, &context);
            assert_eq!(
                format!("{derived:?}"),
                format!("{:?}", derive(&record, &context))
            );
            if let Ok(derived) = &derived
                && let Some(conversation) = &derived.conversation
            {
                assert!(
                    conversation.ended_s <= NOW_S + 86_400,
                    "it ended after tomorrow"
                );
            }
        }
    }
}

/// A time, as text or number.
pub fn time(bytes: &[u8]) {
    let Ok(text) = from_utf8(bytes) else { return };
    if let Some(time) = Timestamp::parse(text) {
        for offset_s in [0, 19_800, -43_200] {
            crate::api::format_utc(time.utc_ms(offset_s).div_euclid(1000));
        }
    }
    if let Ok(number) = text.parse()
        && let Some(time) = Timestamp::of_epoch(number)
    {
        time.utc_ms(0);
    }
}

/// A configuration: read, or refused with at least one problem, each of which can be shown.
pub fn config(bytes: &[u8]) {
    let Ok(text) = from_utf8(bytes) else { return };
    if let Err(refused) = crate::config::of_text(text) {
        assert!(!refused.problems.is_empty(), "refused without a word");
        assert!(!refused.to_string().is_empty());
    }
}

/// A web configuration, likewise.
pub fn web_config(bytes: &[u8]) {
    let Ok(text) = from_utf8(bytes) else { return };
    if let Err(refused) = crate::config::web_file::parse(Path::new("web.yml"), text) {
        assert!(!refused.problems.is_empty(), "refused without a word");
        assert!(!refused.to_string().is_empty());
    }
}

/// What the store holds: read to the end and written alike, or refused.
pub fn stored(bytes: &[u8]) {
    crate::poller::reach(bytes).ok();
    crate::store::read_forms(bytes);
    let (facts, destinations) = bytes.split_at(bytes.len() / 2);
    for destinations in [None, Some(destinations)] {
        if let Some(seen) = Seen::from_bytes(facts, destinations, None) {
            let (destinations, reads) = (seen.destinations_to_bytes(), seen.reads_to_bytes());
            let again = Seen::from_bytes(&seen.to_bytes(), Some(&destinations), Some(&reads));
            assert_eq!(again, Some(seen), "what was seen of a conversation");
        }
    }
    // The first byte says how long the first part is, the rest is the second.
    let Some((length, rest)) = bytes.split_first() else {
        return;
    };
    let (now, past) = rest.split_at(rest.len().min(usize::from(*length)));
    let parts = [(0, now.to_vec()), (1, past.to_vec())];
    if let Ok(mut detector) = Detector::from_parts(&parts, Settings::default()) {
        assert!(detector.readings(NOW_S).count() <= 2);
        let again = Detector::from_parts(&detector.parts(None), Settings::default());
        assert!(again.is_ok(), "evidence");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn what_was_found_once_is_read_as_it_should_be() {
        let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz");
        for (name, target) in TARGETS {
            let inputs = fs::read_dir(found.join(name)).expect(name);
            let mut count = 0;
            for input in inputs {
                target(&fs::read(input.unwrap().path()).unwrap());
                count += 1;
            }
            assert!(count > 10, "{name} has {count} inputs");
        }
    }
}
