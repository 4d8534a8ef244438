//! What holds on either engine, and what holds where several processes share one.

mod beginning;
#[path = "../../../tests/support/certificates.rs"]
#[allow(unreachable_pub, reason = "shared with the tests of the binary")]
mod certificates;
mod ground;
#[path = "../../../tests/support/postgres.rs"]
mod postgres;
mod shared;
mod transferring;
mod way;

use super::*;
use crate::events::Forget;
use crate::ledger::{Commit, Forgotten, Id, Ids};
use ground::{Ground, commit, entry, from, load, mark, new, rich};
use std::collections::BTreeSet;

#[test]
fn what_is_committed_is_found_again() {
    for ground in Ground::both() {
        let store = ground.open();
        let loaded = load(&store, "a").unwrap();
        assert_eq!((loaded.progress, loaded.lost_commits), (Vec::new(), 0));
        let loaded = load(&store, "a").unwrap();
        let parts = [(0, b"one".to_vec()), (7, vec![0; 3])];
        let kept = Kept {
            progress: b"p\0",
            evidence: &parts,
            ..Kept::default()
        };
        let written = store.commit(loaded.key, &loaded.ledger, &rich(), kept);
        assert_eq!(written.unwrap().entries, 0);
        drop(store);
        let store = ground.open();
        let again = load(&store, "a").unwrap();
        assert_eq!(again.progress, b"p\0");
        assert_eq!(again.evidence, parts);
        assert_eq!(again.lost_commits, 0);
        let mut expected = loaded.ledger;
        expected.absorb(rich(), Forgotten::default());
        expected.commits = again.ledger.commits;
        assert_eq!(again.ledger.tracked, 3);
        assert_eq!(format!("{:?}", again.ledger), format!("{expected:?}"));
    }
}

/// With the counts that they are of, until they are no longer needed.
#[test]
fn what_is_told_of_abandoned_conversations_is_kept_with_the_number_of_its_commit() {
    for ground in Ground::both() {
        let store = ground.open();
        let mut loaded = load(&store, "a").unwrap();
        let first = loaded.ledger.commits + 1;
        let mut write = |told: &[(i64, &str)], forget: Option<Forget>| {
            let told: Vec<(i64, Vec<u8>)> = told
                .iter()
                .map(|(ended_s, call)| (*ended_s, call.as_bytes().to_vec()))
                .collect();
            let kept = Kept {
                progress: b"p",
                abandoned: &told,
                forget,
                ..Kept::default()
            };
            let commit = Commit::default();
            let forgotten = store.commit(loaded.key, &loaded.ledger, &commit, kept);
            loaded.ledger.absorb(commit, forgotten.unwrap());
        };
        let stored = || {
            let mut reading = ground.place().look().unwrap();
            let mut stored = Vec::new();
            let select = "SELECT number, call FROM abandoned ORDER BY number, place";
            let read = reading.rows("calls", select, &[], &mut |row| {
                let call = String::from_utf8(row.bytes(1)?.to_vec()).ok()?;
                stored.push(format!("{} {call}", row.int(0)? - first));
                Some(())
            });
            read.unwrap();
            stored
        };
        let forget = |written, before_s, lost_before_s| {
            Some(Forget {
                written: first + written,
                before_s,
                lost_before_s,
            })
        };
        write(&[(50, "one"), (10, "two")], None);
        write(&[], None);
        write(&[(20, "three")], None);
        assert_eq!(stored(), ["0 one", "0 two", "2 three"]);
        write(&[], forget(0, 30, 0));
        assert_eq!(
            stored(),
            ["0 one", "2 three"],
            "what is old and written goes"
        );
        write(&[], forget(1, 99, 0));
        assert_eq!(stored(), ["2 three"], "its line waits");
        write(&[(30, "four")], forget(1, 99, 30));
        assert_eq!(stored(), ["5 four"], "there is no more room");
        drop(store);
        let again = load(&ground.open(), "a").unwrap().abandoned;
        assert_eq!(again, [(first + 5, b"four".to_vec())]);
    }
}

