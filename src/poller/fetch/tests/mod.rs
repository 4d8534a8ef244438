//! Fetching from a server of sessions that reads the vendor's page in one of many ways.

mod gaps;
mod halving;
mod hollow;
mod laws;
mod manners;
mod pages;
mod paging;
mod refused;
mod unreadable;

use super::super::coverage::Why;
use super::*;
use crate::ledger::{DEFAULT_TARGET, Key, Policy, Targets};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::future::ready;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// 2026-09-21T13:33:20Z.
const START: i64 = 1_790_000_000;
const DAY: i64 = 86_400;
const PAGE: usize = 100;

/// Each session is known by its second and its number.
#[derive(Clone, Default, Debug)]
struct Server {
    sessions: Vec<(i64, u32)>,
    by_rows: bool,
    total: Total,
    newest_first: bool,
    ignores_time: bool,
    ignores_offset: bool,
    paging: Paging,
    /// Each request puts the rows in an order of its own.
    shuffles: bool,
    /// What is answered where a page would be empty, the first one aside.
    beyond: Beyond,
    /// A page without rows has no `data`.
    no_data: bool,
    /// Rows beyond `limit` on every page.
    extra: usize,
    /// A session that begins after every page is new and goes first.
    fills: bool,
    /// The zone that times are shown in, in seconds.
    zone_s: i32,
    /// Rows that are too large for one body.
    too_large: Option<usize>,
    /// Seconds that no window may hold.
    unreadable: BTreeSet<i64>,
    /// Answers nobody.
    down: Cell<bool>,
    asked: Cell<u32>,
    /// Requests in which a failure was expected.
    once: Cell<u32>,
}

#[derive(Clone, Copy, Default, Debug, PartialEq)]
enum Total {
    #[default]
    Missing,
    OfWindow,
    OfPage,
    /// Of the window, and of what is filtered away.
    BeforeFilter,
    Hundred,
    Nonsense,
}

#[derive(Clone, Copy, Default, Debug, PartialEq)]
enum Beyond {
    #[default]
    Empty,
    Refused,
    Fails,
}

/// What becomes of rows between the vendor's stores and a page.
#[derive(Clone, Copy, Default, Debug, PartialEq)]
enum Paging {
    #[default]
    Plain,
    /// Pages of this many rows, whatever is asked for.
    Capped(usize),
    /// Of each page of what was asked for, this many rows are sent.
    Cut(usize),
    /// Every n-th row is dropped after the pages were cut.
    Filtered(usize),
    /// Sessions of odd numbers are on pages of their own, before all others.
    TwoStores,
    /// The first page has number 1; 0 is empty.
    FromOne,
}

impl Server {
    fn of(sessions: impl IntoIterator<Item = i64>) -> Server {
        let numbered = sessions.into_iter().zip(0..);
        Server {
            sessions: numbered.collect(),
            ..Server::default()
        }
    }

    fn page(&self, window: Window, page: u32, effort: Effort) -> Result<Page, Denial<Failed>> {
        self.asked.set(self.asked.get() + 1);
        self.once
            .set(self.once.get() + u32::from(effort == Effort::Once));
        if self.down.get() {
            return Err(Denial::OfWindow(Failed));
        }
        if self
            .unreadable
            .range(window.from_s..=window.to_s)
            .next()
            .is_some()
        {
            return Err(Denial::OfWindow(Failed));
        }
        let mut rows = self.inside(window);
        if self.fills {
            rows.extend((0..page).map(|number| (window.to_s, 1_000_000 + number)));
        }
        rows.sort_unstable();
        if self.newest_first || self.fills {
            rows.reverse();
        }
        if self.shuffles {
            let order = |row: &(i64, u32)| {
                xxhash_rust::xxh3::xxh3_64(format!("{row:?}{}", self.asked.get()).as_bytes())
            };
            rows.sort_by_cached_key(order);
        }
        let all = rows.len();
        let rows = self.cut(&rows, page as usize);
        match self.beyond {
            Beyond::Refused if page > 0 && rows.is_empty() => return Err(Denial::Refused(Failed)),
            Beyond::Fails if page > 0 && rows.is_empty() => return Err(Denial::OfWindow(Failed)),
            _ => {}
        }
        if self.too_large.is_some_and(|most| rows.len() > most) {
            return Err(Denial::TooLarge);
        }
        let total = match self.total {
            Total::Missing => None,
            Total::OfWindow => Some(all),
            Total::OfPage => Some(rows.len()),
            Total::BeforeFilter => Some(self.before_filter(window)),
            Total::Hundred => Some(100),
            Total::Nonsense => Some(50_000),
        };
        let rows: Vec<serde_json::Value> = rows.iter().map(|&row| self.row(row)).collect();
        let mut body = serde_json::json!({ "numResults": total, "data": rows });
        if self.no_data && rows.is_empty() {
            body["data"].take();
        }
        Ok(Page::parse(body.to_string()).unwrap())
    }

    fn row(&self, (at_s, number): (i64, u32)) -> serde_json::Value {
        let shown = crate::api::format_utc(at_s + i64::from(self.zone_s));
        serde_json::json!({
            "sessionId": format!("{at_s:08x}{number:016x}"),
            "sessionStartTime": shown.replace(' ', "T"),
            // Changes from page to page, as a live record may.
            "finalStatus": format!("CLOSED {}", self.asked.get()),
        })
    }

    /// Everything in the window, or what failed.
    fn try_fetch(&self, start: Start, splits: &mut Splits) -> Result<Vec<Had>, Failed> {
        let mut parts = Vec::new();
        self.fetch_into(&mut parts, start, splits)?;
        Ok(parts)
    }

