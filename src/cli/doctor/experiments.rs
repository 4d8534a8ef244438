//! What is unknown of an account's API, from the pages that were seen: pure.

use super::seen::PageSeen;
use crate::api::limits::{PAGE_ROWS, WINDOW_S};
use std::collections::BTreeSet;

pub(super) const FIRST_S: i64 = 600;
const FULL: usize = PAGE_ROWS as usize;
/// So many rows are wanted of a window: two full pages and a short one tell nearly everything.
const WANTED: i64 = 240;
/// So many rows, and no more from a window many times as long, are a page that is full.
const CAPPED: usize = 20;

/// The window to try next, in seconds, where one page of this many rows came of a window of `span_s`.
pub(super) fn wider_s(span_s: i64, rows: usize, before: Option<usize>) -> Option<i64> {
    let capped = rows >= CAPPED && before == Some(rows);
    if rows >= FULL || span_s >= WINDOW_S || capped {
        return None;
    }
    let wanted = match i64::try_from(rows).unwrap_or(i64::MAX) {
        0 => span_s * 12,
        rows => span_s * WANTED / rows,
    };
    Some(wanted.max(span_s * 2).min(WINDOW_S))
}

/// What `offset` counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Offset {
    Pages,
    Rows,
    /// A page repeats the one before.
    Nothing,
}

pub(super) fn offset(run: &[PageSeen]) -> Option<Offset> {
    run.windows(2).find_map(|pair| {
        let [one, next] = pair else { return None };
        if one.rows.len() < 2 {
            return None;
        }
        let shifted = one.rows[1..].iter().zip(&next.rows);
        if next.rows.is_empty() {
            // Behind a page of many rows, one row further on, others would have come.
            Some(Offset::Pages)
        } else if one.rows == next.rows {
            Some(Offset::Nothing)
        } else if next.rows.len() + 1 >= one.rows.len()
            && shifted.clone().all(|(one, next)| one == next)
        {
            Some(Offset::Rows)
        } else {
            Some(Offset::Pages)
        }
    })
}

/// What `numResults` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Total {
    /// How many rows the window holds.
    Window,
    /// How many the page holds.
    Page,
    /// Neither.
    Neither,
    /// It is left out.
    Missing,
}

/// From pages of one window, of which `whole` says whether the last ended it.
pub(super) fn total(run: &[PageSeen], whole: bool) -> Option<Total> {
    let first = run.first()?;
    let with_rows = || run.iter().filter(|page| !page.rows.is_empty());
    if run.iter().all(|page| page.num_results.is_none()) {
        return with_rows().next().map(|_| Total::Missing);
    }
    let different: BTreeSet<u64> = run.iter().flat_map(|page| &page.rows).copied().collect();
    let received = different.len() as u64;
    let all = |is: &dyn Fn(&PageSeen) -> Option<u64>| {
        with_rows().all(|page| page.num_results.is_some() && page.num_results == is(page))
    };
    let of_page = all(&|page| Some(page.rows.len() as u64));
    let several = with_rows().count() > 1;
    let told = first.num_results?;
    if of_page && several {
        return Some(Total::Page);
    }
    if whole {
        if all(&|_| Some(received)) {
            // One page alone is as many rows as all.
            return several.then_some(Total::Window);
        }
        return (received > 0 || told > 0).then_some(Total::Neither);
    }
    let below = with_rows().any(|page| page.num_results.is_some_and(|told| told < received));
    below.then_some(Total::Neither)
}

/// Whether rows follow a page of fewer rows than a full one; `None` where that was not tried.
pub(super) fn follows_short(run: &[PageSeen]) -> Option<bool> {
    let mut known: BTreeSet<u64> = BTreeSet::new();
    let mut follows = None;
    for pair in run.windows(2) {
        let [one, next] = pair else { continue };
        known.extend(&one.rows);
        if (1..FULL).contains(&one.rows.len()) {
            let news = next.rows.iter().any(|row| !known.contains(row));
            follows = Some(follows.unwrap_or(false) || news);
        }
    }
    follows
}

