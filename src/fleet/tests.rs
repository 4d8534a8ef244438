use super::*;
use crate::client::Allotment;
use crate::config::{self, Flags};
use crate::metrics::Encoding;
use crate::metrics::own::{Build, Vocabulary};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// An account for each of these: its name, its stream, further keys.
pub(super) fn config(accounts: &[(&str, &str, &str)], rest: &str) -> Config {
    let mut text = String::from("accounts:\n");
    for (name, stream, keys) in accounts {
        writeln!(
            text,
            "- {{name: {name}, url: 'http://127.0.0.1:9', account_id: a, stream_id: {stream}, \
             auth: {{client_id: c, client_secret: s}}, {keys}}}"
        )
        .unwrap();
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("{text}{rest}")).unwrap();
    let flags = Flags {
        file: Some(file.path().to_owned()),
        listen_address: None,
    };
    config::load(&flags, |_| None).unwrap().0
}

pub(super) struct Scene {
    pub(super) folder: tempfile::TempDir,
    publisher: Arc<Publisher>,
    pub(super) fleet: Fleet,
    stop: CancellationToken,
}

impl Scene {
    pub(super) fn new() -> Scene {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::open(folder.path()).unwrap());
        let build = Build {
            version: String::new(),
            revision: String::new(),
        };
        let vocabulary = Vocabulary {
            requests: vec!["connection"],
            fields: Vec::new(),
            facts: Vec::new(),
        };
        let own = Arc::new(Own::new(build, vocabulary));
        let publisher = Arc::new(Publisher::new(Arc::clone(&own), Duration::ZERO));
        let stop = CancellationToken::new();
        let mut fleet = Fleet::new(store, own, Arc::clone(&publisher), stop.clone());
        // Nobody answers here, so nobody is waited for.
        fleet.patience = Duration::ZERO;
        Scene {
            folder,
            publisher,
            fleet,
            stop,
        }
    }

    fn text(&self) -> String {
        let page = self.publisher.page(Encoding::Plain, Instant::now());
        let bytes: Vec<u8> = page.flat_map(|piece| piece.to_vec()).collect();
        String::from_utf8(bytes).unwrap()
    }

    /// What an account has asked in vain, as a line of the page.
    fn requests(&self, account: &str) -> String {
        let metric = format!("smartassist_exporter_requests_total{{account=\"{account}\"");
        self.publisher.look_again();
        let text = self.text();
        let line = text.lines().find(|line| line.starts_with(&metric));
        line.unwrap().to_owned()
    }

    /// The accounts on the page.
    fn page(&self) -> BTreeSet<String> {
        accounts_of(&self.text())
    }

    /// What tells an account from the same account opened anew.
    fn boards(&self) -> Vec<(String, *const Board)> {
        let shown = self.fleet.shown();
        let board = |it: &Shown| (it.name.to_string(), Arc::as_ptr(&it.live));
        shown.iter().map(board).collect()
    }

    async fn allotment(&self, stream: &str) -> Option<Arc<Allotment>> {
        let identity = ("a".to_owned(), stream.to_owned());
        self.fleet
            .crew
            .lock()
            .await
            .allotments
            .get(&identity)
            .cloned()
    }
}

fn accounts_of(page: &str) -> BTreeSet<String> {
    let labels = page.split("account=\"").skip(1);
    labels
        .filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()))
        .collect()
}

