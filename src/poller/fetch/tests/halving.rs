//! Windows that hold more than their pages.

use super::*;

#[test]
fn a_total_above_what_a_window_yields_halves_it_at_once() {
    let server = Server {
        total: Total::OfWindow,
        ..spread(1_101, 900)
    };
    let mut splits = Splits::default();
    let parts = server.fetch(window(900), &mut splits);
    assert_eq!((parts.len(), splits.made), (2, 1));
    assert_eq!(server.asked.get(), 1 + 6 + 6);
    assert_eq!(
        parts[0].window.from_s, parts[1].window.to_s,
        "halves share their boundary second, newest first"
    );
    assert_eq!(ids(&parts).len(), 1_101);
}

#[test]
fn a_window_still_full_at_the_last_page_is_halved() {
    let server = spread(1_100, 900);
    let parts = server.parts(window(900));
    assert_eq!(parts.len(), 2);
    assert_eq!(ids(&parts).len(), 1_100);
}

#[test]
fn a_last_page_that_is_short_ends_a_window_only_where_that_is_proven() {
    let server = spread(1_099, 900);
    assert_eq!(server.parts(window(900)).len(), 1);
    let fresh = Start {
        manners: Manners::default(),
        ..start(window(900))
    };
    let parts = server.try_fetch(fresh, &mut Splits::default()).unwrap();
    assert_eq!((parts.len(), ids(&parts).len()), (2, 1_099));
}

#[test]
fn a_server_that_ignores_the_offset_is_asked_for_shorter_windows() {
    let server = Server {
        ignores_offset: true,
        ..spread(700, 900)
    };
    let parts = server.parts(window(900));
    assert!(whole(&parts));
    assert_eq!(ids(&parts).len(), 700);
}

#[test]
fn a_page_shifted_by_one_row_tells_that_offset_counts_rows() {
    let server = Server {
        by_rows: true,
        ..spread(300, 900)
    };
    let parts = server.parts(window(900));
    assert!(whole(&parts) && parts.iter().all(|part| part.manners.offset_in_rows));
    assert_eq!(ids(&parts).len(), 300);
    assert_eq!(parts[0].manners.window_rows(), 100);
    let exactly_full = Server {
        by_rows: true,
        ..spread(100, 900)
    };
    let parts = exactly_full.parts(window(900));
    assert_eq!((parts.len(), exactly_full.asked.get()), (1, 2));
    assert!(parts[0].manners.offset_in_rows);
}

#[test]
fn pages_that_move_while_the_window_fills_are_no_offset_in_rows() {
    let server = Server {
        fills: true,
        newest_first: true,
        ..spread(300, 900)
    };
    let parts = server.parts(window(900));
    assert!(whole(&parts) && parts.iter().all(|part| !part.manners.offset_in_rows));
    assert!(ids(&parts).len() >= 300);
}

#[test]
fn a_total_that_is_always_great_is_soon_disbelieved() {
    let server = Server {
        total: Total::Nonsense,
        ..spread(900, 900)
    };
    let mut splits = Splits::default();
    let parts = server.fetch(window(900), &mut splits);
    assert!(whole(&parts));
    assert_eq!(ids(&parts).len(), 900);
    assert!(splits.made <= 4, "{} splits", splits.made);
}

#[test]
fn halving_stops_where_the_server_ignores_the_time_of_day() {
    for zone_s in [0, 19_800, -18_000] {
        let server = Server {
            ignores_time: true,
            zone_s,
            total: Total::OfWindow,
            ..spread(2_000, DAY)
        };
        let mut splits = Splits::default();
        let quarter = Window {
            from_s: START + 3_600,
            to_s: START + 4_500,
            ..window(0)
        };
        let parts = server.fetch(quarter, &mut splits);
        assert_eq!((splits.made, parts.len()), (1, 2));
        let full =
            |part: &Had| part.shortfall == Some(Shortfall::TooFull) && part.ids.len() == 1_100;
        assert!(parts.iter().all(full));
    }
}

