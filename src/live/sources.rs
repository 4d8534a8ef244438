//! Answers and running conversations → a [`Reading`].

use super::reading::{Agents, Numbers, Place, Reading};
use super::{Channels, Followed};
use crate::api::{OpenConversation, QueueRow, Sent, Staff, Timestamp};
use crate::ledger::{NO_QUEUE, label};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The names of queues, by id.
pub(super) type Names = BTreeMap<String, Arc<str>>;

/// More is no number of people or agents.
const MOST: f64 = 1e9;

/// What a row of *Queue Performance* stands for, each for one of its own; `None` where it does not say.
pub(super) fn combination<'r>(row: &'r QueueRow<'_>) -> Option<(&'r str, &'r str, &'r str)> {
    let queue = text(&row.queue_id).or(text(&row.queue_name));
    Some((queue?, text(&row.channel)?, text(&row.direction)?))
}

/// *Queue Performance*: its rows are a queue × channel × direction; agents are the queue's, repeated on each of its rows.
pub(super) fn queue_performance(
    rows: &[QueueRow<'_>],
    strangers: u64,
    channels: &Channels,
    names: &Names,
) -> Reading {
    let mut reading = Reading {
        refused: strangers,
        elsewhere: Numbers::default(),
        ..Reading::default()
    };
    if strangers == 0 {
        reading.elsewhere = Numbers {
            waiting: Some(0),
            with_agent: Some(0),
            overdue: Some(0),
            longest_wait_s: None,
        };
    }
    let mut seen = BTreeSet::new();
    for row in rows {
        let (id, name) = (text(&row.queue_id), text(&row.queue_name));
        // Pages that shift while they are read bring a row twice.
        if combination(row).is_some_and(|of| !seen.insert(of)) {
            continue;
        }
        let queue = queue(id, name, names);
        if let (Some(id), Some(_)) = (id, name) {
            reading.names.push((id.to_owned(), Arc::clone(&queue)));
        }
        let mut count = |sent: &Sent<f64>| count(sent, &mut reading.refused);
        let numbers = Numbers {
            waiting: count(&row.waiting),
            with_agent: count(&row.ongoing),
            overdue: count(&row.overdue),
            longest_wait_s: None,
        };
        if let Some(staff) = row.agents.value()
            && !reading.agents.contains_key(&queue)
        {
            let Staff {
                available,
                busy,
                away,
                offline,
            } = staff;
            let agents: Agents = [available, busy, away, offline].map(&mut count);
            reading.agents.insert(Arc::clone(&queue), agents);
        }
        let channel = channels.of(text(&row.channel));
        // Where it is not known of which place that is, any may be it.
        let placed = id.or(name).is_some() && text(&row.channel).is_some();
        reading.elsewhere = reading.elsewhere.known_with(numbers, placed);
        if is_read(&row.channel) {
            add(&mut reading.places, Place { channel, queue }, numbers);
        } else {
            reading.refused += 1;
        }
    }
    reading
}

/// How much of a list was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    All,
    /// Not all, so that nobody knows how many wait; but the oldest, and so the longest wait.
    TheOldest,
    Some,
}

