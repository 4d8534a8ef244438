use super::*;
use crate::ledger::Id;

const NOW_S: i64 = 1_000_000;

fn waits(number: u128, start_s: i64) -> (Id, Followed) {
    let followed = Followed {
        start_s,
        place: place("Voice", "Billing"),
        waits_since_s: Some(start_s + 5),
        with_agent: false,
    };
    (Id(number), followed)
}

fn known() -> Following {
    let mut following = Following::default();
    following.read(
        (NOW_S - 3_600, NOW_S),
        true,
        [waits(1, NOW_S - 100), waits(2, NOW_S - 50)],
    );
    following
}

fn told(following: &Following) -> Numbers {
    let reading = following.reading(NOW_S, NOW_S).unwrap().unwrap();
    reading.at(&place("Voice", "Billing"))
}

#[test]
fn one_is_followed_until_a_reading_that_should_have_shown_it_does_not() {
    let mut following = known();
    assert_eq!(
        (told(&following).waiting, told(&following).longest_wait_s),
        (Some(2), Some(95))
    );
    // Another stretch says nothing of it, and a part of its own neither.
    following.read((NOW_S - 40, NOW_S), true, []);
    following.read((NOW_S - 200, NOW_S), false, []);
    assert_eq!(told(&following).waiting, Some(2));
    let talks = Followed {
        waits_since_s: None,
        with_agent: true,
        ..waits(2, NOW_S - 50).1
    };
    following.read((NOW_S - 110, NOW_S), true, [(Id(2), talks)]);
    let now = told(&following);
    assert_eq!(
        (now.waiting, now.with_agent, now.longest_wait_s),
        (Some(0), Some(1), Some(0))
    );
}

#[test]
fn nothing_is_told_before_half_an_hour_is_known_or_where_nothing_that_runs_is_listed() {
    let mut following = Following::default();
    following.read((NOW_S - 3_600, NOW_S), true, []);
    assert!(following.reading(NOW_S, NOW_S).is_none());
    let mut following = Following::default();
    following.read((NOW_S - 600, NOW_S), true, [waits(1, NOW_S - 100)]);
    assert!(following.reading(NOW_S, NOW_S).is_none());
    following.read((NOW_S - 3_600, NOW_S - 1_200), true, []);
    assert!(
        following.reading(NOW_S, NOW_S).is_none(),
        "ten minutes lie between"
    );
    following.read((NOW_S - 1_200, NOW_S - 600), true, []);
    assert_eq!(told(&following).waiting, Some(1));
}

#[test]
fn more_than_can_be_followed_is_an_error_and_what_is_too_old_is_forgotten() {
    let mut following = known();
    following.forget(NOW_S - 60);
    assert_eq!(told(&following).waiting, Some(1));
    following.read(
        (NOW_S - 100, NOW_S),
        true,
        (0..20_001).map(|number| waits(number, NOW_S - 1)),
    );
    assert!(following.reading(NOW_S, NOW_S).unwrap().is_err());
    following.read((NOW_S - 100, NOW_S), true, [waits(1, NOW_S - 1)]);
    following.forget(NOW_S - 3_600);
    assert_eq!(told(&following).waiting, Some(1));
}
