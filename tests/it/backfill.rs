//! The past before a Prometheus began: read from the simulated centre beside an exporter that runs, killed on the way, taken
//! by `promtool`, and joined to what is scraped. Every conversation counts once.

use crate::support::compare::{counts, until_nothing_differs};
use crate::support::past::{ask, backfill, increase, increases_differ, rose, said, scraping, take};
use crate::support::scene::{Scene, Setting, plan_since};
use crate::support::{Home, Labels, Page, free_address};
use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

const HOUR_S: i64 = 3_600;

/// Its exporter knows the last four hours by itself.
fn scene() -> Scene {
    let mut setting = Setting::of(0.0);
    setting.plan = plan_since(13 * HOUR_S, 70.0);
    "{interval: 1s, settle: 0s, revisit: 0.005, initial_lookback: 4h, max_lookback: 1d}"
        .clone_into(&mut setting.poll);
    "{zero_first: 2s}".clone_into(&mut setting.metrics);
    Scene::new(setting)
}

/// Starts it, and sends it a signal once it has read something. How it ended, and what it said.
fn signalled_on_the_way(mut command: Command, scene: &Scene, signal: &str) -> Output {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let journal = scene
        .home
        .folder
        .path()
        .join("past.om.parts/account-0/journal");
    let length = || fs::metadata(&journal).map_or(0, |file| file.len());
    let before = length();
    let deadline = Instant::now() + Duration::from_mins(1);
    while length() <= before {
        assert!(Instant::now() < deadline, "nothing is read");
        assert!(child.try_wait().unwrap().is_none(), "it ended too soon");
        std::thread::sleep(Duration::from_millis(5));
    }
    let pid = child.id().to_string();
    let sent = Command::new("kill").args([signal, &pid]).status();
    assert!(sent.unwrap().success());
    child.wait_with_output().unwrap()
}

fn killed_on_the_way(command: Command, scene: &Scene) {
    let ended = signalled_on_the_way(command, scene, "-KILL");
    assert_eq!(ended.status.code(), None);
}

#[test]
fn told_to_stop_it_says_how_to_go_on_and_does() {
    let scene = scene();
    scene.centre.simulator.freeze();
    let arguments = |pace| {
        let pace = ["--requests-per-minute", pace];
        let span = ["--from", "14h", "--to", "5h", "--out", "past.om"];
        [&span[..], &pace].concat()
    };
    for signal in ["-TERM", "-INT"] {
        let command = backfill(&scene.home, free_address(), &arguments("200"));
        let ended = signalled_on_the_way(command, &scene, signal);
        let words = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(1), "{signal}: {words}");
        let goes_on = "error: interrupted; what was read is kept: the same command goes on";
        assert!(words.contains(goes_on), "{signal}: {words}");
    }
    let ended = backfill(&scene.home, free_address(), &arguments("60000")).output();
    assert!(said(&ended.unwrap()).contains("ending at 0"));
}

#[test]
fn the_past_joins_what_is_scraped_and_counts_every_conversation_once() {
    let scene = scene();
    let exporter = scene.serve();
    let arguments = |pace| {
        [
            "--from",
            "15h",
            "--out",
            "past.om",
            "--step",
            "5m",
            "--requests-per-minute",
            pace,
        ]
    };
    // It waits for the exporter's first reading, whose numbers it meets.
    exporter.wait_for("the account is known", 30, |page| !page.samples.is_empty());
    killed_on_the_way(
        backfill(&scene.home, exporter.address, &arguments("600")),
        &scene,
    );
    let file = scene.home.folder.path().join("past.om");
    assert!(!file.exists());
    let other = backfill(
        &scene.home,
        exporter.address,
        &["--from", "9h", "--out", "past.om"],
    );
    let refused = { other }.output().unwrap();
    let words = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{words}");
    assert!(words.contains("`--from` is `9h`, and was `15h`"), "{words}");
    let ended = backfill(&scene.home, exporter.address, &arguments("60000")).output();
    let words = said(&ended.unwrap());
    assert!(
        words.contains("meeting the exporter's own counters"),
        "{words}"
    );
    assert!(!words.contains("\nwarning: account"), "{words}");
    assert!(
        !scene
            .home
            .folder
            .path()
            .join("past.om.parts/whole")
            .exists()
    );

    take(&file, scene.home.folder.path());
    let (_prometheus, prometheus) = scraping(scene.home.folder.path(), exporter.address);
    let simulator = &scene.centre.simulator;
    simulator.freeze();
    let truth = simulator.truth(&scene.witness);
    let left = || increases_differ(&rose(prometheus, exporter.address), &truth);
    until_nothing_differs(Duration::from_secs(20), left).unwrap_or_else(|left| panic!("{left}"));

    // Every part of it by itself, before the exporter's first numbers and among them.
    let now_s = simulator.now_ms() / 1_000;
    let hour_s = now_s - now_s.rem_euclid(HOUR_S);
    for (from_s, to_s) in [(12, 8), (8, 5), (5, 2), (2, 1)]
        .map(|(from, to)| (hour_s - from * HOUR_S, hour_s - to * HOUR_S))
    {
        let truth = simulator.truth_between(&scene.witness, from_s, to_s);
        assert!(truth.counted > 10, "{} are no test", truth.counted);
        let page = increase(prometheus, exporter.address, from_s * 1_000, to_s * 1_000);
        let differences = increases_differ(&page, &truth);
        assert!(
            differences.is_empty(),
            "{from_s} to {to_s}: {:#?}",
            &differences[..differences.len().min(20)]
        );
    }
    boards_show_the_past(prometheus, hour_s - 5 * HOUR_S);
}