#[test]
fn a_server_that_shows_another_zone_is_halved_like_any_other() {
    for zone_s in [19_800, -18_000] {
        let server = Server {
            zone_s,
            ..spread(3_000, 900)
        };
        let parts = server.parts(window(900));
        assert!(whole(&parts));
        assert_eq!(ids(&parts).len(), 3_000);
    }
}

#[test]
fn a_second_too_full_to_be_halved_is_truncated_and_its_rows_are_used() {
    let mut server = spread(50, 900);
    server
        .sessions
        .extend((0..1_500).map(|number| (START + 300, 10_000 + number)));
    let parts = server.parts(window(900));
    let truncated: Vec<&Had> = parts
        .iter()
        .filter(|part| part.shortfall.is_some())
        .collect();
    assert!(!truncated.is_empty());
    for part in truncated {
        assert_eq!(part.shortfall, Some(Shortfall::TooFull));
        assert!(part.window.to_s - part.window.from_s == 1 && part.records == 1_100);
    }
    assert!(ids(&parts).len() >= 1_100 + 49);
}

#[test]
fn no_poll_splits_more_than_sixty_four_times() {
    let server = spread(100_000, 900);
    let mut splits = Splits::default();
    let parts = server.fetch(window(900), &mut splits);
    assert_eq!((splits.made, parts.len()), (64, 65));
    assert!(!whole(&parts));
    let length = |part: &Had| part.window.to_s - part.window.from_s;
    assert_eq!(parts.iter().map(length).sum::<i64>(), 900);
    let again = server.fetch(window(900), &mut splits);
    assert_eq!((splits.made, again.len()), (64, 1));
}

#[test]
fn a_body_too_large_is_asked_for_in_shorter_windows() {
    let server = Server {
        too_large: Some(30),
        ..spread(200, 900)
    };
    let parts = server.parts(window(900));
    assert!(whole(&parts));
    assert_eq!(ids(&parts).len(), 200);
}

/// Rows that began and ended so many seconds after the window begins.
fn outside(rows: &[(Option<i64>, Option<i64>)]) -> bool {
    let shown = |at: &Option<i64>| {
        let shown = at.map(|at| crate::api::format_utc(START + at).replace(' ', "T"));
        shown.map(|shown| format!("{shown}Z"))
    };
    let row = |(start, end)| serde_json::json!({"sessionId": "s", "sessionStartTime": shown(start), "sessionEndTime": shown(end)});
    let rows: Vec<_> = rows.iter().map(|(start, end)| row((start, end))).collect();
    let page = Page::parse(serde_json::json!({ "data": rows }).to_string()).unwrap();
    let rows = Rows::read(page.rows(), &ledger());
    mostly_outside(window(900), &rows.0, START + DAY)
}

#[test]
fn a_row_is_outside_of_a_window_when_it_began_and_ended_two_minutes_away_from_it() {
    for (start, end, expected) in [
        (Some(-500), Some(-120), false),
        (Some(-500), Some(-121), true),
        (Some(1_020), Some(2_000), false),
        (Some(1_021), Some(2_000), true),
        (Some(-500), Some(2_000), false),
        (Some(400), Some(500), false),
        (Some(-121), None, true),
        (None, Some(-121), true),
        (None, Some(1_021), true),
        (None, Some(900), false),
    ] {
        assert_eq!(outside(&[(start, end)]), expected, "{start:?} {end:?}");
    }
}

#[test]
fn a_server_ignores_the_time_of_day_when_more_rows_than_not_are_outside() {
    let (inside, away, untold) = ((Some(0), Some(9)), (Some(5_000), Some(5_009)), (None, None));
    assert!(!outside(&[]));
    assert!(!outside(&[inside, away]));
    assert!(outside(&[away, inside, away]));
    assert!(outside(&[untold, untold, away]));
    assert!(!outside(&[untold, untold]));
}
