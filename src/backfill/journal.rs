//! What was read of one account's past, as it came: each increment with the time of its conversation, and gauges by time.
//! One file, only ever added to.
//!
//! A frame carries the number of the commit that it belongs to, and is on disk before that commit is made. So what lies
//! behind the last commit, whole or torn, is of a commit that never was: it is cut off, and read again.

use crate::ledger::{Measure, Sample, SeriesKey, Sym, Value};
use rustc_hash::FxHashMap;
use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;

const MAGIC: &[u8] = b"smartassist-exporter backfill 1\n";

/// A frame's head: its commit's number, then the bytes that follow.
const HEAD: usize = 16;

const SERIES: u8 = 1;
const STEP: u8 = 2;
const SET: u8 = 3;
const GAUGE: u8 = 4;

/// Of a series: whether the exporter that runs has counted it among what it first showed.
pub(super) type Owned = bool;

/// One increment: the number of its series, when its conversation ended (UTC seconds), and what a histogram observes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    pub series: u32,
    pub at_s: u32,
    pub millis: u64,
}

/// What is found in a journal, in its order.
#[derive(Debug, PartialEq)]
pub(super) enum Item {
    /// The next series: they are numbered from 0.
    Series(SeriesKey, Owned),
    Step(Step),
    /// The next label set of a gauge: they are numbered from 0, too.
    Set(Measure, Vec<Arc<str>>),
    Gauge {
        set: u32,
        at_s: u32,
        value: f64,
    },
}

/// A journal that is written.
#[derive(Debug)]
pub(super) struct Journal {
    file: File,
    series: FxHashMap<(SeriesKey, Owned), u32>,
    sets: FxHashMap<(Measure, Vec<Arc<str>>), u32>,
}

impl Journal {
    /// Opens it, and cuts off what lies behind commit `commits`.
    ///
    /// # Errors
    /// It cannot be read or written, or is no journal.
    pub(super) fn open(path: &Path, commits: i64) -> io::Result<Journal> {
        let mut file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        let (mut series, mut sets) = (FxHashMap::default(), FxHashMap::default());
        let whole = if file.metadata()?.len() < MAGIC.len() as u64 {
            file.rewind()?;
            file.write_all(MAGIC)?;
            MAGIC.len() as u64
        } else {
            scan(&file, commits, &mut |item| match item {
                Item::Series(key, owned) => {
                    let number = series.len() as u32;
                    series.insert((key, owned), number);
                }
                Item::Set(measure, labels) => {
                    let number = sets.len() as u32;
                    sets.insert((measure, labels), number);
                }
                Item::Step(_) | Item::Gauge { .. } => {}
            })?
        };
        file.set_len(whole)?;
        file.sync_all()?;
        file.seek(SeekFrom::End(0))?;
        Ok(Journal { file, series, sets })
    }

    /// Adds increments that commit `number` makes; on disk when this returns.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn increments(
        &mut self,
        number: i64,
        increments: impl IntoIterator<Item = (SeriesKey, Owned, i64, u64)>,
    ) -> io::Result<()> {
        let mut frame = Frame::new();
        for (key, owned, at_s, millis) in increments {
            let next = self.series.len() as u32;
            let series = *self.series.entry((key, owned)).or_insert_with(|| {
                frame.series(&key, owned);
                next
            });
            frame.step(Step {
                series,
                at_s: clamped(at_s),
                millis,
            });
        }
        frame.write(&mut self.file, number)
    }

    /// Adds gauges as they stood at a time, which commit `number` tells of.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn gauges(&mut self, number: i64, at: &[(i64, Vec<Sample>)]) -> io::Result<()> {
        let mut frame = Frame::new();
        for (at_s, samples) in at {
            for sample in samples {
                let Value::Gauge(value) = sample.value else {
                    continue;
                };
                let next = self.sets.len() as u32;
                let key = (sample.measure, sample.labels.clone());
                let set = *self.sets.entry(key).or_insert_with(|| {
                    frame.set(sample);
                    next
                });
                frame.gauge(set, clamped(*at_s), value);
            }
        }
        frame.write(&mut self.file, number)
    }
}

