//! First pages that tell of rows and have no `data`.

use super::*;
use crate::client::FirstPage;

#[test]
fn a_first_page_may_be_empty_while_no_page_held_a_row_or_where_pages_are_counted_from_one() {
    let mut manners = Manners::default();
    assert_eq!(manners.first_page(), FirstPage::MayBeEmpty);
    manners.saw_page(7);
    assert_eq!(manners.first_page(), FirstPage::ShowsRows);
    manners.ended_first(true);
    assert_eq!(manners.first_page(), FirstPage::MayBeEmpty);
}

/// One hollow page of an account that is read for the first time says nothing of how its pages are counted: rows behind it
/// count, and what the page had is missed.
#[test]
fn behind_a_first_page_without_data_what_the_total_tells_is_missed() {
    let server = Server {
        total: Total::OfWindow,
        ..spread(250, 900)
    };
    let ask = |window, page, effort| match page {
        0 => Ok(Page::parse(r#"{"numResults":250}"#).unwrap()),
        _ => server.page(window, page, effort),
    };
    let (mut parts, mut splits) = (Vec::new(), Splits::default());
    let fresh = Start {
        manners: Manners::default(),
        ..start(window(900))
    };
    run(&mut parts, &mut Fetch::new(fresh, &mut splits), ask).unwrap();
    assert!(!whole(&parts) && ids(&parts).len() == 150, "{parts:?}");
}

/// Nor does the server answer that sends nothing but such pages.
#[test]
fn hollow_pages_are_no_answers() {
    let asked = Cell::new(0);
    let ask = |_: Window, _: u32, _: Effort| {
        asked.set(asked.get() + 1);
        Ok(Page::parse(r#"{"numResults":250}"#).unwrap())
    };
    let control = Some(Window {
        from_s: START - 1,
        to_s: START,
        why: Why::NeverRead,
    });
    let fresh = Start {
        manners: Manners::default(),
        control,
        ..start(window(900))
    };
    let (mut parts, mut splits) = (Vec::new(), Splits::default());
    let ended = run(&mut parts, &mut Fetch::new(fresh, &mut splits), ask);
    assert_eq!((ended, parts.len(), asked.get()), (Err(Failed), 0, 3));
}

#[test]
fn a_first_page_that_tells_of_rows_and_has_no_data_is_none_where_none_stand_behind_it() {
    for behind in [
        r#"{"numResults":250}"#,
        r#"{"numResults":250,"data":[]}"#,
        "",
    ] {
        let ask = |_: Window, page: u32, _: Effort| match (page, behind) {
            (0, _) => Ok(Page::parse(r#"{"numResults":250,"data":null}"#).unwrap()),
            (_, "") => Err(Denial::Refused(Failed)),
            (_, body) => Ok(Page::parse(body).unwrap()),
        };
        let (mut parts, mut splits) = (Vec::new(), Splits::default());
        let fresh = Start {
            manners: Manners::default(),
            ..start(window(900))
        };
        let mut fetch = Fetch::new(fresh, &mut splits);
        assert_eq!(run(&mut parts, &mut fetch, ask), Err(Failed), "{behind}");
        assert!(parts.is_empty(), "{behind}");
    }
}
