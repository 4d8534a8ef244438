//! The pages of one window so far, and whether another is worth asking for.

use crate::api::{Page, Record};
use serde_json::value::RawValue;
use std::collections::HashSet;
use xxhash_rust::xxh3::Xxh3;

/// Rows of a full page: the `limit` that is asked for.
const PAGE_ROWS: usize = 100;

/// The vendor's greatest `offset`.
const LAST_PAGE: u32 = 10;

/// What one window yields when `offset` counts pages.
const MOST_ROWS: u64 = (LAST_PAGE as u64 + 1) * PAGE_ROWS as u64;

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

#[derive(Default)]
pub(super) struct Pages {
    asked: u32,
    /// Rows counted raw, before refusals and repeats.
    received: u64,
    rows: Vec<Box<RawValue>>,
    seen: HashSet<u64>,
    /// The identities of the page before, in order.
    before: Vec<u64>,
    /// The greatest `numResults` so far.
    total: u64,
    total_refuted: bool,
    offset_in_rows: bool,
}

impl Pages {
    /// Takes in the next page; `records` are its rows as far as they can be read. `believe_total`: whether a great
    /// `numResults` alone may call the window too full.
    pub fn take(
        &mut self,
        page: &Page,
        records: &[Option<Record>],
        believe_total: bool,
    ) -> Verdict {
        let number = self.asked;
        self.asked += 1;
        self.received += page.rows.len() as u64;
        self.total = self.total.max(page.num_results.unwrap_or(0));
        if page.rows.is_empty() {
            self.total_refuted = self.total > MOST_ROWS;
            return Verdict::Whole;
        }
        let identities: Vec<u64> = page
            .rows
            .iter()
            .zip(records)
            .map(|(row, record)| identity(row, record.as_ref()))
            .collect();
        let shifted = self.shifted_by_one(&identities);
        self.offset_in_rows |= shifted;
        let known = self.seen.len();
        self.seen.extend(&identities);
        self.before = identities;
        self.rows
            .extend(page.rows.iter().map(|&row| row.to_owned()));

        let full = page.rows.len() >= PAGE_ROWS;
        let promised = page.num_results.is_some_and(|total| total > self.received);
        // A total that its own first page contradicts must be borne out by a second.
        let overfull = believe_total && self.total > MOST_ROWS && (full || number > 0);
        match () {
            () if shifted && !full => Verdict::Whole,
            () if self.seen.len() == known => Verdict::Full,
            () if !shifted && !full && !promised => Verdict::Whole,
            () if self.last_asked() => Verdict::Full,
            () if shifted || overfull => Verdict::Overflows,
            () => Verdict::More,
        }
    }

    /// Pages asked for so far: the number of the next one.
    pub fn asked(&self) -> u32 {
        self.asked
    }

    /// Whether no page is left to ask for.
    pub fn last_asked(&self) -> bool {
        self.asked > LAST_PAGE
    }

    /// Whether `numResults` promised more than a window yields and the window ended with less.
    pub fn total_refuted(&self) -> bool {
        self.total_refuted
    }

    /// Whether a page repeated its predecessor shifted by one row.
    pub fn offset_in_rows(&self) -> bool {
        self.offset_in_rows
    }

    /// Different records so far.
    pub fn records(&self) -> u32 {
        u32::try_from(self.seen.len()).unwrap_or(u32::MAX)
    }

    pub fn into_rows(self) -> Vec<Box<RawValue>> {
        self.rows
    }

    /// Only a full page proves it: a page that moved by a new row repeats another part of its predecessor.
    fn shifted_by_one(&self, page: &[u64]) -> bool {
        match self.before.split_first() {
            Some((_, rest)) => self.before.len() >= PAGE_ROWS && page.starts_with(rest),
            None => false,
        }
    }
}

/// Tells rows of different records apart: by their ids, since a record may change from one page to the next; by their
/// bytes where there are none.
fn identity(row: &RawValue, record: Option<&Record>) -> u64 {
    let ids = record.map(|record| (record.conversation_id.value(), record.session_id.value()));
    let mut hash = Xxh3::new();
    match ids {
        None | Some((None, None)) => hash.update(row.get().as_bytes()),
        Some((conversation, session)) => {
            for id in [conversation, session] {
                hash.update(id.map_or(&[][..], |id| id.as_bytes()));
                hash.update(&[0]);
            }
        }
    }
    hash.digest()
}
