//! What one conversation says: the log likelihood ratio of its end, in nats.

/// How many times the usual odds a spike has. Where 5 % is usual that comes close to the best there is from 25 to 60 %.
const SPIKE_ODDS: f64 = 5.5;
/// Abandoned of offered where hardly anything works any more. What bursts where queues are congested says nothing for it.
const COLLAPSE: f64 = 0.9;
/// The part of the false alarms that spike and collapse may raise each. At one limit for both, most would be the
/// collapse's.
pub(super) const PARTS: [f64; 2] = [0.85, 0.15];

/// A level each, of the bank of spike and collapse.
pub(super) type Levels = [f64; PARTS.len()];

/// What an abandoned conversation adds and an answered one takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Weights {
    /// Nats, above 0.
    pub up: f64,
    /// Nats, above 0.
    pub down: f64,
}

impl Weights {
    /// Of an incident with this ratio, higher than the usual one.
    fn new(usual: f64, incident: f64) -> Weights {
        Weights {
            up: (incident / usual).ln(),
            down: ((1.0 - usual) / (1.0 - incident)).ln(),
        }
    }

    pub(super) fn step(self, abandoned: bool) -> f64 {
        if abandoned { self.up } else { -self.down }
    }

    /// Of spike and collapse, where this is usual.
    pub(super) fn bank(usual: f64) -> [Weights; PARTS.len()] {
        let of_odds = |odds: f64| odds * usual / (1.0 - usual + odds * usual);
        let spike = of_odds(SPIKE_ODDS);
        [spike, COLLAPSE.max(spike)].map(|incident| Weights::new(usual, incident))
    }
}
