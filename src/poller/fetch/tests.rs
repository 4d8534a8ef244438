use super::super::coverage::Why;
use super::*;
use proptest::prelude::*;
use std::cell::Cell;
use std::collections::BTreeSet;
use std::future::ready;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// 2026-09-21T13:33:20Z.
const START: i64 = 1_790_000_000;

/// A server of sessions, each known by its second and its number, that reads the vendor's page in one of many ways.
#[derive(Clone, Default, Debug)]
struct Server {
    sessions: Vec<(i64, u32)>,
    by_rows: bool,
    total: Total,
    newest_first: bool,
    ignores_time: bool,
    ignores_offset: bool,
    /// Rows beyond `limit` on every page.
    extra: usize,
    /// A session that begins after every page is new and goes first.
    fills: bool,
    /// The zone that times are shown in, in seconds.
    zone_s: i32,
    /// Rows that are too large for one body.
    too_large: Option<usize>,
    asked: Cell<u32>,
}

#[derive(Clone, Copy, Default, Debug, PartialEq)]
enum Total {
    #[default]
    Missing,
    OfWindow,
    OfPage,
    Nonsense,
}

impl Server {
    fn of(sessions: impl IntoIterator<Item = i64>) -> Server {
        let sessions = sessions
            .into_iter()
            .enumerate()
            .map(|(number, at)| (at, number as u32))
            .collect();
        Server {
            sessions,
            ..Server::default()
        }
    }

    fn page(&self, window: Window, page: u32) -> Answer {
        self.asked.set(self.asked.get() + 1);
        let inside = |at: i64| self.ignores_time || (window.from_s..=window.to_s).contains(&at);
        let mut rows: Vec<(i64, u32)> = self
            .sessions
            .iter()
            .copied()
            .filter(|&(at, _)| inside(at))
            .collect();
        if self.fills {
            rows.extend((0..page).map(|number| (window.to_s, 1_000_000 + number)));
        }
        rows.sort_unstable();
        if self.newest_first || self.fills {
            rows.reverse();
        }
        let total = rows.len();
        let limit = PAGE + self.extra;
        let skip = if self.ignores_offset {
            0
        } else {
            page as usize * if self.by_rows { 1 } else { limit }
        };
        let rows: Vec<(i64, u32)> = rows.into_iter().skip(skip).take(limit).collect();
        if self.too_large.is_some_and(|most| rows.len() > most) {
            return Answer::TooLarge;
        }
        let total = match self.total {
            Total::Missing => None,
            Total::OfWindow => Some(total),
            Total::OfPage => Some(rows.len()),
            Total::Nonsense => Some(50_000),
        };
        let rows: Vec<serde_json::Value> = rows.iter().map(|&row| self.row(row)).collect();
        Answer::Body(serde_json::json!({ "numResults": total, "data": rows }).to_string())
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

    /// Everything in the window, or a bound.
    fn fetch(&self, window: Window, splits: &mut Splits) -> Vec<Fetched> {
        let mut fetch = Fetch::new(window, splits);
        let ask = |window, page| ready(Ok::<_, PageError>(self.page(window, page)));
        let mut parts = Vec::new();
        while let Some(part) = at_once(fetch.next(ask, || (START + DAY) * 1_000)).unwrap() {
            parts.push(part);
        }
        parts
    }

    fn parts(&self, window: Window) -> Vec<Fetched> {
        self.fetch(window, &mut Splits::default())
    }
}

const PAGE: usize = 100;
const DAY: i64 = 86_400;

fn window(seconds: i64) -> Window {
    Window {
        from_s: START,
        to_s: START + seconds,
        why: Why::NeverRead,
        expected: 0,
    }
}

/// Runs a future that never waits.
fn at_once<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => panic!("an answer in memory is there at once"),
    }
}

fn ids(parts: &[Fetched]) -> BTreeSet<String> {
    let rows = parts.iter().flat_map(Fetched::rows);
    rows.map(|row| {
        serde_json::from_str::<serde_json::Value>(row.get()).unwrap()["sessionId"].to_string()
    })
    .collect()
}

fn spread(records: i64, seconds: i64) -> Server {
    Server::of((0..records).map(|number| START + number * seconds / records))
}

#[test]
fn a_window_costs_one_request_more_than_its_full_pages_at_most() {
    for (records, requests) in [
        (0, 1),
        (1, 1),
        (99, 1),
        (100, 2),
        (101, 2),
        (250, 3),
        (1_000, 11),
        (1_099, 11),
    ] {
        for total in [Total::Missing, Total::OfWindow, Total::OfPage] {
            let server = Server {
                total,
                ..spread(records, 900)
            };
            let parts = server.parts(window(900));
            assert_eq!(
                (parts.len(), server.asked.get()),
                (1, requests),
                "{records} records, {total:?}"
            );
            assert_eq!(i64::from(parts[0].records()), records);
            assert!(!parts[0].truncated);
        }
    }
}

