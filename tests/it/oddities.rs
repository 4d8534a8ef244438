//! Records that differ from the vendor's page, as real ones do: what a person can read counts as it reads, what nobody
//! can read is refused by itself, and what decides an outcome waits until it can be read.

use crate::support::scene::{Scene, Setting};
use crate::support::{Exporter, Page};
use smartassist_exporter::simulator::http::Zone;
use smartassist_exporter::simulator::scenario::Name;
use smartassist_exporter::simulator::{Odd, Oddity, Scenario};

/// A centre where people wait long, so that they opt for callbacks and overflow into other queues.
fn busy(odds: &[Odd]) -> Setting {
    let mut setting = Setting::reading(1_500.0, |reading| reading.oddity = odds.to_vec());
    setting.plan.scenario = Scenario {
        name: Name::AbandonmentSpike,
        start_ms: setting.plan.start_ms,
        duration_ms: 25 * 60_000,
        queue: None,
        ..Scenario::STEADY
    };
    setting
}

fn half(oddity: Oddity) -> Odd {
    Odd { oddity, part: 0.5 }
}

fn refused(page: &Page, field: &str) -> f64 {
    let field = [("field", field)];
    page.sum("smartassist_exporter_rejected_values_total", &field)
}

fn three_more_polls(exporter: &Exporter) -> Page {
    let polls = |page: &Page| page.sum("smartassist_exporter_polls_total", &[("result", "ok")]);
    let before = polls(&exporter.page());
    exporter.wait_for("three more polls", 60, |page| polls(page) >= before + 3.0)
}

#[test]
fn any_spelling_that_a_person_reads_is_read() {
    for oddity in [
        Oddity::FlagsAsText,
        Oddity::FlagContradicted,
        Oddity::NumbersAsText,
        Oddity::EpochTimes,
        Oddity::OddSeconds,
        Oddity::Blanks,
    ] {
        let page = Scene::new(busy(&[half(oddity)])).lives_and_ends_with_the_truth();
        let callbacks = [("stage", "requested")];
        assert!(
            page.sum("smartassist_callbacks_total", &callbacks) > 3.0,
            "{oddity}: no callback is no test"
        );
    }
}

#[test]
fn all_spellings_at_once_are_read() {
    let odds = [
        Oddity::FlagsAsText,
        Oddity::NumbersAsText,
        Oddity::EpochTimes,
        Oddity::OddSeconds,
        Oddity::Blanks,
    ];
    Scene::new(busy(&odds.map(half))).lives_and_ends_with_the_truth();
}

#[test]
fn refused_scores_are_counted_as_refused_and_cost_nothing_else() {
    let odds = [Odd::all(Oddity::ScoresRefused)];
    let page = Scene::new(busy(&odds)).lives_and_ends_with_the_truth();
    assert!(refused(&page, "csatScore") > 0.0, "{}", page.own());
    assert_eq!(page.sum("smartassist_csat_responses_total", &[]), 0.0);
}

/// They wait as live, counted as refused; once they read, they count as what they are.
#[test]
fn what_decides_an_outcome_and_cannot_be_read_waits() {
    for (oddity, field) in [
        (Oddity::DestinationsNoList, "destinations"),
        (Oddity::FlagUnreadable, "CallbackOpted"),
    ] {
        let scene = Scene::new(busy(&[half(oddity)]));
        let exporter = scene.serve();
        scene.ends_with_the_truth(&exporter, 60);
        let counted = || scene.centre.simulator.truth(&scene.witness).counted;
        let (page, while_odd) = (exporter.page(), counted());
        assert!(refused(&page, field) > 0.0, "{oddity}: {}", page.own());
        scene.change(|reading| reading.oddity.clear());
        assert!(counted() > while_odd + 10, "{oddity} is no test");
        scene.comes_to_the_truth(&exporter, 60);
    }
}

#[test]
fn a_destination_put_in_front_of_others_counts_nothing_twice() {
    let scene = Scene::new(busy(&[Odd::all(Oddity::FrontDestinationLate)]));
    let exporter = scene.serve();
    exporter.wait_for("the first counts", 60, |page| {
        page.sum("smartassist_conversations_total", &[]) > 0.0
    });
    scene.centre.simulator.freeze();
    // What ended in the last two minutes shows without its first destination until the oddity ends.
    three_more_polls(&exporter);
    scene.change(|reading| reading.oddity.clear());
    scene.comes_to_the_truth(&exporter, 60);
}

#[test]
fn destinations_that_change_places_count_nothing_twice_and_lose_nothing() {
    let scene = Scene::new(busy(&[]));
    let exporter = scene.serve();
    scene.ends_with_the_truth(&exporter, 60);
    for odds in [vec![Odd::all(Oddity::DestinationsReversed)], Vec::new()] {
        scene.change(|reading| reading.oddity = odds);
        let page = three_more_polls(&exporter);
        // What reads otherwise meanwhile is corrected, and back again: of that the witness knows nothing.
        let mut left = scene.differences(&page);
        left.retain(|it| !it.starts_with("smartassist_correction"));
        assert_eq!(left, [""; 0]);
    }
}

#[test]
fn fields_may_come_late() {
    let scene = Scene::new(busy(&[Odd::all(Oddity::LateFields)]));
    let exporter = scene.serve();
    exporter.wait_for("the first counts", 60, |page| {
        page.sum("smartassist_conversations_total", &[]) > 0.0
    });
    scene.centre.simulator.freeze();
    three_more_polls(&exporter);
    scene.change(|reading| reading.oddity.clear());
    scene.comes_to_the_truth(&exporter, 60);
}

#[test]
fn a_record_in_a_zone_of_its_own_moves_no_other() {
    for zone in [Zone::Request, Zone::Fixed(330)] {
        let mut setting = busy(&[Odd {
            oddity: Oddity::OtherZone,
            part: 0.1,
        }]);
        setting.reading.zone = zone.clone();
        let page = Scene::new(setting).lives_and_ends_with_the_truth();
        let offset_s = page.sum("smartassist_exporter_response_utc_offset_seconds", &[]);
        let own_s = if zone == Zone::Request { 0.0 } else { 19_800.0 };
        assert_eq!(offset_s, own_s);
    }
}

/// The account's offset is that of the others; where no id tells it, that of the request.
#[test]
fn session_ids_may_tell_no_time() {
    for (part, zone) in [(0.5, Zone::Fixed(330)), (1.0, Zone::Request)] {
        let mut setting = busy(&[Odd {
            oddity: Oddity::OpaqueIds,
            part,
        }]);
        setting.reading.zone = zone;
        Scene::new(setting).lives_and_ends_with_the_truth();
    }
}

#[test]
fn an_end_in_2099_is_refused_and_never_comes() {
    let odds = [Odd {
        oddity: Oddity::EndsIn2099,
        part: 0.1,
    }];
    let page = Scene::new(busy(&odds)).lives_and_ends_with_the_truth();
    assert!(refused(&page, "sessionEndTime") > 0.0, "{}", page.own());
}
