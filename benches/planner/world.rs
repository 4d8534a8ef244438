//! A contact centre's conversations: when each begins, and when its record changes.

use crate::run::{BEGIN_S, DAY_S, END_S};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Changes kept of one record.
const CHANGES: usize = 4;

pub struct Conversation {
    pub start_s: i64,
    /// When its record says something new, in order; unused places are in the far future.
    pub changes_s: [i64; CHANGES],
}

pub struct World {
    pub per_hour: f64,
    /// By their start, from a week before the exporter's first.
    pub conversations: Vec<Conversation>,
}

impl World {
    pub fn new(per_hour: f64) -> World {
        let mut dice = ChaCha8Rng::seed_from_u64(7);
        let starts = arrivals(&mut dice, per_hour, BEGIN_S - 7 * DAY_S, END_S);
        let conversations = starts
            .into_iter()
            .map(|start_s| Conversation::new(&mut dice, start_s))
            .collect();
        World {
            per_hour,
            conversations,
        }
    }

    /// The conversations that begin between two seconds, both included, as a server selects them.
    pub fn between(&self, from_s: i64, to_s: i64) -> std::ops::Range<usize> {
        let before = |at_s: i64| {
            self.conversations
                .partition_point(|conversation| conversation.start_s < at_s)
        };
        before(from_s)..before(to_s + 1)
    }
}

impl Conversation {
    /// Two fifths are bots' alone, some are abandoned, the rest answered, followed by after-call work, perhaps by a
    /// survey within a day, seldom by an edited disposition within three.
    fn new(dice: &mut ChaCha8Rng, start_s: i64) -> Conversation {
        let mut changes_s = [i64::MAX; CHANGES];
        let kind: f64 = dice.random();
        if kind < 0.46 {
            let seconds = if kind < 0.4 {
                dice.random_range(5..60)
            } else {
                dice.random_range(30..180)
            };
            changes_s[0] = start_s + seconds;
        } else {
            let end_s = start_s + spread(dice, 60.0, 3_600.0);
            changes_s[0] = end_s;
            changes_s[1] = end_s + dice.random_range(10..300);
            if dice.random_bool(0.25) {
                changes_s[2] = end_s + spread(dice, 60.0, 86_400.0);
            }
            if dice.random_bool(0.05) {
                changes_s[3] = end_s + spread(dice, 3_600.0, 3.0 * 86_400.0);
            }
            changes_s.sort_unstable();
        }
        Conversation { start_s, changes_s }
    }
}

/// Arrivals whose rate follows the hour of the day, between two fifths and eight fifths of the mean.
pub fn arrivals(dice: &mut ChaCha8Rng, per_hour: f64, from_s: i64, to_s: i64) -> Vec<i64> {
    let mut starts = Vec::new();
    let mut at_s = from_s as f64;
    loop {
        at_s += -(1.0 - dice.random::<f64>()).ln() * 3_600.0 / (1.6 * per_hour);
        if at_s >= to_s as f64 {
            return starts;
        }
        let phase = at_s / DAY_S as f64 * std::f64::consts::TAU;
        if dice.random::<f64>() * 1.6 < 1.0 + 0.6 * phase.sin() {
            starts.push(at_s as i64);
        }
    }
}

/// Seconds between two bounds, each order of magnitude as likely as the next.
fn spread(dice: &mut ChaCha8Rng, from: f64, to: f64) -> i64 {
    (from * (to / from).powf(dice.random())) as i64
}