#[test]
fn coverage_ends_in_the_second_in_which_the_first_page_was_asked_for() {
    let server = spread(250, 900);
    let now_ms = Cell::new((START + 600) * 1_000 + 999);
    let ask = |window, page| {
        now_ms.set(now_ms.get() + 5_000);
        ready(Ok::<_, PageError>(server.page(window, page)))
    };
    let mut splits = Splits::default();
    let part = at_once(Fetch::new(window(900), &mut splits).next(ask, || now_ms.get()))
        .unwrap()
        .unwrap();
    assert_eq!((part.read_at_s, part.until_s), (START + 600, START + 600));
}

#[test]
fn a_total_above_what_a_window_yields_halves_it_at_once() {
    let server = Server {
        total: Total::OfWindow,
        ..spread(1_101, 900)
    };
    let mut splits = Splits::default();
    let parts = server.fetch(window(900), &mut splits);
    assert_eq!((parts.len(), splits.made), (2, 1));
    assert_eq!(server.asked.get(), 1 + 6 + 6);
    assert_eq!(
        parts[0].window.from_s, parts[1].window.to_s,
        "halves share their boundary second, newest first"
    );
    assert_eq!(ids(&parts).len(), 1_101);
}

#[test]
fn a_window_still_full_at_the_last_page_is_halved() {
    let server = spread(1_100, 900);
    let parts = server.parts(window(900));
    assert_eq!(parts.len(), 2);
    assert_eq!(ids(&parts).len(), 1_100);
}

#[test]
fn a_server_that_ignores_the_offset_is_asked_for_shorter_windows() {
    let server = Server {
        ignores_offset: true,
        ..spread(700, 900)
    };
    let parts = server.parts(window(900));
    assert!(parts.iter().all(|part| !part.truncated));
    assert_eq!(ids(&parts).len(), 700);
}

#[test]
fn a_page_shifted_by_one_row_tells_that_offset_counts_rows() {
    let server = Server {
        by_rows: true,
        ..spread(300, 900)
    };
    let parts = server.parts(window(900));
    assert!(
        parts
            .iter()
            .all(|part| part.offset_in_rows && !part.truncated)
    );
    assert_eq!(ids(&parts).len(), 300);
    let exactly_full = Server {
        by_rows: true,
        ..spread(100, 900)
    };
    let parts = exactly_full.parts(window(900));
    assert_eq!((parts.len(), exactly_full.asked.get()), (1, 2));
    assert!(parts[0].offset_in_rows);
}

#[test]
fn pages_that_move_while_the_window_fills_are_no_offset_in_rows() {
    let server = Server {
        fills: true,
        newest_first: true,
        ..spread(300, 900)
    };
    let parts = server.parts(window(900));
    assert!(
        parts
            .iter()
            .all(|part| !part.offset_in_rows && !part.truncated)
    );
    assert!(ids(&parts).len() >= 300);
}

#[test]
fn a_short_page_with_more_promised_asks_for_one_more() {
    let server = Server {
        total: Total::Nonsense,
        ..spread(40, 900)
    };
    let parts = server.parts(window(900));
    assert_eq!((parts.len(), server.asked.get()), (1, 2));
    assert!(!parts[0].truncated);
}

#[test]
fn a_total_that_is_always_great_is_soon_disbelieved() {
    let server = Server {
        total: Total::Nonsense,
        ..spread(900, 900)
    };
    let mut splits = Splits::default();
    let parts = server.fetch(window(900), &mut splits);
    assert!(parts.iter().all(|part| !part.truncated));
    assert_eq!(ids(&parts).len(), 900);
    assert!(splits.made <= 4, "{} splits", splits.made);
}

#[test]
fn pages_of_more_rows_than_asked_for_are_taken() {
    let server = Server {
        extra: 7,
        ..spread(650, 900)
    };
    let parts = server.parts(window(900));
    assert_eq!((parts.len(), server.asked.get()), (1, 7));
    assert_eq!(parts[0].records(), 650);
}

#[test]
fn halving_stops_where_the_server_ignores_the_time_of_day() {
    for zone_s in [0, 19_800, -18_000] {
        let server = Server {
            ignores_time: true,
            zone_s,
            total: Total::OfWindow,
            ..spread(2_000, DAY)
        };
        let mut splits = Splits::default();
        let parts = server.fetch(
            Window {
                from_s: START + 3_600,
                to_s: START + 4_500,
                ..window(0)
            },
            &mut splits,
        );
        assert_eq!((splits.made, parts.len()), (1, 2));
        assert!(
            parts
                .iter()
                .all(|part| part.truncated && part.rows().len() == 1_100)
        );
    }
}