/// Whether pages of a window were read until nothing new came.
pub(super) fn is_whole(run: &[PageSeen]) -> bool {
    let Some((last, before)) = run.split_last() else {
        return false;
    };
    let known: BTreeSet<u64> = before.iter().flat_map(|page| &page.rows).copied().collect();
    last.rows.iter().all(|row| known.contains(row))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ops::Range;

    fn run(pages: &[(Range<u64>, Option<u64>)]) -> Vec<PageSeen> {
        let page = |(number, (rows, num_results)): (usize, &(Range<u64>, Option<u64>))| PageSeen {
            window: (0, 600),
            number: u32::try_from(number).unwrap(),
            num_results: *num_results,
            rows: rows.clone().collect(),
        };
        pages.iter().enumerate().map(page).collect()
    }

    #[test]
    fn offset_counts_pages_rows_or_nothing() {
        let of = |pages: &[Range<u64>]| {
            let pages: Vec<_> = pages.iter().map(|rows| (rows.clone(), None)).collect();
            offset(&run(&pages))
        };
        assert_eq!(of(&[0..100, 100..200]), Some(Offset::Pages));
        assert_eq!(of(&[0..8, 0..0]), Some(Offset::Pages));
        assert_eq!(of(&[0..100, 1..101]), Some(Offset::Rows));
        assert_eq!(of(&[0..8, 1..8]), Some(Offset::Rows), "the end of all rows");
        assert_eq!(of(&[0..100, 0..100]), Some(Offset::Nothing));
        assert_eq!(
            of(&[0..100, 99..199]),
            Some(Offset::Pages),
            "a row moved in between"
        );
        assert_eq!(of(std::slice::from_ref(&(0..100))), None);
        assert_eq!(
            of(&[0..1, 0..0]),
            None,
            "the row further on is none either way"
        );
    }

    #[test]
    fn num_results_is_told_apart_by_a_window_of_several_pages() {
        let two = |first, second| {
            let pages = [(0..100, first), (100..130, second), (0..0, first)];
            total(&run(&pages), true)
        };
        assert_eq!(two(Some(130), Some(130)), Some(Total::Window));
        assert_eq!(two(Some(100), Some(30)), Some(Total::Page));
        assert_eq!(two(None, None), Some(Total::Missing));
        assert_eq!(two(Some(65), Some(65)), Some(Total::Neither));
        assert_eq!(two(Some(400), Some(400)), Some(Total::Neither));
        let one = run(&[(0..7, Some(7)), (0..0, Some(0))]);
        assert_eq!(total(&one, true), None, "one page tells no difference");
        let unended = run(&[(0..100, Some(900)), (100..200, Some(900))]);
        assert_eq!(total(&unended, false), None);
        assert_eq!(total(&run(&[(0..0, Some(0))]), true), None);
    }

    #[test]
    fn behind_a_short_page_nothing_follows_or_something_does() {
        let of = |pages: &[Range<u64>]| {
            let pages: Vec<_> = pages.iter().map(|rows| (rows.clone(), None)).collect();
            follows_short(&run(&pages))
        };
        assert_eq!(of(&[0..100, 100..130, 0..0]), Some(false));
        assert_eq!(of(&[0..50, 50..100, 100..120]), Some(true));
        assert_eq!(
            of(&[0..30, 0..30]),
            Some(false),
            "the same again is nothing new"
        );
        assert_eq!(of(&[0..100, 100..200]), None);
    }

    #[test]
    fn windows_widen_until_one_holds_several_pages_or_is_the_longest() {
        assert_eq!(wider_s(600, 100, None), None);
        assert_eq!(wider_s(600, 0, None), Some(7_200));
        assert_eq!(wider_s(600, 60, None), Some(2_400));
        assert_eq!(wider_s(600, 1, None), Some(144_000));
        assert_eq!(wider_s(400_000, 3, None), Some(604_800));
        assert_eq!(wider_s(604_800, 3, None), None);
        assert_eq!(wider_s(2_400, 50, Some(50)), None, "pages of 50 are full");
        let mut asked = 1;
        let mut span_s = FIRST_S;
        while let Some(wider) = wider_s(span_s, 0, None) {
            (span_s, asked) = (wider, asked + 1);
        }
        assert!(asked <= 5, "{asked}");
    }
}
