//! Where a window ends, and what an account's API is found to do.

use super::*;

/// Reads the window again and again, as one account does, and tells the requests of each reading.
fn requests(server: &Server, readings: usize) -> Vec<u32> {
    let mut manners = Manners::default();
    let mut requests = Vec::new();
    for _ in 0..readings {
        let before = server.asked.get();
        let start = Start {
            manners: manners.clone(),
            ..start(window(900))
        };
        let parts = server.try_fetch(start, &mut Splits::default()).unwrap();
        assert_eq!(ids(&parts), server.ids_inside(window(900)), "{server:?}");
        manners = parts.last().unwrap().manners.clone();
        requests.push(server.asked.get() - before);
    }
    requests
}

#[test]
fn a_window_costs_one_request_more_than_its_full_pages_at_most() {
    for (records, requests) in [
        (0, 1),
        (1, 1),
        (99, 1),
        (100, 2),
        (101, 2),
        (250, 3),
        (1_000, 11),
        (1_099, 11),
    ] {
        for total in [Total::Missing, Total::OfWindow, Total::OfPage] {
            let server = Server {
                total,
                ..spread(records, 900)
            };
            let parts = server.parts(window(900));
            assert_eq!(
                (parts.len(), server.asked.get()),
                (1, requests),
                "{records} records, {total:?}"
            );
            assert_eq!(i64::from(parts[0].records), records);
            assert!(whole(&parts));
        }
    }
}

#[test]
fn a_short_page_is_the_end_once_that_is_proven_and_costs_one_request_more_in_sixteen_windows() {
    for total in [Total::Missing, Total::OfWindow, Total::OfPage] {
        let server = Server {
            total,
            ..spread(60, 900)
        };
        let asked = requests(&server, 8 + 160);
        assert!(
            asked[..8].iter().all(|&requests| requests == 2),
            "{asked:?}"
        );
        let steady: u32 = asked[8..].iter().sum();
        assert_eq!(steady, 160 + 10, "{total:?}: {asked:?}");
    }
}

#[test]
fn empty_windows_prove_nothing_and_cost_one_request_and_one_more_in_sixteen_before_the_first_row() {
    let server = spread(0, 900);
    let mut expected = [1; 20];
    expected[15] = 2;
    assert_eq!(requests(&server, 20), expected);
}

#[test]
fn rows_behind_short_pages_are_all_had_from_the_first_window_on() {
    for (paging, records) in [
        (Paging::Filtered(100), 250),
        (Paging::Filtered(2), 700),
        (Paging::Capped(50), 250),
        (Paging::Capped(99), 990),
        (Paging::TwoStores, 180),
        (Paging::TwoStores, 640),
    ] {
        for total in [Total::Missing, Total::OfWindow, Total::OfPage] {
            let server = Server {
                total,
                paging,
                ..spread(records, 900)
            };
            requests(&server, 40);
        }
    }
}

/// The proof took 8 windows of one store; then conversations come behind the bots' short page.
#[test]
fn a_proof_that_turns_out_wrong_is_lost_within_sixteen_windows_and_for_good() {
    let mut manners = proven();
    let server = Server {
        paging: Paging::TwoStores,
        ..spread(120, 900)
    };
    let read = |manners: Manners| {
        let start = Start {
            manners,
            ..start(window(900))
        };
        let parts = server.try_fetch(start, &mut Splits::default()).unwrap();
        (ids(&parts).len(), parts[0].manners.clone())
    };
    let mut windows = 0;
    while !manners.reads_to_the_end() {
        windows += 1;
        manners = read(manners).1;
    }
    assert!(windows <= 16, "{windows} windows");
    for _ in 0..40 {
        let (records, next) = read(manners);
        assert_eq!(records, 120);
        manners = next;
    }
}

