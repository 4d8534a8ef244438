//! The pages of one window so far, and whether another is worth asking for.

use super::manners::Manners;
use crate::api::limits::{PAGE_ROWS, WINDOW_PAGES};
use crate::api::{Page, Row};
use crate::client::FirstPage;
use crate::ledger::{Id, Ledger};
use crate::poller::ingest::{Arrival, Rows};
use rustc_hash::FxHashSet;
use std::sync::OnceLock;

/// Empty pages in a row, at most, that are asked behind because `numResults` tells of more, while it was not seen to be
/// a total.
const MOST_EMPTY: u32 = 2;

/// A page of so many rows repeats its predecessor in order by no chance, nor is it cut off at fewer.
const TELLING: usize = 10;

/// Holds the text of a window's pages, so that what is read of them need not be copied.
#[derive(Default)]
pub struct Texts([OnceLock<Page>; WINDOW_PAGES as usize]);

impl Texts {
    fn keep(&self, number: u32, page: Page) -> impl Iterator<Item = Row<'_>> {
        let place = self.0.get(number as usize);
        let kept = place.map(|place| place.get_or_init(|| page));
        kept.into_iter().flat_map(Page::rows)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The window ended.
    Whole,
    More,
    /// It holds more than its pages will, though some of them are left.
    Overflows,
    /// There is more, and no page left that would bring it.
    Full,
}

/// What the last page looked like, if it looked like the end of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Short,
    Empty,
}

pub(super) struct Pages<'b> {
    texts: &'b Texts,
    asked: u32,
    /// Of the longest page.
    most_rows: usize,
    /// Rows counted raw, before refusals and repeats.
    received: u64,
    rows: Vec<Arrival<'b>>,
    seen: FxHashSet<u64>,
    /// The identities of the page before, in order.
    before: Vec<u64>,
    /// A row came twice: raw counts tell nothing then.
    repeats: bool,
    /// Rows of an identity that an earlier page had.
    again: u64,
    /// A page was refused, and that is held to be the end.
    refused: bool,
    empty_in_a_row: u32,
    /// Where the window might have ended, while one page more is asked for.
    behind: Option<Sign>,
    totals: Totals,
    total_refuted: bool,
    /// The first page told of rows and had no `data`. Where pages are counted from 1, they stand on the next; else it is no
    /// page.
    hollow: bool,
}

/// What `numResults` said on the pages of one window.
#[derive(Default)]
struct Totals {
    /// On the first page, and the rows that stood beside it.
    first: Option<(u64, u64)>,
    least: Option<u64>,
    most: u64,
}

impl Totals {
    fn note(&mut self, told: Option<u64>, number: u32, rows: u64) {
        let Some(told) = told else { return };
        if number == 0 {
            self.first = Some((told, rows));
        }
        self.least = Some(self.least.map_or(told, |least| least.min(told)));
        self.most = self.most.max(told);
    }
}

impl<'b> Pages<'b> {
    pub(super) fn new(texts: &'b Texts) -> Self {
        Pages {
            texts,
            asked: 0,
            most_rows: 0,
            received: 0,
            rows: Vec::new(),
            seen: FxHashSet::default(),
            before: Vec::new(),
            repeats: false,
            again: 0,
            refused: false,
            empty_in_a_row: 0,
            behind: None,
            totals: Totals::default(),
            total_refuted: false,
            hollow: false,
        }
    }

