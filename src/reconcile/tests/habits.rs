//! Whether the vendor counts again who comes to another queue.

use super::*;
use crate::poller::Compared;
use proptest::prelude::*;

fn said(comparison: &Comparison) -> String {
    comparison.notes.join("\n")
}

#[test]
fn the_nearer_habit_is_held_against_and_where_he_is_between_both_the_sign_is_a_guess() {
    // 1 % of 3,743 is lost to ours, of which 145 came again.
    let lost = compare((3_850, 3_705), 3_743, 0);
    assert_eq!(entries(&lost).difference(), -38);
    assert!(
        said(&lost).contains("too few or too many is not known"),
        "{lost:?}"
    );
    let before = compare_knowing(Some(true), (3_850, 3_705), 3_743, 0);
    assert_eq!(entries(&before).difference(), -38);
    assert!(!said(&before).contains("is not known: the vendor's"));
    // As many as came again are lost: only what was before tells that.
    assert_eq!(entries(&compare((1_000, 950), 1_000, 0)).difference(), 0);
    let hidden = compare_knowing(Some(true), (1_000, 950), 1_000, 0);
    assert_eq!(entries(&hidden).difference(), -50);
    // Few come again in a small hour, and all the same it is known by then.
    let few = compare_knowing(Some(true), (105, 100), 104, 0);
    assert_eq!(entries(&few).difference(), -4);
    let few = compare_knowing(Some(false), (105, 100), 100, 0);
    assert_eq!(entries(&few).difference(), 5);
    // What goes on is in his number alone, whichever way he counts.
    let open = compare((1_000, 950), 980, 40);
    assert_eq!((entries(&open).difference(), open.habit.once), (0, true));
    let open = compare((1_000, 950), 1_030, 40);
    assert_eq!((entries(&open).difference(), open.habit.once), (0, false));
}

#[test]
fn another_habit_is_believed_once_three_comparisons_running_tell_it() {
    let mut compared = Compared::default();
    let mut hour = |theirs: u64| {
        let comparison = compare_knowing(compared.counts_once, (1_000, 950), theirs, 0);
        let changed = comparison.habit.note(&mut compared);
        (entries(&comparison).difference(), changed)
    };
    assert_eq!(hour(950), (0, false));
    assert_eq!(hour(1_000), (-50, false));
    assert_eq!(hour(1_000), (-50, false));
    // Between, it was as before.
    assert_eq!(hour(950), (0, false));
    assert_eq!(hour(1_000), (-50, false));
    assert_eq!(hour(975), (-25, false), "which tells nothing");
    assert_eq!(hour(1_000), (-50, false));
    assert_eq!(hour(1_000), (-50, true));
    assert_eq!(hour(1_000), (0, false));
}

proptest! {
    /// Once known, whichever way the vendor counts, all that is lost is told, as a loss.
    #[test]
    fn what_is_lost_is_told_as_such(
        once in 0u64..5_000,
        again in 0u64..500,
        lost in 0u64..500,
        counts_once: bool,
    ) {
        let theirs = lost + if counts_once { once } else { once + again };
        let comparison = compare_knowing(Some(counts_once), (once + again, once), theirs, 0);
        prop_assert_eq!(entries(&comparison).difference(), -(lost as i64));
    }

    /// Before it is known, a vendor who agrees in one of both ways is no difference.
    #[test]
    fn who_agrees_either_way_agrees(once in 0u64..5_000, again in 0u64..500, counts_once: bool) {
        let theirs = if counts_once { once } else { once + again };
        let comparison = compare((once + again, once), theirs, 0);
        prop_assert!(!comparison.disagrees(), "{:?}", comparison.judged);
    }
}