#[test]
fn what_began_in_a_stretch_of_time_is_told_from_inside_and_from_outside() {
    for ground in Ground::both() {
        let store = ground.open();
        let mut loaded = load(&store, "a").unwrap();
        let mut told = rich();
        told.entries[1].entry.counted = None;
        // A session that goes on with a bot came to no queue.
        (told.entries[0].entry.counted, told.entries[0].entry.session) = (None, None);
        commit(&store, &mut loaded, &told, b"p").unwrap();
        let began_s = told.quarters[0].0;
        let wanted = |from_s, to_s| Wanted {
            account_id: "a",
            stream_id: "st-1",
            from_s,
            to_s,
        };
        let quarter = wanted(began_s, began_s + 900);
        for found in [
            store.recounted(quarter),
            recounted(&ground.place(), quarter),
        ] {
            let found = found.unwrap().unwrap();
            assert_eq!((&found.progress[..], found.open), (&b"p"[..], 1));
            assert_eq!(found.quarters.get(began_s), Some(&told.quarters[0].1));
            assert_eq!(found.names.iter().count(), 1);
            assert_eq!(found.symbols.len(), 5);
        }
        // All of it is of one instant, whatever is committed while it is read.
        for mut looking in [
            ground.place().look().unwrap(),
            store.engine.looking().unwrap(),
        ] {
            let mut seen = || {
                let mut seen = Vec::new();
                let progress = "SELECT progress FROM account ORDER BY id";
                let read = looking.rows("progress", progress, &[], &mut |row| {
                    seen.push(row.bytes(0)?.to_vec());
                    Some(())
                });
                read.unwrap();
                seen
            };
            let before = seen();
            mark(&store, &mut loaded, b"later").unwrap();
            assert_eq!(seen(), before);
            mark(&store, &mut loaded, b"p").unwrap();
        }
        let found = store.recounted(wanted(began_s + 900, began_s + 1_800));
        let found = found.unwrap().unwrap();
        assert_eq!((found.quarters.iter().count(), found.open), (0, 0));
        let nobody = Wanted {
            account_id: "b",
            ..quarter
        };
        assert!(store.recounted(nobody).unwrap().is_none());
        // What lies too far behind is forgotten with the next commit that brings any.
        let next = Commit {
            quarters: vec![(began_s + 900, told.quarters[0].1.clone())],
            quarters_from_s: Some(began_s + 1),
            ..Commit::default()
        };
        commit(&store, &mut loaded, &next, b"q").unwrap();
        let found = store.recounted(wanted(0, i64::MAX)).unwrap().unwrap();
        let starts: Vec<i64> = found.quarters.iter().map(|(start_s, _)| start_s).collect();
        assert_eq!(starts, [began_s + 900]);
    }
}

#[test]
fn a_window_knows_its_entries_and_whose_sessions_are_taken() {
    for ground in Ground::both() {
        let store = ground.open();
        let mut loaded = load(&store, "a").unwrap();
        let other = load(&store, "b").unwrap();
        commit(&store, &mut loaded, &rich(), b"").unwrap();
        let ids = |conversation, session: Option<u128>| Ids {
            conversation: Option::map(conversation, Id),
            session: session.map(Id),
        };
        let asked = [
            ids(Some(1), Some(99)),
            ids(Some(42), None),
            ids(None, Some(2 << 64)),
            ids(None, Some(3)),
        ];
        let known = store.known(loaded.key, asked).unwrap();
        let found: BTreeSet<u128> = known.entries.keys().map(|id| id.0).collect();
        assert_eq!(found, BTreeSet::from([1, 3]));
        assert_eq!(known.entries[&Id(1)], entry(1, 1_790_000_001));
        assert_eq!(Vec::from_iter(known.taken_sessions), [Id(2 << 64)]);
        assert!(store.known(other.key, asked).unwrap().entries.is_empty());
        assert!(store.known(loaded.key, []).unwrap().entries.is_empty());
    }
}