#[test]
fn more_promised_than_seen_is_asked_for_whatever_is_proven() {
    let server = Server {
        paging: Paging::Capped(50),
        total: Total::OfWindow,
        ..spread(250, 900)
    };
    let parts = server.parts(window(900));
    assert_eq!(ids(&parts).len(), 250);
    let manners = &parts[0].manners;
    assert!(manners.reads_to_the_end() && manners.totals);
    assert_eq!(manners.window_rows(), 11 * 50);
}

#[test]
fn an_empty_first_page_beside_a_total_is_no_end() {
    for no_data in [false, true] {
        let server = Server {
            paging: Paging::FromOne,
            total: Total::OfWindow,
            no_data,
            ..spread(250, 900)
        };
        requests(&server, 20);
    }
}

#[test]
fn an_empty_first_page_is_no_end_where_pages_of_any_length_are_followed() {
    let mut manners = Manners::default();
    manners.saw_page(100);
    manners.ended_short(Some(true));
    let server = Server {
        paging: Paging::FromOne,
        ..spread(70, 900)
    };
    let start = Start {
        manners,
        ..start(window(900))
    };
    let parts = server.try_fetch(start, &mut Splits::default()).unwrap();
    assert_eq!(ids(&parts).len(), 70);
}

#[test]
fn a_short_page_with_more_promised_for_nothing_is_whole() {
    let server = Server {
        total: Total::Nonsense,
        ..spread(40, 900)
    };
    let parts = server.parts(window(900));
    assert!(whole(&parts));
    assert!(server.asked.get() <= 3, "{}", server.asked.get());
}

/// Rows that never come, though the API is known to tell how many there are: said, not swallowed.
#[test]
fn a_window_below_a_known_total_is_truncated() {
    let mut server = Server {
        total: Total::OfWindow,
        ..spread(250, 900)
    };
    let manners = server.parts(window(900)).remove(0).manners;
    assert!(manners.totals);
    let promised = server.sessions.clone();
    server
        .sessions
        .retain(|(_, number)| !number.is_multiple_of(10));
    let mut splits = Splits::default();
    let ask = |window: Window, page, effort| {
        let shown = server.page(window, page, effort).unwrap();
        let rows: Vec<_> = shown.rows().map(|row| row.text().to_owned()).collect();
        let body = format!(
            r#"{{"numResults":{},"data":[{}]}}"#,
            promised.len(),
            rows.join(",")
        );
        Ok(Page::parse(body).unwrap())
    };
    let start = Start {
        manners,
        ..start(window(900))
    };
    let mut parts = Vec::new();
    run(&mut parts, &mut Fetch::new(start, &mut splits), ask).unwrap();
    let told = |part: &Had| part.shortfall == Some(Shortfall::BelowTotal);
    assert!(
        parts.iter().all(told) && ids(&parts).len() == 225,
        "{parts:?}"
    );
}

#[test]
fn a_page_size_for_a_total_is_never_taken_for_one() {
    let server = Server {
        total: Total::OfPage,
        ..spread(250, 900)
    };
    let parts = server.parts(window(900));
    assert!(whole(&parts) && !parts[0].manners.totals);
}

#[test]
fn pages_of_more_rows_than_asked_for_are_taken() {
    let server = Server {
        extra: 7,
        ..spread(650, 900)
    };
    let parts = server.parts(window(900));
    assert_eq!((parts.len(), server.asked.get()), (1, 7));
    assert_eq!(parts[0].records, 650);
}

/// Whoever refuses a page behind the last, where others send an empty one, loses nothing, and is not asked for long.
#[test]
fn a_page_behind_the_last_may_be_refused() {
    for (rows, total) in [
        (40, Total::Missing),
        (250, Total::OfWindow),
        (200, Total::Missing),
        (250, Total::OfPage),
    ] {
        let server = Server {
            total,
            beyond: Beyond::Refused,
            ..spread(rows, 900)
        };
        let mut manners = Manners::default();
        for _ in 0..9 {
            let start = Start {
                manners: manners.clone(),
                ..start(window(900))
            };
            let parts = server.try_fetch(start, &mut Splits::default()).unwrap();
            assert!(whole(&parts), "{rows} {total:?}");
            assert_eq!(ids(&parts).len(), usize::try_from(rows).unwrap());
            manners = parts[parts.len() - 1].manners.clone();
        }
        assert!(!manners.wants_behind_short(), "{rows} {total:?}");
    }
}