/// Hands over what a journal holds up to commit `commits`.
///
/// # Errors
/// It cannot be read, or is no journal.
pub(super) fn read(path: &Path, commits: i64, take: &mut dyn FnMut(Item)) -> io::Result<()> {
    scan(&File::open(path)?, commits, take).map(drop)
}

/// Until 2106.
fn clamped(at_s: i64) -> u32 {
    u32::try_from(at_s.max(0)).unwrap_or(u32::MAX)
}

struct Frame(Vec<u8>);

impl Frame {
    fn new() -> Frame {
        Frame(vec![0; HEAD])
    }

    fn series(&mut self, key: &SeriesKey, owned: Owned) {
        self.0.extend([SERIES, key.measure as u8, u8::from(owned)]);
        for sym in key.syms() {
            self.0.extend(sym.0.to_le_bytes());
        }
    }

    fn step(&mut self, step: Step) {
        self.0.push(STEP);
        self.0.extend(step.series.to_le_bytes());
        self.0.extend(step.at_s.to_le_bytes());
        self.0.extend(step.millis.to_le_bytes());
    }

    fn set(&mut self, sample: &Sample) {
        let place = Measure::ALL.iter().position(|it| *it == sample.measure);
        self.0.extend([SET, place.unwrap_or_default() as u8]);
        self.0.push(sample.labels.len() as u8);
        for label in &sample.labels {
            // No label is longer than 128 characters.
            self.0.extend((label.len() as u16).to_le_bytes());
            self.0.extend(label.as_bytes());
        }
    }

    fn gauge(&mut self, set: u32, at_s: u32, value: f64) {
        self.0.push(GAUGE);
        self.0.extend(set.to_le_bytes());
        self.0.extend(at_s.to_le_bytes());
        self.0.extend(value.to_le_bytes());
    }

    fn write(mut self, file: &mut File, number: i64) -> io::Result<()> {
        if self.0.len() == HEAD {
            return Ok(());
        }
        let bytes = (self.0.len() - HEAD) as u64;
        self.0[..8].copy_from_slice(&number.to_le_bytes());
        self.0[8..HEAD].copy_from_slice(&bytes.to_le_bytes());
        file.write_all(&self.0)?;
        file.sync_data()
    }
}

/// Reads whole frames up to `commits`; where the last of them ends.
fn scan(file: &File, commits: i64, take: &mut dyn FnMut(Item)) -> io::Result<u64> {
    let mut reader = BufReader::with_capacity(1 << 20, file);
    reader.rewind()?;
    let mut magic = vec![0; MAGIC.len()];
    reader.read_exact(&mut magic)?;
    if magic != MAGIC {
        return Err(damaged());
    }
    let length = file.metadata()?.len();
    let mut whole = MAGIC.len() as u64;
    let mut payload = Vec::new();
    while length - whole >= HEAD as u64 {
        let mut head = [0; HEAD];
        reader.read_exact(&mut head)?;
        let mut head = Bytes(&head);
        let number = head.take().map(i64::from_le_bytes).ok_or_else(damaged)?;
        let bytes = head.take().map(u64::from_le_bytes).ok_or_else(damaged)?;
        if number > commits || bytes > length - whole - HEAD as u64 {
            break;
        }
        payload.resize(usize::try_from(bytes).map_err(|_| damaged())?, 0);
        reader.read_exact(&mut payload)?;
        let mut rest = Bytes(&payload);
        while !rest.0.is_empty() {
            take(rest.item().ok_or_else(damaged)?);
        }
        whole += HEAD as u64 + bytes;
    }
    Ok(whole)
}

fn damaged() -> io::Error {
    io::Error::new(ErrorKind::InvalidData, "what was read so far is damaged")
}

struct Bytes<'b>(&'b [u8]);