#[test]
fn a_server_that_shows_another_zone_is_halved_like_any_other() {
    for zone_s in [19_800, -18_000] {
        let server = Server {
            zone_s,
            ..spread(3_000, 900)
        };
        let parts = server.parts(window(900));
        assert!(parts.iter().all(|part| !part.truncated));
        assert_eq!(ids(&parts).len(), 3_000);
    }
}

#[test]
fn a_second_too_full_to_be_halved_is_truncated_and_its_rows_are_used() {
    let mut server = spread(50, 900);
    server
        .sessions
        .extend((0..1_500).map(|number| (START + 300, 10_000 + number)));
    let parts = server.parts(window(900));
    let truncated: Vec<&Fetched> = parts.iter().filter(|part| part.truncated).collect();
    assert!(!truncated.is_empty());
    for part in truncated {
        assert!(part.window.to_s - part.window.from_s == 1 && part.records() == 1_100);
    }
    assert!(ids(&parts).len() >= 1_100 + 49);
}

#[test]
fn no_poll_splits_more_than_sixty_four_times() {
    let server = spread(100_000, 900);
    let mut splits = Splits::default();
    let parts = server.fetch(window(900), &mut splits);
    assert_eq!((splits.made, parts.len()), (64, 65));
    assert!(parts.iter().any(|part| part.truncated));
    assert_eq!(
        parts
            .iter()
            .map(|part| part.window.to_s - part.window.from_s)
            .sum::<i64>(),
        900
    );
    let again = server.fetch(window(900), &mut splits);
    assert_eq!((splits.made, again.len()), (64, 1));
}

#[test]
fn a_body_too_large_is_asked_for_in_shorter_windows() {
    let server = Server {
        too_large: Some(30),
        ..spread(200, 900)
    };
    let parts = server.parts(window(900));
    assert!(parts.iter().all(|part| !part.truncated));
    assert_eq!(ids(&parts).len(), 200);
}

#[test]
fn an_answer_that_fails_gives_up_the_rest_and_keeps_what_was_handed_over() {
    let server = Server {
        total: Total::OfWindow,
        ..spread(2_000, 900)
    };
    let left = Cell::new(12);
    let ask = |window, page| {
        left.set(left.get() - 1);
        ready(if left.get() < 0 {
            Err(PageError::NoData)
        } else {
            Ok(server.page(window, page))
        })
    };
    let mut splits = Splits::default();
    let mut fetch = Fetch::new(window(900), &mut splits);
    let first = at_once(fetch.next(ask, || (START + DAY) * 1_000))
        .unwrap()
        .unwrap();
    assert_eq!(
        (first.window.from_s, first.window.to_s),
        (START + 450, START + 900)
    );
    assert!(at_once(fetch.next(ask, || (START + DAY) * 1_000)).is_err());
}

/// Compiles only if a poller may run as a task of its own.
#[test]
fn fetching_can_be_spawned() {
    fn sendable(_: impl Future + Send) {}
    struct Client;
    impl Client {
        async fn call(&self, _: Window, _: u32) -> Result<Answer, PageError> {
            Ok(Answer::TooLarge)
        }
    }
    let client = Arc::new(Client);
    sendable(async move {
        let client = &client;
        let mut splits = Splits::default();
        let mut fetch = Fetch::new(window(9), &mut splits);
        let ask = |window, page| client.call(window, page);
        while let Ok(Some(_)) = fetch.next(ask, || START).await {}
    });
}

fn servers() -> impl Strategy<Value = Server> {
    let total = prop_oneof![
        Just(Total::Missing),
        Just(Total::OfWindow),
        Just(Total::OfPage),
        Just(Total::Nonsense)
    ];
    let sessions = prop::collection::vec(0i64..900, 0..1_500);
    (sessions, any::<[bool; 3]>(), total, 0usize..20, -56i32..=56).prop_map(
        |(sessions, [by_rows, newest_first, ignores_offset], total, extra, quarters)| Server {
            by_rows,
            newest_first,
            ignores_offset,
            total,
            extra,
            zone_s: quarters * 900,
            ..Server::of(sessions.into_iter().map(|at| START + at))
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// However the server reads the vendor's page: all is had, or the part that is not says so.
    #[test]
    fn nothing_is_silently_cut_off(server in servers()) {
        let parts = server.parts(window(900));
        let had = ids(&parts);
        for &(at, number) in &server.sessions {
            let id = format!("\"{at:08x}{number:016x}\"");
            let told = |part: &Fetched| part.truncated && (part.window.from_s..=part.window.to_s).contains(&at);
            prop_assert!(had.contains(&id) || parts.iter().any(told), "{at} is missing");
        }
        let mut covered: Vec<_> = parts.iter().map(|part| (part.window.from_s, part.window.to_s)).collect();
        covered.sort_unstable();
        prop_assert!(covered.windows(2).all(|pair| pair[0].1 == pair[1].0));
        prop_assert_eq!((covered[0].0, covered[covered.len() - 1].1), (START, START + 900));
    }
}
