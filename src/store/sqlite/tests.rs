use super::*;
use crate::config::{self, Flags};
use crate::ledger::{Commit, Policy};
use crate::poller;
use crate::store::{FILE, Kept, Loaded, Store, StoreError};
use std::fs::{self, File};
use std::iter;
use std::os::unix::fs::FileExt;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// That of the defaults.
fn policy() -> Policy {
    let flags = Flags {
        file: None,
        listen_address: None,
    };
    let environment = |name: &str| match name {
        "SMARTASSIST_URL" => Some("http://127.0.0.1:9".into()),
        _ if name.contains("STORAGE") || name.ends_with("_FILE") => None,
        _ if name.starts_with("SMARTASSIST_") => Some("x".into()),
        _ => None,
    };
    let (config, _) = config::load(&flags, environment).unwrap();
    poller::policy(&config.accounts[0], &config.metrics)
}

fn load(store: &Store, account: &str) -> Result<Loaded, StoreError> {
    store.load(account, "st-1", policy(), |_| 0, || [7; 16])
}

/// Writes a commit that changes nothing but the progress.
fn commit(store: &Store, loaded: &mut Loaded, progress: &[u8]) -> Result<(), StoreError> {
    store
        .commit(
            loaded.key,
            &loaded.ledger,
            &Commit::default(),
            Kept::progress(progress),
        )
        .map(|_| loaded.ledger.commits += 1)
}

#[test]
fn a_reader_waits_for_no_writer_and_sees_what_returned() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let mut loaded = load(&store, "a").unwrap();
    commit(&store, &mut loaded, b"first").unwrap();
    let mut writing = store.engine.writing().unwrap();
    let none = vec![Vec::new().into()];
    let under_way = writing.put("UPDATE account SET progress = $1", &mut iter::once(none));
    assert_eq!(under_way.unwrap(), 1);
    let (done, waits) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| {
            let known = store.known(loaded.key, []).map(drop);
            let seen = load(&store, "a").map(|loaded| loaded.progress);
            done.send((known.is_ok(), seen.unwrap())).unwrap();
        });
        let (known, progress) = waits.recv_timeout(Duration::from_secs(20)).unwrap();
        assert!(known);
        assert_eq!(progress, b"first", "nothing of what is under way is seen");
    });
    drop(writing);
    assert_eq!(load(&store, "a").unwrap().progress, b"first");
}

#[test]
fn what_is_committed_is_carried_over_into_the_database_beside_the_commits() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let mut loaded = load(&store, "a").unwrap();
    let of_the_database = || fs::metadata(folder.path().join(FILE)).unwrap().len();
    let before = of_the_database();
    // Far fewer pages than those after which a commit would do it by itself.
    commit(&store, &mut loaded, &vec![b'x'; 200_000]).unwrap();
    for _ in 0..2_000 {
        commit(&store, &mut loaded, b"x").unwrap();
    }
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    while of_the_database() == before {
        assert!(std::time::Instant::now() < deadline, "the log alone grew");
        thread::sleep(Duration::from_millis(10));
    }
}

/// Whether it is the log that is lost, or an older copy that is restored: the database is whole, and holds less.
#[test]
fn a_database_that_lost_commits_tells_how_many_and_tells_it_once() {
    let folder = tempfile::tempdir().unwrap();
    let (database, older) = (folder.path().join(FILE), folder.path().join("older"));
    let lost = |account: &str| {
        let store = Store::open(folder.path()).unwrap();
        load(&store, account).unwrap().lost_commits
    };
    let commits = |account: &str, commits: usize| {
        let store = Store::open(folder.path()).unwrap();
        let mut loaded = load(&store, account).unwrap();
        for _ in 0..commits {
            commit(&store, &mut loaded, b"1").unwrap();
        }
    };
    commits("a", 2);
    commits("b", 1);
    fs::copy(&database, &older).unwrap();
    commits("a", 3);
    assert_eq!((lost("a"), lost("b")), (0, 0));
    fs::copy(&older, &database).unwrap();
    assert_eq!((lost("a"), lost("b")), (3, 0));
    assert_eq!(lost("a"), 0);
    // Who begins in the place of another has lost nothing.
    commits("a", 3);
    fs::remove_file(&database).unwrap();
    assert_eq!(lost("a"), 0);
}

/// One that was put back to its old version with its own database, counted on, and became new again.
#[test]
fn a_database_of_an_older_version_lacks_none_of_a_newer_ones_commits() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let mut loaded = load(&store, "a").unwrap();
    for _ in 0..3 {
        commit(&store, &mut loaded, b"1").unwrap();
    }
    drop(store);
    let connection = rusqlite::Connection::open(folder.path().join(FILE)).unwrap();
    connection
        .execute_batch(
            "DROP TABLE first_shown; DROP TABLE quarter; DROP TABLE abandoned; ALTER TABLE account DROP COLUMN commits;
             ALTER TABLE conversation RENAME COLUMN facts TO seen; ALTER TABLE conversation DROP COLUMN reads;
             PRAGMA user_version = 4",
        )
        .unwrap();
    drop(connection);
    let store = Store::open(folder.path()).unwrap();
    assert_eq!(load(&store, "a").unwrap().lost_commits, 0);
}

