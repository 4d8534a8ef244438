//! Which conversations were abandoned: a line of each, whatever happens, and the list of the recent ones.

use crate::support::scene::{Scene, Setting};
use crate::support::{Exporter, Page, free_address};
use serde_json::Value as Json;
use smartassist_exporter::simulator::scenario::Name;
use smartassist_exporter::simulator::{PERSONAL, Scenario};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

const CONVERSATIONS: &str = "smartassist_conversations_total";

/// A scene in which lines go to a file.
fn scene(rate_per_hour: f64, file: &Path) -> Scene {
    let mut setting = Setting::of(rate_per_hour);
    // Most agents are gone from the start: there is plenty to tell.
    setting.plan.scenario = Scenario {
        name: Name::AbandonmentSpike,
        start_ms: setting.plan.start_ms,
        duration_ms: 7_200_000,
        ..Scenario::STEADY
    };
    setting.live = format!("{{}}\nevents: {{abandoned: '{}'}}", file.display());
    Scene::new(setting)
}

/// Those that are there as a whole: another may be under way.
fn lines(file: &Path) -> Vec<Json> {
    let text = fs::read_to_string(file).unwrap_or_default();
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn text<'j>(line: &'j Json, key: &str) -> &'j str {
    line[key]
        .as_str()
        .unwrap_or_else(|| panic!("`{key}` of {line}"))
}

/// How many there are by channel and queue.
fn by_queue(lines: &[Json]) -> BTreeMap<(String, String), u64> {
    let mut counts = BTreeMap::new();
    for line in lines {
        let place = (
            text(line, "channel").to_owned(),
            text(line, "queue").to_owned(),
        );
        *counts.entry(place).or_default() += 1;
    }
    counts
}

/// The same by what the centre says.
fn truth(scene: &Scene) -> BTreeMap<(String, String), u64> {
    let truth = scene.centre.simulator.truth(&scene.witness);
    let mut counts = BTreeMap::new();
    for (series, count) in &truth.counters {
        let label = |name: &str| {
            let found = series.labels.iter().find(|(label, _)| *label == name);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        if series.metric == CONVERSATIONS && label("outcome") == "abandoned" {
            *counts
                .entry((label("channel"), label("queue")))
                .or_default() += count;
        }
    }
    counts
}

fn wait_for_lines(file: &Path, wanted: usize) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while lines(file).len() < wanted {
        assert!(
            Instant::now() < deadline,
            "{} of {wanted} lines",
            lines(file).len()
        );
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn listed(exporter: &Exporter, query: &str) -> Json {
    let (status, body) = exporter.get(&format!("/abandoned?{query}")).unwrap();
    assert_eq!(status, 200, "{body}");
    serde_json::from_str(&body).unwrap()
}

#[test]
fn there_is_a_line_of_each_abandoned_conversation_however_often_the_exporter_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("abandoned.jsonl");
    let scene = scene(3_000.0, &file);
    for kill in 0..6_u64 {
        let exporter = scene.serve();
        let before = lines(&file).len();
        // In the middle of the first reading, and of what follows.
        let deadline = Instant::now() + Duration::from_secs(3);
        while lines(&file).len() <= before && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(3 + 7 * kill));
        }
        exporter.kill();
    }
    let exporter = scene.serve();
    scene.ends_with_the_truth(&exporter, 60);
    let wanted = truth(&scene);
    let all: u64 = wanted.values().sum();
    assert!(all > 50, "{all} are no test");
    wait_for_lines(&file, usize::try_from(all).unwrap());
    let lines = lines(&file);
    assert_eq!(by_queue(&lines), wanted);
    let ids: BTreeSet<&str> = lines
        .iter()
        .map(|line| text(line, "conversation_id"))
        .collect();
    assert_eq!(ids.len(), lines.len(), "no conversation has two lines");
    let keys =
        "account channel commit conversation_id event outcome queue session_id time wait_seconds";
    let written = fs::read_to_string(&file).unwrap();
    assert!(written.ends_with('\n') && !written.contains(PERSONAL));
    for line in &lines {
        let mut found: Vec<&str> = line
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        found.sort_unstable();
        assert_eq!(found.join(" "), keys);
        assert_eq!(
            (text(line, "account"), text(line, "outcome")),
            ("acme", "abandoned")
        );
    }

    // The list is of the same, and what the gauges count.
    let page = exporter.page();
    let recent = page.sum("smartassist_recent_abandoned", &[("window", "24h")]);
    let told = listed(&exporter, "account=acme&since=24h");
    let told = told["abandoned"].as_array().unwrap();
    assert_eq!(told.len() as f64, recent);
    let told: BTreeSet<&str> = told
        .iter()
        .map(|call| text(call, "conversation_id"))
        .collect();
    assert_eq!(told, ids);
    let queue = text(&lines[0], "queue");
    let of_queue = listed(
        &exporter,
        &format!("queue={}&since=24h", queue.replace(' ', "+")),
    );
    let of_queue = of_queue["abandoned"].as_array().unwrap().len() as u64;
    let wanted_of_queue = wanted.iter().filter(|((_, it), _)| it == queue);
    assert_eq!(
        of_queue,
        wanted_of_queue.map(|(_, count)| count).sum::<u64>()
    );
    let written = |page: &Page| {
        page.sum(
            "smartassist_exporter_event_lines_total",
            &[("result", "written")],
        )
    };
    let before = written(&exporter.page());
    // A clean stop leaves nothing to be told again.
    assert_eq!(exporter.signal("TERM"), Some(0));
    let exporter = scene.serve();
    let polls = |page: &Page| page.sum("smartassist_exporter_polls_total", &[("result", "ok")]);
    let page = exporter.wait_for("three polls", 30, |page| polls(page) >= 3.0);
    assert_eq!(written(&page), 0.0);
    assert!(before <= all as f64);
    assert_eq!(self::lines(&file).len() as u64, all);
}