fn names<'n>(names: impl IntoIterator<Item = &'n str>) -> Vec<Arc<str>> {
    names.into_iter().map(Arc::from).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_settings_stay_is_not_touched_whatever_becomes_of_the_others() {
    let scene = Scene::new();
    let first = config(
        &[("one", "1", ""), ("two", "2", ""), ("three", "3", "")],
        "",
    );
    let change = scene.fleet.follow(&first).await.unwrap();
    assert_eq!(change.added, names(["one", "two", "three"]));
    let before = scene.boards();

    let next = config(
        &[
            ("four", "4", ""),
            ("two", "2", "requests_per_minute: 7"),
            ("one", "1", ""),
        ],
        "metrics: {zero_first: 1s}\n",
    );
    let change = scene.fleet.follow(&next).await.unwrap();
    let expected = Change {
        added: names(["four"]),
        changed: names(["two"]),
        removed: names(["three"]),
        unchanged: 1,
    };
    assert_eq!(change, expected);
    let after = scene.boards();
    assert_eq!(after[2], before[0], "not touched, in its new place");
    assert_ne!(after[1].1, before[1].1, "opened anew");
    let shown = ["four", "one", "two"].map(str::to_owned);
    assert_eq!(
        scene.page(),
        BTreeSet::from(shown),
        "and `three` is gone at once"
    );

    let change = scene.fleet.follow(&next).await.unwrap();
    assert_eq!((change.unchanged, change.changed.len()), (3, 0));
    assert_eq!(scene.boards(), after);
    scene.stop.cancel();
    scene.fleet.ended().await;
    assert!(scene.fleet.is_alive());
}

/// What is stored of a stream cannot be read any more.
pub(super) async fn damage(scene: &Scene, stream: &str) {
    let damaged = config(&[("bad", stream, "")], "");
    scene.fleet.follow(&damaged).await.unwrap();
    let database = scene.folder.path().join(crate::store::FILE);
    rusqlite::Connection::open(database)
        .unwrap()
        .execute(
            "UPDATE account SET progress = x'ff' WHERE stream_id = $1",
            [stream],
        )
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_cannot_be_opened_leaves_all_as_they_were() {
    let scene = Scene::new();
    let first = config(&[("one", "1", ""), ("two", "2", "")], "");
    scene.fleet.follow(&first).await.unwrap();
    let before = scene.boards();
    damage(&scene, "3").await;
    scene.fleet.follow(&first).await.unwrap();

    let before = (scene.boards(), before.len());
    let wanted = config(&[("bad", "3", ""), ("renamed", "1", "")], "");
    let error = scene.fleet.follow(&wanted).await.unwrap_err();
    assert_eq!(error.to_string(), "cannot load the account `bad`");
    assert_eq!((scene.boards(), 2), before);
    assert_eq!(
        scene.page(),
        BTreeSet::from(["one", "two"].map(str::to_owned))
    );
    // They poll on, and the next change is made as if nothing had been.
    let asked = scene.requests("one");
    let deadline = Instant::now() + Duration::from_secs(20);
    while scene.requests("one") == asked {
        assert!(Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let swapped = config(&[("two", "1", ""), ("one", "2", "")], "");
    let change = scene.fleet.follow(&swapped).await.unwrap();
    assert_eq!(change.changed, names(["two", "one"]));
    assert_eq!(
        scene.page(),
        BTreeSet::from(["one", "two"].map(str::to_owned))
    );
    assert!(scene.fleet.is_alive());
}

/// Names that change, that are swapped, that come and go: no scrape finds half of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_scrape_finds_the_accounts_of_before_or_of_after_whole() {
    let scene = Arc::new(Scene::new());
    let ways: [&[(&str, &str, &str)]; 5] = [
        &[("one", "1", ""), ("two", "2", "")],
        &[("uno", "1", ""), ("two", "2", "")],
        &[("two", "1", ""), ("uno", "2", "")],
        &[("two", "3", "")],
        &[("one", "1", "requests_per_minute: 7"), ("two", "3", "")],
    ];
    let configs = ways.map(|way| config(way, ""));
    scene.fleet.follow(&configs[0]).await.unwrap();
    let done = CancellationToken::new();
    let (looking, until) = (Arc::clone(&scene), done.clone());
    let scraping = std::thread::spawn(move || {
        let mut seen: BTreeSet<(BTreeSet<String>, usize)> = BTreeSet::new();
        while !until.is_cancelled() {
            looking.publisher.look_again();
            let text = looking.text();
            let series = text
                .lines()
                .filter(|line| line.contains("{account="))
                .count();
            seen.insert((accounts_of(&text), series));
        }
        seen
    });
    for round in 0..60 {
        scene.fleet.follow(&configs[round % 5]).await.unwrap();
    }
    done.cancel();
    let seen = scraping.join().unwrap();
    let shown: BTreeSet<_> = seen.iter().map(|(accounts, _)| accounts.clone()).collect();
    let wanted = ways.map(|way| way.iter().map(|(name, ..)| (*name).to_owned()).collect());
    assert!(
        shown.len() > 2 && shown.is_subset(&BTreeSet::from(wanted)),
        "{shown:?}"
    );
    // As many series for each account, whoever it is: none was there in part.
    let each: BTreeSet<usize> = (seen
        .iter()
        .map(|(accounts, series)| series / accounts.len()))
    .collect();
    assert_eq!(each.len(), 1, "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_opened_anew_has_no_more_to_spend_than_before() {
    let scene = Scene::new();
    let with = |rate: &str| config(&[("one", "1", rate), ("two", "2", "")], "");
    let without = config(&[("two", "2", "")], "");
    scene.fleet.follow(&with("")).await.unwrap();
    let first = scene.allotment("1").await.unwrap();
    first.spend_all();
    scene
        .fleet
        .follow(&with("requests_per_minute: 1"))
        .await
        .unwrap();
    scene.fleet.follow(&without).await.unwrap();
    scene.fleet.follow(&with("")).await.unwrap();
    let again = scene.allotment("1").await.unwrap();
    assert!(
        Arc::ptr_eq(&first, &again),
        "it is remembered while it is not rested"
    );
    assert!(!again.is_rested());
    assert_eq!(again.allowance().per_minute, 30.0);
    // What rests may be forgotten.
    scene
        .fleet
        .follow(&with("requests_per_minute: 6000000"))
        .await
        .unwrap();
    let rested = || async {
        scene.fleet.follow(&without).await.unwrap();
        scene.allotment("1").await.is_none()
    };
    let deadline = Instant::now() + Duration::from_secs(20);
    while !rested().await {
        assert!(Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_begins_once_all_are_told_to_stop() {
    let scene = Scene::new();
    scene.stop.cancel();
    let wanted = config(&[("one", "1", "")], "");
    let refused = scene.fleet.follow(&wanted).await;
    assert!(matches!(refused, Err(FleetError::Stopping)));
    assert_eq!(scene.page(), BTreeSet::new());
}

/// An account of a configuration, or none: its name, and its one further key.
type Choice = Option<(usize, u32)>;

fn choices() -> impl Strategy<Value = Vec<[Choice; 3]>> {
    let choice = || proptest::option::weighted(0.7, (0..4_usize, 1..3_u32));
    let configuration = [choice(), choice(), choice()];
    proptest::collection::vec(configuration, 1..8)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Whatever the way, those run that are wanted, under the names they are wanted by, and nobody was touched for nothing.
    #[test]
    fn any_way_leads_to_the_accounts_that_are_wanted(way in choices()) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let scene = Scene::new();
            let mut before = BTreeMap::new();
            for choices in way {
                // Names are distinct, and go from one stream to the other.
                let mut named = BTreeSet::new();
                let wanted: Vec<_> = (0..3_usize)
                    .filter_map(|stream| Some((stream, choices[stream]?)))
                    .filter(|(_, (name, _))| named.insert(*name))
                    .collect();
                if wanted.is_empty() {
                    continue;
                }
                let text = |(stream, (name, rate)): (usize, (usize, u32))| {
                    let keys = format!("requests_per_minute: {rate}");
                    (format!("n{name}"), stream.to_string(), keys)
                };
                let texts: Vec<_> = wanted.into_iter().map(text).collect();
                let accounts: Vec<_> = texts
                    .iter()
                    .map(|(name, stream, keys)| (name.as_str(), stream.as_str(), keys.as_str()))
                    .collect();
                scene.fleet.follow(&config(&accounts, "")).await.unwrap();
                let boards = scene.boards();
                let names: Vec<&str> = boards.iter().map(|(name, _)| name.as_str()).collect();
                let expected: Vec<&str> = accounts.iter().map(|(name, ..)| *name).collect();
                assert_eq!(names, expected);
                let expected = expected.into_iter().map(str::to_owned).collect();
                assert_eq!(scene.page(), expected);
                let now: BTreeMap<_, _> = texts.iter().cloned().zip(boards.iter().map(|it| it.1)).collect();
                for (account, board) in &now {
                    if let Some(same) = before.get(account) {
                        assert_eq!(board, same, "{account:?} was opened anew");
                    }
                }
                before = now;
            }
            scene.stop.cancel();
            scene.fleet.ended().await;
            assert!(scene.fleet.is_alive());
        });
    }
}
