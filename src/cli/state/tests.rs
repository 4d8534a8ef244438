use super::*;
use crate::config::Flags;
use crate::poller;
use crate::store::{FILE, Store};
use std::path::Path;

/// A store with two accounts of one `account_id`, never polled.
fn store(folder: &Path) -> Store {
    let store = Store::open(folder).unwrap();
    for stream in ["st-1", "st-2"] {
        store
            .load("a-1", stream, poller::any_policy(), |_| 0, || [7; 16])
            .unwrap();
    }
    store
}

fn place(folder: &Path) -> Where {
    Where {
        config_file: None,
        storage_path: Some(folder.to_owned()),
    }
}

fn do_it(command: Command) -> Result<(), String> {
    run(Args { command }).map_err(|failure| failure.to_string())
}

fn shown(folder: &Path) -> serde_json::Value {
    let overview = store::overview(&folder.into()).unwrap();
    let rows = show::rows(&overview, |_| Some("acme"));
    let text = show::text(&overview, &rows);
    assert!(text.contains("acme (a-1, stream st-1)"), "{text}");
    serde_json::from_str(&show::json(&overview, &rows)).unwrap()
}

#[test]
fn what_is_there_is_shown_and_whether_an_exporter_runs_on_it() {
    let folder = tempfile::tempdir().unwrap();
    let running = store(folder.path());
    assert_eq!(shown(folder.path())["in_use"], true);
    drop(running);
    let shown = shown(folder.path());
    assert_eq!(shown["in_use"], false);
    assert!(shown["bytes"].as_u64().unwrap() > 0);
    let streams: Vec<_> = shown["accounts"].as_array().unwrap().iter().collect();
    assert_eq!(streams.len(), 2);
    assert_eq!(streams[1]["stream_id"], "st-2");
    assert_eq!(streams[1]["floor"], serde_json::Value::Null);
    assert_eq!(streams[1]["first_reading_done"], false);
}

#[test]
fn a_backup_is_whole_while_an_exporter_runs_and_overwrites_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let _running = store(folder.path());
    let file = folder.path().join(FILE.replace("exporter", "backup"));
    let backup = || {
        do_it(Command::Backup {
            file: file.clone(),
            place: place(folder.path()),
        })
    };
    assert_eq!(backup(), Ok(()));
    let other = tempfile::tempdir().unwrap();
    std::fs::copy(&file, other.path().join(FILE)).unwrap();
    let checked = check(&other.path().into()).unwrap();
    assert!(checked.damaged.is_empty() && checked.conversations == 0);
    assert_eq!(
        store::overview(&other.path().into())
            .unwrap()
            .accounts
            .len(),
        2
    );
    let said = backup().unwrap_err();
    assert!(said.contains("is there already"), "{said}");
    // Nothing is left of one that could not be written.
    let nowhere = folder.path().join("no such folder").join("backup.db");
    let said = do_it(Command::Backup {
        file: nowhere,
        place: place(folder.path()),
    });
    let said = said.unwrap_err();
    assert!(said.contains("No such file or directory"), "{said}");
    let left = std::fs::read_dir(folder.path()).unwrap();
    let mut left = left.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(left.all(|name| !name.ends_with(".part")));
}

#[test]
fn an_account_is_forgotten_when_it_is_named_meant_and_no_exporter_runs() {
    let folder = tempfile::tempdir().unwrap();
    let running = store(folder.path());
    let forget = |account: &str, yes| {
        do_it(Command::Forget {
            account: account.into(),
            yes,
            place: place(folder.path()),
        })
    };
    for (account, yes, wanted) in [
        (
            "b-1",
            true,
            "no account `b-1`; there are `a-1/st-1`, `a-1/st-2`",
        ),
        ("a-1", true, "`a-1` is more than one account"),
        ("a-1/st-1", false, "say `--yes`"),
        ("a-1/st-1", true, "is in use by another process"),
    ] {
        let said = forget(account, yes).unwrap_err();
        assert!(said.contains(wanted), "{said}");
    }
    drop(running);
    assert_eq!(forget("a-1/st-1", true), Ok(()));
    let left = store::overview(&folder.path().into()).unwrap().accounts;
    assert_eq!(left.len(), 1);
    // Alone, its account id is enough.
    assert_eq!(forget("a-1", true), Ok(()));
    assert!(shown_text(folder.path()).contains("no account yet"));
}

fn shown_text(folder: &Path) -> String {
    let overview = store::overview(&folder.into()).unwrap();
    show::text(&overview, &show::rows(&overview, |_| None))
}

#[test]
fn every_command_says_what_to_do_where_there_is_no_store() {
    let folder = tempfile::tempdir().unwrap();
    let said = do_it(Command::Check(place(folder.path()))).unwrap_err();
    assert!(
        said.contains("name the folder that is the exporter's `storage.path`"),
        "{said}"
    );
    assert!(!folder.path().join(FILE).exists());
}

/// What was counted of a simulated centre by the first version, taken over.
const COUNTED: &[u8] = include_bytes!("../../../tests/data/first-version/plain.db");

