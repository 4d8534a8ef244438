//! What one conversation says: the log likelihood ratio of its end, in nats.

/// How many times the usual odds a spike has. Where 5 % is usual that is 30 %, which comes close to the best there is
/// from 25 to 60 %.
const SPIKE_ODDS: f64 = 8.0;
/// Abandoned of offered where hardly anything works any more.
const COLLAPSE: f64 = 0.9;
/// How far a burst of a congested queue may go from the usual odds towards those of a collapse, in logarithms.
const BURST: f64 = 0.65;
/// So many abandoned in a row and more are a burst too: those who waited longest give up together.
pub(super) const BURST_ROW: f64 = 13.0;
/// The part of the false alarms that each of the bank may raise. At one limit for all, most would be the collapse's.
pub(super) const PARTS: [f64; 3] = [0.85, 0.1, 0.05];
/// The place in the bank of a collapse told from a burst.
pub(super) const OUT_OF_BURST: usize = 2;

/// A level each, of the bank.
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
    /// Of an incident with this ratio, higher than the one it is told from.
    fn new(usual: f64, incident: f64) -> Weights {
        Weights {
            up: (incident / usual).ln(),
            down: ((1.0 - usual) / (1.0 - incident)).ln(),
        }
    }

    pub(super) fn step(self, abandoned: bool) -> f64 {
        if abandoned { self.up } else { -self.down }
    }

    /// Where this is usual: a spike; a collapse; and a collapse as told from a burst, which those of congested queues
    /// hardly raise, so that its limit stays low where theirs hide the other two.
    pub(super) fn bank(usual: f64) -> [Weights; PARTS.len()] {
        let odds = |ratio: f64| ratio / (1.0 - ratio);
        let ratio = |odds: f64| odds / (1.0 + odds);
        let spike = ratio(SPIKE_ODDS * odds(usual));
        let collapse = COLLAPSE.max(spike);
        let burst = ratio(odds(usual) * (odds(collapse) / odds(usual)).powf(BURST));
        [
            Weights::new(usual, spike),
            Weights::new(usual, collapse),
            Weights::new(burst, collapse),
        ]
    }
}