#[test]
fn entries_change_their_ids_and_are_forgotten_below_the_floor() {
    for ground in Ground::both() {
        let store = ground.open();
        let mut loaded = load(&store, "a").unwrap();
        commit(&store, &mut loaded, &rich(), b"").unwrap();
        // 1 becomes 10, and 2 takes the place that 1 leaves; whichever comes first.
        let mut moved = entry(1, 1_790_000_000);
        moved.counted = None;
        let change = Commit {
            entries: vec![
                from(2, moved),
                from(1, entry(10, 1_790_000_009)),
                new(entry(4, 5)),
            ],
            floor_s: 1_780_000_000,
            ..Commit::default()
        };
        let kept = Kept::progress(b"");
        let forgotten = store.commit(loaded.key, &loaded.ledger, &change, kept);
        loaded.ledger.commits += 1;
        let forgotten = forgotten.unwrap();
        assert_eq!((forgotten.entries, forgotten.never_ended), (1, 0));
        assert_eq!(forgotten.digests, [u64::MAX - 4]);
        let change = Commit {
            floor_s: 1_790_000_003,
            ..Commit::default()
        };
        let forgotten = store.commit(loaded.key, &loaded.ledger, &change, kept);
        assert_eq!(forgotten.unwrap().never_ended, 1);
        assert_eq!(load(&store, "a").unwrap().ledger.tracked, 2);
    }
}

#[test]
fn a_commit_follows_the_one_before_it_or_is_refused() {
    for ground in Ground::both() {
        let store = ground.open();
        let mut loaded = load(&store, "a").unwrap();
        mark(&store, &mut loaded, b"1").unwrap();
        // As by a commit whose answer was lost.
        ground.execute("UPDATE account SET commits = commits + 1");
        let refused = commit(&store, &mut loaded, &rich(), b"2").unwrap_err();
        assert!(matches!(refused, StoreError::Overtaken), "{refused}");
        let mut again = load(&store, "a").unwrap();
        assert_eq!((&again.progress[..], again.ledger.tracked), (&b"1"[..], 0));
        mark(&store, &mut again, b"3").unwrap();
    }
}

/// A load that came to nothing, since it or another account's failed, changes nothing for who goes on as before.
#[test]
fn who_goes_on_after_another_load_counts_on_what_it_knows_itself() {
    for ground in Ground::both() {
        let store = ground.open();
        let mut behind = load(&store, "a").unwrap();
        mark(&store, &mut behind, b"1").unwrap();
        ground.execute("UPDATE account SET commits = commits + 1");
        drop(load(&store, "a").unwrap());
        let refused = commit(&store, &mut behind, &rich(), b"2").unwrap_err();
        assert!(matches!(refused, StoreError::Overtaken), "{refused}");
        assert_eq!(load(&store, "a").unwrap().ledger.tracked, 0);
    }
}

#[test]
fn a_database_that_knows_of_fewer_commits_says_how_many_are_lost() {
    for ground in Ground::both() {
        let store = ground.open();
        let mut loaded = load(&store, "a").unwrap();
        for _ in 0..5 {
            mark(&store, &mut loaded, b"1").unwrap();
        }
        ground.execute("UPDATE account SET commits = commits - 3");
        assert_eq!(load(&store, "a").unwrap().lost_commits, 3);
        assert_eq!(load(&store, "a").unwrap().lost_commits, 0);
    }
}

