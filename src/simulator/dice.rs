//! Seeded chance: the same seed rolls the same world.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Exp1, StandardNormal};

/// One stream of chance. ChaCha8, because its output is fixed by specification across releases and platforms.
#[derive(Debug, Clone)]
pub(super) struct Dice(ChaCha8Rng);

impl Dice {
    /// `stream` keeps the streams of one seed apart: more faults must not change the world's callers.
    pub(super) fn new(seed: u64, stream: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Dice(rng)
    }

    /// From 0 up to, but not including, 1.
    pub(super) fn fraction(&mut self) -> f64 {
        self.0.random()
    }

    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.fraction() < probability
    }

    pub(super) fn bits(&mut self) -> u64 {
        self.0.random()
    }

    /// Milliseconds, evenly between two numbers of seconds.
    pub(super) fn between_ms(&mut self, from_s: f64, to_s: f64) -> i64 {
        millis(from_s + self.fraction() * (to_s - from_s))
    }

    /// Log-normal milliseconds: how long people talk, think and type.
    pub(super) fn lognormal_ms(&mut self, median_s: f64, sigma: f64) -> i64 {
        let normal: f64 = StandardNormal.sample(&mut self.0);
        millis(median_s * (sigma * normal).exp())
    }

    /// Exponential milliseconds: times between independent events, and patience.
    pub(super) fn exponential_ms(&mut self, mean_s: f64) -> i64 {
        let unit: f64 = Exp1.sample(&mut self.0);
        millis(mean_s * unit)
    }

    /// A normal deviate of the given mean and spread.
    pub(super) fn normal(&mut self, mean: f64, spread: f64) -> f64 {
        let normal: f64 = StandardNormal.sample(&mut self.0);
        mean + spread * normal
    }

    /// Chooses by weight; the last choice also takes what rounding leaves over.
    pub(super) fn pick<T: Copy>(&mut self, first: T, choices: &[(T, f64)]) -> T {
        let total: f64 = choices.iter().map(|(_, weight)| weight).sum();
        let mut left = self.fraction() * total;
        let mut chosen = first;
        for (choice, weight) in choices {
            chosen = *choice;
            left -= weight;
            if left < 0.0 {
                break;
            }
        }
        chosen
    }
}

/// At least one millisecond, so that no two steps of a conversation fall on each other.
fn millis(seconds: f64) -> i64 {
    ((seconds * 1000.0) as i64).max(1)
}

/// A well-mixed number for the `n`-th thing of a kind: ids that need no state.
pub(super) fn mix(seed: u64, kind: u64, n: u64) -> u64 {
    let mut z =
        seed ^ kind.wrapping_mul(0xD6E8_FEB8_6659_FD93) ^ n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
