//! Seven days at 1,000 conversations an hour, read beside an exporter that runs, into a real Prometheus: every whole day, and
//! all of it with what was scraped since, is what the witness counted. Prints what it costs.

use crate::support::Exporter;
use crate::support::compare::until_nothing_differs;
use crate::support::past::{
    backfill, increase, increases_differ, rose, said, scraped_ms, scraping, take,
};
use crate::support::scene::{Scene, Setting, plan_since};
use smartassist_exporter::simulator::http::{OffsetCounts, Reading, SelectsOn};
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

const DAY_S: i64 = 86_400;

fn megabytes(path: &Path) -> f64 {
    let metadata = fs::metadata(path).unwrap();
    if metadata.is_file() {
        return metadata.len() as f64 / 1e6;
    }
    let entries = fs::read_dir(path).unwrap();
    entries.map(|entry| megabytes(&entry.unwrap().path())).sum()
}

/// Reads it, killed twice on the way. Where the file is.
fn filled(scene: &Scene, exporter: &Exporter) -> PathBuf {
    let folder = scene.home.folder.path();
    let arguments = [
        "--from",
        "8d",
        "--out",
        "past.om",
        "--requests-per-minute",
        "60000",
    ];

    let begun = Instant::now();
    for wait in [Duration::from_secs(20), Duration::from_secs(10)] {
        let mut child = backfill(&scene.home, exporter.address, &arguments)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(wait);
        // A fast machine may be done.
        child.kill().ok();
        child.wait().unwrap();
    }
    let file = folder.join("past.om");
    if !file.exists() {
        let ended = backfill(&scene.home, exporter.address, &arguments).output();
        println!("{}", said(&ended.unwrap()));
    }
    println!(
        "read and written in {:?}: {:.0} MB",
        begun.elapsed(),
        megabytes(&file)
    );
    file
}

#[test]
fn seven_days_at_1000_an_hour_join_what_is_scraped() {
    let mut setting = Setting::of(0.0);
    setting.plan = plan_since(8 * DAY_S, 1_000.0);
    "{interval: 5s, settle: 0s, revisit: 0.005, initial_lookback: 24h, max_lookback: 7d}"
        .clone_into(&mut setting.poll);
    "{zero_first: 5s}".clone_into(&mut setting.metrics);
    let scene = Scene::new(setting);
    let folder = scene.home.folder.path();
    let exporter = scene.serve();
    exporter.wait_for("the account is known", 30, |page| !page.samples.is_empty());
    let file = filled(&scene, &exporter);
    let begun = Instant::now();
    take(&file, folder);
    println!(
        "taken in {:?}: {:.0} MB of blocks",
        begun.elapsed(),
        megabytes(&folder.join("tsdb"))
    );
    let (_prometheus, prometheus) = scraping(folder, exporter.address);
    let simulator = &scene.centre.simulator;
    simulator.freeze();
    let midnight_s = simulator.now_ms() / 1_000 / DAY_S * DAY_S;
    let mut days = 0;
    for to_s in (0..7).map(|ago| midnight_s - ago * DAY_S) {
        let truth = simulator.truth_between(&scene.witness, to_s - DAY_S, to_s);
        let page = increase(
            prometheus,
            exporter.address,
            (to_s - DAY_S) * 1_000,
            to_s * 1_000,
        );
        let differences = increases_differ(&page, &truth);
        println!(
            "{} conversations in the day to {to_s}, {} differences in {} series",
            truth.counted,
            differences.len(),
            page.samples.len()
        );
        assert!(
            differences.is_empty() && truth.counted > 10_000,
            "{:#?}",
            &differences[..differences.len().min(20)]
        );
        days += 1;
    }
    assert_eq!(days, 7);
    the_day_in_which_they_meet_is_whole(&scene, &exporter, prometheus, midnight_s);
}

/// Up to a scrape.
fn the_day_in_which_they_meet_is_whole(
    scene: &Scene,
    exporter: &Exporter,
    prometheus: SocketAddr,
    midnight_s: i64,
) {
    let simulator = &scene.centre.simulator;
    let truth = simulator.truth_between(&scene.witness, midnight_s, i64::MAX);
    let left = || {
        let (from_ms, to_ms) = (midnight_s * 1_000, scraped_ms(prometheus));
        let page = increase(prometheus, exporter.address, from_ms, to_ms);
        increases_differ(&page, &truth)
    };
    until_nothing_differs(Duration::from_mins(5), left).unwrap_or_else(|left| panic!("{left}"));
    println!("{} conversations since", truth.counted);
}

/// Whatever the API selects by, however it pages, and whichever conversations ran when the exporter began to count: those that
/// it has counted itself are in its numbers, and all others in the past.
#[test]
fn whose_a_conversation_is_does_not_hang_on_how_the_api_reads() {
    let readings: [fn(&mut Reading); 3] = [
        |_| {},
        |reading| reading.select = SelectsOn::End,
        |reading| reading.offset = OffsetCounts::Rows,
    ];
    for change in readings {
        let mut setting = Setting::reading(0.0, change);
        setting.plan = plan_since(13 * 3_600, 400.0);
        "{interval: 1s, settle: 0s, revisit: 0.005, initial_lookback: 4h, max_lookback: 1d}"
            .clone_into(&mut setting.poll);
        "{zero_first: 2s}".clone_into(&mut setting.metrics);
        let scene = Scene::new(setting);
        let folder = scene.home.folder.path();
        let exporter = scene.serve();
        exporter.wait_for("the account is known", 30, |page| !page.samples.is_empty());
        let arguments = [
            "--from",
            "15h",
            "--out",
            "past.om",
            "--step",
            "5m",
            "--requests-per-minute",
            "60000",
        ];
        let ended = backfill(&scene.home, exporter.address, &arguments).output();
        println!("{}", said(&ended.unwrap()));
        take(&folder.join("past.om"), folder);
        let (_prometheus, prometheus) = scraping(folder, exporter.address);
        scene.centre.simulator.freeze();
        let truth = scene.centre.simulator.truth(&scene.witness);
        let left = || increases_differ(&rose(prometheus, exporter.address), &truth);
        until_nothing_differs(Duration::from_mins(1), left).unwrap_or_else(|left| panic!("{left}"));
    }
}
