//! A configuration that changes while the exporter runs: what stays is not disturbed, what comes and goes is shown at once,
//! and a bad file changes nothing.

use crate::support::scene::{contract, plan_since};
use crate::support::{Centre, Exporter, Home, Page, ask, free_address};
use smartassist_exporter::simulator::Contract;
use smartassist_exporter::simulator::http::Reading;
use std::io::BufRead;
use std::os::unix::fs::FileExt;
use std::time::{Duration, Instant};

const SECRET: &str = "squeamish-ossifrage";

struct Scene {
    home: Home,
    one: Centre,
    other: Centre,
}

impl Scene {
    fn new() -> Scene {
        let centre = |stream: &str| {
            let contract = Contract {
                stream_id: stream.to_owned(),
                client_secret: SECRET.to_owned(),
                ..contract()
            };
            Centre::open(plan_since(20 * 60, 1_200.0), contract)
        };
        let scene = Scene {
            home: Home::new(""),
            one: centre("st-one"),
            other: centre("st-other"),
        };
        std::fs::write(scene.secret(), SECRET).unwrap();
        scene
    }

    fn secret(&self) -> std::path::PathBuf {
        self.home.folder.path().join("secret")
    }

    /// An account's part of the file.
    fn account(&self, name: &str, centre: &Centre, keys: &str) -> String {
        let Contract {
            account_id,
            stream_id,
            client_id,
            ..
        } = centre.simulator.contract();
        format!(
            "- {{name: {name}, url: '{}', account_id: {account_id}, stream_id: {stream_id}, {keys} \
             requests_per_minute: 60000, auth: {{client_id: {client_id}, client_secret_file: '{}'}}}}\n",
            centre.url,
            self.secret().display()
        )
    }

    fn configure(&self, accounts: &[String]) {
        self.home.configure(&format!(
            "accounts:\n{}poll: {{interval: 1s, settle: 0s, initial_lookback: 1h, max_lookback: 1d}}\n\
             live: {{interval: 1s}}\nmetrics: {{zero_first: 0s}}\n",
            accounts.concat()
        ));
    }

    fn serve(&self) -> Exporter {
        let flags = ["--web.enable-lifecycle"];
        self.home.serve_as(free_address(), &[], &flags)
    }
}

fn conversations(page: &Page, account: &str) -> f64 {
    page.sum("smartassist_conversations_total", &[("account", account)])
}

fn polls(page: &Page, account: &str) -> f64 {
    page.sum("smartassist_exporter_polls_total", &[("account", account)])
}

fn is_shown(page: &Page, account: &str) -> bool {
    let of = |labels: &std::collections::BTreeMap<String, String>| {
        labels.get("account").is_some_and(|it| it == account)
    };
    page.samples.keys().any(|(_, labels)| of(labels))
}

fn succeeded(page: &Page) -> f64 {
    let gauge = "smartassist_exporter_config_last_reload_successful";
    page.value(gauge, &[]).unwrap()
}

#[test]
fn accounts_come_and_go_beside_one_that_is_not_disturbed() {
    let scene = Scene::new();
    let one = scene.account("one", &scene.one, "");
    let other = |keys: &str| scene.account("other", &scene.other, keys);
    scene.configure(std::slice::from_ref(&one));
    let exporter = scene.serve();
    let live = |page: &Page| {
        let labels = [("account", "one"), ("source", "queue_performance")];
        page.value("smartassist_exporter_live_up", &labels) == Some(1.0)
    };
    let page = exporter.wait_for("counts and the queue now", 20, |page| {
        conversations(page, "one") > 0.0 && live(page)
    });
    assert_eq!(succeeded(&page), 1.0);
    let started = "smartassist_exporter_config_last_reload_success_timestamp_seconds";
    assert!(page.value(started, &[]).unwrap() > 1.6e9);
    let polled = polls(&page, "one");

    // One is added, and the process stays ready while it reads its past.
    scene.configure(&[other(""), one.clone()]);
    let (status, told) = exporter.reload();
    let done = "reloaded: 1 added, 0 changed, 0 removed, 1 unchanged\n";
    assert!(status == 200 && told.starts_with(done), "{told}");
    assert_eq!(exporter.get("/-/ready").unwrap().0, 200);
    let page = exporter.wait_for("its counts", 20, |page| conversations(page, "other") > 0.0);
    assert!(live(&page));
    let counted = conversations(&page, "other");

    // It changes, by a signal this time, and its own counters go on.
    let before = polls(&page, "other");
    scene.configure(&[one.clone(), other("targets: {abandonment_ratio: 0.31},")]);
    exporter.send("HUP");
    let page = exporter.wait_for("the other target", 10, |page| {
        let labels = [("account", "other"), ("queue", "Billing"), ("channel", "")];
        page.value("smartassist_abandonment_target_ratio", &labels) == Some(0.31)
    });
    assert!(polls(&page, "other") >= before && conversations(&page, "other") >= counted);

    // It is gone at once, and goes on where it stood.
    let counted = conversations(&page, "other");
    scene.configure(std::slice::from_ref(&one));
    assert_eq!(exporter.reload().0, 200);
    assert!(!is_shown(&exporter.page(), "other"));
    scene.configure(&[one, other("")]);
    assert_eq!(exporter.reload().0, 200);
    assert!(
        conversations(&exporter.page(), "other") >= counted,
        "shown at once"
    );

    let page = exporter.page();
    assert!(live(&page) && polls(&page, "one") >= polled);
    let log = scene.home.log();
    let of_one = |line: &str| {
        log.lines()
            .filter(|it| it.contains(line) && it.contains("account=one"))
            .count()
    };
    assert_eq!(of_one("catching up"), 1, "it was opened once:\n{log}");
    assert_eq!(log.matches("a new database").count(), 1, "{log}");
    assert_eq!(exporter.signal("TERM"), Some(0));
}

