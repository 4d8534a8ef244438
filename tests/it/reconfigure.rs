//! One state, run after run and reload after reload with another configuration: no key, and no order of changes, makes the counts differ from
//! those of an independent witness.

use crate::support::compare::{all_differences, differences, nothing_falls};
use crate::support::scene::{contract, plan_since};
use crate::support::{Centre, Home, Page, free_address};
use smartassist_exporter::simulator::{Contract, Truth, Witness};
use std::fmt::Write;
use std::time::Duration;

/// Enough for every two keys to meet in all four ways.
const RUNS: usize = 16;

/// A key and what it may be: the default, and another. Not here is what names another state (`storage.path`, other ids)
/// and what is meant to change what counts from then on (`service_level.within`, a look back that ends within the
/// history, and `metrics.direction`: without it nothing tells a bot's call out from a call in).
type Key = (&'static str, [String; 2]);

fn keys(centre: &Centre, home: &Home) -> Vec<Key> {
    let Contract {
        account_id,
        client_secret,
        ..
    } = centre.simulator.contract();
    let file = home.folder.path().join("secret");
    std::fs::write(&file, format!("\u{feff}{client_secret} \r\n")).unwrap();
    let key = |name, values: [&str; 2]| (name, values.map(str::to_owned));
    let mut keys = vec![
        (
            "accounts.url",
            [
                centre.url.clone(),
                centre.url.replace("127.0.0.1", "localhost") + "/",
            ],
        ),
        (
            "accounts.account_id",
            [account_id.clone(), format!("\" {account_id} \"")],
        ),
        (
            "accounts.auth.secret",
            [
                format!("client_secret: {client_secret}"),
                format!("client_secret_file: '{}'", file.display()),
            ],
        ),
    ];
    keys.extend([
        key("accounts.name", ["acme", "renamed"]),
        key("accounts.auth.jti", ["false", "true"]),
        key("accounts.requests_per_minute", ["60000", "30000"]),
        key(
            "accounts.targets",
            [
                "{}",
                "{abandonment_ratio: 0.5, service_level: {ratio: 0.1}, speed_of_answer: 5s}",
            ],
        ),
        key(
            "accounts.channels",
            ["{}", "{Voice: {speed_of_answer: 1s}, Fax: {}}"],
        ),
        key(
            "accounts.queues",
            [
                "{}",
                "{Billing: {abandonment_ratio: 1}, none: {speed_of_answer: 1s}, null: {}}",
            ],
        ),
        key("accounts.time_zone", ["null", "Etc/UTC"]),
        key("poll.interval", ["1s", "2s"]),
        key("poll.settle", ["1s", "0s"]),
        key("poll.revisit", ["0.005", "0.02"]),
        key("poll.initial_lookback", ["2h", "4h"]),
        key("poll.max_lookback", ["1d", "2d"]),
        key("metrics.windows", ["[15m, 1h, 24h]", "[5m]"]),
        key("metrics.zero_first", ["0s", "1s"]),
        key("metrics.max_series_per_metric", ["2000", "50000"]),
        key("metrics.per_agent", ["false", "true"]),
    ]);
    keys
}

/// The configuration in which each key has its first or its second value.
fn configure(centre: &Centre, home: &Home, keys: &[Key], chosen: &[bool]) {
    let of = |prefix: &str| {
        let chosen = keys.iter().zip(chosen);
        let named = chosen.filter_map(|((name, values), second)| {
            let name = name.strip_prefix(prefix)?;
            (!name.contains('.')).then(|| (name, &values[usize::from(*second)]))
        });
        named.fold(String::new(), |mut text, (name, value)| {
            match name {
                "secret" => write!(text, "{value}, ").unwrap(),
                name => write!(text, "{name}: {value}, ").unwrap(),
            }
            text
        })
    };
    let contract = centre.simulator.contract();
    let text = format!(
        "accounts:\n- {{stream_id: {}, auth: {{client_id: {}, {}}}, {}}}\npoll: {{{}}}\nmetrics: {{{}}}\nstorage: {{path: '{}'}}\n",
        contract.stream_id,
        contract.client_id,
        of("accounts.auth."),
        of("accounts."),
        of("poll."),
        of("metrics."),
        home.folder.path().join("data").display(),
    );
    std::fs::write(home.config(), text).unwrap();
}

/// A choice for each run: fixed, and in no order that anybody thought of. Every two keys meet in all four ways.
fn choices(keys: usize) -> Vec<Vec<bool>> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bit = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state >> 63 == 1
    };
    let mut choose = || {
        (0..RUNS)
            .map(|_| (0..keys).map(|_| bit()).collect())
            .collect()
    };
    let all_meet = |runs: &Vec<Vec<bool>>| {
        let pairs = (0..keys).flat_map(|a| (0..a).map(move |b| (a, b)));
        let ways = [(false, false), (false, true), (true, false), (true, true)];
        pairs.into_iter().all(|(a, b)| {
            let met = |way: &(bool, bool)| runs.iter().any(|run| (run[a], run[b]) == *way);
            ways.iter().all(met)
        })
    };
    std::iter::repeat_with(&mut choose)
        .take(10_000)
        .find(all_meet)
        .expect("every two keys meet in all four ways")
}

