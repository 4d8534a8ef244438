//! What only a shared store has: who holds what, and what becomes of it when the database goes or a process sleeps.

use super::ground::{Ground, commit, load, mark, place, rich};
use super::postgres::Postgres;
use crate::ledger::Commit;
use crate::store::{AccountKey, Kept, Picture, Store, StoreError};
use std::time::{Duration, Instant};

fn held(picture: &Picture) -> usize {
    picture.replicas.values().map(|it| it.held.len()).sum()
}

#[test]
fn an_account_is_one_processes_until_that_gives_it_up_or_ends() {
    let ground = Ground::database();
    let (one, two) = (ground.open(), ground.open());
    let key = load(&one, "a").unwrap().key;
    let (mut first, mut second) = (one.claims().unwrap(), two.claims().unwrap());
    assert_eq!(first.look().unwrap().replicas.len(), 1);
    assert!(first.take(key).unwrap());
    assert!(!second.take(key).unwrap());
    let picture = second.look().unwrap();
    assert_eq!(picture.replicas.len(), 2);
    assert!(picture.holder(key).is_some() && !second.held().contains(&key));
    first.give_up(key).unwrap();
    assert!(second.take(key).unwrap());
    // Asked for again it is still held once.
    assert!(second.take(key).unwrap());
    second.give_up(key).unwrap();
    assert!(first.take(key).unwrap());
    drop(first);
    let deadline = Instant::now() + Duration::from_secs(10);
    while !second.take(key).unwrap() {
        assert!(Instant::now() < deadline, "who ended still holds it");
    }
    assert_eq!(held(&second.look().unwrap()), 1);
}

#[test]
fn a_late_commit_of_who_lost_the_account_is_refused() {
    let ground = Ground::database();
    let (one, two) = (ground.open(), ground.open());
    let mut late = load(&one, "a").unwrap();
    mark(&one, &mut late, b"1").unwrap();
    let mut successor = load(&two, "a").unwrap();
    assert_eq!(successor.progress, b"1");
    let kept = Kept::progress(b"late");
    let refused = one.commit(late.key, &late.ledger, &rich(), kept);
    assert!(matches!(refused, Err(StoreError::Overtaken)), "{refused:?}");
    mark(&two, &mut successor, b"2").unwrap();
    assert_eq!(load(&two, "a").unwrap().ledger.tracked, 0);
}

#[test]
fn two_that_begin_at_once_make_one_store_and_one_account() {
    let ground = Ground::database();
    let keys: Vec<AccountKey> = std::thread::scope(|scope| {
        let begin = || scope.spawn(|| load(&ground.open(), "a").unwrap().key);
        let all: Vec<_> = (0..8).map(|_| begin()).collect();
        all.into_iter().map(|it| it.join().unwrap()).collect()
    });
    assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
}

#[test]
fn a_database_that_is_away_is_an_error_until_it_is_back() {
    let server = Postgres::start();
    let database = server.database();
    let store = Store::open(place(&database.url(), database.password())).unwrap();
    let mut loaded = load(&store, "a").unwrap();
    let mut claims = store.claims().unwrap();
    claims.look().unwrap();
    assert!(claims.take(loaded.key).unwrap());
    server.stop();
    for refused in [
        mark(&store, &mut loaded, b"2").unwrap_err(),
        store
            .known(loaded.key, [])
            .map(drop)
            .and(mark(&store, &mut loaded, b"2"))
            .unwrap_err(),
        claims.look().map(drop).unwrap_err(),
    ] {
        let said = refused.to_string();
        assert!(
            said.contains("hint: ") && said.contains("by itself"),
            "{said}"
        );
        assert!(!said.contains(database.password()), "{said}");
    }
    server.start_again();
    assert!(
        claims.held().is_empty(),
        "its locks ended with the connection"
    );
    claims.look().unwrap();
    assert!(claims.take(loaded.key).unwrap());
    mark(&store, &mut loaded, b"3").unwrap();
    assert_eq!(load(&store, "a").unwrap().progress, b"3");
}

