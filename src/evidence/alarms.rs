//! How often a CUSUM errs: its false alarms a conversation, for every limit.
//!
//! Exact for a walk on a lattice of answered conversations' steps (after Brook and Evans, and Reynolds and Stoumbos).
//! An answered conversation is one step down. An abandoned one is a whole number of steps up, or one more; each as often
//! as makes the lattice's alarms become rarer with the limit just as the walk's do. Such a walk goes down by single
//! steps, so what happens until it is one step lower depends on nothing but how far the limit is above it; and one pass
//! from the limit down gives every limit at once.

use super::weights::Weights;

/// The rarest that is asked for: a page in some thousand years.
const RAREST_LN: f64 = -40.0;
/// Steps at most; far more than a limit in use has.
const STEPS: usize = 20_000;

/// ln of the false alarms a conversation at limits of 1, 2, 3, … steps.
#[derive(Debug)]
struct Lattice {
    step: f64,
    ln_rates: Vec<f64>,
}

impl Lattice {
    /// Of a walk with these weights where this ratio is abandoned, down to alarms as rare as `ln_rarest`.
    fn new(weights: Weights, ratio: f64, ln_rarest: f64) -> Lattice {
        let steps = weights.up / weights.down;
        let whole = steps.floor() as usize;
        let slope = slope(weights, ratio) * weights.down;
        let grown = |steps: f64| (slope * steps).exp();
        let (less, most) = (grown(whole as f64), grown(whole as f64 + 1.0));
        let more = (grown(steps) - less) / (most - less);
        // By how far the limit is above, from 1 step: ln of the chance to come one step lower before the limit is
        // reached, and the conversations that it takes till the one or the other.
        let (mut ln_down, mut time): (Vec<f64>, Vec<f64>) = (vec![0.0], vec![0.0]);
        let mut ln_rates = Vec::new();
        for far in 1..STEPS {
            // The way back after `up` steps up: ln of its chance, and its time.
            let back = |up: usize| {
                if up >= far {
                    return (f64::NEG_INFINITY, 0.0);
                }
                let (mut ln_chance, mut spent) = (0.0f64, 0.0);
                for at in far - up..far {
                    spent += ln_chance.exp() * time[at];
                    ln_chance += ln_down[at];
                }
                (ln_chance, spent)
            };
            let ((ln_less, spent_less), (ln_more, spent_more)) = (back(whole), back(whole + 1));
            let lost = (1.0 - more) * -ln_less.exp_m1() + more * -ln_more.exp_m1();
            let spent = (1.0 - more) * spent_less + more * spent_more;
            let stays = 1.0 - ratio + ratio * lost;
            ln_down.push((-ratio * lost / stays).ln_1p());
            time.push((1.0 + ratio * spent) / stays);
            let ln_rate = (ratio * lost).ln() - (ratio * spent).ln_1p();
            ln_rates.push(ln_rate);
            if ln_rate < ln_rarest {
                break;
            }
        }
        Lattice {
            step: weights.down,
            ln_rates,
        }
    }
}

/// Where false alarms are as rare as wanted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Limit {
    /// Nats.
    pub nats: f64,
    /// By how much rarer they become, in ln, for each nat above.
    pub slope: f64,
}

/// The limit at which a conversation raises a false alarm with chance e^`ln_wanted`, where `ratio` of them are abandoned.
pub(super) fn limit(weights: Weights, ratio: f64, ln_wanted: f64) -> Limit {
    let ln_wanted = ln_wanted.clamp(RAREST_LN, -1.0);
    let lattice = Lattice::new(weights, ratio, ln_wanted);
    // The first that is rare enough, or the way to it from the one before.
    let at = lattice.ln_rates.len() - 1;
    let (rarer, before) = (lattice.ln_rates[at], lattice.ln_rates[at.saturating_sub(1)]);
    let part = if before > ln_wanted && rarer < before {
        (before - ln_wanted) / (before - rarer)
    } else {
        1.0
    };
    let nats = lattice.step * (at as f64 + part.min(1.0));
    Limit {
        nats,
        slope: slope(weights, ratio),
    }
}

/// By how much rarer alarms become for each nat of limit, in ln: where the walk's steps, so raised, are even. 1 where
/// `ratio` is the usual one, more where it is lower.
fn slope(weights: Weights, ratio: f64) -> f64 {
    let excess = |slope: f64| {
        ratio * (slope * weights.up).exp() + (1.0 - ratio) * (-slope * weights.down).exp() - 1.0
    };
    let (mut low, mut high) = (0.05, 20.0);
    for _ in 0..50 {
        let middle = f64::midpoint(low, high);
        if excess(middle) > 0.0 {
            high = middle;
        } else {
            low = middle;
        }
    }
    low
}
