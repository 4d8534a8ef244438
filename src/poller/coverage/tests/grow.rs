//! How far a window grows, second by second.

use super::super::ground::{Piece, State};
use super::super::grow::{Anchor, grow};
use super::*;
use crate::api::limits::WINDOW_S;
use proptest::prelude::*;

/// What a window is planned for.
const ROWS: f64 = 256.0;

/// Rates and lengths of which all sums are exact, so that what just fits does so in every reckoning.
fn pieces() -> impl Strategy<Value = Vec<Piece>> {
    let state = prop_oneof![
        3 => Just(State::Unread),
        3 => Just(State::Due(1.5)),
        3 => Just(State::Ripe),
        6 => Just(State::Fresh),
        1 => Just(State::Aside),
    ];
    let rate = prop_oneof![
        Just(0.0),
        Just(0.5),
        Just(1.0),
        Just(2.0),
        Just(8.0),
        Just(512.0)
    ];
    let piece = (state, 1i64..70, rate, 5u32..10, prop::bool::weighted(0.1));
    prop::collection::vec(piece, 1..8).prop_map(|parts| {
        let mut end_s = NOW - 1_000;
        let piece = |(state, seconds, rate, longest, apart)| {
            let from_s = end_s;
            end_s += seconds;
            Piece {
                from_s,
                to_s: end_s,
                state,
                rate,
                longest_s: 1_i64 << longest,
                apart,
            }
        };
        parts.into_iter().map(piece).collect()
    })
}

/// How many seconds of these are taken, with what is left of the window; the first in any case where `least` says so.
fn reach<'p>(outward: impl Iterator<Item = &'p Piece>, room: &mut f64, least: bool) -> i64 {
    let (mut left, mut passed, mut reached, mut bridged) = (*room, 0, 0, 0.0);
    for second in outward {
        let due = second.state != State::Fresh;
        let share = (second.rate / ROWS).max(1.0 / second.longest_s as f64);
        let fits = share <= left || least && passed == 0;
        if second.state == State::Aside || second.apart || !fits || due && bridged > 50.0 {
            break;
        }
        left -= share;
        passed += 1;
        bridged += second.rate;
        if due {
            (bridged, reached, *room) = (0.0, passed, left);
        }
    }
    reached
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_window_takes_in_what_is_due_around_its_anchor_as_long_as_there_is_room(
        pieces in pieces(),
        anchor in any::<(prop::sample::Index, bool)>(),
        late_s in 0i64..50,
    ) {
        let due = |at: &usize| !matches!(pieces[*at].state, State::Fresh | State::Aside) && !pieces[*at].apart;
        let due: Vec<usize> = (0..pieces.len()).filter(due).collect();
        if due.is_empty() {
            return Ok(());
        }
        let at = due[anchor.0.index(due.len())];
        let seconds: Vec<&Piece> = pieces
            .iter()
            .flat_map(|piece| std::iter::repeat_n(piece, piece.seconds() as usize))
            .collect();
        let place = |at_s: i64| (at_s - pieces[0].from_s) as usize;
        let older = |at_s: i64| seconds[..place(at_s)].iter().rev().copied();
        let newer = |at_s: i64| seconds[place(at_s)..].iter().copied();
        let mut room = 1.0;
        let Piece { mut from_s, mut to_s, .. } = pieces[at];
        let end = anchor.1;
        if end {
            let whole = from_s;
            from_s = to_s - reach(older(to_s), &mut room, true);
            if from_s <= whole {
                to_s += reach(newer(to_s), &mut room, false);
            }
        } else {
            let whole = to_s;
            to_s = from_s + reach(newer(from_s), &mut room, true);
            if to_s >= whole {
                from_s -= reach(older(from_s), &mut room, false);
            }
        }
        let last = pieces[pieces.len() - 1];
        let now_s = last.to_s + late_s;
        let edge_s = if last.state == State::Unread { last.from_s } else { last.to_s };
        if to_s == edge_s {
            to_s = now_s;
        }
        let anchor = if end { Anchor::End(at) } else { Anchor::Start(at) };
        let why = Why::Revisit;
        prop_assert_eq!(grow(&pieces, anchor, why, ROWS, now_s), Window { from_s, to_s, why });
    }
}

