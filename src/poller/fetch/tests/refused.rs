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
