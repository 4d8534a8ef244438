//! The queue as it is now, through the real binary: each source by itself, all together, and every way in which one of
//! them may fail.

use crate::support::scene::{Scene, Setting};
use crate::support::{Exporter, Labels, Page, wait};
use smartassist_exporter::simulator::http::Face;
use smartassist_exporter::simulator::now::Now;
use smartassist_exporter::simulator::scenario::Name;
use smartassist_exporter::simulator::{PERSONAL, Scenario};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// A centre without most of its staff, so that people wait in every queue, and sources as they are configured.
pub fn crowded(live: &str) -> Setting {
    let mut setting = Setting::of(1_500.0);
    setting.plan.scenario = Scenario {
        name: Name::AbandonmentSpike,
        start_ms: setting.plan.start_ms,
        duration_ms: 10 * 3_600_000,
        queue: None,
        ..Scenario::STEADY
    };
    live.clone_into(&mut setting.live);
    setting
}

const OFF: &str = "queue_performance: off, conversations: off, call_details: off";

/// The sources named, every second, and no other.
pub fn only(sources: &[&str]) -> String {
    let mut all = OFF.to_owned();
    for source in sources {
        all = all.replace(&format!("{source}: off"), &format!("{source}: auto"));
    }
    format!("{{interval: 1s, {all}}}")
}

/// Waits until the page shows a gauge as it is in truth; what differs is told.
pub fn comes_to(exporter: &Exporter, metric: &str, truth: &Places) -> Page {
    let found = wait::until(Duration::from_secs(20), || {
        let page = exporter.page();
        let told = shown(&page, metric);
        if told == *truth { Ok(page) } else { Err(told) }
    });
    found.unwrap_or_else(|told| panic!("{metric} is\n{told:#?}\nand in truth\n{truth:#?}"))
}

pub type Places = BTreeMap<(String, String), f64>;

/// The values of a live gauge by channel and queue, but for zeros, which are told of more places than the truth is.
pub fn shown(page: &Page, metric: &str) -> Places {
    let labels = |name: &str, labels: &Labels| labels.get(name).cloned().unwrap_or_default();
    page.family(metric)
        .iter()
        .map(|(of, value)| ((labels("channel", of), labels("queue", of)), *value))
        .filter(|(_, value)| *value != 0.0)
        .collect()
}

pub fn truth(
    now: &Now,
    number: impl Fn(&smartassist_exporter::simulator::now::PlaceNow) -> u64,
) -> Places {
    let places = now.places.iter();
    places
        .map(|((channel, queue), place)| {
            (
                ((*channel).to_owned(), (*queue).to_owned()),
                number(place) as f64,
            )
        })
        .filter(|(_, value)| *value != 0.0)
        .collect()
}

pub fn up(page: &Page, source: &str) -> Option<f64> {
    let of = |labels: &Labels| labels.get("source").is_some_and(|it| it == source);
    page.family("smartassist_exporter_live_up")
        .into_iter()
        .find(|(labels, _)| of(labels))
        .map(|(_, value)| value)
}

pub const WAITING: &str = "smartassist_queue_waiting";
pub const LONGEST: &str = "smartassist_queue_longest_wait_seconds";
const WITH_AGENT: &str = "smartassist_queue_with_agent";

pub fn tells(page: &Page, metric: &str) -> bool {
    !page.family(metric).is_empty()
}

