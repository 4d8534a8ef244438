//! Whether one target of the longest wait could be both: quick once agents leave, and quiet on days as planned.

use super::{BEFORE_S, Centre, DAY_S, RUNS, STEP_S, WATCHED_S, in_two, plan};
use smartassist_exporter::simulator::now::Now;
use smartassist_exporter::simulator::{Plan, Scenario};

/// Whether the rule on the longest wait would page, were its target this.
#[derive(Default)]
struct Held {
    above_since_s: Option<i64>,
    pages: bool,
}

impl Held {
    /// True when a page begins.
    fn judge(&mut self, now: &Now, at_s: i64, target_s: i64) -> bool {
        let above = now.places.iter().any(|((channel, _), place)| {
            let longest_s = place.waits_since_ms.map_or(0, |ms| at_s - ms / 1000);
            *channel != "System Mail" && place.waiting >= 3 && longest_s > target_s
        });
        if !above {
            *self = Held::default();
            return false;
        }
        let since_s = *self.above_since_s.get_or_insert(at_s);
        let begins = !self.pages && at_s - since_s >= 30;
        self.pages |= begins;
        begins
    }
}

const TARGETS_S: [i64; 6] = [20, 30, 60, 90, 120, 180];

#[test]
fn no_target_is_both_quick_and_quiet() {
    let half_leave = in_two(0..RUNS, |seed| {
        let leave_s = 1_790_000_000 + seed as i64 * 7;
        let centre = Centre::open(plan(seed, 1_500.0, leave_s - BEFORE_S, leave_s, 0.5));
        let mut held: [Held; 6] = Default::default();
        let mut after_s = [WATCHED_S.1; 6];
        for at_s in (0..WATCHED_S.1).step_by(STEP_S as usize) {
            let now = centre.at(leave_s + at_s);
            for ((held, after_s), target_s) in held.iter_mut().zip(&mut after_s).zip(TARGETS_S) {
                if held.judge(&now, leave_s + at_s, target_s) {
                    *after_s = at_s.min(*after_s);
                }
            }
        }
        vec![after_s]
    });
    let days = in_two(0..10, |seed| {
        let start_s = 1_790_000_000;
        let midnight = Plan {
            scenario: Scenario::STEADY,
            local_offset_minutes: -(start_s / 60 % 1440) as i32,
            ..plan(1_000 + seed, 1_500.0, start_s, start_s, 1.0)
        };
        let centre = Centre::open(midnight);
        let mut held: [Held; 6] = Default::default();
        let mut pages = [0_u32; 6];
        for at_s in (start_s..start_s + DAY_S).step_by(STEP_S as usize) {
            let now = centre.at(at_s);
            for ((held, pages), target_s) in held.iter_mut().zip(&mut pages).zip(TARGETS_S) {
                *pages += u32::from(held.judge(&now, at_s, target_s));
            }
        }
        vec![pages]
    });
    for (place, target_s) in TARGETS_S.into_iter().enumerate() {
        let mut after_s: Vec<i64> = half_leave.iter().map(|run| run[place]).collect();
        after_s.sort_unstable();
        let pages: u32 = days.iter().map(|day| day[place]).sum();
        println!(
            "1,500 an hour, target {target_s} s: half leave, nine of ten runs page within {} s; as planned, {pages} pages in {} days",
            after_s[17],
            days.len()
        );
        // Were one target both, it would be the default.
        assert!(after_s[17] > 120 || pages > 0);
    }
}
