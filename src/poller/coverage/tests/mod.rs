//! What is planned, by example; the map, what is set aside, and the past as the plan sees it each have a file.

mod aside;
mod grow;
mod map;
mod pieces;
mod spare;

use super::*;

const NOW: i64 = 1_790_000_000;
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;
const RULE: Rule = Rule {
    interval_s: 30,
    revisit: 0.25,
    max_lookback_s: 7 * DAY,
    window_rows: 1_100,
};

fn window(from_s: i64, to_s: i64) -> Window {
    Window {
        from_s,
        to_s,
        why: Why::Revisit,
    }
}

/// A map whose floor is a week back, with one stretch over all of it, read `ago` seconds ago.
fn read_whole(ago: i64, records: u32) -> Coverage {
    let mut coverage = Coverage::new(NOW - ago, 7 * DAY);
    coverage.read(
        window(coverage.floor_s(), NOW - ago),
        NOW - ago,
        NOW - ago,
        records,
    );
    coverage
}

/// A map of (from, to, read, records), in seconds before now; its floor is where the first begins.
fn map(stretches: &[(i64, i64, i64, u32)]) -> Coverage {
    let mut coverage = Coverage::new(NOW, stretches[0].0);
    let stretch = |&(from, to, read, records): &(i64, i64, i64, u32)| Stretch {
        from_s: NOW - from,
        to_s: NOW - to,
        read_at_s: NOW - read,
        records,
    };
    coverage.stretches = stretches.iter().map(stretch).collect();
    coverage
}

fn plan(coverage: &Coverage, now_s: i64) -> Option<Window> {
    coverage.plan(&Aside::default(), now_s, &RULE, false)
}

#[test]
fn the_first_window_is_the_live_edge_and_no_longer_than_fifteen_minutes() {
    let coverage = Coverage::new(NOW, DAY);
    let first = plan(&coverage, NOW).unwrap();
    assert_eq!(
        first,
        Window {
            from_s: NOW - 900,
            to_s: NOW,
            why: Why::LiveEdge,
        }
    );
}

#[test]
fn never_read_time_is_read_newest_first_in_windows_that_grow_with_what_is_known() {
    let mut coverage = Coverage::new(NOW, DAY);
    let mut lengths = Vec::new();
    let mut end = NOW;
    while let Some(window) = plan(&coverage, NOW) {
        assert_eq!(window.to_s, end);
        end = window.from_s;
        lengths.push((window.to_s - window.from_s) / 900);
        assert!(lengths.len() <= 8, "{lengths:?}");
        coverage.read(window, window.to_s, NOW, 0);
    }
    assert_eq!(lengths, [1, 1, 2, 4, 8, 16, 32, 32]);
    assert_eq!(end, NOW - DAY);
}

#[test]
fn a_window_is_planned_for_three_quarters_of_what_one_yields() {
    let coverage = read_whole(2 * HOUR, 1_000 * 24 * 7);
    let first = plan(&coverage, NOW).unwrap();
    assert_eq!(first.why, Why::LiveEdge);
    assert_eq!((first.to_s - first.from_s) * 1_000 / HOUR, 825);
    let by_rows = Rule {
        window_rows: 100,
        ..RULE
    };
    let first = coverage
        .plan(&Aside::default(), NOW, &by_rows, false)
        .unwrap();
    assert_eq!((first.to_s - first.from_s) * 1_000 / HOUR, 75);
}

#[test]
fn nothing_is_due_again_before_the_interval() {
    assert_eq!(plan(&read_whole(29, 0), NOW), None);
    assert!(plan(&read_whole(30, 0), NOW).is_some());
    assert_eq!(read_whole(29, 0).due_at_s(NOW, &RULE, false), NOW + 1);
}

#[test]
fn an_instant_is_due_when_a_quarter_of_its_age_has_passed() {
    let mut coverage = read_whole(0, 0);
    coverage.read(window(NOW - 2 * HOUR, NOW), NOW, NOW, 7_200);
    // 100 s on, what is younger than 400 s is due, and younger than 500 s ripe: more than a page.
    let next = plan(&coverage, NOW + 100).unwrap();
    assert_eq!((next.from_s, next.to_s), (NOW + 100 - 500, NOW + 100));
}

