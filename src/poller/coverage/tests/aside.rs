//! What is set aside, second by second.

use super::super::ground::{Piece, State};
use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Seconds of these tests: few, so that all of them meet.
const ALL: std::ops::Range<i64> = 0..40;

#[derive(Debug, Clone, Copy)]
enum Note {
    Failed { alone: bool },
    Answered,
    AnotherTry,
    Done,
    Unreadable,
    Readable,
}

/// The same, kept as sets of seconds.
#[derive(Default)]
struct Seconds {
    failed_alone: BTreeSet<i64>,
    failed_with_all: BTreeSet<i64>,
    unreadable: BTreeSet<i64>,
}

impl Seconds {
    fn note(&mut self, note: Note, from_s: i64, to_s: i64) {
        match note {
            Note::Failed { alone: true } => self.failed_alone.extend(from_s..to_s),
            Note::Failed { alone: false } => self.failed_with_all.extend(from_s..to_s),
            Note::Answered => self.failed_with_all.clear(),
            Note::AnotherTry => {
                self.failed_alone.clear();
                self.failed_with_all.clear();
            }
            Note::Done => {
                without_runs(&mut self.failed_alone, from_s, to_s);
                without_runs(&mut self.failed_with_all, from_s, to_s);
            }
            Note::Unreadable => self.unreadable.extend(from_s..to_s),
            Note::Readable => self
                .unreadable
                .retain(|at_s| !(from_s..to_s).contains(at_s)),
        }
    }

    fn has_failed_at(&self, at_s: i64) -> bool {
        self.failed_alone.contains(&at_s) || self.failed_with_all.contains(&at_s)
    }
}

/// Takes each unbroken run away of which any second lies between the two.
fn without_runs(seconds: &mut BTreeSet<i64>, from_s: i64, to_s: i64) {
    for at_s in from_s..to_s {
        if seconds.remove(&at_s) {
            let before = (0..at_s).rev().take_while(|it| seconds.contains(it));
            let behind = (at_s + 1..).take_while(|it| seconds.contains(it));
            let run: Vec<i64> = before.chain(behind).collect();
            seconds.retain(|it| !run.contains(it));
        }
    }
}

fn notes() -> impl Strategy<Value = Vec<(Note, i64, i64)>> {
    let note = prop_oneof![
        3 => any::<bool>().prop_map(|alone| Note::Failed { alone }),
        1 => Just(Note::Answered),
        1 => Just(Note::AnotherTry),
        2 => Just(Note::Done),
        3 => Just(Note::Unreadable),
        2 => Just(Note::Readable),
    ];
    let noted = (note, 0i64..32, 1i64..9).prop_map(|(note, at_s, len)| (note, at_s, at_s + len));
    prop::collection::vec(noted, 1..12)
}

