//! Windows that can't be read.

use super::super::super::coverage::{Aside, Coverage, Rule};
use super::*;
use proptest::prelude::*;

const RULE: Rule = Rule {
    interval_s: 30,
    revisit: 0.25,
    max_lookback_s: 7 * DAY,
    window_rows: 1_100,
};

/// A window that could be read: the day after, in which nothing is unreadable.
#[allow(clippy::unnecessary_wraps, reason = "one of what may be a window")]
fn control() -> Option<Window> {
    Some(Window {
        from_s: START + DAY,
        to_s: START + DAY + 1,
        why: Why::NeverRead,
    })
}

fn alone(window: Window) -> Start {
    Start {
        control: control(),
        ..start(window)
    }
}

#[test]
fn a_window_that_fails_with_the_server_is_given_up_whole() {
    let server = spread(50, 900);
    server.down.set(true);
    for start in [start(window(900)), alone(window(900))] {
        let expected = 1 + u32::from(start.control.is_some());
        server.asked.set(0);
        let mut splits = Splits::default();
        assert_eq!(server.try_fetch(start, &mut splits).unwrap_err(), Failed);
        assert_eq!((splits.made, server.asked.get()), (0, expected));
    }
}

#[test]
fn a_window_that_fails_alone_shrinks_to_the_second_that_fails() {
    let server = Server {
        unreadable: [START + 300].into(),
        ..spread(900, 900)
    };
    let mut splits = Splits::default();
    let parts = server.try_fetch(alone(window(900)), &mut splits).unwrap();
    let bad: Vec<_> = parts
        .iter()
        .filter(|part| part.shortfall == Some(Shortfall::Unreadable))
        .map(|part| (part.window.from_s - START, part.until_s - START))
        .collect();
    assert_eq!(bad, [(300, 301)]);
    assert_eq!(ids(&parts).len(), 899);
    assert!(server.asked.get() < 60, "{} requests", server.asked.get());
    assert!(
        server.once.get() > 15,
        "halves of what failed are tried once"
    );
}

#[test]
fn seconds_are_given_up_only_while_the_server_answers() {
    let server = Server {
        unreadable: (START..=START + 900).collect(),
        ..spread(900, 900)
    };
    let mut splits = Splits::default();
    let mut parts = Vec::new();
    let failed = server.fetch_into(&mut parts, alone(window(900)), &mut splits);
    assert_eq!(failed, Err(Failed), "halved enough for one poll");
    assert!(
        parts
            .iter()
            .all(|part| part.shortfall == Some(Shortfall::Unreadable))
    );

    // It goes down after the first failure was found to be the window's own.
    let server = spread(900, 900);
    let asked = Cell::new(0);
    let ask = |window: Window, page, effort| {
        asked.set(asked.get() + 1);
        server.down.set(asked.get() != 2);
        ready(server.page(window, page, effort))
    };
    let mut fetch = Fetch::new(alone(window(900)), &mut splits);
    let mut given_up = 0;
    let ledger = ledger();
    loop {
        let texts = Texts::default();
        match at_once(fetch.step(&texts, &ledger, ask, || START * 1_000)) {
            Ok(Step::Part(_)) => given_up += 1,
            Ok(Step::Onward) => {}
            Ok(Step::Done) => panic!("nothing was read"),
            Err(Failed) => break,
        }
    }
    assert_eq!(given_up, 0);
}

#[test]
fn what_was_unreadable_before_is_tried_whole_and_in_halves_and_no_further() {
    let server = Server {
        unreadable: (START + 100..START + 160).collect(),
        ..spread(900, 900)
    };
    let again = Start {
        unreadable: true,
        ..alone(Window {
            from_s: START + 100,
            to_s: START + 160,
            ..window(0)
        })
    };
    let parts = server.try_fetch(again, &mut Splits::default()).unwrap();
    assert_eq!((parts.len(), server.asked.get()), (2, 5));

    let mended = Server {
        unreadable: (START + 100..START + 120).collect(),
        ..server
    };
    mended.asked.set(0);
    let again = Start {
        unreadable: true,
        ..alone(Window {
            from_s: START + 100,
            to_s: START + 160,
            ..window(0)
        })
    };
    let parts = mended.try_fetch(again, &mut Splits::default()).unwrap();
    assert_eq!(ids(&parts).len(), 30, "the newer half is back");
}

