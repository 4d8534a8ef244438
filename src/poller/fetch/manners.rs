//! What one account's API was found to do where the vendor's page leaves it open. Learned from its answers, stored with
//! the progress, and believed only as far as it was seen.

use crate::api::limits::{PAGE_ROWS, WINDOW_PAGES};
use crate::client::FirstPage;
use serde::{Deserialize, Serialize};

/// Windows in a row that must end where a page said so, before that sign is believed.
const PROVEN: u8 = 8;

/// A sign that is believed is tried again on one window of so many.
const TRIED_AGAIN: u8 = 16;

/// The same where trying takes dozens of requests, not one.
const SELDOM_TRIED_AGAIN: u8 = 240;

/// Such trials are begun so often at first: a poll may end before they do.
const MOST_TRIALS: u8 = 3 * PROVEN;

/// Whether nothing ever follows a page that looks like the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Proof {
    /// Windows in a row in which nothing followed; at [`PROVEN`] the sign is believed.
    windows: u8,
    /// Windows since it was last tried.
    since: u8,
    /// Something followed once: the sign is worth nothing, for good.
    refuted: bool,
}

impl Proof {
    /// Whether a window that shows the sign must be asked for one page more.
    fn is_wanted(self) -> bool {
        self.refuted || self.windows < PROVEN || self.since >= TRIED_AGAIN - 1
    }

    /// A window ended by the sign alone.
    fn was_believed(&mut self) {
        self.since = (self.since + 1).min(SELDOM_TRIED_AGAIN);
    }

    /// A window was asked for one page more.
    fn was_tried(&mut self, followed: bool) {
        self.since = 0;
        self.refuted |= followed;
        self.windows = if followed {
            0
        } else {
            (self.windows + 1).min(PROVEN)
        };
    }
}

/// How an account's API pages. See the [module](self).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Manners {
    /// `offset` counts rows: a page repeated its predecessor shifted by one.
    pub(super) offset_in_rows: bool,
    /// `numResults` was seen to be the total of a window of several pages.
    pub(super) totals: bool,
    /// Each request puts the rows in an order of its own: only what one page holds is sure to be all.
    pub(super) unsteady: bool,
    /// The most rows that a page ever held.
    most_rows: u32,
    /// Whether a page of fewer rows than a full one is the last.
    short: Proof,
    /// Whether an empty page is the last where `numResults` tells of more.
    empty: Proof,
    /// Whether an empty first page is the last, while no page ever held a row.
    first: Proof,
    /// Whether no rows are missing between pages that end below what `numResults` tells of.
    gaps: Proof,
    /// Windows in which that was begun to be tried before it was proven, ended or not.
    gap_trials: u8,
}

impl Manners {
    /// Of an account whose API was caught counting `offset` in rows, as the first version stored it.
    pub fn counting_offset_in_rows() -> Manners {
        Manners {
            offset_in_rows: true,
            ..Manners::default()
        }
    }

    /// A page was seen to repeat its predecessor shifted by one: `offset` counts rows.
    pub fn counts_offset_in_rows(&self) -> bool {
        self.offset_in_rows
    }

    /// `numResults` was seen to be the total of a window of several pages.
    pub fn tells_totals(&self) -> bool {
        self.totals
    }

    /// Each request was seen to put the rows in an order of its own.
    pub fn is_unsteady(&self) -> bool {
        self.unsteady
    }

    /// Rows that make a page full.
    pub fn page_rows(&self) -> u32 {
        if self.short.refuted || self.gaps.refuted {
            self.most_rows.max(1)
        } else {
            PAGE_ROWS
        }
    }

    /// The most rows that a page ever held.
    pub(super) fn most_rows(&self) -> u32 {
        self.most_rows
    }

    /// Rows that one window yields at most.
    pub fn window_rows(&self) -> u32 {
        if self.offset_in_rows || self.unsteady || self.gaps.refuted {
            // The second page brings one row more, the third another; or nobody knows which; or all but what the server
            // cut off the first: a window is to stay below one page.
            self.page_rows()
        } else {
            self.page_rows().saturating_mul(WINDOW_PAGES)
        }
    }

    /// Whether pages of any length may be followed by others, so that a window is read until nothing comes.
    pub fn reads_to_the_end(&self) -> bool {
        self.short.refuted
    }

    pub(super) fn wants_behind_short(&self) -> bool {
        self.short.is_wanted()
    }

    pub(super) fn wants_behind_empty(&self) -> bool {
        self.empty.is_wanted()
    }

    /// Whether a first page without rows is to be asked behind though it tells of none: on one window of 16 while no
    /// page ever held a row, and wherever that brought some.
    pub(super) fn wants_behind_first(&self) -> bool {
        self.first.refuted || self.most_rows == 0 && self.first.since >= TRIED_AGAIN - 1
    }

    /// Whether the first page is empty where the second holds rows.
    pub fn counts_pages_from_one(&self) -> bool {
        self.first.refuted
    }

