//! Stored forms of keys, sums and counted conversations: fixed little-endian layouts.

use crate::fact::Outcome;
use crate::ledger::{Began, Counted, Counts, Id, Measure, Quarter, QueueSym, SeriesKey, Sum, Sym};

pub(super) fn id(bytes: &[u8]) -> Option<Id> {
    Some(Id(u128::from_be_bytes(bytes.try_into().ok()?)))
}

pub(super) fn id_bytes(id: Id) -> [u8; 16] {
    id.0.to_be_bytes()
}

/// The measure's number, then six symbols.
pub(super) fn series_key_bytes(key: &SeriesKey) -> Vec<u8> {
    let mut bytes = vec![key.measure as u8];
    for sym in key.syms() {
        bytes.extend(sym.0.to_le_bytes());
    }
    bytes
}

pub(super) fn series_key(bytes: &[u8]) -> Option<SeriesKey> {
    let (measure, syms) = series_syms(bytes)?;
    Some(SeriesKey::from_syms(measure, syms))
}

/// The parts of a stored key as they stand, for states of older versions.
pub(super) fn series_syms(bytes: &[u8]) -> Option<(Measure, [Sym; 6])> {
    let mut reader = Reader(bytes);
    let measure = Measure::from_u8(reader.u8()?)?;
    let mut syms = [Sym::ABSENT; 6];
    for sym in &mut syms {
        *sym = reader.sym()?;
    }
    reader.end()?;
    Some((measure, syms))
}

/// A count; or the buckets, then the sum in milliseconds.
pub(super) fn sum_bytes(sum: &Sum) -> Vec<u8> {
    match sum {
        Sum::Count(count) => count.to_le_bytes().to_vec(),
        Sum::Histogram {
            buckets,
            sum_millis,
        } => buckets
            .iter()
            .chain([sum_millis])
            .flat_map(|value| value.to_le_bytes())
            .collect(),
    }
}

pub(super) fn sum(measure: Measure, bytes: &[u8]) -> Option<Sum> {
    let mut reader = Reader(bytes);
    let sum = match measure.bounds_s() {
        None => Sum::Count(reader.u64()?),
        Some(bounds) => {
            let buckets = (0..=bounds.len())
                .map(|_| reader.u64())
                .collect::<Option<_>>()?;
            Sum::Histogram {
                buckets,
                sum_millis: reader.u64()?,
            }
        }
    };
    reader.end()?;
    Some(sum)
}

const OFFERED: u8 = 1;
const WITHIN_TARGET: u8 = 2;
const NO_SCORE: u8 = u8::MAX;
const NO_WAIT: u64 = u64::MAX;

pub(super) fn counted_bytes(counted: &Counted) -> Vec<u8> {
    let flags =
        u8::from(counted.offered) * OFFERED + u8::from(counted.within_target) * WITHIN_TARGET;
    let mut bytes = Vec::with_capacity(36);
    bytes.extend(counted.ended_s.to_le_bytes());
    for sym in [
        counted.channel,
        counted.queue.id,
        counted.queue.name,
        counted.direction,
    ] {
        bytes.extend(sym.0.to_le_bytes());
    }
    bytes.extend([
        counted.outcome as u8,
        flags,
        counted.csat.unwrap_or(NO_SCORE),
        counted.nps.unwrap_or(NO_SCORE),
    ]);
    bytes.extend(counted.wait_millis.unwrap_or(NO_WAIT).to_le_bytes());
    bytes
}

pub(super) fn counted(bytes: &[u8]) -> Option<Counted> {
    let mut reader = Reader(bytes);
    let ended_s = i64::from_le_bytes(reader.take()?);
    let (channel, id, name, direction) =
        (reader.sym()?, reader.sym()?, reader.sym()?, reader.sym()?);
    let outcome = *Outcome::ALL.get(usize::from(reader.u8()?))?;
    let flags = reader.u8()?;
    if flags & !(OFFERED | WITHIN_TARGET) != 0 {
        return None;
    }
    let (csat, nps) = (reader.u8()?, reader.u8()?);
    let wait = reader.u64()?;
    reader.end()?;
    Some(Counted {
        channel,
        queue: QueueSym { id, name },
        direction,
        outcome,
        offered: flags & OFFERED != 0,
        within_target: flags & WITHIN_TARGET != 0,
        ended_s,
        wait_millis: (wait != NO_WAIT).then_some(wait),
        csat: (csat != NO_SCORE).then_some(csat),
        nps: (nps != NO_SCORE).then_some(nps),
    })
}

/// The time in a stored counted conversation, without reading the rest.
pub(super) fn ended_s(bytes: &[u8]) -> Option<i64> {
    Reader(bytes).take().map(i64::from_le_bytes)
}

/// Place by place: channel, queue id and name, direction; how many counts are above 0; of each, which it is and how many.
pub(super) fn quarter_bytes(quarter: &Quarter) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (began, counts) in quarter.iter() {
        for sym in [
            began.channel,
            began.queue.id,
            began.queue.name,
            began.direction,
        ] {
            bytes.extend(sym.0.to_le_bytes());
        }
        bytes.push(u8::try_from(counts.told().count()).unwrap_or(u8::MAX));
        for (place, count) in counts.told() {
            bytes.push(place);
            bytes.extend(count.to_le_bytes());
        }
    }
    bytes
}

pub(super) fn quarter(bytes: &[u8]) -> Option<Quarter> {
    let mut reader = Reader(bytes);
    let mut places: Vec<(Began, Counts)> = Vec::new();
    while !reader.0.is_empty() {
        let (channel, id, name) = (reader.sym()?, reader.sym()?, reader.sym()?);
        let began = Began {
            channel,
            queue: QueueSym { id, name },
            direction: reader.sym()?,
        };
        let mut told: Vec<(u8, u32)> = Vec::new();
        for _ in 0..reader.u8()? {
            let place = reader.u8()?;
            let count = reader.take().map(u32::from_le_bytes)?;
            if count == 0 || told.last().is_some_and(|(before, _)| *before >= place) {
                return None;
            }
            told.push((place, count));
        }
        if places.last().is_some_and(|(before, _)| *before >= began) {
            return None;
        }
        places.push((began, Counts::from_told(told)?));
    }
    Some(places.into_iter().collect())
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, tail) = self.0.split_first_chunk::<N>()?;
        self.0 = tail;
        Some(*head)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take().map(u8::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    fn sym(&mut self) -> Option<Sym> {
        self.take().map(u32::from_le_bytes).map(Sym)
    }

    fn end(self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

/// Reads bytes as each of the forms; what is read is written so that it is read again.
#[cfg(any(test, fuzzing))]
pub(crate) fn read_forms(bytes: &[u8]) {
    // Labels that its measure does not have are not read: older versions had some.
    if let Some(key) = series_key(bytes) {
        assert_eq!(
            series_key(&series_key_bytes(&key)),
            Some(key),
            "a series' key"
        );
    }
    if let Some(counted) = counted(bytes) {
        assert_eq!(counted_bytes(&counted), bytes, "what was counted");
    }
    if let Some(quarter) = quarter(bytes) {
        assert_eq!(quarter_bytes(&quarter), bytes, "a quarter of an hour");
    }
    if let Some((measure, _)) = series_syms(bytes) {
        sum(measure, bytes);
    }
    ended_s(bytes);
    id(bytes);
}