impl<'b> Bytes<'b> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*first)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn text(&mut self) -> Option<&'b str> {
        let length = usize::from(self.take().map(u16::from_le_bytes)?);
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        std::str::from_utf8(text).ok()
    }

    fn item(&mut self) -> Option<Item> {
        let [kind] = self.take()?;
        Some(match kind {
            SERIES => {
                let [measure, owned] = self.take()?;
                let mut syms = [Sym::ABSENT; 6];
                for sym in &mut syms {
                    *sym = Sym(self.u32()?);
                }
                let measure = Measure::from_u8(measure)?;
                Item::Series(SeriesKey::from_syms(measure, syms), owned == 1)
            }
            STEP => Item::Step(Step {
                series: self.u32()?,
                at_s: self.u32()?,
                millis: self.take().map(u64::from_le_bytes)?,
            }),
            SET => {
                let [place, labels] = self.take()?;
                let measure = *Measure::ALL.get(usize::from(place))?;
                let labels = (0..labels).map(|_| self.text().map(Arc::from));
                Item::Set(measure, labels.collect::<Option<_>>()?)
            }
            GAUGE => Item::Gauge {
                set: self.u32()?,
                at_s: self.u32()?,
                value: self.take().map(f64::from_le_bytes)?,
            },
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Own, QueueSym};

    fn key(word: u32) -> SeriesKey {
        SeriesKey {
            measure: Measure::Disconnects,
            channel: Sym(3),
            queue: QueueSym {
                id: Sym(4),
                name: Sym(5),
            },
            own: Own::word(Sym(word)),
        }
    }

    fn all(path: &Path, commits: i64) -> Vec<Item> {
        let mut items = Vec::new();
        read(path, commits, &mut |item| items.push(item)).unwrap();
        items
    }

    fn gauge(value: f64) -> Sample {
        Sample {
            measure: Measure::RecentOffered,
            labels: ["15m", "Voice", "Billing \"2\""].map(Arc::from).to_vec(),
            value: Value::Gauge(value),
        }
    }

    #[test]
    fn what_is_written_is_found_again_and_goes_on_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut journal = Journal::open(&path, 0).unwrap();
        let first = [
            (key(9), true, 1_790_000_000, 7),
            (key(9), true, 1_790_000_060, 0),
        ];
        journal.increments(1, first).unwrap();
        journal
            .gauges(2, &[(1_790_000_100, vec![gauge(0.5)])])
            .unwrap();
        drop(journal);
        let mut journal = Journal::open(&path, 2).unwrap();
        journal
            .increments(3, [(key(9), true, 5, 1), (key(9), false, 6, 2)])
            .unwrap();
        journal.gauges(3, &[(9, vec![gauge(1.5)])]).unwrap();
        let step = |series, at_s, millis| {
            Item::Step(Step {
                series,
                at_s,
                millis,
            })
        };
        let gauge_at = |at_s, value| Item::Gauge {
            set: 0,
            at_s,
            value,
        };
        let expected = [
            Item::Series(key(9), true),
            step(0, 1_790_000_000, 7),
            step(0, 1_790_000_060, 0),
            Item::Set(Measure::RecentOffered, gauge(0.0).labels),
            gauge_at(1_790_000_100, 0.5),
            step(0, 5, 1),
            Item::Series(key(9), false),
            step(1, 6, 2),
            gauge_at(9, 1.5),
        ];
        assert_eq!(all(&path, 3), expected);
    }

    /// Wherever the process dies: what belongs to no commit is not there afterwards, however much of it was written.
    #[test]
    fn what_no_commit_followed_is_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut journal = Journal::open(&path, 0).unwrap();
        journal.increments(1, [(key(9), false, 1, 1)]).unwrap();
        let whole = std::fs::metadata(&path).unwrap().len();
        journal.increments(2, [(key(8), false, 2, 2)]).unwrap();
        drop(journal);
        let written = std::fs::read(&path).unwrap();
        for length in whole..=written.len() as u64 {
            std::fs::write(&path, &written[..length as usize]).unwrap();
            let mut journal = Journal::open(&path, 1).unwrap();
            assert_eq!(std::fs::metadata(&path).unwrap().len(), whole);
            journal.increments(2, [(key(8), false, 3, 3)]).unwrap();
            assert_eq!(all(&path, 2).len(), 4);
            assert_eq!(all(&path, 1).len(), 2);
        }
        std::fs::write(&path, vec![7; 100]).unwrap();
        assert!(Journal::open(&path, 1).is_err());
    }
}
