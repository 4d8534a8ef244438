//! One window, all of its pages, halved in time where it holds more than the API can hand out.
//!
//! The vendor leaves open what `offset` counts, what `numResults` means, in which order rows come and whether they move
//! while a window fills. So nothing is believed but the rows themselves: a page that brings nothing new, or the last
//! page still full, means that more was there than could be had, and the window is halved.
//!
//! Invariant: nothing is silently cut off. Each part is handed over whole, to be counted and committed by itself, or
//! says that it is truncated.
//!
//! Not here: how a page is asked for (an argument), budget, retries, and what rows mean.

mod pages;
#[cfg(test)]
mod tests;

use super::coverage::Window;
use crate::api::{Page, PageError, Record, Timestamp, measure_offset, own_offset, session_time_s};
use pages::{Pages, Verdict};
use serde_json::value::RawValue;

/// Halvings in one poll, at most: 64 of them reach from a week to 64 parts, or to a single second three times over.
const MOST_SPLITS: u32 = 64;

/// How far outside of its half a row must lie to prove anything: the times that a server may select on differ by this
/// much, seconds in the vendor's samples.
const SLACK_S: i64 = 120;

/// What was asked for, or why not.
pub enum Answer {
    /// The body of a page.
    Body(String),
    /// The body was larger than is accepted: a shorter window is to be asked for.
    TooLarge,
}

/// What one poll has learned of how far halving helps. Make one per poll.
#[derive(Debug, Default)]
pub struct Splits {
    /// Windows halved so far.
    pub made: u32,
    time_ignored: bool,
    totals_refuted: bool,
}

/// A window, or the part of one, with all the rows that could be had of it.
pub struct Fetched {
    pub window: Window,
    /// The window is covered up to here: UTC seconds.
    pub until_s: i64,
    /// When its first page was asked for, UTC seconds.
    pub read_at_s: i64,
    /// More was there than could be had, and no halving helps: what is in `rows` is not all.
    pub truncated: bool,
    /// The server was caught counting `offset` in rows.
    pub offset_in_rows: bool,
    records: u32,
    rows: Vec<Box<RawValue>>,
}

impl Fetched {
    /// All rows of all pages as they came, repeats included.
    pub fn rows(&self) -> Vec<&RawValue> {
        self.rows.iter().map(AsRef::as_ref).collect()
    }

    /// How many records the rows are, repeats left out.
    pub fn records(&self) -> u32 {
        self.records
    }
}

/// The fetching of one window, part by part.
pub struct Fetch<'s> {
    /// Still to be fetched, the next one last.
    parts: Vec<Part>,
    splits: &'s mut Splits,
    offset_in_rows: bool,
}

#[derive(Clone, Copy)]
struct Part {
    window: Window,
    half: bool,
}

impl<'s> Fetch<'s> {
    pub fn new(window: Window, splits: &'s mut Splits) -> Self {
        Fetch {
            parts: vec![Part {
                window,
                half: false,
            }],
            splits,
            offset_in_rows: false,
        }
    }

    /// Windows halved so far in this poll.
    pub fn splits(&self) -> u32 {
        self.splits.made
    }

    /// Fetches the next part, newest first; `None` when the whole window is fetched. `ask` asks for one page of a
    /// window; `now_ms` tells the time, UTC.
    ///
    /// # Errors
    /// What `ask` fails with, or a body that is no page. Parts handed over before stay valid; the rest is given up.
    pub async fn next<E, F>(
        &mut self,
        ask: impl Fn(Window, u32) -> F,
        now_ms: impl Fn() -> i64,
    ) -> Result<Option<Fetched>, E>
    where
        E: From<PageError>,
        // Not `AsyncFn`: whether its futures may move to another thread cannot be told yet.
        F: Future<Output = Result<Answer, E>>,
    {
        while let Some(part) = self.parts.pop() {
            let read_at_s = now_ms().div_euclid(1_000);
            let mut pages = Pages::default();
            let complete = loop {
                let verdict = match ask(part.window, pages.asked()).await? {
                    Answer::Body(body) => {
                        self.judge(part, &mut pages, &Page::parse(&body)?, read_at_s)
                    }
                    Answer::TooLarge => Verdict::Full,
                };
                let last = pages.last_asked();
                match verdict {
                    Verdict::Whole => break Some(true),
                    Verdict::Overflows | Verdict::Full if self.halve(part) => break None,
                    Verdict::More | Verdict::Overflows if !last => {}
                    Verdict::More | Verdict::Overflows | Verdict::Full => break Some(false),
                }
            };
            if let Some(whole) = complete {
                return Ok(Some(self.hand_over(part, pages, read_at_s, !whole)));
            }
        }
        Ok(None)
    }

    fn judge(&mut self, part: Part, pages: &mut Pages, page: &Page, now_s: i64) -> Verdict {
        let records: Vec<Option<Record>> = page.rows.iter().map(|row| Record::read(row)).collect();
        if part.half && pages.asked() == 0 && mostly_outside(part.window, &records, now_s) {
            // The halves of this window would all be the same rows.
            self.splits.time_ignored = true;
        }
        let verdict = pages.take(page, &records, !self.splits.totals_refuted);
        self.splits.totals_refuted |= pages.total_refuted();
        self.offset_in_rows |= pages.offset_in_rows();
        verdict
    }

    /// Puts both halves in the part's place, if halving can help.
    fn halve(&mut self, part: Part) -> bool {
        let Window {
            from_s,
            to_s,
            expected,
            ..
        } = part.window;
        if to_s - from_s < 2 || self.splits.time_ignored || self.splits.made >= MOST_SPLITS {
            return false;
        }
        self.splits.made += 1;
        let middle_s = from_s + (to_s - from_s) / 2;
        let half = |from_s, to_s| Part {
            window: Window {
                from_s,
                to_s,
                expected: expected / 2,
                ..part.window
            },
            half: true,
        };
        self.parts.push(half(from_s, middle_s));
        self.parts.push(half(middle_s, to_s));
        true
    }

    fn hand_over(&self, part: Part, pages: Pages, read_at_s: i64, truncated: bool) -> Fetched {
        let records = pages.records();
        Fetched {
            window: part.window,
            until_s: part.window.to_s.min(read_at_s),
            read_at_s,
            truncated,
            offset_in_rows: self.offset_in_rows,
            records,
            rows: pages.into_rows(),
        }
    }
}

/// Whether more rows than not began and ended outside of the window: then the server did not look at the time of day.
/// Most, since a single row may be wrong by itself.
fn mostly_outside(window: Window, records: &[Option<Record>], now_s: i64) -> bool {
    let account_s = measure_offset(records.iter().flatten(), now_s, None).unwrap_or(0);
    let (mut inside, mut outside) = (0_u32, 0_u32);
    for record in records.iter().flatten() {
        let offset_s = own_offset(record, now_s).unwrap_or(account_s);
        let time_s = |time: &Timestamp| time.utc_ms(offset_s).div_euclid(1_000);
        let id_s = record
            .session_id
            .value()
            .and_then(|id| session_time_s(id, now_s));
        let start_s = id_s.or_else(|| record.session_start_time.value().map(time_s));
        let end_s = record.session_end_time.value().map(time_s);
        let (Some(first_s), Some(last_s)) = (start_s.or(end_s), end_s.or(start_s)) else {
            continue;
        };
        if last_s < window.from_s - SLACK_S || first_s > window.to_s + SLACK_S {
            outside += 1;
        } else {
            inside += 1;
        }
    }
    outside > inside
}
