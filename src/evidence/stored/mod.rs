//! A detector as it is stored: a version, then everything that cannot be worked out from the rest.
//!
//! Heads are gone through again when it is loaded, weights follow from what is usual. Numbers are kept to the last bit,
//! so that all goes on as if it had never been stored.

mod bytes;
mod past;

use super::detector::Detector;
use super::follow::Follow;
use super::plan::Plan;
use super::scope::{Counts, Numbers, Scope, Settings};
use super::tail::{Entry, Tail};
use super::walk::{Hour, Walk};
use super::weights::{Levels, Weights};
use bytes::{Reader, Writer};

const VERSION: u8 = 2;

/// Why stored bytes are no detector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("evidence is stored as version {found}, this is version {VERSION}")]
    Version { found: u8 },
    #[error("stored evidence is cut off or damaged")]
    Damaged,
}

impl Detector {
    /// What is to be stored, in parts of which only those that changed are written again: part 0 changes with every
    /// conversation, each other one is the past of a scope and changes twice an hour. `stored` is what is stored already.
    pub fn parts(&self, stored: Option<&Detector>) -> Vec<(u32, Vec<u8>)> {
        let mut parts = Vec::new();
        if stored != Some(self) {
            parts.push((0, self.now()));
        }
        for (place, follow) in self.follows.iter().enumerate() {
            let before = stored.and_then(|stored| stored.follows.get(place));
            if before.is_none_or(|before| before.past.days != follow.past.days) {
                let mut to = Writer::default();
                past::write_days(&mut to, &follow.past);
                parts.push((place as u32 + 1, to.0));
            }
        }
        parts
    }

    /// All but the scopes' past days.
    fn now(&self) -> Vec<u8> {
        let mut to = Writer::default();
        to.byte(VERSION);
        to.option(self.slot, Writer::time);
        to.time(self.newest_s);
        to.option(self.settled, |to, (at_s, id)| {
            to.time(at_s);
            to.long(id);
        });
        to.long(self.counts.late);
        to.long(self.counts.unfollowed);
        to.count(self.follows.len());
        for follow in &self.follows {
            write_follow(&mut to, follow);
        }
        to.count(self.tail.len());
        for ((at_s, id), entry) in self.tail.iter() {
            to.time(at_s);
            to.long(id);
            write_entry(&mut to, entry);
        }
        to.0
    }

    /// From what was stored; parts of scopes that it no longer has are left alone.
    ///
    /// # Errors
    /// The parts are of another version, damaged, or not all there.
    pub fn from_parts(
        parts: &[(u32, Vec<u8>)],
        settings: Settings,
    ) -> Result<Detector, Unreadable> {
        let part = |wanted: u32| {
            let found = parts.iter().find(|(number, _)| *number == wanted);
            found
                .map(|(_, bytes)| Reader(bytes))
                .ok_or(Unreadable::Damaged)
        };
        let mut from = part(0)?;
        match from.byte() {
            Some(VERSION) => {}
            Some(found) => return Err(Unreadable::Version { found }),
            None => return Err(Unreadable::Damaged),
        }
        let mut detector = whole(&mut from, |from| read(from, settings))?;
        for (place, follow) in detector.follows.iter_mut().enumerate() {
            follow.past.days = whole(&mut part(place as u32 + 1)?, past::read_days)?;
        }
        Ok(detector)
    }
}

/// Reads all that is left.
fn whole<T>(
    from: &mut Reader,
    read: impl FnOnce(&mut Reader) -> Option<T>,
) -> Result<T, Unreadable> {
    let read = read(from).ok_or(Unreadable::Damaged)?;
    if from.0.is_empty() {
        Ok(read)
    } else {
        Err(Unreadable::Damaged)
    }
}

