//! Simulated days of one queue, open from 8 to 18.

use crate::evidence::{Conversation, Detector, Settings};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

pub(super) const HOUR_S: i64 = 3600;
pub(super) const DAY_S: i64 = 24 * HOUR_S;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ended {
    pub at_s: i64,
    pub abandoned: bool,
    pub billing: bool,
}

impl Ended {
    pub(super) fn conversation(&self) -> Conversation<'static> {
        Conversation {
            ended_s: self.at_s,
            channel: "Voice",
            queue: Some(if self.billing { "Billing" } else { "Sales" }),
            abandoned: self.abandoned,
            target: 0.05,
        }
    }
}

/// Days at so many an hour, abandoned as `ratio` says of a second of the history.
pub(super) fn days(seed: u64, days: i64, per_hour: f64, ratio: impl Fn(i64) -> f64) -> Vec<Ended> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let open = (0..days * DAY_S).filter(|at| (8..18).contains(&(at % DAY_S / HOUR_S)));
    let mut history = Vec::new();
    for at_s in open {
        if random.random::<f64>() < per_hour / 3600.0 {
            history.push(Ended {
                at_s,
                abandoned: random.random::<f64>() < ratio(at_s),
                billing: random.random::<f64>() < 0.6,
            });
        }
    }
    history
}

pub(super) fn detector(history: &[Ended]) -> Detector {
    let mut detector = Detector::new(Settings::default());
    for (number, ended) in history.iter().enumerate() {
        detector.put(number as u64 + 1, &ended.conversation());
    }
    detector
}

/// Evidence, limit and usual ratio of the account.
pub(super) fn account(detector: &mut Detector) -> Option<(f64, f64, f64)> {
    let reading = detector.newest().next()?;
    Some((reading.evidence, reading.limit, reading.usual))
}