/// Parts were joined to one exporter's numbers: beside another's, or none, nobody goes on with them.
#[test]
fn what_was_begun_beside_one_state_does_not_go_on_beside_another() {
    let scene = scene();
    let exporter = scene.serve();
    exporter.wait_for("the first reading", 60, |page| {
        page.sum("smartassist_conversations_total", &[]) > 0.0
    });
    let address = exporter.address;
    let arguments = |pace| {
        let pace = ["--requests-per-minute", pace];
        [&["--from", "15h", "--out", "past.om"], &pace[..]].concat()
    };
    killed_on_the_way(backfill(&scene.home, address, &arguments("600")), &scene);
    exporter.kill();
    let refused = |why: &str| {
        let output = backfill(&scene.home, address, &arguments("60000")).output();
        let output = output.unwrap();
        let words = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{words}");
        assert!(words.contains(why), "{words}");
        assert!(words.contains("past.om.parts` to begin anew"), "{words}");
        assert!(!scene.home.folder.path().join("past.om").exists());
    };
    let folder = scene.home.folder.path();
    fs::rename(folder.join("data"), folder.join("data-before")).unwrap();
    refused("is gone");
    let exporter = scene.serve();
    exporter.wait_for("the first reading", 60, |page| {
        page.sum("smartassist_conversations_total", &[]) > 0.0
    });
    refused("is another than when this was begun");
    exporter.kill();
    fs::rename(folder.join("data"), folder.join("data-after")).unwrap();
    fs::rename(folder.join("data-before"), folder.join("data")).unwrap();
    let ended = backfill(&scene.home, address, &arguments("60000")).output();
    let words = said(&ended.unwrap());
    assert!(
        words.contains("meeting the exporter's own counters"),
        "{words}"
    );
}

/// What the boards ask of a time before the exporter ran: recent windows, and rates beside what tells that they were read in
/// time.
fn boards_show_the_past(prometheus: std::net::SocketAddr, at_s: i64) {
    let in_time = "on (job, instance, account) max_over_time((time() - smartassist_exporter_last_success_timestamp_seconds + 300 * smartassist_exporter_catching_up)[3h:1m]) < 300";
    for expression in [
        "sum(smartassist_recent_offered{window=\"24h\"}) > 0".to_owned(),
        "sum(smartassist_recent_conversations{window=\"24h\"}) > 0".to_owned(),
        "smartassist_service_level_target_ratio".to_owned(),
        format!("sum(rate(smartassist_offered_total[3h]) and {in_time}) > 0"),
    ] {
        let found = ask(prometheus, &expression, &at_s.to_string());
        assert!(!found.is_empty(), "{expression}");
    }
}

/// Where no exporter has counted anything: each piece begins and ends at 0, so that they may be filled in any order.
#[test]
fn pieces_fit_together() {
    let scene = scene();
    let now_s = scene.centre.simulator.freeze() / 1_000;
    let at_s = [
        now_s - 12 * HOUR_S,
        now_s - 9 * HOUR_S - 77,
        now_s - 5 * HOUR_S,
    ];
    let mut rose = Page::default();
    for (piece, pair) in at_s.windows(2).enumerate() {
        let [from, to] = [pair[0], pair[1]].map(|it| it.to_string());
        let out = format!("{piece}.om");
        let arguments = [
            "--from",
            &from,
            "--to",
            &to,
            "--out",
            &out,
            "--step",
            "5m",
            "--requests-per-minute",
            "60000",
        ];
        let address = free_address();
        let fill = |arguments: &[&str]| {
            let ended = backfill(&scene.home, address, arguments).output();
            said(&ended.unwrap())
        };
        let words = fill(&arguments);
        assert!(words.contains("ending at 0"), "{words}");
        let path = scene.home.folder.path().join(&out);
        let text = fs::read_to_string(&path).unwrap();
        if piece == 0 {
            // Labels that were wrong are mended from the parts that are kept, without a request.
            let asked = || scene.centre.simulator.answers().values().sum::<u64>();
            let before = asked();
            fs::remove_file(&path).unwrap();
            let words = fill(&[&arguments[..], &["--label", "cluster=eu"]].concat());
            assert!(
                words.contains("goes on with what `0.om.parts` holds"),
                "{words}"
            );
            assert_eq!(asked(), before);
            let anew = fs::read_to_string(&path).unwrap();
            assert!(anew.contains(",cluster=\"eu\""));
            assert!(anew.replace(",cluster=\"eu\"", "") == text);
        }
        for (series, values) in counted(&text) {
            assert_eq!(
                (values[0], values[values.len() - 1]),
                (0.0, 0.0),
                "{series:?}"
            );
            let most = values.iter().copied().fold(0.0, f64::max);
            *rose.samples.entry(series).or_default() += most;
        }
    }
    let truth = scene
        .centre
        .simulator
        .truth_between(&scene.witness, at_s[0], at_s[2]);
    assert!(truth.counted > 100, "{} are no test", truth.counted);
    let differences = increases_differ(&rose, &truth);
    assert!(differences.is_empty(), "{differences:#?}");
}