#[test]
fn all_sources_together_tell_the_truth_and_nothing_personal() {
    let scene = Scene::new(crowded("{interval: 1s}"));
    let exporter = scene.serve();
    let sources = ["queue_performance", "conversations", "call_details"];
    exporter.wait_for("all sources", 60, |page| {
        sources.iter().all(|source| up(page, source) == Some(1.0))
    });
    scene.centre.simulator.freeze();
    let now = scene.centre.simulator.present();
    let frozen_ms = scene.centre.simulator.now_ms();
    assert!(truth(&now, |place| place.waiting).len() >= 3, "{now:?}");
    let longest = truth(&now, |place| {
        place
            .waits_since_ms
            .map_or(0, |since_ms| ((frozen_ms - since_ms) / 1_000) as u64)
    });
    comes_to(&exporter, WAITING, &truth(&now, |place| place.waiting));
    comes_to(
        &exporter,
        WITH_AGENT,
        &truth(&now, |place| place.with_agent),
    );
    let page = comes_to(
        &exporter,
        "smartassist_queue_overdue",
        &truth(&now, |place| place.overdue),
    );
    let told = shown(&page, LONGEST);
    for (place, wait_s) in &longest {
        assert!(
            (told.get(place).unwrap_or(&0.0) - wait_s).abs() <= 1.0,
            "{place:?}: {wait_s}, told {told:?}"
        );
    }
    for (labels, agents) in page.family("smartassist_queue_agents") {
        let state = ["available", "busy", "away", "offline"]
            .iter()
            .position(|state| *state == labels["state"])
            .unwrap();
        assert_eq!(agents, now.staff[labels["queue"].as_str()][state] as f64);
    }
    let (_, wall) = exporter.get("/wall.json").unwrap();
    let wall: serde_json::Value = serde_json::from_str(&wall).unwrap();
    let account = &wall["accounts"][0];
    let waiting: u64 = now.places.values().map(|place| place.waiting).sum();
    let with_agent: u64 = now.places.values().map(|place| place.with_agent).sum();
    assert_eq!(account["numbers"]["waiting"]["value"], waiting, "{account}");
    assert_eq!(account["numbers"]["with_agent"]["value"], with_agent);
    assert_eq!(account["queues"].as_array().unwrap().len(), now.staff.len());
    assert!(account["numbers"]["offered"]["value"].as_u64().unwrap() > 20);
    scene.ends_with_the_truth(&exporter, 60);
    let (_, text) = exporter.get("/metrics").unwrap();
    assert!(!text.contains(PERSONAL) && !wall.to_string().contains(PERSONAL));
    assert!(!scene.home.log().contains(PERSONAL));
}

#[test]
fn without_queue_performance_the_list_of_conversations_tells_who_waits() {
    let scene = Scene::new(crowded(&only(&["conversations"])));
    scene.change(|reading| reading.live_page = Some(90));
    let exporter = scene.serve();
    exporter.wait_for("live numbers", 60, |page| tells(page, LONGEST));
    scene.centre.simulator.freeze();
    let now = scene.centre.simulator.present();
    let page = comes_to(&exporter, WAITING, &truth(&now, |place| place.waiting));
    assert!(!tells(&page, WITH_AGENT), "nobody tells it");
    scene.ends_with_the_truth(&exporter, 60);
}

#[test]
fn without_any_further_request_running_records_tell_who_waits_and_how_long() {
    let scene = Scene::new(crowded(&only(&["call_details"])));
    let exporter = scene.serve();
    exporter.wait_for("live numbers", 60, |page| tells(page, WAITING));
    scene.centre.simulator.freeze();
    let now = scene.centre.simulator.present();
    let frozen_ms = scene.centre.simulator.now_ms();
    comes_to(&exporter, WAITING, &truth(&now, |place| place.waiting));
    let page = comes_to(
        &exporter,
        WITH_AGENT,
        &truth(&now, |place| place.with_agent),
    );
    let passed_s = (smartassist_exporter::clock::now_ms() - frozen_ms) / 1_000;
    let told = shown(&page, LONGEST);
    for ((channel, queue), place) in &now.places {
        let Some(since_ms) = place.waits_since_ms else {
            continue;
        };
        let wait_s = ((frozen_ms - since_ms) / 1_000) as f64;
        let key = ((*channel).to_owned(), (*queue).to_owned());
        let told = told.get(&key).copied().unwrap_or(0.0);
        assert!(
            (wait_s - 2.0..=wait_s + passed_s as f64 + 2.0).contains(&told),
            "{told} for {wait_s}"
        );
    }
    let answers = scene.centre.simulator.answers();
    assert!(!answers.keys().any(
        |answer| answer.starts_with("queue-performance") || answer.starts_with("conversations")
    ));
    scene.ends_with_the_truth(&exporter, 60);
}

#[test]
fn where_running_records_are_not_listed_there_is_no_number_rather_than_0() {
    let scene = Scene::new(crowded(&only(&["call_details"])));
    scene.change(|reading| reading.hide_live = true);
    let exporter = scene.serve();
    exporter.wait_for("polls", 60, |page| {
        page.sum("smartassist_exporter_polls_total", &[]) >= 3.0
    });
    let page = exporter.page();
    assert!(!tells(&page, WAITING) && up(&page, "call_details").is_none());
    scene.ends_with_the_truth(&exporter, 60);
}

const WRONG: [Face; 7] = [
    Face::Missing,
    Face::Unscoped,
    Face::Slow,
    Face::Down,
    Face::Html,
    Face::Nonsense,
    Face::Terse,
];