/// Pieces one behind the other over all of the seconds, cut at these.
fn pieces(cuts: &BTreeSet<i64>) -> Vec<Piece> {
    let mut bounds: Vec<i64> = cuts.iter().copied().collect();
    bounds.insert(0, ALL.start);
    bounds.push(ALL.end);
    let piece = |pair: &[i64]| Piece {
        from_s: pair[0],
        to_s: pair[1],
        state: State::Due(pair[0] as f64),
        rate: 1.0 / pair[1] as f64,
        longest_s: 100 + pair[0],
        apart: false,
    };
    bounds.windows(2).map(piece).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn every_second_is_aside_and_apart_as_it_was_noted(
        notes in notes(),
        cuts in prop::collection::btree_set(1i64..40, 0..5),
    ) {
        let (mut aside, mut seconds) = (Aside::default(), Seconds::default());
        for (note, from_s, to_s) in notes {
            match note {
                Note::Failed { alone } => aside.put(window(from_s, to_s), alone),
                Note::Answered => aside.answered(),
                Note::AnotherTry => aside.clear_failed(),
                Note::Done => aside.done(window(from_s, to_s)),
                Note::Unreadable => aside.unreadable(from_s, to_s),
                Note::Readable => aside.readable(from_s, to_s),
            }
            seconds.note(note, from_s, to_s);
            prop_assert_eq!(aside.has_failed(), ALL.clone().any(|at_s| seconds.has_failed_at(at_s)));
            for from_s in ALL {
                prop_assert_eq!(aside.is_unreadable_at(from_s), seconds.unreadable.contains(&from_s));
                for to_s in from_s + 1..=ALL.end {
                    let within = seconds.unreadable.range(from_s..to_s).count() as i64;
                    prop_assert_eq!(aside.touches(from_s, to_s), within > 0);
                    let whole = within == to_s - from_s;
                    prop_assert_eq!(aside.is_unreadable(window(from_s, to_s)), whole);
                }
            }
        }
        let whole = pieces(&cuts);
        let parts = aside.cut(whole.clone());
        prop_assert_eq!(parts[0].from_s, ALL.start);
        prop_assert_eq!(parts[parts.len() - 1].to_s, ALL.end);
        prop_assert!(parts.windows(2).all(|pair| pair[0].to_s == pair[1].from_s));
        for part in &parts {
            prop_assert!(part.from_s < part.to_s);
            let of = whole.iter().find(|it| it.from_s <= part.from_s && part.to_s <= it.to_s).unwrap();
            prop_assert_eq!((part.rate, part.longest_s), (of.rate, of.longest_s));
            for at_s in part.from_s..part.to_s {
                let state = if seconds.has_failed_at(at_s) { State::Aside } else { of.state };
                prop_assert_eq!(part.state, state);
                prop_assert_eq!(part.apart, seconds.unreadable.contains(&at_s));
            }
        }
    }
}

#[test]
fn windows_that_failed_side_by_side_are_done_with_together() {
    for second in [window(10, 20), window(20, 30)] {
        let mut aside = Aside::default();
        aside.put(
            if second.from_s == 10 {
                window(20, 30)
            } else {
                window(10, 20)
            },
            true,
        );
        aside.put(second, true);
        aside.done(window(12, 13));
        assert!(!aside.has_failed());
    }
    let mut aside = Aside::default();
    aside.put(window(10, 20), true);
    aside.put(window(20, 30), false);
    aside.done(window(12, 13));
    assert!(aside.has_failed(), "that one did not fail alone");
}

#[test]
fn a_window_that_fails_alone_holds_up_nothing_but_itself() {
    let mut coverage = Coverage::new(NOW, DAY);
    let edge = plan(&coverage, NOW).unwrap();
    coverage.read(edge, NOW, NOW, 10);
    let failing = plan(&coverage, NOW).unwrap();
    let mut aside = Aside::default();
    aside.put(failing, true);
    aside.answered();
    while let Some(window) = coverage.plan_beside(&aside, NOW, &RULE, true) {
        assert!(window.to_s <= failing.from_s, "{window:?}");
        assert!(!coverage.fully_read(NOW - DAY, failing.from_s));
        coverage.read(window, window.to_s, NOW, 10);
    }
    assert!(coverage.fully_read(NOW - DAY, failing.from_s));
    aside.clear_failed();
    let again = plan(&coverage, NOW).unwrap();
    assert_eq!((again.from_s, again.to_s), (failing.from_s, failing.to_s));
}

#[test]
fn a_live_edge_that_fails_holds_up_no_later_one() {
    let coverage = read_whole(30, 100);
    let failing = plan(&coverage, NOW).unwrap();
    let mut aside = Aside::default();
    aside.put(failing, false);
    let beside = |now_s| coverage.plan_beside(&aside, now_s, &RULE, true);
    let later = beside(NOW + 30).unwrap();
    assert_eq!(
        (later.from_s, later.to_s, later.why),
        (NOW, NOW + 30, Why::LiveEdge)
    );
    // The server answers: what failed with it was no fault of the window.
    aside.answered();
    assert!(!aside.has_failed());
}
