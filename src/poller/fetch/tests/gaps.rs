//! Rows that are on no page of the window they are in.

use super::*;

/// Pages that are cut off and counted as whole ones: what was cut off is had from shorter windows, and soon known.
#[test]
fn what_is_on_no_page_is_had_from_windows_of_one() {
    let totals = [Total::OfWindow, Total::OfPage, Total::Missing];
    for (cut, total) in [20, 50, 99]
        .into_iter()
        .flat_map(|cut| totals.map(|it| (cut, it)))
    {
        let server = Server {
            total,
            paging: Paging::Cut(cut),
            ..spread(300, 3_600)
        };
        let fresh = Start {
            manners: Manners::default(),
            ..start(window(3_600))
        };
        let parts = server.try_fetch(fresh, &mut Splits::default()).unwrap();
        assert!(whole(&parts) && ids(&parts).len() == 300, "{cut} {total:?}");
        let manners = &parts[parts.len() - 1].manners;
        assert!(manners.leaves_gaps());
        assert_eq!(manners.window_rows() as usize, cut);
    }
}

/// Where more is told of than there is, windows are read twice while that is found out, and once from then on.
#[test]
fn a_total_of_before_a_filter_is_soon_seen_through() {
    // Of 400 rows every tenth; and so that one is in the second in which two halves meet.
    for each in [10, 7] {
        let server = Server {
            total: Total::BeforeFilter,
            paging: Paging::Filtered(each),
            ..spread(400, 3_600)
        };
        soon_seen_through(&server);
    }
}

/// Pages of fifty, and nothing that tells how many there are.
#[test]
fn pages_that_are_only_short_are_soon_seen_through() {
    soon_seen_through(&Server {
        paging: Paging::Capped(50),
        ..spread(400, 3_600)
    });
}

/// Whatever tells of more than comes, and means nothing by it, raises no alarm.
#[test]
fn a_number_that_is_always_the_same_alarms_nobody() {
    for rows in [1, 40] {
        for ignores_time in [false, true] {
            let server = Server {
                total: Total::Hundred,
                ignores_time,
                ..spread(rows, 3_600)
            };
            soon_seen_through(&server);
        }
    }
}

/// Read again and again, all comes each time, nothing is told to be missing, and after eight times nothing is tried.
fn soon_seen_through(server: &Server) {
    let all = server.inside(window(3_600)).len();
    let mut manners = Manners::default();
    let mut asked = Vec::new();
    for _ in 0..40 {
        server.asked.set(0);
        let from = Start {
            manners,
            ..start(window(3_600))
        };
        let parts = server.try_fetch(from, &mut Splits::default()).unwrap();
        assert!(whole(&parts) && ids(&parts).len() == all);
        manners = parts[parts.len() - 1].manners.clone();
        asked.push(server.asked.get());
    }
    assert!(!manners.leaves_gaps());
    // One of sixteen is asked for a page behind its last one.
    let once = asked[20];
    assert!(asked[8..].iter().all(|it| *it <= once + 1), "{asked:?}");
}

/// It would be taken for a missing one, and windows would stay small for good.
#[test]
fn one_record_that_comes_late_is_no_gap() {
    let server = Server {
        paging: Paging::Capped(50),
        ..spread(400, 3_600)
    };
    let later = Server {
        sessions: [server.sessions.clone(), vec![(START + 5, 1_000)]].concat(),
        ..server.clone()
    };
    let ask = |part: Window, page, effort| {
        let whole = part.to_s - part.from_s > 1_800;
        let asked = if whole { &server } else { &later };
        asked.page(part, page, effort)
    };
    let fresh = Start {
        manners: Manners::default(),
        ..start(window(3_600))
    };
    let (mut parts, mut splits) = (Vec::new(), Splits::default());
    run(&mut parts, &mut Fetch::new(fresh, &mut splits), ask).unwrap();
    assert!(splits.made > 0 && ids(&parts).len() == 401);
    assert!(!parts[parts.len() - 1].manners.leaves_gaps());
}