#[test]
fn a_bad_file_changes_nothing_and_the_answer_says_why() {
    let scene = Scene::new();
    let one = scene.account("one", &scene.one, "");
    scene.configure(std::slice::from_ref(&one));
    let exporter = scene.serve();
    exporter.wait_for("the first counts", 20, |page| {
        conversations(page, "one") > 0.0
    });

    scene.configure(&[
        one.replace(SECRET, "x"),
        scene.account("two", &scene.other, "nonsense: 1,"),
        format!("- {{name: three, auth: {SECRET}}}\n"),
    ]);
    let (status, told) = exporter.reload();
    assert_eq!(status, 500);
    assert!(told.starts_with("failed to reload config: `"), "{told}");
    for problem in [
        "line 3: `accounts[1].nonsense` is not a known key",
        "`accounts[2].url` is missing",
    ] {
        assert!(told.contains(problem), "{told}");
    }
    assert!(!told.contains(SECRET) && !scene.home.log().contains(SECRET));
    let page = exporter.page();
    assert_eq!(succeeded(&page), 0.0);
    assert!(conversations(&page, "one") > 0.0 && !is_shown(&page, "two"));

    // What a process cannot change is told, and the rest is done.
    scene.configure(&[one]);
    let text = std::fs::read_to_string(scene.home.config()).unwrap();
    let text = text.replace("/data'", "/elsewhere'") + "web: {listen_address: '127.0.0.1:1'}\n";
    std::fs::write(scene.home.config(), text).unwrap();
    let (status, told) = exporter.reload();
    assert_eq!(status, 200, "{told}");
    assert!(told.contains("warning: `storage.path` is `"), "{told}");
    assert_eq!(succeeded(&exporter.page()), 1.0);

    // Many at once, and the end in the middle of them.
    let address = exporter.address;
    let asking = || std::thread::spawn(move || ask("PUT", address, "/-/reload", ""));
    let asked: Vec<_> = std::iter::repeat_with(asking).take(20).collect();
    for asked in asked {
        assert_eq!(asked.join().unwrap().map(|(status, _)| status), Some(200));
    }
    let asked: Vec<_> = std::iter::repeat_with(asking).take(5).collect();
    exporter.ends_in_time();
    for asked in asked {
        asked.join().unwrap();
    }
}

/// How often a text, best one with a rare first letter, stands in what a process may read of its memory.
fn in_memory(exporter: &Exporter, text: &str) -> usize {
    let of = |file: &str| format!("/proc/{}/{file}", exporter.id());
    let maps = std::fs::read_to_string(of("maps")).unwrap();
    let memory = std::fs::File::open(of("mem")).unwrap();
    let stretch = |line: &str| {
        let (range, rest) = line.split_once(' ')?;
        let (from, to) = range.split_once('-')?;
        let at = |text| u64::from_str_radix(text, 16).ok();
        rest.starts_with("rw").then_some((at(from)?, at(to)?))
    };
    let count = |(from, to): (u64, u64)| {
        let mut bytes = vec![0; (to - from) as usize];
        // Some stretches are nobody's to read.
        let read = memory.read_at(&mut bytes, from).unwrap_or(0);
        let (mut rest, mut found) = (&bytes[..read], 0);
        // The library's search for a byte is quick also where this test is not.
        while rest.skip_until(text.as_bytes()[0]).unwrap() > 0 {
            found += usize::from(rest.starts_with(&text.as_bytes()[1..]));
        }
        found
    };
    maps.lines().filter_map(stretch).map(count).sum()
}

#[test]
fn a_secret_that_was_replaced_is_nowhere_in_memory_any_more() {
    let scene = Scene::new();
    scene.configure(&[scene.account("one", &scene.one, "")]);
    let exporter = scene.serve();
    exporter.wait_for("the first counts", 20, |page| {
        conversations(page, "one") > 0.0
    });
    let secret = &SECRET[1..];
    assert!(in_memory(&exporter, secret) > 0);
    let another = "quite-another-secret";
    std::fs::write(scene.secret(), another).unwrap();
    scene.configure(&[scene.account("one", &scene.one, "targets: {abandonment_ratio: 0.3},")]);
    assert_eq!(exporter.reload().0, 200);
    exporter.wait_for("a refused token", 20, |page| {
        let refused = [("result", "unauthorized")];
        page.sum("smartassist_exporter_requests_total", &refused) > 0.0
    });
    assert!(in_memory(&exporter, another) > 0);
    assert_eq!(in_memory(&exporter, secret), 0);
}