/// Between two files and back, while conversations are counted and lines are on their way.
#[test]
fn a_reload_repeats_no_line_and_loses_none() {
    let folder = tempfile::tempdir().unwrap();
    let files = ["one.jsonl", "two.jsonl"].map(|name| folder.path().join(name));
    let scene = scene(6_000.0, &files[0]);
    let lifecycle = ["--web.enable-lifecycle"];
    let exporter = scene.home.serve_as(free_address(), &[], &lifecycle);
    wait_for_lines(&files[0], 1);
    let config = fs::read_to_string(scene.home.config()).unwrap();
    let [one, two] = files.each_ref().map(|file| file.display().to_string());
    for turn in 0..8 {
        let to = if turn % 2 == 0 { &two } else { &one };
        scene.home.configure(&config.replace(&one, to));
        assert_eq!(exporter.reload().0, 200);
        let before = lines(Path::new(to)).len();
        let deadline = Instant::now() + Duration::from_millis(600);
        while lines(Path::new(to)).len() == before && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    scene.ends_with_the_truth(&exporter, 60);
    let wanted = truth(&scene);
    let all: u64 = wanted.values().sum();
    let both = || [lines(&files[0]), lines(&files[1])].concat();
    let deadline = Instant::now() + Duration::from_mins(1);
    while (both().len() as u64) < all && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(by_queue(&both()), wanted);
    assert!(!lines(&files[1]).is_empty(), "nothing has moved");
    let both = both();
    let ids: BTreeSet<&str> = both.iter().map(|it| text(it, "conversation_id")).collect();
    assert_eq!(ids.len(), both.len(), "no conversation has two lines");
}

/// A folder that is not there yet; then the setting changes while it runs.
#[test]
fn lines_wait_for_their_file_and_move_with_a_reload() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("later/abandoned.jsonl");
    let scene = scene(2_000.0, &file);
    let exporter = scene.serve();
    let errors = |page: &Page| page.sum("smartassist_exporter_event_write_errors_total", &[]);
    exporter.wait_for("an attempt that failed", 30, |page| errors(page) > 0.0);
    let counted = |page: &Page| page.sum(CONVERSATIONS, &[("outcome", "abandoned")]);
    exporter.wait_for("counts all the same", 30, |page| counted(page) > 10.0);
    fs::create_dir(folder.path().join("later")).unwrap();
    wait_for_lines(&file, 10);
    let told = |words: &str| {
        let deadline = Instant::now() + Duration::from_secs(20);
        while !scene.home.log().contains(words) {
            assert!(Instant::now() < deadline, "{}", scene.home.log());
            std::thread::sleep(Duration::from_millis(100));
        }
    };
    told("cannot be written; they wait in the store");
    told("are written again");

    let off = fs::read_to_string(scene.home.config()).unwrap();
    let off: Vec<&str> = off
        .lines()
        .filter(|line| !line.starts_with("events:"))
        .collect();
    scene.home.configure(&off.join("\n"));
    exporter.send("HUP");
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let (status, body) = exporter.get("/abandoned").unwrap();
        if status == 404 {
            assert!(body.contains("`events.abandoned` is not set"), "{body}");
            break;
        }
        assert!(Instant::now() < deadline, "{status}: {body}");
        std::thread::sleep(Duration::from_millis(100));
    }
}