#[test]
fn the_live_edge_is_read_along_with_as_much_before_it_as_two_pages_hold() {
    // Three quarters of two pages at so many conversations an hour, beside the edge itself; a quarter of an hour at most, and no
    // less than what is due.
    for (per_hour, seconds) in [
        (0, 870),
        (100, 870),
        (1_000, 540),
        (2_000, 270),
        (5_000, 120),
    ] {
        let mut coverage = read_whole(0, 0);
        let whole = window(NOW - 2 * HOUR, NOW - 30);
        coverage.read(whole, NOW - 30, NOW - 30, per_hour * 2);
        let next = plan(&coverage, NOW).unwrap();
        assert_eq!((next.why, next.to_s), (Why::LiveEdge, NOW));
        let before = NOW - 30 - next.from_s;
        assert!(
            (seconds - 4..=seconds).contains(&before),
            "{per_hour} an hour: {before} s"
        );
    }
}

#[test]
fn what_failed_lately_is_not_read_along_with_the_live_edge() {
    let mut coverage = read_whole(0, 0);
    coverage.read(window(NOW - 2 * HOUR, NOW - 30), NOW - 30, NOW - 30, 200);
    let mut aside = Aside::default();
    aside.put(window(NOW - 300, NOW - 200), false);
    let next = coverage.plan(&aside, NOW, &RULE, false).unwrap();
    assert_eq!((next.why, NOW - next.from_s), (Why::LiveEdge, 200));
}

#[test]
fn a_gap_of_fifty_expected_records_is_bridged_and_one_of_more_is_not() {
    for (records, bridged) in [(50, true), (51, false)] {
        let old = (2 * HOUR, HOUR, 2_000, 10);
        let coverage = map(&[old, (HOUR, 600, 10, records), (600, 30, 30, 0)]);
        let next = plan(&coverage, NOW).unwrap();
        assert_eq!(next.why, Why::LiveEdge);
        assert_eq!(next.from_s < NOW - HOUR, bridged, "{next:?}");
    }
}

#[test]
fn what_is_about_to_pass_out_of_reach_goes_before_the_newest_gap() {
    let mut coverage = Coverage::new(NOW, 7 * DAY - HOUR);
    coverage.read(window(NOW - DAY, NOW), NOW, NOW, 0);
    assert_eq!(
        plan(&coverage, NOW).unwrap().why,
        Why::NeverRead,
        "an hour is left"
    );
    let mut coverage = Coverage::new(NOW, 7 * DAY - HOUR + 1);
    coverage.read(window(NOW - DAY, NOW), NOW, NOW, 0);
    let next = plan(&coverage, NOW).unwrap();
    assert_eq!((next.why, next.from_s), (Why::Expiring, coverage.floor_s()));
}

#[test]
fn under_shortage_the_greatest_share_of_its_allowance_goes_first() {
    let coverage = map(&[
        (4 * DAY, 3 * DAY, DAY, 24_000),
        (3 * DAY, 2 * DAY, 2 * DAY, 24_000),
        (2 * DAY, 4 * HOUR, 0, 44_000),
        (4 * HOUR, 3 * HOUR, 2 * HOUR, 1_000),
        (3 * HOUR, 0, 0, 3_000),
    ]);
    let next = plan(&coverage, NOW).unwrap();
    assert_eq!(next.why, Why::Revisit);
    assert_eq!(
        next.to_s,
        NOW - 2 * DAY,
        "48 h of 12 h, before 2 h of 45 min and 24 h of 18 h"
    );
}

#[test]
fn spare_budget_reads_the_stretch_of_the_last_hour_read_longest_ago_once_an_interval() {
    let mut coverage = read_whole(29, 0);
    coverage.read(window(NOW - 900, NOW - 600), NOW, NOW - 100, 10);
    coverage.read(window(NOW - 600, NOW - 60), NOW, NOW - 28, 10);
    coverage.read(window(NOW - 60, NOW), NOW, NOW - 5, 1);
    assert_eq!(plan(&coverage, NOW), None);
    let spare = coverage.plan(&Aside::default(), NOW, &RULE, true).unwrap();
    assert_eq!(
        spare,
        Window {
            from_s: NOW - 900,
            to_s: NOW - 600,
            why: Why::Spare,
        }
    );
    coverage.read(spare, spare.to_s, NOW, 10);
    assert_eq!(coverage.plan(&Aside::default(), NOW, &RULE, true), None);
}