#[test]
fn who_is_configured_no_more_loses_what_it_needs_no_more() {
    for ground in Ground::both() {
        let store = ground.open();
        let (mut here, mut gone) = (load(&store, "here").unwrap(), load(&store, "gone").unwrap());
        for loaded in [&mut here, &mut gone] {
            commit(&store, loaded, &rich(), b"p").unwrap();
        }
        let strangers = store.strangers(|account, stream| (account, stream) == ("here", "st-1"));
        let strangers = strangers.unwrap();
        assert_eq!(strangers.accounts, [(gone.key, b"p".to_vec())]);
        assert_eq!(strangers.newest_s, Some(1_790_000_003));
        assert_eq!(
            store.retire(gone.key, 1_790_000_003, b"p", b"q").unwrap(),
            2
        );
        // Whoever polled it, and does not know yet, comes too late.
        if let Ground::Database(_) = ground {
            let late = mark(&store, &mut gone, b"late").unwrap_err();
            assert!(matches!(late, StoreError::Overtaken), "{late}");
        }
        let again = load(&store, "gone").unwrap();
        assert_eq!((&again.progress[..], again.ledger.tracked), (&b"q"[..], 1));
        assert_eq!(load(&store, "here").unwrap().ledger.tracked, 3);
    }
}

#[test]
fn what_is_no_form_of_ours_is_damage_and_is_named() {
    for (damage, named) in [
        ("UPDATE series SET sum = key", "sums: key"),
        (
            "UPDATE conversation SET counted = facts",
            "conversations: key",
        ),
        ("DELETE FROM symbol WHERE sym = 2", "label values: number 3"),
        ("UPDATE queue_name SET first = 999", "queue names: number 3"),
    ] {
        for ground in Ground::both() {
            let store = ground.open();
            let mut loaded = load(&store, "a").unwrap();
            commit(&store, &mut loaded, &rich(), b"p").unwrap();
            drop(store);
            let checked = check(&ground.place(), |_, _| Ok(())).unwrap();
            assert_eq!(checked.damaged, [], "{damage}");
            assert_eq!(checked.conversations, 3);
            ground.execute(damage);
            let checked = check(&ground.place(), |_, _| Ok(())).unwrap();
            let said = checked.damaged[0].to_string();
            assert!(said.contains(named), "{damage}: {said}");
            if !damage.contains("999") {
                let refused = load(&ground.open(), "a").unwrap_err();
                assert!(refused.is_damage(), "{damage}: {refused}");
                assert!(
                    refused.to_string().contains("--storage.rebuild"),
                    "{refused}"
                );
            }
        }
    }
}

#[test]
fn a_store_that_is_moved_away_leaves_room_for_another() {
    for ground in Ground::both() {
        let store = ground.open();
        mark(&store, &mut load(&store, "a").unwrap(), b"p").unwrap();
        drop(store);
        let kept = ground.place().set_aside("damaged-1790000000").unwrap();
        assert!(kept.contains("damaged"), "{kept}");
        assert_eq!(load(&ground.open(), "a").unwrap().progress, b"");
        assert_eq!(overview(&ground.place()).unwrap().accounts.len(), 1);
    }
}

#[test]
fn an_account_is_forgotten_whole_and_no_other() {
    for ground in Ground::both() {
        let store = ground.open();
        for name in ["a", "b"] {
            let mut loaded = load(&store, name).unwrap();
            commit(&store, &mut loaded, &rich(), name.as_bytes()).unwrap();
        }
        drop(store);
        let before = ground.rows();
        let seen = overview(&ground.place()).unwrap();
        assert_eq!(seen.accounts.len(), 2);
        assert!(seen.bytes > 10_000, "{}", seen.bytes);
        assert_eq!(seen.exporters, 0);
        let a = &seen.accounts[0];
        assert_eq!((a.conversations, a.counted, a.series), (3, 3, 2));
        assert_eq!(a.newest_s, Some(1_790_000_003));
        forget(&ground.place(), a).unwrap();
        let rows = ground.rows();
        assert_eq!(rows.len() * 2, before.len());
        let a = format!(" {:?} ", b"a");
        assert!(rows.iter().all(|row| !row.contains(&a)), "{rows:?}");
    }
}
