//! Places for stores of either engine, and what is put there.

use super::postgres::{Database, Postgres};
use crate::config::{self, Config};
use crate::ledger::{Before, Change, Commit, Counted, Entry, Id, Policy, QueueSym, Seen, Sym};
use crate::poller;
use crate::store::sql::Reading;
use crate::store::{Kept, Loaded, Place, Store, StoreError};
use std::sync::Arc;
use tempfile::TempDir;

/// A place where a store can be opened again and again. It goes with this.
pub(super) enum Ground {
    Folder(TempDir),
    Database(Database),
}

impl Ground {
    pub(super) fn folder() -> Ground {
        Ground::Folder(tempfile::tempdir().unwrap())
    }

    pub(super) fn database() -> Ground {
        Ground::Database(Postgres::shared().database())
    }

    pub(super) fn both() -> [Ground; 2] {
        [Ground::folder(), Ground::database()]
    }

    pub(super) fn place(&self) -> Place {
        match self {
            Ground::Folder(folder) => Place::Folder(folder.path().to_owned()),
            Ground::Database(database) => place(&database.url(), database.password()),
        }
    }

    pub(super) fn open(&self) -> Store {
        Store::open(self.place()).unwrap()
    }

    /// Statements that both engines understand, past the store.
    pub(super) fn execute(&self, sql: &str) {
        match self {
            Ground::Folder(folder) => {
                let file = folder.path().join(crate::store::FILE);
                let connection = rusqlite::Connection::open(file).unwrap();
                connection.execute_batch(sql).unwrap();
            }
            Ground::Database(database) => {
                database.execute(&format!("SET search_path = smartassist_exporter; {sql}"));
            }
        }
    }

    /// Every row of every table, without the numbers that an engine gave accounts.
    pub(super) fn rows(&self) -> Vec<String> {
        let mut reading = self.place().look().unwrap();
        let mut all = Vec::new();
        for (table, columns) in [
            ("symbol", "sym, text"),
            ("queue_name", "id, first, latest, latest_s"),
            ("series", "key, sum"),
            ("first_shown", "key, sum"),
            ("evidence", "part, state"),
            ("quarter", "start_s, counts"),
            ("abandoned", "number, place, ended_s, call"),
            (
                "conversation",
                "id, session, latest_s, digest, counted, facts, destinations, reads",
            ),
        ] {
            let joined = format!(
                "SELECT account_id, stream_id, {} FROM {table} JOIN account a ON a.id = account",
                columns
                    .split(", ")
                    .map(|it| format!("{table}.{it}"))
                    .collect::<Vec<_>>()
                    .join(", ")
            );
            all.extend(lines(
                &mut *reading,
                table,
                &joined,
                columns.split(", ").count() + 2,
            ));
        }
        let account = "SELECT account_id, stream_id, hash_key, progress FROM account";
        all.extend(lines(&mut *reading, "account", account, 4));
        all.sort();
        all
    }
}

fn lines(reading: &mut dyn Reading, table: &str, sql: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let read = reading.rows("rows", sql, &[], &mut |row| {
        let value = |at| match (row.int(at), row.bytes(at), row.text(at)) {
            (Some(number), _, _) => number.to_string(),
            (_, _, Some(text)) => format!("{:?}", text.as_bytes()),
            (_, Some(bytes), _) => format!("{bytes:?}"),
            _ if row.is_null(at) => "null".to_owned(),
            _ => panic!("{table} {at}"),
        };
        let values: Vec<String> = (0..columns).map(value).collect();
        lines.push(format!("{table} {}", values.join(" ")));
        Some(())
    });
    read.unwrap();
    lines
}

pub(super) fn config(storage: &str) -> Config {
    let text = format!(
        "accounts: [{{name: a, url: 'http://127.0.0.1:9', account_id: a, stream_id: s, auth: {{client_id: c, client_secret: s}}}}]\n{storage}"
    );
    config::of_text(&text)
        .unwrap_or_else(|invalid| panic!("{invalid}"))
        .0
}