/// Soundly kept, and yet no value of its column: whoever starts is told what to do.
#[test]
fn what_is_no_value_of_its_column_is_damage() {
    for damage in [
        "INSERT INTO evidence SELECT id, -1, x'00' FROM account",
        "UPDATE account SET hash_key = x'0102'",
        "INSERT INTO symbol SELECT id, 9, CAST(x'ff' AS TEXT) FROM account",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        load(&store, "a").unwrap();
        drop(store);
        let connection = rusqlite::Connection::open(folder.path().join(FILE)).unwrap();
        connection.execute_batch(damage).unwrap();
        drop(connection);
        let error = load(&Store::open(folder.path()).unwrap(), "a").unwrap_err();
        assert!(error.is_damage(), "{damage}: {error}");
        assert!(error.to_string().contains("--storage.rebuild"), "{error}");
    }
}

/// A page of an index, which no start reads.
#[test]
fn damage_that_no_start_would_meet_is_found_by_it() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join(FILE);
    drop(Store::open(folder.path()).unwrap());
    let page: u64 = rusqlite::Connection::open(&database)
        .unwrap()
        .query_row(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'conversation_latest'",
            [],
            |row| row.get::<_, u32>(0).map(u64::from),
        )
        .unwrap();
    let file = File::options().write(true).open(&database).unwrap();
    file.write_all_at(&[0xff; 100], (page - 1) * 4_096).unwrap();
    let refused = Store::open(folder.path()).unwrap_err();
    let said = refused.to_string();
    assert!(
        refused.is_damage() && said.contains("--storage.rebuild"),
        "{said}"
    );
}

#[test]
fn a_folder_that_is_gone_is_an_error_until_it_is_back() {
    let parent = tempfile::tempdir().unwrap();
    let (folder, away) = (parent.path().join("data"), parent.path().join("away"));
    let store = Store::open(&*folder).unwrap();
    let mut loaded = load(&store, "a").unwrap();
    commit(&store, &mut loaded, b"1").unwrap();
    fs::rename(&folder, &away).unwrap();
    for refused in [
        commit(&store, &mut loaded, b"2").unwrap_err(),
        store.known(loaded.key, []).unwrap_err(),
    ] {
        assert!(matches!(refused, StoreError::Gone { .. }), "{refused}");
        let said = refused.to_string();
        assert!(said.contains("hint: ") && said.contains(FILE), "{said}");
    }
    fs::rename(&away, &folder).unwrap();
    commit(&store, &mut loaded, b"3").unwrap();
}

#[test]
fn another_file_in_the_place_of_the_open_one_is_not_taken_for_it() {
    for name in [FILE.to_owned(), format!("{FILE}-wal")] {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let mut loaded = load(&store, "a").unwrap();
        let path = folder.path().join(&name);
        let copy = folder.path().join("copy");
        fs::copy(&path, &copy).unwrap();
        fs::rename(&copy, &path).unwrap();
        let refused = commit(&store, &mut loaded, b"1").unwrap_err();
        assert!(
            matches!(refused, StoreError::Gone { .. }),
            "{name}: {refused}"
        );
    }
}

#[test]
fn a_file_that_is_no_database_is_told_with_what_its_loss_costs() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join(FILE),
        "no database at all, but text ".repeat(200),
    )
    .unwrap();
    let said = Store::open(folder.path()).unwrap_err().to_string();
    for word in ["not a database", "hint: ", "move", "-wal", "begin at 0"] {
        assert!(said.contains(word), "`{word}` is not in {said}");
    }
}

#[test]
fn what_is_left_of_an_earlier_database_is_found() {
    let remains = |files: &[(&str, &str)]| {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        match Found::at(folder.path()) {
            Found::Remains(path) => path.file_name().unwrap().to_str().unwrap().to_owned(),
            found => format!("{found:?}"),
        }
    };
    let (wal, lock) = (format!("{FILE}-wal"), lock::FILE);
    assert_eq!(remains(&[]), "Nothing");
    assert_eq!(remains(&[("notes.txt", "mine")]), "Nothing");
    assert_eq!(remains(&[(FILE, "SQLite"), (lock, "")]), "Database");
    assert_eq!(remains(&[(lock, "")]), lock);
    assert_eq!(remains(&[(&wal, "frames")]), wal);
    assert_eq!(remains(&[(FILE, ""), (&wal, "frames")]), wal);
    assert_eq!(remains(&[(FILE, "")]), FILE);
}

#[test]
fn a_log_without_its_database_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(format!("{FILE}-wal")), "frames").unwrap();
    let store = Store::open(folder.path()).unwrap();
    commit(&store, &mut load(&store, "a").unwrap(), b"1").unwrap();
    let kept = folder.path().join(format!("{FILE}-wal.orphaned"));
    assert_eq!(fs::read(kept).unwrap(), b"frames");
}
