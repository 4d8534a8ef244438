//! What the pages of one window tell, page by page.

use super::super::pages::{Pages, Verdict};
use super::*;
use std::ops::Range;

/// A page of sessions by their numbers, beside a `numResults`.
fn page(told: Option<u64>, numbers: Range<u32>) -> Page {
    let row = |number| serde_json::json!({ "sessionId": format!("{START:08x}{number:016x}") });
    let rows: Vec<_> = numbers.map(row).collect();
    Page::parse(serde_json::json!({ "numResults": told, "data": rows }).to_string()).unwrap()
}

/// Takes the pages in; then tells.
fn taken<T>(
    manners: &mut Manners,
    pages: &[(Option<u64>, Range<u32>)],
    tell: impl FnOnce(&mut Pages<'_>, &mut Manners, Vec<Verdict>) -> T,
) -> T {
    let (texts, ledger) = (Texts::default(), ledger());
    let mut all = Pages::new(&texts);
    let mut verdicts = Vec::new();
    for (told, numbers) in pages {
        let next = page(*told, numbers.clone());
        verdicts.push(all.take(next, &ledger, manners, true));
    }
    tell(&mut all, manners, verdicts)
}

#[test]
fn rows_are_hidden_where_as_many_came_as_promised_and_fewer_different_ones() {
    let hides = |pages: &[(Option<u64>, Range<u32>)]| {
        taken(&mut proven(), pages, |all, manners, _| {
            all.hides_rows(manners)
        })
    };
    let of_sixty = |first: Range<u32>, second: Range<u32>| {
        let pages = [(Some(60), first), (Some(60), second)];
        hides(&pages)
    };
    assert!(of_sixty(0..30, 20..50));
    assert!(!of_sixty(0..30, 30..60), "all of them");
    assert!(!of_sixty(0..30, 20..49), "one never came");
    // More came than promised: that pages overlap is believed where the first was half full, as pages are here.
    assert!(of_sixty(0..23, 10..55));
    assert!(!of_sixty(0..22, 10..55));
    assert!(!hides(&[(None, 0..30), (None, 20..50)]));
    assert!(!hides(&[(Some(60), 0..50)]));
}

#[test]
fn rows_that_came_twice_prove_nothing_of_a_total() {
    let totals = |before: bool, pages: &[(Option<u64>, Range<u32>)]| {
        let mut manners = proven();
        manners.totals = before;
        taken(&mut manners, pages, |all, manners, _| {
            all.falls_short(manners);
            manners.totals
        })
    };
    let seen = [(Some(60), 0..50), (Some(60), 50..60)];
    assert!(totals(false, &seen));
    let by_chance = [(Some(60), 0..50), (Some(60), 40..50)];
    assert!(!totals(false, &by_chance));
    let more = [(Some(55), 0..50), (Some(55), 50..60)];
    assert!(!totals(true, &more), "it is no total");
    let again = [(Some(55), 0..50), (Some(55), 40..50)];
    assert!(totals(true, &again));
}

#[test]
fn a_window_of_one_page_neither_proves_nor_refutes_a_total() {
    for before in [false, true] {
        let mut manners = proven();
        manners.totals = before;
        taken(&mut manners, &[(Some(40), 0..40)], |all, manners, _| {
            assert!(!all.falls_short(manners));
            assert_eq!(manners.totals, before);
        });
    }
}

#[test]
fn an_empty_page_beside_a_promise_is_asked_behind_until_it_proved_the_end_and_now_and_then() {
    let mut manners = proven();
    let mut verdicts = Vec::new();
    for _ in 0..25 {
        let pages = [(Some(50), 0..40), (Some(50), 40..40)];
        let behind = taken(&mut manners, &pages, |all, manners, verdicts| {
            if verdicts[1] == Verdict::More {
                let last = all.take(page(Some(50), 40..40), &ledger(), manners, true);
                assert_eq!(last, Verdict::Whole);
            }
            verdicts[1]
        });
        verdicts.push(behind);
    }
    let mut expected = [Verdict::Whole; 25];
    expected[..8].fill(Verdict::More);
    expected[23] = Verdict::More;
    assert_eq!(verdicts, expected);
}

#[test]
fn a_total_is_refuted_where_it_promised_more_than_a_window_yields_and_less_came() {
    let refuted = |told| {
        let pages = [
            (Some(told), 0..40),
            (Some(told), 40..40),
            (Some(told), 40..40),
        ];
        taken(&mut proven(), &pages, |all, _, _| all.total_refuted())
    };
    assert!(refuted(1_101));
    assert!(!refuted(1_100));
}

#[test]
fn a_great_total_beside_a_short_first_page_is_believed_once_a_second_page_bears_it_out() {
    let verdicts = |pages: &[(Option<u64>, Range<u32>)]| {
        taken(&mut proven(), pages, |_, _, verdicts| verdicts)
    };
    let short = [(Some(5_000), 0..40), (Some(5_000), 40..80)];
    assert_eq!(verdicts(&short), [Verdict::More, Verdict::Overflows]);
    assert_eq!(verdicts(&[(Some(5_000), 0..100)]), [Verdict::Overflows]);
    let fits = [(Some(1_100), 0..100), (Some(1_100), 100..200)];
    assert_eq!(verdicts(&fits), [Verdict::More, Verdict::More]);
}

#[test]
fn rows_are_all_there_are_where_a_known_total_says_so_and_none_came_twice() {
    let all = |totals: bool, pages: &[(Option<u64>, Range<u32>)]| {
        let mut manners = proven();
        manners.totals = totals;
        taken(&mut manners, pages, |all, manners, _| all.is_all(manners))
    };
    assert!(all(true, &[(Some(60), 0..30), (Some(60), 30..60)]));
    assert!(all(true, &[(Some(40), 0..40)]));
    assert!(!all(false, &[(Some(40), 0..40)]), "of a page or a window");
    assert!(!all(true, &[(None, 0..40)]), "nothing tells");
    assert!(!all(true, &[(Some(60), 0..40)]), "more are promised");
    let twice = [(Some(60), 0..30), (Some(60), 20..50)];
    assert!(!all(true, &twice), "others are hidden");
}

#[test]
fn a_page_refused_behind_full_ones_is_the_end_only_where_a_known_total_says_so() {
    let ends = |totals: bool, told: u64| {
        let mut manners = proven();
        manners.totals = totals;
        let pages = [(Some(told), 0..100), (Some(told), 100..200)];
        taken(&mut manners, &pages, |all, manners, _| all.refused(manners))
    };
    assert_eq!(ends(true, 200), Verdict::Whole);
    assert_eq!(ends(true, 201), Verdict::Full);
    assert_eq!(ends(false, 200), Verdict::Full);
}

#[test]
fn a_total_that_tells_the_end_proves_a_short_page_as_well_as_an_empty_one_behind_it() {
    let wants_behind = |told: u64| {
        let mut manners = Manners::default();
        manners.totals = true;
        for _ in 0..8 {
            taken(&mut manners, &[(Some(told), 0..40)], |all, manners, _| {
                all.is_all(manners)
            });
        }
        manners.wants_behind_short()
    };
    assert!(!wants_behind(40));
    assert!(wants_behind(50), "more is promised");
}

#[test]
fn rows_without_ids_may_read_alike_and_hide_no_others() {
    let rows = vec![serde_json::json!({"channel": "Voice"}); 30];
    let body = serde_json::json!({"numResults": 60, "data": rows}).to_string();
    let (texts, ledger, mut manners) = (Texts::default(), ledger(), proven());
    let mut all = Pages::new(&texts);
    for _ in 0..2 {
        let next = Page::parse(body.clone()).unwrap();
        all.take(next, &ledger, &mut manners, true);
    }
    assert!(!all.hides_rows(&manners));
}