    fn fetch_into(
        &self,
        parts: &mut Vec<Had>,
        start: Start,
        splits: &mut Splits,
    ) -> Result<(), Failed> {
        run(
            parts,
            &mut Fetch::new(start, splits),
            |window, page, effort| self.page(window, page, effort),
        )
    }

    fn fetch(&self, window: Window, splits: &mut Splits) -> Vec<Had> {
        self.try_fetch(start(window), splits).unwrap()
    }

    fn parts(&self, window: Window) -> Vec<Had> {
        self.fetch(window, &mut Splits::default())
    }

    fn ids_inside(&self, window: Window) -> BTreeSet<String> {
        let id = |(at, number): (i64, u32)| format!("{at:08x}{number:016x}");
        self.inside(window).into_iter().map(id).collect()
    }
}

/// Fetches until nothing is left, or what is asked fails.
fn run(
    parts: &mut Vec<Had>,
    fetch: &mut Fetch<'_>,
    ask: impl Fn(Window, u32, Effort) -> Result<Page, Denial<Failed>>,
) -> Result<(), Failed> {
    let ledger = ledger();
    let ask = |window, page, effort| ready(ask(window, page, effort));
    loop {
        let texts = Texts::default();
        let now_ms = || (START + DAY) * 1_000;
        match at_once(fetch.step(&texts, &ledger, ask, now_ms))? {
            Step::Part(part) => parts.push(Had::from(&part)),
            Step::Onward => {}
            Step::Done => return Ok(()),
        }
    }
}

/// A part, told.
#[derive(Debug)]
struct Had {
    window: Window,
    until_s: i64,
    read_at_s: i64,
    shortfall: Option<Shortfall>,
    ids: Vec<String>,
    records: u32,
    manners: Manners,
}

impl From<&Box<Fetched<'_>>> for Had {
    fn from(part: &Box<Fetched<'_>>) -> Had {
        let id = |row: &super::super::ingest::Arrival| {
            row.read_anyway()
                .unwrap()
                .session_id
                .value()
                .unwrap()
                .to_string()
        };
        Had {
            window: part.window,
            until_s: part.until_s,
            read_at_s: part.read_at_s,
            shortfall: part.shortfall,
            ids: part.rows.0.iter().map(id).collect(),
            records: part.records,
            manners: part.manners.clone(),
        }
    }
}

#[derive(Debug, PartialEq)]
struct Failed;

impl From<CallError> for Failed {
    fn from(_: CallError) -> Failed {
        Failed
    }
}

fn ledger() -> Ledger {
    let policy = Policy {
        targets: Targets::new(DEFAULT_TARGET, [], []),
        max_series_per_metric: 10,
        per_agent: false,
    };
    Ledger::new(Key([1; 16]), policy)
}

fn window(seconds: i64) -> Window {
    Window {
        from_s: START,
        to_s: START + seconds,
        why: Why::NeverRead,
    }
}

/// Of an account whose short pages were proven to be the last.
fn proven() -> Manners {
    let mut manners = Manners::default();
    for _ in 0..8 {
        manners.ended_short(Some(false));
    }
    manners
}

fn start(window: Window) -> Start {
    Start {
        window,
        manners: proven(),
        control: None,
        unreadable: false,
        ends_unreadable: false,
    }
}

/// Runs a future that never waits.
fn at_once<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => panic!("an answer in memory is there at once"),
    }
}

fn ids(parts: &[Had]) -> BTreeSet<String> {
    parts.iter().flat_map(|part| part.ids.clone()).collect()
}

fn whole(parts: &[Had]) -> bool {
    parts.iter().all(|part| part.shortfall.is_none())
}

fn spread(records: i64, seconds: i64) -> Server {
    Server::of((0..records).map(|number| START + number * seconds / records))
}

#[test]
fn coverage_ends_in_the_second_in_which_the_first_page_was_asked_for() {
    let server = spread(250, 900);
    let now_ms = Cell::new((START + 600) * 1_000 + 999);
    let ask = |window, page, effort| {
        now_ms.set(now_ms.get() + 5_000);
        ready(server.page(window, page, effort))
    };
    let mut splits = Splits::default();
    let (texts, ledger) = (Texts::default(), ledger());
    let mut fetch = Fetch::new(start(window(900)), &mut splits);
    let Step::Part(part) = at_once(fetch.step(&texts, &ledger, ask, || now_ms.get())).unwrap()
    else {
        panic!("no part")
    };
    let part = Had::from(&part);
    assert_eq!((part.read_at_s, part.until_s), (START + 600, START + 600));
}

/// Compiles only if a poller may run as a task of its own.
#[test]
fn fetching_can_be_spawned() {
    fn sendable(_: impl Future + Send) {}
    struct Client;
    impl Client {
        #[allow(clippy::unused_async, reason = "as the real one is")]
        async fn call(&self, _: Window, _: u32, _: Effort) -> Result<Page, Denial<Failed>> {
            Err(Denial::TooLarge)
        }
    }
    let client = std::sync::Arc::new(Client);
    sendable(async move {
        let (client, ledger) = (&client, &ledger());
        let mut splits = Splits::default();
        let mut fetch = Fetch::new(start(window(9)), &mut splits);
        let ask = |window, page, effort| client.call(window, page, effort);
        let texts = Texts::default();
        while let Ok(Step::Onward) = fetch.step(&texts, ledger, ask, || START).await {}
    });
}
