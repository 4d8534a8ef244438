//! What one comparison leaves behind for the next.

use super::*;
use crate::poller::Compared;

const END_S: i64 = NOON_S - HOUR_S;

fn of(to_s: i64, theirs: u64) -> Comparison {
    let mut comparison = compare((100, 100), theirs, 0);
    comparison.range = to_s - HOUR_S..to_s;
    comparison
}

fn running(compared: &Compared) -> Option<u32> {
    compared.running.get("entries").copied()
}

#[test]
fn comparisons_running_that_disagree_are_counted_at_any_interval() {
    for interval_s in [900, HOUR_S, 86_400] {
        let mut compared = Compared::default();
        let mut after = |at: i64, theirs| {
            memory::note(
                &mut compared,
                &of(END_S + at * interval_s, theirs),
                interval_s,
            );
            running(&compared)
        };
        assert_eq!(after(0, 100), None);
        assert_eq!(after(1, 90), Some(1));
        assert_eq!(after(2, 110), Some(2));
        assert_eq!(after(3, 90), Some(3));
        // Hours were missed.
        assert_eq!(after(9, 90), Some(4));
        assert_eq!(after(10, 99), None);
    }
}

#[test]
fn the_same_stretch_compared_once_more_is_no_further_one() {
    let mut compared = Compared::default();
    memory::note(&mut compared, &of(END_S, 90), HOUR_S);
    for (again_s, theirs, expected) in [
        (END_S, 90, Some(1)),
        (END_S + 2_700, 90, Some(1)),
        (END_S + 2_700, 100, None),
        (END_S + 2_700, 90, Some(1)),
    ] {
        memory::note(&mut compared, &of(again_s, theirs), HOUR_S);
        assert_eq!(running(&compared), expected);
        assert_eq!(compared.to_s, Some(END_S));
    }
    memory::note(&mut compared, &of(END_S + HOUR_S, 90), HOUR_S);
    assert_eq!(running(&compared), Some(2));
}

#[test]
fn after_a_start_the_newest_stretch_is_shown_and_nothing_that_was_missed_passed_over() {
    let compared = |to_s| Compared {
        to_s: Some(to_s),
        ..Compared::default()
    };
    let done = |to_s, is_shown| memory::done_to_s(&compared(to_s), is_shown, NOON_S, HOUR_S);
    assert_eq!(done(END_S - 900, true), Some(END_S - 900));
    assert_eq!(done(END_S - 900, false), None);
    let missed_s = END_S - 5 * HOUR_S;
    assert_eq!(done(missed_s, false), Some(missed_s));
    let stored = serde_json::to_string(&compared(5)).unwrap();
    assert_eq!(
        serde_json::from_str::<Compared>(&stored).unwrap(),
        compared(5)
    );
    assert_eq!(
        serde_json::from_str::<Compared>("{}").unwrap(),
        Compared::default()
    );
}
