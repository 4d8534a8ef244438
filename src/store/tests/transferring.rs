//! From one store into another.

use super::ground::{Ground, commit, load, mark, rich};
use crate::store::{FILE, Kept, Place, Store, StoreError, transfer};
use std::fs;

/// What was counted of a simulated centre by the first version.
const COUNTED: &[u8] = include_bytes!("../../../tests/data/first-version/plain.db");

#[test]
fn all_that_is_stored_arrives_and_comes_back() {
    let (ours, theirs, back) = (Ground::folder(), Ground::database(), Ground::folder());
    let Ground::Folder(folder) = &ours else {
        panic!("a folder")
    };
    fs::write(folder.path().join(FILE), COUNTED).unwrap();
    let store = ours.open();
    let more = load(&store, "more").unwrap();
    let shows = Kept {
        first_shown: true,
        ..Kept::progress(b"p")
    };
    store
        .commit(more.key, &more.ledger, &rich(), shows)
        .unwrap();
    drop(store);
    let there = transfer(&ours.place(), &theirs.place()).unwrap();
    assert_eq!(there.accounts, 2);
    assert!(there.rows > 100, "{there:?}");
    assert_eq!(transfer(&theirs.place(), &back.place()).unwrap(), there);
    assert_eq!(theirs.rows(), ours.rows());
    assert_eq!(back.rows(), ours.rows());
    // It goes on where it stood: as if nothing had been between.
    let store = theirs.open();
    let mut loaded = load(&store, "more").unwrap();
    assert_eq!((loaded.lost_commits, loaded.ledger.tracked), (0, 3));
    mark(&store, &mut loaded, b"q").unwrap();
}

#[test]
fn nothing_is_written_over_and_nobody_counts_meanwhile() {
    for (from, to) in [
        (Ground::folder(), Ground::database()),
        (Ground::database(), Ground::folder()),
    ] {
        load(&from.open(), "a").unwrap();
        load(&to.open(), "b").unwrap();
        let (from, to) = (from.place(), to.place());
        let refused = transfer(&from, &to).unwrap_err();
        assert!(matches!(refused, StoreError::NotEmpty { .. }), "{refused}");
    }
    let (from, to) = (Ground::folder(), Ground::database());
    let nothing = transfer(&from.place(), &to.place()).unwrap_err();
    assert!(matches!(nothing, StoreError::Nothing { .. }), "{nothing}");
    drop(from.open());
    let running = to.open();
    let mut claims = running.claims().unwrap();
    claims.look().unwrap();
    let refused = transfer(&from.place(), &to.place()).unwrap_err();
    assert!(matches!(refused, StoreError::Polled { .. }), "{refused}");
    drop(claims);
    let _running = from.open();
    let refused = transfer(&from.place(), &to.place()).unwrap_err();
    assert!(matches!(refused, StoreError::InUse { .. }), "{refused}");
}

#[test]
fn a_backup_of_a_shared_store_is_a_file_that_an_exporter_can_open() {
    let ground = Ground::database();
    let store = ground.open();
    let mut loaded = load(&store, "a").unwrap();
    commit(&store, &mut loaded, &rich(), b"p").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(FILE);
    ground.place().backup(&file).unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    let refused = ground.place().backup(&file).unwrap_err();
    assert!(matches!(refused, StoreError::Exists { .. }), "{refused}");
    let restored = Store::open(Place::Folder(folder.path().to_owned())).unwrap();
    let restored = load(&restored, "a").unwrap();
    assert_eq!(
        (&restored.progress[..], restored.ledger.tracked),
        (&b"p"[..], 3)
    );
}