/// Each counted series of a file, with its values in their order.
fn counted(text: &str) -> BTreeMap<(String, Labels), Vec<f64>> {
    assert!(text.ends_with("\n# EOF\n"));
    let mut counted: BTreeMap<_, Vec<f64>> = BTreeMap::new();
    let mut last = BTreeMap::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (line, time) = line.rsplit_once(' ').unwrap();
        let (series, value) = line.rsplit_once(' ').unwrap();
        let time: f64 = time.parse().unwrap();
        let before = last.insert(series, time);
        assert!(before.is_none_or(|before| before < time), "{line}");
        counted
            .entry(series)
            .or_default()
            .push(value.parse().unwrap());
    }
    let series = counted.into_iter().map(|(series, values)| {
        let page = Page::parse(&format!("{series} 0\n"));
        let (key, _) = page.samples.into_iter().next().unwrap();
        (key, values)
    });
    series
        .filter(|((name, _), _)| counts(name))
        .map(|((name, mut labels), values)| {
            labels.remove("job");
            labels.remove("instance");
            ((name, labels), values)
        })
        .collect()
}

/// A centre that nobody else asks tells how often this one did.
#[test]
fn it_asks_no_more_often_than_it_may() {
    let scene = scene();
    let arguments = [
        "--from",
        "14h",
        "--to",
        "5h",
        "--out",
        "past.om",
        "--requests-per-minute",
        "180",
    ];
    let begun = Instant::now();
    let mut child = backfill(&scene.home, free_address(), &arguments)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_secs(4));
    child.kill().unwrap();
    child.wait().unwrap();
    let may = begun.elapsed().as_secs_f64() * 3.0 + 1.0;
    let asked: u64 = scene.centre.simulator.answers().values().sum();
    assert!(asked as f64 <= may && asked >= 5, "{asked} of {may}");
}

const ACCOUNT: &str = "accounts: [{name: acme, url: 'http://127.0.0.1:9', account_id: a, stream_id: s, auth: {client_id: c, client_secret: wrong}}]\n";

#[test]
fn what_cannot_be_filled_is_told_with_what_to_do() {
    let home = Home::new(ACCOUNT);
    let refused = |arguments: &[&str]| {
        let output = backfill(&home, free_address(), arguments).output().unwrap();
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), words)
    };
    fs::write(home.folder.path().join("there"), "").unwrap();
    for (label, why) in [
        ("job=x", "is said by `--job`"),
        ("account=eu", "own series have it"),
        ("queue=x", "own series have it"),
        ("le=1", "own series have it"),
        ("window=1h", "own series have it"),
        ("__x=1", "begin with `__`"),
        ("cluster=b", "is there twice"),
    ] {
        let arguments = [
            "--from",
            "9d",
            "--out",
            "x",
            "--label",
            "cluster=a",
            "--label",
            label,
        ];
        let (found, words) = refused(&arguments);
        assert!(found == Some(2) && words.contains(why), "{label}: {words}");
    }
    for (arguments, code, expected) in [
        (
            &["--from", "soon", "--out", "x"][..],
            2,
            "`--from` is `soon`; allowed are `now`",
        ),
        (
            &["--from", "1d", "--to", "2d", "--out", "x"],
            2,
            "is not before `--to`",
        ),
        (
            &["--from", "9d", "--out", "there"],
            2,
            "is there already; hint: name a file",
        ),
        (
            &["--from", "9d", "--out", "x", "--account", "other"],
            2,
            "there are `acme`",
        ),
        (
            &["--from", "9d", "--out", "x", "--step", "7s"],
            2,
            "a part of 5m",
        ),
        (
            &["--from", "9d", "--out", "x", "--requests-per-minute", "0"],
            2,
            "--requests-per-minute",
        ),
        (&["--from", "1h", "--out", "x"], 1, "start it first"),
        (
            &["--from", "1h", "--out", "x", "--requests-per-minute", "31"],
            1,
            "takes up to 30 beside it, and the vendor allows an account 60 in all",
        ),
    ] {
        let (found, words) = refused(arguments);
        assert!(
            found == Some(code) && words.contains(expected),
            "{arguments:?}: {found:?} {words}"
        );
    }
}
