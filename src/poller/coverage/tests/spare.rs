//! What is read with budget that would be left over.

use super::*;

fn spare(coverage: &Coverage, aside: &Aside) -> Option<(i64, i64)> {
    let window = coverage.plan(aside, NOW, &RULE, true)?;
    assert_eq!(window.why, Why::Spare, "nothing is due");
    Some((NOW - window.from_s, NOW - window.to_s))
}

/// The last hour and what came before it, all of it read lately enough.
fn hour() -> Coverage {
    map(&[
        (6_000, 3_600, 800, 0),
        (3_600, 3_000, 600, 0),
        (3_000, 2_400, 300, 0),
        (2_400, 1_800, 299, 0),
        (1_800, 0, 20, 0),
    ])
}

#[test]
fn neighbours_are_read_along_when_they_were_read_half_as_long_ago_or_longer() {
    let whole = spare(&hour(), &Aside::default());
    assert_eq!(whole, Some((4_500, 2_400)), "up to an hour and a quarter");
}

#[test]
fn what_was_read_longest_ago_is_read_where_it_can_be_read_and_reaches_into_the_last_hour() {
    let mut aside = Aside::default();
    aside.unreadable(NOW - 3_100, NOW - 3_099);
    let beside = spare(&hour(), &aside);
    assert_eq!(beside, Some((3_000, 1_800)), "without what can't be read");
    let passed = map(&[(6_000, 3_600, 800, 0), (3_600, 0, 20, 0)]);
    assert_eq!(spare(&passed, &Aside::default()), None);
    let reaches = map(&[(6_000, 3_599, 800, 0), (3_599, 0, 20, 0)]);
    assert_eq!(spare(&reaches, &Aside::default()), Some((4_500, 3_599)));
}

#[test]
fn a_spare_window_comes_once_an_interval_whatever_a_clock_that_ran_ahead_has_noted() {
    let spared_ago = |seconds: i64| {
        let mut coverage = hour();
        coverage.spared_at_s = Some(NOW - seconds);
        spare(&coverage, &Aside::default()).is_some()
    };
    assert!(spared_ago(30));
    assert!(!spared_ago(29));
    assert!(!spared_ago(0));
    assert!(spared_ago(-1), "that time is still to come");
}
