//! The derive step of one window: raw rows → what the ledger applies.

use crate::api::{Record, measure_offset};
use crate::fact::{Context, derive};
use crate::ledger::{self, Batch, Key};
use rustc_hash::FxHashSet;
use serde_json::value::RawValue;

/// The rows of one window, parsed as far as they need to be.
pub struct Rows<'b> {
    /// Every row that is an object, with its digest; empty where all rows were known.
    parsed: Vec<(u64, Record<'b>)>,
    known: u64,
    /// Rows that are no object.
    rejected: u64,
}

impl<'b> Rows<'b> {
    /// Parses the rows, unless the ledger knows every one of them by its bytes.
    pub fn parse(rows: &[&'b RawValue], key: &Key, digests: &FxHashSet<u64>) -> Rows<'b> {
        let digested: Vec<(u64, &'b RawValue)> = rows
            .iter()
            .map(|row| (key.digest(row.get()), *row))
            .collect();
        let mut all = Rows {
            parsed: Vec::new(),
            known: 0,
            rejected: 0,
        };
        if digested.iter().all(|(digest, _)| digests.contains(digest)) {
            all.known = digested.len() as u64;
            return all;
        }
        // The known ones too: they vote on the window's offset.
        all.parsed.reserve(digested.len());
        for (digest, row) in digested {
            match Record::read(row) {
                Some(record) => all.parsed.push((digest, record)),
                None => all.rejected += 1,
            }
        }
        all
    }

    /// The offset of zone-less times that most of the window's records tell, in seconds; `None` if none does.
    pub fn offset_s(&self, now_s: i64, previous: Option<i32>) -> Option<i32> {
        measure_offset(
            self.parsed.iter().map(|(_, record)| record),
            now_s,
            previous,
        )
    }

    /// Derives what the ledger does not know yet.
    pub fn batch(&self, context: &Context, key: &Key, digests: &FxHashSet<u64>) -> Batch<'_> {
        let mut batch = Batch {
            known: self.known,
            standing: FxHashSet::default(),
            rejected: self.rejected,
            records: Vec::new(),
        };
        for (digest, record) in &self.parsed {
            if digests.contains(digest) {
                batch.known += 1;
                batch.standing.insert(*digest);
                continue;
            }
            match derive(record, context) {
                Ok(derived) => {
                    let ids = key.ids(&derived.identity);
                    batch.records.push(ledger::Record {
                        ids,
                        digest: *digest,
                        derived,
                    });
                }
                Err(_) => batch.rejected += 1,
            }
        }
        batch
    }
}

/// The newest session start among a batch's records, UTC seconds.
pub fn newest_start_s(batch: &Batch<'_>) -> Option<i64> {
    batch
        .records
        .iter()
        .filter_map(|record| record.derived.start_s)
        .max()
}
