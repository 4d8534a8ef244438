//! The vendor's answers → their side.

use super::ours::{INBOUND, queue_of};
use super::side::{Place, Side, answered, channel_of};
use super::{Measure, Source};
use crate::api::{ContactVolume, LiveRows, QueueTotals, Sent, Text, Timestamp};
use crate::ledger::{Names, Symbols};
use crate::live::Channels;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

/// More is no number of conversations.
const MOST: f64 = 1e12;

/// Their side.
#[derive(Debug, Clone)]
pub struct Theirs {
    pub source: Source,
    pub side: Side,
    /// What was told in every row, by [`Measure::ALL`].
    pub told: [bool; Measure::ALL.len()],
    /// Of those that the system ended, how many for reasons that nobody names.
    pub others: u64,
    /// Rows that can't be read.
    pub strangers: u64,
    /// Names that the vendor has for queues which ours call otherwise: theirs, and ours.
    pub renamed: BTreeSet<(String, Arc<str>)>,
}

/// What names ids and channels.
#[derive(Clone, Copy)]
pub struct Words<'w> {
    pub symbols: &'w Symbols,
    pub names: &'w Names,
    pub channels: &'w Channels,
}

impl Theirs {
    pub fn new(source: Source) -> Theirs {
        Theirs {
            source,
            side: Side::default(),
            told: Measure::ALL.map(|measure| measure.of_vendor(source).is_some()),
            others: 0,
            strangers: 0,
            renamed: BTreeSet::new(),
        }
    }

    /// Adds the rows of all pages of one range, UTC seconds. A row that stands on two pages counts once.
    ///
    /// # Errors
    /// A page is none, in words that hold nothing of it.
    pub fn add(
        &mut self,
        pages: &[String],
        range: &Range<i64>,
        words: Words<'_>,
    ) -> Result<(), String> {
        let mut seen = BTreeSet::new();
        for page in pages {
            let rows = LiveRows::read(page)?;
            match self.source {
                Source::QueuePerformance => {
                    let (rows, strangers) = rows.totals();
                    self.strangers += strangers;
                    let new = |row: &&QueueTotals<'_>| seen.insert(key(row));
                    rows.iter()
                        .filter(new)
                        .for_each(|row| self.queue(row, words));
                }
                Source::ContactVolume => {
                    let (rows, strangers) = rows.volumes();
                    self.strangers += strangers;
                    let new = |row: &&ContactVolume<'_>| {
                        is_in(row, range) && seen.insert(volume_key(row))
                    };
                    rows.iter()
                        .filter(new)
                        .for_each(|row| self.volume(row, words));
                }
            }
        }
        Ok(())
    }

    fn queue(&mut self, row: &QueueTotals<'_>, words: Words<'_>) {
        let direction = text(&row.direction).map(str::to_lowercase);
        let direction: Arc<str> = direction.unwrap_or_default().into();
        let inbound = &*direction == INBOUND;
        let source = text(&row.channel);
        let place = self.place((&row.queue_id, &row.queue_name), source, direction, words);
        let terminated = row.terminated.value().map(|it| {
            let named = [&it.out_of_hours, &it.no_agents, &it.network, &it.gateway];
            let others = number(&it.others).unwrap_or(0);
            let named = named.map(|sent| number(sent).unwrap_or(0));
            (named.iter().sum::<u64>() + others, others)
        });
        if inbound {
            self.others += terminated.map_or(0, |(_, others)| others);
        }
        // What is told of outbound ones has nothing on our side.
        let of_callers = |told: Option<u64>| if inbound { told } else { Some(0) };
        for (measure, told) in [
            (Measure::Entries, number(&row.conversations)),
            (answered(&place.channel), number(&row.answered)),
            (Measure::Abandoned, of_callers(number(&row.abandoned))),
            (
                Measure::Terminated,
                of_callers(terminated.map(|(all, _)| all)),
            ),
            (Measure::Transferred, number(&row.transferred)),
        ] {
            self.note(&place, measure, told);
        }
    }

    fn volume(&mut self, row: &ContactVolume<'_>, words: Words<'_>) {
        let source = text(&row.source);
        let queue = (&row.queue_id, &row.queue_name);
        let place = self.place(queue, source, INBOUND.into(), words);
        for (measure, sent) in [
            (Measure::Entries, &row.offered),
            (answered(&place.channel), &row.answered),
            (Measure::Abandoned, &row.abandoned),
        ] {
            self.note(&place, measure, number(sent));
        }
    }

    fn place(
        &mut self,
        (id, name): (&Sent<Text<'_>>, &Sent<Text<'_>>),
        source: Option<&str>,
        direction: Arc<str>,
        words: Words<'_>,
    ) -> Place {
        let (id, name) = (text(id), text(name));
        let queue = queue_of(id, name, words.symbols, words.names);
        if let Some(name) = name.filter(|name| **name != *queue) {
            self.renamed.insert((name.to_owned(), Arc::clone(&queue)));
        }
        Place {
            queue,
            channel: channel_of(source, words.channels),
            direction,
        }
    }

    fn note(&mut self, place: &Place, measure: Measure, told: Option<u64>) {
        match told {
            Some(number) => self.side.add(place.clone(), measure, number),
            None => self.told[measure as usize] = false,
        }
    }
}

/// What a row stands for, each for one of its own.
fn key(row: &QueueTotals<'_>) -> (String, String, String, i64) {
    let queue = text(&row.queue_id).or(text(&row.queue_name));
    let [queue, channel, direction] = [queue, text(&row.channel), text(&row.direction)]
        .map(|it| it.unwrap_or_default().to_owned());
    (queue, channel, direction, 0)
}

fn volume_key(row: &ContactVolume<'_>) -> (String, String, String, i64) {
    let queue = text(&row.queue_id).or(text(&row.queue_name));
    let [queue, source] = [queue, text(&row.source)].map(|it| it.unwrap_or_default().to_owned());
    (queue, source, String::new(), started_s(row).unwrap_or(0))
}

/// Whether the quarter began in the range: a server may hand out those at its edges, too.
fn is_in(row: &ContactVolume<'_>, range: &Range<i64>) -> bool {
    started_s(row).is_none_or(|at_s| range.contains(&at_s))
}

fn started_s(row: &ContactVolume<'_>) -> Option<i64> {
    let started: Option<&Timestamp> = row.started.value();
    started.map(|at| at.utc_ms(0).div_euclid(1000))
}

fn text<'r>(sent: &'r Sent<Text<'_>>) -> Option<&'r str> {
    sent.value().map(|text| &**text)
}

fn number(sent: &Sent<f64>) -> Option<u64> {
    let number = *sent.value()?;
    ((0.0..MOST).contains(&number) && number.fract() == 0.0).then_some(number as u64)
}