    /// Takes in the next page. `believe_total`: whether a great `numResults` alone may call the window too full.
    pub(super) fn take(
        &mut self,
        page: Page,
        ledger: &Ledger,
        manners: &mut Manners,
        believe_total: bool,
    ) -> Verdict {
        let (number, told, count) = (self.asked, page.num_results, page.rows().len());
        self.asked += 1;
        self.most_rows = self.most_rows.max(count);
        self.received += count as u64;
        self.totals.note(told, number, count as u64);
        let may_be_empty = manners.first_page() == FirstPage::MayBeEmpty;
        self.hollow |= number == 0 && page.lacks_data && may_be_empty;
        manners.saw_page(count);
        let first = self.rows.len();
        self.rows.reserve(count);
        self.seen.reserve(count);
        let rows = self.texts.keep(number, page);
        self.rows.extend(rows.map(|row| Arrival::read(row, ledger)));
        let identities: Vec<u64> = self.rows[first..].iter().map(identity).collect();
        let full = count >= manners.page_rows() as usize;
        let shifted = self.shifted_by_one(&identities, manners);
        let before_full = self.before.len() >= manners.page_rows() as usize;
        let known = self.seen.len();
        let named = self.rows[first..].iter().zip(&identities);
        let again = named.filter(|(row, id)| self.seen.contains(id) && !is_nameless(row));
        self.again += again.count() as u64;
        self.seen.extend(&identities);
        let news = self.seen.len() - known;
        self.repeats |= news < count;
        manners.offset_in_rows |= shifted;
        // What came behind a page that looked like the last one.
        match self.behind.take() {
            Some(Sign::Short) => manners.ended_short(Some(news > 0)),
            Some(Sign::Empty) if news > 0 => {
                manners.ended_empty(Some(true));
                manners.ended_first(number == 1);
            }
            Some(Sign::Empty) | None => {}
        }
        if count == 0 {
            return self.empty(number, told, manners);
        }
        self.before = identities;
        self.empty_in_a_row = 0;
        // A total that its own first page contradicts must be borne out by a second.
        let overfull = believe_total
            && self.totals.most > u64::from(manners.window_rows())
            && !manners.offset_in_rows
            && (full || number > 0);
        if shifted && !full {
            Verdict::Whole
        } else if news == 0 {
            // The server repeats its last page, or knows no other: where that one was full, more may stand behind it.
            if before_full {
                Verdict::Full
            } else {
                Verdict::Whole
            }
        } else if full || number + 1 == WINDOW_PAGES {
            self.full(shifted, full, overfull, manners)
        } else if overfull {
            Verdict::Overflows
        } else if told.is_some_and(|total| total > self.received) || manners.wants_behind_short() {
            self.behind = Some(Sign::Short);
            Verdict::More
        } else {
            manners.ended_short(None);
            Verdict::Whole
        }
    }

    /// A page with rows that is full, or the last there is.
    fn full(&self, shifted: bool, full: bool, overfull: bool, manners: &mut Manners) -> Verdict {
        if self.last_asked() {
            if full || manners.wants_behind_short() {
                return Verdict::Full;
            }
            manners.ended_short(None);
            return Verdict::Whole;
        }
        if shifted || overfull {
            Verdict::Overflows
        } else {
            Verdict::More
        }
    }

    /// A page without rows ends the window, unless more is promised and was not found to be an empty promise.
    fn empty(&mut self, number: u32, told: Option<u64>, manners: &mut Manners) -> Verdict {
        self.empty_in_a_row += 1;
        if number > 0 && self.are_hollow() {
            return Verdict::Whole;
        }
        let more = told.is_some_and(|total| total > self.received);
        let patience = manners.totals || self.empty_in_a_row < MOST_EMPTY;
        // Pages of any length are followed by others here, or no first page ever held a row: it may count from 1.
        let behind_first = manners.reads_to_the_end() || manners.wants_behind_first();
        let nothing_yet = number == 0 && (behind_first || self.hollow);
        if (more && patience && manners.wants_behind_empty() || nothing_yet) && !self.last_asked() {
            self.behind = Some(Sign::Empty);
            return Verdict::More;
        }
        if number == 0 {
            manners.believed_first();
        } else if self.received == 0 {
            manners.ended_first(false);
        }
        if more {
            let tried = self.empty_in_a_row > 1;
            manners.ended_empty(tried.then_some(false));
        }
        self.total_refuted = self.totals.most > u64::from(manners.window_rows());
        Verdict::Whole
    }

    /// Takes note of what the whole window has shown `numResults` to be. True if fewer rows came than it promised, from
    /// an API that was seen to use it as the total; or none at all, from one that was not seen to promise for nothing.
    pub(super) fn falls_short(&self, manners: &mut Manners) -> bool {
        let Some(least) = self.totals.least else {
            return false;
        };
        if !self.repeats {
            if self.received > self.totals.most {
                // More rows than it ever said: it is the size of a page, or nothing.
                manners.totals = false;
            }
            let of_several = |(total, beside)| total > beside && total == self.received;
            manners.totals |= self.totals.first.is_some_and(of_several);
        }
        let nothing_at_all = self.received == 0 && manners.wants_behind_empty();
        if (self.refused || self.hollow) && self.received < self.totals.most {
            return true;
        }
        self.received < least && (manners.totals || nothing_at_all)
    }

    /// The next page is refused, twice. Verdict on what came before it.
    pub(super) fn refused(&mut self, manners: &mut Manners) -> Verdict {
        self.refused = true;
        match self.behind.take() {
            Some(Sign::Short) => manners.ended_short(Some(false)),
            Some(Sign::Empty) => manners.ended_empty(Some(false)),
            // Behind a full page: the end only where the total says so.
            None if !manners.totals || self.promises_more() => return Verdict::Full,
            None => {}
        }
        Verdict::Whole
    }

