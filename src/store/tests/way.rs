//! The way to a shared store: who is trusted, who is let in, and what happens when there is no room.

use super::certificates::Authority;
use super::ground::{Ground, commit, load, mark, place_with, rich};
use super::postgres::Postgres;
use crate::store::Store;
use std::fs;

#[test]
fn only_a_server_that_shows_a_certificate_of_a_trusted_authority_and_of_its_own_name_is_used() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let folder = tempfile::tempdir().unwrap();
    let file = |authority: &Authority, name: &str| {
        let file = folder.path().join(name);
        fs::write(&file, authority.pem()).unwrap();
        file.display().to_string()
    };
    let (trusted, strange) = (file(&ours, "ours.pem"), file(&theirs, "theirs.pem"));
    let good = ours.loopback();
    let server = Postgres::start_with_tls(&good.certificate, &good.key);
    let database = server.database();
    let open = |ca_file: &str| {
        let url = format!("{}?sslmode=verify-full", database.url());
        let keys = format!("password: '{}', ca_file: '{ca_file}'", database.password());
        Store::open(place_with(&url, &keys))
    };
    let store = open(&trusted).unwrap();
    mark(&store, &mut load(&store, "a").unwrap(), b"1").unwrap();
    let encrypted = "SELECT COUNT(*) FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) WHERE ssl AND usename = a.datname";
    assert!(database.query_one(encrypted).get::<_, i64>(0) > 0);
    let refused = open(&strange).unwrap_err().to_string();
    assert!(refused.contains("`storage.ca_file`"), "{refused}");
    // The right authority, and the name of another machine.
    let other = ours.server(&["db.example"]);
    let server = Postgres::start_with_tls(&other.certificate, &other.key);
    let database = server.database();
    let url = format!("{}?sslmode=verify-full", database.url());
    let keys = format!("password: '{}', ca_file: '{trusted}'", database.password());
    let refused = Store::open(place_with(&url, &keys))
        .unwrap_err()
        .to_string();
    assert!(refused.contains("certificate's names"), "{refused}");
}

#[test]
fn a_password_that_changes_is_read_again_at_the_next_connection() {
    let database = Postgres::shared().database();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    fs::write(&file, database.password()).unwrap();
    let keys = format!("password_file: '{}'", file.display());
    let store = Store::open(place_with(&database.url(), &keys)).unwrap();
    let mut loaded = load(&store, "a").unwrap();
    mark(&store, &mut loaded, b"1").unwrap();
    database.execute(&format!(
        "ALTER ROLE {} PASSWORD 'another'",
        database.name()
    ));
    database.end_sessions();
    let refused = mark(&store, &mut loaded, b"2").or_else(|_| mark(&store, &mut loaded, b"2"));
    let said = refused.unwrap_err().to_string();
    assert!(said.contains("`storage.password_file`"), "{said}");
    fs::write(&file, "another\n").unwrap();
    mark(&store, &mut loaded, b"3").unwrap();
}

/// What a server says whose disk is full.
#[test]
fn a_full_disk_stops_the_counting_until_there_is_room_and_leaves_nothing_behind() {
    let ground = Ground::database();
    let store = ground.open();
    let mut loaded = load(&store, "a").unwrap();
    mark(&store, &mut loaded, b"1").unwrap();
    ground.execute(
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
         CREATE TRIGGER full_disk BEFORE INSERT ON conversation EXECUTE FUNCTION full_disk()",
    );
    let refused = commit(&store, &mut loaded, &rich(), b"2").unwrap_err();
    let said = refused.to_string();
    assert!(said.contains("make room") && !refused.is_damage(), "{said}");
    let stored = overview(&ground);
    assert_eq!(stored, (b"1".to_vec(), 0, 0));
    ground.execute("DROP TRIGGER full_disk ON conversation");
    commit(&store, &mut loaded, &rich(), b"3").unwrap();
    assert_eq!(overview(&ground), (b"3".to_vec(), 3, 2));
}

/// Progress, conversations and series of the one account.
fn overview(ground: &Ground) -> (Vec<u8>, u64, u64) {
    let overview = crate::store::overview(&ground.place()).unwrap();
    let account = &overview.accounts[0];
    (
        account.progress.clone(),
        account.conversations,
        account.series,
    )
}