/// A centre whose two live interfaces answer so; the exporter on it ends with the truth, and knows who waits.
fn lives_with(queue_performance: Face, conversations: Face, other: &str) -> Page {
    let mut setting = crowded("{interval: 1s}");
    setting.reading.queue_performance = queue_performance;
    setting.reading.conversations = conversations;
    let scene = Scene::new(setting);
    let exporter = scene.serve();
    exporter.wait_for("who waits", 60, |page| {
        tells(page, WAITING) && tells(page, LONGEST) && tells(page, WITH_AGENT)
    });
    let page = exporter.wait_for("both were asked", 60, |page| {
        let asked = page.sum("smartassist_exporter_live_requests_total", &[]);
        asked >= 2.0 && up(page, other) == Some(1.0)
    });
    scene.ends_with_the_truth(&exporter, 60);
    let now = scene.centre.simulator.present();
    comes_to(&exporter, WAITING, &truth(&now, |place| place.waiting));
    let told = shown(
        &comes_to(
            &exporter,
            WITH_AGENT,
            &truth(&now, |place| place.with_agent),
        ),
        LONGEST,
    );
    let waits = truth(&now, |place| {
        let since_ms = place.waits_since_ms.unwrap_or(now.at_ms);
        ((now.at_ms - since_ms) / 1_000) as u64
    });
    for (place, wait_s) in waits {
        // Where running records tell it, it grows while the centre stands still.
        let told = told.get(&place).copied().unwrap_or(0.0);
        assert!(told >= wait_s - 2.0, "{place:?}: {told} for {wait_s}");
    }
    let (_, text) = exporter.get("/metrics").unwrap();
    assert!(!text.contains(PERSONAL) && !scene.home.log().contains(PERSONAL));
    page
}

#[test]
fn whatever_becomes_of_queue_performance_the_others_and_every_count_stay_true() {
    for face in WRONG {
        let page = lives_with(face, Face::Open, "conversations");
        assert_eq!(page.sum("smartassist_exporter_up", &[]), 1.0, "{face:?}");
        let refused = [("result", "unauthorized")];
        assert_eq!(
            page.sum("smartassist_exporter_requests_total", &refused),
            0.0
        );
    }
}

#[test]
fn whatever_becomes_of_the_list_of_conversations_the_others_and_every_count_stay_true() {
    for face in WRONG {
        let page = lives_with(Face::Open, face, "queue_performance");
        assert_eq!(page.sum("smartassist_exporter_up", &[]), 1.0, "{face:?}");
    }
}

#[test]
fn a_refused_source_is_told_of_once_in_the_log_and_on_the_landing_page() {
    let mut setting = crowded(&only(&["queue_performance"]));
    setting.reading.queue_performance = Face::Unscoped;
    let scene = Scene::new(setting);
    let exporter = scene.serve();
    let refused = |page: &Page| {
        page.sum(
            "smartassist_exporter_live_requests_total",
            &[("result", "unauthorized")],
        )
    };
    exporter.wait_for("a refusal", 60, |page| refused(page) >= 1.0);
    exporter.wait_for("polls", 60, |page| {
        page.sum("smartassist_exporter_polls_total", &[]) >= 5.0
    });
    let page = exporter.page();
    assert_eq!(refused(&page), 1.0, "again in an hour");
    assert_eq!(up(&page, "queue_performance"), Some(0.0));
    assert!(!tells(&page, WAITING));
    assert_eq!(
        scene
            .home
            .log()
            .matches("the queue can't be read as it is now")
            .count(),
        1
    );
    let landing = exporter.get("/").unwrap().1;
    assert!(
        landing.contains("queue_performance") && landing.contains("tried again every hour"),
        "{landing}"
    );
    scene.ends_with_the_truth(&exporter, 60);
}

/// Of running records alone half an hour must be read before anything is told: a reload does not begin that anew.
#[test]
fn an_account_that_is_changed_while_it_runs_goes_on_telling_what_runs() {
    let scene = Scene::new(crowded(&only(&["call_details"])));
    let exporter = scene.serve();
    exporter.wait_for("running records", 60, |page| tells(page, WAITING));
    let text = std::fs::read_to_string(scene.home.config()).unwrap();
    let changed = text.replace("{zero_first: 0s}", "{zero_first: 0s, windows: [20m]}");
    assert_ne!(text, changed);
    std::fs::write(scene.home.config(), changed).unwrap();
    exporter.send("HUP");
    let reloaded = Instant::now();
    while reloaded.elapsed() < Duration::from_secs(4) {
        assert!(tells(&exporter.page(), WAITING), "{:?}", reloaded.elapsed());
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(scene.home.log().contains("changed=acme"));
}