    /// Whether the page that is asked for lies behind one that looked like the last, and nothing tells of more.
    pub(super) fn is_behind_the_end(&self, manners: &Manners) -> bool {
        self.behind.is_some() && !self.promises_more() && !manners.reads_to_the_end()
    }

    /// Whether these rows are all there are, by a `numResults` that is known to be a total.
    pub(super) fn is_all(&mut self, manners: &mut Manners) -> bool {
        let short = self.falls_short(manners) || self.hides_rows(manners);
        let all = manners.totals && !short && self.totals.least == Some(self.received);
        if all && self.behind.take() == Some(Sign::Short) {
            manners.ended_short(Some(false));
        }
        all
    }

    /// Whether rows came twice in the place of others: at least as many came as `numResults` tells of, and not as many
    /// different ones. So it is where each request puts the rows in an order of its own, and where pages overlap and
    /// lose rows. (Rows that only moved, while the window fills, are more than it told at first.) A `numResults` that
    /// is no number of rows may look the same, so pages that overlap are suspected only where they are half full.
    pub(super) fn hides_rows(&self, manners: &Manners) -> bool {
        let (Some(least), Some((_, beside))) = (self.totals.least, self.totals.first) else {
            return false;
        };
        let enough = self.received <= self.totals.most
            || beside.saturating_mul(2) >= u64::from(manners.page_rows());
        let different = self.received - self.again;
        enough && different < least && least <= self.received
    }

    /// Whether rows may be missing between the pages. One of them is as long as any ever was, and either fewer rows came
    /// than `numResults` tells of, which is no more than all pages hold; or nothing tells of all, and short pages are
    /// followed by others here.
    pub(super) fn may_have_gaps(&self, manners: &Manners) -> bool {
        let cut = self.most_rows >= TELLING.max(manners.most_rows() as usize);
        let told = match self.totals.least {
            Some(told) if told > self.received => told <= u64::from(PAGE_ROWS * WINDOW_PAGES),
            Some(told) if told == self.received && manners.totals => false,
            _ => manners.reads_to_the_end() && manners.most_rows() < PAGE_ROWS,
        };
        told && cut && !self.repeats && !self.hollow
    }

    /// Whether nothing came of what the first page told of.
    pub(super) fn are_hollow(&self) -> bool {
        self.hollow && self.received == 0
    }

    /// Whether more rows came than one page holds, so that their order could have hidden some.
    pub(super) fn are_several(&self, manners: &Manners) -> bool {
        self.received > u64::from(manners.page_rows())
    }

    fn promises_more(&self) -> bool {
        self.totals.most > self.received
    }

    /// Pages asked for so far: the number of the next one.
    pub(super) fn asked(&self) -> u32 {
        self.asked
    }

    /// Whether no page is left to ask for.
    pub(super) fn last_asked(&self) -> bool {
        self.asked >= WINDOW_PAGES
    }

    /// Whether `numResults` promised more than a window yields and the window ended with less.
    pub(super) fn total_refuted(&self) -> bool {
        self.total_refuted
    }

    /// Different records so far.
    pub(super) fn records(&self) -> u32 {
        u32::try_from(self.seen.len()).unwrap_or(u32::MAX)
    }

    /// The rows of the page that came last.
    pub(super) fn rows(&self) -> &[Arrival<'b>] {
        &self.rows
    }

    pub(super) fn into_rows(self) -> Rows<'b> {
        Rows(self.rows)
    }

    /// Only a full page proves it: a page that moved by a new row repeats another part of its predecessor. One of a few
    /// rows may do so by chance.
    fn shifted_by_one(&self, page: &[u64], manners: &Manners) -> bool {
        let full = self.before.len() >= TELLING.max(manners.page_rows() as usize);
        let rest = self.before.split_first().map(|(_, rest)| rest);
        rest.is_some_and(|rest| full && page.starts_with(rest))
    }
}

/// Whether nothing tells such a row from another of the same bytes.
fn is_nameless(arrival: &Arrival) -> bool {
    !arrival.is_known() && arrival.ids().is_none()
}

/// What the rows of a page are told apart by, in their order.
pub fn identities(page: &Page, ledger: &Ledger) -> Vec<u64> {
    page.rows()
        .map(|row| identity(&Arrival::read(row, ledger)))
        .collect()
}

/// Tells rows of different records apart: by their ids, since a record may change from one page to the next; by their
/// bytes where there are none, and where these were counted before.
pub(super) fn identity(arrival: &Arrival) -> u64 {
    let half = |id: Option<Id>| id.map_or(0, |id| id.0 as u64);
    match arrival.ids() {
        None => arrival.digest(),
        // Turned, so that the two changed over are another.
        Some(ids) => half(ids.conversation).rotate_left(1) ^ half(ids.session),
    }
}
