//! The counting part of an exporter, on a real store: from the bytes of records to sums on disk.

use serde_json::Value as Json;
use serde_json::value::RawValue;
use smartassist_exporter::api::Offsets;
use smartassist_exporter::fact::Context;
use smartassist_exporter::ledger::{
    Commit, Ledger, Measure, Policy, Sample, Showing, Tally, Target, Targets, Value, View,
};
use smartassist_exporter::poller::ingest::Rows;
use smartassist_exporter::store::{self, AccountKey, Kept, Store, StoreError};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// 2026-09-21T14:13:20Z.
pub const NOW_S: i64 = 1_790_000_000;
pub const FLOOR_S: i64 = NOW_S - 7 * 86_400;

/// Which account it counts, and when.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    pub account_id: &'static str,
    pub stream_id: &'static str,
    pub now_s: i64,
    pub per_agent: bool,
}

pub const HERE: Place = Place {
    account_id: "account",
    stream_id: "stream",
    now_s: NOW_S,
    per_agent: true,
};

pub struct Exporter {
    pub store: Store,
    pub key: AccountKey,
    pub ledger: Ledger,
    place: Place,
    /// Of records that tell none of their own.
    pub offset_s: i32,
}

impl Exporter {
    pub fn open(at: impl Into<store::Place>) -> Exporter {
        Exporter::open_at(at, HERE)
    }

    pub fn open_at(at: impl Into<store::Place>, place: Place) -> Exporter {
        let target = Target {
            abandonment_ratio: 0.05,
            service_level_millis: 20_000,
            service_level_ratio: 0.8,
            speed_of_answer_millis: 30_000,
            longest_wait_millis: 180_000,
        };
        let policy = Policy {
            targets: Targets::new(target, [], []),
            max_series_per_metric: 1_000,
            per_agent: place.per_agent,
        };
        let store = open(&at.into());
        let (account, stream) = (place.account_id, place.stream_id);
        let loaded = store
            .load(account, stream, policy, |_| FLOOR_S, || [1; 16])
            .unwrap();
        Exporter {
            store,
            key: loaded.key,
            ledger: loaded.ledger,
            place,
            offset_s: 0,
        }
    }

    pub fn restart(self, at: impl Into<store::Place>) -> Exporter {
        let (before, place) = (self.view(), self.place);
        drop(self);
        let after = Exporter::open_at(at, place);
        assert_eq!(after.view(), before, "a restart shows what was shown");
        after
    }

    pub fn apply<T>(&self, records: &[Json], then: impl FnOnce(Commit) -> T) -> T {
        let texts: Vec<Box<RawValue>> = records
            .iter()
            .map(|record| serde_json::value::to_raw_value(record).unwrap())
            .collect();
        let now_s = self.place.now_s;
        let rows = Rows::read(texts.iter().map(|text| (&**text).into()), &self.ledger);
        let context = Context {
            now_s,
            settle_s: 30,
            offset_s: rows
                .offset_s(now_s, None, &mut Offsets::default())
                .unwrap_or(self.offset_s),
            offsets: None,
            zone: None,
        };
        let batch = rows.batch(&context);
        let known = self
            .store
            .known(self.key, batch.records.iter().map(|record| record.ids))
            .unwrap();
        then(self.ledger.apply(batch, known, FLOOR_S))
    }

    /// One window, whole.
    pub fn read(&mut self, records: &[Json]) -> Tally {
        let commit = self.apply(records, |commit| commit);
        let tally = commit.tally.clone();
        assert_eq!(tally.received, records.len() as u64);
        assert_eq!(
            tally.received,
            tally.applied + tally.unchanged + tally.rejected
        );
        let forgotten = self
            .store
            .commit(self.key, &self.ledger, &commit, Kept::progress(b"{}"))
            .unwrap();
        self.ledger.absorb(commit, forgotten);
        tally
    }

    /// One window, of which the process dies before the commit.
    pub fn read_and_die(&self, records: &[Json]) {
        self.apply(records, drop);
    }

    pub fn view(&self) -> View {
        let showing = Showing {
            account: "acme".into(),
            sums: true,
            windows: Vec::new(),
        };
        let mut view = self.ledger.view(&showing);
        view.sums
            .sort_by(|a, b| (a.measure, &a.labels).cmp(&(b.measure, &b.labels)));
        view
    }

    /// All sums but those of corrections.
    pub fn counted(&self) -> Vec<Sample> {
        let is_count = |sample: &Sample| sample.measure.shape().channel;
        self.view().sums.into_iter().filter(is_count).collect()
    }

    /// How many increments or observations each measure has.
    pub fn counts(&self) -> BTreeMap<Measure, u64> {
        let mut counts = BTreeMap::new();
        for sample in &self.view().sums {
            *counts.entry(sample.measure).or_default() += count_of(&sample.value);
        }
        counts
    }

    pub fn count(&self, measure: Measure) -> u64 {
        self.counts().get(&measure).copied().unwrap_or_default()
    }
}

/// Other tests of this process start programs, and one that is just being started holds what was open here for a moment:
/// the lock of a store, too, that was closed meanwhile.
fn open(at: &store::Place) -> Store {
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        match Store::open(at.clone()) {
            Err(StoreError::InUse { .. }) if Instant::now() < deadline => std::thread::yield_now(),
            opened => return opened.unwrap(),
        }
    }
}

pub fn count_of(value: &Value) -> u64 {
    match value {
        Value::Count(count) => *count,
        Value::Histogram { buckets, .. } => buckets.iter().sum(),
        Value::Millis(_) | Value::Gauge(_) => 0,
    }
}