#[test]
fn a_stretch_read_in_the_future_counts_as_due() {
    let coverage = map(&[(DAY, 600, 10, 0), (600, 300, -DAY, 5), (300, 0, 10, 0)]);
    let next = plan(&coverage, NOW).unwrap();
    assert_eq!((next.from_s, next.to_s), (NOW - 600, NOW - 300));
}

#[test]
fn what_a_clock_that_ran_ahead_read_of_the_future_is_dropped() {
    let mut coverage = read_whole(0, 0);
    let ahead = NOW + DAY;
    let mut readings = 0;
    while let Some(window) = plan(&coverage, ahead) {
        coverage.read(window, window.to_s, ahead, 0);
        readings += 1;
        assert!(readings < 10, "{window:?}");
    }
    readings = 0;
    while let Some(window) = plan(&coverage, NOW) {
        coverage.read(window, window.to_s, NOW, 0);
        readings += 1;
        assert!(readings < 10, "{window:?}");
    }
    assert_eq!(coverage.newest_read_s(), Some(NOW));
    assert!(
        coverage
            .stretches()
            .iter()
            .all(|stretch| stretch.read_at_s <= NOW)
    );
}

#[test]
fn coverage_ends_at_the_second_in_which_the_first_page_was_asked_for() {
    let mut coverage = Coverage::new(NOW, DAY);
    coverage.read(window(NOW - 900, NOW), NOW - 3, NOW - 3, 9);
    assert_eq!(coverage.newest_read_s(), Some(NOW - 3));
    assert!(coverage.fully_read(NOW - 900, NOW - 3));
    assert!(!coverage.fully_read(NOW - 900, NOW - 2));
}

#[test]
fn the_floor_follows_the_newest_session_and_never_falls() {
    let mut coverage = Coverage::new(NOW, DAY);
    coverage.advance_floor(NOW, None, 7 * DAY);
    assert_eq!(coverage.floor_s(), NOW - DAY);
    coverage.advance_floor(NOW + 10 * DAY, Some(NOW + 9 * DAY), 7 * DAY);
    assert_eq!(coverage.floor_s(), NOW + 2 * DAY);
    coverage.advance_floor(NOW, Some(NOW), 70 * DAY);
    assert_eq!(coverage.floor_s(), NOW + 2 * DAY);
    coverage.advance_floor(NOW + 300 * DAY, None, 7 * DAY);
    assert_eq!(
        coverage.floor_s(),
        NOW + 2 * DAY,
        "a clock that jumps a year ahead forgets nothing"
    );
}

#[test]
fn what_passes_out_of_reach_unread_is_told_from_its_first_instant_to_its_last() {
    let mut coverage = Coverage::new(NOW, 10 * DAY);
    for (from, to) in [(10, 8), (6, 5), (4, 1)] {
        coverage.read(window(NOW - from * DAY, NOW - to * DAY), NOW, NOW, 9);
    }
    let unread = coverage.advance_floor(NOW, Some(NOW), 3 * DAY);
    let wanted = Unread {
        from_s: NOW - 8 * DAY,
        to_s: NOW - 4 * DAY,
        seconds: 3 * DAY as u64,
    };
    assert_eq!(unread, Some(wanted));
    assert_eq!(coverage.advance_floor(NOW, Some(NOW), 2 * DAY), None);
}

#[test]
fn a_session_of_the_far_future_does_not_disarm_the_floor() {
    let mut coverage = Coverage::new(NOW, DAY);
    coverage.advance_floor(NOW, Some(NOW + 3_000 * DAY), DAY);
    coverage.advance_floor(NOW + 300 * DAY, None, DAY);
    assert_eq!(coverage.floor_s(), NOW - DAY);
}

