//! A scope's past as it is stored: of each day those hours alone in which something was offered.

use super::bytes::{Reader, Writer};
use crate::evidence::past::{Day, HOURS, NONE, Open, Past, SLOTS};
use crate::evidence::steady::PARTS;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) fn write_open(to: &mut Writer, past: &Past) {
    to.option(past.target, Writer::real);
    to.real(past.open.tolerated);
    to.real(past.open.offered);
    to.count(past.open.slots.len());
    for (slot, parts) in &past.open.slots {
        to.time(*slot);
        parts.iter().for_each(|part| write_pair(to, *part));
    }
}

pub(super) fn write_days(to: &mut Writer, past: &Past) {
    to.count(past.days.len());
    for (number, day) in &*past.days {
        to.time(*number);
        to.number(day.offered);
        let hours = day.hours.iter().enumerate();
        let seen: Vec<_> = hours.filter(|(_, hour)| **hour != (0, 0)).collect();
        to.byte(seen.len() as u8);
        for (slot, hour) in seen {
            to.byte(slot as u8);
            write_pair(to, *hour);
        }
        let peaks = day.peaks.iter().enumerate();
        let judged: Vec<_> = peaks.filter(|(_, peak)| **peak != NONE).collect();
        to.byte(judged.len() as u8);
        for (hour, peak) in judged {
            to.byte(hour as u8);
            peak.iter().for_each(|nats| to.short(*nats));
        }
    }
}

/// A past without its days.
pub(super) fn read_open(from: &mut Reader) -> Option<Past> {
    Some(Past {
        target: from.option(Reader::real)?,
        open: Open {
            tolerated: from.real()?,
            offered: from.real()?,
            slots: from
                .list(|from| {
                    let slot = from.time()?;
                    let mut parts = [(0, 0); PARTS];
                    for part in &mut parts {
                        *part = read_pair(from)?;
                    }
                    Some((slot, parts))
                })?
                .into(),
        },
        days: Arc::default(),
    })
}

pub(super) fn read_days(from: &mut Reader) -> Option<Arc<BTreeMap<i64, Day>>> {
    let days = from.list(|from| Some((from.time()?, read_day(from)?)))?;
    Some(Arc::new(days.into_iter().collect()))
}

fn read_day(from: &mut Reader) -> Option<Day> {
    let mut day = Day {
        offered: from.number()?,
        ..Day::default()
    };
    for _ in 0..from.byte()? {
        let slot = usize::from(from.byte()?);
        *day.hours.get_mut(slot)? = read_pair(from)?;
    }
    for _ in 0..from.byte()? {
        let hour = usize::from(from.byte()?);
        for nats in day.peaks.get_mut(hour)? {
            *nats = from.short()?;
        }
    }
    Some(day)
}

fn write_pair(to: &mut Writer, (offered, abandoned): (u16, u16)) {
    to.short(offered);
    to.short(abandoned);
}

fn read_pair(from: &mut Reader) -> Option<(u16, u16)> {
    Some((from.short()?, from.short()?))
}

const _: () = assert!(SLOTS < 256 && HOURS < 256);
