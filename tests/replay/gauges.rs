//! The recent gauges and the evidence as an exporter at its defaults would have shown them.

use super::{Contact, STEP_S};
use smartassist_exporter::evidence::{Conversation, Detector, Settings};
use std::collections::BTreeMap;
use std::fmt::Write as _;

const WINDOWS: [(&str, i64); 3] = [("15m", 900), ("1h", 3600), ("24h", 86_400)];
/// `poll.settle`: a conversation that nobody answered counts only after it.
const SETTLE_S: i64 = 30;
/// `poll.revisit`: a long conversation's stretch is read again only after this share of its age. The worst case is
/// assumed, without the spare budget that usually reads it sooner.
const REVISIT: f64 = 0.25;
/// What a poll shows is scraped and evaluated within two intervals of 15 s.
const SCRAPE_AND_EVALUATION_S: i64 = 30;

pub struct Series {
    pub name: String,
    /// One per step; `None` where nothing is shown.
    pub values: Vec<Option<f64>>,
}

impl Series {
    /// promtool's notation, equal neighbours folded.
    pub fn notation(&self) -> String {
        let mut text = String::new();
        let mut rest = self.values.as_slice();
        while let Some(first) = rest.first() {
            let same = rest.iter().take_while(|value| *value == first).count();
            let _ = match first {
                Some(value) => write!(text, "{value}x{} ", same - 1),
                None => write!(text, "_x{same} "),
            };
            rest = &rest[same..];
        }
        text
    }
}

/// When its record is read that tells of its end.
fn read(contact: &Contact) -> i64 {
    contact.ended + STEP_S.max((REVISIT * (contact.ended - contact.started) as f64) as i64)
}

/// When its facts are on the page that the rules see.
fn seen(contact: &Contact) -> i64 {
    let counted = if contact.abandoned {
        read(contact).max(contact.ended + SETTLE_S)
    } else {
        read(contact)
    };
    counted + SCRAPE_AND_EVALUATION_S
}

pub fn series(history: &[Contact], start: i64, target: f64) -> Vec<Series> {
    let end = history.iter().map(seen).max().unwrap_or(start) + 3600;
    let steps = ((end - start) / STEP_S) as usize;
    let mut cells: BTreeMap<(&str, &str, &str), Vec<&Contact>> = BTreeMap::new();
    for contact in history {
        cells
            .entry((&contact.account, &contact.channel, &contact.queue))
            .or_default()
            .push(contact);
    }
    let mut all = Vec::new();
    for ((account, channel, queue), contacts) in cells {
        let own = format!("job=\"replay\",instance=\"replay\",account=\"{account}\"");
        for (window, length) in WINDOWS {
            let labels =
                format!("{own},channel=\"{channel}\",queue=\"{queue}\",window=\"{window}\"");
            let offered = shown(&contacts, start, steps, length, |_| true);
            let abandoned = shown(&contacts, start, steps, length, |contact| contact.abandoned);
            all.push(Series {
                name: format!("smartassist_recent_offered{{{labels}}}"),
                values: offered,
            });
            all.push(Series {
                name: format!("smartassist_recent_abandoned{{{labels}}}"),
                values: abandoned,
            });
        }
        if queue != "none" {
            all.push(Series {
                name: format!("smartassist_abandonment_target_ratio{{{own},queue=\"{queue}\"}}"),
                values: vec![Some(target); steps],
            });
        }
    }
    let mut accounts: BTreeMap<&str, Vec<&Contact>> = BTreeMap::new();
    for contact in history {
        accounts.entry(&contact.account).or_default().push(contact);
    }
    for (account, contacts) in accounts {
        all.extend(evidence(account, contacts, start, steps, target));
    }
    all
}

/// Evidence waits for nothing to settle: a conversation speaks once it is read.
fn evidence(
    account: &str,
    mut contacts: Vec<&Contact>,
    start: i64,
    steps: usize,
    target: f64,
) -> Vec<Series> {
    contacts.sort_by_key(|contact| read(contact));
    let mut contacts = contacts.into_iter().enumerate().peekable();
    let mut detector = Detector::new(Settings::default());
    let mut values: BTreeMap<String, Vec<Option<f64>>> = BTreeMap::new();
    for step in 0..steps {
        let now = start + step as i64 * STEP_S - SCRAPE_AND_EVALUATION_S;
        while let Some((number, contact)) = contacts.next_if(|(_, it)| read(it) <= now) {
            detector.put(
                number as u64 + 1,
                &Conversation {
                    ended_s: contact.ended,
                    channel: &contact.channel,
                    queue: (contact.queue != "none").then_some(&*contact.queue),
                    abandoned: contact.abandoned,
                    target,
                },
            );
        }
        for reading in detector.readings(now) {
            let [scope, channel, queue] = reading.scope.labels();
            let labels = format!(
                "job=\"replay\",instance=\"replay\",account=\"{account}\",scope=\"{scope}\",channel=\"{channel}\",queue=\"{queue}\""
            );
            for (name, value) in [
                ("evidence", reading.evidence),
                ("evidence_limit", reading.limit),
            ] {
                let name = format!("smartassist_abandonment_{name}{{{labels}}}");
                values.entry(name).or_insert_with(|| vec![None; steps])[step] = Some(value);
            }
        }
    }
    let series = |(name, values)| Series { name, values };
    values.into_iter().map(series).collect()
}

/// How many are in the window that ends at each step, of those seen by then; nothing at all where none is offered.
fn shown(
    contacts: &[&Contact],
    start: i64,
    steps: usize,
    length: i64,
    keep: impl Fn(&Contact) -> bool,
) -> Vec<Option<f64>> {
    let mut change = vec![0i32; steps + 1];
    let step = |at: i64| (((at - start + STEP_S - 1) / STEP_S).max(0) as usize).min(steps);
    for contact in contacts.iter().filter(|contact| keep(contact)) {
        let (enters, leaves) = (
            step(seen(contact)),
            step(contact.ended + length + SCRAPE_AND_EVALUATION_S),
        );
        if enters < leaves {
            change[enters] += 1;
            change[leaves] -= 1;
        }
    }
    let mut count = 0;
    change[..steps]
        .iter()
        .map(|change| {
            count += change;
            (count >= 0).then(|| f64::from(count))
        })
        .collect()
}