#[test]
fn a_first_start_is_not_overdue_and_a_stop_is() {
    let coverage = Coverage::new(NOW, DAY);
    assert_eq!(coverage.overdue_s(NOW, &RULE), 0);
    assert_eq!(coverage.overdue_s(NOW + HOUR, &RULE), 45 * 60);
    assert_eq!(read_whole(2 * DAY, 0).overdue_s(NOW, &RULE), 36 * HOUR);
    assert_eq!(read_whole(30, 0).overdue_s(NOW, &RULE), 0);
}

#[test]
fn the_map_stays_bounded_and_errs_to_the_early_side() {
    let mut coverage = Coverage::new(NOW, DAY);
    for step in 0..3_000 {
        let from = NOW - DAY + step * 20;
        coverage.read(window(from, from + 20), NOW, NOW - 3_000 + step, 1);
    }
    assert_eq!(coverage.stretches().len(), MOST_STRETCHES);
    assert!(coverage.fully_read(NOW - DAY, NOW - DAY + 60_000));
    assert_eq!(
        coverage
            .stretches()
            .iter()
            .map(|stretch| stretch.records)
            .sum::<u32>(),
        3_000
    );
    let early =
        |stretch: &Stretch| stretch.read_at_s <= NOW - 3_000 + (stretch.from_s - (NOW - DAY)) / 20;
    assert!(coverage.stretches().iter().all(early));
}

#[test]
fn a_stored_map_that_cannot_be_is_refused() {
    let mut coverage = Coverage::new(NOW, DAY);
    coverage.read(window(NOW - 900, NOW), NOW, NOW, 9);
    let stored = serde_json::to_string(&coverage).unwrap();
    assert!(stored.contains("[85500,900,0,9]"), "{stored}");
    for wrong in [
        "[85500,0,0,9]",
        "[18446744073709551615,900,0,9]",
        "[85500,900,9223372036854775807,9]",
    ] {
        let stored = stored.replace("[85500,900,0,9]", wrong);
        assert!(
            serde_json::from_str::<Coverage>(&stored).is_err(),
            "{stored}"
        );
    }
}

#[test]
fn behind_a_live_edge_that_is_always_due_the_past_has_its_turn() {
    let mut coverage = Coverage::new(NOW, DAY);
    let edge = coverage.plan(&Aside::default(), NOW, &RULE, false).unwrap();
    assert_eq!(edge.why, Why::LiveEdge);
    coverage.read(edge, NOW, NOW, 10);
    // The answer took two intervals.
    let later = NOW + 2 * RULE.interval_s;
    assert_eq!(
        coverage
            .plan(&Aside::default(), later, &RULE, false)
            .unwrap()
            .why,
        Why::LiveEdge
    );
    let past = coverage
        .plan_beside(&Aside::default(), later, &RULE, false)
        .unwrap();
    assert_eq!(past.why, Why::NeverRead);
    assert_eq!(past.to_s, edge.from_s);
}

#[test]
fn what_lies_below_the_floor_is_as_good_as_read_and_the_rest_counts_by_its_stretches() {
    let coverage = map(&[(100, 80, 10, 1), (50, 20, 10, 1)]);
    let seconds = |from, to| coverage.read_seconds(NOW - from, NOW - to);
    assert_eq!(seconds(100, 0), 50, "20 and 30 of 100");
    assert_eq!(seconds(130, 0), 80, "30 below the floor");
    assert_eq!(seconds(130, 110), 20, "all of it is below");
    assert_eq!(seconds(90, 40), 20, "parts of both");
    assert_eq!(seconds(75, 55), 0);
}

#[test]
fn what_is_forgotten_is_read_again_from_the_floor_on() {
    let mut coverage = read_whole(60, 10);
    let floor_s = coverage.floor_s();
    assert!(coverage.fully_read(floor_s, NOW - 60));
    coverage.forget();
    assert_eq!(coverage.read_seconds(floor_s, NOW), 0);
    assert_eq!(coverage.newest_read_s(), None);
    assert_eq!(coverage.floor_s(), floor_s);
}