/// Where a window begins that is filled up to two pages of 48 rows each and a quarter of an hour, second by second.
fn filled(pieces: &[Piece], window: Window) -> i64 {
    let rate = |at_s: i64| {
        let piece = pieces
            .iter()
            .find(|it| (it.from_s..it.to_s).contains(&at_s));
        piece.map_or(0.0, |it| it.rate)
    };
    let mut room = 96.0 - (window.from_s..window.to_s).map(rate).sum::<f64>();
    let mut from_s = window.from_s;
    while from_s > window.to_s - 900 {
        let before = pieces
            .iter()
            .find(|it| it.from_s < from_s && from_s <= it.to_s);
        let Some(piece) = before.filter(|it| !it.apart) else {
            break;
        };
        let fits = piece.rate <= room && room > 0.0;
        if !fits || matches!(piece.state, State::Unread | State::Aside) {
            break;
        }
        room -= piece.rate;
        from_s -= 1;
    }
    from_s
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_live_edge_is_read_along_with_as_much_before_it_as_two_pages_hold(
        pieces in pieces(),
        dense in any::<bool>(),
        edge in (1i64..70, any::<bool>()),
    ) {
        let (first, last) = (pieces[0], pieces[pieces.len() - 1]);
        let read = Piece {
            from_s: first.from_s - 2_000,
            to_s: first.from_s,
            state: State::Fresh,
            rate: if dense { 0.125 } else { 0.0 },
            longest_s: WINDOW_S,
            apart: false,
        };
        let unread = Piece {
            from_s: last.to_s,
            to_s: last.to_s + edge.0,
            state: State::Unread,
            rate: if edge.1 { 0.5 } else { 0.0 },
            ..read
        };
        let pieces = [vec![read], pieces, vec![unread]].concat();
        let rule = Rule { interval_s: 1, window_rows: 11 * 64, ..RULE };
        let now_s = unread.to_s;
        let at = pieces.len() - 1;
        let window = grow(&pieces, Anchor::End(at), Why::LiveEdge, rule.planned_rows(), now_s);
        let expected = Window { from_s: filled(&pieces, window), ..window };
        let planned = Coverage::new(now_s, DAY).plan_among(&pieces, now_s, &rule, true);
        prop_assert_eq!(planned, Some(expected));
    }
}

fn piece(from_ago_s: i64, to_ago_s: i64, apart: bool) -> Piece {
    Piece {
        from_s: NOW - from_ago_s,
        to_s: NOW - to_ago_s,
        state: State::Due(2.0),
        rate: 0.0,
        longest_s: WINDOW_S,
        apart,
    }
}

fn grown(pieces: &[Piece], at: usize) -> (i64, i64) {
    let window = grow(pieces, Anchor::End(at), Why::Revisit, ROWS, NOW);
    (NOW - window.from_s, NOW - window.to_s)
}

#[test]
fn no_window_is_longer_than_a_week() {
    let read = piece(9 * DAY, HOUR, false);
    assert_eq!(grown(&[read], 0), (7 * DAY, 0), "it goes on to now");
    let newer = piece(HOUR, 0, false);
    let fresh = Piece {
        state: State::Fresh,
        ..newer
    };
    assert_eq!(grown(&[read, fresh], 0), (7 * DAY + HOUR, HOUR));
}

#[test]
fn what_can_not_be_read_is_tried_by_itself_and_no_more_than_a_week_of_it() {
    let beside = piece(HOUR, 0, false);
    assert_eq!(
        grown(&[piece(2 * HOUR, HOUR, true), beside], 0),
        (2 * HOUR, HOUR)
    );
    assert_eq!(
        grown(&[piece(9 * DAY, HOUR, true), beside], 0),
        (7 * DAY + HOUR, HOUR)
    );
}
