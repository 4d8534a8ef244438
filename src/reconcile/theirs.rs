//! The vendor's answers → their side.

use super::ours::{INBOUND, queue_of};
use super::side::{Place, Side, answered, channel_of};
use super::{Measure, Ours, Source};
use crate::api::{ContactVolume, LiveRows, QueueTotals, Sent, Terminated, Text, Timestamp};
use crate::ledger::{Names, Symbols};
use crate::live::Channels;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

/// More is no number of conversations.
const MOST: f64 = 1e12;

/// Of those that the vendor knows.
const DIRECTIONS: [&str; 2] = [INBOUND, "outbound"];
/// Of a row that tells none of them.
const UNKNOWN: &str = "unknown";

/// Their side.
#[derive(Debug, Clone)]
pub struct Theirs {
    pub source: Source,
    pub side: Side,
    /// What was told in every row, by [`Measure::ALL`].
    pub told: [bool; Measure::ALL.len()],
    /// Queues that have a row.
    pub queues: BTreeSet<Arc<str>>,
    /// Of those that the system ended, how many for reasons that nobody names.
    pub others: u64,
    /// Names that the vendor has for queues which ours call otherwise: theirs, and ours.
    pub renamed: BTreeSet<(String, Arc<str>)>,
    /// Rows of which something can't be read.
    unread: Unread,
}