/// One account that reads what is due, poll by poll, as the loop does.
struct Reader<'s> {
    server: &'s Server,
    coverage: Coverage,
    aside: Aside,
    had: BTreeSet<String>,
}

impl<'s> Reader<'s> {
    fn new(server: &'s Server, seconds: i64) -> Self {
        Reader {
            server,
            coverage: Coverage::new(START + seconds, seconds),
            aside: Aside::default(),
            had: BTreeSet::new(),
        }
    }

    fn plan(&mut self, now_s: i64) -> Option<Window> {
        let beside = self.coverage.plan_beside(&self.aside, now_s, &RULE, true);
        if beside.is_none() && self.aside.has_failed() {
            self.aside.clear_failed();
            return self.coverage.plan_beside(&self.aside, now_s, &RULE, true);
        }
        beside
    }

    /// Reads until nothing is due or a window fails.
    fn poll(&mut self, now_s: i64) {
        let mut splits = Splits::default();
        while let Some(window) = self.plan(now_s) {
            let start = Start {
                unreadable: self.aside.is_unreadable(window),
                ends_unreadable: self.aside.is_unreadable_at(window.to_s),
                ..alone(window)
            };
            let mut parts = Vec::new();
            let fetched = self.server.fetch_into(&mut parts, start, &mut splits);
            for part in &parts {
                let (from_s, to_s) = (part.window.from_s, part.window.to_s);
                self.coverage.read(part.window, to_s, now_s, part.records);
                match part.shortfall {
                    Some(Shortfall::Unreadable) => self.aside.unreadable(from_s, to_s),
                    _ => self.aside.readable(from_s, to_s),
                }
            }
            self.had.extend(ids(&parts));
            if fetched.is_err() {
                self.aside.put(window, true);
                return;
            }
        }
    }

    fn read_through(&mut self, seconds: i64) {
        let now_s = START + seconds;
        for _ in 0..200 {
            self.poll(now_s);
            if self.coverage.fully_read(START, now_s - RULE.interval_s) {
                return;
            }
        }
        panic!("the first reading never ends");
    }
}

#[test]
fn a_second_that_is_known_to_fail_costs_those_beside_it_nothing() {
    let server = Server {
        unreadable: [START + 3_000].into(),
        ..spread(2_000, 7_200)
    };
    let mut reader = Reader::new(&server, 7_200);
    reader.read_through(7_200);
    for hours in 1..12 {
        server.asked.set(0);
        reader.poll(START + 7_200 + hours * 3_600);
        // Two windows of some pages, the second by itself, and whether the server answers.
        assert!(
            server.asked.get() <= 30,
            "{hours} h: {}",
            server.asked.get()
        );
    }
    let lost = server
        .sessions
        .iter()
        .filter(|(at, _)| *at == START + 3_000);
    assert_eq!(reader.had.len(), 2_000 - lost.count());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// A window with any set of unreadable seconds ends, and loses those seconds alone.
    #[test]
    fn any_unreadable_seconds_are_lost_alone(
        bad in prop::collection::btree_set(0i64..7_200, 0..40),
        minute in 0i64..7_000,
        length in 0i64..70,
    ) {
        let mut unreadable: BTreeSet<i64> = bad.into_iter().map(|at| START + at).collect();
        unreadable.extend((minute..minute + length).map(|at| START + at));
        let server = Server { unreadable, ..spread(7_200, 7_200) };
        let mut reader = Reader::new(&server, 7_200);
        reader.read_through(7_200);
        for (at, number) in &server.sessions {
            // The last interval is the live edge's.
            if *at > START + 7_200 - RULE.interval_s {
                continue;
            }
            let id = format!("{at:08x}{number:016x}");
            prop_assert_eq!(reader.had.contains(&id), !server.unreadable.contains(at), "{}", at - START);
        }
    }
}
