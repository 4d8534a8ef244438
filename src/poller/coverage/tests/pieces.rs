//! The past as the plan sees it, second by second.

use super::super::ground::{Piece, State};
use super::*;
use proptest::prelude::*;

/// Rules whose parts of an age are exact numbers.
fn rules() -> impl Strategy<Value = Rule> {
    (1i64..60, 1u8..=7).prop_map(|(interval_s, eighths)| Rule {
        interval_s,
        revisit: f64::from(eighths) / 8.0,
        ..RULE
    })
}

/// Any map of the last minutes, read at any time, now and then later than now.
fn maps() -> impl Strategy<Value = Coverage> {
    let stretch = (0i64..20, 1i64..60, -20i64..200, 0u32..500);
    (prop::collection::vec(stretch, 0..8), 0i64..400).prop_map(|(stretches, begun_ago_s)| {
        let mut coverage = Coverage::new(NOW, 400);
        coverage.begun_s = NOW - begun_ago_s;
        let mut end_s = coverage.floor_s();
        for (gap_s, seconds, read_ago_s, records) in stretches {
            let (from_s, to_s) = (end_s + gap_s, end_s + gap_s + seconds);
            end_s = to_s;
            coverage.stretches.push(Stretch {
                from_s,
                to_s,
                read_at_s: (NOW - read_ago_s).max(to_s),
                records,
            });
        }
        coverage
    })
}

/// The stretch that a second was read with, as far as that can be believed.
fn read_with<'c>(coverage: &'c Coverage, at_s: i64, rule: &Rule) -> Option<&'c Stretch> {
    let within = |it: &&Stretch| (it.from_s..it.to_s).contains(&at_s);
    let stretch = coverage.stretches().iter().find(within)?;
    let edge = stretch.read_at_s > NOW && at_s >= NOW - rule.interval_s;
    (!edge).then_some(stretch)
}

fn allowance_s(at_s: i64, rule: &Rule) -> f64 {
    (rule.interval_s as f64).max(rule.revisit * (NOW - at_s) as f64)
}

proptest! {
    #[test]
    fn every_second_is_due_once_its_allowance_has_passed_and_ripe_before(coverage in maps(), rule in rules()) {
        let pieces = coverage.pieces(NOW, &rule);
        prop_assert_eq!(pieces.first().map(|it| it.from_s), Some(coverage.floor_s()));
        prop_assert_eq!(pieces.last().map(|it| it.to_s), Some(NOW));
        prop_assert!(pieces.windows(2).all(|pair| pair[0].to_s == pair[1].from_s));
        for piece in &pieces {
            prop_assert!(piece.from_s < piece.to_s && !piece.apart);
            for at_s in piece.from_s..piece.to_s {
                let Some(stretch) = read_with(&coverage, at_s, &rule) else {
                    prop_assert_eq!(piece.state, State::Unread);
                    continue;
                };
                let (elapsed_s, allowance_s) = ((NOW - stretch.read_at_s) as f64, allowance_s(at_s, &rule));
                match piece.state {
                    State::Due(_) => prop_assert!(elapsed_s >= allowance_s || elapsed_s < 0.0),
                    State::Ripe => prop_assert!((0.8 * allowance_s - 1e-6..allowance_s).contains(&elapsed_s)),
                    State::Fresh => prop_assert!((0.0..0.8 * allowance_s + 1e-6).contains(&elapsed_s)),
                    State::Unread | State::Aside => prop_assert!(false, "{piece:?} was read"),
                }
            }
        }
    }

    #[test]
    fn what_is_due_tells_by_how_much(coverage in maps(), rule in rules()) {
        for piece in coverage.pieces(NOW, &rule) {
            let State::Due(ratio) = piece.state else { continue };
            let last_s = piece.to_s - 1;
            let elapsed_s = NOW - read_with(&coverage, last_s, &rule).unwrap().read_at_s;
            let expected = if elapsed_s < 0 { 1.0 } else { elapsed_s as f64 / allowance_s(last_s, &rule) };
            prop_assert_eq!(ratio, expected);
        }
    }

    #[test]
    fn the_most_overdue_second_tells_how_far_reading_is_behind(coverage in maps(), rule in rules()) {
        let overdue_s = |at_s: i64| {
            let read_s = match read_with(&coverage, at_s, &rule) {
                // When it was read is not known: it is due, and no more.
                Some(stretch) if stretch.read_at_s > NOW => return 0,
                Some(stretch) => stretch.read_at_s,
                None => at_s.max(coverage.begun_s()),
            };
            ((NOW - read_s) as f64 - allowance_s(at_s, &rule)) as i64
        };
        let most_s = (coverage.floor_s()..NOW).map(overdue_s).max().unwrap_or(0).max(0);
        prop_assert_eq!(coverage.overdue_s(NOW, &rule), most_s);
    }
}

fn gap(stretches: &[(i64, i64, i64, u32)]) -> Piece {
    let pieces = map(stretches).pieces(NOW, &RULE);
    let unread = |it: &&Piece| it.state == State::Unread;
    *pieces.iter().find(unread).unwrap()
}

#[test]
fn a_gap_is_as_dense_as_what_was_read_behind_it_or_else_before_it() {
    let density = |stretches: &[_]| {
        let gap = gap(stretches);
        (gap.rate, gap.longest_s)
    };
    let (before, behind) = ((9_000, 7_000, 0, 1_000), (5_000, 3_000, 0, 8_000));
    assert_eq!(density(&[before, behind, (3_000, 0, 0, 0)]).1, 5_000);
    assert_eq!(density(&[before, behind]), (4.0, 2_000));
    // What was read behind it is too short to tell: 899 s, though more follows after another gap.
    let short = (5_000, 4_101, 0, 800);
    assert_eq!(density(&[before, short]), (0.5, 2_000));
    assert_eq!(
        density(&[before, short, (4_100, 0, 0, 8_000)]),
        (0.5, 2_000)
    );
    let enough = (5_000, 4_100, 0, 900);
    assert_eq!(density(&[before, enough]), (1.0, 900));
    // Two tell as one where they touch.
    assert_eq!(
        density(&[(9_000, 8_500, 0, 250), (8_500, 8_000, 0, 750)]),
        (1.0, 1_000)
    );
    let apart = map(&[(9_000, 8_500, 0, 250), (8_499, 8_000, 0, 750)]).pieces(NOW, &RULE);
    assert_eq!(apart.last().map(|it| it.longest_s), Some(900));
    // Neither tells: nothing is expected of it, and it is read in quarters of an hour.
    let old = (9_000, 8_101, 0, 800);
    assert_eq!(density(&[old, short]), (0.0, 900));
}

#[test]
fn a_day_tells_how_dense_a_gap_is_and_what_was_read_further_away_does_not() {
    let far = (3 * DAY, 2 * DAY, 0, 1_000_000);
    let near = (2 * DAY, DAY, 0, 86_400);
    let before = gap(&[far, near]);
    assert_eq!((before.rate, before.longest_s), (1.0, DAY));
    let behind = gap(&[
        (4 * DAY, 3 * DAY + 60, 0, 0),
        (3 * DAY, 2 * DAY, 0, 86_400),
        (2 * DAY, 0, 0, 1_000_000),
    ]);
    assert_eq!((behind.rate, behind.longest_s), (1.0, DAY));
}