fn read(from: &mut Reader, settings: Settings) -> Option<Detector> {
    let slot = from.option(Reader::time)?;
    let newest_s = from.time()?;
    let settled = from.option(|from| Some((from.time()?, from.long()?)))?;
    let counts = Counts {
        late: from.long()?,
        unfollowed: from.long()?,
    };
    let follows = from.list(read_follow)?;
    if follows.first()?.scope != Scope::Account {
        return None;
    }
    let mut numbers = Numbers::default();
    for (number, follow) in follows.iter().enumerate() {
        numbers.note(&follow.scope, number as u32);
    }
    let mut tail = Tail::default();
    for (at, entry) in from.list(|from| Some(((from.time()?, from.long()?), read_entry(from)?)))? {
        tail.put(at, entry);
    }
    Some(Detector {
        settings,
        follows,
        numbers,
        tail,
        slot,
        newest_s,
        settled,
        stale: true,
        counts,
    })
}

fn write_follow(to: &mut Writer, follow: &Follow) {
    let (kind, name) = match &follow.scope {
        Scope::Account => (0, ""),
        Scope::Channel(name) => (1, &**name),
        Scope::Queue(name) => (2, &**name),
    };
    to.byte(kind);
    to.text(name);
    past::write_open(to, &follow.past);
    for plan in follow.plans {
        to.option(plan, write_plan);
    }
    write_walk(to, &follow.settled);
    let hour = &follow.hour;
    to.time(hour.hour);
    write_levels(to, &hour.levels);
    write_levels(to, &hour.highest);
    to.number(hour.offered);
    to.count(follow.peaks.len());
    for (hour, peak) in &follow.peaks {
        to.time(*hour);
        write_levels(to, peak);
    }
}

fn read_follow(from: &mut Reader) -> Option<Follow> {
    let kind = from.byte()?;
    let name = from.text()?;
    let mut follow = Follow::new(match kind {
        0 => Scope::Account,
        1 => Scope::Channel(name.into()),
        2 => Scope::Queue(name.into()),
        _ => return None,
    });
    follow.past = past::read_open(from)?;
    for plan in &mut follow.plans {
        *plan = from.option(read_plan)?;
    }
    follow.settled = read_walk(from)?;
    follow.hour = Hour {
        hour: from.time()?,
        levels: read_levels(from)?,
        highest: read_levels(from)?,
        offered: from.number()?,
    };
    follow.peaks = from.list(|from| Some((from.time()?, read_levels(from)?)))?;
    Some(follow)
}

fn write_plan(to: &mut Writer, plan: Plan) {
    to.real(plan.usual);
    write_levels(to, &plan.limits);
}

fn read_plan(from: &mut Reader) -> Option<Plan> {
    let usual = from.real()?;
    Some(Plan {
        usual,
        limits: read_levels(from)?,
        bank: Weights::bank(usual),
    })
}

fn write_walk(to: &mut Writer, walk: &Walk) {
    write_levels(to, &walk.levels);
    to.time(walk.last_s);
}

fn read_walk(from: &mut Reader) -> Option<Walk> {
    Some(Walk {
        levels: read_levels(from)?,
        last_s: from.time()?,
    })
}

fn write_levels(to: &mut Writer, levels: &Levels) {
    for level in levels {
        to.real(*level);
    }
}

fn read_levels(from: &mut Reader) -> Option<Levels> {
    let mut levels = Levels::default();
    for level in &mut levels {
        *level = from.real()?;
    }
    Some(levels)
}

fn write_entry(to: &mut Writer, entry: Entry) {
    match entry {
        Entry::Unread => to.byte(2),
        Entry::Conversation {
            scopes,
            abandoned,
            target_millionths,
        } => {
            to.byte(u8::from(abandoned));
            to.number(scopes[1]);
            to.number(scopes[2]);
            to.number(target_millionths);
        }
    }
}

fn read_entry(from: &mut Reader) -> Option<Entry> {
    let kind = from.byte()?;
    if kind == 2 {
        return Some(Entry::Unread);
    }
    Some(Entry::Conversation {
        abandoned: kind == 1,
        scopes: [0, from.number()?, from.number()?],
        target_millionths: from.number()?,
    })
}