/// *List of Conversations*: who waits is open, was accepted by nobody, and stands in a queue. `rows` may hold one twice.
pub(super) fn conversations(
    rows: &[OpenConversation<'_>],
    strangers: u64,
    now_s: i64,
    part: Part,
    channels: &Channels,
    names: &Names,
) -> Reading {
    let (whole, oldest) = (part == Part::All, part != Part::Some);
    let none = Numbers {
        waiting: whole.then_some(0),
        longest_wait_s: oldest.then_some(0),
        ..Numbers::default()
    };
    let mut reading = Reading {
        refused: strangers,
        elsewhere: none,
        ..Reading::default()
    };
    let (mut seen, mut doubtful) = (BTreeSet::new(), strangers);
    for row in rows {
        if text(&row.id).is_some_and(|id| !seen.insert(id)) {
            continue;
        }
        match waits(row) {
            Some(true) => {}
            Some(false) => continue,
            None => {
                doubtful += 1;
                continue;
            }
        }
        let Some((id, name, since)) = last_queue(row) else {
            continue;
        };
        if let Some(name) = name {
            reading.names.push((id.to_owned(), Arc::from(label(name))));
        }
        let since = since.or(row.start_time.value().copied());
        let since = since.or(row.created_at.value().copied());
        if since.is_none() {
            reading.refused += 1;
        }
        let wait_s = since.map(|since| wait_s(since, now_s));
        let numbers = Numbers {
            waiting: whole.then_some(1),
            longest_wait_s: wait_s.filter(|_| oldest),
            ..Numbers::default()
        };
        let place = Place {
            channel: channels.of(text(&row.source)),
            queue: queue(Some(id), name, names),
        };
        add(&mut reading.places, place, numbers);
    }
    if doubtful == 0 {
        return reading;
    }
    // Somebody may wait of whom nothing is known: neither a number of people nor the longest wait can be told.
    Reading {
        refused: reading.refused - strangers + doubtful,
        names: reading.names,
        ..Reading::default()
    }
}

/// Whether it waits in a queue or with the bot; `None` where that, or which queue it is, can't be read.
fn waits(row: &OpenConversation<'_>) -> Option<bool> {
    let open = text(&row.status).is_none_or(|status| status.eq_ignore_ascii_case("OPEN"));
    let over = |time: &Sent<Timestamp>| time.value().is_some();
    if is_read(&row.status) && !open || over(&row.accepted_at) || over(&row.end_time) {
        return Some(false);
    }
    let assigned = match &row.queues {
        Sent::Value(list) => {
            let last = list.items.last();
            let last = last.is_none_or(|last| is_read(&last.id) && is_read(&last.start_time));
            last && list.strangers == 0 && !list.overlong
        }
        queues => is_read(queues),
    };
    let by_queue = row
        .queues
        .value()
        .is_some_and(|list| !list.items.is_empty());
    let parts = by_queue || is_read(&row.participants);
    let read = is_read(&row.status) && is_read(&row.accepted_at) && is_read(&row.end_time);
    (read && assigned && parts && is_read(&row.source)).then_some(true)
}

/// What was sent, if anything was, is what should be there.
fn is_read<T>(sent: &Sent<T>) -> bool {
    !matches!(sent, Sent::WrongType | Sent::Unreadable)
}

type LastQueue<'r> = (&'r str, Option<&'r str>, Option<Timestamp>);

/// Id, name and time of the queue that a conversation was put into last.
fn last_queue<'r>(row: &'r OpenConversation<'_>) -> Option<LastQueue<'r>> {
    let assigned = row.queues.value().map_or(&[][..], |list| &list.items);
    let parts = row.participants.value().map_or(&[][..], |list| &list.items);
    let part = parts
        .iter()
        .rev()
        .find(|part| text(&part.queue_id).is_some());
    let last = assigned
        .iter()
        .rev()
        .find(|queue| text(&queue.id).is_some());
    let id = last
        .and_then(|last| text(&last.id))
        .or(part.and_then(|part| text(&part.queue_id)))?;
    let name = parts
        .iter()
        .rev()
        .find(|part| text(&part.queue_id) == Some(id))
        .and_then(|part| text(&part.queue_name));
    let since = last.and_then(|last| last.start_time.value().copied());
    let since = since.or(part.and_then(|part| part.queue_start_time.value().copied()));
    Some((id, name, since))
}

/// Running records among those that the poller read.
pub(super) fn call_details<'f>(running: impl Iterator<Item = &'f Followed>, now_s: i64) -> Reading {
    let none = Numbers {
        waiting: Some(0),
        with_agent: Some(0),
        overdue: None,
        longest_wait_s: Some(0),
    };
    let mut reading = Reading {
        elsewhere: none,
        ..Reading::default()
    };
    for followed in running {
        let wait_s = followed
            .waits_since_s
            .map_or(0, |since_s| u64::try_from(now_s - since_s).unwrap_or(0));
        let numbers = Numbers {
            waiting: Some(u64::from(!followed.with_agent)),
            with_agent: Some(u64::from(followed.with_agent)),
            overdue: None,
            longest_wait_s: Some(wait_s),
        };
        add(&mut reading.places, followed.place.clone(), numbers);
    }
    reading
}

fn add(places: &mut BTreeMap<Place, Numbers>, place: Place, numbers: Numbers) {
    match places.entry(place) {
        Entry::Vacant(free) => {
            free.insert(numbers);
        }
        Entry::Occupied(mut taken) => {
            let both = taken.get().and(numbers);
            taken.insert(both);
        }
    }
}

/// As it is shown: by its name, else by the name that is known for its id, else by its id.
pub(super) fn queue(id: Option<&str>, name: Option<&str>, names: &Names) -> Arc<str> {
    match (id, name) {
        (_, Some(name)) => Arc::from(label(name)),
        (Some(id), None) => names
            .get(id)
            .cloned()
            .unwrap_or_else(|| Arc::from(label(id))),
        (None, None) => Arc::from(NO_QUEUE),
    }
}

fn text<'r>(sent: &'r Sent<crate::api::Text<'_>>) -> Option<&'r str> {
    sent.value().map(|text| &**text)
}

/// A number of people; what is missing is not told, what is none is refused.
fn count(sent: &Sent<f64>, refused: &mut u64) -> Option<u64> {
    match sent {
        Sent::Absent => None,
        Sent::Value(number) if (0.0..MOST).contains(number) && number.fract() == 0.0 => {
            Some(*number as u64)
        }
        Sent::Value(_) | Sent::WrongType | Sent::Unreadable => {
            *refused += 1;
            None
        }
    }
}

fn wait_s(since: Timestamp, now_s: i64) -> u64 {
    u64::try_from(now_s - since.utc_ms(0).div_euclid(1000)).unwrap_or(0)
}