#[test]
fn a_page_behind_the_last_that_fails_costs_no_row_and_is_told_where_nothing_else_tells_the_end() {
    let fails = |rows, total| Server {
        total,
        beyond: Beyond::Fails,
        ..spread(rows, 900)
    };
    let fresh = || Start {
        manners: Manners::default(),
        ..start(window(900))
    };
    let server = fails(40, Total::Missing);
    let parts = server.try_fetch(fresh(), &mut Splits::default()).unwrap();
    assert_eq!((parts.len(), ids(&parts).len()), (1, 40));
    assert_eq!(parts[0].shortfall, Some(Shortfall::PageBehind));
    let server = fails(250, Total::OfWindow);
    let parts = server.try_fetch(fresh(), &mut Splits::default()).unwrap();
    assert!(whole(&parts), "the total tells it");
    assert_eq!(ids(&parts).len(), 250);
}

/// Pages that are cut from another order each: as many rows as promised, and not as many different ones.
#[test]
fn rows_that_others_hide_are_had_by_halves_of_one_page() {
    let server = Server {
        total: Total::OfWindow,
        shuffles: true,
        ..spread(700, 900)
    };
    let parts = server.parts(window(900));
    assert!(whole(&parts));
    assert_eq!(ids(&parts).len(), 700);
    let manners = &parts[parts.len() - 1].manners;
    assert_eq!(manners.window_rows(), 100, "planned so from now on");
}

/// What a row that comes twice hides, where no halving helps, is told.
#[test]
fn rows_that_others_hide_in_one_second_are_told() {
    let server = Server {
        total: Total::OfWindow,
        shuffles: true,
        ..Server::of([START; 250])
    };
    let parts = server.parts(window(1));
    assert_eq!(parts[0].shortfall, Some(Shortfall::BelowTotal));
}

/// Where pages count from 1 and nothing tells of rows, only asking does.
#[test]
fn an_empty_first_page_is_asked_behind_on_one_window_of_sixteen_while_none_ever_held_a_row() {
    for (rows, total) in [
        (0, Total::Missing),
        (250, Total::Missing),
        (250, Total::OfPage),
    ] {
        let server = Server {
            paging: Paging::FromOne,
            total,
            ..spread(rows, 900)
        };
        let mut manners = Manners::default();
        let mut cost = Vec::new();
        let mut found = Vec::new();
        for _ in 0..18 {
            let start = Start {
                manners: manners.clone(),
                ..start(window(900))
            };
            let asked = server.asked.get();
            let parts = server.try_fetch(start, &mut Splits::default()).unwrap();
            cost.push(server.asked.get() - asked);
            found.push(ids(&parts).len());
            manners = parts[0].manners.clone();
        }
        let rows = usize::try_from(rows).unwrap();
        assert_eq!(cost[..15], [1; 15], "{rows} {total:?}");
        assert_eq!(found[15..], [rows; 3], "{rows} {total:?}, and ever after");
        assert!(cost[15] > 1 && (rows > 0 || cost[16..] == [1, 1]));
    }
}

/// Pages that overlap, with rows taken out of them: the page behind brings nothing new, and is no end.
#[test]
fn rows_that_overlapping_pages_lose_are_had_by_halves() {
    let server = Server {
        total: Total::OfWindow,
        by_rows: true,
        paging: Paging::Filtered(4),
        ..spread(160, 900)
    };
    let parts = server.parts(window(900));
    assert!(whole(&parts));
    assert_eq!(ids(&parts), server.ids_inside(window(900)));
}