#[test]
fn a_database_that_cannot_be_used_is_told_with_what_to_do() {
    let server = Postgres::shared();
    let database = server.database();
    let said = |url: &str, password: &str| {
        let refused = Store::open(place(url, password)).unwrap_err().to_string();
        assert!(!refused.contains(database.password()), "{refused}");
        refused
    };
    let wrong = said(&database.url(), "squeamish");
    assert!(
        wrong.contains("`storage.password_file`") && !wrong.contains("squeamish"),
        "{wrong}"
    );
    let address = database.server().address();
    let nothing = format!("postgres://{}@{address}/nothing", database.name());
    let nothing = said(&nothing, database.password());
    assert!(nothing.contains("CREATE DATABASE"), "{nothing}");
    let away = said("postgres://u@127.0.0.1:1/d", "x");
    assert!(away.contains("is the server of `storage.url` up"), "{away}");
    let plain = format!("{}?sslmode=verify-full", database.url());
    let plain = said(&plain, database.password());
    assert!(plain.contains("TLS"), "{plain}");
    let role = database.name();
    database.execute(&format!(
        "ALTER DATABASE {role} OWNER TO postgres; REVOKE CREATE ON DATABASE {role} FROM {role}"
    ));
    let may_not = said(&database.url(), database.password());
    assert!(may_not.contains("GRANT CREATE ON DATABASE"), "{may_not}");
}

#[test]
fn a_database_is_looked_at_without_anything_being_made_in_it() {
    let ground = Ground::database();
    let reach = || ground.place().reach().unwrap().unwrap();
    assert!((150_000..1_000_000).contains(&reach().version));
    assert_eq!((reach().has_store, reach().may_make), (false, true));
    let store = ground.open();
    let mut claims = store.claims().unwrap();
    claims.look().unwrap();
    assert_eq!((reach().has_store, reach().replicas), (true, 1));
    assert_eq!(Ground::folder().place().reach().unwrap(), None);
}

#[test]
fn a_store_of_a_newer_version_is_left_alone() {
    let ground = Ground::database();
    drop(ground.open());
    ground.execute("UPDATE version SET version = 99");
    let refused = Store::open(ground.place()).unwrap_err();
    let said = refused.to_string();
    assert!(
        matches!(refused, StoreError::Newer { .. }) && said.contains("99"),
        "{said}"
    );
}

/// As the first exporter made it that used a database, while nobody polls.
#[test]
fn a_store_of_the_first_version_here_is_taken_over() {
    let ground = Ground::database();
    let store = ground.open();
    let mut loaded = load(&store, "a").unwrap();
    commit(&store, &mut loaded, &rich(), b"1").unwrap();
    drop(store);
    let made =
        "DROP TABLE first_shown; DROP TABLE quarter; DROP TABLE abandoned; ALTER TABLE conversation DROP COLUMN reads;
         ALTER TABLE conversation RENAME COLUMN facts TO seen; UPDATE version SET version = ";
    ground.execute(&format!("{made}5"));
    let refused = ground.place().look().err().unwrap().to_string();
    assert!(refused.contains('5') && refused.contains('9'), "{refused}");
    let store = ground.open();
    let mut loaded = load(&store, "a").unwrap();
    assert_eq!(loaded.ledger.tracked, 3);
    commit(&store, &mut loaded, &quarters_alone(), b"2").unwrap();
    assert_eq!(load(&store, "a").unwrap().ledger.quarters.iter().count(), 1);
    ground.execute(&format!("{made}4"));
    let refused = Store::open(ground.place()).unwrap_err();
    assert!(matches!(refused, StoreError::Older { .. }), "{refused}");
}

fn quarters_alone() -> Commit {
    Commit {
        quarters: rich().quarters,
        quarters_from_s: rich().quarters_from_s,
        ..Commit::default()
    }
}

#[test]
fn a_database_that_may_only_be_read_stops_counting_and_says_so() {
    let ground = Ground::database();
    let store = ground.open();
    let mut loaded = load(&store, "a").unwrap();
    // As a standby says it that was a primary before.
    ground.execute(
        "CREATE FUNCTION standby() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             RAISE EXCEPTION 'cannot execute UPDATE in a read-only transaction' USING ERRCODE = '25006'; END $$;
         CREATE TRIGGER standby BEFORE UPDATE ON account EXECUTE FUNCTION standby()",
    );
    let refused = mark(&store, &mut loaded, b"2").unwrap_err().to_string();
    assert!(refused.contains("may be written to"), "{refused}");
    assert_eq!(store.known(loaded.key, []).unwrap().entries.len(), 0);
    ground.execute("DROP TRIGGER standby ON account");
    mark(&store, &mut loaded, b"3").unwrap();
}

/// What a role takes where nothing is said would make a commit that returned one that may be lost, or none at all.
#[test]
fn what_the_role_takes_by_default_changes_no_commit() {
    let ground = Ground::database();
    let Ground::Database(database) = &ground else {
        panic!("a database")
    };
    for default in [
        "synchronous_commit = off",
        "default_transaction_read_only = on",
        "default_transaction_isolation = 'serializable'",
    ] {
        let set = format!("ALTER ROLE {} SET {default}", database.name());
        drop(ground.open());
        database.execute(&set);
        let store = ground.open();
        mark(&store, &mut load(&store, "a").unwrap(), b"1").unwrap();
    }
}