/// What is done to it, and the row that is then named.
const DAMAGE: [(&str, &str); 12] = [
    (
        "UPDATE account SET hash_key = x'00'",
        "key of the hashes: the account's own",
    ),
    (
        "UPDATE account SET progress = x'7b'",
        "progress: the account's own",
    ),
    (
        "INSERT INTO evidence (account, part, state) SELECT id, 0, x'02ff' FROM account",
        "evidence: the account's own",
    ),
    ("DELETE FROM symbol WHERE sym = 4", "label values: number 5"),
    (
        "UPDATE queue_name SET first = 4000000 WHERE id = (SELECT MIN(id) FROM queue_name)",
        "queue names: number ",
    ),
    (
        "UPDATE series SET sum = x'00' WHERE key = (SELECT MIN(key) FROM series)",
        "sums: key 0",
    ),
    (
        "UPDATE series SET key = x'ff' WHERE key = (SELECT MIN(key) FROM series)",
        "sums: key ff",
    ),
    (
        "UPDATE conversation SET facts = x'01' WHERE id = (SELECT MIN(id) FROM conversation)",
        "conversations: key 0",
    ),
    (
        "UPDATE conversation SET destinations = x'ffff' WHERE id = (SELECT MIN(id) FROM conversation)",
        "conversations: key 0",
    ),
    (
        "UPDATE conversation SET session = x'0102' WHERE id = (SELECT MIN(id) FROM conversation)",
        "conversations: key 0",
    ),
    (
        "UPDATE conversation SET counted = x'0102' WHERE id = (SELECT MIN(id) FROM conversation)",
        "conversations: key 0",
    ),
    (
        "UPDATE conversation SET id = x'abcd' WHERE id = (SELECT MIN(id) FROM conversation)",
        "conversations: key abcd",
    ),
];

#[test]
fn rows_that_cannot_be_read_are_named_by_table_and_key() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(FILE);
    let checked = || do_it(Command::Check(place(folder.path())));
    for (damage, wanted) in DAMAGE {
        std::fs::write(&file, COUNTED).unwrap();
        drop(Store::open(folder.path()).unwrap());
        assert_eq!(checked(), Ok(()));
        let database = rusqlite::Connection::open(&file).unwrap();
        assert!(database.execute(damage, []).unwrap() > 0, "{damage}");
        drop(database);
        let said = checked().unwrap_err();
        let lines: Vec<&str> = said.lines().filter(|line| line.starts_with("  ")).collect();
        let named = format!("  account `67654be356840f366e790000/st-0`: {wanted}");
        assert!(
            lines.iter().any(|line| line.starts_with(&named)),
            "{damage}: {said}"
        );
        assert!(said.contains("--storage.rebuild"), "{said}");
    }
    // Where much is damaged, a line says how much.
    let database = rusqlite::Connection::open(&file).unwrap();
    let damaged = database
        .execute("UPDATE conversation SET facts = x'01'", [])
        .unwrap();
    drop(database);
    let said = checked().unwrap_err();
    assert!(
        said.contains(&format!("  and {} more\n", damaged - 20)),
        "{said}"
    );
    assert_eq!(said.lines().count(), 1 + 20 + 1 + 1, "{said}");
}

fn config(folder: &Path) -> Config {
    let file = folder.join("exporter.yml");
    let text = format!(
        "storage: {{path: {}}}\naccounts: [{{name: acme, url: http://127.0.0.1:9, account_id: a-1, stream_id: st-1, \
         auth: {{client_id: x, client_secret: y}}}}]\n",
        folder.join("store").display()
    );
    std::fs::write(&file, text).unwrap();
    let flags = Flags {
        file: Some(file),
        listen_address: None,
    };
    config::load(&flags, |_| None).unwrap().0
}

#[test]
fn a_damaged_store_is_moved_away_and_a_sound_one_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path());
    let path = &config.storage.path;
    // Not there yet: nothing to do.
    rebuild(&config).unwrap();
    drop(store(path));
    rebuild(&config).unwrap();
    assert_eq!(store::overview(&(**path).into()).unwrap().accounts.len(), 2);
    let damage: [&dyn Fn(&Path); 3] = [
        &|file| {
            std::fs::write(
                file,
                "no database at all, but long enough to be told from an empty one",
            )
            .unwrap();
        },
        &|file| {
            let connection = rusqlite::Connection::open(file).unwrap();
            connection
                .execute("UPDATE account SET progress = x'00'", [])
                .unwrap();
        },
        &|file| {
            let connection = rusqlite::Connection::open(file).unwrap();
            connection
                .execute(
                    "INSERT INTO evidence (account, part, state) SELECT id, 0, x'02ff' FROM account",
                    [],
                )
                .unwrap();
        },
    ];
    for (number, damage) in damage.into_iter().enumerate() {
        damage(&path.join(FILE));
        let said = do_it(Command::Check(place(path))).unwrap_err();
        assert!(said.contains("--storage.rebuild"), "{said}");
        rebuild(&config).unwrap();
        let mut names = std::fs::read_dir(path).unwrap();
        assert!(!path.join(FILE).exists());
        assert!(
            names.any(|entry| {
                let name = entry.unwrap().file_name().into_string().unwrap();
                name.starts_with(&format!("{FILE}.damaged-")) && !name.ends_with("-wal")
            }),
            "{number}"
        );
        for kept in std::fs::read_dir(path).unwrap() {
            std::fs::remove_file(kept.unwrap().path()).unwrap();
        }
        drop(store(path));
    }
    // What somebody uses is moved by nobody.
    std::fs::write(
        path.join(FILE),
        "no database at all, but long enough to be told from an empty one",
    )
    .unwrap();
    let lock = std::fs::File::create(path.join("lock")).unwrap();
    lock.lock().unwrap();
    assert!(rebuild(&config).is_err());
    assert!(path.join(FILE).exists());
}
