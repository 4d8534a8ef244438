//! What one conversation says: the log likelihood ratio of its end, in nats.

/// How many times the usual odds an incident has: a bank of two. Where 5 % is usual the first comes close to the best
/// there is from 25 to 60 %, and the second sees a collapse a few conversations sooner.
pub(super) const ODDS: [f64; 2] = [5.5, 25.0];
/// The part of the false alarms that each of them may raise. At one limit for both almost all would be the second's.
pub(super) const PARTS: [f64; 2] = [0.85, 0.15];

/// A level for each of the bank.
pub(super) type Levels = [f64; ODDS.len()];

/// What an abandoned conversation adds and an answered one takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Weights {
    /// Nats, above 0.
    pub up: f64,
    /// Nats, above 0.
    pub down: f64,
}

impl Weights {
    /// Of an incident at so many times the odds of a usual ratio between 0 and 1.
    fn new(usual: f64, odds: f64) -> Weights {
        let rest = 1.0 - usual + odds * usual;
        Weights {
            up: (odds / rest).ln(),
            down: rest.ln(),
        }
    }

    pub(super) fn bank(usual: f64) -> [Weights; ODDS.len()] {
        ODDS.map(|odds| Weights::new(usual, odds))
    }
}
