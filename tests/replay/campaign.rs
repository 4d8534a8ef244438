//! How soon evidence pages, and how often falsely: simulated centres, two days to learn.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test panics to fail"
)]

use super::Contact;
use super::arrivals::{Centre, Spike};
use super::congested::Queue;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use smartassist_exporter::evidence::{Conversation, Page, Pages, Settings};

const HOUR_S: i64 = 3600;
const DAY_S: i64 = 24 * HOUR_S;
/// From a conversation's end to the evaluation that sees it.
pub const PIPELINE_S: i64 = 30;
const SPIKE_S: i64 = 1200;
/// Pages within this time are one incident, as Alertmanager groups them.
const ONE_INCIDENT_S: i64 = 1800;

fn conversation(contact: &Contact, target: f64) -> Conversation<'_> {
    Conversation {
        ended_s: contact.ended,
        channel: &contact.channel,
        queue: Some(contact.queue.as_str()).filter(|queue| *queue != "none"),
        abandoned: contact.abandoned,
        target,
    }
}

/// Delays of the spikes that were found, pipeline included, sorted; and how many spikes there were.
pub struct Found {
    pub delays_s: Vec<i64>,
    pub spikes: usize,
}

impl Found {
    /// As if what was not found had come after all that was.
    pub fn at(&self, part: f64) -> Option<i64> {
        let place = (self.spikes as f64 * part) as usize;
        self.delays_s.get(place).copied()
    }
}

/// On the third day of each of so many centres nine spikes, each as if there were no other.
pub fn spikes(per_hour: f64, ratio: f64, centres: u64) -> Found {
    let mut found = Found {
        delays_s: Vec::new(),
        spikes: 0,
    };
    for seed in 0..centres {
        let centre = Centre {
            account: "acme".into(),
            seed,
            days: 3,
            per_hour,
            spikes: Vec::new(),
        };
        let mut rng = ChaCha8Rng::seed_from_u64(1000 + seed);
        let history = centre.history();
        let mut pages = Pages::new(Settings::default());
        let mut rest = history.iter().peekable();
        // Spread over the centre's day, the hours of many pages and of few.
        for number in 0..9 {
            let spike = Spike {
                at: 2 * DAY_S + 9 * HOUR_S + number * 3200 + (seed as i64 * 577) % 3200,
                length_s: SPIKE_S,
                ratio,
            };
            while let Some(contact) = rest.next_if(|contact| contact.ended < spike.at) {
                pages.next(&conversation(contact, 0.05));
            }
            found.spikes += 1;
            found
                .delays_s
                .extend(delay(pages.clone(), rest.clone(), spike, &mut rng));
        }
    }
    found.delays_s.sort_unstable();
    found
}

fn delay<'h>(
    mut pages: Pages,
    rest: impl Iterator<Item = &'h Contact>,
    spike: Spike,
    rng: &mut ChaCha8Rng,
) -> Option<i64> {
    for contact in rest.take_while(|contact| contact.ended < spike.at + spike.length_s) {
        let contact = Contact {
            abandoned: rng.random::<f64>() < spike.ratio,
            ..contact.clone()
        };
        if let Some(page) = pages.next(&conversation(&contact, 0.05)).first() {
            return Some(page.at_s - spike.at + PIPELINE_S);
        }
    }
    None
}

/// The incidents that would have paged after the second day of a history in which there was none: their begins.
pub fn false_pages(history: &[Contact], target: f64) -> Vec<i64> {
    let mut pages = Pages::new(Settings::default());
    let all: Vec<Page> = history
        .iter()
        .flat_map(|contact| pages.next(&conversation(contact, target)))
        .collect();
    let first_day = history.first().map_or(0, |contact| contact.ended / DAY_S);
    let mut incidents: Vec<i64> = Vec::new();
    let mut last_s = i64::MIN / 2;
    for page in &all {
        if page.at_s - last_s >= ONE_INCIDENT_S && page.at_s / DAY_S >= first_day + 2 {
            incidents.push(page.at_s);
        }
        last_s = page.at_s;
    }
    incidents
}

/// Days of a centre in which only what is usual happens: at noon twice the ratio.
pub fn quiet(seed: u64, days: i64, per_hour: f64) -> Vec<Contact> {
    let centre = Centre {
        account: "acme".into(),
        seed,
        days,
        per_hour,
        spikes: Vec::new(),
    };
    centre.history()
}

/// The same incidents of so many centres in which queues have patience and are staffed for 5 % lost, added up.
pub fn congested_false_pages(
    seeds: impl IntoIterator<Item = u64>,
    days: i64,
    per_hour: f64,
) -> usize {
    let pages = |seed| {
        let queue = Queue {
            seed,
            days,
            per_hour,
            lost: 0.05,
        };
        false_pages(&queue.history(), 0.05).len()
    };
    seeds.into_iter().map(pages).sum()
}
