//! Live interfaces that keep to the vendor's page and yet differ: pages that shift while they are read, lists in another
//! order, a queue that gets another name, agents who look as if they could be routed to.

use crate::live::{LONGEST, WAITING, comes_to, crowded, only, shown, tells, truth, up};
use crate::support::Page;
use crate::support::scene::{Scene, Setting};
use smartassist_exporter::simulator::http::ListOrder;
use smartassist_exporter::simulator::now::{STATES, StaffNow};
use smartassist_exporter::simulator::{Aim, Fault, Faults, Interface};
use std::collections::BTreeMap;

const SOURCE: [(&str, Interface); 2] = [
    ("queue_performance", Interface::QueuePerformance),
    ("conversations", Interface::Conversations),
];

fn strike(scene: &Scene, only: Interface, fault: Fault) {
    let aim = Aim {
        fault,
        only: Some(only),
    };
    let faults = Faults::new([(aim, 1.0)]).unwrap();
    scene.centre.simulator.set_faults(faults);
}

fn asked(page: &Page) -> f64 {
    page.sum("smartassist_exporter_live_requests_total", &[])
}

#[test]
fn rows_that_come_twice_as_pages_shift_count_once() {
    for (source, interface) in SOURCE {
        let scene = Scene::new(crowded(&only(&[source])));
        // So that a reading takes several pages of the one, and two of the other.
        let rows = if source == "conversations" { 90 } else { 7 };
        scene.change(|reading| reading.live_page = Some(rows));
        strike(&scene, interface, Fault::Shifted);
        let exporter = scene.serve();
        exporter.wait_for("who waits", 60, |page| tells(page, WAITING));
        scene.centre.simulator.freeze();
        let now = scene.centre.simulator.present();
        comes_to(&exporter, WAITING, &truth(&now, |place| place.waiting));
        let struck = format!("{interface}:fault:shifted");
        assert!(scene.centre.simulator.answers()[&struck] > 1);
        scene.ends_with_the_truth(&exporter, 60);
    }
}

#[test]
fn where_pages_hide_rows_a_source_fails_rather_than_tells_that_nobody_waits() {
    let scene = Scene::new(crowded(&only(&["queue_performance"])));
    scene.change(|reading| reading.live_page = Some(7));
    strike(&scene, Interface::QueuePerformance, Fault::Repeated);
    let exporter = scene.serve();
    let page = exporter.wait_for("it was asked", 60, |page| {
        asked(page) >= 4.0 && up(page, "queue_performance").is_some()
    });
    assert_eq!(up(&page, "queue_performance"), Some(0.0));
    assert!(!tells(&page, WAITING));
    scene.centre.simulator.set_faults(Faults::NONE);
    exporter.wait_for("who waits", 90, |page| tells(page, WAITING));
    scene.ends_with_the_truth(&exporter, 60);
}

#[test]
fn the_longest_wait_is_told_where_the_oldest_is_at_an_end_of_the_list_and_not_otherwise() {
    let scene = Scene::new(crowded(&only(&["conversations"])));
    scene.change(|reading| reading.list_order = ListOrder::Oldest);
    let exporter = scene.serve();
    exporter.wait_for("the longest wait", 60, |page| tells(page, LONGEST));
    scene.centre.simulator.freeze();
    let now = scene.centre.simulator.present();
    let waiting: u64 = now.places.values().map(|place| place.waiting).sum();
    assert!(waiting > 60, "{waiting}");
    let longest = truth(&now, |place| {
        let since_ms = place.waits_since_ms.unwrap_or(now.at_ms);
        ((now.at_ms - since_ms) / 1_000) as u64
    });
    let near = |page: &Page| {
        let told = shown(page, LONGEST);
        longest
            .iter()
            .all(|(place, wait_s)| (told.get(place).unwrap_or(&0.0) - wait_s).abs() <= 1.0)
    };
    // Whole at first, and then of both ends alone.
    exporter.wait_for("the true longest wait", 20, near);
    scene.change(|reading| reading.live_page = Some(20));
    exporter.wait_for("no number of all", 20, |page| !tells(page, WAITING));
    let most = |places: &crate::live::Places| places.values().copied().fold(0.0, f64::max);
    let told = most(&shown(&exporter.page(), LONGEST));
    assert!((told - most(&longest)).abs() <= 1.0, "{told}");
    scene.change(|reading| reading.list_order = ListOrder::Changed);
    exporter.wait_for("no longest wait", 20, |page| !tells(page, LONGEST));
    scene.ends_with_the_truth(&exporter, 60);
}