pub(super) fn place(url: &str, password: &str) -> Place {
    place_with(url, &format!("password: '{password}'"))
}

/// With further keys of `storage`.
pub(super) fn place_with(url: &str, keys: &str) -> Place {
    let config = config(&format!("storage: {{url: '{url}', {keys}}}"));
    Place::of(&config.storage).unwrap()
}

pub(super) fn policy() -> Policy {
    let config = config("");
    poller::policy(&config.accounts[0], &config.metrics)
}

pub(super) fn load(store: &Store, account: &str) -> Result<Loaded, StoreError> {
    store.load(account, "st-1", policy(), |_| 0, || [7; 16])
}

/// Writes a commit that changes nothing but the progress.
pub(super) fn mark(store: &Store, loaded: &mut Loaded, progress: &[u8]) -> Result<(), StoreError> {
    commit(store, loaded, &Commit::default(), progress)
}

pub(super) fn commit(
    store: &Store,
    loaded: &mut Loaded,
    commit: &Commit,
    progress: &[u8],
) -> Result<(), StoreError> {
    let kept = Kept::progress(progress);
    store
        .commit(loaded.key, &loaded.ledger, commit, kept)
        .map(|_| loaded.ledger.commits += 1)
}

/// A conversation that was counted.
pub(super) fn entry(id: u128, latest_s: i64) -> Entry {
    let counted = Counted {
        channel: Sym(2),
        queue: QueueSym {
            id: Sym(3),
            name: Sym(4),
        },
        direction: Sym::ABSENT,
        outcome: crate::fact::Outcome::Abandoned,
        offered: true,
        within_target: false,
        ended_s: latest_s,
        wait_millis: None,
        csat: Some(4),
        nps: None,
    };
    Entry {
        id: Id(id),
        session: Some(Id(id << 64)),
        latest_s,
        digest: Some(u64::MAX - id as u64),
        counted: Some(counted),
        seen: Seen::default(),
    }
}

pub(super) fn new(entry: Entry) -> Change {
    Change {
        entry,
        before: None,
    }
}

pub(super) fn from(id: u128, entry: Entry) -> Change {
    let before = Some(Before {
        id: Id(id),
        digest: None,
        ended_s: None,
    });
    Change { entry, before }
}

/// One that touches every table. Its first label value holds what not every engine's text may.
pub(super) fn rich() -> Commit {
    use crate::ledger::{Began, Counts, Measure, Own, QueueName, SeriesKey, Sum};
    let texts = ["voice\u{0}\u{7f}", "q-1", "Billing 'é'"];
    let key = |measure| SeriesKey {
        measure,
        channel: Sym(2),
        queue: QueueSym {
            id: Sym(3),
            name: Sym(4),
        },
        own: Own::default(),
    };
    let mut waits = Sum::zero(Measure::AgentPickup);
    waits.observe(Measure::AgentPickup, 1_500);
    let began = Began {
        channel: Sym(2),
        queue: QueueSym {
            id: Sym(3),
            name: Sym(4),
        },
        direction: Sym::ABSENT,
    };
    let counts = Counts::from_told([(1, 3), (9, 300_000)]).unwrap();
    let name = QueueName {
        first: Sym(4),
        latest: Sym(4),
        latest_s: 1_790_000_000,
    };
    Commit {
        entries: (1..=3)
            .map(|id| new(entry(id, 1_790_000_000 + id as i64)))
            .collect(),
        sums: vec![
            (key(Measure::Offered), Sum::Count(3)),
            (key(Measure::AgentPickup), waits),
        ],
        symbols: texts.map(Arc::from).to_vec(),
        names: vec![(Sym(3), name)],
        quarters: vec![(1_789_999_200, [(began, counts)].into_iter().collect())],
        quarters_from_s: Some(1_789_000_200),
        floor_s: 1_780_000_000,
        ..Commit::default()
    }
}
