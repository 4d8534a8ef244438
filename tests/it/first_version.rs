//! States that the first version wrote: taken over, nothing falls and nothing is counted again.
//!
//! `data/first-version` holds two databases, written by the binary of the first release (`serve`, with
//! `metrics.per_agent` off and on) while it read the records beside them: some of a simulated centre, and some of every
//! shape that destinations come in. All names and ids in them are made up.

use super::counting::{Exporter, Place};
use serde_json::{Value as Json, json};
use smartassist_exporter::ledger::Measure;
use smartassist_exporter::store::FILE;
use std::collections::BTreeMap;
use std::path::Path;

const RECORDS: &str = include_str!("../data/first-version/records.json");
const STATES: [(&str, bool, &[u8]); 2] = [
    (
        "plain",
        false,
        include_bytes!("../data/first-version/plain.db"),
    ),
    (
        "per agent",
        true,
        include_bytes!("../data/first-version/per-agent.db"),
    ),
];

/// This version on a copy of a state, a day after the first version had read the records.
pub fn open(folder: &Path, per_agent: bool) -> Exporter {
    let place = Place {
        account_id: "67654be356840f366e790000",
        stream_id: "st-0",
        now_s: 1_795_809_000,
        per_agent,
    };
    Exporter::open_at(folder, place)
}

/// The increments of each measure by its number, as the first version stored them: a count, or buckets and a sum.
fn stored(file: &Path) -> BTreeMap<u8, u64> {
    let database = rusqlite::Connection::open(file).unwrap();
    let mut series = database.prepare("SELECT key, sum FROM series").unwrap();
    let rows = series
        .query_map([], |row| {
            Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Vec<u8>>(1)?))
        })
        .unwrap();
    let mut counts = BTreeMap::new();
    for row in rows {
        let (key, sum) = row.unwrap();
        let values: Vec<u64> = sum
            .chunks_exact(8)
            .map(|bytes| u64::from_le_bytes(bytes.try_into().unwrap()))
            .collect();
        let count = match values.as_slice() {
            [count] => *count,
            [buckets @ .., _] => buckets.iter().sum(),
            [] => 0,
        };
        *counts.entry(key[0]).or_default() += count;
    }
    counts
}

fn each_state(check: impl Fn(Exporter, BTreeMap<u8, u64>, &Path, bool)) {
    for (name, per_agent, bytes) in STATES {
        println!("{name}");
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(FILE);
        std::fs::write(&file, bytes).unwrap();
        let before = stored(&file);
        check(
            open(folder.path(), per_agent),
            before,
            folder.path(),
            per_agent,
        );
    }
}

pub fn records() -> Vec<Json> {
    serde_json::from_str(RECORDS).unwrap()
}

#[test]
fn every_sum_stands_where_the_first_version_left_it() {
    each_state(|exporter, before, _, _| {
        assert!(before.len() > 15, "the state is no empty one: {before:?}");
        let counts = exporter.counts();
        for (number, count) in before {
            let measure = Measure::from_u8(number).unwrap();
            assert_eq!(counts.get(&measure), Some(&count), "{measure:?}");
        }
    });
}

#[test]
fn what_the_first_version_counted_is_not_counted_again() {
    each_state(|mut exporter, _, folder, per_agent| {
        let before = exporter.view();
        let tally = exporter.read(&records());
        assert_eq!((tally.applied, tally.rejected), (0, 0));
        assert_eq!((tally.refused, tally.revised), ([].into(), [].into()));
        assert_eq!(exporter.view(), before);
        // What was learned of destinations stands in the new form now.
        drop(exporter);
        let mut again = open(folder, per_agent);
        assert_eq!(again.view(), before);
        assert_eq!(again.read(&records()).applied, 0);
    });
}

/// They are read anew, by a change or since another *Call Details* tells of them: it counted no requests for an agent of them,
/// so there is nothing to correct, whatever the intent was and becomes.
#[test]
fn of_what_the_first_version_counted_no_request_for_an_agent_is_corrected() {
    each_state(|mut exporter, _, folder, per_agent| {
        let before = exporter.view();
        for intent in ["Refund", "Address", "Refund"] {
            let mut records = records();
            // One that was going on still is counted by this version.
            records.retain(|record| record["finalStatus"] != "WithAgent");
            for record in &mut records {
                record["metaInfo"] = json!({"agentTransferConfig": {"lastIntentName": intent}});
            }
            let tally = exporter.read(&records);
            assert_eq!((tally.applied, tally.revised), (0, [].into()), "{intent}");
            drop(exporter);
            exporter = open(folder, per_agent);
            assert_eq!(exporter.view(), before, "{intent}");
        }
    });
}

#[test]
fn a_destination_put_in_front_of_those_that_the_first_version_counted_counts_alone() {
    // What stands behind the new one: as before, or the other way round; known to this version already, or not.
    for (reversed, read_before) in [(false, false), (false, true), (true, false), (true, true)] {
        each_state(|mut exporter, _, _, _| {
            if read_before {
                exporter.read(&records());
            }
            let before = exporter.counts();
            let mut records = records();
            // Of a conversation that is still going on nothing was counted yet.
            records.retain(|record| {
                let sent = record["destinations"]
                    .as_array()
                    .is_some_and(|it| !it.is_empty());
                sent && record["finalStatus"] != "WithAgent"
            });
            for record in &mut records {
                let destinations = record["destinations"].as_array_mut().unwrap();
                if reversed {
                    destinations.reverse();
                }
                let first = json!({"destinationType": "QueueEntry", "queueId": "qu-new", "queueName": "New",
                    "EnterTime": "2026-11-20T10:00:00Z"});
                destinations.insert(0, first);
            }
            let passed_on = records.len() as u64;
            exporter.read(&records);
            for (measure, count) in exporter.counts() {
                let before = before.get(&measure).copied().unwrap_or_default();
                let (least, most) = match measure {
                    Measure::QueueEntries | Measure::Transfers => (passed_on, passed_on),
                    // Each new entry has one, unless the one behind it tells no time; those that were the last and are
                    // no longer may find theirs.
                    Measure::QueueWait => (1, passed_on + 4),
                    // Who ends or waits otherwise by a new place is corrected.
                    Measure::Corrections => (0, passed_on),
                    _ => (0, 0),
                };
                let more = count - before;
                assert!((least..=most).contains(&more), "{measure:?}: {more} more");
            }
        });
    }
}
