//! What a replay says: pages, how many a week, and what each scope's volume lets anyone see.

use super::input::History;
use super::is_named;
use crate::evidence::{Detector, Page, Scope};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

const HOUR_S: i64 = 3600;
const DAY_S: i64 = 24 * HOUR_S;
/// What is to be seen within three minutes.
const WITHIN_S: f64 = 180.0;
/// Pages of one account within this time are one incident, as Alertmanager groups them.
const ONE_INCIDENT_S: i64 = 1800;

pub(super) struct Report<'h> {
    history: &'h History,
    pages: &'h [(u32, Page)],
    learnt: BTreeMap<u32, Detector>,
}

#[derive(Serialize)]
struct Line<'a> {
    at: i64,
    account: &'a str,
    scope: &'a str,
    channel: &'a str,
    queue: &'a str,
    offered: u32,
    abandoned: u32,
    usual: f64,
}

/// How much there is of a scope.
#[derive(Default)]
struct Volume {
    /// Conversations by hour of the day.
    hours: [u64; 24],
    /// Days that had any in that hour.
    days: [BTreeSet<i64>; 24],
}

impl Volume {
    fn add(&mut self, ended_s: i64) {
        let hour = (ended_s.rem_euclid(DAY_S) / HOUR_S) as usize;
        self.hours[hour] += 1;
        self.days[hour].insert(ended_s.div_euclid(DAY_S));
    }

    /// Conversations in the busiest hour of the day, on a mean day.
    fn busiest_hour(&self) -> f64 {
        let hours = self.hours.iter().zip(&self.days);
        let means = hours.map(|(count, days)| *count as f64 / days.len().max(1) as f64);
        means.fold(0.0, f64::max)
    }
}

impl<'h> Report<'h> {
    pub(super) fn new(
        history: &'h History,
        pages: &'h [(u32, Page)],
        learnt: BTreeMap<u32, Detector>,
    ) -> Report<'h> {
        Report {
            history,
            pages,
            learnt,
        }
    }

    pub(super) fn json(&self) -> serde_json::Result<String> {
        let mut text = String::new();
        for (account, page) in self.pages {
            let [scope, channel, queue] = page.scope.labels();
            text += &serde_json::to_string(&Line {
                at: page.at_s,
                account: self.history.name(*account),
                scope,
                channel,
                queue,
                offered: page.offered,
                abandoned: page.abandoned,
                usual: (page.usual * 1e4).round() / 1e4,
            })?;
            text.push('\n');
        }
        Ok(text)
    }

    pub(super) fn text(mut self) -> String {
        let mut text = String::new();
        for (account, page) in self.pages {
            text += &format!(
                "{}  {}{}: {} of {} offered in 15 minutes were abandoned, {:.0} %; usual is {:.1} %\n",
                time(page.at_s),
                self.history.name(*account),
                about(&page.scope),
                page.abandoned,
                page.offered,
                100.0 * f64::from(page.abandoned) / f64::from(page.offered.max(1)),
                100.0 * page.usual,
            );
        }
        text += &self.a_week();
        text.push_str(
            "\nThe smallest spike that can be seen within 3 minutes, in the busiest hour:\n",
        );
        let volumes = self.volumes();
        for (number, detector) in &mut self.learnt {
            let account = self.history.name(*number);
            for reading in detector.readings(i64::MIN) {
                let Some(volume) = volumes.get(&(*number, reading.scope.clone())) else {
                    continue;
                };
                let per_hour = volume.busiest_hour();
                text += &format!(
                    "  {account}{}, {per_hour:.0} an hour: {}\n",
                    about(reading.scope),
                    smallest_spike(per_hour, reading.usual, reading.limit)
                );
            }
        }
        text
    }

    fn a_week(&self) -> String {
        let mut last: BTreeMap<u32, i64> = BTreeMap::new();
        let mut incidents = 0;
        for (account, page) in self.pages {
            let before = last.insert(*account, page.at_s);
            incidents += usize::from(before.is_none_or(|at_s| page.at_s - at_s >= ONE_INCIDENT_S));
        }
        let contacts = &self.history.contacts;
        let ends = contacts.first().zip(contacts.last());
        let length_s = ends.map_or(0, |(first, last)| last.ended_s - first.ended_s);
        let weeks = (length_s.max(DAY_S) as f64) / (7 * DAY_S) as f64;
        format!(
            "{} pages, {incidents} but for those within half an hour of another, in {weeks:.1} weeks: {:.2} a week\n",
            self.pages.len(),
            incidents as f64 / weeks,
        )
    }

    fn volumes(&self) -> BTreeMap<(u32, Scope), Volume> {
        let mut cells: BTreeMap<(u32, u32, u32), Volume> = BTreeMap::new();
        let mut volumes: BTreeMap<(u32, Scope), Volume> = BTreeMap::new();
        for contact in &self.history.contacts {
            let place = (contact.account, contact.channel, contact.queue);
            cells.entry(place).or_default().add(contact.ended_s);
        }
        for ((account, channel, queue), cell) in cells {
            let (channel, queue) = (self.history.name(channel), self.history.name(queue));
            let queue = is_named(queue).then(|| Scope::Queue(queue.clone()));
            let scopes = [Scope::Account, Scope::Channel(channel.clone())];
            for scope in scopes.into_iter().chain(queue) {
                let volume = volumes.entry((account, scope)).or_default();
                for (hour, days) in cell.days.iter().enumerate() {
                    volume.hours[hour] += cell.hours[hour];
                    volume.days[hour].extend(days);
                }
            }
        }
        volumes
    }
}

fn time(at_s: i64) -> String {
    jiff::Timestamp::from_second(at_s).map_or_else(|_| at_s.to_string(), |at| at.to_string())
}

fn about(scope: &Scope) -> String {
    match scope {
        Scope::Account => String::new(),
        Scope::Channel(channel) => format!(", channel {channel}"),
        Scope::Queue(queue) => format!(", queue {queue}"),
    }
}

/// No evidence grows faster than by the divergence of what is from what is usual, for each conversation.
fn smallest_spike(per_hour: f64, usual: f64, limit: f64) -> String {
    let seen = per_hour * WITHIN_S / HOUR_S as f64;
    let nats = |ratio: f64| {
        let part = |now: f64, usual: f64| {
            if now > 0.0 {
                now * (now / usual).ln()
            } else {
                0.0
            }
        };
        seen * (part(ratio, usual) + part(1.0 - ratio, 1.0 - usual))
    };
    if nats(1.0) < limit {
        let needed = limit / (1.0 / usual).ln() * HOUR_S as f64 / WITHIN_S;
        return format!("none, not even if all hang up; that takes {needed:.0} an hour");
    }
    let (mut low, mut high) = (usual, 1.0);
    for _ in 0..40 {
        let middle = f64::midpoint(low, high);
        if nats(middle) < limit {
            low = middle;
        } else {
            high = middle;
        }
    }
    format!(
        "{:.0} % abandoned, where {:.1} % is usual",
        (100.0 * high).ceil(),
        100.0 * usual
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_spike_follows_from_volume_and_limit() {
        assert_eq!(
            smallest_spike(1500.0, 0.05, 9.0),
            "19 % abandoned, where 5.0 % is usual"
        );
        assert_eq!(
            smallest_spike(50.0, 0.05, 9.0),
            "none, not even if all hang up; that takes 60 an hour"
        );
    }
}