#[test]
fn without_the_flag_nothing_may_be_changed_but_by_a_signal() {
    let scene = Scene::new();
    scene.configure(&[scene.account("one", &scene.one, "")]);
    let exporter = scene.home.serve();
    exporter.wait_for("a page", 20, |page| is_shown(page, "one"));
    for (method, path) in [
        ("POST", "/-/reload"),
        ("PUT", "/-/reload"),
        ("PUT", "/-/log-level"),
        ("GET", "/-/log-level"),
    ] {
        let (status, told) = ask(method, exporter.address, path, "debug").unwrap();
        assert_eq!(status, 403, "{method} {path}");
        assert!(told.starts_with("Lifecycle API is not enabled."), "{told}");
    }
    scene.configure(&[scene.account("renamed", &scene.one, "")]);
    exporter.send("HUP");
    exporter.wait_for("its new name", 10, |page| is_shown(page, "renamed"));
    assert!(!is_shown(&exporter.page(), "one"));
}

#[test]
fn each_scrape_finds_a_renamed_account_under_one_of_its_names() {
    let scene = Scene::new();
    let names = ["one", "renamed"];
    scene.configure(&[scene.account(names[0], &scene.one, "")]);
    let exporter = scene.serve();
    exporter.wait_for("counts", 20, |page| conversations(page, names[0]) > 0.0);
    let until = Instant::now() + Duration::from_secs(5);
    let address = exporter.address;
    let reloading = std::thread::spawn(move || {
        let mut reloads = 0_usize;
        while Instant::now() < until {
            reloads += 1;
            scene.configure(&[scene.account(names[reloads % 2], &scene.one, "")]);
            assert_eq!(ask("POST", address, "/-/reload", "").unwrap().0, 200);
        }
        (scene, reloads)
    });
    let mut scrapes = [0; 2];
    while !reloading.is_finished() {
        let page = exporter.page();
        let shown = names.map(|name| is_shown(&page, name) && conversations(&page, name) > 0.0);
        assert_eq!(shown.iter().filter(|shown| **shown).count(), 1, "{shown:?}");
        scrapes[usize::from(shown[1])] += 1;
    }
    let (_scene, reloads) = reloading.join().unwrap();
    assert!(
        reloads > 4 && scrapes[0] > 0 && scrapes[1] > 0,
        "{reloads}, {scrapes:?}"
    );
}

#[test]
fn counting_goes_on_when_the_configuration_changes_faster_than_the_api_answers() {
    let scene = Scene::new();
    let slow = |reading: &mut Reading| reading.latency = Duration::from_millis(500);
    scene.one.simulator.change(slow);
    let changed = |reloads: usize| {
        let target = format!("targets: {{abandonment_ratio: 0.{}}},", 10 + reloads % 90);
        scene.configure(&[scene.account("one", &scene.one, &target)]);
    };
    changed(0);
    let exporter = scene.serve();
    exporter.wait_for("a page", 20, |page| is_shown(page, "one"));
    let (begun, mut asked, mut first) = (Instant::now(), 0, 0.0);
    loop {
        asked += 1;
        changed(asked);
        exporter.send("HUP");
        std::thread::sleep(Duration::from_millis(100));
        let page = exporter.page();
        let counted = conversations(&page, "one");
        if first == 0.0 {
            first = counted;
        }
        let reloads = scene.home.log().matches("configuration reloaded").count();
        if first > 0.0 && counted > first && reloads > 8 {
            break;
        }
        let own = page.own();
        assert!(
            begun.elapsed() < Duration::from_mins(1),
            "{reloads} reloads: {own}"
        );
    }
}

#[test]
fn the_log_says_more_or_less_while_it_runs() {
    let scene = Scene::new();
    scene.configure(&[scene.account("one", &scene.one, "")]);
    let exporter = scene.serve();
    exporter.wait_for("a page", 20, |page| is_shown(page, "one"));
    let put = |path: &str, body: &str| ask("PUT", exporter.address, path, body).unwrap();
    let answer = |word: &str| (200, format!("{word}\n"));
    assert_eq!(put("/-/log-level?level=warn", ""), answer("warn"));
    let quiet = scene.home.log().len();
    assert_eq!(exporter.reload().0, 200);
    assert_eq!(&scene.home.log()[quiet..].matches("level=info").count(), &0);
    assert_eq!(exporter.get("/-/log-level").unwrap(), answer("warn"));
    assert_eq!(put("/-/log-level", "level=DEBUG\n"), answer("debug"));
    let deadline = Instant::now() + Duration::from_secs(10);
    while !scene.home.log()[quiet..].contains("level=debug") {
        assert!(Instant::now() < deadline);
        std::thread::sleep(Duration::from_millis(20));
    }
    let (status, told) = put("/-/log-level", "louder");
    assert_eq!(
        (status, told.as_str()),
        (
            400,
            "`louder` is not a log level; allowed: `error`, `warn`, `info`, `debug`, `trace`\n"
        )
    );
    assert_eq!(put("/-/log-level", "trace"), answer("trace"));
}
