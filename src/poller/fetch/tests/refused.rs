//! Pages that are refused, and what a fetch tells of itself meanwhile.

use super::*;

#[test]
fn a_page_that_is_refused_once_is_asked_for_again_and_is_no_end() {
    let server = spread(250, 900);
    let refused = Cell::new(0);
    let ask = |window, page, effort| {
        if page == 1 && refused.replace(1) == 0 {
            return Err(Denial::Refused(Failed));
        }
        server.page(window, page, effort)
    };
    let (mut parts, mut splits) = (Vec::new(), Splits::default());
    run(
        &mut parts,
        &mut Fetch::new(start(window(900)), &mut splits),
        ask,
    )
    .unwrap();
    assert_eq!((parts.len(), ids(&parts).len()), (1, 250));
    assert!(whole(&parts));
}

#[test]
fn a_window_that_is_refused_from_its_first_page_on_can_not_be_read() {
    let asked = Cell::new(0);
    let ask = |_, _, _| {
        asked.set(asked.get() + 1);
        Err(Denial::Refused(Failed))
    };
    let (mut parts, mut splits) = (Vec::new(), Splits::default());
    let mut fetch = Fetch::new(start(window(900)), &mut splits);
    assert_eq!(run(&mut parts, &mut fetch, ask), Err(Failed));
    assert_eq!((parts.len(), asked.get(), fetch.splits()), (0, 1, 0));
}

#[test]
fn a_fetch_tells_how_often_its_poll_halved_and_when_that_is_enough() {
    let halved = |records, made| {
        let mut splits = Splits {
            made,
            ..Splits::default()
        };
        let server = spread(records, 900);
        let mut fetch = Fetch::new(start(window(900)), &mut splits);
        let ask = |window, page, effort| server.page(window, page, effort);
        run(&mut Vec::new(), &mut fetch, ask).unwrap();
        (fetch.splits(), fetch.is_exhausted())
    };
    assert_eq!(halved(100, 0), (0, false));
    assert_eq!(halved(1_100, 61), (62, false));
    assert_eq!(halved(1_100, 63), (64, true));
    assert_eq!(halved(1_100, 64), (64, true));
}

#[test]
fn a_fetch_tells_whether_its_window_fails_while_others_can_be_read() {
    let fails_alone = |unreadable: &[i64], down: bool| {
        let server = Server {
            unreadable: unreadable.iter().map(|at| START + at).collect(),
            down: Cell::new(down),
            ..spread(50, 900)
        };
        let (mut parts, mut splits) = (Vec::new(), Splits::default());
        let start = Start {
            control: Some(Window {
                from_s: START + DAY,
                to_s: START + DAY + 1,
                why: Why::NeverRead,
            }),
            ..start(window(900))
        };
        let mut fetch = Fetch::new(start, &mut splits);
        let ask = |window, page, effort| server.page(window, page, effort);
        let done = run(&mut parts, &mut fetch, ask);
        (done.is_ok(), fetch.fails_alone())
    };
    assert_eq!(fails_alone(&[], false), (true, false));
    assert_eq!(fails_alone(&[300], false), (true, true));
    assert_eq!(fails_alone(&[300], true), (false, false));
}

/// All but first pages fail.
fn only_first(server: &Server, window: Window) -> Vec<Had> {
    let ask = |window, page, effort| {
        if page > 0 {
            return Err(Denial::OfWindow(Failed));
        }
        server.page(window, page, effort)
    };
    let (mut parts, mut splits) = (Vec::new(), Splits::default());
    let mut fetch = Fetch::new(start(window), &mut splits);
    run(&mut parts, &mut fetch, ask).unwrap();
    parts
}

#[test]
fn rows_behind_a_page_that_fails_are_had_in_shorter_windows() {
    let parts = only_first(&spread(150, 900), window(900));
    assert!(whole(&parts));
    assert_eq!(ids(&parts).len(), 150);
}

#[test]
fn what_was_read_of_a_second_before_its_next_page_failed_is_kept() {
    let parts = only_first(&Server::of([START; 150]), window(1));
    assert_eq!((parts.len(), ids(&parts).len()), (1, 100));
    assert_eq!(parts[0].shortfall, Some(Shortfall::Unreadable));
}

#[test]
fn an_order_that_changes_is_expected_until_a_window_of_several_pages_shows_otherwise() {
    let rows_planned = |records| {
        let mut manners = proven();
        manners.unsteady = true;
        let start = Start {
            manners,
            ..start(window(900))
        };
        let parts = spread(records, 900).try_fetch(start, &mut Splits::default());
        parts.unwrap()[0].manners.window_rows()
    };
    assert_eq!(rows_planned(60), 100);
    assert_eq!(rows_planned(100), 100, "one page holds them");
    assert_eq!(rows_planned(250), 1_100);
}

#[test]
fn the_last_second_that_was_read_whole_is_what_is_asked_for_when_another_window_fails() {
    let control = |server: &Server, seconds, now_s: i64| {
        let (texts, ledger, mut splits) = (Texts::default(), ledger(), Splits::default());
        let mut fetch = Fetch::new(start(window(seconds)), &mut splits);
        let ask = |window, page, effort| ready(server.page(window, page, effort));
        let step = at_once(fetch.step(&texts, &ledger, ask, || now_s * 1_000));
        assert!(matches!(step, Ok(Step::Part(_))));
        let control = fetch.control()?;
        Some((control.from_s - START, control.to_s - START))
    };
    let server = spread(50, 900);
    assert_eq!(control(&server, 900, START + DAY), Some((899, 900)));
    assert_eq!(control(&server, 900, START + 600), Some((599, 600)));
    assert_eq!(control(&server, 900, START), None, "nothing has passed");
    let crowded = Server::of([START; 1_500]);
    assert_eq!(control(&crowded, 1, START + DAY), None, "not whole");
}

#[test]
fn a_second_whose_end_is_known_to_fail_is_tried_once() {
    let server = Server {
        unreadable: [START, START + 1].into(),
        ..spread(50, 900)
    };
    let start = Start {
        control: Some(Window {
            from_s: START + DAY,
            to_s: START + DAY + 1,
            why: Why::NeverRead,
        }),
        ends_unreadable: true,
        ..start(window(1))
    };
    let parts = server.try_fetch(start, &mut Splits::default()).unwrap();
    assert_eq!(parts[0].shortfall, Some(Shortfall::Unreadable));
    assert_eq!(server.asked.get(), 2, "and whether the server answers");
}