/// How many accounts the state knows.
fn accounts(home: &Home) -> i64 {
    let path = home.folder.path().join("data/smartassist-exporter.db");
    let database = rusqlite::Connection::open(path).unwrap();
    let count = database.query_row("SELECT count(*) FROM account", [], |row| row.get(0));
    count.unwrap()
}

fn polls(page: &Page) -> f64 {
    page.sum("smartassist_exporter_polls_total", &[("result", "ok")])
}

#[test]
fn whatever_is_configured_anew_on_one_state_every_conversation_counts_once() {
    let centre = Centre::open(plan_since(40 * 60, 2_000.0), contract());
    let home = Home::new("");
    let mut keys = keys(&centre, &home);
    for (run, chosen) in choices(keys.len()).iter().enumerate() {
        configure(&centre, &home, &keys, chosen);
        let exporter = home.serve();
        exporter.wait_for("a poll", 20, |page| polls(page) >= 1.0);
        match run % 2 {
            0 => exporter.kill(),
            _ => assert_eq!(exporter.signal("TERM"), Some(0)),
        }
    }
    centre.simulator.freeze();
    let truth = centre.simulator.truth(&Witness::default());
    assert!(
        truth.counted > 800,
        "{} conversations are no test",
        truth.counted
    );

    let usual = vec![false; keys.len()];
    let left = |page: &Page| all_differences(page, &centre.simulator, &Witness::default());
    configure(&centre, &home, &keys, &usual);
    let exporter = home.serve();
    exporter.wait_for("a poll", 30, |page| polls(page) >= 1.0);
    exporter.comes_to(30, left);
    exporter.kill();
    // A state begun anew reads the history anew, and would show the same.
    assert_eq!(accounts(&home), 1);

    // What is counted stays: with times that read otherwise now, with more label sets than are allowed, with a look back
    // that no longer reaches it, and with one that reaches it again.
    let mut set = |key: &str, to: &str| {
        let (_, values) = keys.iter_mut().find(|(name, _)| *name == key).unwrap();
        values[0] = to.to_owned();
        configure(&centre, &home, &keys, &usual);
    };
    set("accounts.time_zone", "Asia/Tokyo");
    set("metrics.max_series_per_metric", "1");
    three_polls_later_all_is_as_it_was(&home, &truth);
    set("accounts.time_zone", "null");
    set("poll.initial_lookback", "0s");
    set("poll.max_lookback", "10m");
    three_polls_later_all_is_as_it_was(&home, &truth);
    set("poll.max_lookback", "2d");
    set("poll.initial_lookback", "1d");
    three_polls_later_all_is_as_it_was(&home, &truth);
}

#[test]
fn whatever_is_reloaded_while_it_runs_every_conversation_counts_once() {
    let centre = Centre::open(plan_since(40 * 60, 2_000.0), contract());
    let home = Home::new("");
    let keys = keys(&centre, &home);
    configure(&centre, &home, &keys, &vec![false; keys.len()]);
    let exporter = home.serve_as(free_address(), &[], &["--web.enable-lifecycle"]);
    let mut page = exporter.wait_for("the first counts", 20, |page| {
        page.sum("smartassist_conversations_total", &[]) > 0.0
    });
    for (run, chosen) in choices(keys.len()).iter().enumerate() {
        configure(&centre, &home, &keys, chosen);
        if run % 4 == 0 {
            exporter.send("HUP");
        } else {
            let (status, told) = exporter.reload();
            assert_eq!(status, 200, "{told}");
        }
        // As many polls are cut short as are not.
        std::thread::sleep(Duration::from_millis(40 * (run as u64 % 5)));
        // An account that gets another name leaves the page under the old one before it is there under the new.
        let next = exporter.wait_for("the counts again", 20, |page| {
            page.sum("smartassist_conversations_total", &[]) > 0.0
        });
        nothing_falls(&page, &next);
        page = next;
    }
    configure(&centre, &home, &keys, &vec![false; keys.len()]);
    assert_eq!(exporter.reload().0, 200);
    centre.simulator.freeze();
    let left = |page: &Page| all_differences(page, &centre.simulator, &Witness::default());
    exporter.comes_to(30, left);
    assert_eq!(exporter.signal("TERM"), Some(0));
    assert_eq!(accounts(&home), 1);
}

fn three_polls_later_all_is_as_it_was(home: &Home, truth: &Truth) {
    let exporter = home.serve();
    let page = exporter.wait_for("three polls", 30, |page| polls(page) >= 3.0);
    assert_eq!(differences(&page, truth), [""; 0]);
    exporter.kill();
}