/// Rows of which something can't be read, which is not guessed.
#[derive(Debug, Clone, Copy, Default)]
struct Unread {
    /// Not even that they are rows.
    whole: u64,
    /// Whether they are of callers, so that their abandoned ones count.
    direction: u64,
    /// Whether they are of mail, so that their answered ones stand apart.
    channel: u64,
    /// Whether they are of this stretch of time.
    time: u64,
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
            queues: BTreeSet::new(),
            others: 0,
            renamed: BTreeSet::new(),
            unread: Unread::default(),
        }
    }

    /// Adds the rows of all pages of one range, UTC seconds. A row that stands on two pages counts once, where it says all of
    /// what it stands for.
    ///
    /// # Errors
    /// A page is none, in words that hold nothing of it.
    pub fn add(
        &mut self,
        pages: &[String],
        range: &Range<i64>,
        words: Words<'_>,
    ) -> Result<(), String> {
        let mut before = BTreeSet::new();
        for page in pages {
            let rows = LiveRows::read(page)?;
            let mut here = BTreeSet::new();
            let mut is_new = |key: Option<Key>| match key {
                Some(key) if before.contains(&key) => false,
                Some(key) => {
                    here.insert(key);
                    true
                }
                None => true,
            };
            match self.source {
                Source::QueuePerformance => {
                    let (rows, strangers) = rows.totals();
                    self.unread.whole += strangers;
                    for row in rows.iter().filter(|row| is_new(key(row))) {
                        self.queue(row, words);
                    }
                }
                Source::ContactVolume => {
                    let (rows, strangers) = rows.volumes();
                    self.unread.whole += strangers;
                    let new =
                        |row: &&ContactVolume<'_>| is_in(row, range) && is_new(volume_key(row));
                    for row in rows.iter().filter(new) {
                        self.volume(row, words);
                    }
                }
            }
            before.extend(here);
        }
        Ok(())
    }

    /// Why nothing of it can be held against ours, if so.
    pub(super) fn refusal(&self, ours: &Ours) -> Option<String> {
        let unread = self.unread;
        if unread.whole > 0 {
            return Some(format!(
                "{} rows of the vendor's can't be read",
                unread.whole
            ));
        }
        if unread.time > 0 {
            return Some(format!(
                "{} rows of the vendor's do not tell their quarter, `intervalStartTimeStamp`",
                unread.time
            ));
        }
        let counted = ours.entries.sum(Measure::Entries);
        if self.queues.is_empty() && counted > 0 {
            return Some(format!(
                "the vendor tells of no queue, and ours came to one {counted} times"
            ));
        }
        let mut judged = Measure::ALL.iter().filter(|it| it.is_judged());
        let none = judged.all(|it| !self.told[*it as usize]);
        none.then(|| "no number is told in all of the vendor's rows".to_owned())
    }

    /// Why a measure is not told, which the vendor has in this field.
    pub(super) fn why(&self, measure: Measure, field: &str) -> String {
        let Unread {
            direction, channel, ..
        } = self.unread;
        match measure {
            Measure::Abandoned | Measure::Terminated if direction > 0 => {
                format!("{direction} rows tell no `direction`, and callers alone count")
            }
            Measure::Answered | Measure::MailAnswered if channel > 0 => {
                format!("{channel} rows tell no channel, and mail stands apart")
            }
            _ => format!("`{field}` is missing or no number in some row"),
        }
    }

    fn queue(&mut self, row: &QueueTotals<'_>, words: Words<'_>) {
        let direction = text(&row.direction).map(str::to_lowercase);
        let direction = direction.filter(|it| DIRECTIONS.contains(&it.as_str()));
        let inbound = direction.as_deref().map(|it| it == INBOUND);
        self.unread.direction += u64::from(inbound.is_none());
        let direction = direction.map_or_else(|| Arc::from(UNKNOWN), Arc::from);
        let source = text(&row.channel);
        let place = self.place((&row.queue_id, &row.queue_name), source, direction, words);
        let terminated = row.terminated.value().and_then(terminated);
        if inbound == Some(true) {
            self.others += terminated.map_or(0, |(_, others)| others);
        }
        // What is told of outbound ones has nothing on our side.
        let of_callers = |told: Option<u64>| if inbound? { told } else { Some(0) };
        self.note_answered(&place, source, number(&row.answered));
        for (measure, told) in [
            (Measure::Entries, number(&row.conversations)),
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
        self.unread.time += u64::from(started_s(row).is_none());
        let source = text(&row.source);
        let queue = (&row.queue_id, &row.queue_name);
        let place = self.place(queue, source, INBOUND.into(), words);
        self.note_answered(&place, source, number(&row.answered));
        for (measure, sent) in [
            (Measure::Entries, &row.offered),
            (Measure::Abandoned, &row.abandoned),
        ] {
            self.note(&place, measure, number(sent));
        }
    }

    /// Of mail, or of all else: of a row that does not say which it is of, neither is known.
    fn note_answered(&mut self, place: &Place, source: Option<&str>, told: Option<u64>) {
        if source.is_some() {
            self.note(place, answered(&place.channel), told);
        } else {
            self.unread.channel += 1;
            self.note(place, Measure::Answered, None);
            self.note(place, Measure::MailAnswered, None);
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
        self.queues.insert(Arc::clone(&queue));
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

/// What a row stands for: its queue, channel, and direction or time. `None` where it does not tell all of that.
type Key = (String, String, String);

fn key(row: &QueueTotals<'_>) -> Option<Key> {
    let part = |sent| text(sent).map(str::to_owned);
    let (queue, channel) = (part(&row.queue_id)?, part(&row.channel)?);
    Some((queue, channel, part(&row.direction)?))
}

fn volume_key(row: &ContactVolume<'_>) -> Option<Key> {
    let part = |sent| text(sent).map(str::to_owned);
    let (queue, source) = (part(&row.queue_id)?, part(&row.source)?);
    Some((queue, source, started_s(row)?.to_string()))
}

/// Of all whom the system ended, and of those for reasons that nobody names. What is missing there, or no number, makes the
/// sum another one.
fn terminated(told: &Terminated) -> Option<(u64, u64)> {
    let named = [
        &told.out_of_hours,
        &told.no_agents,
        &told.network,
        &told.gateway,
    ];
    let add = |sum: u64, sent: &Sent<f64>| sum.checked_add(number(sent)?);
    let others = told.others.iter().try_fold(0, add);
    let others = others.filter(|_| !told.others.is_empty())?;
    let all = named.into_iter().try_fold(others, add)?;
    Some((all, others))
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
