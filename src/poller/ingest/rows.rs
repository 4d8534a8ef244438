//! The rows of one window, each read once.

use crate::api::{Offsets, Record, Row, Told, measure_offset};
use crate::fact::{Context, Identity, derive};
use crate::ledger::{self, Batch, Ids, Ledger};
use std::borrow::Cow;

/// One row as it came.
pub struct Arrival<'p> {
    digest: u64,
    row: Row<'p>,
    content: Content<'p>,
}

enum Content<'p> {
    /// Its bytes were counted before, whole: nothing of it is read.
    Known,
    /// Not even an object.
    Stranger,
    /// With whom it is about, hashed while its bytes are at hand.
    Record(Box<Record<'p>>, Option<Ids>),
}

impl<'p> Arrival<'p> {
    /// Reads a row, unless the ledger knows its bytes.
    pub fn read(row: Row<'p>, ledger: &Ledger) -> Arrival<'p> {
        let digest = ledger.key.digest(row.text());
        let content = if ledger.digests.contains(&digest) {
            Content::Known
        } else {
            match Record::read(row) {
                Some(record) => {
                    let ids = Identity::of(&record).map(|identity| ledger.key.ids(&identity));
                    Content::Record(Box::new(record), ids)
                }
                None => Content::Stranger,
            }
        };
        Arrival {
            digest,
            row,
            content,
        }
    }

    /// Stands for the bytes.
    pub fn digest(&self) -> u64 {
        self.digest
    }

    /// Whether its bytes were counted before.
    pub fn is_known(&self) -> bool {
        matches!(self.content, Content::Known)
    }

    /// What the row says, where it was read.
    pub fn record(&self) -> Option<&Record<'p>> {
        match &self.content {
            Content::Record(record, _) => Some(record),
            Content::Known | Content::Stranger => None,
        }
    }

    /// Whom it is about, where it was read and says so.
    pub fn ids(&self) -> Option<Ids> {
        match &self.content {
            Content::Record(_, ids) => *ids,
            Content::Known | Content::Stranger => None,
        }
    }

    /// What the row says, read now if it was not.
    pub fn read_anyway(&self) -> Option<Cow<'_, Record<'p>>> {
        match &self.content {
            Content::Record(record, _) => Some(Cow::Borrowed(&**record)),
            Content::Known => Record::read(self.row).map(Cow::Owned),
            Content::Stranger => None,
        }
    }
}

/// The rows of one window.
#[derive(Default)]
pub struct Rows<'p>(pub Vec<Arrival<'p>>);

impl<'p> Rows<'p> {
    /// Reads rows that came otherwise than in pages.
    pub fn read(rows: impl IntoIterator<Item = Row<'p>>, ledger: &Ledger) -> Rows<'p> {
        let read = |row| Arrival::read(row, ledger);
        Rows(rows.into_iter().map(read).collect())
    }

    #[allow(
        clippy::len_without_is_empty,
        reason = "nobody asks whether there are any"
    )]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The offset of zone-less times that the window's records tell, in seconds; `None` if they tell none.
    ///
    /// Records that were counted before have a voice as well. They are read for it only where the new ones would move
    /// the account's offset: as long as they agree with it, nobody else need be asked. What the new ones tell is noted
    /// in `offsets`.
    pub fn offset_s(
        &self,
        now_s: i64,
        previous: Option<i32>,
        offsets: &mut Offsets,
    ) -> Option<i32> {
        let new = self.0.iter().filter_map(Arrival::record);
        let told = Told::by(new, now_s);
        offsets.note(&told);
        let told = told.most().or(previous);
        // Where none was counted before, all have spoken already.
        let all_new = !self.0.iter().any(Arrival::is_known);
        if told.is_none() || told == previous || all_new {
            return told;
        }
        let all: Vec<_> = self.0.iter().filter_map(Arrival::read_anyway).collect();
        measure_offset(all.iter().map(|record| &**record), now_s, previous)
    }

    /// Derives what the ledger did not know.
    pub fn batch(&self, context: &Context) -> Batch<'_> {
        let mut batch = Batch::default();
        let mut records = Vec::with_capacity(self.0.len());
        for arrival in &self.0 {
            let (record, ids) = match &arrival.content {
                Content::Known => {
                    batch.known += 1;
                    continue;
                }
                Content::Stranger => {
                    batch.rejected += 1;
                    continue;
                }
                Content::Record(record, ids) => (record, *ids),
            };
            match (derive(record, context), ids) {
                (Ok(derived), Some(ids)) => records.push(ledger::Version {
                    ids,
                    digest: arrival.digest,
                    derived,
                }),
                _ => batch.rejected += 1,
            }
        }
        // They matter beside records alone.
        if !records.is_empty() {
            let known = self.0.iter().filter(|arrival| arrival.is_known());
            batch.standing = known.map(Arrival::digest).collect();
        }
        batch.records = records;
        batch
    }
}

/// The newest session start among a batch's records, UTC seconds.
pub(super) fn newest_start_s(batch: &Batch<'_>) -> Option<i64> {
    let starts = batch.records.iter().map(|record| record.derived.start_s);
    starts.max().flatten()
}
