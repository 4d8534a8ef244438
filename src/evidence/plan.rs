//! What a half hour is judged by: usual ratio, weights and limit, from the closed past alone.

use super::alarms::{Limit, limit};
use super::past::Past;
use super::spread::Spread;
use super::usual::usual;
use super::weights::{Levels, ODDS, PARTS, Weights};

/// Ratios are judged between these.
const RATIOS: (f64, f64) = (0.002, 0.6);
/// Standard errors by which what is usual is taken to be higher than it was seen; and what is quiet, to set the limit.
const DOUBT: (f64, f64) = (0.25, 0.5);
/// Conversations a month, at least: the first hours of a new account tell too few.
const LEAST_A_MONTH: f64 = 1000.0;

/// A scope in a half hour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Plan {
    /// At least the target.
    pub usual: f64,
    /// Nats.
    pub limit: f64,
    /// What the limit were if each conversation stood for itself.
    pub chance: Limit,
    /// ln of the false alarms a conversation that are wanted.
    pub ln_wanted: f64,
    pub bank: [Weights; ODDS.len()],
    /// What a nat of each of the bank counts: each has its part of the false alarms, and so a limit of its own.
    pub counts: Levels,
}

impl Plan {
    /// `share`: false pages that this scope may raise in 30 days. `None` where nothing is known.
    pub(super) fn new(past: &Past, slot: i64, share: f64) -> Option<Plan> {
        let seen = usual(past, slot)?;
        let usual = (seen.ratio + DOUBT.0 * seen.error)
            .max(past.target?)
            .clamp(RATIOS.0, RATIOS.1);
        let quiet = (seen.ratio + DOUBT.1 * seen.error).clamp(RATIOS.0, usual);
        let bank = Weights::bank(usual);
        let ln_wanted = (share / past.a_month(slot).max(LEAST_A_MONTH)).ln();
        let limit_of = |number: usize| limit(bank[number], quiet, ln_wanted + PARTS[number].ln());
        let chance = limit_of(0);
        let spread = Spread::of(past.peaks());
        // Hours until one is expected to hold a false page, were it by chance.
        let ln_hours = (-ln_wanted - past.an_hour().max(1.0).ln()).max(1.0);
        Some(Plan {
            usual,
            limit: chance.nats + spread.beyond_chance(ln_hours) / chance.slope,
            chance,
            ln_wanted,
            bank,
            counts: [1.0, chance.nats / limit_of(1).nats],
        })
    }

    /// What levels of the bank come to, in nats of its first.
    pub(super) fn evidence(&self, levels: &Levels) -> f64 {
        let counted = levels.iter().zip(self.counts);
        counted.fold(0.0, |most: f64, (level, counts)| most.max(level * counts))
    }

    /// How far an hour's evidence rose: −ln of how often chance does that in so many conversations.
    pub(super) fn peak(&self, nats: f64, offered: u32) -> f64 {
        self.chance.slope * (nats - self.chance.nats)
            - self.ln_wanted
            - f64::from(offered.max(1)).ln()
    }
}