    /// Whether a first page that tells of rows and has none may be one: where no page ever held a row, or the second does.
    pub fn first_page(&self) -> FirstPage {
        if self.most_rows == 0 || self.counts_pages_from_one() {
            FirstPage::MayBeEmpty
        } else {
            FirstPage::ShowsRows
        }
    }

    /// A page was asked for behind an empty first one, and held something or not.
    pub(super) fn ended_first(&mut self, followed: bool) {
        self.first.was_tried(followed);
    }

    /// An empty first page was believed.
    pub(super) fn believed_first(&mut self) {
        self.first.was_believed();
    }

    pub(super) fn saw_page(&mut self, rows: usize) {
        self.most_rows = self.most_rows.max(u32::try_from(rows).unwrap_or(u32::MAX));
    }

    /// A short page ended its window, or another page was asked for behind it and held something new (`Some(true)`), or
    /// nothing (`Some(false)`).
    pub(super) fn ended_short(&mut self, followed: Option<bool>) {
        note(&mut self.short, followed);
    }

    /// The same for an empty page beside a `numResults` that tells of more.
    pub(super) fn ended_empty(&mut self, followed: Option<bool>) {
        note(&mut self.empty, followed);
    }

    /// Rows are missing between pages: what one page does not hold can't be had by asking for the next.
    pub(super) fn leaves_gaps(&self) -> bool {
        self.gaps.refuted
    }

    pub(super) fn wants_gaps_tried(&self) -> bool {
        let open = self.gaps.windows < PROVEN && self.gap_trials < MOST_TRIALS;
        self.gaps.refuted || open || self.gaps.since >= SELDOM_TRIED_AGAIN - 1
    }

    pub(super) fn began_trial(&mut self) {
        self.gap_trials = self.gap_trials.saturating_add(1);
        self.gaps.since = 0;
    }

    /// A window ended below its `numResults`, and was believed, or read again in parts that held more than it
    /// (`Some(true)`) or not.
    pub(super) fn ended_with_gaps(&mut self, more: Option<bool>) {
        note(&mut self.gaps, more);
    }
}

fn note(proof: &mut Proof, followed: Option<bool>) {
    match followed {
        None => proof.was_believed(),
        Some(followed) => proof.was_tried(followed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_is_believed_after_eight_windows_and_tried_again_on_one_of_sixteen() {
        let mut manners = Manners::default();
        for _ in 0..8 {
            assert!(manners.wants_behind_short());
            manners.ended_short(Some(false));
        }
        for _ in 0..3 {
            for _ in 0..15 {
                assert!(!manners.wants_behind_short());
                manners.ended_short(None);
            }
            assert!(manners.wants_behind_short());
            manners.ended_short(Some(false));
        }
    }

    #[test]
    fn an_empty_page_beside_a_promise_is_believed_by_the_same_rule() {
        let mut manners = Manners::default();
        for _ in 0..8 {
            assert!(manners.wants_behind_empty());
            manners.ended_empty(Some(false));
        }
        for _ in 0..15 {
            assert!(!manners.wants_behind_empty());
            manners.ended_empty(None);
        }
        assert!(manners.wants_behind_empty());
    }

    #[test]
    fn pages_count_from_one_where_the_second_held_rows_behind_an_empty_first_one() {
        let mut manners = Manners::default();
        manners.ended_first(false);
        assert!(!manners.counts_pages_from_one());
        manners.ended_first(true);
        assert!(manners.counts_pages_from_one());
        manners.ended_first(false);
        assert!(manners.counts_pages_from_one(), "for good");
    }

    #[test]
    fn a_sign_that_was_wrong_once_is_believed_no_more() {
        let mut manners = Manners::default();
        manners.saw_page(50);
        assert_eq!((manners.page_rows(), manners.window_rows()), (100, 1_100));
        manners.ended_short(Some(true));
        for _ in 0..100 {
            assert!(manners.wants_behind_short());
            manners.ended_short(Some(false));
        }
        assert_eq!((manners.page_rows(), manners.window_rows()), (50, 550));
        manners.saw_page(60);
        assert_eq!(manners.window_rows(), 660);
    }

    #[test]
    fn windows_that_end_otherwise_in_between_begin_the_proof_anew() {
        let mut manners = Manners::default();
        for _ in 0..7 {
            manners.ended_empty(Some(false));
        }
        manners.ended_empty(Some(true));
        assert!(manners.wants_behind_empty());
        assert!(manners.wants_behind_short(), "each sign has its own proof");
    }

    #[test]
    fn what_was_learned_survives_a_restart() {
        let mut manners = Manners::counting_offset_in_rows();
        assert_eq!(manners.window_rows(), 100, "no more than one page");
        manners.saw_page(70);
        manners.ended_short(Some(true));
        let stored = serde_json::to_string(&manners).unwrap();
        assert_eq!(serde_json::from_str::<Manners>(&stored).unwrap(), manners);
        assert_eq!(
            serde_json::from_str::<Manners>("{}").unwrap(),
            Manners::default()
        );
    }
}