#[test]
fn a_renamed_queue_is_shown_under_its_new_name_and_stands_at_zero_under_the_old() {
    let scene = Scene::new(crowded(&only(&["queue_performance"])));
    let exporter = scene.serve();
    exporter.wait_for("who waits", 60, |page| tells(page, WAITING));
    scene.centre.simulator.freeze();
    let now = scene.centre.simulator.present();
    let before = truth(&now, |place| place.waiting);
    comes_to(&exporter, WAITING, &before);
    let renamed = "Billing=Accounts".parse().unwrap();
    scene.change(|reading| reading.renamed.push(renamed));
    let after = before.into_iter().map(|((channel, queue), waiting)| {
        let queue = queue.replace("Billing", "Accounts");
        ((channel, queue), waiting)
    });
    let page = comes_to(&exporter, WAITING, &after.collect());
    let old = page.family(WAITING).into_iter();
    let old: Vec<f64> = old
        .filter(|(labels, _)| labels["queue"] == "Billing")
        .map(|(_, waiting)| waiting)
        .collect();
    assert!(
        !old.is_empty() && old.iter().all(|waiting| *waiting == 0.0),
        "{old:?}"
    );
    scene.ends_with_the_truth(&exporter, 60);
}

#[test]
fn agents_are_told_in_every_state_as_the_vendor_shows_them() {
    // Many conversations, so that soon one of the agents lets an offer pass, and is away for a while.
    let mut setting = Setting::of(6_000.0);
    setting.live = only(&["queue_performance"]);
    let scene = Scene::new(setting);
    let exporter = scene.serve();
    exporter.wait_for("agents away", 120, |page| agents(page, "away") > 0.0);
    let simulator = &scene.centre.simulator;
    simulator.freeze();
    let page = exporter.comes_to(60, |page| staff_differs(page, &simulator.present().staff));
    assert!(agents(&page, "busy") > 0.0);
}

#[test]
fn agents_who_opted_out_of_a_queue_are_told_as_the_vendor_shows_them() {
    let scene = Scene::new(crowded(&only(&["queue_performance"])));
    let exporter = scene.serve();
    let simulator = &scene.centre.simulator;
    simulator.freeze();
    let page = exporter.comes_to(60, |page| staff_differs(page, &simulator.present().staff));
    let [available, busy, _, offline] = STATES.map(|state| agents(&page, state));
    assert!(
        busy > 0.0 && offline > 20.0,
        "{busy} busy, {offline} offline"
    );
    // They are offline to it, and look as if they could be routed to.
    scene.change(|reading| reading.off_queue = 1.0);
    let page = exporter.comes_to(60, |page| staff_differs(page, &simulator.present().staff));
    assert_eq!(agents(&page, "offline"), 0.0);
    assert_eq!(agents(&page, "available"), available + offline);
    scene.ends_with_the_truth(&exporter, 60);
}

fn agents(page: &Page, state: &str) -> f64 {
    page.sum("smartassist_queue_agents", &[("state", state)])
}

fn staff_differs(page: &Page, staff: &BTreeMap<&str, StaffNow>) -> Vec<String> {
    let differs = |(queue, agents): (&&str, &StaffNow)| {
        let told = STATES.map(|state| {
            let labels = [("queue", *queue), ("state", state)];
            page.sum("smartassist_queue_agents", &labels) as usize
        });
        (told != *agents).then(|| format!("{queue}: {told:?}, {agents:?} in the centre"))
    };
    staff.iter().filter_map(differs).collect()
}
